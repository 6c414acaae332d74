"""## What it does
Reports a name that says loss (`recon_loss`, `nll`, `kl`) and holds a quantity to be raised, such as a log-likelihood.

## Why is this bad?
The next person adds the "loss" to an objective, or logs it and reads a rising curve as failure. Most sign errors
begin with such a name.

## Example
```python
recon_loss = Normal(decoder(z), 1.0).log_prob(x).sum()
```

## Use instead
```python
recon_loss = -Normal(decoder(z), 1.0).log_prob(x).sum()
```
or call it `log_likelihood`.

## Known limitations
Only names against facts: a name against another name is no finding. A similarity or a negated error under the name of
a loss is not reported.
"""

from __future__ import annotations

from collections.abc import Iterable

from vaelint.checks import wording
from vaelint.checks.base import Candidate, Check
from vaelint.checks.naming import misnamed
from vaelint.infer.events import Event
from vaelint.sense import Sense


def decide(event: Event) -> Iterable[Candidate]:
    yield from wording.decide(event, "VL301")
    edit = "negate the value, or give it the name of what it is (`log_likelihood`)"
    found = misnamed(event, Sense.COST, "VL301", edit)
    if found is not None:
        yield found


CHECK = Check(
    "VL301",
    "misnamed-loss",
    "a name that says loss holds a log-likelihood",
    __doc__,
    decide,
    bad=(
        """\
from torch.distributions import Normal

def step(decoder, z, x):
    recon_loss = Normal(decoder(z), 1.0).log_prob(x).sum()  # expect: VL301
    return -recon_loss
""",
    ),
    good=(
        """\
from torch.distributions import Normal

def step(decoder, z, x):
    recon_loss = -Normal(decoder(z), 1.0).log_prob(x).sum()
    return recon_loss
""",
    ),
)
