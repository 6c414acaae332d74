"""What an identifier speaks for: how many bits it tells of a role, or of a law that its holder is named by.

Nothing is said of single words by hand. Lists of identifiers, one a role, are all there is: how much a name tells
follows from how many roles list it, and which words beside it change nothing from the lists as well.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

Words = frozenset[str]

LISTED = 7.0  # bits that a listed name can tell at most
LIKE = 5.0  # one that shares its words with a listed one
UNKNOWN = 0.0  # a name that nobody lists
STRANGE = -1.0  # a word beside the listed ones that nobody lists
OTHER = -9.0  # a name that is listed for other roles alone
SHORT = 2  # up to so many letters a name is a symbol, which means something else in each text


def split(identifier: str) -> Words:
    """The words of an identifier, without an owner (``self.``), in lower case and in the singular."""
    found: list[str] = []
    for part in identifier.rpartition(".")[2].split("_"):
        word = ""
        for before, letter in zip(f" {part}", part):
            if letter.isupper() and before.islower():
                found.append(word)
                word = ""
            word += letter
        found.append(word)
    return frozenset(_singular(w.lower()) for w in found if w)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "as")) else word


class Vocabulary:
    """Lists of identifiers, by what they are listed for."""

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        self._lists = {key: {w for i in identifiers if (w := split(i))} for key, identifiers in lists.items()}
        self._listed: dict[Words, set[str]] = defaultdict(set)
        self._with: dict[str, set[str]] = defaultdict(set)
        for key, names in self._lists.items():
            for words in names:
                self._listed[words].add(key)
                for word in words:
                    self._with[word].add(key)
        self._told: dict[tuple[Words, str], float] = {}
        self._changing: dict[str, bool] | None = None

    def keys(self, words: Words) -> set[str]:
        """All that a name may speak for."""
        found: set[str] = set(self._listed.get(words, ()))
        for word in words:
            found |= self._with.get(word, set())
        return found

    def knows(self, words: Words) -> bool:
        return words in self._listed

    def bits(self, words: Words, key: str) -> float:
        """How much likelier the name is of this key than of any: `OTHER` where it is another's."""
        told = self._told.get((words, key))
        if told is None:
            told = self._told[words, key] = self._bits(words, key)
        return told

    def _bits(self, words: Words, key: str) -> float:
        listed = self._listed.get(words)
        if listed is not None and key in listed:
            return min(LISTED, self._rarity(len(listed)))
        like = [self._alike(words, other) for other in self._lists.get(key, ()) if other & words]
        best = max((b for b in like if b is not None), default=None)
        if best is not None:
            return best
        if listed is None and not any(w in self._with for w in words):
            return UNKNOWN
        if listed is None and all(len(w) <= SHORT for w in words):
            return UNKNOWN
        return OTHER

    def _rarity(self, n: int) -> float:
        return math.log2(max(len(self._lists), 2) / max(n, 1))

    def _alike(self, words: Words, other: Words) -> float | None:
        """What a name tells that has words more or less than a listed one; None where they make it another thing."""
        shared = words & other
        told = min(LIKE, self._rarity(min(len(self._with[w]) for w in shared)))
        for word in words ^ other:
            if word not in self._with:
                told += STRANGE
            elif self.changes(word):
                return None
        return told if told > 0 else None

    def changes(self, word: str) -> bool:
        """Whether a word beside others makes a name another thing, as the lists show: ``next`` does, ``batch`` not."""
        if self._changing is None:
            self._changing = self._counted()
        return self._changing.get(word, True)

    def _counted(self) -> dict[str, bool]:
        same: Counter[str] = Counter()
        apart: Counter[str] = Counter()
        for words, keys in self._listed.items():
            for word in words if len(words) > 1 else ():
                without = self._listed.get(words - {word})
                if without:
                    both = len(keys & without)
                    same[word] += both
                    apart[word] += len(keys) - both
        return {w: same[w] <= apart[w] for w in {*same, *apart}}
