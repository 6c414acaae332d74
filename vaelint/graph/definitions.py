"""What libraries compute, by their rules: a function, a distribution.

An entry's ``value`` is in the language of the primitives (`language`). Beside it stands here what rules have no word
for: entropies and draws of distributions, and parameters that are given in place of others.
"""

from __future__ import annotations

from typing import NamedTuple

from vaelint.graph.language import Function, function
from vaelint.knowledge.base import Knowledge
from vaelint.knowledge.schema import Entry

MOST_STEPS = 4  # from an entry to one that computes the same


class Density(NamedTuple):
    """A distribution: its log-density over the parameters and ``x``; the name of its class, which tells the rest."""

    name: str
    log_prob: Function


def value_of(entry: Entry, knowledge: Knowledge, steps: int = MOST_STEPS) -> Function | None:
    """What an entry computes; None where its rules do not say. Raises `Unreadable` for what is no definition."""
    if not entry.value:
        return None
    if all(part.isidentifier() for part in entry.value.split(".")):
        other = knowledge.lookup(entry.value) if steps else None
        return value_of(other, knowledge, steps - 1) if other is not None else None
    return function(entry.value, entry.params)


def density_of(entry: Entry, knowledge: Knowledge) -> Density | None:
    found = value_of(entry, knowledge)
    return Density(entry.name.rpartition(".")[2], found) if found is not None else None


# By the name of the class: the entropy over the parameters, a draw made of standard noise ``z``.
ENTROPIES = {
    "Normal": "0.5 + 0.5 * log(2 * pi) + log(scale)",
    "Laplace": "1 + log(2 * scale)",
    "Bernoulli": "-(xlogy(probs, probs) + xlogy(1 - probs, 1 - probs))",
    "Categorical": "-sum(xlogy(probs, probs), -1)",
    "OneHotCategorical": "-sum(xlogy(probs, probs), -1)",
    "Exponential": "1 - log(rate)",
    "Gamma": "concentration - log(rate) + lgamma(concentration) + (1 - concentration) * digamma(concentration)",
}
DRAWS = {"Normal": "loc + scale * z", "Laplace": "loc + scale * z"}

# A parameter, another that may be given in its place, and how it is computed from that.
INSTEAD = {
    "Normal": (("loc", "mean", "mean"), ("scale", "std", "std"), ("scale", "stddev", "stddev")),
    "Bernoulli": (("probs", "logits", "sigmoid(logits)"),),
    "Categorical": (("probs", "logits", "softmax(logits)"),),
    "OneHotCategorical": (("probs", "logits", "softmax(logits)"),),
    "Exponential": (("rate", "scale", "1 / scale"),),
}

# Arguments that change no value, or only by weights.
HARMLESS = frozenset({"reduction", "reduce", "size_average", "weight", "ignore_index", "eps", "name", "validate_args"})
