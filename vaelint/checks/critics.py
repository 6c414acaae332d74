"""Adversarial pairs: what each step does to the score that a critic gives, and whether the steps fit together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vaelint import ir
from vaelint.checks.base import Against, Candidate
from vaelint.evidence import BY_STRUCTURE
from vaelint.infer.events import Event, Optimised
from vaelint.infer.values import Term
from vaelint.knowledge.lexicon import split
from vaelint.sense import Direction


@dataclass(frozen=True, slots=True)
class Push:
    """A step moves the score that a network gives: ``sign`` 1 raises it, -1 lowers it.

    ``learns``: the sign that has it learn the answer that stands there, where that is known.
    """

    network: ir.Written
    generated: bool
    sign: int
    event: Optimised
    term: Term
    learns: int


def _pushes(events: Iterable[Event]) -> list[Push]:
    out = []
    for e in events:
        if not isinstance(e, Optimised) or e.direction is Direction.UNKNOWN or e.step < 0:
            continue
        up = 1 if e.direction is Direction.MAXIMIZE else -1
        for t in e.quantity.terms:
            if t.source is not None and t.live:
                sign = up * t.sign * t.source_sign * t.grad_sign
                out.append(Push(t.source.network, t.source.generated, sign, e, t, t.source.learns))
    return out


_ROLES = ("data", "samples, in the critic's step", "samples, in the generator's step")


def compare(events: Sequence[Event]) -> Iterable[Candidate]:
    pushes = _pushes(events)
    wrong: dict[tuple[ir.Written, int], list[Push]] = {}
    for p in _likelihoods(pushes):
        if _falls(p):
            wrong.setdefault((p.network, p.event.node), []).append(p)
    yield from (_unlearnt(group) for group in wrong.values())
    for groups, signs in _games(pushes):
        if abs(sum(signs)) == 1 and groups[0][0].network not in {network for network, _ in wrong}:
            odd = next(i for i, s in enumerate(signs) if s == -sum(signs))
            yield _report(groups[odd][0], _ROLES[odd], [g[0] for i, g in enumerate(groups) if i != odd])


def agreeing(events: Sequence[Event]) -> frozenset[tuple[int, ir.Written]]:
    """The steps of games whose signs fit together: the node of the objective with the label of the score."""
    pushes = _pushes(events)
    fit = [p for groups, signs in _games(pushes) if abs(sum(signs)) == 3 for group in groups for p in group]
    return frozenset((p.event.node, p.term.label) for p in (*fit, *_likelihoods(pushes)) if p in fit or not _falls(p))


# --- a critic's own log-likelihood -----------------------------------------------------------------


def _likelihoods(pushes: list[Push]) -> list[Push]:
    """log D(x) and log(1 - D(y)) in a step that moves D alone, or a loss of such a pair of answers.

    Only a probability has both logarithms. Whichever answer stands for data, D learns both (Goodfellow et al. 2014,
    eq. 1); what its opponent does with one of them is its own affair.
    """
    out: list[Push] = []
    steps: dict[tuple[ir.Written, int], list[Push]] = {}
    for p in pushes:
        if p.learns:
            steps.setdefault((p.network, p.event.step), []).append(p)
    for (network, _), mine in steps.items():
        both = {p.learns for p in mine} == {1, -1}
        if both and all(_moves_alone(p.event, network) and not p.event.inputs for p in mine):
            out += mine
    return out


def _moves_alone(event: Optimised, network: ir.Written) -> bool:
    """Whether a step moves a network and nothing else: by what its optimiser was given, else by its name."""
    own = ir.render(ir.without_self(network.expr)) if network.expr is not None else network
    if event.mover.networks:
        return event.mover.networks == [own]
    words = {w for x in event.mover.names for w in split(x)}
    return bool(words & _OPTIMISERS) and words - _OPTIMISERS == {w for x in ir.names_in(own.expr) for w in split(x)}


_OPTIMISERS = frozenset(("opt", "optim", "optimizer", "optimiser", "solver", "self"))


def _falls(p: Push) -> bool:
    return p.sign * p.learns < 0


def _unlearnt(group: list[Push]) -> Candidate:
    to = " and to ".join(dict.fromkeys("samples" if p.generated else "data" for p in group))
    return _candidate(
        group,
        f"the sign is wrong in `{group[0].network}`'s own step: it makes the right answer to {to} less likely",
        "flip the sign: maximise a log-likelihood of its answers, or minimise a loss of them",
    )


# --- three steps ----------------------------------------------------------------------------------


def _games(pushes: list[Push]) -> Iterable[tuple[tuple[list[Push], list[Push], list[Push]], tuple[int, int, int]]]:
    """What the steps do to a critic's scores: of data, of samples in its own step, of samples in the generator's step.

    With the signs of the three, turned so that a game in order has three of one sign.
    """
    for network in dict.fromkeys(p.network for p in pushes):
        mine = [p for p in pushes if p.network == network]
        critic_steps = {p.event.step for p in mine if not p.generated}
        data = [p for p in mine if not p.generated]
        samples = [p for p in mine if p.generated and p.event.step in critic_steps]
        generator = [p for p in mine if p.generated and p.event.step not in critic_steps]
        if _agree(data) and _agree(samples) and _agree(generator):  # else a role is missing, or plays both ways
            yield (data, samples, generator), (data[0].sign, -samples[0].sign, generator[0].sign)


def _agree(pushes: list[Push]) -> bool:
    return bool(pushes) and len({p.sign for p in pushes}) == 1


def _verb(p: Push) -> str:
    return "raises" if p.sign > 0 else "lowers"


def _report(odd: Push, role: str, others: list[Push]) -> Candidate:
    this = f"this step {_verb(odd)} `{odd.network}`'s score of {role}"
    return _candidate(
        [odd],
        f"{this}: the signs of the other two steps of the game say the opposite",
        "flip the sign of this loss",
        others,
    )


def _candidate(wrong: Sequence[Push], message: str, edit: str, others: Sequence[Push] = ()) -> Candidate:
    """What is ``wrong`` of one step, in sight of what ``others`` do."""
    event = wrong[0].event
    steps = [(p.event.node, f"this step {_verb(p)} the score of `{p.term.label}`") for p in (*others, *wrong)]
    return Candidate(
        "VL203",
        event.node if event.explicit or event.quantity.origin < 0 else event.quantity.origin,
        message,
        edit,
        frozenset(p.term.made for p in wrong),
        tuple(steps),
        BY_STRUCTURE,
        Against("sibling", BY_STRUCTURE),
        optimised=event.node,
    )
