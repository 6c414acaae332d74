"""## What it does
Reports a name that says loss (`recon_loss`, `nll`, `kl`) and holds a quantity to be raised, such as a log-likelihood;
the label of a log or a message as well (`f"NLL: {log_prob}"`), and what is minimised, shown as a loss with the other
sign. A value whose annotation declares `vaelint.Cost` and that is such a quantity as well, and what a function named
after a policy's loss returns without its minus, if no caller in sight adds it.

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
A name against a name counts only with a minus in sight: `loss = -F.mse_loss(a, b)`. There one of the two names is
wrong, and it may be the other one. `nll = log_p.mean()` of a `log_p` that is known by its name alone is not reported,
nor is a similarity or a negated error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaelint.checks.base import Candidate, Check, Saying
from vaelint.checks.claims import misdeclared, misnamings, worded
from vaelint.checks.objective import finding_about
from vaelint.evidence import BY_STRUCTURE
from vaelint.infer.events import Event, Named, Optimised
from vaelint.sense import Direction, Sense


def decide(event: Event) -> Iterable[Candidate]:
    yield from worded(event, "VL301")
    yield from misdeclared(event, Sense.COST, "VL301")


def compare(events: Sequence[Event]) -> Iterable[Candidate]:
    edit = "negate the value, or rename it (`{true_name}`)"
    yield from misnamings(events, Sense.COST, "VL301", edit)
    yield from _shown_negated(events)


_SHOWN = Saying(
    "VL301",
    "`{name}` is shown with the wrong sign: the value is minus what is minimised",
    "drop the minus where it is shown, or rename the label",
    turn="whole",
)


def _shown_negated(events: Sequence[Event]) -> Iterable[Candidate]:
    """What is minimised, shown negated under the label of a loss: ``print("loss: %.3f" % -loss)``."""
    lowered = {
        t.made
        for x in events
        if isinstance(x, Optimised) and x.direction is Direction.MINIMIZE and len(x.quantity.terms) == 1
        for t in x.quantity.terms
        if t.value_sense is Sense.COST
    }
    for event in events:
        if not isinstance(event, Named) or event.how != "label" or event.claim.sense is not Sense.COST:
            continue
        terms = event.quantity.terms
        if len(terms) == 1 and terms[0].made in lowered and terms[0].value_sense is Sense.GAIN:
            steps, gaps = [(event.node, f"shown as `{event.name}`")], {"name": event.name}
            yield finding_about(_SHOWN, event.node, event.quantity, steps, terms, gaps=gaps, value=BY_STRUCTURE)


CHECK = Check(
    "VL301",
    "misnamed-loss",
    "a name that says loss holds a log-likelihood",
    __doc__,
    decide,
    compare=compare,
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
