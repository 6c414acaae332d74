"""The summands of an expression by their names: what each claims, with its sign, as worded signs are judged by."""

from __future__ import annotations

from typing import NamedTuple

from vaelint import ir
from vaelint.graph.spellings import KEPT
from vaelint.infer.expression import REDUCTIONS, last, last_word
from vaelint.infer.seen import View
from vaelint.infer.values import Frame, Library, Number, Quantity
from vaelint.knowledge.lexicon import split
from vaelint.knowledge.schema import Claim


class Part(NamedTuple):
    """A summand by its name. ``live`` is False where its gradient is cut, or it is a number already.

    ``sure`` is False where it is multiplied by something whose sign is not known.
    """

    sign: int
    name: str
    claim: Claim | None
    at: ir.Expr
    live: bool = True
    sure: bool = True


_CUT = frozenset(("detach", "item", "stop_gradient", "numpy", "tolist", "cpu"))
_KEEPS = (REDUCTIONS | KEPT) - _CUT
MOST_PARTS = 12


def parts_of(view: View, e: ir.Expr, f: Frame, sign: int = 1) -> list[Part]:
    """The summands of an expression, through brackets, minuses and reductions."""
    out: list[Part] = []
    waiting: list[tuple[int, ir.Expr]] = [(sign, e)]
    while waiting and len(out) < MOST_PARTS:
        s, x = waiting.pop()
        match x:
            case ir.Binary(op="+" | "-", left=a, right=b):
                waiting += [(s if x.op == "+" else -s, b), (s, a)]
            case ir.Unary(op="-", operand=a):
                waiting.append((-s, a))
            case ir.Call(func=func) if last(func) in _KEEPS and (inner := _reduced(view, x, f)) is not None:
                waiting.append((s, inner))
            case _:
                out.append(part_of(view, x, f, s))
    return out


def part_of(view: View, e: ir.Expr, f: Frame, sign: int) -> Part:
    match e:
        case ir.Binary(op="*" | "@", left=a, right=b):
            both = [part_of(view, a, f, sign), part_of(view, b, f, 1)]
            said = [p for p in both if p.claim is not None and p.claim.sense.directed]
            turned = both[0].sign * both[1].sign
            if len(said) != 1:
                return Part(turned, "", None, e)  # of two that say something the product says nothing
            factor = both[1] if said[0] is both[0] else both[0]
            return said[0]._replace(sign=turned, sure=said[0].sure and _is_weight(view, factor, f))
        case ir.Binary(op="/", left=a, right=b):
            below = part_of(view, b, f, 1)
            return Part(sign, "", None, e) if below.claim is not None else part_of(view, a, f, sign)
        case ir.Unary(op="-", operand=a):
            return part_of(view, a, f, -sign)
        case ir.Call(func=func):
            word = last(func.func if isinstance(func, ir.Call) else func)  # ``KLDivLoss()(p, q)``
            if word in _CUT:
                inner = _reduced(view, e, f)
                return (
                    part_of(view, inner, f, sign)._replace(live=False) if inner is not None else Part(sign, "", None, e)
                )
            if word in _KEEPS and (inner := _reduced(view, e, f)) is not None:
                return part_of(view, inner, f, sign)
            return Part(sign, word, view.knowledge.claim(word) if word else None, e)
        case ir.Const(value=v) if isinstance(v, (int, float)) and v < 0:
            return Part(-sign, "", None, e)
        case _:
            name = last_word(e)
            return Part(sign, name, view.knowledge.claim(name) if name else None, e, _lives(e, f))


def _is_weight(view: View, p: Part, f: Frame) -> bool:
    """Whether a factor is known to be positive, once its minus is counted."""
    if "log" in split(p.name):
        return False
    value = f.find(p.at.name) if isinstance(p.at, ir.Name) else None
    if isinstance(p.at, ir.Const) or isinstance(value, Number) or (isinstance(value, Quantity) and value.positive):
        return True
    return bool(p.name) and view.knowledge.positive(p.name)


def _reduced(view: View, e: ir.Call, f: Frame) -> ir.Expr | None:
    """What is reduced: the receiver of a method, the argument of a library's function."""
    if isinstance(e.func, ir.Attr) and not (
        isinstance(e.func.base, ir.Name) and isinstance(f.find(e.func.base.name), Library)
    ):
        return e.func.base
    return e.args[0].value if e.args and not e.args[0].star else None


def _lives(e: ir.Expr, f: Frame) -> bool:
    value = f.find(e.name) if isinstance(e, ir.Name) else None
    if isinstance(value, Number):
        return False
    return not isinstance(value, Quantity) or not value.terms or any(t.live for t in value.terms)
