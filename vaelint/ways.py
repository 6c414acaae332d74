"""The two directions in words for people: what is done to a value, which end is kept, what it starts from."""

from __future__ import annotations

from typing import NamedTuple

from vaelint.sense import Direction, Sense


class Way(NamedTuple):
    moves: str  # what an optimiser does
    done: str  # what is done to the value
    lowers: str  # the same in fewer words
    lowered: str
    end: str  # which of several is kept
    than: str  # what would replace it
    extreme: str  # what is looked for
    start: str  # beyond which no value lies, in Python: what a best-so-far may start from
    better: str  # which values of a metric are
    held: str  # a value that goes that way
    goes: str  # which way it goes


WAYS = {
    Direction.MINIMIZE: Way(
        "minimises", "minimised", "lowers", "lowered", "smallest", "smaller", "minimum", "inf",
        "is better when smaller ↓", "a cost ↓", "down",
    ),
    Direction.MAXIMIZE: Way(
        "maximises", "maximised", "raises", "raised", "largest", "larger", "maximum", "-inf",
        "is better when larger ↑", "a gain ↑", "up",
    ),
}  # fmt: skip


def meant(sense: Sense) -> Way:
    """The words for which way a value is meant to go."""
    return going(1 if sense is Sense.GAIN else -1)


def going(sign: int) -> Way:
    """Those for up (1) and down (-1)."""
    return WAYS[Direction.MAXIMIZE if sign > 0 else Direction.MINIMIZE]


def done(direction: Direction) -> str:
    """What is done to a value that is optimised."""
    return WAYS[direction].done if direction in WAYS else "optimised in a direction that is not known"
