"""Why a place is not decided, in a few words that are the same for the like: by what the lost value is, in the text.

Syntax alone decides what sort of expression it is; vaelint's own words only where they say more than the text.
"""

from __future__ import annotations

import ast
import re
from functools import cached_property

from bench.coverage.places import Span
from bench.mutants.words import last

# vaelint's words → reason; the first that fits
WORDINGS = (
    (re.compile(r"^direction: "), "direction of the optimiser or setting unknown"),
    (re.compile(r"branches disagree|not every branch"), "condition: branches disagree, or not all are known"),
    (re.compile(r"pull in opposite directions"), "terms pull in opposite directions"),
    (re.compile(r"product, and the sign of neither"), "product: the sign of neither factor is known"),
    (re.compile(r"not monotone"), "a function that is not monotone"),
    (re.compile(r"takes too long|nested too deeply|more than \d+ terms|recurs"), "budget"),
    (re.compile(r"is a parameter$"), "parameter nobody passes"),
)
NOT_INTERPRETED = "not reached: nothing of the function was interpreted"
NOT_EVALUATED = "not reached: the function was interpreted, the place was not"
NO_EVENT = "nothing seen that optimises or selects"
NO_VALUE = "field: no value is given to it in sight"
UNPARSED = "the file was not analysed"


class Text:
    """A file in which values were lost. ``own``: top-level names of the package's own modules."""

    def __init__(self, text: str, own: frozenset[str]) -> None:
        self._text, self._own = text, own

    @cached_property
    def _tree(self) -> ast.Module | None:
        try:
            return ast.parse(self._text)
        except (SyntaxError, ValueError, RecursionError):
            return None

    @cached_property
    def _at(self) -> dict[tuple[int, int], list[ast.expr]]:
        out: dict[tuple[int, int], list[ast.expr]] = {}
        for node in ast.walk(self._tree) if self._tree is not None else ():
            if isinstance(node, ast.expr):
                out.setdefault((node.lineno, node.end_lineno or 0), []).append(node)
        return out

    @cached_property
    def _imported(self) -> dict[str, str]:
        """Name → the library it comes from, or "" for the package's own."""
        out: dict[str, str] = {}
        for node in ast.walk(self._tree) if self._tree is not None else ():
            if isinstance(node, ast.Import):
                for a in node.names:
                    out[(a.asname or a.name).split(".")[0]] = self._library(a.name)
            elif isinstance(node, ast.ImportFrom):
                home = "" if node.level else self._library(node.module or "")
                out |= {a.asname or a.name: home for a in node.names}
        return out

    @cached_property
    def _defined(self) -> frozenset[str]:
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return frozenset(n.name for n in ast.walk(self._tree) if isinstance(n, kinds)) if self._tree else frozenset()

    def _library(self, dotted: str) -> str:
        root = dotted.split(".")[0]
        return "" if root in self._own else root

    def lost(self, why: str, span: Span) -> str:
        """The reason, from vaelint's words and from the expression at the span."""
        worded = next((reason for pattern, reason in WORDINGS if pattern.search(why)), None)
        if worded is not None:
            return worded
        node = self._expression(span)
        return "a value that is not resolved" if node is None else self._reason(node, self._parameters(span[0]))

    def _expression(self, span: Span) -> ast.expr | None:
        here = self._at.get((span[0], span[2]), [])
        fitting = [n for n in here if n.col_offset + 1 == span[1] and (n.end_col_offset or 0) + 1 == span[3]]
        return fitting[0] if fitting else None

    def _parameters(self, row: int) -> frozenset[str]:
        out = set()
        for n in ast.walk(self._tree) if self._tree is not None else ():
            if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and n.lineno <= row <= (n.end_lineno or 0):
                out |= {a.arg for a in (*n.args.posonlyargs, *n.args.args, *n.args.kwonlyargs)}
        return frozenset(out)

    def _reason(self, node: ast.expr, parameters: frozenset[str]) -> str:
        if isinstance(node, ast.Call):
            return self._callee(node.func, parameters)
        if isinstance(node, ast.Subscript):
            return "container: an item"
        if isinstance(node, ast.Attribute):
            root = _root(node)
            if root in self._imported and root not in parameters:
                return f"name unknown: of {self._imported[root] or 'the package itself'}"
            own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            return "attribute of self" if own else "object of unknown class: an attribute"
        if isinstance(node, ast.Name):
            if node.id in parameters:
                return "parameter nobody passes"
            if node.id in self._imported:
                return f"name unknown: of {self._imported[node.id] or 'the package itself'}"
            return "container: a part of a result, or a loop's variable"
        if isinstance(node, (ast.IfExp, ast.BoolOp)):
            return "condition: branches disagree, or not all are known"
        if isinstance(node, (ast.BinOp, ast.UnaryOp)):
            return "arithmetic whose sign is not known"
        if isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp, ast.List, ast.Tuple, ast.Dict)):
            return "container: made here"
        return f"another expression: {type(node).__name__}"

    def _callee(self, f: ast.expr, parameters: frozenset[str]) -> str:
        root = _root(f)
        if isinstance(f, ast.Name) and f.id in parameters:
            return "parameter nobody passes: it is called"
        if root in self._imported and root not in parameters:
            return f"callee unknown: of {self._imported[root] or 'the package itself'}"
        if isinstance(f, ast.Name):
            of = "the package itself" if f.id in self._defined else "a local value"
            return f"callee unknown: {'of ' if f.id in self._defined else ''}{of}"
        if isinstance(f, ast.Attribute):
            if isinstance(f.value, ast.Name) and f.value.id in ("self", "cls"):
                return (
                    "callee unknown: of self"
                    if f.attr in self._defined
                    else "object of unknown class: self's attribute"
                )
            if isinstance(f.value, ast.Call) and last(f.value.func) == "super":
                return "callee unknown: of a base"
            return "object of unknown class: a method"
        if isinstance(f, ast.Subscript):
            return "container: an item that is called"
        return "callee unknown: what a call returns"


def _root(node: ast.expr) -> str:
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
