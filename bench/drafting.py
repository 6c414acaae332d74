"""Writes the draft of a rules file from a package's own source: what its public functions return, as vaelint reads it.

Nothing of the package is imported or run. Each entry has as comments what speaks for it: what is returned and where,
on what that rests, what is documented, what the package optimises itself. A draft is no rule: whoever reads it decides
what each entry says, and gives it a proof.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.coverage.decided import NodePlaces, watched
from vaelint import ir
from vaelint.infer.events import Optimised
from vaelint.infer.run import infer
from vaelint.infer.values import Quantity, Value
from vaelint.knowledge import load
from vaelint.sense import Sense
from vaelint.source import file as source_file
from vaelint.source.project import Project

LONGEST = 110  # columns of a comment
_CALLED = ("forward", "__call__", "call")  # what an object does that is called like a function
_Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Public:
    """A function, method or class that callers of the package can name."""

    name: str  # dotted, as it is defined
    params: tuple[str, ...]
    doc: str
    makes: bool  # a class, whose objects are called
    rows: tuple[int, int]
    returned: list[tuple[int, int]] = field(default_factory=list)  # row and column (from 1) of what it returns


@dataclass(frozen=True)
class Returned:
    """``sense``: of all terms, with their signs; None where they do not agree or one is not known."""

    row: int
    written: str
    sense: Sense | None
    kind: str
    basis: str
    is_fact: bool


def draft(folder: Path, root: str = "") -> str:
    """``folder``: the package's own, unpacked or installed; ``root``: the name that it is imported by."""
    root = root or folder.name
    files = sorted(p for p in folder.rglob("*.py") if not _is_private(p.relative_to(folder)))
    lines = [f'library = "{root}"', f'roots = ["{root}"]', 'docs = ""', "", "[proof]", "packages = []"]
    project, inside = Project(), []
    for path in files:
        found, optimised = _read(path, _dotted(path, folder, root), project)
        lines += [line for public, values in found if values for line in _entry(public, values, path, folder)]
        inside += [f"# {path.relative_to(folder)}:{row} {words}" for row, words in optimised]
    if inside:
        lines += ["", "# --- what the package optimises itself ---", *(line[:LONGEST] for line in inside)]
    return "\n".join(lines) + "\n"


def _is_private(path: Path) -> bool:
    parts = [part.removesuffix(".py") for part in path.parts]
    return any(part in ("tests", "test", "testing", "conftest", "setup") for part in parts) or any(
        part.startswith(("_", "test_")) and part != "__init__" for part in parts
    )


def _dotted(path: Path, folder: Path, root: str) -> str:
    inner = [part.removesuffix(".py") for part in path.relative_to(folder).parts]
    return ".".join([root, *(part for part in inner if part != "__init__")])


# --- what there is -------------------------------------------------------------------------------


def publics(tree: ast.Module, module: str) -> Iterator[Public]:
    """Functions, the methods of classes, and classes whose objects are called."""
    for node in tree.body:
        if isinstance(node, _Definition) and not node.name.startswith("_"):
            yield _public(node, f"{module}.{node.name}")
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for inner in node.body:
                if not isinstance(inner, _Definition):
                    continue
                if inner.name in _CALLED:
                    found = _public(inner, f"{module}.{node.name}")
                    found.makes, found.doc = True, _first_sentence(ast.get_docstring(node)) or found.doc
                    yield found
                elif not inner.name.startswith("_"):
                    yield _public(inner, f"{module}.{node.name}.{inner.name}")


def _public(node: _Definition, name: str) -> Public:
    params = tuple(a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs))
    found = Public(name, params, _first_sentence(ast.get_docstring(node)), False, (node.lineno, node.end_lineno or 0))
    for inner in _own(node):
        if isinstance(inner, ast.Return) and inner.value is not None:
            found.returned.append((inner.value.lineno, inner.value.col_offset + 1))
    return found


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """What is within a function, but not within one that it defines."""
    for inner in ast.iter_child_nodes(node):
        yield inner
        if not isinstance(inner, (*_Definition.__args__, ast.Lambda, ast.ClassDef)):
            yield from _own(inner)


def _first_sentence(doc: str | None) -> str:
    return " ".join((doc or "").partition("\n\n")[0].split())[:LONGEST]


# --- what is known of it -------------------------------------------------------------------------


def _read(
    path: Path, module: str, project: Project
) -> tuple[list[tuple[Public, list[Returned]]], list[tuple[int, str]]]:
    """Each public definition of a file with what it returns, and what the file optimises: row and words."""
    try:
        tree = ast.parse(path.read_bytes())
        source = project.source(source_file.absolute(path))
    except (SyntaxError, ValueError, OSError):
        return [], []
    if source is None:
        return [], []
    values: dict[int, Value] = {}

    def note(e: ir.Expr, value: Value) -> None:
        if isinstance(value, Quantity) and _rank(value) >= _rank(values.get(e.id)):
            values[e.id] = value

    with watched(note):
        inference = infer(source, load(()), project)
    places = NodePlaces(source, inference.program)
    starts: dict[tuple[int, int], list[tuple[tuple[int, int], Quantity]]] = defaultdict(list)
    for node, value in values.items():
        at = places.of(node)
        if at is not None and at[0] == source.absolute and isinstance(value, Quantity):
            row, column, *end = at[1]
            starts[row, column].append(((end[0], end[1]), value))
    rows = path.read_text("utf-8", errors="replace").splitlines()
    found = [
        (public, [_returned(*place, max(starts[place], key=lambda x: x[0])[1], rows)
                  for place in public.returned if starts.get(place)])
        for public in publics(tree, module)
    ]  # fmt: skip
    optimised = [
        (at[1][0], f"{e.direction.value}: {e.quantity.label}")
        for e in inference.events
        if isinstance(e, Optimised) and e.node >= 0 and (at := places.of(e.node)) and at[0] == source.absolute
    ]
    return found, sorted(set(optimised))


def _rank(value: Value | None) -> int:
    if not isinstance(value, Quantity):
        return -1
    return sum(t.meaning.sense.directed + t.meaning.is_evidence for t in value.terms)


def _returned(row: int, column: int, value: Quantity, rows: list[str]) -> Returned:
    senses = {t.value_sense for t in value.terms}
    sense = senses.pop() if len(senses) == 1 else None
    kinds = {t.meaning.kind for t in value.terms}
    weakest = min(value.terms, key=lambda t: t.meaning.is_evidence)
    return Returned(
        row,
        rows[row - 1].strip() if row <= len(rows) else "",
        sense if sense is not None and sense.directed else None,
        kinds.pop() if len(kinds) == 1 else "",
        weakest.meaning.basis.value,
        weakest.meaning.is_evidence,
    )


# --- how it is written ---------------------------------------------------------------------------


def _entry(public: Public, values: list[Returned], path: Path, folder: Path) -> Iterator[str]:
    directed = [v for v in values if v.sense is not None]
    if not directed:
        return
    facts = [v for v in directed if v.is_fact]
    agree = len({v.sense for v in (facts or directed)}) == 1 and len(directed) == len(values)
    yield ""
    if public.doc:
        yield f"# {public.doc}"[:LONGEST]
    for v in values:
        known = f"{v.sense.value} {v.kind} by {v.basis}" if v.sense is not None else "not known"
        yield f"# {path.relative_to(folder)}:{v.row} {known}: {v.written}"[:LONGEST]
    yield "[[function]]"
    yield f'names = ["{public.name}"]'
    yield f"params = [{', '.join(f'{chr(34)}{p}{chr(34)}' for p in public.params)}]"
    if public.makes:
        yield 'makes = "loss"'
    mark = "" if agree and facts else "# by names alone, or not on every way: "
    yield f'{mark}sense = "{(facts or directed)[0].sense.value}"'  # type: ignore[union-attr]
    kind = (facts or directed)[0].kind
    if kind:
        yield f'{mark}kind = "{kind}"'
