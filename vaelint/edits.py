"""The edits that mend a finding, as text: a sign flipped, a setting changed, a comparison reversed, a name replaced.

Each is made at the place that a check names, from the syntax there, or not at all: where the text is not of the form
that the edit is for, there is none.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from functools import cached_property, lru_cache

from vaelint import negation
from vaelint.finding import Edit, Fix, Location

_REVERSED = {ast.Gt: "<", ast.GtE: "<=", ast.Lt: ">", ast.LtE: ">="}
_WRITTEN = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<="}
_ENDS = {"max": "min", "maximum": "minimum", "argmax": "argmin", "nanargmax": "nanargmin", "fmax": "fmin"}
_OTHER_END = {**_ENDS, **{low: high for high, low in _ENDS.items()}}
_KEEPING = frozenset({"mean", "sum"})  # methods of a term that keep its sign
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


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

    def place(self, node: ast.expr) -> Location:
        return Location(*self.start(node), *self.end(node))

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


# --- signs ---------------------------------------------------------------------------------------


def flipped(c: Code, at: Location) -> Fix | None:
    """The sign of a term flipped where the term stands: in front of it in a sum, else a minus put or dropped."""
    found = c.find(at)
    if found is None:
        return None
    node: ast.expr = found
    while True:
        parent = c.parents.get(node)
        match parent:
            case ast.BinOp(op=ast.Mult() | ast.Div()):
                node = parent
            case ast.UnaryOp(op=ast.USub()):
                return _dropped(c, parent)
            case ast.BinOp(op=ast.Add() | ast.Sub()) if parent.right is node:
                return _other_operator(c, parent)
            case ast.Attribute(attr=name) if name in _KEEPING and isinstance(call := c.parents.get(parent), ast.Call):
                if call.func is not parent:
                    return alone(c, node)
                node = call
            case _:
                return alone(c, node)


def _dropped(c: Code, minus: ast.UnaryOp) -> Fix:
    """A minus with the blanks behind it."""
    start, operand = c.start(minus), c.start(minus.operand)
    end = (start[0], start[1] + 1)
    if operand[0] == start[0]:
        blanks = c.text(end, operand)
        end = (end[0], end[1] + len(blanks) - len(blanks.lstrip(" ")))
    return Fix("drop the minus", (Edit(Location(*start, *end), ""),))


def _other_operator(c: Code, sum_: ast.BinOp) -> Fix | None:
    """``a - b`` for ``a + b``, and the other way round."""
    old, new = ("+", "-") if isinstance(sum_.op, ast.Add) else ("-", "+")
    start, end = c.end(sum_.left), c.start(sum_.right)
    between = c.text(start, end)
    if between.count(old) != 1 or "#" in between:
        return None
    before = between[: between.index(old)].split("\n")
    row = start[0] + len(before) - 1
    column = len(before[-1]) + (start[1] if len(before) == 1 else 1)
    return Fix(f"turn `{old}` into `{new}`", (Edit(Location(row, column, row, column + 1), new),))


def alone(c: Code, node: ast.expr) -> Fix | None:
    """A whole expression negated, or without the minus that it begins with."""
    first = node
    while isinstance(first, ast.BinOp) and isinstance(first.op, (ast.Mult, ast.Div)):
        first = first.left
    if isinstance(first, ast.UnaryOp) and isinstance(first.op, ast.USub) and c.start(first) == c.start(node):
        return _dropped(c, first)
    at = c.place(node)
    behind = c.lines[at.end_row - 1][at.end_column - 1 :]
    return negation.negated(c.text(c.start(node), c.end(node)), behind, at)


def flipped_alone(c: Code, at: Location) -> Fix | None:
    node = c.find(at)
    return alone(c, node) if node is not None else None


# --- settings, comparisons -----------------------------------------------------------------------


def setting(c: Code, at: Location, name: str, value: str) -> Fix | None:
    """The value of a setting: of a keyword in a call, of a key in a dict, or of the text that stands there itself."""
    node = c.find(at)
    match node:
        case ast.Call(keywords=keywords):
            held: list[ast.expr] = [k.value for k in keywords if k.arg == name]
        case ast.Dict(keys=keys, values=values):
            held = [v for k, v in zip(keys, values) if isinstance(k, ast.Constant) and k.value == name]
        case ast.Constant():
            held = [node]
        case _:
            return None
    if len(held) == 1 and isinstance(held[0], ast.Constant):
        return Fix(f"set `{name}` to {value}", (Edit(c.place(held[0]), value),))
    if isinstance(node, ast.Call) and not held and all(k.arg for k in node.keywords):
        return _added(c, node, name, value)
    return None


def _added(c: Code, call: ast.Call, name: str, value: str) -> Fix | None:
    """A keyword behind the last argument of a call."""
    given = [*call.args, *(k.value for k in call.keywords)]
    if not given or any(isinstance(a, (ast.Starred, ast.GeneratorExp)) for a in given):
        return None
    row, column = max(map(c.end, given))
    if c.text((row, column), c.end(call)).strip()[:1] not in (")", ","):
        return None  # the last argument stands in parentheses
    return Fix(f"add `{name}={value}`", (Edit(Location(row, column, row, column), f", {name}={value}"),))


def reversed_comparison(c: Code, at: Location) -> Fix | None:
    node = c.find(at)
    if not isinstance(node, ast.Compare) or len(node.ops) != 1 or type(node.ops[0]) not in _REVERSED:
        return None
    old, new = _WRITTEN[type(node.ops[0])], _REVERSED[type(node.ops[0])]
    start = c.end(node.left)
    between = c.text(start, c.start(node.comparators[0]))
    if between.count(old) != 1 or "\n" in between:
        return None
    column = start[1] + between.index(old)
    return Fix(f"turn `{old}` into `{new}`", (Edit(Location(start[0], column, start[0], column + len(old)), new),))


def other_end(c: Code, at: Location) -> Fix | None:
    """``min`` for ``max``, ``argmin`` for ``argmax``, and the other way round."""
    node = c.find(at)
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name) as func) if name in _OTHER_END:
            row, column = c.end(func)
            new = _OTHER_END[name]
            return Fix(f"turn `{name}` into `{new}`", (Edit(Location(row, column - len(name), row, column), new),))
        case _:
            return None


def replaced(c: Code, at: Location, text: str) -> Fix | None:
    """A literal, or minus one, by another text."""
    node = c.find(at)
    literal = node.operand if isinstance(node, ast.UnaryOp) else node
    if node is None or not isinstance(literal, (ast.Constant, ast.Call, ast.Attribute)):
        return None
    return Fix(f"write `{text}`", (Edit(c.place(node), text),))


# --- names ---------------------------------------------------------------------------------------


def renamed(c: Code, at: Location, old: str, new: str) -> Fix | None:
    """A local variable under another name, all through its function: what the program computes stays as it is.

    Only where it is bound in one place, by a plain assignment of the value at ``at``, and where nothing could see its
    name: no ``locals()``, no ``global``, no other scope that binds it; and where the new name is not in use.
    """
    value = c.find(at)
    stmt = c.parents.get(value) if value is not None else None
    if not isinstance(stmt, ast.Assign) or len(stmt.targets) != 1 or not isinstance(stmt.targets[0], ast.Name):
        return None
    home: ast.AST | None = stmt
    while home is not None and not isinstance(home, (*_FUNCTIONS, ast.Lambda, ast.ClassDef)):
        home = c.parents.get(home)
    if stmt.targets[0].id != old or not isinstance(home, _FUNCTIONS) or not new.isidentifier():
        return None
    uses = [n for n in ast.walk(home) if isinstance(n, ast.Name) and n.id == old]
    bound = [n for n in uses if not isinstance(n.ctx, ast.Load)]
    if len(bound) != 1 or _shadowed(home, old) or new in _names(c.tree) or hasattr(builtins, new):
        return None
    return Fix(f"rename `{old}` to `{new}`", tuple(Edit(c.place(n), new) for n in uses), safe=True)


_SEEING = frozenset({"locals", "vars", "eval", "exec", "dir"})


def _shadowed(home: ast.AST, name: str) -> bool:
    """Whether something in a function binds the name otherwise, or could see it as a text."""
    for n in ast.walk(home):
        match n:
            case ast.Global(names=names) | ast.Nonlocal(names=names) if name in names:
                return True
            case ast.arg(arg=arg) if arg == name:
                return True
            case ast.Name(id=called) if called in _SEEING:
                return True
            case ast.FunctionDef(name=named) | ast.AsyncFunctionDef(name=named) | ast.ClassDef(name=named):
                if named == name:
                    return True
            case ast.ExceptHandler(name=caught) if caught == name:
                return True
            case ast.MatchAs(name=caught) | ast.MatchStar(name=caught) if caught == name:
                return True
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                if any((a.asname or a.name.partition(".")[0]) in (name, "*") for a in aliases):
                    return True
            case _:
                pass
    return False


def _names(tree: ast.AST) -> set[str]:
    """All identifiers of a file: a name that is none of them collides with nothing."""
    return set(_identifiers(tree))


def _identifiers(tree: ast.AST) -> Iterator[str]:
    for n in ast.walk(tree):
        for field in ("id", "name", "arg", "attr", "asname"):
            value = getattr(n, field, None)
            if isinstance(value, str):
                yield value
