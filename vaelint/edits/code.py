"""Python's text and its syntax, with places as findings have them."""

from __future__ import annotations

import ast
from functools import cached_property, lru_cache

from vaelint.finding import Location

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Code:
    """A file's text and its syntax, with places as findings have them: rows and columns from 1, in characters."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.tree = ast.parse(text)

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    @cached_property
    def _by_start(self) -> dict[tuple[int, int], list[ast.expr]]:
        found: dict[tuple[int, int], list[ast.expr]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.expr):
                found.setdefault(self.start(node), []).append(node)
        return found

    def _column(self, row: int, offset: int) -> int:
        line = self.lines[row - 1]
        return offset + 1 if line.isascii() else len(line.encode()[:offset].decode("utf-8", "replace")) + 1

    def start(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        return node.lineno, self._column(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None and node.end_col_offset is not None
        return node.end_lineno, self._column(node.end_lineno, node.end_col_offset)

    def place(self, node: ast.expr | ast.stmt) -> Location:
        return Location(*self.start(node), *self.end(node))

    def written(self, node: ast.expr) -> str:
        return self.text(self.start(node), self.end(node))

    def statement(self, at: Location) -> ast.stmt | None:
        """The statement at a place."""
        found = (n for n in ast.walk(self.tree) if isinstance(n, ast.stmt) and n.lineno == at.row)
        return next((n for n in found if self.place(n) == at), None)

    def around(self, node: ast.AST, kinds: tuple[type[ast.AST], ...]) -> ast.AST | None:
        """The closest node of a kind that a node stands in."""
        above = self.parents.get(node)
        while above is not None and not isinstance(above, kinds):
            above = self.parents.get(above)
        return above

    def between(self, before: ast.expr, behind: ast.expr, text: str) -> Location | None:
        """Where a text stands between two expressions, if it does so once and no comment does."""
        start = self.end(before)
        found = self.text(start, self.start(behind))
        if found.count(text) != 1 or "#" in found:
            return None
        rows = found[: found.index(text)].split("\n")
        row = start[0] + len(rows) - 1
        column = len(rows[-1]) + (start[1] if len(rows) == 1 else 1)
        return Location(row, column, row, column + len(text))

    def text(self, start: tuple[int, int], end: tuple[int, int]) -> str:
        if start[0] == end[0]:
            return self.lines[start[0] - 1][start[1] - 1 : end[1] - 1]
        rows = [self.lines[start[0] - 1][start[1] - 1 :], *self.lines[start[0] : end[0] - 1]]
        return "\n".join([*rows, self.lines[end[0] - 1][: end[1] - 1]])

    def find(self, at: Location) -> ast.expr | None:
        """The expression at a place, which may have it within parentheses."""
        start, end = (at.row, at.column), (at.end_row, at.end_column)
        while end[0] <= len(self.lines):
            for node in self._by_start.get(start, ()):
                if self.end(node) == end:
                    return node
            text = self.text(start, end)
            if not (text.startswith("(") and text.endswith(")")):
                return None
            inner = text[1:].lstrip()
            if "\n" in text or not inner:
                return None  # a place over several rows with parentheses around it: not looked for
            start, end = (start[0], start[1] + len(text) - len(inner)), (end[0], end[1] - 1)
            end = (end[0], end[1] - len(inner[:-1]) + len(inner[:-1].rstrip()))
        return None


@lru_cache(maxsize=4)
def code(text: str) -> Code | None:
    """None of what does not parse as it stands: a notebook with magics, another version's syntax."""
    try:
        return Code(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
