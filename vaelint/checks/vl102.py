"""## What it does
Reports a quantity that is to go down (a loss, an NLL, a KL divergence, an error) and reaches a maximiser: an
optimiser with `maximize=True`, a negated loss, a hand-written update that adds the gradient.

## Why is this bad?
Every step makes the model worse at what the loss measures.

## Example
```python
loss = F.mse_loss(model(x), y)
loss.backward()
for p in model.parameters():
    p.data.add_(lr * p.grad)
```

## Use instead
```python
for p in model.parameters():
    p.data.sub_(lr * p.grad)
```

## Known limitations
Ascending a loss is the point of adversarial attacks, games, gradient ascent unlearning and dual updates. They are known
by what is moved (an input, a multiplier) and by who else moves (a second optimiser that lowers what the first one
raises). Where that is not in sight, words decide: unlearning, attack, ascent anywhere; generator, critic, domain only
where a second player may be. What is negated where it is backpropagated counts as a loss by its name, if no value
says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaelint.checks import wording
from vaelint.checks.base import Candidate, Check
from vaelint.checks.games import is_game
from vaelint.checks.judgement import (
    a_what,
    contradiction,
    core,
    directed,
    is_penalised,
    made,
    nature,
    place,
    story,
    support,
    towards,
)
from vaelint.checks.temperatures import turned_temperatures
from vaelint.infer.events import Event, Optimised
from vaelint.sense import Direction, Sense


def decide(event: Event) -> Iterable[Candidate]:
    yield from wording.decide(event, "VL102")


def compare(events: Sequence[Event]) -> Iterable[Candidate]:
    yield from wording.maximizers(events)
    yield from turned_temperatures(events)
    for event in events:
        if isinstance(event, Optimised) and contradiction(event) is not None and not is_game(event, events):
            yield from _raised(event)


def _raised(event: Optimised) -> Iterable[Candidate]:
    q = core(event)
    if nature(q) is not Sense.COST:
        return
    end = event.update if event.update is not None else event.node
    yield Candidate(
        "VL102",
        place(event),
        f"`{q.label}` is {a_what(q)} ↓, which should be minimised, but it is maximised here",
        _edit(event),
        made(directed(q)),
        story(q, (end, f"maximised here ({event.via})")),
        support(q, gradient=True),
        towards(event),
        optimised=event.node,
        turn="" if event.update is not None or is_penalised(event) else "drop",
    )


def _edit(event: Optimised) -> str:
    if event.update:
        return "subtract the gradient instead of adding it"
    # Of an optimiser that maximises the direction is what is wrong; else a minus is.
    return "minimise instead of maximise" if event.direction is Direction.MAXIMIZE else "drop the minus"


CHECK = Check(
    "VL102",
    "loss-maximized",
    "a loss, NLL, KL or error is maximised",
    __doc__,
    decide,
    compare=compare,
    bad=(
        """\
import torch
import torch.nn.functional as F

def train(model, loader, lr):
    for x, y in loader:
        loss = F.mse_loss(model(x), y)
        loss.backward()
        for p in model.parameters():
            p.data.add_(lr * p.grad)  # expect: VL102
""",
        """\
import torch
import torch.nn.functional as F

def train(model, loader):
    opt = torch.optim.SGD(model.parameters(), lr=0.1, maximize=True)
    for x, y in loader:
        loss = F.mse_loss(model(x), y)  # expect: VL102
        loss.backward()
        opt.step()
""",
    ),
    good=(
        """\
import torch
import torch.nn.functional as F

def train(model, loader, lr):
    for x, y in loader:
        loss = F.mse_loss(model(x), y)
        loss.backward()
        for p in model.parameters():
            p.data.sub_(lr * p.grad)
""",
        """\
import torch.nn.functional as F

def fgsm(model, x, y, epsilon):
    x.requires_grad = True
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    return x + epsilon * x.grad.sign()
""",
    ),
)
