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

from vaelint.checks.base import Against, Candidate, Check, Saying
from vaelint.checks.claims import maximizers, worded
from vaelint.checks.games import Players, is_game
from vaelint.checks.objective import against_its_sense, contradiction, finding_about
from vaelint.evidence import BY_PROOF
from vaelint.infer.events import Event, Named, Optimised
from vaelint.infer.values import Term
from vaelint.sense import Sense


def decide(event: Event) -> Iterable[Candidate]:
    yield from worded(event, "VL102")


def compare(events: Sequence[Event]) -> Iterable[Candidate]:
    yield from maximizers(events)
    yield from turned_temperatures(events)
    players = Players(events)
    for event in events:
        if isinstance(event, Optimised) and contradiction(event) is not None and not is_game(event, players):
            yield from against_its_sense(event, Sense.COST)


# --- temperatures --------------------------------------------------------------------------------------

# Temperatures whose loss is turned where it is named, though no optimiser is in sight for it alone.
#
# ``alpha * (log_pi + target_entropy)`` under the name of a loss is minus what is to be lowered (Haarnoja et al. 2018,
# eq. 18), unless something in the file turns it round.


_TEMPERATURE = Saying(
    "VL102",
    "`{name}` has the wrong sign: minimised like this, the temperature moves the entropy away from its target",
    "flip the sign: write alpha * (entropy - target), or -alpha * (log_pi + target)",
    Against("law", BY_PROOF),
)


def turned_temperatures(events: Sequence[Event]) -> Iterable[Candidate]:
    """Losses of temperatures that are to be raised, as they stand, and that nobody negates."""
    seen: set[int] = set()
    for event in events:
        if not isinstance(event, Named) or event.claim.sense is not Sense.COST or len(event.quantity.terms) != 1:
            continue
        t = event.quantity.terms[0]
        if t.meaning.kind != "temperature" or t.value_sense is not Sense.GAIN or not t.live or t.made in seen:
            continue
        seen.add(t.made)
        if not _is_turned_elsewhere(t, events):
            steps = [(event.node, f"bound to `{event.name}`")]
            yield finding_about(_TEMPERATURE, event.node, event.quantity, steps, [t], gaps={"name": event.name})


def _is_turned_elsewhere(t: Term, events: Sequence[Event]) -> bool:
    held = (e.quantity.terms for e in events if isinstance(e, (Named, Optimised)))
    return any((u.made, u.sign) == (t.made, -t.sign) for terms in held for u in terms)


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
