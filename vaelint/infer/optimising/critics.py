"""Critics by what they learn: a network that is fitted to what rises with the reward says what an action is worth.

What an actor raises may be called anything: where the same network's answer is held against a target that a reward is
added in, and the error between them is lowered, it is the value of what the actor does (Sutton & Barto 2018, ch. 13).
"""

from __future__ import annotations

from collections.abc import Sequence

from vaelint import ir
from vaelint.infer.events import Compared, Event, Optimised
from vaelint.infer.quantities import policies
from vaelint.infer.seen import CallReached, SumComputed, View, observes
from vaelint.infer.values import Quantity, Term
from vaelint.sense import Direction, Sense


@observes(SumComputed)
def subtracted(view: View, seen: SumComputed) -> None:
    """``q - target``: what becomes of the difference, an objective tells."""
    if seen.minus:
        _compare(view, seen.left, seen.right, seen.out.key, seen.node)
        _compare(view, seen.right, seen.left, seen.out.key, seen.node)


@observes(CallReached)
def passed(view: View, seen: CallReached) -> None:
    """``mse_loss(q, target)``, of whatever library."""
    two = [a.value for a in seen.args.given[:2] if isinstance(a.value, Quantity)]
    if len(two) == 2:
        _compare(view, two[0], two[1], seen.e.id, seen.e.id)
        _compare(view, two[1], two[0], seen.e.id, seen.e.id)


def _compare(view: View, answer: Quantity, target: Quantity, key: int, node: int) -> None:
    source = answer.terms[0].source if len(answer.terms) == 1 else None
    if source is not None and policies.paid(target):
        view.emit(Compared(source.network, key, node))


def fitted(events: Sequence[Event]) -> frozenset[ir.Written]:
    """The networks whose error against such a target an optimiser lowers."""
    compared: dict[int, ir.Written] = {e.key: e.network for e in events if isinstance(e, Compared)}
    if not compared:
        return frozenset()
    lowered = (
        t
        for e in events
        if isinstance(e, Optimised) and e.direction.wants is Sense.COST
        for t in e.quantity.terms
        if t.meaning.kind in ("error", "penalty") and t.gradient_sense is Sense.COST
    )
    return frozenset(compared[key] for t in lowered for key in (t.over | {t.made}) & compared.keys())


def are_raised(event: Optimised, networks: frozenset[ir.Written]) -> bool:
    """Whether an objective raises what such networks answer, and what else is in it goes, for a fact, as it should."""
    up = -1 if event.direction is Direction.MINIMIZE else 1
    live = [t for t in event.quantity.terms if t.live and t.meaning.sense is not Sense.NONE]
    values = [t for t in live if _answers(t, networks)]
    if not values or not event.direction.wants.directed or not event.direction_basis.is_fact or event.inputs:
        return False
    if not all(t.sign * t.source_sign * t.grad_sign == up for t in values):
        return False
    return all(t in values or (t.meaning.basis.is_fact and t.gradient_sense is event.direction.wants) for t in live)


def _answers(t: Term, networks: frozenset[ir.Written]) -> bool:
    return t.source is not None and t.source.network in networks and not t.meaning.basis.is_fact
