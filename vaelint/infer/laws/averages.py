"""Values that follow others step by step: ``x = (1 - a) * x + a * y``, which is ``x += a * (y - x)``.

With one sign turned the value runs away from what it is to follow (the delta rule, Widrow & Hoff 1960; a tabular
value and its target, Sutton & Barto 2018, eq. 6.2; an exponential moving average).
"""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import complement, last, leading, number, same
from vaelint.infer.seen import ValueAssigned, ValueAugmented, View, observes
from vaelint.infer.values import Frame
from vaelint.knowledge.vocabulary import Words

_AWAY = Words("moves_away")
_RATE = Words("following_rate")
LAW = "x + a · (y - x) = (1 - a) · x + a · y moves x towards y"


@observes(ValueAssigned)
def assigned(view: View, seen: ValueAssigned) -> None:
    """``x = (1 - a) * x - a * y`` and ``x = x - a * (y - x)``."""
    target, e, node, f = seen.stmt.targets[0], seen.e, seen.stmt.id, seen.scope
    if not isinstance(e, ir.Binary) or e.op != "-" or not isinstance(target, (ir.Name, ir.Attr, ir.Subscript)):
        return
    if same(e.left, target):
        _moved(view, target, e.right, node, f)
        return
    if not isinstance(e.left, ir.Binary) or e.left.op != "*" or not isinstance(e.right, ir.Binary) or e.right.op != "*":
        return
    for kept, held in ((e.left.left, e.left.right), (e.left.right, e.left.left)):
        rate = complement(kept)
        # Of a mask it is what hides a score: `x * (1 - mask) - 1e9 * mask`.
        if same(held, target) and rate is not None and _is_rate(rate):
            others = [x for x in (e.right.left, e.right.right) if not same(x, rate)]
            if len(others) < 2:
                _tell(view, target, others[0] if others else e.right, node, f)


@observes(ValueAugmented)
def changed(view: View, seen: ValueAugmented) -> None:
    """``x -= a * (y - x)``."""
    s = seen.stmt
    if s.op == "-":
        _moved(view, s.target, s.value, s.id, seen.scope)


def _moved(view: View, own: ir.Expr, step: ir.Expr, node: int, f: Frame) -> None:
    if not isinstance(step, ir.Binary) or step.op != "*":
        return
    for rate, gap in ((step.left, step.right), (step.right, step.left)):
        known = _is_rate(rate) or 0 < number(rate) < 1
        if known and isinstance(gap, ir.Binary) and gap.op == "-" and _is_of(gap.right, own):
            _tell(view, own, gap.left, node, f)


def _is_of(e: ir.Expr, own: ir.Expr) -> bool:
    """The value itself, or what it adds up to over the features that are on."""
    match e:
        case ir.Call(func=ir.Attr(base=base, name="sum"), args=()):
            return same(base, own)
        case _:
            return same(e, own)


def _is_rate(e: ir.Expr) -> bool:
    return isinstance(e, (ir.Name, ir.Attr)) and _RATE.of(last(e))


def _tell(view: View, target: ir.Expr, towards: ir.Expr, node: int, f: Frame) -> None:
    own, text = ir.render(target, 80), ir.render(towards, 40)
    around = (f.name, f.owner.name if f.owner is not None else "")
    if leading(towards) < 0 or isinstance(towards, ir.Unary) or _AWAY.any(around) or _AWAY.within(target, towards):
        return
    view.emit(
        Misstated(
            node,
            node,
            f"`{own}` should move towards `{text}`, but this update moves it away: the difference has the wrong sign",
            "flip the sign of the update: x + a · (target - x), or x - a · (x - target)",
            LAW,
            "VL402",
        )
    )
