"""## What it does
Reports a hand-written formula that becomes a known one (a KL divergence, a log-density, a cross-entropy) when exactly
one sign in it is turned. The message names the sign.

## Why is this bad?
Such a formula has no optimum where it should: the term with the wrong sign grows without bound, or the scale collapses.

## Example
```python
kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) + logvar.exp())
```

## Use instead
```python
kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
```

## Known limitations
Only formulas of the tables in `rules/formulas`; only those with enough structure that one sign less or more
is no other formula of its own; besides, codebook and commitment losses by how they are built, and
discounted returns, temporal differences, advantages, moving averages, the k3 estimator of a divergence, information
criteria, expected improvement and Langevin steps where all parts are called what they are.
A function and its logarithm side by side (`pdf` and `logpdf`, the two ways of a flag called `log`) are held against
each other by numbers. What is called an acceptance, or leads to one, has to hold where a uniform draw lies below the
probability, which weighs the new state over the old one (the logarithm of such a draw is never positive), and the
terms of a lower bound that are called log q have the opposite sign of those called log p. The target of a flow is the
derivative of its path where the sampler in sight goes through time the same way. A backward pass that is written by
hand is held against its forward pass, and the absolute value of a log-determinant against the map that it is of.
Where two signs could be turned, with different results, nothing is said. Additive constants are not judged: they change
a value, not an optimum.
"""

from __future__ import annotations

from collections.abc import Iterable

from vaelint.checks.base import Against, Candidate, Check, Saying
from vaelint.checks.claims import misstated
from vaelint.evidence import BY_PROOF, Confidence
from vaelint.infer.events import Event, Slipped


def decide(event: Event) -> Iterable[Candidate]:
    yield from misstated(event, "VL402")
    if not isinstance(event, Slipped):
        return
    slip = event.slip
    if "reward" in event.name.lower():
        return  # log D and -log(1 - D) both pay for looking like the expert: their mixture is no slip
    from vaelint.graph.example import of_slip

    several = slip.signs != 1
    those = "those signs" if several else "that sign"
    gaps = {
        "held": f"`{event.name}`: " if event.name else "", "what": slip.mended.noun, "flip": slip.flip,
        "away": f"{slip.signs} signs" if several else "one sign", "those": those,
    }  # fmt: skip
    steps = ((event.node, f"with {those} flipped: {slip.mended.reason}"),)
    yield (_EITHER if slip.either else _AWAY).of(
        slip.node, frozenset({event.node}), steps, BY_PROOF, gaps,
        turn="flip" if slip.turn and not slip.either else "", example=of_slip(slip),
    )  # fmt: skip


_LAW = Against("law", BY_PROOF)
_LIKELY = Confidence.LIKELY  # it may be a formula of its own
_EITHER = Saying(
    "VL402",
    "{held}these two terms have the same sign in {what}, but opposite signs here: {flip}, or flip the other",
    "flip the sign of one of the two",
    _LAW,
    _LIKELY,
)
_AWAY = Saying("VL402", "{held}this differs in {away} from {what}: {flip}", "flip {those}", _LAW, _LIKELY)


CHECK = Check(
    "VL402",
    "formula-slip",
    "a hand-written formula with one sign turned",
    __doc__,
    decide,
    bad=(
        """\
import torch

def kl_loss(mu, logvar):
    kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) + logvar.exp())  # expect: VL402
    return kl
""",
        """\
import jax.numpy as jnp

def log_prob(x, mean, variance):
    squared = (x - mean) ** 2 / (2 * variance)
    per_dim = squared - 0.5 * jnp.log(2 * jnp.pi * variance)  # expect: VL402
    return -jnp.sum(per_dim)
""",
    ),
    good=(
        """\
import torch

def kl_loss(mu, logvar):
    kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return kl
""",
        """\
import jax.numpy as jnp

def log_ratio(x, mean, variance):
    log_p = -0.5 * (x - mean) ** 2 / variance - 0.5 * jnp.log(2 * jnp.pi * variance)
    log_q = -0.5 * x**2 - 0.5 * jnp.log(2 * jnp.pi)
    return log_p - log_q
""",
    ),
)
