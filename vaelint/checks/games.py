"""Where a loss is raised on purpose: by what is moved, and by whom, before any word is heard.

A game has two players: what one optimiser raises another lowers, in other parameters. A multiplier is raised against
what the parameters lower. An attack moves an input. Words decide only what structure leaves open:

- words of *intent* (unlearning, attacks, ascent) say what a lone optimiser is for, and count wherever they are spoken;
- words of *players* (generator, critic, domain) name one side of a game, and count only where a second side may be:
  a file whose every objective moves the parameters of one optimiser has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from vaelint import ir
from vaelint.evidence import Context
from vaelint.infer.events import Event, Optimised
from vaelint.infer.expression import last, unsigned
from vaelint.infer.values import Term
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Direction

_INTENT = Words("intent")
_PLAYERS = Words("player")
# What is raised where a constraint is violated: the only thing that its optimiser was given.
_MULTIPLIERS = Words("dual_variable")


def speaks_of_games(*words: str) -> bool:
    return _INTENT.any(words) or _PLAYERS.any(words)


def is_game(event: Optimised, events: Sequence[Event]) -> bool:
    """Whether ``event`` raises a loss as one side of a game, or may, as far as ``events`` of its file show."""
    if all(t.meaning.kind == "temperature" for t in event.quantity.terms if t.meaning.sense.directed):
        return False  # what a temperature is moved by is fixed, multiplier or not
    if _are_exchanged(event, events):
        return False
    if event.inputs or _MULTIPLIERS.of(event.mover.alone) or _is_lowered_elsewhere(event, events):
        return True
    labels = (event.quantity.label, *(t.label for t in event.quantity.terms))
    if _INTENT.of(event.function) or _INTENT.within(*labels):
        return True
    return (_PLAYERS.of(event.function) or _PLAYERS.within(*labels)) and not _moves_alone(event, events)


def _are_exchanged(event: Optimised, events: Sequence[Event]) -> bool:
    """Whether a classifier is moved, alone, to raise its own cross-entropy, and its opponent to lower it.

    Whoever is classified raises that loss, if anybody does; a classifier learns by lowering it.
    """
    heads = {t.head for t in event.quantity.terms if t.meaning.sense.directed and t.meaning.kind == "cross_entropy"}
    if len(heads) != 1 or not all(t.head in heads for t in event.quantity.terms if t.meaning.sense.directed):
        return False
    own = last(next(iter(heads)).expr)
    if not own or [last(m.expr) for m in event.mover.networks] != [own]:
        return False
    return any(
        t.head in heads and t.gradient_sense is event.direction.wants
        for other in events
        if isinstance(other, Optimised) and other.mover and other.mover != event.mover
        for t in other.quantity.terms
    )


def _is_lowered_elsewhere(event: Optimised, events: Sequence[Event]) -> bool:
    """Whether another optimiser lowers the same loss of the same network."""
    mine = {(_call(t), t.meaning.kind, t.gradient_sense) for t in event.quantity.terms if _call(t)}
    for other in events:
        if isinstance(other, Optimised) and other.mover and other.mover != event.mover:
            theirs = {(_call(t), t.meaning.kind, -t.gradient_sense) for t in other.quantity.terms}
            if mine & theirs and other.direction is event.direction:
                return True
    return False


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


def _moves_alone(event: Optimised, events: Sequence[Event]) -> bool:
    """Whether every objective of the file is that of one known optimiser, so that there is no second player."""
    movers = {e.mover for e in events if isinstance(e, Optimised) and not e.inputs}
    return movers == {event.mover} and bool(event.mover)


__all__ = ["Steps", "by_step", "is_game", "is_other_players", "is_played_both_ways", "of_the_world", "speaks_of_games"]
