"""## What it does
Reports a value given to an API that needs the opposite sense: a negated log-density where a log-density is needed, a
log-density where an energy is needed, log-probabilities negated before `F.nll_loss`. Of the project's own functions,
what a parameter's name asks for is compared with what is passed: a log-likelihood for `nll`, for a `reward_fn` a
function that returns a cost; and a parameter or a field whose annotation has `vaelint.Gain` or `vaelint.Cost`
(`Annotated[Tensor, vaelint.Gain]`) is held to it. What a function called `maximize` is given may not reach a minimiser
as it is, and a ranking loss may not, by the sign of its target, raise the distance of positives.

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

from vaelint.checks.base import Against, Candidate, Check
from vaelint.checks.claims import worded
from vaelint.checks.objective import TWO_WAY, as_held, directed, is_density_of_draws, made, of_terms, story, support
from vaelint.evidence import BY_LIBRARY, BY_SIGN, Basis, Support
from vaelint.infer.events import Event, Handed, Misstated, PassedOn
from vaelint.infer.quantities.algebra import names_agree, overall
from vaelint.infer.values import Quantity
from vaelint.knowledge.schema import Claim
from vaelint.sense import Direction, Sense

_NOUNS = {"gain": "a log-density ↑", "cost": "an energy or loss ↓"}
# A name counts here only where it is a technical term for the very thing that the API asks for.
_TECHNICAL = frozenset({"log_density", "nll", "likelihood", "elbo", "kl"})


def decide(event: Event) -> Iterable[Candidate]:
    yield from worded(event, "VL202")
    if isinstance(event, Misstated) and event.code == "VL202":
        about, ranked = frozenset({event.node}), Against("parameter", BY_LIBRARY)
        yield Candidate("VL202", event.node, event.message, event.help, about, (), event.value, ranked)
    if isinstance(event, PassedOn):
        yield _passed_on(event)
        return
    if not isinstance(event, Handed) or not event.needs.directed:
        return
    if event.claim is not None:
        yield from _against_a_name(event, event.claim)
        return
    q = event.quantity
    verdict = overall(q)
    needed = Against("parameter", Support(event.basis))
    if event.needs is Sense.GAIN and _is_negated_log_probability(q):
        yield Candidate(
            "VL202",
            event.node,
            f"`{q.label}` is minus a log-probability, but `{event.api}` needs log-probabilities as `{event.parameter}`",
            "drop the minus: the loss negates its input itself",
            made(q.terms),
            story(q, (event.node, f"passed to `{event.api}` as `{event.parameter}`")),
            of_terms(q.terms),
            needed,
            turn="whole",
        )
        return
    if event.needs is Sense.GAIN and _is_negated_similarity(q):
        yield Candidate(
            "VL202",
            event.node,
            f"`{q.label}` is minus a similarity, but `{event.api}` gives most weight to the largest value",
            "drop the minus, so that the most similar gets most weight",
            made(q.terms),
            story(q, (event.node, f"passed to `{event.api}` as `{event.parameter}`")),
            of_terms(q.terms),
            needed,
            turn="whole",
        )
        return
    if verdict.sense is not -event.needs:
        return
    if not verdict.is_evidence and not _says_so_with_a_minus(q):
        return
    if event.basis is Basis.ANNOTATION:
        yield _against_a_declaration(event)
        return
    if event.api == "softmax":
        yield Candidate(
            "VL202",
            event.node,
            f"softmax over `{q.label}`, a distance ↓: the farthest gets the most weight",
            "negate the distances once (if there are two minuses, drop one)",
            made(directed(q)),
            story(q, (event.node, "passed to softmax")),
            support(q),
            needed,
            turn="whole",
        )
        return
    yield Candidate(
        "VL202",
        q.origin if q.origin >= 0 else event.node,
        f"`{q.label}` is {_NOUNS[verdict.sense.value]}, but `{event.api}` needs {_NOUNS[event.needs.value]} "
        f"as `{event.parameter}`",
        "pass its negation (drop the minus, if it has one)",
        made(directed(q)),
        story(q, (event.node, f"passed to `{event.api}` as `{event.parameter}`")),
        support(q),
        needed,
        turn="whole",
    )


_MOVES = {Direction.MINIMIZE: "minimises", Direction.MAXIMIZE: "maximises"}


def _passed_on(event: PassedOn) -> Candidate:
    """What `maximize` was given, in the hands of a minimiser."""
    moves = _MOVES[event.direction]
    how = "its negation" if event.is_negated else "it as it is"
    return Candidate(
        "VL202",
        event.at,
        f"`{event.function}` is given `{event.given}` and passes {how} to `{event.via}`, which {moves} it",
        "drop the minus" if event.is_negated else "pass its negation: put a minus in front",
        frozenset((event.at,)),
        ((event.node, f"`{event.via}` {moves} what it is passed"),),
        BY_SIGN,
        Against("parameter", BY_LIBRARY),
    )


def _against_a_declaration(event: Handed) -> Candidate:
    """What is passed for a parameter, or a field, whose annotation has a marker."""
    q = event.quantity
    holds, takes = ("a cost ↓", "Gain") if event.needs is Sense.GAIN else ("a gain ↑", "Cost")
    return Candidate(
        "VL202",
        event.node,
        f"`{q.label}` is {holds} ({as_held(q)}), but `{event.parameter}` of `{event.api}` "
        f"is declared `vaelint.{takes}`",
        "pass its negation, or correct the annotation of the parameter",
        made(directed(q)),
        story(q, (event.node, f"passed to `{event.api}` as `{event.parameter}`")),
        support(q),
        Against("declaration", Support(Basis.ANNOTATION)),
        turn="whole",
    )


# What a parameter may be called so that what is passed for it can be held against its name.
_CLAIMED = frozenset({"", "log_density", "nll", "kl", "elbo", "likelihood", "cross_entropy", "accuracy", "error"})
_LIKELIHOODS = frozenset({"log_density", "likelihood", "elbo"})


def _against_a_name(event: Handed, claim: Claim) -> Iterable[Candidate]:
    """What is passed for a parameter of the project whose name says the opposite."""
    q = event.quantity
    if not _speaks_against(q, claim):
        return
    holds = "a gain ↑" if event.needs is Sense.COST else "a cost ↓"
    # What computes a log-likelihood is right as it is, and is passed to the wrong place.
    yield Candidate(
        "VL202",
        q.origin if q.origin >= 0 and event.needs is Sense.GAIN else event.node,
        f"`{q.label}` is {holds} ({as_held(q)}), but it is passed to `{event.api}` as `{event.parameter}`",
        "pass its negation, or rename the parameter to what it takes",
        made(directed(q)),
        story(q, (event.node, f"passed to `{event.api}` as `{event.parameter}`")),
        support(q),
        Against("parameter"),
        turn="whole",
    )


def _speaks_against(q: Quantity, claim: Claim) -> bool:
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


def _is_negated_similarity(q: Quantity) -> bool:
    t = q.terms[0] if len(q.terms) == 1 else None
    return t is not None and t.meaning.kind == "similarity" and t.meaning.is_evidence and t.sign < 0


def _says_so_with_a_minus(q: Quantity) -> bool:
    """A name counts where it is a technical term and the code turns it round in sight."""
    terms = directed(q)
    return all(t.meaning.kind in _TECHNICAL for t in terms) and any(t.sign < 0 for t in terms)


def _is_negated_log_probability(q: Quantity) -> bool:
    return len(q.terms) == 1 and q.terms[0].meaning.kind == "log_probability" and q.terms[0].sign < 0


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
