"""The grammar of identifiers: ``neg_log_prob_x`` is a cost, ``loss_fn`` is no quantity, ``lossless`` is nothing.

A name is cut into words. Its claim is made by the last term in it (``loss_kl`` speaks of a KL). Words behind the
term may take the claim away (``kl_weight``), words in front may turn it round (``neg_elbo``) or make the name
one of something else (``num_losses``, ``return_log_prob``). The terms and words are data: ``rules/names.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from vaelint.knowledge.library import Reader, parse_toml
from vaelint.knowledge.schema import KINDS, Claim, Counts
from vaelint.records import record
from vaelint.sense import Sense

_WORD = re.compile(r"[A-Z]+s?(?![a-zA-Z])\d*|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+\d*|[A-Z]+\d*|\d+")
_LONGEST = 5  # words in a term
_NEGATED = ("likelihood", "reward", "error", "cross_entropy")  # kinds of weak terms that `neg_` turns round
_TURNED = {"log_density": "nll", "nll": "log_density"}


@record(frozen=True, slots=True)
class Term:
    word: str  # as it stands in the file, where a plural is another spelling of it
    sense: Sense
    kind: str
    strong: bool
    generic: bool  # a loss of whatever the words beside it say
    any_tail: bool
    not_after: frozenset[str]
    counts: Counts | None = None  # None where no fact was ever known of a value of that name


@dataclass(slots=True)
class Names:
    """Names of one sort: by the whole identifier, by its last word or words, by its first."""

    whole: set[str] = field(default_factory=set)
    last: set[str] = field(default_factory=set)
    first: set[str] = field(default_factory=set)

    def has(self, identifier: str) -> bool:
        if identifier in self.whole:
            return True
        words = split(identifier)
        if not words:
            return False
        if len(words) > 1 and (words[0] in self.first or "_".join(words[-2:]) in self.last):
            return True
        return words[-1] in self.last


class Lexicon:
    def __init__(self) -> None:
        self.terms: dict[str, Term] = {}
        self.flavours: dict[str, str] = {}
        self.negators: set[str] = set()
        self.qualifiers: set[str] = set()
        self.nothing: set[str] = set()
        self.openers: set[str] = set()
        self.purposes: set[str] = set()
        self.weights: set[str] = set()
        self.of_weights = Names()
        self.of_probabilities = Names()
        self.of_parameters = Names()

    @staticmethod
    def read(paths: Sequence[Path], *, counted: bool = True) -> Lexicon:
        """The words of all files; a later file's word goes before an earlier one's.

        Without ``counted`` every word claims what it says, whatever values of that name turned out to be.
        """
        made = Lexicon()
        for path in paths:
            _read_into(made, path)
        if not counted:
            made.terms = {word: replace(term, counts=None) for word, term in made.terms.items()}
        return made

    def add(self, word: str, sense: Sense) -> None:
        """A word of a project's own: a technical term there; without a direction it claims nothing any more."""
        self.terms[word] = Term(word, sense, "", sense.directed, False, True, frozenset())

    def claim(self, identifier: str) -> Claim | None:
        if identifier.endswith(("Error", "Exception")) and "_" not in identifier:
            return None  # a class to be raised
        return self._claim(split(identifier))

    def positive(self, identifier: str) -> bool:
        return self.of_weights.has(identifier) and self.claim(identifier) is None

    def is_probability(self, identifier: str) -> bool:
        return self.of_probabilities.has(identifier) and not {"log", "ln"} & {*split(identifier)}

    def is_parameter(self, identifier: str) -> bool:
        return self.of_parameters.has(identifier)

    def _claim(self, words: tuple[str, ...]) -> Claim | None:
        for end in range(len(words), 0, -1):
            for start in range(max(0, end - _LONGEST), end):
                term = self._term(words, start, end)
                if term is not None:
                    return self._judge(words, start, end, term)
            if words[end - 1] in self.nothing or "_".join(words[max(0, end - 2) : end]) in self.nothing:
                return None
        return None

    def _term(self, words: tuple[str, ...], start: int, end: int) -> Term | None:
        word = "_".join(words[start:end])
        return self.terms.get(word) or self.terms.get(word.rstrip("0123456789"))

    def _judge(self, words: tuple[str, ...], start: int, end: int, term: Term) -> Claim | None:
        if term.counts is not None and term.counts.misleads:
            return None
        front, tail = words[:start], words[end:]
        word = "_".join(words[start:end])
        if not term.any_tail and not all(x in self.qualifiers or x.isdigit() for x in tail):
            return None
        if front and (self._opens(front[0], term) or front[-1] in term.not_after or self.purposes & {*front}):
            return None
        if term.generic:
            return self._loss(front, tail, word, term)
        if "loss" in front and term.sense is Sense.GAIN:
            return None  # `loss_log_likelihood`: a loss made of one, or one that is logged with the losses
        if tail and self.negators & {*tail}:
            return None  # `kl_neg`: its negation, or that of what is negative
        if self._negated(front):
            # `neg_score` is the score of a negative sample; of technical terms alone the word is arithmetic.
            if not term.strong and (start != 1 or term.kind not in _NEGATED):
                return None
            return Claim(-term.sense, _TURNED.get(term.kind, term.kind), term.strong, f"neg_{word}", term.word)
        return Claim(term.sense, term.kind, term.strong, word, term.word)

    def _opens(self, first: str, term: Term) -> bool:
        return first in self.openers or (first in self.weights and not term.generic)

    def _negated(self, front: tuple[str, ...]) -> bool:
        # At the very front a negator is about the whole name: `neg_expected_log_joint`.
        if front and front[0] in self.negators:
            return True
        for word in reversed(front):
            if word in self.negators:
                return True
            if word not in self.qualifiers:
                return False
        return False

    def _loss(self, front: tuple[str, ...], tail: tuple[str, ...], word: str, term: Term) -> Claim | None:
        if front and front[-1] in self.negators:
            return None  # the loss on negative samples, or a negated loss: it is written both ways
        inner = self._claim(front)
        if inner is not None:
            strong = inner.strong and inner.sense is term.sense
            return Claim(term.sense, inner.kind, strong, f"{inner.word}_{word}", term.word)
        if front and front[-1].startswith("entrop"):
            return None  # likewise
        near = (*reversed(front), *tail)
        kind = next((self.flavours[x] for x in near if x in self.flavours), term.kind)
        return Claim(term.sense, kind, term.strong, word, term.word)


@lru_cache(maxsize=65536)
def split(identifier: str) -> tuple[str, ...]:
    """``logProb_x2`` is log, prob, x2; a number that stands alone is dropped."""
    return tuple(word.lower() for word in _WORD.findall(identifier) if not word.isdigit())


_TERM = ("words", "sense", "kind", "strong", "generic", "tail", "not_after", "counts")
_COUNTS = ("agrees", "against", "neither", "packages", "contrary")
_WORDS = ("negators", "purposes", "qualifiers", "nothing", "openers", "weights")
_NAMES = ("whole", "last", "first")


def _read_into(lexicon: Lexicon, path: Path) -> None:
    table = parse_toml(path)
    top = Reader(path, "top level", table, ("term", "flavour", "words", "positive", "probability", "parameter"))
    for i, raw in enumerate(top.tables("term"), 1):
        r = Reader(path, f"term {i}", raw, _TERM)
        sense = r.word("sense", Sense)
        if sense is None:
            raise r.error("has no `sense`")
        any_tail = r.one_of("tail", ("any", "qualifier")) != "qualifier"
        not_after = frozenset(r.texts("not_after"))
        kind, strong, generic = r.one_of("kind", KINDS), r.flag("strong"), r.flag("generic")
        words = _given(r)
        counts = _counts(r, words)
        for word in words:
            term = Term(word, sense, kind, strong, generic, any_tail, not_after, counts.get(word))
            lexicon.terms[word] = term
            lexicon.terms.setdefault(word + ("es" if word.endswith("s") else "s"), term)
    for i, raw in enumerate(top.tables("flavour"), 1):
        r = Reader(path, f"flavour {i}", raw, ("words", "kind"))
        kind = r.one_of("kind", KINDS)
        lexicon.flavours |= dict.fromkeys(_given(r), kind)
    r = Reader(path, "words", top.section("words"), _WORDS)
    for key in _WORDS:
        getattr(lexicon, key).update(r.texts(key))
    for key, names in (
        ("positive", lexicon.of_weights),
        ("probability", lexicon.of_probabilities),
        ("parameter", lexicon.of_parameters),
    ):
        r = Reader(path, key, top.section(key), _NAMES)
        names.whole.update(r.texts("whole"))
        names.last.update(r.texts("last"))
        names.first.update(r.texts("first"))


def _counts(term: Reader, words: tuple[str, ...]) -> dict[str, Counts]:
    """How often values of each word turned out to be what it says: written by `python -m bench words --record`."""
    out = {}
    for word, raw in term.section("counts").items():
        if word not in words:
            raise term.error(f"has counts of `{word}`, which is not among its `words`")
        if not isinstance(raw, dict):
            raise term.error(f"the counts of `{word}` must be a table")
        r = Reader(term.path, f"{term.entry}, counts of `{word}`", raw, _COUNTS)
        made = Counts(*(r.number(key) for key in _COUNTS))
        if not 0 < made.packages <= made.known:
            raise r.error(f"{made.packages} packages cannot have {made.known} values: each has one at least")
        if made.contrary > min(made.packages, made.against):
            raise r.error(f"`contrary` is {made.contrary}: more than there are packages, or values against the word")
        out[word] = made
    return out


def _given(r: Reader) -> tuple[str, ...]:
    words = r.texts("words")
    if not words:
        raise r.error("has no `words`")
    return words
