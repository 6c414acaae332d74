"""## What it does
Reports a value given to an API that needs the opposite sense: a negated log-density where a log-density is needed, a
log-density where an energy is needed, log-probabilities negated before `F.nll_loss`. Of the project's own functions,
what a parameter's name asks for is compared with what is passed: a log-likelihood for `nll`, for a `reward_fn` a
function that returns a cost; and a parameter or a field whose annotation has `vaelint.Gain` or `vaelint.Cost`
(`Annotated[Tensor, vaelint.Gain]`) is held to it. What a sampler of the project accepts moves by is a log-density
where a move is accepted as it rises, and an energy where it is as it falls. What a function called `maximize` is given
may not reach a minimiser as it is, and a ranking loss may not, by the sign of its target, raise the distance of
positives.

## Why is this bad?
The consumer negates once more, or not at all: a sampler then draws where the density is lowest, a loss is turned round.

## Example
```python
nuts = blackjax.nuts(lambda z: -log_density(z), step_size, inverse_mass_matrix)
```

## Use instead
```python
nuts = blackjax.nuts(log_density, step_size, inverse_mass_matrix)
```

## Known limitations
A value that is known only by a weak name (`score`, `f`) is not judged. For a parameter called a reward only what is
called a cost all along is reported: anything may be a reward.
"""

from __future__ import annotations

from collections.abc import Iterable

from vaelint.checks.base import Against, Candidate, Check, Saying
from vaelint.checks.claims import misstated, worded
from vaelint.checks.objective import TWO_WAY, directed, finding_about, is_density_of_draws, to_negate
from vaelint.evidence import BY_LIBRARY, BY_SIGN, Basis, Support
from vaelint.infer.events import Event, Handed, PassedOn
from vaelint.infer.quantities.algebra import names_agree, overall
from vaelint.infer.values import Quantity, Term
from vaelint.knowledge.schema import Claim
from vaelint.records import replace
from vaelint.sense import Meaning, Sense
from vaelint.ways import WAYS

_NOUNS = {Sense.GAIN: "a log-density ↑", Sense.COST: "an energy or loss ↓"}
# A name counts here only where it is a technical term for the very thing that the API asks for.
_TECHNICAL = frozenset({"log_density", "nll", "likelihood", "elbo", "kl"})


def _saying(message: str, edit: str) -> Saying:
    return Saying("VL202", message, edit, Against("parameter"), turn="whole")


_SAYINGS = {
    "log_probability": _saying(
        "`{value}` is minus a log-probability, but `{api}` needs log-probabilities as `{parameter}`",
        "drop the minus: the loss negates its input itself",
    ),
    "similarity": _saying(
        "`{value}` is minus a similarity, but `{api}` gives most weight to the largest value",
        "drop the minus, so that the most similar gets most weight",
    ),
    "distance": _saying(
        "`{value}` is a distance between two values ↓, but `{api}` takes the largest `{parameter}` for the most likely",
        "negate the distance, so that the nearest is the most likely",
    ),
    "softmax": _saying(
        "softmax over `{value}`, a distance ↓: the farthest gets the most weight",
        "negate the distances once (if there are two minuses, drop one)",
    ),
    "library": _saying(
        "`{value}` is {noun}, but `{api}` needs {needed} as `{parameter}`",
        "{edit}",
    ),
    "annotation": _saying(
        "`{value}` is {way} ({held}), but `{parameter}` of `{api}` is declared `vaelint.{takes}`",
        "{edit}, or correct the annotation of the parameter",
    ),
    "name": _saying(
        "`{value}` is {way} ({held}), but it is passed to `{api}` as `{parameter}`",
        "{edit}, or rename the parameter to what it takes",
    ),
}


def decide(event: Event) -> Iterable[Candidate]:
    yield from worded(event, "VL202")
    yield from misstated(event, "VL202")
    if isinstance(event, PassedOn):
        yield _passed_on(event)
    elif isinstance(event, Handed) and event.needs.directed:
        how = _against(event)
        if how:
            yield _handed(event, how)


def _against(event: Handed) -> str:
    """The row of `_SAYINGS` for what is wrong with what is passed; empty where nothing is."""
    q, gain = event.quantity, event.needs is Sense.GAIN
    if event.claim is not None:
        return "name" if _speaks_against(q, event.claim) else ""
    t = q.terms[0] if len(q.terms) == 1 else None
    if gain and t is not None and t.sign < 0:
        if t.meaning.kind == "log_probability" or (t.meaning.kind == "similarity" and t.meaning.is_evidence):
            return t.meaning.kind
    if gain and event.basis is not Basis.ANNOTATION and event.api != "softmax" and _is_distance(q):
        return "distance"
    verdict = overall(q)
    if verdict.sense is not -event.needs or not (verdict.is_evidence or _says_so_with_a_minus(q)):
        return ""
    return "annotation" if event.basis is Basis.ANNOTATION else "softmax" if event.api == "softmax" else "library"


def _is_distance(q: Quantity) -> bool:
    """Whether it is a square or a norm of differences: which of the two is the target of the other is no matter."""
    return bool(q.terms) and all(
        t.value_sense is Sense.COST and (t.over if t.meaning.kind == "error" else _is_of_two(t)) for t in q.terms
    )


def _is_of_two(t: Term) -> bool:
    """Whether it is the square or norm of a sum of several: that of one (a capsule's length) is no distance."""
    return t.meaning.kind == "penalty" and len(t.over) > 1


_DISTANCE = Meaning(Sense.COST, "distance", Basis.STRUCTURE)


def _handed(event: Handed, how: str) -> Candidate:
    q, gain = event.quantity, event.needs is Sense.GAIN
    if how == "distance":
        q = q.having(terms=tuple(replace(t, meaning=_DISTANCE) for t in q.terms))
    against = Against("declaration" if how == "annotation" else "parameter", Support(event.basis))
    # What computes a log-likelihood is right as it is, and is passed to the wrong place.
    inside = q.origin >= 0 and (how == "library" or (how == "name" and gain))
    api = event.api if how == "softmax" else f"`{event.api}` as `{event.parameter}`"
    return finding_about(
        _SAYINGS[how],
        q.origin if inside else event.node,
        q,
        [(event.node, f"passed to {api}")],
        q.terms if how in ("log_probability", "similarity") else None,
        gaps={
            "api": event.api,
            "parameter": event.parameter,
            "noun": _NOUNS[-event.needs],
            "needed": _NOUNS[event.needs],
            "takes": "Gain" if gain else "Cost",
            "edit": to_negate(q.label),
        },
        against=against,
    )


_PASSED_ON = Saying(
    "VL202",
    "`{function}` is given `{given}` and passes {how} to `{via}`, which {moves} it",
    "{edit}",
    Against("parameter", BY_LIBRARY),
)


def _passed_on(event: PassedOn) -> Candidate:
    """What `maximize` was given, in the hands of a minimiser."""
    moves = WAYS[event.direction].moves
    how, edit = "it as it is", "pass its negation: put a minus in front"
    if event.is_negated:
        how, edit = "its negation", "drop the minus"
    gaps = {
        "function": event.function, "given": event.given, "how": how, "via": event.via, "moves": moves, "edit": edit,
    }  # fmt: skip
    steps = ((event.node, f"`{event.via}` {moves} what it is passed"),)
    return _PASSED_ON.of(event.at, frozenset((event.at,)), steps, BY_SIGN, gaps)


# What a parameter may be called so that what is passed for it can be held against its name.
_CLAIMED = frozenset({"", "log_density", "nll", "kl", "elbo", "likelihood", "cross_entropy", "accuracy", "error"})
_LIKELIHOODS = frozenset({"log_density", "likelihood", "elbo"})


def _speaks_against(q: Quantity, claim: Claim) -> bool:
    """Whether what is passed for a parameter of the project goes the other way than its name says."""
    terms = directed(q)
    verdict = overall(q)
    if claim.kind == "reward":  # anything may be a reward, but what is called a cost all along
        return all("" in t.said for t in terms) and (verdict.is_evidence or names_agree(q))
    if claim.kind not in _CLAIMED or not verdict.is_evidence:
        return False
    if any(t.meaning.kind in TWO_WAY for t in terms) or is_density_of_draws(q, claim):
        return False
    if claim.sense is Sense.COST and not claim.strong:  # "loss": what is negated once more may be called so
        return all(t.meaning.kind in _LIKELIHOODS and t.sign > 0 for t in terms)
    return claim.strong or claim.kind == "accuracy"


def _says_so_with_a_minus(q: Quantity) -> bool:
    """A name counts where it is a technical term and the code turns it round in sight."""
    terms = directed(q)
    return all(t.meaning.kind in _TECHNICAL for t in terms) and any(t.sign < 0 for t in terms)


CHECK = Check(
    "VL202",
    "wrong-argument-sense",
    "an API that needs a log-density got a cost, or the reverse",
    __doc__,
    decide,
    bad=(
        """\
import torch.nn.functional as F

def loss(logits, y):
    log_probs = F.log_softmax(logits, dim=-1)
    return F.nll_loss(-log_probs, y)  # expect: VL202
""",
        """\
import blackjax
import jax.scipy.stats as stats

def run(data, inverse_mass_matrix):
    def logdensity(mu):
        return -stats.norm.logpdf(data, mu, 1.0).sum()  # expect: VL202

    return blackjax.nuts(logdensity, 0.1, inverse_mass_matrix)
""",
    ),
    good=(
        """\
import torch.nn.functional as F

def loss(logits, y):
    return F.nll_loss(F.log_softmax(logits, dim=-1), y)
""",
    ),
)
