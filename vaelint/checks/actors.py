"""An actor's objective: the value of what it does is to go up.

Networks are opaque, so that a value is known by its name or by that of the network it came out of (``q_pi``,
``critic(s, actor(s))``). That is too little anywhere else; in what is called a policy's loss, or moves an actor's
parameters, it is the deterministic policy gradient (Silver et al. 2014), or the soft one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaelint import ir
from vaelint.checks.base import Against, Candidate
from vaelint.checks.judgement import made, story, towards
from vaelint.evidence import BY_NAMES, Confidence
from vaelint.infer.events import Event, Named, Optimised
from vaelint.infer.quantities.policies import is_entropy, is_log_policy, value_sign
from vaelint.infer.values import Quantity, Term
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Sense

_ACTOR = Words("actor")
_CRITIC = Words("critic")
# A critic of what is to be avoided; a margin between values is a matter of its own.
_AVOIDED = Words("avoided")


def reversed_values(events: Sequence[Event], code: str) -> Iterable[Candidate]:
    """Objectives of actors in which the value of the actor's actions goes the wrong way.

    ``code``: VL101 where everything that is known in the objective is turned, VL201 where the value alone is.
    """
    seen: set[frozenset[int]] = set()
    for event in events:
        wants = _wanted(event)
        if wants is None or not isinstance(event, (Named, Optimised)):
            continue
        values = [t for t in event.quantity.terms if t.live and value_sign(t) and not _AVOIDED.within(*_words(t))]
        if not values or {_sense(t) for t in values} != {-wants}:
            continue
        others = [_sense(t) for t in event.quantity.terms if t not in values and _sense(t).directed]
        if (code == "VL101") != all(s is -wants for s in others) or made(values) in seen:
            continue
        if _is_soft_law_broken(event.quantity, values) or _goes_right(events, values):
            continue
        seen.add(made(values))
        yield _candidate(code, event, values, isinstance(event, Optimised) or _is_confirmed(events, event, values))


def in_order(event: Optimised) -> bool:
    """Whether an objective is an actor's, and all that is in it goes the way it should: the value of its actions up."""
    wants = _wanted(event)
    live = [t for t in event.quantity.terms if t.live and t.meaning.sense is not Sense.NONE]
    values = [t for t in live if value_sign(t) and not _AVOIDED.within(*_words(t))]
    return wants is not None and bool(values) and all(_sense(t) is wants for t in live)


def _words(t: Term) -> tuple[ir.Written, ...]:
    return (t.label,) if t.source is None else (t.label, t.source.network)


def _wanted(event: Event) -> Sense | None:
    """Which way an actor's objective is meant to go; None if the event is about none."""
    if isinstance(event, Named):
        about = event.claim.kind == "surrogate" and event.claim.sense is Sense.COST and event.how != "parameter"
        return Sense.COST if about and not _AVOIDED.any((event.name, event.function, event.owner)) else None
    if isinstance(event, Optimised) and event.direction.wants.directed and not event.inputs and not event.meant:
        words = (event.function, *event.mover.names)
        if _ACTOR.any(words) and not _CRITIC.any(words) and not _AVOIDED.any(words):
            return event.direction.wants
    return None


def _sense(t: Term) -> Sense:
    if not t.live:
        return Sense.NONE
    up = (value_sign(t) or t.sign) * t.grad_sign > 0
    if value_sign(t) or is_entropy(t):
        return Sense.GAIN if up else Sense.COST
    if is_log_policy(t):
        return Sense.COST if up else Sense.GAIN
    return t.gradient_sense if t.meaning.is_evidence else Sense.NONE


def _is_soft_law_broken(q: Quantity, values: Sequence[Term]) -> bool:
    """Whether VL401 has it: a tempered log-probability with the sign of the value."""
    signs = {t.sign for t in q.terms if t.meaning.kind == "log_q"}
    return signs == {value_sign(values[0])}


def _goes_right(events: Sequence[Event], values: Sequence[Term]) -> bool:
    """Whether what was named goes the right way where it is optimised (it is negated there, or maximised)."""
    of = made(values)
    for other in events:
        if isinstance(other, Optimised) and other.direction.wants.directed:
            hit = [t for t in other.quantity.terms if t.made in of]
            # A policy's loss that is negated where it is used is not what it is called, and its author knows.
            turned = [t for t in hit if t.meaning.kind == "surrogate" and t.gradient_sense is -other.direction.wants]
            if hit and (turned or all(_sense(t) is other.direction.wants for t in hit)):
                return True
        elif isinstance(other, Named) and _wanted(other) is Sense.COST:
            # Summed first and negated in the next line, which is a policy's loss by its name, too.
            hit = [t for t in other.quantity.terms if t.made in of]
            if hit and all(_sense(t) is Sense.COST for t in hit):
                return True
    return False


def _is_confirmed(events: Sequence[Event], event: Named, values: Sequence[Term]) -> bool:
    """Whether ``q - alpha * log_pi``, which the signs show to be a soft value, is lowered in sight as it was named."""
    if not any(is_log_policy(t) and _sense(t) is Sense.GAIN for t in event.quantity.terms):
        return False
    of = made(values)
    return any(
        isinstance(x, Optimised)
        and x.direction.wants is Sense.COST
        and not x.inputs
        and all(_sense(t) is Sense.GAIN for t in x.quantity.terms if t.live and (t.made in of or is_log_policy(t)))
        and of <= made(x.quantity.terms)
        for x in events
    )


def _candidate(code: str, event: Named | Optimised, values: Sequence[Term], sure: bool) -> Candidate:
    t = values[0]
    if isinstance(event, Named):
        end = f"returned by `{event.name}`" if event.how == "return" else f"bound to `{event.name}`"
    else:
        end = f"optimised here ({event.via})"
    return Candidate(
        code,
        event.node if isinstance(event, Named) or event.quantity.origin < 0 else event.quantity.origin,
        f"`{t.label}` is the value ↑ of the actor's own actions, which should be maximised, but it is minimised here",
        "put a minus in front: an actor's loss is minus the value of its actions",
        made(values),
        story(event.quantity, (event.node, end)),
        BY_NAMES,  # of what is moved and of what it is moved by
        towards(event) if isinstance(event, Optimised) else Against("name"),
        None if sure else Confidence.POSSIBLE,
        optimised=event.node if isinstance(event, Optimised) else -1,
    )
