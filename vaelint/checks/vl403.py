"""## What it does
Reports code that computes what a comment or a docstring beside it gives as a formula, but for one sign: a term that is
added in the one and subtracted in the other, or all of it negated.

## Why is this bad?
One of the two is wrong. Who reads the formula believes that the code does the same.

## Example
```python
# A = -0.5 (a - mu)^T P (a - mu)
advantage = 0.5 * (diff.T @ P @ diff)
```

## Use instead
```python
# A = -0.5 (a - mu)^T P (a - mu)
advantage = -0.5 * (diff.T @ P @ diff)
```

## Known limitations
Formulas of one row, plain or in LaTeX, whose names are those of the code, or their initials; a value is that of the
formula up to a positive scale and an additive constant. Sums are taken on one element, transpositions are left out. A
comment that is Python as it stands is older code, and not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable

from vaelint.checks.base import Candidate, Check
from vaelint.checks.claims import misstated
from vaelint.infer.events import Event


def decide(event: Event) -> Iterable[Candidate]:
    yield from misstated(event, "VL403")


CHECK = Check(
    "VL403",
    "formula-documented",
    "code that differs in one sign from the formula that is written beside it",
    __doc__,
    decide,
    bad=(
        """\
import numpy as np

def advantage(actions, mu, precision):
    # A = -0.5 (a - mu)^T P (a - mu)
    advantage = 0.5 * (actions - mu) * precision * (actions - mu)  # expect: VL403
    return advantage
""",
        '''\\
import torch

def rate_loss(rate, count, exposure):
    r"""Loss of counts.

    .. math:: loss = \\text{exposure} \\cdot \\text{rate} - \\text{count} \\log \\text{rate}
    """
    loss = exposure * rate + count * torch.log(rate)  # expect: VL403
    return loss.mean()
''',
        '''\
import torch

def poisson_loss(rate, count):
    """Loss of counts.

    loss = rate - count log(rate)
    """
    return rate + count * torch.log(rate)  # expect: VL403
''',
        '''\
import torch
from torch import nn

class PoissonLoss(nn.Module):
    """The loss is

        loss = rate - count log(rate)
    """

    def forward(self, rate, count):
        loss = rate + count * torch.log(rate)  # expect: VL403
        return loss.mean()
''',
    ),
    good=(
        """\
import numpy as np

def advantage(actions, mu, precision):
    # A = -0.5 (a - mu)^T P (a - mu)
    advantage = -0.5 * (actions - mu) * precision * (actions - mu)
    return advantage
""",
        """\
import torch

def total(kl, error, weight):
    # loss = error + weight * kl
    loss = error - weight * kl
    return loss
""",
    ),
)
