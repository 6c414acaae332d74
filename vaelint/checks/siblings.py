"""Values that must agree and do not: branches that bind one name, returns of one function, overrides of one method."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vaelint.checks.base import Against, Candidate
from vaelint.checks.judgement import as_held, directed, made, of_terms, story, support, what
from vaelint.evidence import BY_STRUCTURE, Confidence
from vaelint.infer.events import Event, Optimised, Overridden, Parted, Scaled
from vaelint.infer.quantities.algebra import overall
from vaelint.infer.values import Quantity
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Sense, family

# Two densities, two divergences, two errors that stand for each other go one way. A score (of a sampled action), a
# similarity, an entropy or a penalty may be raised in one place and lowered in the next on purpose.
_FAMILIES = frozenset({"density", "divergence", "error", "elbo"})
_LOOSE = frozenset({"score", "probability", "log_probability", "distance", "similarity", "log_q"})

# Words, in the condition of a branch, in parameters or in a name, that tell the difference: a sign that is asked for.
_TELLS = Words("tells_sign")
_ESTIMATES = frozenset({"log_density", "score"})


@dataclass(frozen=True, slots=True)
class Sibling:
    quantity: Quantity
    sense: Sense
    owner: str = ""


def compare(events: Sequence[Event]) -> Iterable[Candidate]:
    optimised = [e for e in events if isinstance(e, Optimised)]
    for parted in dict.fromkeys(e for e in events if isinstance(e, Parted)):
        odd = _fallback(parted) or _branch(parted, optimised)
        if odd is not None:
            yield odd
    yield from _overrides([e for e in events if isinstance(e, Overridden)])
    yield from _inverses([e for e in events if isinstance(e, Scaled)])


# --- branches ------------------------------------------------------------------------------------


def _branch(parted: Parted, optimised: Sequence[Optimised]) -> Candidate | None:
    siblings = _comparable([Sibling(q, overall(q).sense) for q in parted.quantities])
    if siblings is None or _TELLS.within(*parted.about):
        return None
    wanted = _used(parted, optimised)
    if wanted is None:
        if _TELLS.of(parted.name):
            return None  # its name says which way it goes: the checks of names judge it
        wanted = _majority(siblings)
    odd = [s for s in siblings if wanted is not None and s.sense is -wanted]
    if len(odd) != 1:
        return None
    others = [s for s in siblings if s is not odd[0]]
    return _report(odd[0], others, f"`{parted.name}`", "the other branch" if len(others) == 1 else "the other branches")


def _used(parted: Parted, optimised: Sequence[Optimised]) -> Sense | None:
    """The sense that the optimiser to which the joined value goes asks of it; None where it is seen nowhere."""
    wanted = {
        e.direction.wants if t.sign * t.grad_sign > 0 else -e.direction.wants
        for e in optimised
        for t in e.quantity.terms
        if t.node == parted.node and e.direction.wants.directed and not (e.inputs or e.meant) and t.live
    }
    return wanted.pop() if len(wanted) == 1 else None


def _fallback(parted: Parted) -> Candidate | None:
    """An entropy on one branch, its estimate from a sample on the other: the estimate is minus the log-probability."""
    if not _ENTROPY.of(parted.name) or len(parted.quantities) != 2 or _NEGATED.within(*parted.about):
        return None
    terms = [q.terms[0] for q in parted.quantities if len(q.terms) == 1]
    entropy = next((i for i, t in enumerate(terms) if t.meaning.kind == "entropy"), None)
    estimate = next((i for i, t in enumerate(terms) if t.meaning.kind in _ESTIMATES), None)
    if entropy is None or estimate is None or terms[entropy].sign != terms[estimate].sign:
        return None
    minus = "minus " if terms[entropy].sign < 0 else ""
    q, sibling = parted.quantities[estimate], parted.quantities[entropy]
    return Candidate(
        "VL203",
        q.origin,
        f"`{parted.name}` is {minus}an entropy on the other branch, and {minus}a "
        "log-probability here: the two have opposite "
        "signs, since an entropy is the mean of minus the log-probability",
        "flip the sign here: an entropy is estimated by minus the log-probability",
        made(q.terms),
        (*story(sibling), (sibling.origin, "the other branch"), *story(q)),
        of_terms(q.terms),
        Against("sibling", of_terms(sibling.terms)),
    )


_NEGATED = Words("turned")


# --- overrides -----------------------------------------------------------------------------------


def _overrides(events: Sequence[Overridden]) -> Iterable[Candidate]:
    """Of methods that share a name and a base class of the project, the one that goes against two or more others."""
    seen: set[int] = set()
    for event in events:
        group = {e.node: e for e in events if e.method == event.method and e.bases & event.bases}
        if event.node in seen or len(group) < 3:
            continue
        seen |= set(group)
        if _OWNERS.any(e.owner for e in group.values()):
            continue
        siblings = _comparable([Sibling(e.quantity, overall(e.quantity).sense, e.owner) for e in group.values()])
        wanted = _majority(siblings) if siblings else None
        odd = [s for s in siblings or () if wanted is not None and s.sense is -wanted]
        if siblings and len(odd) == 1:
            others = [s for s in siblings if s is not odd[0]]
            yield _report(odd[0], others, f"`{odd[0].owner}.{event.method}`", "its siblings")


_ENTROPY = Words("entropy_by_name")
_OWNERS = Words("of_turned")


# --- there and back ------------------------------------------------------------------------------


def _inverses(events: Sequence[Scaled]) -> Iterable[Candidate]:
    """Two ways through one flow, one by ``exp(s)``, one by ``exp(-s)``, whose log-determinants have one sign.

    A flow might return the other way's log-determinant on purpose, and its consumer add it: none that was seen does.
    """
    for i, a in enumerate(events):
        for b in events[i + 1 :]:
            if (a.cls, a.scale) != (b.cls, b.scale) or a.move == b.move or a.sign != b.sign:
                continue
            odd, right = (a, b) if a.sign != a.move else (b, a)
            yield Candidate(
                "VL203",
                odd.node,
                f"`{odd.owner}.{odd.method}` scales by `exp({_minus(odd.move)}{odd.scale})` here, but its "
                f"log-determinant is {_minus(odd.sign) or '+'}`{odd.scale}`, which belongs to the inverse",
                "flip the sign of this log-determinant: those of a map and of its inverse are each other's negation",
                frozenset((odd.node,)),
                ((right.node, f"scaled by `exp({_minus(right.move)}{right.scale})`: this one fits"),),
                BY_STRUCTURE,
                Against("sibling", BY_STRUCTURE),
                Confidence.LIKELY,  # a flow may return that of the other way on purpose
            )


def _minus(sign: int) -> str:
    return "-" if sign < 0 else ""


# --- both ----------------------------------------------------------------------------------------


def _comparable(siblings: list[Sibling]) -> list[Sibling] | None:
    """The siblings if facts give each a sense, all of one family, and they do not agree."""
    kinds = set()
    for s in siblings:
        verdict = overall(s.quantity)
        if not verdict.is_evidence or not verdict.sense.directed:
            return None
        kinds |= {t.meaning.kind for t in directed(s.quantity)}
    families = {family(k) for k in kinds}
    fits = len(families) == 1 and families <= _FAMILIES and not kinds & _LOOSE
    return siblings if fits and len({s.sense for s in siblings}) == 2 else None


def _majority(siblings: list[Sibling]) -> Sense | None:
    """What at least two agree on, against one."""
    up = sum(s.sense is Sense.GAIN for s in siblings)
    down = len(siblings) - up
    return Sense.GAIN if up > 1 == down else Sense.COST if down > 1 == up else None


def _report(odd: Sibling, others: list[Sibling], name: str, whose: str) -> Candidate:
    steps = [
        (s.quantity.origin, f"{s.owner + ': ' if s.owner else ''}{what(s.quantity)}, {_way(s.sense)}") for s in others
    ]
    return Candidate(
        "VL203",
        odd.quantity.origin,
        f"{name} is {_way(odd.sense)} here ({as_held(odd.quantity)}), and {_way(-odd.sense)} in {whose}",
        "flip the sign here, so that all agree",
        made(directed(odd.quantity)),
        (*steps, *story(odd.quantity)),
        support(odd.quantity),
        Against("sibling", of_terms(t for s in others for t in directed(s.quantity))),
        turn="whole",
    )


def _way(sense: Sense) -> str:
    return "a gain ↑" if sense is Sense.GAIN else "a cost ↓"
