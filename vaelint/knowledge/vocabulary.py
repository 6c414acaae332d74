"""What identifiers speak of: lists of words, by what they stand for, in ``rules/vocabulary.toml``.

A list is looked up by its name, once: ``OLD = Words("old")``. ``OLD.of("old_log_prob")`` asks one identifier, and
``OLD.within(expression)`` all of an expression. Identifiers are cut into words (`split`), so that ``goldOld``, ``old2``
and ``olds`` are found as well; a text is never searched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from vaelint import ir
from vaelint.knowledge.lexicon import split
from vaelint.knowledge.library import Reader, RuleError, Table, parse_toml
from vaelint.knowledge.loader import VOCABULARY, rules_directory

_KEYS = ("words", "but_not", "with")
MOST_KEPT = 4_000  # answers of one list about the names in an expression


class Words:
    """One list. What it says of an identifier is remembered: most are asked of again and again."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._told: dict[str, bool] = {}
        self._told_of: dict[tuple[str, ...], bool] = {}
        self._test: _Test | None = None
        self._last: tuple[ir.Node | None, bool] = (None, False)

    def of(self, identifier: str) -> bool:
        """Whether an identifier speaks of what the list stands for."""
        told = self._told.get(identifier)
        if told is None:
            if self._test is None:
                self._test = _listed(self.name)
            told = self._told[identifier] = self._test.holds(identifier)
        return told

    def any(self, identifiers: Iterable[str]) -> bool:
        return any(map(self.of, identifiers))

    def within(self, *asked: ir.Node | ir.Written | None) -> bool:
        """Whether a name, a keyword or a key in these expressions does."""
        return any(map(self._is_within, asked))

    def _is_within(self, e: ir.Node | ir.Written | None) -> bool:
        """Each product is asked of in turn, and is made of the one before: what that one had is not read again."""
        if isinstance(e, ir.Written):
            e = e.expr
        if not isinstance(e, ir.Binary):
            return self._any_of(ir.names_in(e))
        known, holds = self._last
        added: list[ir.Node] = []
        x: ir.Node = e
        while x is not known and isinstance(x, ir.Binary):
            added.append(x.right)
            x = x.left
        holds = (holds if x is known else self._any_of(ir.names_in(x))) or any(
            self._any_of(ir.names_in(a)) for a in added
        )
        self._last = e, holds
        return holds

    def _any_of(self, identifiers: tuple[str, ...]) -> bool:
        told = self._told_of.get(identifiers)
        if told is None:
            if len(self._told_of) >= MOST_KEPT:
                self._told_of.clear()
            told = self._told_of[identifiers] = self.any(identifiers)
        return told


class _Test:
    """The words of a list, as one expression over the words of an identifier, joined by underscores.

    A word ``log_prob`` is found joined, too (``logprob``), and in the plural; ``prob*`` begins a word, ``^`` is the
    beginning of the identifier, ``$`` its end, both together the whole. One with capitals is the whole as it stands.
    """

    def __init__(self, words: Iterable[str], but_not: Iterable[str]) -> None:
        words = tuple(words)
        but_not = tuple(but_not)
        self._exact = frozenset(w for w in words if not w.islower())
        self._not = frozenset(w for w in but_not if not w.islower())
        self._words = _expression([w for w in words if w.islower()])
        self._but_not = _expression([w for w in but_not if w.islower()])

    def holds(self, identifier: str) -> bool:
        whole = identifier.strip("_")
        if whole in self._exact or whole in self._not:
            return whole in self._exact
        text = "_".join(split(identifier))
        if self._words is None or self._words.search(text) is None:
            return False
        return self._but_not is None or self._but_not.search(text) is None


def _expression(words: Iterable[str]) -> re.Pattern[str] | None:
    found = [_pattern(w) for w in words]
    return re.compile("|".join(found)) if found else None


def _pattern(word: str) -> str:
    before, after = "(?:^|_)", r"s?\d*(?:$|_)"
    if word.startswith("^"):
        before, word = "^", word[1:]
    if word.endswith("$"):
        after, word = r"s?\d*$", word[:-1]
    if word.startswith("*"):
        before, word = "", word[1:]
    if word.endswith("*"):
        after, word = "", word[:-1]
    return before + "s?_?".join(part.replace("*", "[a-z0-9_]*") for part in word.split("_")) + after


@lru_cache(maxsize=1)
def lists() -> dict[str, Table]:
    """The tables of the file, by name."""
    path = rules_directory() / VOCABULARY
    table = parse_toml(path)
    return {name: Reader(path, "top level", table, table).section(name) for name in table}


def words_of(name: str) -> tuple[str, ...]:
    """The words of a list as they stand, for who takes names apart by them."""
    return _gathered(name, "words")


def _listed(name: str) -> _Test:
    return _Test(*(_gathered(name, key) for key in ("words", "but_not")))


def _gathered(name: str, key: str) -> tuple[str, ...]:
    """The words of a list and of those that it takes in."""
    path = rules_directory() / VOCABULARY
    if name not in lists():
        raise RuleError(path, name, "is no list of words")
    r = Reader(path, name, lists()[name], _KEYS)
    return (*r.texts(key), *(w for other in r.texts("with") for w in _gathered(other, key)))
