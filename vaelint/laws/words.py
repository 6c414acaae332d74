"""What an identifier speaks for: how many bits it tells of a role, or of a law that its holder is named by.

Nothing is said of single words by hand. Lists of identifiers, one a role, are all there is: how much a name tells
follows from how many roles list it, and which words beside it change nothing from the lists as well.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

Words = frozenset[str]

LISTED = 7.0  # bits that a listed name can tell at most
BY_LETTER = 1.5  # and so much for each letter: a symbol means something else in each text
LIKE = 5.0  # one that shares its words with a listed one
UNKNOWN = 0.0  # a name that nobody lists
STRANGE = 3.0  # the weight of a word that nobody lists, beside listed ones
LEAST = 0.3  # share of a name's weight that a listed one has to have
NEARLY = 0.75  # of what the likest name tells: what tells as much may be meant as well
SHORTENED = 0.6  # of a word's weight that one tells which is short for it
SKELETON = 3  # letters that a word must have to be short for one whose beginning it is not
OTHER = -5.0  # a name that is listed for other roles alone
AKIN = 1.0  # and for one that shares names with this


@lru_cache(maxsize=20_000)
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


def is_short(a: str, b: str) -> bool:
    """Whether a word is short for a longer one: its beginning, or its first letter and some that follow."""
    if not 0 < len(a) < len(b):
        return False
    if b.startswith(a):
        return True
    rest = iter(b)
    return len(a) >= SKELETON and a[0] == b[0] and all(letter in rest for letter in a)


def _initials(words: Words) -> str:
    return "".join(sorted(w[0] for w in words))


_NOTHING: set[str] = set()
_NONE: frozenset[str] = frozenset()


class Vocabulary:
    """Lists of identifiers, by what they are listed for. ``strict``: a word more or less makes a name another one,
    unless the lists show that it changes nothing."""

    def __init__(self, lists: Mapping[str, Iterable[str]], strict: bool = False) -> None:
        self.strict = strict
        self._identifiers = {key: tuple(identifiers) for key, identifiers in lists.items()}
        self._lists = {key: {w for i in names if (w := split(i))} for key, names in self._identifiers.items()}
        self._listed: dict[Words, set[str]] = defaultdict(set)
        self._with: dict[str, set[str]] = defaultdict(set)
        for key, names in self._lists.items():
            for words in names:
                self._listed[words].add(key)
                for word in words:
                    self._with[word].add(key)
        self._told: dict[tuple[Words, str], float] = {}
        self._most: dict[Words, float] = {}
        self._changing: dict[str, bool] | None = None
        self._short: dict[str, frozenset[str]] = {}
        self._by_letter: dict[str, list[str]] | None = None
        self._by_initials: dict[str, set[Words]] | None = None

    def keys(self, words: Words) -> set[str]:
        """All that a name may speak for."""
        found: set[str] = set(self._listed.get(words, ()))
        for word in words:
            found |= self._with.get(word, set())
            for other in self._akin_words(word):
                found |= self._with[other]
        return found

    def names(self, key: str) -> Sequence[str]:
        """The identifiers that are listed for a key."""
        return self._identifiers.get(key, ())

    def listing(self, words: Words) -> set[str]:
        """What lists just this name."""
        return self._listed.get(words, _NOTHING)

    def bits(self, words: Words, key: str) -> float:
        """How much likelier the name is of this key than of any: `OTHER` where it is another's."""
        told = self._told.get((words, key))
        if told is None:
            told = self._told[words, key] = min(self._bits(words, key), BY_LETTER * sum(map(len, words)))
        return told

    def _bits(self, words: Words, key: str) -> float:
        listed = self._listed.get(words, _NOTHING)
        if key in listed:
            return min(LISTED, self._rarity(len(listed)))
        like = max((self._alike(words, other) for other in self._lists.get(key, ())), default=0.0)
        if not listed:
            return like if like and like >= NEARLY * self._best(words) else UNKNOWN
        return max(like / 2, AKIN) if any(self._akin(key, k) for k in listed) else OTHER

    def _best(self, words: Words) -> float:
        """The most that a name which nobody lists tells of any key."""
        found = self._most.get(words)
        if found is None:
            near = {n for w in words for n in (w, *self._akin_words(w))} | set(self._initials_of(words))
            others = {other for w in near for key in self._with.get(w, ()) for other in self._lists[key] if w in other}
            found = self._most[words] = max((self._alike(words, other) for other in others), default=0.0)
        return found

    def _akin(self, a: str, b: str) -> bool:
        """Whether two keys share a third of the names of the shorter list."""
        one, other = self._lists.get(a, set()), self._lists.get(b, set())
        shared = len(one & other)
        return shared > 0 and 3 * shared >= min(len(one), len(other))

    def _rarity(self, n: int) -> float:
        return math.log2(max(len(self._lists), 2) / max(n, 1))

    def _weight(self, word: str) -> float:
        return self._rarity(len(self._with.get(word, ()))) if word in self._with else STRANGE

    def _alike(self, words: Words, other: Words) -> float:
        """What a name tells that shares words with a listed one: less, the more words are not shared."""
        if self.strict and any(self.changes(w) for w in (words ^ other) if w in self._with):
            return 0.0
        if not self.strict and self._are_initials(words, other):
            return LIKE / 2
        both = words & other
        shared = sum(map(self._weight, both))
        apart = 0.0
        mine, theirs = set(words - both), set(other - both)
        for word in sorted(mine, key=len):
            short = max((w for w in theirs if w in self._akin_words(word)), key=len, default=None)
            if short is None:
                continue
            mine.discard(word)
            theirs.discard(short)
            weight = max(self._weight(word), self._weight(short))
            shared += SHORTENED * weight
            apart += (1 - SHORTENED) * weight
        if not shared:
            return 0.0
        share = shared / (shared + apart + sum(map(self._weight, mine | theirs)))
        return min(LIKE, shared) * share if share >= LEAST else 0.0

    def _akin_words(self, word: str) -> frozenset[str]:
        """The listed words that are short for a word, or that it is short for: ``adv`` and ``advantage``."""
        if self.strict:
            return _NONE
        found = self._short.get(word)
        if found is None:
            if self._by_letter is None:
                self._by_letter = defaultdict(list)
                for w in self._with:
                    self._by_letter[w[:1]].append(w)
            same = self._by_letter.get(word[:1], ())
            found = frozenset(w for w in same if w != word and (is_short(w, word) or is_short(word, w)))
            self._short[word] = found
        return found

    def _initials_of(self, words: Words) -> Words:
        """Words of listed names that stand for the initials that a name is, or whose initials are listed."""
        if self._by_initials is None:
            self._by_initials = defaultdict(set)
            for listed in self._listed:
                if len(listed) > 1:
                    self._by_initials[_initials(listed)].add(listed)
        if len(words) == 1:
            (word,) = words
            return frozenset(w for listed in self._by_initials.get("".join(sorted(word)), ()) for w in listed)
        return frozenset(w for w in self._with if len(w) == len(words) and "".join(sorted(w)) == _initials(words))

    @staticmethod
    def _are_initials(words: Words, other: Words) -> bool:
        """Whether one name is the initials of the other: ``lr`` of ``learning_rate``."""
        short, long = (words, other) if len(words) < len(other) else (other, words)
        if len(short) != 1 or len(long) < 2:
            return False
        (word,) = short
        return len(word) == len(long) and "".join(sorted(word)) == _initials(long)

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
