"""## What it does
Reports a name that says log-likelihood, ELBO or the like and holds a quantity to be lowered; the label of a log or a
message as well, and a value whose annotation declares `vaelint.Gain`.

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
A name against a name counts only with a minus in sight (`elbo = -loglike`): one of the two is wrong, and it may be the
other one. Weak names (`reward`, `score`, `return`) are not judged: anything may be a reward. One reward is: an
imitation reward made of a discriminator's output that falls as the agent is taken for the expert, where both labels are
in sight.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaelint.checks import wording
from vaelint.checks.base import Against, Candidate, Check
from vaelint.checks.imitation import reversed_rewards
from vaelint.checks.judgement import as_held, directed, made, story, support
from vaelint.checks.naming import misdeclared, misnamings
from vaelint.checks.usage import returns_the_negation
from vaelint.infer.events import Event, Named
from vaelint.sense import Sense

EDIT = "negate the value, or rename it (`negative_elbo`, `nll`)"


def decide(event: Event) -> Iterable[Candidate]:
    yield from wording.decide(event, "VL302")
    yield from misdeclared(event, Sense.GAIN, "VL302")


def compare(events: Sequence[Event]) -> Iterable[Candidate]:
    yield from reversed_rewards(events)
    yield from misnamings(events, Sense.GAIN, "VL302", EDIT)
    for event in events:
        if isinstance(event, Named) and returns_the_negation(event, events):
            yield Candidate(
                "VL302",
                event.node,
                f"`{event.name}` is named like a gain, but returns a cost ↓ ({as_held(event.quantity)})",
                EDIT,
                made(directed(event.quantity)),
                story(event.quantity, (event.node, f"returned by `{event.name}`")),
                support(event.quantity),
                Against("name"),
            )


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
    compare=compare,
)
