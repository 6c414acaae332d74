"""What a reward is made of: efforts and distances are taken off it.

Environments keep costs as magnitudes and as their negations, in equal parts, so that a name says nothing of a sign.
What is known is what was written: a square, a norm or an absolute value is positive, minus one is negative. Where
that is in sight under the name of a cost, a penalty or a distance to the goal, the sign in the reward follows.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import (
    argument,
    calls_in,
    factors,
    has_square,
    held_by,
    last,
    last_word,
    name,
    opened,
    reduction,
    squared,
    walk,
    way_of,
)
from vaelint.infer.seen import ValueAssigned, ValueAugmented, ValueReturned, View, observes
from vaelint.infer.values import Frame, Quantity
from vaelint.knowledge.lexicon import split
from vaelint.knowledge.vocabulary import Words

# The whole of it: what is called a part (`dist_reward`, `reward_ctrl`) may meet its sign where the parts are added.
_REWARD = Words("whole_reward")
_COST = Words("cost_of_reward")
_DISTANCE = Words("distance_name")
_BEFORE = Words("old")
_GOAL = Words("goal")
_EFFORT = Words("effort")
_FLED = Words("fled")
_SCALES = Words("scales_reward")
_SIZES = frozenset({"norm", "abs", "square", "sqrt", "hypot"})


@observes(ValueAssigned)
def assigned(view: View, seen: ValueAssigned) -> None:
    _stated(view, seen.e, seen.names[0], seen.scope)


@observes(ValueReturned)
def returned(view: View, seen: ValueReturned) -> None:
    _stated(view, seen.e, seen.scope.name, seen.scope)


@observes(ValueAugmented)
def augmented(view: View, seen: ValueAugmented) -> None:
    s = seen.stmt
    if s.op in ("+", "-") and not seen.moves:
        _stated(view, s.value, held_by(s.target) or last_word(s.target), seen.scope, 1 if s.op == "+" else -1)


def _stated(view: View, e: ir.Expr, holder: str, f: Frame, sign: int = 0) -> None:
    """Hold what is bound to ``holder``, or returned by a function called so, against its parts.

    ``sign``: 1 or -1 where it is added to, or taken off, what the name holds already.
    """
    if not _REWARD.of(holder):
        return
    terms = opened(e, sign or 1)
    if len(terms) == 1 and not sign and holder != f.name:
        return  # what is bound alone may be turned or squashed before it is paid
    apart = [s for s, x in terms if _DISTANCE.of(_core(x)) or _is_difference(x) or _BEFORE.within(x)]
    alone = len(terms) == 1 and not sign
    for s, x in terms:
        about = _about(x, f)
        # A distance beside another one, or of an earlier step: what has been covered is paid.
        covered = about == "distance" and (len(apart) > 1 or _BEFORE.within(x))
        if not about or covered or (about == "effort" and alone) or s * way_of(x, f, lambda e: _way(e, f)) <= 0:
            continue
        how = "is positive and added" if s > 0 else "is negative and subtracted"
        message = f"`{ir.render(x, 40)}` {how}, so that the reward `{holder}` grows with the {about}"
        edit = f"flip its sign: the {about} is subtracted from the reward"
        law = "a cost, an effort or a distance from the goal lowers a reward"
        view.emit(Misstated(x.id, e.id, message, edit, law, held=True))


def _core(e: ir.Expr) -> str:
    """What a term is called: the factor that has a name of a cost or a distance, else the last one."""
    words = [w for x in factors(e) if (w := name(x))]
    return next((w for w in words if _COST.of(w) or _DISTANCE.of(w)), words[-1] if words else "")


def _about(e: ir.Expr, f: Frame) -> str:
    """What a term is of by its name and by what it was written as: ``cost``, ``distance``, ``effort``, or nothing."""
    core = _core(e)
    if _SCALES.of(core):
        return ""
    if _COST.of(core) and "min" not in split(core):
        return "cost"
    written = next((held for x in factors(e) if isinstance(x, ir.Name) and (held := f.wrote(x.name)) is not None), e)
    if (_DISTANCE.of(core) or isinstance(written, ir.Call)) and _is_difference(written):
        said = (core, *ir.names_in(written))
        return "distance" if _GOAL.any(said) and not _FLED.any(said) else ""
    raw = [x for x in factors(e) if isinstance(x, (ir.Call, ir.Binary))]
    if len(raw) == 1 and _EFFORT.within(raw[0]) and not _GOAL.within(raw[0]):
        return "effort" if _is_magnitude_of_effort(raw[0]) else ""
    return ""


def _is_magnitude_of_effort(e: ir.Expr) -> bool:
    """Whether this is a sum of squares or of absolute values of nothing but an action."""
    summed = reduction(e)
    e = e if summed is None else summed
    of = argument(e) if isinstance(e, ir.Call) and last(e.func) in ("abs", "fabs", "norm") else squared(e)
    return isinstance(of, (ir.Name, ir.Attr, ir.Subscript)) and _EFFORT.of(name(of))


def _is_difference(e: ir.Expr) -> bool:
    if isinstance(e, ir.Call) and _DISTANCE.of(name(e.func)):
        return True  # what a function of that name computes is one
    less = any(isinstance(x, ir.Binary) and x.op == "-" for x in walk(e))
    return less and (has_square(e) or bool(_SIZES & calls_in(e)))


def _way(e: ir.Expr, f: Frame) -> int:
    """The sign of what is positive or negative by more than how it is written."""
    if isinstance(e, ir.Call):
        return 1 if _DISTANCE.of(last(e.func)) else 0
    # No name of a weight counts: a good part of what scales a penalty is kept as a negative number.
    value = f.find(e.name) if isinstance(e, ir.Name) else None
    t = value.terms[0] if isinstance(value, Quantity) and len(value.terms) == 1 else None
    return t.sign if t is not None and t.meaning.kind == "penalty" and t.meaning.is_evidence else 0
