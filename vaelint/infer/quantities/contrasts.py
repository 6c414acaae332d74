"""Two sides that must be told apart: what is real and what is fake, what is a positive and what a negative.

A discriminator's terms for the two have opposite labels; a pairwise loss that has one function of the scores of both
takes it with opposite signs. With the same label, or the same sign, nothing is learnt that tells them apart.
"""

from __future__ import annotations

from typing import NamedTuple

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import REDUCTIONS, has_minus, last, same, source, summands
from vaelint.infer.seen import View
from vaelint.infer.values import Frame
from vaelint.knowledge.vocabulary import Words


class Side(NamedTuple):
    """One summand: what it is of, by which function, at which label; ``slope``: where it goes as its argument grows."""

    of: ir.Written
    by: ir.Written
    label: int | None
    slope: int
    node: int
    argument: ir.Expr


_REAL = Words("real")
_FAKE = Words("fake")
_POSITIVE = Words("positive")
_NEGATIVE = Words("negative")
_TURNED = Words("turned_score")
_PAIRS = ((_REAL, _FAKE), (_POSITIVE, _NEGATIVE))
# Increasing functions that losses of scores are made of.
_INCREASING = frozenset({"softplus", "logsigmoid", "log_sigmoid"})
_KEEPS = REDUCTIONS | {"squeeze", "view", "reshape"}
_ONES, _ZEROS = frozenset({"ones", "ones_like"}), frozenset({"zeros", "zeros_like"})


def of(view: View, e: ir.Binary, f: Frame) -> None:
    """Tell of a sum whose two terms treat both sides alike."""
    terms = summands(e)
    if len(terms) != 2:
        return
    sides = [side for sign, x in terms if (side := _side(x, sign, f)) is not None]
    if len(sides) != 2 or sides[0].by != sides[1].by or sides[0].slope != sides[1].slope:
        return
    for near, far in _PAIRS:
        held = [_which(s, near, far) for s in sides]
        if sorted(held) != [-1, 1] or sides[0].label != sides[1].label:
            continue
        up, down = (sides[held.index(1)], sides[held.index(-1)])
        if up.label is not None and near is _REAL:
            _one_label(view, e, up, down)
        elif up.label is None and _are_alike(up.argument, down.argument, f):
            _one_sign(view, e, up, down)


def _side(e: ir.Expr, sign: int, f: Frame) -> Side | None:
    for _ in range(8):
        match e:
            case ir.Name(name=n) if (written := f.wrote(n)) is not None:
                e = written
            case ir.Call(func=ir.Attr(base=base, name=n)) if n in _KEEPS and not isinstance(base, ir.Name):
                e = base
            case ir.Call(func=ir.Attr(name=n), args=(ir.Arg(name=None, value=x), *_)) if n in _KEEPS:
                e = x
            case ir.Unary(op="-", operand=x):
                e, sign = x, -sign
            case ir.Call(func=func, args=(ir.Arg(name=None, star="", value=x), *rest)):
                return _called(e, func, x, rest, sign)
            case _:
                return None
    return None


def _called(e: ir.Call, func: ir.Expr, x: ir.Expr, rest: list[ir.Arg], sign: int) -> Side | None:
    name = last(func)
    if name in _INCREASING:
        if isinstance(x, ir.Unary) and x.op == "-":
            x, sign = x.operand, -sign
        return Side(ir.render(x, 80), ir.called(name), None, sign, e.id, x)
    label = _label(rest[0].value) if rest and rest[0].name in (None, "target", "labels", "label") else None
    return Side(ir.render(x, 80), ir.render(func, 60), label, sign, e.id, x) if label is not None else None


def _label(e: ir.Expr) -> int | None:
    """1 and 0 for ``torch.ones_like(x)``, ``jnp.zeros(n)``."""
    if isinstance(e, ir.Call) and isinstance(e.func, (ir.Name, ir.Attr)):
        return 1 if e.func.name in _ONES else 0 if e.func.name in _ZEROS else None
    return None


def _which(side: Side, near: Words, far: Words) -> int:
    """1 where a term is of the one side alone, -1 where it is of the other alone, else 0."""
    return near.within(side.of) - far.within(side.of)


def _are_alike(a: ir.Expr, b: ir.Expr, f: Frame) -> bool:
    """Whether both come out of the same scores, and nothing was negated on the way."""
    made = []
    for x in (a, b):
        written = f.behind(x)
        if written is x and not isinstance(x, ir.Call):
            return False
        made.append(written)
    if any(has_minus(x) or _TURNED.within(x) for x in made):
        return False
    one, other = map(source, made)
    return isinstance(one, (ir.Name, ir.Attr)) and same(one, other)


def _one_label(view: View, e: ir.Binary, real: Side, fake: Side) -> None:
    wrong, other = (fake, real) if real.label == 1 else (real, fake)
    message = f"`{wrong.of}` has the label of `{other.of}`: the discriminator learns the same label for real and fake"
    label = "zeros" if wrong.label == 1 else "ones"
    law = "a discriminator learns opposite labels for what is real and what is fake"
    view.emit(Misstated(wrong.node, e.id, message, f"give it {label} as its label", law, "VL402"))


def _one_sign(view: View, e: ir.Binary, near: Side, far: Side) -> None:
    wrong, other = (near, far) if near.slope > 0 else (far, near)
    message = (
        f"`{wrong.of}` and `{other.of}` go into `{near.by}` with the same sign, so that both are pushed the same way"
    )
    law = "a loss that raises the scores of one side must lower those of the other"
    view.emit(Misstated(wrong.node, e.id, message, f"negate `{wrong.of}`", law, "VL402"))
