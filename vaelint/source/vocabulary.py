"""The words that make a piece of code our business. A file without any of them costs one search and no parse.

Plain substrings of the lowered text: the interpreter's own search for a literal is some fifty times faster than a
regular expression with as many branches.
"""

from __future__ import annotations

from bisect import bisect_left

WORDS = (
    "loss", "log_p", "logp", "logprob", "log_like", "loglik", "log_lik", "likelihood", "nll", "elbo", "kl_", "_kl",
    "kld", "kl =", "kl(", "entropy", "density", "divergence", "evidence", "perplexity", "surrogate", "backward(",
    ".grad", "grad(", "_grads", ".step(", "minimiz", "minimis", "maximiz", "maximis", "training_step", "objective",
    "criterion", "reward", "advantage", "mse", "bce", "energy", "potential", "rsample", "cdist", "mcmc", "nuts",
    "apply_gradients", "apply_updates",
)  # fmt: skip
_NOISE = ("no_grad(", "set_grad_enabled(", "requires_grad(")


def mentions(text: str) -> bool:
    """Whether any word of the vocabulary occurs."""
    lowered = text.lower()
    return any(word in lowered for word in WORDS)


def offsets(text: str) -> list[int]:
    """Where words of the vocabulary start, in order."""
    lowered = text.lower()
    found: set[int] = set()
    for word in WORDS:
        at = lowered.find(word)
        while at >= 0:
            found.add(at)
            at = lowered.find(word, at + len(word))
    for word in _NOISE:  # `torch.no_grad()` has nothing to do with a gradient that somebody uses
        at = lowered.find(word)
        while at >= 0:
            found -= {at + word.index("grad"), at + word.index("grad") - 1}
            at = lowered.find(word, at + len(word))
    return sorted(found)


def any_between(places: list[int], begin: int, end: int) -> bool:
    i = bisect_left(places, begin)
    return i < len(places) and places[i] < end
