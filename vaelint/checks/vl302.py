"""## What it does
Reports a name that says log-likelihood, ELBO or the like and holds a quantity to be lowered.

## Why is this bad?
Whoever reads `elbo` raises it, compares it, or selects the model where it is largest: the worst one.

## Example
```python
elbo = F.binary_cross_entropy(x_hat, x) + kl_divergence(q, p).sum()
```

## Use instead
```python
negative_elbo = F.binary_cross_entropy(x_hat, x) + kl_divergence(q, p).sum()
```

## Known limitations
Weak names (`reward`, `score`, `return`) are not judged: anything may be a reward.
"""

from __future__ import annotations

from collections.abc import Iterable

from vaelint.checks import wording
from vaelint.checks.base import Candidate, Check
from vaelint.checks.naming import misnamed
from vaelint.infer.events import Event
from vaelint.sense import Sense


def decide(event: Event) -> Iterable[Candidate]:
    yield from wording.decide(event, "VL302")
    found = misnamed(event, Sense.GAIN, "VL302", "negate the value, or say so in the name (`negative_elbo`, `nll`)")
    if found is not None:
        yield found


CHECK = Check(
    "VL302",
    "misnamed-gain",
    "a name that says log-likelihood, ELBO or reward holds a cost",
    __doc__,
    decide,
    bad=(
        """\
import torch.nn.functional as F
from torch.distributions import kl_divergence

def step(x_hat, x, q, p):
    elbo = F.binary_cross_entropy(x_hat, x) + kl_divergence(q, p).sum()  # expect: VL302
    return elbo
""",
    ),
    good=(
        """\
import torch.nn.functional as F
from torch.distributions import kl_divergence

def step(x_hat, x, q, p):
    elbo = -F.binary_cross_entropy(x_hat, x) - kl_divergence(q, p).sum()
    return elbo
""",
    ),
)
