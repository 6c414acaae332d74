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
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaelint.checks.base import Candidate, Check
from vaelint.checks.judgement import directed, made, story, what
from vaelint.infer.algebra import overall
from vaelint.infer.events import Event, Named, Optimised, Summed
from vaelint.infer.values import Quantity
from vaelint.sense import Basis, Sense

_KINDS = frozenset({"kl", "log_density", "nll", "cross_entropy", "likelihood", "elbo"})


def compare(events: Sequence[Event]) -> Iterable[Candidate]:
    seen: set[tuple[int, str]] = set()
    for event in events:
        if not isinstance(event, Named) or event.how == "parameter" or (event.node, event.name) in seen:
            continue
        sense = _contradicted(event)
        if sense is None:
            continue
        seen.add((event.node, event.name))
        if _turned_round(event, events) or not _relied_on(event, events):
            continue
        yield _candidate(event, sense)


def _contradicted(event: Named) -> Sense | None:
    """The sense that a formula has against its name."""
    q, claim = event.quantity, event.claim
    terms = directed(q)
    if not claim.strong or claim.kind not in _KINDS or not claim.sense.directed:
        return None
    if not terms or not all(t.formula and t.meaning.kind in _KINDS for t in terms):
        return None
    verdict = overall(q)
    if verdict.sense is not -claim.sense or verdict.basis is not Basis.FACT:
        return None
    return verdict.sense


def _signs(q: Quantity, of: frozenset[int]) -> set[int]:
    return {t.sign for t in q.terms if t.made in of}


def _turned_round(event: Named, events: Sequence[Event]) -> bool:
    """Whether the value is used for what it is: negated beside terms that agree with it, named or optimised so."""
    of = made(directed(event.quantity))
    own = _signs(event.quantity, of)
    for other in events:
        if not isinstance(other, (Optimised, Summed, Named)) or other.node in of:
            continue
        hit = [t for t in other.quantity.terms if t.made in of]
        if not hit:
            continue
        senses = {t.value_sense for t in hit}
        if isinstance(other, Optimised):
            if other.direction.wants.directed and senses == {other.direction.wants}:
                return True
        elif isinstance(other, Named):
            if other.name != event.name and senses == {other.claim.sense}:
                return True
        elif not {t.sign for t in hit} & own:
            beside = {t.value_sense for t in other.quantity.terms if t.made not in of and t.meaning.sense.directed}
            # To negate a log-likelihood is what everybody does with one; a KL alone is negated to mend it.
            alone = len(other.quantity.terms) == 1
            usual = event.how == "return" and event.claim.kind in ("log_density", "likelihood", "elbo")
            if beside == senses or (not beside and not usual and (alone or event.how != "return")):
                return True
    return False


def _relied_on(event: Named, events: Sequence[Event]) -> bool:
    """Whether the value leaves under its name: returned by a function called so, or a term of a sum as it is."""
    if event.how == "return":
        return True
    of = made(directed(event.quantity))
    own = _signs(event.quantity, of)
    for other in events:
        if isinstance(other, (Summed, Optimised)) and len(other.quantity.terms) > 1 and other.node not in of:
            if _signs(other.quantity, of) & own:
                return True
        if isinstance(other, Named) and other.how == "return" and _contradicted(other) is not None:
            if _signs(other.quantity, of) & own:
                return True
    return False


def _candidate(event: Named, sense: Sense) -> Candidate:
    terms = directed(event.quantity)
    says = "a cost ↓" if event.claim.sense is Sense.COST else "a gain ↑"
    holds = "a gain ↑" if sense is Sense.GAIN else "a cost ↓"
    trace = terms[0].trace
    first = trace.steps()[0] if trace is not None else (terms[0].made, "")
    place = terms[0].made if len(terms) == 1 and terms[0].made >= 0 else event.node
    return Candidate(
        "VL401",
        place,
        f"`{event.name}` says {says}, but its formula is {holds} ({what(event.quantity)}): {first[1]}",
        "negate the formula, or give it the name of what it is",
        made(terms),
        story(
            event.quantity,
            (event.node, f"returned by `{event.name}`" if event.how == "return" else f"bound to `{event.name}`"),
        ),
    )


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
