"""What a name claims, by the words of it: a loss, a log-density, what is compared."""

from __future__ import annotations

from vaelint.infer.wording import sides
from vaelint.knowledge.schema import Claim
from vaelint.sense import Sense

COMPARED = sides.words(
    "diff difference delta change decrease increase gap improvement improve advantage margin regret excess "
    "contrast ratio score scores reward rewards metric metrics compare relative progress gain bonus distance "
    "wasserstein asymmetry asym"
)
_NO_LOSSES = frozenset(("distance", "energy", "potential", "penalty"))
_LOOSE = frozenset(("error", "err", "regret", "wer", "cer", "fid", "lpips"))


def is_loss(claim: Claim | None) -> bool:
    """Whether a name is that of something to be lowered, by the word loss or a technical term."""
    if claim is None or claim.sense is not Sense.COST or claim.word in _LOOSE:
        return False
    return claim.kind not in _NO_LOSSES or (claim.kind == "penalty" and "loss" in claim.word)


def is_density(claim: Claim | None) -> bool:
    """Whether a name is that of a log-density or a bound on one, by a technical term."""
    if claim is None or claim.sense is not Sense.GAIN or claim.kind not in ("log_density", "elbo"):
        return False
    return claim.strong or claim.word == "ll"
