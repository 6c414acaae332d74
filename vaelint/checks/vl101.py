"""## What it does
Reports a quantity that is to go up (a log-likelihood, an ELBO, a policy-gradient surrogate) and reaches a minimiser.

## Why is this bad?
Training runs without an error and the model learns the opposite: the data become *less* likely with every step.

## Example
```python
loss = Normal(model(x), 1.0).log_prob(y).mean()
loss.backward()
optimizer.step()
```

## Use instead
```python
loss = -Normal(model(x), 1.0).log_prob(y).mean()
```

## Known limitations
Only facts count: what a library computes, or a hand-written form that the analysis has recognised. An objective
known by its name alone is never reported here. Similarities, entropies and mutual information are wanted up or down
by context and are left alone. The value in an actor's objective is known by names (`critic(s, actor(s))`, `q_pi`) and
judged only in what is called a policy's loss, or moves an actor's parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaelint.checks.base import Candidate, Check
from vaelint.checks.games import of_the_world
from vaelint.checks.objective import against_its_sense, contradiction, core, directed, made, reversed_values
from vaelint.infer.events import Event, Optimised
from vaelint.sense import Sense


def decide(event: Event) -> Iterable[Candidate]:
    if isinstance(event, Optimised) and contradiction(event) is not None:
        if not made(directed(core(event))) <= of_the_world([event]):
            yield from against_its_sense(event, Sense.GAIN)


def compare(events: Sequence[Event]) -> Iterable[Candidate]:
    return reversed_values(events, "VL101")


CHECK = Check(
    "VL101",
    "likelihood-minimized",
    "a log-likelihood, ELBO or reward is minimised",
    __doc__,
    decide,
    bad=(
        """\
import torch
from torch.distributions import Normal

def train(model, loader, optimizer: torch.optim.Optimizer):
    for x, y in loader:
        optimizer.zero_grad()
        loss = Normal(model(x), 1.0).log_prob(y).mean()  # expect: VL101
        loss.backward()
        optimizer.step()
""",
    ),
    good=(
        """\
import torch
from torch.distributions import Normal

def train(model, loader, optimizer: torch.optim.Optimizer):
    for x, y in loader:
        optimizer.zero_grad()
        loss = -Normal(model(x), 1.0).log_prob(y).mean()
        loss.backward()
        optimizer.step()
""",
        """\
import torch
from torch.distributions import Normal

def fit(model, x, y):
    optimizer = torch.optim.Adam(model.parameters(), maximize=True)
    log_lik = Normal(model(x), 1.0).log_prob(y).mean()
    log_lik.backward()
    optimizer.step()
""",
    ),
    compare=compare,
)
