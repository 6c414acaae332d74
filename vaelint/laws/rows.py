"""The rows of `rules/laws/*.toml`. Of a law only its head is read, until a name in some code speaks for it.

The files are laid out with one key a line, and lists of strings on one line, so that a head is found without parsing
the rest; a test holds this reading against a full one.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from vaelint.knowledge import Knowledge
from vaelint.knowledge.loader import rules_directory
from vaelint.laws.words import Vocabulary, split
from vaelint.records import record
from vaelint.sense import Sense

ROLES = "roles.toml"
FOLDER = "laws"
_START = "[[law]]\n"

AGREED = 0.7  # of the names of a role that claim a sense, those that have to claim one
HELD = 1.0  # bits that a holder must tell of a law
PLAINLY = 4.0  # and by which it is plainly about that law: no `loss` or `weight` is
SPEAKS = 2.0  # bits that the name of what a text holds must tell of a law
Kept = Callable[[str], bool]


def _unnumbered(name: str) -> str:
    """``loss`` of ``loss_17``: one of several says what all of them say, and is looked up once."""
    return name.rstrip("_0123456789") or name


class Role(NamedTuple):
    """A variable of a law: what it is (a role of `roles.toml`), and where it may lie."""

    name: str
    what: str
    domain: str


@record(frozen=True, slots=True)
class Law:
    """``right`` and ``silent``: texts in which the signs are as they should be; ``wrong``: errors that people make.

    ``says``: for people. ``properties``: what each right text has, and each wrong one breaks one of. ``sense`` of the
    value; ``source``: who says so.
    """

    id: str
    field: str
    says: str
    holder: tuple[str, ...]
    roles: tuple[Role, ...]
    right: str
    wrong: tuple[str, ...]
    silent: tuple[str, ...]
    properties: tuple[str, ...]
    sense: str
    source: str


class Head(NamedTuple):
    """What is known of a law before it is read: ``whole`` reads it."""

    id: str
    holder: tuple[str, ...]
    what: tuple[str, ...]  # of its roles
    text: str

    def whole(self) -> Law:
        return _read(self.text)


@dataclass(slots=True)
class Catalogue:
    """All laws, by the number of their roles and by what they are about; and the words of their roles and holders."""

    heads: Sequence[Head]
    roles: Vocabulary
    holders: Vocabulary
    sized: dict[int, list[Head]]
    _by_id: dict[str, Head]
    _named: dict[str, dict[int, list[tuple[Head, float]]]] = field(default_factory=dict)
    _sizes: dict[tuple[str, float], frozenset[int]] = field(default_factory=dict)
    _telling: dict[str, float] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)  # what is made of a law when it is run first, by its id
    _senses: dict[str, Sense] = field(default_factory=dict)

    def sense(self, role: str, knowledge: Knowledge) -> Sense:
        """Which way a role goes by most of its names that say so; ``NONE`` where they do not agree, or are too few."""
        found = self._senses.get(role)
        if found is None:
            claims = Counter(c.sense for i in self.roles.names(role) if (c := knowledge.claim(i)) and c.sense.directed)
            (most, n), *_ = claims.most_common(1) or [(Sense.NONE, 0)]
            agreed = n > 1 and n > AGREED * sum(claims.values()) and 2 * n >= len(self.roles.names(role))
            found = self._senses[role] = most if agreed else Sense.NONE
        return found

    def named(self, holder: str, roles: int) -> list[tuple[Head, float]]:
        """The laws of so many roles whose value may be called so, with the bits that the name tells."""
        holder = _unnumbered(holder)
        found = self._named.get(holder)
        if found is None:
            words, found = split(holder), defaultdict(list)
            for i in sorted(self.holders.keys(words)):
                head, bits = self._by_id[i], self.holders.bits(words, i)
                if bits > 0:
                    found[len(head.what)].append((head, bits))
            self._named[holder] = found
        return found.get(roles, [])

    def sizes(self, holder: str, least: float) -> frozenset[int]:
        """The numbers of roles of the laws that a name tells so many bits of."""
        found = self._sizes.get((holder, least))
        if found is None:
            found = frozenset(n for n in self.sized if any(bits >= least for _, bits in self.named(holder, n)))
            self._sizes[holder, least] = found
        return found

    def speaks(self, identifiers: Iterable[str], least: float) -> bool:
        """Whether a text that gives these names to values may state a law."""
        return any(self._tells(i) >= least for i in identifiers)

    def _tells(self, identifier: str) -> float:
        identifier = _unnumbered(identifier)
        found = self._telling.get(identifier)
        if found is None:
            words = split(identifier)
            listing = self.holders.listing(words)
            found = max((self.holders.bits(words, law) for law in listing), default=0.0)
            self._telling[identifier] = found
        return found


def made(
    texts: Iterable[str], roles: Mapping[str, Iterable[str]], kept: Kept | None = None, holder: Kept | None = None
) -> Catalogue:
    """``kept``: which of the identifiers of roles are known, ``holder``: which of holders; all where there is none."""
    heads = [h for text in texts for h in _heads(text)]
    lists = {what: [i for i in names if kept is None or kept(i)] for what, names in roles.items()}
    held = {h.id: [i for i in h.holder if holder is None or holder(i)] for h in heads}
    sized: dict[int, list[Head]] = defaultdict(list)
    for h in heads:
        sized[len(h.what)].append(h)
    return Catalogue(heads, Vocabulary(lists), Vocabulary(held, strict=True), sized, {h.id: h for h in heads})


def files() -> list[Path]:
    return sorted((rules_directory() / FOLDER).glob("*.toml"))


def texts() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in files()]


def roles() -> dict[str, list[str]]:
    """The identifiers of each role."""
    text = (rules_directory() / ROLES).read_text(encoding="utf-8")
    return {k: v for k, v in _pairs(text.splitlines()) if isinstance(v, list)}


@lru_cache(maxsize=1)
def shipped() -> Catalogue:
    return made(texts(), roles())


# --- reading -------------------------------------------------------------------------------------


def _heads(text: str) -> Iterator[Head]:
    for row in text.split(_START)[1:]:
        found = dict(_pairs(row.split("\nright", 1)[0].splitlines()))
        yield Head(found["id"], tuple(found["holder"]), tuple(found["roles"].values()), row)


def _read(row: str) -> Law:
    found = dict(_pairs(row.splitlines()))
    domains = found["domains"]
    made = tuple(Role(name, what, domains[name]) for name, what in found["roles"].items())
    given: dict[str, Any] = {k: found[k] for k in ("id", "field", "says", "right", "sense", "source")}
    given |= {k: tuple(found[k]) for k in ("holder", "wrong", "silent", "properties")}
    return Law(roles=made, **given)


def _pairs(lines: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """``key = value``, a line each: a string, a list of strings, or a table of strings."""
    for line in lines:
        key, equals, value = line.partition(" = ")
        if not equals or line.startswith("#"):
            continue
        if value.startswith("{"):
            yield key, {k.strip(): json.loads(v) for k, _, v in (p.partition(" = ") for p in _parts(value))}
        else:
            yield key, json.loads(value)


def _parts(table: str) -> list[str]:
    inner = table.strip().strip("{}").strip()
    return inner.split(", ") if inner else []
