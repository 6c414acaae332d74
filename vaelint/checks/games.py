"""Where a loss is raised on purpose: by what is moved, and by whom, before any word is heard.

A game has two players: what one optimiser raises another lowers, in other parameters. A multiplier is raised against
what the parameters lower. An attack moves an input. Words decide only what structure leaves open:

- words of *intent* (unlearning, attacks, ascent) say what a lone optimiser is for, and count wherever they are spoken;
- words of *players* (generator, critic, domain) name one side of a game, and count only where a second side may be:
  a file whose every objective moves the parameters of one optimiser has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from vaelint import ir
from vaelint.evidence import Context
from vaelint.infer.events import Event, Mover, Optimised
from vaelint.infer.expression import unsigned
from vaelint.infer.values import Term
from vaelint.knowledge.lexicon import split
from vaelint.knowledge.vocabulary import Words
from vaelint.records import record
from vaelint.sense import Direction, Sense

_INTENT = Words("intent")
_PLAYERS = Words("player")

# What is raised where a constraint is violated: the only thing that its optimiser was given.
_MULTIPLIERS = Words("dual_variable")


def speaks_of_games(*words: str) -> bool:
    return _INTENT.any(words) or _PLAYERS.any(words)


class Players:
    """Which optimisers the objectives of a file have, and what each lowers or raises."""

    def __init__(self, events: Sequence[Event]) -> None:
        optimised = [e for e in events if isinstance(e, Optimised)]
        self._movers = {e.mover for e in optimised if not e.inputs}
        self._moved: dict[_Side, set[Mover]] = {}
        for e in optimised:
            for side in _sides(e, -1) if e.mover else ():
                self._moved.setdefault(side, set()).add(e.mover)

    def opposes(self, event: Optimised) -> bool:
        """Whether another optimiser lowers the same loss of the same network."""
        mine = (side for side in _sides(event, 1) if side.network)
        return any(self._moved.get(side, set()) - {event.mover} for side in mine)

    def are_one(self, event: Optimised) -> bool:
        """Whether every objective of the file is that of one known optimiser, so that there is no second player."""
        return self._movers == {event.mover} and bool(event.mover)


class _Side(NamedTuple):
    network: ir.Written
    kind: str
    sense: Sense
    direction: Direction


def _sides(event: Optimised, sign: int) -> Iterator[_Side]:
    """What an optimiser makes of the losses of networks; with ``sign`` -1, what one does that goes against it."""
    for t in event.quantity.terms:
        yield _Side(_call(t), t.meaning.kind, t.gradient_sense if sign > 0 else -t.gradient_sense, event.direction)


def is_game(event: Optimised, players: Players) -> bool:
    """Whether ``event`` raises a loss as one side of a game, or may, as far as its file shows."""
    if all(t.meaning.kind == "temperature" for t in event.quantity.terms if t.meaning.sense.directed):
        return False  # what a temperature is moved by is fixed, multiplier or not
    if event.inputs or _MULTIPLIERS.of(event.mover.alone) or players.opposes(event):
        return True
    labels = (event.quantity.label, *(t.label for t in event.quantity.terms))
    if _INTENT.of(event.function) or _INTENT.within(*labels):
        return True
    return (_PLAYERS.of(event.function) or _PLAYERS.within(*labels)) and not players.are_one(event)


_DISCRIMINATORS = Words("discriminator")
_OF_A_PLAYER = frozenset({"", "error", "cross_entropy", "nll"})  # what a classifier is trained by


def is_other_players(t: Term) -> bool:
    """Whether a term that an objective takes off is, by its name, another player's to lower."""
    return t.meaning.kind in _OF_A_PLAYER and t.sign < 0 and _DISCRIMINATORS.within(t.label)


_WORLDS = Words("world")


def of_the_world(events: Sequence[Event]) -> frozenset[int]:
    """The surrogates (by where they are made) by which a model of the environment is moved, and no policy.

    Its own moves, scored by the advantage of what follows, are made worse for the policy on purpose where that is to be
    robust (Rigter et al. 2022, RAMBO-RL, eq. 8), and better where it explores.
    """
    moved = [e for e in events if isinstance(e, Optimised) and _WORLDS.any(e.mover.names)]
    return frozenset(t.made for e in moved for t in e.quantity.terms if t.meaning.kind == "surrogate")


Steps = list[list[Optimised]]  # for each step that is taken, what it optimises, where that is more than one thing
MOST_OF_A_STEP = 64  # more objectives of one step are no game of two sides


def by_step(events: Sequence[Event]) -> Steps:
    """What is optimised together, one way.

    What is known here in one context, and claimed there in another, is no game: one run plays both sides.
    """
    steps: dict[tuple[int, Direction, Context], list[Optimised]] = {}
    for e in events:
        if isinstance(e, Optimised) and e.step >= 0:
            steps.setdefault((e.step, e.direction, e.context), []).append(e)
    return [together for together in steps.values() if 1 < len(together) <= MOST_OF_A_STEP]


def is_played_both_ways(made: frozenset[int], steps: Steps) -> bool:
    """Whether one step backpropagates both ``a - b`` and ``a + b``, and so plays both sides of a game by itself."""
    for together in steps:
        signed = [(signs, e) for e in together if len(signs := _signs(e, made)) == 1]
        for (mine, e), (theirs, other) in combinations(signed, 2):
            shared = {t.made for t in e.quantity.terms} & {t.made for t in other.quantity.terms} - made
            if shared and mine == {-s for s in theirs}:
                return True
    return False


def _signs(event: Optimised, made: frozenset[int]) -> set[int]:
    return {t.sign * t.grad_sign for t in event.quantity.terms if t.made in made}


def _call(t: Term) -> ir.Written:
    if t.source is not None:
        return t.source.network
    return t.label if t.label.expr is None else ir.render(unsigned(t.label.expr))


# --- multipliers ---------------------------------------------------------------------------------------

# A multiplier's objective: it is to rise while what it weighs is too high.
#
# The Lagrangian of ``min f subject to c <= d`` is ``f + alpha * (c - d)``, lowered in the parameters and raised in
# ``alpha >= 0`` (Boyd & Vandenberghe 2004, section 5.4.2): a minimiser that moves the multiplier alone is handed
# ``-alpha * (c - d)``. That it goes the way it should shows in one of two ways:
#
# - *the saddle point*: what the multiplier raises another optimiser of the same file lowers, term by term;
# - *the constraint*: what is to go down has a minus in front of it, and the threshold it is held against a plus.
#
# The temperature of a soft policy, ``-log_alpha * (log_pi + target_entropy)`` (Haarnoja et al. 2018b, eq. 18), is a
# multiplier as well; ``infer/quantities/policies.py`` knows it by its factors.

# The optimiser by its own name, or by the only thing that it was given.
_DUAL_OPTIMISERS = Words("dual_optimiser")
_MULTIPLIER_NAMES = Words("multiplier")
_WEIGHED = Words("weighed_cost")
_THRESHOLDS = Words("threshold")


def is_multiplier_in_order(event: Optimised, events: Sequence[Event]) -> bool:
    """Whether an optimiser of a multiplier, and of nothing else, raises it by what is above its threshold."""
    if not event.direction.wants.directed or event.inputs:
        return False
    # What it moves is in sight; else its name says.
    mover = event.mover
    if not (_DUAL_OPTIMISERS.any(mover.names) if mover.of is None else _MULTIPLIER_NAMES.of(mover.alone)):
        return False
    return _is_saddle(event, events) or _is_constraint(event)


def _slopes(event: Optimised) -> dict[int, int]:
    """The sign of the slope of each term, by where it was made; positive is what the optimiser lowers."""
    down = 1 if event.direction is Direction.MINIMIZE else -1
    return {t.made: t.sign * t.grad_sign * down for t in event.quantity.terms if t.made >= 0}


def _is_saddle(event: Optimised, events: Sequence[Event]) -> bool:
    """Whether all that the multiplier raises is lowered by another optimiser, as terms of what it is handed."""
    mine = _slopes(event)
    if not mine or len(mine) != len(event.quantity.terms):
        return False
    for other in events:
        if (
            isinstance(other, Optimised)
            and other.mover
            and other.mover != event.mover
            and other.direction.wants.directed
        ):
            theirs = _slopes(other)
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


# --- critics -------------------------------------------------------------------------------------------

# Adversarial pairs: what each step does to the score that a critic gives, and whether the steps fit together.


@record(frozen=True, slots=True)
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


def pushes_of(events: Iterable[Event]) -> list[Push]:
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


def agreeing(events: Sequence[Event]) -> frozenset[tuple[int, ir.Written]]:
    """The steps of games whose signs fit together: the node of the objective with the label of the score."""
    pushes = pushes_of(events)
    fit = [p for groups, signs in three_steps(pushes) if abs(sum(signs)) == 3 for group in groups for p in group]
    return frozenset((p.event.node, p.term.label) for p in (*fit, *own_answers(pushes)) if p in fit or not unlearns(p))


def own_answers(pushes: list[Push]) -> list[Push]:
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
        if (
            both
            and not _is_labelled_twice(mine)
            and all(_moves_only(p.event, network) and not p.event.inputs for p in mine)
        ):
            out += mine
    return out


def _is_labelled_twice(mine: list[Push]) -> bool:
    """Whether the network learns one label of an input and unlearns the other.

    Learning from positives alone does so: it takes off what the other label would cost.
    """
    answers: dict[tuple[ir.Written, ...], set[bool]] = {}
    for p in mine:
        given = tuple(ir.Written(x) for x in p.term.source.given) if p.term.source is not None else ()
        answers.setdefault(given, set()).add(unlearns(p))
    return any(len(found) > 1 for given, found in answers.items() if given)


def _moves_only(event: Optimised, network: ir.Written) -> bool:
    """Whether a step moves a network and nothing else: by what its optimiser was given, else by its name."""
    own = ir.render(ir.without_self(network.expr)) if network.expr is not None else network
    if event.mover.networks:
        return event.mover.networks == [own]
    words = {w for x in event.mover.names for w in split(x)}
    return bool(words & _OPTIMISER_WORDS) and words - _OPTIMISER_WORDS == {
        w for x in ir.names_in(own.expr) for w in split(x)
    }


_OPTIMISER_WORDS = frozenset(("opt", "optim", "optimizer", "optimiser", "solver", "self"))


def unlearns(p: Push) -> bool:
    return p.sign * p.learns < 0


def three_steps(pushes: list[Push]) -> Iterable[tuple[tuple[list[Push], list[Push], list[Push]], tuple[int, int, int]]]:
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
