"""Which way a metric goes, by its name: ``val/top-1 accuracy`` up, ``eval_neg_log_loss`` up, ``score`` unknown.

A name is cut into words; what stands around a metric (``val``, ``epoch``, ``best``) is taken off; what is left has to
end in a term of ``rules/metrics.toml``. One blocking word anywhere (``adv``, ``ratio``, ``worst``) and nothing is said:
here a name alone is evidence, so only clear names count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path

from vaelint.knowledge.lexicon import split
from vaelint.knowledge.library import Reader, parse_toml
from vaelint.records import record
from vaelint.sense import Direction, Sense

_APART = re.compile(r"[^0-9A-Za-z_]+")
_MOST = 7  # words of a name that is still a name
_LONGEST = 4  # words of a term


@record(frozen=True, slots=True)
class Metric:
    """``signed``: its values may be below zero. ``generic``: a loss of whatever the words in front say."""

    sense: Sense
    signed: bool = False
    generic: bool = False
    term: str = ""


@record(frozen=True, slots=True)
class Setting:
    """Two keys side by side that name a metric and say which way it is selected.

    The values for one way stand in the order of those for the other: ``min`` and ``max``, ``lt`` and ``gt``.
    """

    metric: frozenset[str]
    mode: frozenset[str]
    minimize: tuple[str, ...]
    maximize: tuple[str, ...]

    def direction(self, value: str) -> Direction:
        return choose(value, self.minimize, self.maximize)

    def opposite(self, value: str) -> str:
        """The value to write instead, for the other way."""
        lowered = value.lower()
        there, back = zip(self.minimize, self.maximize), zip(self.maximize, self.minimize)
        first = self.maximize[0] if lowered in self.minimize else self.minimize[0]
        return next((other for word, other in (*there, *back) if word == lowered), first)


def choose(
    value: str, minimize: frozenset[str] | tuple[str, ...], maximize: frozenset[str] | tuple[str, ...]
) -> Direction:
    """What a setting's value says, whatever its case."""
    lowered = value.lower()
    if lowered in minimize:
        return Direction.MINIMIZE
    return Direction.MAXIMIZE if lowered in maximize else Direction.UNKNOWN


@dataclass(slots=True)
class Metrics:
    terms: dict[str, Metric] = field(default_factory=dict)
    around: set[str] = field(default_factory=set)
    verbs: set[str] = field(default_factory=set)
    negators: set[str] = field(default_factory=set)
    blockers: set[str] = field(default_factory=set)
    players: set[str] = field(default_factory=set)
    settings: list[Setting] = field(default_factory=list)
    modes: set[str] = field(default_factory=set)  # of all settings
    elsewhere: dict[str, str] = field(default_factory=dict)  # abbreviation: what it may be short for
    _known: dict[str, Metric | None] = field(default_factory=dict)

    @staticmethod
    def read(paths: Sequence[Path]) -> Metrics:
        """The words of all files; a later file's word goes before an earlier one's."""
        made = Metrics()
        for path in paths:
            _read_into(made, path)
        return made

    def metric(self, name: str) -> Metric | None:
        """What a clear name says; None for any other."""
        if name not in self._known:
            self._known[name] = self._look(name)
        return self._known[name]

    def sense(self, name: str) -> Sense:
        found = self.metric(name)
        return found.sense if found is not None else Sense.UNKNOWN

    def pairs(self, keys: Set[str]) -> Iterator[tuple[Setting, str, str]]:
        """Settings of which a mode and a metric are among these keys, one of each: with the two."""
        for s in self.settings:
            modes, metrics = s.mode & keys, s.metric & keys
            if len(modes) == len(metrics) == 1:
                yield s, next(iter(modes)), next(iter(metrics))

    def _look(self, name: str) -> Metric | None:
        words = list(split(_APART.sub("_", name)))
        if not 0 < len(words) <= _MOST or self.blockers & {*words, *map("_".join, pairwise(words))}:
            return None
        exact = self.terms.get("_".join(words))
        if exact is not None:
            return exact
        everything = {*words}
        scored = False
        while len(words) > 1 and (words[-1] in self.around or words[-1] == "score" or len(words[-1]) == 1):
            if self._ends(words) is not None:
                break
            scored = scored or words[-1] == "score"
            words.pop()
        found = self._ends(words)
        if found is None:
            return None
        length, metric = found
        front = words[: len(words) - length]
        while front and (front[0] in self.around or front[0] in self.verbs) and front[0] not in self.negators:
            front.pop(0)
        if metric.sense is Sense.COST and scored:
            return None  # a score made of an error may have been turned round
        return None if metric.generic and self.players & everything else self._fronted(front, metric)

    def _fronted(self, front: list[str], metric: Metric) -> Metric | None:
        if metric.generic:
            return metric
        turned = [w for w in front if w in self.negators]
        if not turned:
            return metric
        if len(turned) > 1 or front[0] not in ("neg", "negative", "negated", "minus") or metric.term in _PLAIN:
            return None
        return Metric(-metric.sense, True, False, "neg_" + metric.term)

    def _ends(self, words: list[str]) -> tuple[int, Metric] | None:
        """The longest term at the end, with its length in words."""
        for n in range(min(len(words), _LONGEST), 0, -1):
            word = "_".join(words[-n:])
            found = self.terms.get(word) or self.terms.get(word.rstrip("0123456789"))
            if found is not None:
                return n, found
        return None


_PLAIN = (
    "reward",
    "rewards",
    "error",
    "errors",
    "err",
    "return",
    "returns",
    "correct",
    "cost",
    "costs",
)  # `neg_reward` may be of negatives


def matching(pattern: str, name: str) -> bool:
    """Whether a default of an API is for this metric's name."""
    return fnmatchcase(name.lower(), pattern)


_WORDS = ("around", "verbs", "negators", "blockers", "players")


def _read_into(metrics: Metrics, path: Path) -> None:
    top = Reader(path, "top level", parse_toml(path), ("metric", "words", "setting", "elsewhere", "spoken"))
    for i, raw in enumerate(top.tables("metric"), 1):
        r = Reader(path, f"metric {i}", raw, ("names", "sense", "signed", "generic"))
        sense = r.word("sense", Sense)
        if sense is None or not sense.directed:
            raise r.error("has no `sense` that is gain or cost")
        for name in r.names({}):
            metrics.terms[name] = Metric(sense, r.flag("signed"), r.flag("generic"), name)
    metrics.elsewhere |= {key: str(word) for key, word in top.section("elsewhere").items()}
    r = Reader(path, "words", top.section("words"), _WORDS)
    for key in _WORDS:
        getattr(metrics, key).update(r.texts(key))
    for i, raw in enumerate(top.tables("setting"), 1):
        made = _setting(Reader(path, f"setting {i}", raw, ("metric", "mode", "minimize", "maximize")))
        metrics.settings.append(made)
        metrics.modes |= made.mode


def _setting(r: Reader) -> Setting:
    given = {key: tuple(r.texts(key)) for key in ("metric", "mode", "minimize", "maximize")}
    for key, values in given.items():
        if not values:
            raise r.error(f"has no `{key}`")
    if {*given["minimize"]} & {*given["maximize"]}:
        raise r.error("one value both minimises and maximises")
    return Setting(frozenset(given["metric"]), frozenset(given["mode"]), given["minimize"], given["maximize"])


__all__ = ["Metric", "Metrics", "Setting", "choose", "matching"]
