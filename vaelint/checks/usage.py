"""Is a hand-written formula that contradicts its name used for what it is, or for what it is called?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaelint.checks.games import speaks_of_games
from vaelint.checks.judgement import directed, made
from vaelint.infer.events import Event, Named, Optimised, Summed
from vaelint.infer.quantities.algebra import ESTIMATES, overall
from vaelint.infer.values import Quantity, Term
from vaelint.sense import Direction, Sense

ENTROPIES = frozenset({"entropy", "marginal_entropy"})
FORMULAS = frozenset(
    {
        "kl",
        "log_density",
        "nll",
        "cross_entropy",
        "likelihood",
        "partial_likelihood",
        "elbo",
        "mutual_information",
    }
)
_PLAIN = frozenset({"", "cross_entropy"})  # kinds of names of losses that need not be technical terms
# What everybody negates to have a loss: a minus in front says nothing of what the author takes it for.
_NEGATED_AS_A_HABIT = frozenset({"log_density", "likelihood", "elbo", "mutual_information", "entropy"})


def contradicts(event: Named) -> bool:
    """Whether the name holds a formula that goes against it."""
    q, claim = event.quantity, event.claim
    if claim.kind == "entropy":
        return len(q.terms) == 1 and _entropy_sign(q.terms[0]) < 0
    terms = directed(q)
    technical = (claim.strong or claim.kind == "mutual_information") and claim.kind in FORMULAS
    if not technical and not (claim.sense is Sense.COST and claim.kind in _PLAIN and defines_a_loss(event)):
        return False
    if not terms or not all(t.formula and t.live and t.meaning.kind in FORMULAS for t in terms):
        return False
    verdict = overall(q)
    return claim.sense.directed and verdict.sense is -claim.sense and verdict.is_evidence


def _entropy_sign(t: Term) -> int:
    """1 of an entropy, -1 of minus one, 0 of anything else: a log-density at its own draws is minus its entropy."""
    if t.meaning.kind in ENTROPIES:
        return t.sign
    return -t.sign if t.meaning.kind in ESTIMATES and t.meaning.is_evidence else 0


def defines_a_loss(event: Named) -> bool:
    """Whether a plain "loss" is the name of the function or class that computes it, for others to minimise."""
    return event.how == "return" and not speaks_of_games(event.function, event.owner, event.name)


def parts(event: Named) -> list[Term]:
    """The terms that contradict the name."""
    return list(event.quantity.terms) if event.claim.kind == "entropy" else directed(event.quantity)


def is_made_up_for(event: Named, events: Sequence[Event]) -> bool:
    """Whether the value is used for what it is: negated beside terms that agree with it, named or optimised so."""
    return any(_fits(event, other, hit) for other, hit in _uses(event, events))


def is_relied_on(event: Named, events: Sequence[Event]) -> bool:
    """Whether the value leaves under its name: returned by a function called so, or a term of a sum as it is."""
    if event.how == "return":
        return True
    own = {t.sign for t in parts(event)}
    for other, hit in _uses(event, events):
        as_it_is = bool({t.sign for t in hit} & own)
        if isinstance(other, (Summed, Optimised)) and len(other.quantity.terms) > 1:
            if as_it_is or event.claim.kind == "entropy":
                return True
        if isinstance(other, Named) and other.how == "return" and as_it_is and contradicts(other):
            return True
    return False


def returns_the_negation(event: Named, events: Sequence[Event]) -> bool:
    """Whether a function called log-likelihood makes one by its formula, calls it so, and returns its negation.

    Then the formula is right and the name of the function is not, even where whoever calls it minimises.
    """
    if event.how != "return" or event.claim.kind != "log_density" or not contradicts(event):
        return False
    return any(
        isinstance(other, Named)
        and other.how not in ("return", "parameter")
        and other.function == event.function
        and other.claim.sense is event.claim.sense
        and {t.value_sense for t in hit} == {event.claim.sense}
        for other, hit in _uses(event, events)
    )


Use = Summed | Optimised | Named


def _uses(event: Named, events: Sequence[Event]) -> Iterable[tuple[Use, list[Term]]]:
    """Where else the terms appear, and those of them that do."""
    of = made(parts(event))
    for other in events:
        if isinstance(other, (Optimised, Summed, Named)) and other.node not in of:
            hit = [t for t in other.quantity.terms if t.made in of]
            if hit:
                yield other, hit


def _fits(event: Named, other: Use, hit: list[Term]) -> bool:
    if event.claim.kind == "entropy":
        return _is_bonus(other, hit)
    senses = {t.value_sense for t in hit}
    if isinstance(other, Optimised):
        return other.direction.wants.directed and senses == {other.direction.wants}
    if isinstance(other, Named):
        return other.name != event.name and senses == {other.claim.sense}
    if {t.sign for t in hit} & {t.sign for t in parts(event)}:
        return False
    beside = _beside(other.quantity, hit)
    if beside:
        return beside == senses
    habit = event.how == "return" and event.claim.kind in _NEGATED_AS_A_HABIT
    return not habit and (len(other.quantity.terms) == 1 or event.how != "return")


def _is_bonus(other: Use, hit: list[Term]) -> bool:
    """Whether minus an entropy is used as such: added to a cost, subtracted from a gain, negated alone."""
    sign = _entropy_sign(hit[0])
    if isinstance(other, Optimised):
        return other.direction is (Direction.MINIMIZE if sign < 0 else Direction.MAXIMIZE)
    beside = _beside(other.quantity, hit)
    if not beside:
        return len(other.quantity.terms) == 1 and sign > 0
    return beside == {Sense.COST if sign < 0 else Sense.GAIN}


def _beside(q: Quantity, hit: list[Term]) -> set[Sense]:
    return {t.value_sense for t in q.terms if t not in hit and t.value_sense.directed}
