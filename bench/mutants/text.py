"""A module as text and syntax tree, with edits by span. Nothing here knows what vaelint infers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple


class Edit(NamedTuple):
    """Replace the characters from ``start`` to ``end``."""

    start: int
    end: int
    text: str


@dataclass
class Source:
    text: str
    tree: ast.Module = field(init=False)

    def __post_init__(self) -> None:
        """Raises SyntaxError or ValueError where the text is not Python."""
        self.tree = ast.parse(self.text)
        self._lines = self.text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    @cached_property
    def imported(self) -> frozenset[str]:
        """Names that imports bind."""
        made = (n for n in ast.walk(self.tree) if isinstance(n, (ast.Import, ast.ImportFrom)))
        return frozenset((a.asname or a.name).split(".")[0] for n in made for a in n.names)

    def offset(self, row: int, column: int) -> int:
        """Characters before a place of the tree, whose columns count UTF-8 bytes."""
        line = self._lines[row - 1]
        inside = column if line.isascii() else len(line.encode()[:column].decode())
        return self._starts[row - 1] + inside

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        return (
            self.offset(node.lineno, node.col_offset),
            self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0),
        )

    def of(self, node: ast.expr | ast.stmt) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    # --- edits -----------------------------------------------------------------------------------

    def replaced(self, node: ast.expr, text: str) -> Edit:
        return Edit(*self.span(node), text)

    def negated(self, node: ast.expr) -> Edit:
        """A minus before an expression; brackets where it would bind too weakly or too tightly."""
        simple = isinstance(node, (ast.Name, ast.Call, ast.Attribute, ast.Subscript))
        return self.replaced(node, f"-{self.of(node)}" if simple else f"(-({self.of(node)}))")

    def without_minus(self, node: ast.UnaryOp) -> Edit:
        """The operand in its brackets, if it has any."""
        start, end = self.span(node)
        return self.replaced(node, self.text[start + 1 : end].lstrip())

    def swapped(self, node: ast.BinOp) -> Edit | None:
        """The sign between two terms turned round; None if it cannot be found."""
        old, new = ("+", "-") if isinstance(node.op, ast.Add) else ("-", "+")
        return self.sign_between(self.span(node.left)[1], self.span(node.right)[0], old, new)

    def swapped_augmented(self, node: ast.AugAssign) -> Edit | None:
        old, new = ("+", "-") if isinstance(node.op, ast.Add) else ("-", "+")
        return self.sign_between(self.span(node.target)[1], self.span(node.value)[0], old, new)

    def sign_between(self, start: int, end: int, old: str, new: str) -> Edit | None:
        """The first sign ``old`` between two places that is not in a comment, turned into ``new``."""
        at = start
        while at < end:
            if self.text[at] == "#":
                at = self.text.find("\n", at)
                if at < 0:
                    return None
            elif self.text[at] == old:
                return Edit(at, at + 1, new)
            at += 1
        return None

    def apply(self, edit: Edit) -> str:
        return self.text[: edit.start] + edit.text + self.text[edit.end :]


class Scope(NamedTuple):
    """Where a statement stands. ``function`` is its dotted name, ``text`` the source of the innermost function."""

    function: str
    name: str
    text: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | None


def statements(source: Source) -> Iterator[tuple[ast.stmt, Scope]]:
    """Every statement with the function around it."""

    def visit(node: ast.AST, scope: Scope) -> Iterator[tuple[ast.stmt, Scope]]:
        for child in ast.iter_child_nodes(node):
            inner = scope
            if isinstance(child, ast.stmt):
                yield child, scope
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                inner = Scope(f"{scope.function}.{child.name}".lstrip("."), child.name, source.of(child), child)
            elif isinstance(child, ast.ClassDef):
                inner = scope._replace(function=f"{scope.function}.{child.name}".lstrip("."))
            yield from visit(child, inner)

    yield from visit(source.tree, Scope("", "", source.text, None))


@lru_cache(maxsize=1)
def own_expressions(statement: ast.stmt) -> tuple[ast.expr, ...]:
    """The expressions of a statement, without those of statements inside it. Recognisers ask one after another."""
    out = []
    waiting = [c for c in ast.iter_child_nodes(statement) if not isinstance(c, ast.stmt)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.expr):
            out.append(node)
        waiting += [c for c in ast.iter_child_nodes(node) if not isinstance(c, ast.stmt)]
    return tuple(out)
