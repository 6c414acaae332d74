"""Counting: what the places of all packages say of each word. Pure: from plain data to plain data."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from bench.mutants.sites import order
from vaelint.knowledge.schema import Counts

MOST = 20  # places of one package that count for a word: one package is not to decide
DIRECTED = ("agrees", "against")
KNOWN = (*DIRECTED, "neither")
VERDICTS = (*KNOWN, "plain", "undecided")

Place = Mapping[str, Any]  # a row of `child.folder`
Function = tuple[str, str, str]  # package, file, function


class Count(NamedTuple):
    """``packages`` have a known place, ``contrary`` of these one that is against.

    ``plain`` and ``undecided`` are counted whole, since they weigh nothing.
    """

    agrees: int = 0
    against: int = 0
    neither: int = 0
    packages: int = 0
    contrary: int = 0
    plain: int = 0
    undecided: int = 0

    @property
    def kept(self) -> Counts:
        """What is written down."""
        return Counts(self.agrees, self.against, self.neither, self.packages, self.contrary)


def count(
    raw: Mapping[str, Sequence[Place]], misnamed: Collection[Function] = (), of: Callable[[Place], str] | None = None
) -> dict[str, Count]:
    """Word → its count, over packages with their places.

    ``misnamed``: functions with a finding that a reader found right; a value there that is the opposite of its name is
    a mistake of that code, and no evidence against the word. ``of``: what is counted, the word unless it is given.
    """
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for package, places in raw.items():
        known: dict[str, list[Place]] = defaultdict(list)
        for p in places:
            word = of(p) if of is not None else p["word"]
            if p["verdict"] not in KNOWN:
                sums[word][p["verdict"]] += 1
            elif p["verdict"] != "against" or (package, p["file"], p["function"]) not in misnamed:
                known[word].append(p)
        for word, its in known.items():
            taken = Counter(p["verdict"] for p in sample(its))
            sums[word].update({**taken, "packages": 1, "contrary": int(taken["against"] > 0)})
    return {word: Count(**made) for word, made in sorted(sums.items())}


def sample(places: Iterable[Place]) -> list[Place]:
    """At most ``MOST``, in an order that has nothing to do with where they stand: the shares stay what they are."""
    return sorted(places, key=lambda p: order("words", p["file"], p["row"], p["sort"], p["name"]))[:MOST]


# --- what counts say -----------------------------------------------------------------------------


class Standing(NamedTuple):
    """Words by what their counts say, each in the order of the lexicon."""

    right: list[str]
    wrong: list[str]  # measured, and the opposite too often: the word claims nothing
    doubtful: list[str]  # likewise, but in so few packages that it may be their own way of speaking
    few: list[str]  # too few places to say
    nothing: list[str]  # known by facts in places alone that have no direction
    without: list[str]  # met, and known by facts nowhere
    unmet: list[str]  # not met at all


def standing(words: Iterable[str], counts: Mapping[str, Count]) -> Standing:
    made = Standing([], [], [], [], [], [], [])
    for word in words:
        _list(made, counts.get(word)).append(word)
    return made


def _list(made: Standing, c: Count | None) -> list[str]:
    if c is None:
        return made.unmet
    if c.kept.measured:
        wrong = made.wrong if c.kept.misleads else made.doubtful
        return made.right if c.kept.mostly_agrees else wrong
    if c.kept.directed:
        return made.few
    return made.nothing if c.kept.known else made.without
