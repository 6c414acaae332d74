"""## What it does
Reports a hand-written KL divergence, log-density, likelihood or entropy whose optimum contradicts the name it is given,
where nothing that uses it makes up for that.

## Why is this bad?
`log_likelihood = 0.5 * np.sum(r**2 / s2 + np.log(2 * np.pi * s2))` is greatest where the data are *least* likely.
Whoever trusts the name maximises it.

## Example
```python
def log_likelihood(self, theta):
    r = self.y - self.model(theta)
    return 0.5 * np.sum(r**2 / self.s2 + np.log(2 * np.pi * self.s2))
```

## Use instead
```python
def log_likelihood(self, theta):
    r = self.y - self.model(theta)
    return -0.5 * np.sum(r**2 / self.s2 + np.log(2 * np.pi * self.s2))
```

## Known limitations
A name that holds the negation of what it says is common and right where the value is subtracted (`loss = recon - kld`
of a `kld` that is written as minus the KL): it is reported only where it is added as its name says, reaches an
optimiser the wrong way, or is what a function of that name returns and nothing in the file turns it round.

A few laws are known by technical names instead of values: a mutual information is an entropy less a conditional one,
a Metropolis log-acceptance falls where the Hamiltonian rises, the log-density of a uniform distribution is minus the
log of its width, an entropy is minus the mean log-density of its
own draws, a soft value is `Q - alpha * log_pi`, PPO takes the lesser of a surrogate and its clipped twin, a
divergence from a reference policy is taken off a reward, and so is what is called a cost, or is a distance from a
goal, where a square, a norm or an absolute value in sight shows its sign.

A sum that a loop builds up is the sum of its term, and a share of a whole (a count over the sum of the counts) is a
probability.

Of a log-density that no table holds one thing is known: it falls far out. What a function of that name returns is
reported where it rises without bound on every side instead, and all of its formula is in sight.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaelint.checks.base import Candidate, Check, Saying
from vaelint.checks.claims import (
    ENTROPIES,
    contradicts,
    grows_without_bound,
    is_made_up_for,
    is_relied_on,
    misstated,
    parts,
    pulls_against,
)
from vaelint.checks.objective import ending, finding_about
from vaelint.finding import Example
from vaelint.infer.events import Convention, Event, Misstated, Named, Slipped
from vaelint.infer.quantities.policies import SOFT_VALUE
from vaelint.infer.values import Term
from vaelint.sense import Sense
from vaelint.ways import meant


def _misstated(event: Misstated, events: Sequence[Event]) -> Iterable[Candidate]:
    """What breaks a law; not where a file keeps to the law's negation throughout: a name is what misleads there.

    Called ``log_prob``, minus a log-probability is added to the value and compared with the target entropy as it is.
    """
    kept = [e.turned for e in events if isinstance(e, Convention) and e.law == event.law]
    if kept and all(kept):
        return
    again = {e.node for e in events if isinstance(e, Misstated) and e.law == event.law and e.law == SOFT_VALUE}
    # Whoever writes it so every time means something by it, or has the wrong name.
    yield from misstated(event, "VL401", doubted=len(again) > 1 and not kept)


def compare(events: Sequence[Event]) -> Iterable[Candidate]:
    for broken in events:
        if isinstance(broken, Misstated):
            yield from _misstated(broken, events)
    seen: set[tuple[int, str]] = set()
    # What is one sign away from a formula is not that formula: VL402 says so.
    slipped = {e.node for e in events if isinstance(e, Slipped)}
    for event in events:
        if not isinstance(event, Named) or event.how == "parameter" or (event.node, event.name) in seen:
            continue
        if grows_without_bound(event) and pulls_against(event, events):
            seen.add((event.node, event.name))
            gaps = {"name": event.name}
            yield finding_about(_GROWING, event.node, event.quantity, [(event.node, ending(event))], gaps=gaps)
            continue
        if not contradicts(event) or any(t.made in slipped for t in parts(event)):
            continue
        seen.add((event.node, event.name))
        if is_relied_on(event, events) and (_defines_a_density(event) or not is_made_up_for(event, events)):
            yield _candidate(event)


def _defines_a_density(event: Named) -> bool:
    """Whether a function is called after the log-density that it computes: whoever calls it next trusts its name,
    whatever those do that call it today."""
    return event.how == "return" and event.claim.strong and event.claim.kind in ("log_density", "likelihood")


_NAMED = Saying(
    "VL401",
    "`{name}` is named like {says}, but its formula is {holds}: {why}",
    "negate the formula, or rename it to what it is",
    turn="whole",
)


_GROWING = Saying(
    "VL401",
    "`{name}` is named like a log-density, but is a square or a norm, which grows without bound: a log-density falls "
    "far out",
    "put a minus in front of it",
    turn="whole",
)


def _edited(event: Named, terms: list[Term]) -> int:
    """The formula; where a log-density of its own is taken for an entropy, the expression that does so.

    A log-density may be right where it is computed, and be negated on the way out.
    """
    if _defines_a_density(event) and len(terms) == 1 and terms[0].sign < 0:
        return event.node
    own = event.claim.kind != "entropy" or terms[0].meaning.kind in ENTROPIES
    return terms[0].made if own and len(terms) == 1 and terms[0].made >= 0 else event.node


def _candidate(event: Named) -> Candidate:
    terms = parts(event)
    trace = terms[0].trace
    why = trace.steps()[0][1] if trace is not None else ""
    if f", {'greatest' if terms[0].value_sense is Sense.COST else 'least'} at " in why:
        why = f"the negation of {why}"
    if event.claim.kind == "entropy":
        says, holds = "an entropy", "the negation of one"
        if terms[0].meaning.kind not in ENTROPIES:
            why = f"`{terms[0].label}` is a log-density, and the entropy is minus its mean"
    else:
        says, holds = meant(event.claim.sense).held, meant(-event.claim.sense).held
    gaps = {"name": event.name, "says": says, "holds": holds, "why": why}
    steps, example = [(event.node, ending(event))], _example(event, terms)
    return finding_about(_NAMED, _edited(event, terms), event.quantity, steps, terms, gaps=gaps, example=example)


def _example(event: Named, terms: Sequence[Term]) -> Example | None:
    """Of one formula that is the whole value: a sum of several is worth something else."""
    proof = terms[0].proof if len(terms) == 1 and len(event.quantity.terms) == 1 else None
    if proof is None:
        return None
    sign = 1 if (proof.scale > 0) is (proof.meaning.kind != "nll") else -1  # of a density the term is its logarithm
    if terms[0].sign != sign:
        return None  # its sign was changed on the way here
    from vaelint.graph.example import of_negated

    return of_negated(proof, event.claim.kind)


CHECK = Check(
    "VL401",
    "formula-sign",
    "a hand-written formula whose optimum contradicts its name",
    __doc__,
    bad=(
        """\
import numpy as np

class Fit:
    def log_likelihood(self, theta):
        r = self.y - self.model(theta)
        s2 = self.noise**2
        return 0.5 * np.sum(r**2 / s2 + np.log(2 * np.pi * s2))  # expect: VL401
""",
    ),
    good=(
        """\
import numpy as np

class Fit:
    def log_likelihood(self, theta):
        r = self.y - self.model(theta)
        s2 = self.noise**2
        return -0.5 * np.sum(r**2 / s2 + np.log(2 * np.pi * s2))
""",
        """\
import torch

def loss_function(recon, x, mu, logvar):
    bce = torch.nn.functional.binary_cross_entropy(recon, x)
    kld = 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return bce - kld
""",
    ),
    compare=compare,
)
