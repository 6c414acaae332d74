"""A multiplier's objective: it is to rise while what it weighs is too high.

The Lagrangian of ``min f subject to c <= d`` is ``f + alpha * (c - d)``, lowered in the parameters and raised in
``alpha >= 0`` (Boyd & Vandenberghe 2004, section 5.4.2): a minimiser that moves the multiplier alone is handed
``-alpha * (c - d)``. That it goes the way it should shows in one of two ways:

- *the saddle point*: what the multiplier raises another optimiser of the same file lowers, term by term;
- *the constraint*: what is to go down has a minus in front of it, and the threshold it is held against a plus.

The temperature of a soft policy, ``-log_alpha * (log_pi + target_entropy)`` (Haarnoja et al. 2018b, eq. 18), is a
multiplier as well; ``infer/quantities/policies.py`` knows it by its factors.
"""

from __future__ import annotations

from collections.abc import Sequence

from vaelint import ir
from vaelint.infer.events import Event, Optimised
from vaelint.infer.values import Term
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Direction, Sense

# The optimiser by its own name, or by the only thing that it was given.
_OPTIMISERS = Words("dual_optimiser")
_MULTIPLIERS = Words("multiplier")
_WEIGHED = Words("weighed_cost")
_THRESHOLDS = Words("threshold")


def in_order(event: Optimised, events: Sequence[Event]) -> bool:
    """Whether an optimiser of a multiplier, and of nothing else, raises it by what is above its threshold."""
    if not event.direction.wants.directed or event.inputs:
        return False
    # What it moves is in sight; else its name says.
    mover = event.mover
    if not (_OPTIMISERS.any(mover.names) if mover.of is None else _MULTIPLIERS.of(mover.alone)):
        return False
    return _is_saddle(event, events) or _is_constraint(event)


def _signs(event: Optimised) -> dict[int, int]:
    """The sign of the slope of each term, by where it was made; positive is what the optimiser lowers."""
    down = 1 if event.direction is Direction.MINIMIZE else -1
    return {t.made: t.sign * t.grad_sign * down for t in event.quantity.terms if t.made >= 0}


def _is_saddle(event: Optimised, events: Sequence[Event]) -> bool:
    """Whether all that the multiplier raises is lowered by another optimiser, as terms of what it is handed."""
    mine = _signs(event)
    if not mine or len(mine) != len(event.quantity.terms):
        return False
    for other in events:
        if (
            isinstance(other, Optimised)
            and other.mover
            and other.mover != event.mover
            and other.direction.wants.directed
        ):
            theirs = _signs(other)
            if all(theirs.get(made) == -sign for made, sign in mine.items()):
                return True
    return False


def _is_constraint(event: Optimised) -> bool:
    """Whether it is a cost less its threshold, negated: a threshold alone, or a cost by its name alone, is none.

    A threshold within what is weighed counts as well (``violation_loss = lam * (excess - threshold)``).
    """
    up = -1 if event.direction is Direction.MINIMIZE else 1  # the sign that raises the multiplier
    terms = event.quantity.terms
    held = [t for t in terms if _THRESHOLDS.within(t.label)]
    weighed = [t for t in terms if t not in held]
    if not weighed or not all(_is_cost(t) and t.sign * t.grad_sign == up for t in weighed):
        return False
    proved = all(t.meaning.sense is Sense.COST and t.meaning.is_evidence for t in weighed)
    threshold = held or _THRESHOLDS.within(*(r for r in event.quantity.roots if isinstance(r, ir.Written)))
    return bool(threshold or proved) and all(t.sign * t.grad_sign == -up for t in held)


def _is_cost(t: Term) -> bool:
    if t.meaning.sense.directed and t.meaning.is_evidence:
        return t.meaning.sense is Sense.COST
    return t.meaning.sense is not Sense.GAIN and _WEIGHED.within(t.label)
