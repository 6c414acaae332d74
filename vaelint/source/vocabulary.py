"""The words that make a piece of code our business. A file without any of them costs one search and no parse.

Plain substrings of the lowered text: the interpreter's own search for a literal is some fifty times faster than a
regular expression with as many branches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from vaelint.graph.spellings import UNARY
from vaelint.knowledge.loader import spoken

WORDS = (
    "loss", "log_p", "logp", "logprob", "log_like", "loglik", "log_lik", "likelihood", "nll", "elbo", "kl_", "_kl",
    "kld", "kl =", "kl(", "entropy", "density", "divergence", "evidence", "perplexity", "surrogate", "backward(",
    ".grad", "grad(", "_grads", ".step(", "minimiz", "minimis", "maximiz", "maximis", "training_step", "objective",
    "criterion", "reward", "advantage", "mse", "bce", "energy", "potential", "rsample", "cdist", "mcmc", "nuts",
    "apply_gradients", "apply_updates", "mutual_info", "log_acc", "hamiltonian", "gae", "acceptance",
    "accept(", "accept_", "soft_up", "target_param", "td_err", "metropolis", "anneal", "log(2", "logdet", "pdf(",
    "hazard", "logarithm", "log=false", "log=true", "log: bool",
    "vaelint", ", gain]", ", cost]",  # what an annotation declares
)  # fmt: skip
# Words of code that selects: checkpoints, tuning, best-so-far.
SELECTING = (
    "best", "monitor", "greater_is_better", "create_study", "fmin(", "gp_minimize", "score_function", "make_scorer",
    "direction=", "\"goal\"", "'goal'", "\"mode\": \"m", "mode=\"m", "mode='m", "mode: str = \"m", "_is_better",
    "def score(", "earlystop", "early_stop", "save_model(", "save_checkpoint(", "fitness", ".tell(", "plateau",
    "argsort(",
)  # fmt: skip
# Words of code that only some checks are about: selection by a metric, tuning, what optimisers are made of.
MORE = (
    "optim", "value_and_grad", "argmin", "argmax", "mode=", "reparam", "svi",
)  # fmt: skip
# Steps that are written by hand.
STEPS = ("lr *", "_rate *", ".eta *", " eta *", "alpha *", "alpha/", "alpha /", "lr/", "lr /", "step_size *")
OPTIMISES = frozenset(("backward(", "apply_gradients", "apply_updates"))
_NOISE = ("no_grad(", "set_grad_enabled(", "requires_grad(")


class _Lists(NamedTuple):
    """``claiming``: words of names that claim something of what they hold: metrics, which are selected by."""

    claiming: frozenset[str]
    words: tuple[str, ...]
    narrow: frozenset[str]
    all: tuple[str, ...]


@cache
def _lists() -> _Lists:
    claiming = spoken()
    words = (*WORDS, *SELECTING, *claiming, *STEPS)
    return _Lists(frozenset(claiming), words, frozenset(words), (*words, *MORE))


def mentions(text: str) -> bool:
    """Whether any word of the vocabulary occurs."""
    lowered = text.lower()
    return any(word in lowered for word in _lists().words)


def lower(text: str) -> str:
    """The text in lower case, every character at its place (``İ`` would become two)."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(c.lower() if c < "\x80" else c for c in text)


def words(text: str) -> frozenset[str]:
    """The words of all lists that occur."""
    lowered = text.lower()
    return frozenset(word for word in _lists().all if word in lowered)


def places(text: str) -> list[tuple[int, str]]:
    """Where words of all lists start, in order."""
    lowered = lower(text)
    found: list[tuple[int, str]] = []
    for word in _lists().all:
        at = lowered.find(word)
        while at >= 0:
            found.append((at, word))
            at = lowered.find(word, at + len(word))
    silent: set[int] = set()
    for word in _NOISE:  # `torch.no_grad()` has nothing to do with a gradient that somebody uses
        at = lowered.find(word)
        while at >= 0:
            silent |= {at + word.index("grad"), at + word.index("grad") - 1}
            at = lowered.find(word, at + len(word))
    return sorted(x for x in found if x[0] not in silent)


def matter(found: Iterable[str]) -> bool:
    """Whether these words make a piece of code our business."""
    return not _lists().narrow.isdisjoint(found)


def only_claims(found: Iterable[str]) -> bool:
    """Whether code with these words is our business for the names of metrics and errors alone."""
    return _lists().narrow.intersection(found) <= _lists().claiming


_DERIVATIVE = re.compile(
    r"def (?:\w+_)?(?:grad\w*|deriv\w*|prime|backward|der|dx)\(|def \w*(?:Prime|Gradient|Derivative)\("
    r"|def _?(?:grad|d|deriv|der|derivative|gradient)_\w+\(|def d(?:f|sig\w*|tanh|relu|soft\w*|loss|cost|mse)\("
)
_BINDS_GRADIENT = re.compile(r"^[ \t]+(?:grad|gradient|d[wbW]\w?|grad_\w{1,6}|\w{1,6}_grad)\s*=[^=]", re.M)
_CLOSED = re.compile(r"\b(?:exp|log|sigmoid|tanh)\w*\(|\*\* ?2|square\(|power\(|\.pow\(")
_DETERMINANTS = ("log_det", "logdet", "abs_det", "absdet", "log_df", "log_dz", "log_dx", "log_jac", "logjac", "ldj")
_WAYS = ("invers", "revers", "mode=")


def derives(text: str) -> bool:
    """Whether a function with its derivative may be in it: both have to be there, in closed form."""
    return (_DERIVATIVE.search(text) is not None or binds_gradients(text)) and _CLOSED.search(text) is not None


def binds_gradients(text: str) -> bool:
    return _BINDS_GRADIENT.search(text) is not None


_PRIMITIVE = re.compile(rf"def _*(?:{'|'.join(sorted(UNARY))})\(")


def redefines(text: str) -> bool:
    """Whether a function that has the name of a primitive may be in it."""
    return _PRIMITIVE.search(text) is not None


def flows(text: str) -> bool:
    """Whether a map that returns its log-determinant may be in it."""
    scales = "exp(" in text and "sum(" in text and any(word in text for word in _WAYS)
    return scales or any(word in text for word in _DETERMINANTS)
