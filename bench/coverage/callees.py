"""Which calls flow into what is optimised or selected by, and which of them vaelint does not know.

The calls are found on Python's ``ast``: from the value of a place backwards through what names are bound to in the
function, and into functions of the project where a call leads there. What each call is comes from `decided`.
"""

from __future__ import annotations

import ast
import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from bench.coverage.places import Place, Span

SORTS = ("objective", "selection", "comparison")
NETWORK, PROJECT, UNSEEN = "network", "project", "not reached"
TOP = 50
UNRULED = Path(__file__).with_name("unruled.tsv")  # callees for which no rule is possible, with the reason

Functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Callee(NamedTuple):
    """``sort``: library, method, value, network or project; ``target``: the file and row of the project's function."""

    sort: str
    name: str
    known: bool
    target: tuple[str, int] = ("", 0)


Asked = Callable[[str, Span], "Callee | None"]  # what is called at a place of a file


def inside(texts: dict[str, str], places: dict[str, list[Place]], asked: Asked) -> list[Callee]:
    """The callees of all calls that flow into objectives and selections, one for each place in the code."""
    files = {name: _File(text) for name, text in texts.items()}
    waiting: list[tuple[str, ast.AST]] = [
        (file, node) for file, found in places.items() for p in found if p.sort in SORTS
        for span in p.spans for node in files[file].at(span)
    ]  # fmt: skip
    seen: set[int] = set()
    out: list[Callee] = []
    while waiting:
        file, node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        here = files[file]
        if isinstance(node, ast.Call):
            callee = asked(file, _span(node))
            out.append(callee or Callee(UNSEEN, ast.unparse(node.func)[:60], True))
            if callee is not None and callee.sort == NETWORK:
                continue  # what goes into a network says nothing of the sign of what comes out
            if callee is not None and callee.target[0] in files:
                where, row = callee.target
                waiting += [(where, value) for value in files[where].returned(row)]
        waiting += [(file, value) for value in here.behind(node)]
    return out


class _File:
    def __init__(self, text: str) -> None:
        self.tree = ast.parse(text)
        self.around: dict[int, ast.AST] = {}  # node → the function that it stands in
        self.spans: dict[Span, list[ast.expr]] = defaultdict(list)
        self.functions: dict[int, list[ast.AST]] = defaultdict(list)
        self.bound: dict[int, dict[str, list[ast.AST]]] = defaultdict(lambda: defaultdict(list))
        self._walk(self.tree, self.tree)

    def _walk(self, parent: ast.AST, scope: ast.AST) -> None:
        waiting = [(parent, scope)]
        while waiting:
            parent, scope = waiting.pop()
            for node in ast.iter_child_nodes(parent):
                self.around[id(node)] = scope
                if isinstance(node, ast.expr):
                    self.spans[_span(node)].append(node)
                self._bind(node, scope)
                inner = node if isinstance(node, Functions) else scope
                if isinstance(node, Functions):
                    self.functions[node.lineno].append(node)
                    for decorator in getattr(node, "decorator_list", ()):
                        self.functions[decorator.lineno].append(node)
                waiting.append((node, inner))

    def _bind(self, node: ast.AST, scope: ast.AST) -> None:
        held = self.bound[id(scope)]
        if isinstance(node, ast.Assign):
            for target in node.targets:
                for name in _names(target):
                    held[name].append(node.value)
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)) and node.value is not None:
            for name in _names(node.target):
                held[name].append(node.value)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            for name in _names(node.target):
                held[name].append(node.iter)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            held[node.name] += list(returned(node))

    def at(self, span: Span) -> list[ast.expr]:
        return self.spans.get(span, [])

    def returned(self, row: int) -> Iterator[ast.AST]:
        for function in self.functions.get(row, ()):
            yield from returned(function)

    def behind(self, node: ast.AST) -> Iterator[ast.AST]:
        """What a value is made of: its parts, or what its name is bound to in the function."""
        if isinstance(node, ast.Name):
            scope: ast.AST | None = self.around.get(id(node))
            while scope is not None:
                if node.id in self.bound[id(scope)]:
                    yield from self.bound[id(scope)][node.id]
                    return
                scope = self.around.get(id(scope))
        elif isinstance(node, ast.Lambda):
            yield node.body
        elif isinstance(node, ast.IfExp):
            yield from (node.body, node.orelse)
        elif isinstance(node, ast.comprehension):
            yield node.iter
        elif isinstance(node, ast.Subscript):
            yield node.value
        else:
            yield from (
                n for n in ast.iter_child_nodes(node) if isinstance(n, (ast.expr, ast.keyword, ast.comprehension))
            )


def returned(function: ast.AST) -> Iterator[ast.AST]:
    """What a function returns, itself and not those within it."""
    if isinstance(function, ast.Lambda):
        yield function.body
        return
    waiting: list[ast.AST] = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Return, ast.Yield)) and node.value is not None:
            yield node.value
        if not isinstance(node, (*Functions, ast.ClassDef)):
            waiting += ast.iter_child_nodes(node)


def _names(target: ast.AST) -> Iterator[str]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _span(node: ast.expr) -> Span:
    return (node.lineno, node.col_offset + 1, node.end_lineno or 0, (node.end_col_offset or 0) + 1)


# --- summing up ----------------------------------------------------------------------------------


def summary(of: dict[str, list[list[Any]]]) -> dict[str, Any]:
    """``of``: by package, the callees as `inside` has them; their counts, and the unknown ranked."""
    all_ = [(package, Callee(*c)) for package, some in of.items() for c in some]
    seen = [(p, c) for p, c in all_ if c.sort not in (NETWORK, UNSEEN)]
    unknown, why = [(p, c) for p, c in seen if not c.known], reasons()
    ranked = Counter((c.sort, c.name) for _, c in unknown)
    packages: dict[tuple[str, str], set[str]] = defaultdict(set)
    for p, c in unknown:
        packages[c.sort, c.name].add(p)
    return {
        "calls": len(seen), "unknown": len(unknown), "explained": sum(c.name in why for _, c in unknown),
        "networks": sum(c.sort == NETWORK for _, c in all_), "not reached": sum(c.sort == UNSEEN for _, c in all_),
        "sorts": {s: [n, sum(c.sort == s for _, c in unknown)] for s, n in _counted(c.sort for _, c in seen)},
        "ranked": [[n, len(packages[key]), *key, why.get(key[1], "")] for key, n in ranked.most_common()],
    }  # fmt: skip


def reasons() -> dict[str, str]:
    with UNRULED.open(encoding="utf-8", newline="") as file:
        return dict(list(csv.reader(file, delimiter="\t"))[1:])


def proved_share(of: dict[str, int], roots: Iterable[str], ruled: Iterable[str], proved: Iterable[str]) -> list[int]:
    """Of calls by name: how many go into libraries of these roots, how many of their names have a rule, are proved."""
    known, names, shown = frozenset(roots), frozenset(ruled), frozenset(proved)
    ours = {name: n for name, n in of.items() if name.partition(".")[0] in known}
    return [
        sum(ours.values()),
        sum(n for name, n in ours.items() if name in names),
        sum(n for name, n in ours.items() if name in names and name in shown),
    ]


def _counted(some: Iterable[str]) -> list[tuple[str, int]]:
    return Counter(some).most_common()


def in_lines(made: dict[str, Any]) -> Iterator[str]:
    if not made["calls"]:
        return
    share = f"{made['unknown'] / made['calls']:.1%}"
    explained = f"{made['explained']} of them without a rule for a reason"
    yield (
        f"Calls inside objectives and selections: {made['calls']}, callee unknown {made['unknown']} ({share}), "
        f"{explained}; besides {made['networks']} of networks and {made['not reached']} not reached"
    )
    values = made["sorts"].get("value", [0, 0])
    others, lost = made["calls"] - values[0], made["unknown"] - values[1]
    aside = f"{lost} of {others} ({lost / max(others, 1):.1%})"
    yield f"Without values that are called, which are networks by all that is known: {aside}"
    for sort, (n, unknown) in made["sorts"].items():
        yield f"{n:6} {sort}, unknown {unknown}"
    for n, packages, sort, name, why in made["ranked"][:TOP]:
        yield f"{n:6} in {packages}: {sort} {name}" + (f": {why}" if why else "")
    if "library" in made:
        all_, ruled, proved = made["library"]
        yield (
            f"Calls into libraries that have rules: {all_}; by names with a rule {ruled}, {proved} of these by names "
            f"proved by running ({proved / max(ruled, 1):.1%})"
        )
