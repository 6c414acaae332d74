"""The small language that everything after libcst speaks.

A node carries ``id``: its number in the order in which its unit was lowered. Lines and columns are not
kept; `vaelint.source.positions` lowers the unit once more, with positions, for the few nodes that a
report needs. That makes the tree small, picklable and independent of libcst.

Expressions and statements are frozen; a sequence is always a tuple.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, Union


@dataclass(frozen=True, slots=True)
class Node:
    id: int


# --- expressions ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Const(Node):
    """A literal: int, float, complex, str, bytes, bool, None or Ellipsis."""

    value: object


@dataclass(frozen=True, slots=True)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Attr(Node):
    base: Expr
    name: str


@dataclass(frozen=True, slots=True)
class Arg(Node):
    """One argument of a call. ``star`` is ``""``, ``"*"`` or ``"**"``."""

    value: Expr
    name: str | None = None
    star: str = ""


@dataclass(frozen=True, slots=True)
class Call(Node):
    func: Expr
    args: tuple[Arg, ...]


@dataclass(frozen=True, slots=True)
class Slice(Node):
    lower: Expr | None
    upper: Expr | None
    step: Expr | None


@dataclass(frozen=True, slots=True)
class Subscript(Node):
    """``base[index]``; several indices are one `Tuple`."""

    base: Expr
    index: Expr


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """``op`` is one of ``- + ~ not``."""

    op: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """``op`` is one of ``+ - * / // % ** @ & | ^ << >>``."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """``left op right op right``; ops as written (``<``, ``not in``)."""

    left: Expr
    rest: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True, slots=True)
class BoolOp(Node):
    """``op`` is ``and`` or ``or``."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class IfExp(Node):
    test: Expr
    body: Expr
    orelse: Expr


@dataclass(frozen=True, slots=True)
class Param(Node):
    """A parameter. ``star`` is ``""``, ``"*"`` or ``"**"``; ``kwonly`` for those behind a star."""

    name: str
    default: Expr | None = None
    annotation: Expr | None = None
    star: str = ""
    kwonly: bool = False


@dataclass(frozen=True, slots=True)
class Lambda(Node):
    params: tuple[Param, ...]
    body: Expr


@dataclass(frozen=True, slots=True)
class Tuple(Node):
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class List(Node):
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Set(Node):
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Dict(Node):
    """``(key, value)`` pairs; a key of None is ``**value``."""

    items: tuple[tuple[Expr | None, Expr], ...]


@dataclass(frozen=True, slots=True)
class CompFor(Node):
    target: Expr
    iter: Expr
    tests: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Comp(Node):
    """A comprehension. ``kind`` is ``list``, ``set``, ``generator`` or ``dict`` (then ``value`` is set)."""

    kind: str
    element: Expr
    value: Expr | None
    loops: tuple[CompFor, ...]


@dataclass(frozen=True, slots=True)
class Star(Node):
    """``*value`` in a display or a target."""

    value: Expr


@dataclass(frozen=True, slots=True)
class FString(Node):
    """A formatted string: its expressions, and ``text``, the literal parts joined with ``{}`` for each."""

    text: str
    values: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Walrus(Node):
    target: Expr
    value: Expr


@dataclass(frozen=True, slots=True)
class Await(Node):
    value: Expr


@dataclass(frozen=True, slots=True)
class Yield(Node):
    value: Expr | None


@dataclass(frozen=True, slots=True)
class Opaque(Node):
    """An expression that the analysis has no form for; ``reason`` says which."""

    reason: str


# Union, not "|": the alias is evaluated at run time, where forward references are strings.
Expr: TypeAlias = Union[
    Const, Name, Attr, Call, Slice, Subscript, Unary, Binary, Compare, BoolOp, IfExp, Lambda, Tuple, List,
    Set, Dict, Comp, Star, FString, Walrus, Await, Yield, Opaque,
]  # fmt: skip


# --- statements ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Assign(Node):
    """``a = b = value`` has two targets. ``annotation`` is set for ``a: T = value``; value None for ``a: T``."""

    targets: tuple[Expr, ...]
    value: Expr | None
    annotation: Expr | None = None


@dataclass(frozen=True, slots=True)
class AugAssign(Node):
    """``target op= value``; ``op`` without the equals sign."""

    op: str
    target: Expr
    value: Expr


@dataclass(frozen=True, slots=True)
class ExprStmt(Node):
    value: Expr


@dataclass(frozen=True, slots=True)
class Return(Node):
    value: Expr | None


@dataclass(frozen=True, slots=True)
class If(Node):
    test: Expr
    body: Block
    orelse: Block


@dataclass(frozen=True, slots=True)
class For(Node):
    target: Expr
    iter: Expr
    body: Block
    orelse: Block


@dataclass(frozen=True, slots=True)
class While(Node):
    test: Expr
    body: Block
    orelse: Block


@dataclass(frozen=True, slots=True)
class With(Node):
    """``items`` are ``(expression, target or None)``."""

    items: tuple[tuple[Expr, Expr | None], ...]
    body: Block


@dataclass(frozen=True, slots=True)
class Try(Node):
    """``handlers`` are ``(name or None, body)``."""

    body: Block
    handlers: tuple[tuple[str | None, Block], ...]
    orelse: Block
    finalbody: Block


@dataclass(frozen=True, slots=True)
class Match(Node):
    """Cases keep their bodies alone: patterns bind names that the analysis does not follow."""

    subject: Expr
    cases: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class FunctionDef(Node):
    name: str
    params: tuple[Param, ...]
    body: Block
    decorators: tuple[Expr, ...]
    returns: Expr | None
    is_async: bool = False


@dataclass(frozen=True, slots=True)
class ClassDef(Node):
    """``bases`` are the positional arguments; ``keywords`` the named ones."""

    name: str
    bases: tuple[Expr, ...]
    keywords: tuple[Arg, ...]
    body: Block
    decorators: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Import(Node):
    """``import a.b as c``: pairs of (dotted name, alias or None)."""

    names: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class ImportFrom(Node):
    """``from ..a import b as c``: ``level`` counts the dots; a star import has names ``(("*", None),)``."""

    module: str
    names: tuple[tuple[str, str | None], ...]
    level: int


@dataclass(frozen=True, slots=True)
class Delete(Node):
    targets: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Raise(Node):
    """Ends the path it is on."""


@dataclass(frozen=True, slots=True)
class Jump(Node):
    """``break`` or ``continue``."""

    kind: str


@dataclass(frozen=True, slots=True)
class Scope(Node):
    """``global`` or ``nonlocal``."""

    kind: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assert(Node):
    test: Expr


@dataclass(frozen=True, slots=True)
class Pass(Node):
    """``pass`` and whatever has no effect on values."""


Stmt: TypeAlias = Union[
    Assign, AugAssign, ExprStmt, Return, If, For, While, With, Try, Match, FunctionDef, ClassDef, Import,
    ImportFrom, Delete, Raise, Jump, Scope, Assert, Pass,
]  # fmt: skip
Block: TypeAlias = "tuple[Stmt, ...]"


# --- rendering -----------------------------------------------------------------------------------


def render(e: Expr | None, limit: int = 60) -> str:
    """Short source-like text of an expression, for labels and messages (at most about ``limit`` characters)."""
    text = _render(e, 6)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _render(e: Expr | None, depth: int) -> str:
    if e is None:
        return ""
    if depth == 0:
        return "…"
    d = depth - 1
    match e:
        case Const(value=v):
            return "..." if v is Ellipsis else repr(v)
        case Name(name=n):
            return n
        case Attr(base=b, name=n):
            return f"{_render(b, d)}.{n}"
        case Call(func=f, args=args):
            inner = ", ".join(a.star + (f"{a.name}=" if a.name else "") + _render(a.value, d) for a in args)
            return f"{_render(f, d)}({inner})"
        case Subscript(base=b, index=i):
            inner = _render(i, d)
            return f"{_render(b, d)}[{inner[1:-1] if isinstance(i, Tuple) and len(i.items) > 1 else inner}]"
        case Slice(lower=a, upper=u, step=s):
            return f"{_render(a, d)}:{_render(u, d)}" + (f":{_render(s, d)}" if s else "")
        case Unary(op=op, operand=x):
            return ("not " if op == "not" else op) + _wrapped(x, d)
        case Binary(op=op, left=a, right=r):
            return f"{_wrapped(a, d)} {op} {_wrapped(r, d)}"
        case Compare(left=a, rest=rest):
            return _render(a, d) + "".join(f" {op} {_render(x, d)}" for op, x in rest)
        case BoolOp(op=op, left=a, right=r):
            return f"{_render(a, d)} {op} {_render(r, d)}"
        case IfExp(test=t, body=a, orelse=r):
            return f"{_render(a, d)} if {_render(t, d)} else {_render(r, d)}"
        case Lambda(params=ps, body=b):
            return f"lambda {', '.join(p.star + p.name for p in ps)}: {_render(b, d)}"
        case Tuple(items=xs):
            return "(" + ", ".join(_render(x, d) for x in xs) + ")"
        case List(items=xs):
            return "[" + ", ".join(_render(x, d) for x in xs) + "]"
        case Star(value=v):
            return "*" + _render(v, d)
        case Await(value=v):
            return _render(v, d)
        case _:
            return "…"


def _wrapped(e: Expr, depth: int) -> str:
    text = _render(e, depth)
    return f"({text})" if isinstance(e, (Binary, BoolOp, IfExp, Compare, Lambda)) else text
