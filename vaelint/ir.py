"""The small language that everything after libcst speaks.

A node carries ``id``: its number in the order in which its unit was lowered. Lines and columns are not
kept; `vaelint.source.positions` lowers the unit once more, with positions, for the few nodes that a
report needs. That makes the tree small, picklable and independent of libcst.

Expressions and statements are frozen; a sequence is always a tuple.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import lru_cache, wraps
from operator import attrgetter
from typing import TypeAlias, TypeVar, Union

from vaelint.records import record


@record(frozen=True, slots=True)
class Node:
    id: int


# --- expressions ---------------------------------------------------------------------------------


@record(frozen=True, slots=True)
class Const(Node):
    """A literal: int, float, complex, str, bytes, bool, None or Ellipsis."""

    value: object


@record(frozen=True, slots=True)
class Name(Node):
    name: str


@record(frozen=True, slots=True)
class Attr(Node):
    base: Expr
    name: str


@record(frozen=True, slots=True)
class Arg(Node):
    """One argument of a call. ``star`` is ``""``, ``"*"`` or ``"**"``."""

    value: Expr
    name: str | None = None
    star: str = ""


@record(frozen=True, slots=True)
class Call(Node):
    func: Expr
    args: tuple[Arg, ...]


@record(frozen=True, slots=True)
class Slice(Node):
    lower: Expr | None
    upper: Expr | None
    step: Expr | None


@record(frozen=True, slots=True)
class Subscript(Node):
    """``base[index]``; several indices are one `Tuple`."""

    base: Expr
    index: Expr


@record(frozen=True, slots=True)
class Unary(Node):
    """``op`` is one of ``- + ~ not``."""

    op: str
    operand: Expr


@record(frozen=True, slots=True)
class Binary(Node):
    """``op`` is one of ``+ - * / // % ** @ & | ^ << >>``."""

    op: str
    left: Expr
    right: Expr


@record(frozen=True, slots=True)
class Compare(Node):
    """``left op right op right``; ops as written (``<``, ``not in``)."""

    left: Expr
    rest: tuple[tuple[str, Expr], ...]


@record(frozen=True, slots=True)
class BoolOp(Node):
    """``op`` is ``and`` or ``or``."""

    op: str
    left: Expr
    right: Expr


@record(frozen=True, slots=True)
class IfExp(Node):
    test: Expr
    body: Expr
    orelse: Expr


@record(frozen=True, slots=True)
class Param(Node):
    """A parameter. ``star`` is ``""``, ``"*"`` or ``"**"``; ``kwonly`` for those behind a star."""

    name: str
    default: Expr | None = None
    annotation: Expr | None = None
    star: str = ""
    kwonly: bool = False


@record(frozen=True, slots=True)
class Lambda(Node):
    params: tuple[Param, ...]
    body: Expr


@record(frozen=True, slots=True)
class Tuple(Node):
    items: tuple[Expr, ...]


@record(frozen=True, slots=True)
class List(Node):
    items: tuple[Expr, ...]


@record(frozen=True, slots=True)
class Set(Node):
    items: tuple[Expr, ...]


@record(frozen=True, slots=True)
class Dict(Node):
    """``(key, value)`` pairs; a key of None is ``**value``."""

    items: tuple[tuple[Expr | None, Expr], ...]


@record(frozen=True, slots=True)
class CompFor(Node):
    target: Expr
    iter: Expr
    tests: tuple[Expr, ...]


@record(frozen=True, slots=True)
class Comp(Node):
    """A comprehension. ``kind`` is ``list``, ``set``, ``generator`` or ``dict`` (then ``value`` is set)."""

    kind: str
    element: Expr
    value: Expr | None
    loops: tuple[CompFor, ...]


@record(frozen=True, slots=True)
class Star(Node):
    """``*value`` in a display or a target."""

    value: Expr


@record(frozen=True, slots=True)
class FString(Node):
    """A formatted string: its expressions, and ``text``, the literal parts joined with ``{}`` for each."""

    text: str
    values: tuple[Expr, ...]


@record(frozen=True, slots=True)
class Walrus(Node):
    target: Expr
    value: Expr


@record(frozen=True, slots=True)
class Await(Node):
    value: Expr


@record(frozen=True, slots=True)
class Yield(Node):
    value: Expr | None


@record(frozen=True, slots=True)
class Opaque(Node):
    """An expression that the analysis has no form for; ``reason`` says which."""

    reason: str


# Union, not "|": the alias is evaluated at run time, where forward references are strings.
Expr: TypeAlias = Union[
    Const, Name, Attr, Call, Slice, Subscript, Unary, Binary, Compare, BoolOp, IfExp, Lambda, Tuple, List,
    Set, Dict, Comp, Star, FString, Walrus, Await, Yield, Opaque,
]  # fmt: skip


# --- statements ----------------------------------------------------------------------------------


@record(frozen=True, slots=True)
class Assign(Node):
    """``a = b = value`` has two targets. ``annotation`` is set for ``a: T = value``; value None for ``a: T``."""

    targets: tuple[Expr, ...]
    value: Expr | None
    annotation: Expr | None = None


@record(frozen=True, slots=True)
class AugAssign(Node):
    """``target op= value``; ``op`` without the equals sign."""

    op: str
    target: Expr
    value: Expr


@record(frozen=True, slots=True)
class ExprStmt(Node):
    value: Expr


@record(frozen=True, slots=True)
class Return(Node):
    value: Expr | None


@record(frozen=True, slots=True)
class If(Node):
    test: Expr
    body: Block
    orelse: Block


@record(frozen=True, slots=True)
class For(Node):
    target: Expr
    iter: Expr
    body: Block
    orelse: Block


@record(frozen=True, slots=True)
class While(Node):
    test: Expr
    body: Block
    orelse: Block


@record(frozen=True, slots=True)
class With(Node):
    """``items`` are ``(expression, target or None)``."""

    items: tuple[tuple[Expr, Expr | None], ...]
    body: Block


@record(frozen=True, slots=True)
class Try(Node):
    """``handlers`` are ``(name or None, body)``."""

    body: Block
    handlers: tuple[tuple[str | None, Block], ...]
    orelse: Block
    finalbody: Block


@record(frozen=True, slots=True)
class Match(Node):
    """Cases keep their bodies alone: patterns bind names that the analysis does not follow."""

    subject: Expr
    cases: tuple[Block, ...]


@record(frozen=True, slots=True)
class FunctionDef(Node):
    name: str
    params: tuple[Param, ...]
    body: Block
    decorators: tuple[Expr, ...]
    returns: Expr | None
    is_async: bool = False


@record(frozen=True, slots=True)
class ClassDef(Node):
    """``bases`` are the positional arguments; ``keywords`` the named ones."""

    name: str
    bases: tuple[Expr, ...]
    keywords: tuple[Arg, ...]
    body: Block
    decorators: tuple[Expr, ...]


@record(frozen=True, slots=True)
class Import(Node):
    """``import a.b as c``: pairs of (dotted name, alias or None)."""

    names: tuple[tuple[str, str | None], ...]


@record(frozen=True, slots=True)
class ImportFrom(Node):
    """``from ..a import b as c``: ``level`` counts the dots; a star import has names ``(("*", None),)``."""

    module: str
    names: tuple[tuple[str, str | None], ...]
    level: int


@record(frozen=True, slots=True)
class Delete(Node):
    targets: tuple[Expr, ...]


@record(frozen=True, slots=True)
class Raise(Node):
    """Ends the path it is on."""


@record(frozen=True, slots=True)
class Jump(Node):
    """``break`` or ``continue``."""

    kind: str


@record(frozen=True, slots=True)
class Scope(Node):
    """``global`` or ``nonlocal``."""

    kind: str
    names: tuple[str, ...]


@record(frozen=True, slots=True)
class Assert(Node):
    test: Expr


@record(frozen=True, slots=True)
class Pass(Node):
    """``pass`` and whatever has no effect on values."""


Stmt: TypeAlias = Union[
    Assign, AugAssign, ExprStmt, Return, If, For, While, With, Try, Match, FunctionDef, ClassDef, Import,
    ImportFrom, Delete, Raise, Jump, Scope, Assert, Pass,
]  # fmt: skip
Block: TypeAlias = "tuple[Stmt, ...]"


# --- asked again and again -----------------------------------------------------------------------

MOST_KEPT = 20_000  # answers of one kind
T = TypeVar("T")
Asked = TypeVar("Asked", bound="Node | None")


def once(read: Callable[[Asked], T]) -> Callable[[Asked], T]:
    """Remembers what was read of a node: each call that reaches it asks. By identity, since a number is of one file."""
    kept: dict[int, tuple[Asked, T]] = {}

    @wraps(read)
    def remembered(e: Asked) -> T:
        known = kept.get(id(e))
        if known is None or known[0] is not e:
            if len(kept) >= MOST_KEPT:
                kept.clear()
            known = kept[id(e)] = e, read(e)
        return known[1]

    return remembered


# --- rendering -----------------------------------------------------------------------------------


class Written:
    """An expression as it is written: shown as source-like text, compared by structure, never searched.

    It is no string. A message puts it into its text; a decision asks ``expr`` (`vaelint.infer.expression`), or whether
    two are the same: node numbers and the length that is shown do not count.
    """

    __slots__ = ("_hash", "_key", "expr", "limit")

    def __init__(self, expr: Expr | None, limit: int = 60) -> None:
        self.expr = expr
        self.limit = limit
        self._key: tuple[object, ...] | None = None
        self._hash: int | None = None

    @property
    def key(self) -> tuple[object, ...]:
        if self._key is None:
            self._key = key(self.expr)
        return self._key

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            raise TypeError("what is written is compared with what is written: `called` makes it of a name")
        return isinstance(other, Written) and self.key == other.key

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(self.key)
        return self._hash

    def __bool__(self) -> bool:
        return self.expr is not None

    def __str__(self) -> str:
        text = _shown(self.expr)
        return text if len(text) <= self.limit else text[: self.limit - 1] + "…"

    def __repr__(self) -> str:
        return f"Written({str(self)!r})"


UNWRITTEN = Written(None)  # of what stands nowhere


def render(e: Expr | None, limit: int = 60) -> Written:
    """An expression for labels and messages, where it is shown in at most about ``limit`` characters."""
    return Written(e, limit)


def text(e: Expr | None, limit: int = 60) -> str:
    """`render` as a text."""
    return str(Written(e, limit))


@lru_cache(maxsize=MOST_KEPT)
def called(name: str) -> Written:
    """What is known by a name alone: a parameter, a key, what a value was bound to."""
    return Written(Name(-1, name))


def call_of(name: str) -> Written:
    """``name(…)``: the result of a function, whatever it was given."""
    return Written(Call(-1, Name(-1, name), (Arg(-1, Opaque(-1, "arguments")),)))


def negated(label: Written) -> Written:
    return Written(Unary(-1, "-", label.expr) if label.expr is not None else None, label.limit)


def label(given: Written | str) -> Written:
    """What a value is called; a text is a name."""
    return called(given) if isinstance(given, str) else given


def number(e: Expr) -> float:
    """The value of a literal; 0 where it is none."""
    if isinstance(e, Unary) and e.op == "-":
        return -number(e.operand)
    if isinstance(e, Const) and isinstance(e.value, (int, float)) and not isinstance(e.value, bool):
        return float(e.value)
    return 0.0


def leading(e: Expr) -> int:
    """-1 for a product that begins with a minus: ``-gamma * v``, ``-2 * k * x``; else 1."""
    sign = 1
    while isinstance(e, Binary) and e.op in ("*", "/"):
        e = e.left
    while isinstance(e, Unary) and e.op == "-":
        e, sign = e.operand, -sign
    return -sign if number(e) < 0 else sign


@once
def key(e: Node | None) -> tuple[object, ...]:
    """Equal for expressions that are written alike, wherever they stand."""
    out: list[object] = []
    stack: list[object] = [e]
    while stack:
        x = stack.pop()
        if isinstance(x, Node):
            parts = parts_of(type(x))
            out += (type(x), len(parts))
            stack += (getattr(x, name) for name in parts)
        elif isinstance(x, tuple):
            out.append(len(x))
            stack += x
        else:
            out += (type(x), x)
    return tuple(out)


_PARTS: dict[type, tuple[str, ...]] = {}


def parts_of(kind: type[Node]) -> tuple[str, ...]:
    """The fields of a kind of node, without its number."""
    if kind not in _PARTS:
        _PARTS[kind] = tuple(field.name for field in fields(kind) if field.name != "id")
    return _PARTS[kind]


def walk(e: Node | Block | None) -> Iterator[Node]:
    """A node, or the statements of a block, and all that it is made of."""
    stack: list[object] = [e]
    while stack:
        x = stack.pop()
        if isinstance(x, Node):
            yield x
            stack += _held(x)
        elif isinstance(x, tuple):
            stack += x


_HELD: dict[type, Callable[[Node], tuple[object, ...]]] = {}
_PLAIN = frozenset({"int", "str", "bool", "str | None"})  # types of fields that no node is in


def _held(e: Node) -> tuple[object, ...]:
    """What may be a node, or have nodes in it, of the fields of a node."""
    held = _HELD.get(type(e))
    if held is None:
        held = _HELD[type(e)] = _getter([f.name for f in fields(type(e)) if f.type not in _PLAIN])
    return held(e)


def _getter(names: list[str]) -> Callable[[Node], tuple[object, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return (lambda e: (getattr(e, names[0]),)) if names else lambda e: ()


def without_self(e: Expr) -> Expr:
    """``self.critic`` → ``critic``."""
    return Name(e.id, e.name) if isinstance(e, Attr) and isinstance(e.base, Name) and e.base.name == "self" else e


@once
def names_in(e: Node | None) -> tuple[str, ...]:
    """The identifiers of an expression, in no order: names, attributes, keywords, and texts that could be one."""
    found: list[str] = []
    for x in walk(e):
        if isinstance(x, (Name, Attr, Param)):
            found.append(x.name)
        elif isinstance(x, Arg):
            found += [x.name] if x.name else []
        elif isinstance(x, Const) and isinstance(x.value, str) and len(x.value) < LONGEST_KEY:
            found.append(x.value)
    return tuple(found)


LONGEST_KEY = 40  # a longer text is no key


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


@once
def _shown(e: Expr | None) -> str:
    return _render(e, 6)


def _wrapped(e: Expr, depth: int) -> str:
    text = _render(e, depth)
    return f"({text})" if isinstance(e, (Binary, BoolOp, IfExp, Compare, Lambda)) else text
