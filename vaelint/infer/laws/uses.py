"""What becomes of a name in the function that binds it: whether it is changed there, and with which sign it is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, get_args

from vaelint import ir
from vaelint.infer.expression import held_by, walk
from vaelint.infer.seen import View

_STATEMENTS = get_args(ir.Stmt)
_OPS = {"+": 1, "-": -1}


class Use(NamedTuple):
    """``sign``: 1 or -1 where a name is used alone (returned, bound, scaled by a number) or is ``summed``; else 0."""

    sign: int
    summed: bool = False


class Uses(NamedTuple):
    """``changes``: the nodes that change what is held, other than binding it anew; ``made``: what is made of it."""

    changes: frozenset[int]
    made: frozenset[Use]


def of(view: View, node: int, name: str) -> Uses:
    """The uses of a name in the function that a node of this file stands in; none where it stands in another file."""
    changes: set[int] = set()
    made: set[Use] = set()
    home = view.home
    code = view.around(node).code if home is not None and home.holds(node) else ()
    for s in _statements(_function_of(code, node)):
        match s:
            case ir.AugAssign(target=target, value=value):
                if held_by(target) == name:
                    changes.add(s.id)
                found = list(_signs(value, name, Use(_OPS.get(s.op, 0), True)))
            case ir.Assign(targets=targets, value=value) if value is not None:
                found = list(_signs(value, name, Use(1)))
                if found and any(held_by(t) == name for t in targets) and not _is_kept(value, name):
                    changes.add(value.id)  # made of what it held: `x = x + penalty`
            case ir.ExprStmt(value=ir.Call(func=ir.Attr(base=base, name=method))) if held_by(base) == name:
                if method.endswith("_"):
                    changes.add(s.id)
                continue
            case ir.ExprStmt(value=ir.Call()):
                continue  # logged, printed, appended
            case ir.Return(value=value) if value is not None:
                found = list(_signs(value, name, Use(1)))
            case _:
                found = [Use(0) for e in _own(s) if _mentions(e, name)]
        made.update(found)
    return Uses(frozenset(changes), frozenset(made))


def _function_of(block: ir.Block, node: int) -> ir.Block:
    """The body of the innermost function around a node, or the whole."""
    for s in block:
        inner = [x for x in walk(s) if isinstance(x, ir.FunctionDef) and any(n.id == node for n in walk(x))]
        if inner:
            return inner[-1].body
    return block


def _statements(block: ir.Block) -> Iterator[ir.Stmt]:
    for s in block:
        yield s
        if isinstance(s, (ir.FunctionDef, ir.ClassDef)):
            continue
        for x in walk(s):
            if x is not s and isinstance(x, _STATEMENTS):
                yield x


def _own(s: ir.Stmt) -> Iterable[ir.Node]:
    """The nodes of a statement that are in no statement within it."""
    inner = {n.id for x in walk(s) if x is not s and isinstance(x, _STATEMENTS) for n in walk(x)}
    return [x for x in walk(s) if x.id not in inner]


def _mentions(e: ir.Node, name: str) -> bool:
    return isinstance(e, (ir.Name, ir.Attr)) and e.name == name


def _signs(e: ir.Expr, name: str, use: Use) -> Iterator[Use]:
    """How a name is used in an expression, of which this is made; of sign 0 where that follows from no sum alone."""
    match e:
        case ir.Name(name=n) | ir.Attr(name=n) if n == name:
            yield use
        case ir.Subscript(base=base):
            yield from _signs(base, name, use)
        case ir.Unary(op="-", operand=x):
            yield from _signs(x, name, Use(-use.sign, use.summed))
        case ir.Binary(op="+" | "-" as op, left=a, right=b):
            yield from _signs(a, name, Use(use.sign, True))
            yield from _signs(b, name, Use(use.sign * _OPS[op], True))
        case ir.Binary(op="*" | "/" as op, left=a, right=b):
            for x, factor in ((a, b), (b, a)):
                yield from _signs(x, name, use if _is_positive(factor) and (op == "*" or x is a) else Use(0))
        case ir.Tuple(items=items) | ir.List(items=items):
            for x in items:
                yield from _signs(x, name, use)
        case ir.Call(func=ir.Attr(base=base, name="mean" | "sum" | "item" | "detach"), args=()):
            yield from _signs(base, name, use)
        case _:
            yield from (Use(0) for x in walk(e) if _mentions(x, name))


def _is_kept(e: ir.Expr, name: str) -> bool:
    """Whether an expression is what a name holds, but for its shape and its scale."""
    match e:
        case ir.Call(func=ir.Attr(base=base), args=()):
            return _is_kept(base, name)
        case ir.Call(args=(ir.Arg(value=x), *_)):
            return _is_kept(x, name)
        case ir.Binary(op="*" | "/", left=a, right=b):
            return _is_kept(a, name) or _is_kept(b, name)
        case _:
            return _mentions(e, name)


def _is_positive(e: ir.Expr) -> bool:
    return isinstance(e, ir.Const) and isinstance(e.value, (int, float)) and e.value > 0
