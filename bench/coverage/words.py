"""Which identifiers, labels and sentences make a claim: by the frozen words, with a grammar of its own."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from bench.places import HERE

WORDS = HERE / "coverage" / "words.tsv"
_WORD = re.compile(r"[A-Z]+s?(?![a-zA-Z])\d*|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+\d*|[A-Z]+\d*|\d+")
_LONGEST = 5  # words in a term


@cache
def frozen() -> dict[str, frozenset[str]]:
    """Sort of word → words. ``term`` and ``loose``: of a loss, likelihood, divergence, reward; ``metric``: of what is
    selected by."""
    out: dict[str, set[str]] = {}
    for line in WORDS.read_text("utf-8").splitlines():
        if not line.startswith(("#", "what\t")):
            what, word, _ = line.split("\t")
            out.setdefault(what, set()).add(word)
    return {what: frozenset(words) for what, words in out.items()}


def split(identifier: str) -> list[str]:
    """``logProb_x2`` is log, prob, x2; a number that stands alone is dropped."""
    return [word.lower() for word in _WORD.findall(identifier) if not word.isdigit()]


@lru_cache(maxsize=65536)
def claims(identifier: str) -> bool:
    """Whether a name says that what it holds is to go up, or down: its last term, and what stands around it.

    Words behind a term take the claim away (``kl_weight``), and so do some in front (``num_losses``).
    """
    if identifier.endswith(("Error", "Exception")) and "_" not in identifier:
        return False
    words, known = split(identifier), frozen()
    for end in range(len(words), 0, -1):
        for start in range(max(0, end - _LONGEST), end):
            if (what := _term("_".join(words[start:end]))) is not None:
                loose = what == "loose" and not {*words[end:]} <= known["qualifier"]
                return not loose and _may_stand_behind(words[:start], words[start])
        if words[end - 1] in known["nothing"] or "_".join(words[max(0, end - 2) : end]) in known["nothing"]:
            return False
    return False


def _term(word: str) -> str | None:
    """The sort of a term: a ``loose`` one has only qualifiers behind it (``return_mean``, not ``return_dict``)."""
    known = frozen()
    forms = (word, word.rstrip("0123456789"))
    return next((what for what in ("term", "loose") for form in forms if form in known[what]), None)


def _may_stand_behind(front: list[str], term: str) -> bool:
    known = frozen()
    generic = term.startswith(("loss", "cost", "criterion", "objective"))
    opened = front and (front[0] in known["opener"] or (front[0] in known["weight"] and not generic))
    return not opened and not known["purpose"] & {*front}


@lru_cache(maxsize=65536)
def measures(name: str) -> bool:
    """Whether a name or a label is that of a metric, or makes a claim."""
    words, known = split(re.sub(r"[^0-9A-Za-z_]+", "_", name)), frozen()
    if claims("_".join(words)):
        return True
    if known["blocker"] & {*words}:
        return False
    return any("_".join(words[i:j]) in known["metric"] for i in range(len(words)) for j in range(i + 1, i + 5))


# Words of every sentence, that are terms in a name.
_COMMON = frozenset(
    {"return", "returns", "value", "values", "score", "scores", "error", "errors", "objective", "objectives", "bound",
     "bounds", "distance", "distances", "cost", "costs", "energy", "potential", "advantage", "advantages"}
)  # fmt: skip


def speaks(sentence: str) -> bool:
    """Whether a sentence has a term in it: "returns the negative log-likelihood of the data"."""
    words = split(sentence.replace("-", " "))
    runs = (words[i:j] for i in range(len(words)) for j in range(i + 1, min(len(words), i + _LONGEST) + 1))
    return any(_term("_".join(run)) is not None and not (len(run) == 1 and run[0] in _COMMON) for run in runs)
