"""Weight decay in steps that are written by hand: it draws a parameter to zero, whichever way the gradient is counted.

``grad = grad + decay * w`` and ``w -= lr * grad``, or both signs turned (Krogh & Hertz 1991, eq. 3). One of the two
turned alone, and the weights grow without bound.
"""

from __future__ import annotations

from typing import NamedTuple

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import factors, leading, name, number, opened, stripped, unsigned
from vaelint.infer.quantities import labels
from vaelint.infer.seen import ExpressionDiscarded, TargetReached, ValueAugmented, View, observes
from vaelint.infer.values import Frame

_MOVES = {"add_": 1, "sub_": -1, "add": 1, "sub": -1, "subtract": -1}
_SAME = frozenset({"data", "T"})


class Shrunk(NamedTuple):
    """A gradient with ``sign`` times a decay of ``parameter`` in it."""

    sign: int
    parameter: ir.Written
    at: ir.Expr


class Decays:
    """Gradients with a weight decay in them, by function and name."""

    def __init__(self) -> None:
        self.shrunk: dict[tuple[str, ir.Written], Shrunk] = {}


@observes(TargetReached)
def assigned(view: View, seen: TargetReached) -> None:
    """``dW = X.T @ delta + reg * W``, ``W = W - lr * dW``."""
    target, e, f = seen
    held = _own(target)
    moved = _added(e)
    for sign, base, x in [moved] if moved is not None else []:
        _found(view, held, _decayed(x, sign), f)
        if base == held:
            _stepped(view, held, sign, x, f)
            return
    if isinstance(e, ir.Binary):
        terms = opened(e)
        own = [x for s, x in terms if s > 0 and _own(x) == held]
        if own and len(terms) == 2:
            for s, x in terms:
                if x is not own[0]:
                    _stepped(view, held, s, x, f)
        for s, x in terms if len(terms) > 1 else []:
            _found(view, held, _decayed(x, s), f)


@observes(ValueAugmented)
def changed(view: View, seen: ValueAugmented) -> None:
    """``dW += reg * W``, ``W -= lr * dW``."""
    s, f = seen.stmt, seen.scope
    if s.op in ("+", "-"):
        sign = 1 if s.op == "+" else -1
        _stepped(view, _own(s.target), sign, s.value, f)
        _found(view, _own(s.target), _decayed(s.value, sign), f)


@observes(ExpressionDiscarded)
def called(view: View, seen: ExpressionDiscarded) -> None:
    """``p.add_(grad, alpha=-lr)`` as a statement."""
    moved, f = _added(seen.e), seen.scope
    if moved is not None:
        sign, base, x = moved
        _found(view, base, _decayed(x, sign), f)
        _stepped(view, base, sign, x, f)


def _added(e: ir.Expr) -> tuple[int, ir.Written, ir.Expr] | None:
    """The sign, the receiver and the product of ``p.add_(g, alpha=-lr)`` and of ``p.add_(-lr, g)``."""
    match e:
        case ir.Call(func=ir.Attr(base=base, name=word), args=(ir.Arg(value=x), *rest)) if word in _MOVES:
            by = [a.value for a in rest if a.name in ("alpha", "value", None) and not a.star]
            if len(by) > 1 or (not by and rest):
                return None
            if by and rest[0].name is None:
                x, by = by[0], [x]
            product = ir.Binary(e.id, "*", unsigned(by[0]), x) if by else x
            return _MOVES[word] * (-1 if by and leading(by[0]) < 0 else 1), _own(base), product
    return None


def _own(e: ir.Expr) -> ir.Written:
    return ir.render(stripped(e, _SAME), 80)


def _decayed(e: ir.Expr, sign: int) -> Shrunk | None:
    """``decay * w``, for a factor that says that it is one, and one other."""
    if leading(e) < 0:
        sign = -sign
    parts = [x for x in factors(e) if not number(x)]
    decays = [x for x in parts if labels.DECAY.of(name(x))]
    others = [x for x in parts if x not in decays and not labels.RATE.of(name(x))]
    if len(decays) == len(others) == 1 and len(parts) == 2:
        return Shrunk(sign, _own(others[0]), e)
    return None


def _found(view: View, held: ir.Written, shrunk: Shrunk | None, f: Frame) -> None:
    if shrunk is not None and shrunk.parameter != held:
        view.memory(Decays).shrunk[f.name, held] = shrunk


def _stepped(view: View, parameter: ir.Written, sign: int, e: ir.Expr, f: Frame) -> None:
    """Tell of a step on a parameter along a gradient in which its own decay has the sign of the step."""
    if leading(e) < 0:
        sign = -sign
    parts = factors(e)
    rates = [x for x in parts if labels.RATE.of(name(x)) or number(x) > 0]
    rest = [x for x in parts if x not in rates]
    if len(rest) != 1 or not rates:
        return
    inner = rest[0]
    shrunk = view.memory(Decays).shrunk.get((f.name, _own(inner)))
    if isinstance(inner, ir.Binary):
        shrunk = next((d for s, x in opened(inner) if (d := _decayed(x, s)) and d.parameter == parameter), None)
        if shrunk is None or len(opened(inner)) < 2:
            return
    if shrunk is None or shrunk.parameter != parameter or sign * shrunk.sign < 0:
        return
    text = ir.render(shrunk.at, 40)
    way = "against" if sign < 0 else "along"
    message = f"`{parameter}` is moved {way} a gradient in which `{text}` has the wrong sign: it makes the weights grow"
    law = "weight decay: w -= lr * (grad + decay * w)"
    view.emit(Misstated(shrunk.at.id, e.id, message, "flip the sign of the decay", law, "VL402"))
