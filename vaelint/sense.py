"""Which way a quantity is meant to go, and what arithmetic does to that.

Pure values: no input or output, nothing of libcst, nothing of libraries. The laws are those of the tables
below; `tests/test_sense.py` holds them to their properties.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from vaelint.evidence import Basis, weakest
from vaelint.records import record


class Sense(Enum):
    """``GAIN`` is to go up, ``COST`` down, ``NONE`` has no direction, ``UNKNOWN`` could not be told."""

    GAIN = "gain"
    COST = "cost"
    NONE = "none"
    UNKNOWN = "unknown"

    def __neg__(self) -> Sense:
        return _NEGATED[self]

    @property
    def directed(self) -> bool:
        return self in (Sense.GAIN, Sense.COST)

    @property
    def arrow(self) -> str:
        return _ARROWS[self]


_NEGATED = {Sense.GAIN: Sense.COST, Sense.COST: Sense.GAIN, Sense.NONE: Sense.NONE, Sense.UNKNOWN: Sense.UNKNOWN}
_ARROWS = {Sense.GAIN: "↑", Sense.COST: "↓", Sense.NONE: "·", Sense.UNKNOWN: "?"}


class Direction(Enum):
    """What an optimiser does with an objective."""

    MINIMIZE = "minimize"
    MAXIMIZE = "maximize"
    UNKNOWN = "unknown"

    def __neg__(self) -> Direction:
        return _REVERSED[self]

    @property
    def wants(self) -> Sense:
        """The sense that an objective pushed this way should have."""
        return _WANTED[self]


_REVERSED = {
    Direction.MINIMIZE: Direction.MAXIMIZE,
    Direction.MAXIMIZE: Direction.MINIMIZE,
    Direction.UNKNOWN: Direction.UNKNOWN,
}
_WANTED = {
    Direction.MINIMIZE: Sense.COST,
    Direction.MAXIMIZE: Sense.GAIN,
    Direction.UNKNOWN: Sense.UNKNOWN,
}


class Pass(Enum):
    """How a function hands on the sense of an argument (the monotonicity of the atom)."""

    KEEP = "keep"  # increasing
    FLIP = "flip"  # decreasing
    NONE = "none"  # the result has no direction whatever the argument
    LOSE = "lose"  # not monotone: the sense is lost

    def apply(self, sense: Sense) -> Sense:
        if self is Pass.KEEP:
            return sense
        if self is Pass.FLIP:
            return -sense
        return Sense.NONE if self is Pass.NONE or sense is Sense.NONE else Sense.UNKNOWN


def join(a: Sense, b: Sense) -> Sense:
    """The sense of a value that is one of two, by control flow: what both agree on, else unknown."""
    return a if a is b else Sense.UNKNOWN


# Which kinds mean the same sort of thing: two of one family with opposed signs are a contrast (a ratio, a
# margin, a gap), not a contradiction. Every kind not named is a family of its own.
FAMILIES: dict[str, str] = {
    "log_density": "density",
    "likelihood": "density",
    "partial_likelihood": "density",
    "preference": "density",
    "nll": "density",
    "cross_entropy": "density",
    "probability": "density",
    "log_probability": "density",
    "score": "density",
    "log_q": "log_q",
    "log_determinant": "log_determinant",
    "kl": "divergence",
    "error": "error",
    "distance": "error",
    "similarity": "error",
    "overlap": "overlap",
    "entropy": "entropy",
    "elbo": "elbo",
    "decay": "decay",
    "contrastive": "contrastive",
    "surrogate": "return",
    "reward": "return",
    "return": "return",
    "value": "return",
}

# Pairs of families that belong to one objective and must pull the same way there: reconstruction and
# divergence (an ELBO), surrogate and value error (an actor-critic), surrogate and divergence or entropy
# (a penalised policy), an overlap with a target and a cross-entropy, an error or a divergence, a contrast of
# positives and negatives and a cross-entropy, a fit and the size of the weights (decay), a density and the volume that
# the map to what it is of makes. Any other pair of opposed terms may be a game, a baseline or a regulariser meant so
# (adversarial training, unlearning, domain confusion), and is left alone.
OPPOSABLE: frozenset[frozenset[str]] = frozenset(
    frozenset(pair)
    for pair in (
        ("density", "divergence"),
        ("error", "divergence"),
        ("return", "divergence"),
        ("return", "error"),
        ("return", "entropy"),
        ("elbo", "divergence"),
        ("density", "overlap"),
        ("density", "contrastive"),
        ("density", "log_determinant"),
        ("log_q", "log_determinant"),
        ("error", "overlap"),
        ("divergence", "overlap"),
        ("density", "decay"),
        ("error", "decay"),
        ("overlap", "decay"),
    )
)


def family(kind: str) -> str:
    return FAMILIES.get(kind, kind)


@record(frozen=True, slots=True)
class Meaning:
    """A sense with what it is a sense of (``kind``: ``log_density``, ``kl``, …) and how it is known.

    ``roles``: where a law or a form concluded it (log-probability × advantage: a surrogate), on what each role rests;
    ``basis`` is then that of the weakest.
    """

    sense: Sense
    kind: str = ""
    basis: Basis = Basis.NONE
    roles: tuple[Basis, ...] = ()

    def __neg__(self) -> Meaning:
        return Meaning(-self.sense, self.kind, self.basis, self.roles)

    @property
    def premises(self) -> tuple[Basis, ...]:
        """On what it rests: each role that it was concluded from, or its own basis."""
        return self.roles or (self.basis,)

    @property
    def is_evidence(self) -> bool:
        """Whether it weighs against a claim: a fact, or a conclusion from several roles, named as a law has them."""
        return self.basis.is_fact or bool(self.roles)

    @property
    def is_claim(self) -> bool:
        """Whether somebody's word is all that there is."""
        return self.basis.is_claim and not self.roles


def concluded(sense: Sense, kind: str, roles: Iterable[Basis]) -> Meaning:
    """What a law concludes of what stands in its roles; it rests on the weakest of them."""
    held = tuple(roles)
    return Meaning(sense, kind, weakest(held), held)


UNKNOWN = Meaning(Sense.UNKNOWN)
NO_SENSE = Meaning(Sense.NONE)


def are_contrast(a: str, b: str) -> bool:
    """Whether two opposed terms of these kinds are two sides of one comparison."""
    return family(a) == family(b)


def must_agree(a: str, b: str) -> bool:
    """Whether terms of these kinds, in one objective, have to pull the same way."""
    return frozenset((family(a), family(b))) in OPPOSABLE


# --- in words ------------------------------------------------------------------------------------

_NOUNS = {
    "log_density": "log-likelihood",
    "log_probability": "log-probability",
    "nll": "negative log-likelihood",
    "kl": "KL divergence",
    "elbo": "ELBO",
    "cross_entropy": "cross-entropy",
    "log_q": "log-density of draws",
    "log_determinant": "log-determinant",
    "partial_likelihood": "partial log-likelihood",
    "contrastive": "contrastive objective",
    "preference": "preference objective",
    "temperature": "temperature objective",
    "decay": "size of the weights",
    "surrogate": "policy-gradient surrogate",
    "": "loss",
}


def noun(kind: str) -> str:
    """What a kind of quantity is called in a sentence."""
    return _NOUNS.get(kind, kind.replace("_", " "))


def article(kind: str) -> str:
    """`noun` with its article: an error, a KL divergence, an ELBO."""
    said = noun(kind)
    return f"{'an' if said[0] in 'aeioE' else 'a'} {said}"


# What goes one way by definition, whichever way a value of that kind goes: some libraries return minus an ELBO.
OWN_SENSES = {
    "log_density": Sense.GAIN,
    "elbo": Sense.GAIN,
    "nll": Sense.COST,
    "cross_entropy": Sense.COST,
    "kl": Sense.COST,
    "error": Sense.COST,
}


def claimed(sense: Sense, kind: str) -> str:
    """What a name says that a value is: a loss, a log-likelihood, minus a log-likelihood."""
    if not kind:
        return "a gain" if sense is Sense.GAIN else "a loss"
    is_negated = kind in OWN_SENSES and sense is -OWN_SENSES[kind]
    return f"minus {article(kind)}" if is_negated else article(kind)
