"""## What it does
Reports terms of one objective that pull in opposite directions: a reconstruction loss minus a KL divergence, a
log-likelihood plus a KL divergence, an entropy bonus added to a policy loss. One sum that is written twice under one
name, with the sign of a term turned in one of the two, as well: alone it may be a contrast. The size of all weights,
or of a critic's gradient, that is taken off what is lowered: nothing bounds it.

## Why is this bad?
One of the terms is optimised the wrong way: a KL that is subtracted from a loss grows without bound, an entropy that
is added to a minimised loss is destroyed instead of kept.

## Example
```python
loss = F.mse_loss(decoder(z), x) - kl_divergence(q, p).mean()
```

## Use instead
```python
loss = F.mse_loss(decoder(z), x) + kl_divergence(q, p).mean()
```

## Known limitations
Two terms of one kind with opposed signs are a contrast (a ratio, a margin, a baseline) and are never reported. Only
pairs that belong together in an ELBO or an actor-critic objective are compared; see `OPPOSABLE` in `vaelint/sense.py`.
A policy's surrogate is held against what is added to it even where no optimiser is in sight. A loss that is taken off
another counts by its name where nothing else is known: it may be a gain under a loss's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaelint.checks.base import Against, Candidate, Check, Saying, Step
from vaelint.checks.claims import worded
from vaelint.checks.games import Players, Steps, by_step, is_game, is_other_players, is_played_both_ways, of_the_world
from vaelint.checks.objective import ending, is_statistic, made, of_terms, reversed_values
from vaelint.evidence import Support
from vaelint.infer.events import Beside, Event, Named, Optimised, Worded
from vaelint.infer.quantities.policies import is_entropy
from vaelint.infer.quantities.volumes import are_of_one
from vaelint.infer.values import Quantity, Term
from vaelint.sense import Direction, Sense, must_agree, noun


def decide(event: Event) -> Iterable[Candidate]:
    if isinstance(event, Optimised) and not event.inputs:
        yield from _entropies(event.quantity, event.node)


def compare(events: Sequence[Event]) -> Iterable[Candidate]:
    worlds = of_the_world(events)
    return [c for c in _compared(events) if not (c.made and c.made <= worlds)]


def _compared(events: Sequence[Event]) -> Iterable[Candidate]:
    optimised = {
        made(e.quantity.terms)
        for e in events
        if isinstance(e, Optimised) and e.direction.wants.directed and not e.inputs
    }
    steps, mended, players = by_step(events), _called_losses(events), Players(events)
    for event in events:
        if isinstance(event, (Optimised, Named)) and is_statistic(event):
            continue
        if isinstance(event, Optimised) and event.direction.wants.directed and not event.inputs:
            end = "minimised here" if event.direction is Direction.MINIMIZE else "maximised here"
            yield from _sizes(event, end, steps)
            yield from _opposed(event.quantity, event.direction.wants, event.node, end, steps, mended)
        elif isinstance(event, Named) and event.claim.sense.directed and not _is_optimised(event, optimised):
            yield from _opposed(event.quantity, event.claim.sense, event.node, ending(event), steps, mended)
        elif isinstance(event, Worded) and not (
            is_played_both_ways(event.made, steps) or _is_played(event, events, players)
        ):
            yield from worded(event, "VL201")
    yield from reversed_values(events, "VL201")
    yield from opposed_companions(events)
    yield from opposed_twins(events)


def _is_played(event: Worded, events: Sequence[Event], players: Players) -> bool:
    """Whether an objective that takes a loss off is one side of a game."""
    objectives = (e for e in events if isinstance(e, Optimised) and event.made & made(e.quantity.terms))
    return any(is_game(e, players) for e in objectives)


def _is_optimised(named: Named, optimised: Iterable[frozenset[int]]) -> bool:
    """Whether the sum that a name holds reaches an optimiser, which then says which of two terms is wrong."""
    held = made(named.quantity.terms)
    return len(held) > 1 and any(held <= terms for terms in optimised)


def _entropies(q: Quantity, node: int) -> Iterable[Candidate]:
    """The mean entropy of predictions and the entropy of their mean are wanted opposite ways, whichever way that is.

    Their difference is the mutual information of inputs and codes (information maximisation); their sum is nothing.
    """
    by_kind: dict[str, list[Term]] = {"entropy": [], "marginal_entropy": []}
    for t in q.terms:
        if t.live and t.meaning.kind in by_kind and t.meaning.is_evidence:
            by_kind[t.meaning.kind].append(t)
    for marginal in by_kind["marginal_entropy"]:
        for each in by_kind["entropy"]:
            if marginal.sign == each.sign and len(by_kind["entropy"]) == len(by_kind["marginal_entropy"]) == 1:
                yield _opposed_to(_ENTROPIES, marginal, each, marginal.node, (node, "optimised here"), optimised=node)


def _sense(t: Term) -> Sense:
    """The sense a term has in an objective: an entropy beside a policy's surrogate is a bonus, wanted up."""
    if t.meaning.sense is Sense.UNKNOWN and is_entropy(t):
        return Sense.GAIN if t.sign > 0 else Sense.COST
    return t.gradient_sense


def _solid(t: Term) -> bool:
    """A fact, or the claim of a policy loss: its name is a technical term of its field."""
    return t.meaning.is_evidence or t.meaning.kind == "surrogate" or _by_its_name(t)


def _by_its_name(t: Term) -> bool:
    """An entropy or a divergence that only its name tells: wrong where it stands beside a surrogate that is a fact."""
    return not t.meaning.is_evidence and (t.meaning.kind == "kl" or is_entropy(t))


def _kind(t: Term) -> str:
    return "entropy" if is_entropy(t) else "decay" if t.size_of == "parameters" else t.meaning.kind


def _called_losses(events: Sequence[Event]) -> frozenset[int]:
    """Surrogates without their minus under the name of a loss: reported alone, and held to be mended for the others."""
    held = (e.quantity.terms for e in events if isinstance(e, Named) and e.claim.sense is Sense.COST)
    return frozenset(
        t.made for terms in held if len(terms) == 1 for t in terms if _is_surrogate(t) and t.value_sense is Sense.GAIN
    )


def _opposed(
    q: Quantity, wants: Sense, node: int, end: str, played: Steps, mended: frozenset[int]
) -> Iterable[Candidate]:
    terms = [t for t in q.terms if t.live and _solid(t) and _sense(t).directed]
    reported: set[int] = set()
    places: set[int] = set()  # of the signs that are wrong: one minus before a sum is one mistake
    for wrong in terms:
        if wrong.node in places:
            continue
        if _sense(wrong) is wants or wrong.made in reported or not (wrong.meaning.is_evidence or _by_its_name(wrong)):
            continue
        for other in terms:
            right = _sense(other) is wants or (other.made in mended and is_entropy(wrong) and wants is Sense.COST)
            if not right or not must_agree(_kind(wrong), _kind(other)) or not are_of_one(wrong, other):
                continue
            if _by_its_name(other) or (_by_its_name(wrong) and not _is_surrogate(other)):
                continue
            if _balanced(wrong, terms) or is_other_players(wrong) or is_played_both_ways(made([wrong]), played):
                continue  # a contrast of its own (a KL between two KLs, a target): not one term of the objective
            reported.add(wrong.made)
            places.add(wrong.node)
            yield _opposed_to(_TERMS[wants], wrong, other, wrong.node, (node, end), optimised=node)
            break


def _sizes(event: Optimised, end: str, played: Steps) -> Iterable[Candidate]:
    """A size of the weights, or of a critic's gradient, that the optimiser makes grow: the objective has no bound.

    Alone, it may be what is wanted.
    """
    live = [t for t in event.quantity.terms if t.live]
    for t in live if len(live) > 1 else ():
        wrong = t.size_of and t.meaning.is_evidence and t.gradient_sense is -event.direction.wants
        if (
            wrong
            and event.direction_basis.is_fact
            and not (is_other_players(t) or is_played_both_ways(made([t]), played))
        ):
            steps = [*(t.trace.steps() if t.trace else ()), (event.node, end)]
            shown = tuple(s for s in steps if s[0] >= 0)
            gaps = {"wrong": t.label, "size": _SIZES[t.size_of]}
            against = Against("direction", Support(event.direction_basis))
            yield _SIZE.of(t.node, made([t]), shown, of_terms([t]), gaps, against=against, optimised=event.node)


_SIZES = {"parameters": "the parameters", "gradient": "a gradient"}
_SIZE = Saying(
    "VL201",
    "`{wrong}` is the size of {size}, a penalty, and has the wrong sign: the optimiser makes it grow",
    "flip the sign of `{wrong}`",
    turn="flip",
)
_ENTROPIES = Saying(
    "VL201",
    "`{wrong}` is the entropy of a mean and `{other}` a mean entropy: one should go up and the other down, but both "
    "have the same sign here",
    "flip the sign of `{wrong}` (or of `{other}`)",
    turn="flip",
)
_AGAINST = "`{{wrong}}` ({{kind}}) has the wrong sign: it works against `{{other}}` in an objective that should go {}"
_TERMS = {
    wants: Saying("VL201", _AGAINST.format(wants.arrow), "flip the sign of `{wrong}`", turn="flip")
    for wants in (Sense.GAIN, Sense.COST)
}


def _opposed_to(saying: Saying, wrong: Term, other: Term, node: int, end: Step, optimised: int = -1) -> Candidate:
    """A term that pulls against another of the same sum."""
    steps = [s for t in (wrong, other) for s in (t.trace.steps() if t.trace else ()) if s[0] >= 0]
    gaps = {"wrong": wrong.label, "other": other.label, "kind": noun(_kind(wrong))}
    against = Against("term", of_terms([other]))
    steps = [*dict.fromkeys(steps), end] if optimised >= 0 else [end]
    return saying.of(node, made([wrong]), tuple(steps), of_terms([wrong]), gaps, against=against, optimised=optimised)


def _is_surrogate(t: Term) -> bool:
    return t.meaning.kind == "surrogate" and t.meaning.is_evidence


def _balanced(t: Term, terms: list[Term]) -> bool:
    return any(o is not t and o.meaning.kind == t.meaning.kind and _sense(o) is -_sense(t) for o in terms)


# --- one sum, written twice ----------------------------------------------------------------------------


_TWINS = Saying(
    "VL201",
    "`{name}` is a sum of the same terms elsewhere in this file, but there the {kind} has the other sign, so that all "
    "of them go one way",
    "flip the sign of the {kind} in this sum",
)


def opposed_twins(events: Sequence[Event]) -> Iterable[Candidate]:
    """One name for sums of the same values, in one of which all go the way that the name says, and in another not.

    A log-likelihood beside minus a log-prior is a contrast, which may well be meant; not where its twin adds the two.
    """
    right: dict[tuple[str, frozenset[tuple[int, Sense]]], Named] = {}
    wrong: list[tuple[Named, list[Term]]] = []
    for event in events:
        terms = event.quantity.terms if isinstance(event, Named) and event.claim.sense.directed else ()
        if not isinstance(event, Named) or len(made(terms)) < 2 or not all(map(_is_known, terms)):
            continue
        turned = [t for t in terms if t.value_sense is not event.claim.sense]
        if not turned:
            right.setdefault((event.name, _summed(terms)), event)
        elif len(turned) < len(terms):
            wrong.append((event, turned))
    for event, turned in wrong:
        twin = right.get((event.name, _summed(event.quantity.terms)))
        if twin is not None and twin.node != event.node:  # what one place holds in two contexts is no twin
            gaps = {"name": event.name, "kind": noun(_kind(turned[0]))}
            steps = ((twin.node, "the sum in which all terms go one way"), (event.node, f"bound to `{event.name}`"))
            against = Against("sibling", of_terms(twin.quantity.terms))
            yield _TWINS.of(event.node, made(turned), steps, of_terms(turned), gaps, against=against)


def _summed(terms: Iterable[Term]) -> frozenset[tuple[int, Sense]]:
    """What is summed, whatever the signs."""
    return frozenset((t.made, t.meaning.sense) for t in terms)


def _is_known(t: Term) -> bool:
    return t.meaning.is_evidence and t.meaning.sense.directed and t.live


# --- a policy's surrogate and what is added to it ------------------------------------------------------

# Sums of a policy's surrogate with an entropy, a divergence or an error of the wrong sign, wherever they lead.
#
# Where an optimiser is in sight it says which of the two is wrong; else the one that may be meant otherwise is: an
# entropy or a divergence beside a surrogate, but a surrogate beside an error.


_COMPANIONS = Saying(
    "VL201",
    "`{wrong}` ({kind}) has the wrong sign beside `{other}`: one of the two is maximised and the other minimised",
    "flip the sign of `{wrong}`",
    turn="flip",
)


def opposed_companions(events: Sequence[Event]) -> Iterable[Candidate]:
    """One finding for each surrogate or companion whose sign is turned."""
    beside = [e for e in events if isinstance(e, Beside)]
    errors = {t for e in beside if e.other.meaning.kind == "error" for t in made([e.surrogate])}
    for event in beside:
        if is_entropy(event.other) and made([event.surrogate]) & errors:
            continue  # it pulls with the error: the surrogate is the one that is turned, and is told beside that
        wrong, other = _blamed(event, events)
        at = wrong.node if wrong.node >= 0 else event.node
        yield _opposed_to(_COMPANIONS, wrong, other, at, (event.node, "both stand in this sum"))


def _blamed(event: Beside, events: Sequence[Event]) -> tuple[Term, Term]:
    """The term that is wrong, and the one that it pulls against."""
    of = made([event.surrogate])
    for other in events:
        if isinstance(other, Optimised) and other.direction.wants.directed:
            for t in other.quantity.terms:
                if t.made in of and t.gradient_sense.directed:
                    right = t.gradient_sense is other.direction.wants
                    return (event.other, event.surrogate) if right else (event.surrogate, event.other)
    if event.other.meaning.kind == "error":
        return event.surrogate, event.other
    return event.other, event.surrogate


CHECK = Check(
    "VL201",
    "mixed-signs",
    "one objective adds terms of opposed sense",
    __doc__,
    decide,
    bad=(
        """\
import torch
import torch.nn.functional as F
from torch.distributions import kl_divergence

def train(model, x, prior, optimizer):
    q, x_hat = model(x)
    recon = F.mse_loss(x_hat, x)
    loss = recon - kl_divergence(q, prior).mean()  # expect: VL201
    loss.backward()
    optimizer.step()
""",
    ),
    good=(
        """\
import torch
import torch.nn.functional as F
from torch.distributions import kl_divergence

def train(model, x, prior, optimizer):
    q, x_hat = model(x)
    loss = F.mse_loss(x_hat, x) + kl_divergence(q, prior).mean()
    loss.backward()
    optimizer.step()
""",
    ),
    compare=compare,
)
