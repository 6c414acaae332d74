"""What a method of a flow says of its own scale: ``x * exp(s)`` and the log-determinant that it returns beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from vaelint import ir
from vaelint.evidence import BY_STRUCTURE
from vaelint.infer.events import Misstated, Scaled
from vaelint.infer.expression import exponent, last, reduction, targets, unsigned, walk
from vaelint.infer.values import Class, ClassInfo, Function
from vaelint.knowledge.vocabulary import Words

METHODS = frozenset(
    {"forward", "inverse", "reverse", "backward", "encode", "decode", "_forward", "_inverse", "_reverse"}
)
Path: TypeAlias = "list[ir.Stmt]"


_FORWARD = Words("forward_determinant")
_INVERSE = Words("inverse_determinant")


def of_class(info: ClassInfo, cls: Class) -> Iterator[Scaled | Misstated]:
    yield from unturned(info, cls)
    for name in info.method_names:
        method = info.own_method(name, cls) if name in METHODS else None
        if method is not None:
            yield from scaled(cls, method)


def unturned(info: ClassInfo, cls: Class) -> Iterator[Misstated]:
    """An inverse that finds ``x`` and returns the log-determinant of the forward map *at* ``x`` with its sign."""
    for name in info.method_names:
        method = info.own_method(name, cls) if _INVERSE.of(name) else None
        if method is None or not isinstance(method.body, tuple):
            continue
        for path, end in _returns(method.body, []):
            match end.value:
                case ir.Tuple(items=(ir.Name(name=x), ir.Name(name=det) as at)):
                    held = _of_forward(path, x, det)
                case _:
                    continue
            if held:
                message = (
                    f"`{name}` returns the log-determinant of `{held}` as it is: that of the inverse is its negation"
                )
                law = "the log-determinants of a map and of its inverse, at one pair of points, are opposite"
                yield Misstated(at.id, at.id, message, "put a minus in front", law, value=BY_STRUCTURE, turn="whole")


def _of_forward(path: Path, x: str, det: str) -> str:
    """The forward map at ``x`` that a name's only binding unpacks its log-determinant from; "" if none."""
    bound = [s for s in path if isinstance(s, (ir.Assign, ir.AugAssign)) and det in _targets(s)]
    match bound:
        case [ir.Assign(targets=(ir.Tuple(items=(_, ir.Name(name=name))),), value=call)] if name == det:
            return _forward_at(call, x)
        case _:
            return ""


def _forward_at(e: ir.Expr | None, x: str) -> str:
    match e:
        case ir.Call(func=ir.Attr(name=name), args=(ir.Arg(value=ir.Name(name=given)), *_)) if given == x:
            return name if _FORWARD.of(name) else ""
        case _:
            return ""


def scaled(cls: Class, fn: Function) -> Iterator[Scaled]:
    """One event for each ``return y, log_det`` whose log-determinant is ± the sum of what scales on the way there."""
    for path, end in _returns(fn.body, []) if isinstance(fn.body, tuple) else ():
        if not (isinstance(end.value, ir.Tuple) and len(end.value.items) == 2):
            continue
        moved, det = end.value.items
        found = _summed(_last(path, det))
        if found is None:
            continue
        sign, name = found
        bound = [(s, s.value) for s in path if isinstance(s, (ir.Assign, ir.AugAssign)) and s.value is not None]
        # A scale that is bound with a minus of its own is not the same on both ways.
        own = [isinstance(s, ir.AugAssign) or unsigned(e) is not e for s, e in bound if name in _targets(s)]
        moves = {s for e in (*(e for _, e in bound), moved) for s in _scalings(e, name)}
        if len(moves) == 1 and not any(own):
            yield Scaled(cls.name, cls.node, fn.name, ir.called(name), moves.pop(), sign, det.id)


def _returns(block: ir.Block, before: Path) -> Iterator[tuple[Path, ir.Return]]:
    """The returns of a block, each with the plain statements on the way to it."""
    path = list(before)
    for s in block:
        match s:
            case ir.Return():
                yield path, s
            case ir.If(body=body, orelse=orelse):
                for arm in (body, orelse):
                    yield from _returns(arm, path)
                    if arm and not isinstance(arm[-1], (ir.Return, ir.Raise)):
                        path = [*path, *arm]
            case ir.For(body=body) | ir.While(body=body) | ir.With(body=body):
                yield from _returns(body, path)
                path = [*path, *body]
            case _:
                path = [*path, s]


def _last(path: Path, e: ir.Expr) -> ir.Expr:
    """What a name was bound to last; the expression itself where it is none, or is bound in several ways."""
    if not isinstance(e, ir.Name):
        return e
    bound = [s for s in path if isinstance(s, (ir.Assign, ir.AugAssign)) and e.name in _targets(s)]
    if len(bound) != 1 or not isinstance(bound[0], ir.Assign) or bound[0].value is None:
        return e
    return bound[0].value if isinstance(bound[0].targets[0], ir.Name) else e


def _targets(s: ir.Assign | ir.AugAssign) -> set[str]:
    return {x.name for x in targets(s) if isinstance(x, ir.Name)}


def _summed(e: ir.Expr) -> tuple[int, str] | None:
    """``-s.sum(-1)``, ``torch.sum(s, dim=1)`` as (sign, name of what is summed)."""
    sign, sums = 1, 0
    while not isinstance(e, ir.Name):
        inner = reduction(e) if last(getattr(e, "func", None)) == "sum" else None
        if isinstance(e, ir.Unary) and e.op == "-":
            sign, inner = -sign, e.operand
        elif inner is not None:
            sums += 1
        if inner is None:
            return None
        e = inner
    return (sign, e.name) if sums == 1 else None


def _scalings(e: ir.Expr, name: str) -> Iterator[int]:
    """Whether values are multiplied by ``exp(name)`` (1) or divided by it (-1)."""
    for x in walk(e):
        if isinstance(x, ir.Binary) and x.op in ("*", "/"):
            if x.op == "*" and (sign := _exponent(x.left, name)):
                yield sign
            if sign := _exponent(x.right, name):
                yield sign if x.op == "*" else -sign


def _exponent(e: ir.Expr, name: str) -> int:
    grown = exponent(e)
    if grown is None:
        return 0
    x = unsigned(grown)
    sign = 1 if x is grown else -1
    x = x.base if isinstance(x, ir.Subscript) else x
    return sign if isinstance(x, ir.Name) and x.name == name else 0
