"""What VL301 and VL302 share: a name whose claim contradicts a fact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaelint import ir
from vaelint.checks.base import Against, Candidate
from vaelint.checks.judgement import (
    TWO_WAY,
    as_held,
    directed,
    is_density_of_draws,
    made,
    nature,
    of_terms,
    story,
    support,
)
from vaelint.checks.usage import defines_a_loss
from vaelint.evidence import Basis, Support
from vaelint.infer.events import Declared, Event, Named, Renegated
from vaelint.infer.quantities.algebra import overall
from vaelint.sense import Sense

# A surrogate is not among them: `loss1 = ratio * advantage` before `-min(loss1, loss2)` is everybody's habit.
# What a plain "loss" or "error" may hold and be right: a similarity that is lowered on purpose, a value that an
# environment calls reward.
# "Potential" is the log-density in one community and its negation in the next; so is "energy", up to its sign.
_EITHER_WAY = frozenset({"energy", "potential", "distance", "similarity"})
_LIKELIHOODS = frozenset(
    {"log_density", "likelihood", "partial_likelihood", "preference", "elbo", "nll", "cross_entropy", "kl", "log_q"}
)


def misdeclared(event: Event, claims: Sense, code: str) -> Iterable[Candidate]:
    """A value that an annotation declares to be of one sense, and that is known to be of the other."""
    if not isinstance(event, Declared) or event.declares is not claims:
        return
    q = event.quantity
    says, holds = ("Gain", "a cost ↓") if claims is Sense.GAIN else ("Cost", "a gain ↑")
    gets = "returns" if event.how.startswith("returned") else "holds"
    yield Candidate(
        code,
        event.node,
        f"`{event.name}` is declared `vaelint.{says}`, but {gets} {holds} ({as_held(q)})",
        f"negate the value, or declare `vaelint.{'Cost' if claims is Sense.GAIN else 'Gain'}`",
        made(directed(q)),
        tuple(dict.fromkeys(story(q, (event.node, f"{event.how} `{event.name}`")))),
        support(q),
        Against("declaration", Support(Basis.ANNOTATION)),
        turn="whole",
    )


def misnamings(events: Sequence[Event], claims: Sense, code: str, edit: str) -> Iterable[Candidate]:
    """Names of a file that claim one sense and hold the other, and keep it."""
    for event in events:
        found = _misnamed(event, claims, code, edit)
        if found is not None and not _is_turned_under_its_name(event, events):
            yield found


def _misnamed(event: Event, claims: Sense, code: str, edit: str) -> Candidate | None:
    if not isinstance(event, Named) or event.claim.sense is not claims or event.how == "parameter":
        return None
    q = event.quantity
    if _is_negated_score(event):
        return _score(event, code, edit)
    verdict = overall(q)
    if verdict.sense is not -claims:
        return None
    terms = directed(q)
    if any(t.formula and t.live for t in terms):
        return None  # VL401 sees how a hand-written formula is used before it judges its name; this one is only logged
    if not verdict.is_evidence and not _says_its_own_negation(event):
        return None
    if any(t.meaning.kind in TWO_WAY or t.meaning.kind not in _misnamed_kinds(event) for t in terms):
        return None
    if is_density_of_draws(q, event.claim):
        return None
    if all(t.meaning.kind == "error" for t in terms) and (event.claim.kind, event.how) != ("log_density", "return"):
        return None  # minus an error may be a reward, a score, a similarity: nobody is misled
    if not event.claim.strong and claims is Sense.GAIN:
        return None  # a "reward" or "score" may be anything that its author wants more of
    if event.claim.kind in _EITHER_WAY:
        return None
    if not event.claim.kind and nature(q) is not Sense.GAIN and not defines_a_loss(event):
        return None  # a plain "loss" that is a negated loss: an attack, a minimax game, a value negated once more
    holds = "a gain ↑" if verdict.sense is Sense.GAIN else "a cost ↓"
    says = "a loss" if claims is Sense.COST else "a gain"
    return Candidate(
        code,
        event.node,
        f"`{event.name}` is named like {says}, but holds {holds} ({as_held(q)})",
        edit,
        made(terms),
        story(q, (event.node, f"returned by `{event.name}`" if event.how == "return" else f"bound to `{event.name}`")),
        support(q),
        Against("name"),
        turn="rename" if event.how == "variable" else "",
        into=(event.name, _true_name(event.name, {t.meaning.kind for t in terms}, claims)),
    )


def _true_name(name: str, kinds: set[str], claims: Sense) -> str:
    """What a variable is to be called that holds the opposite: `recon_loss` is `recon_log_likelihood`, `elbo` is
    `neg_elbo`."""
    words = name.split("_")
    if claims is Sense.COST and kinds == {"log_density"} and words[-1] in ("loss", "nll"):
        return "_".join((*words[:-1], "log_likelihood"))
    return f"neg_{name}"


def _misnamed_kinds(event: Named) -> frozenset[str]:
    """A margin between positives and negatives counts where a loss is returned: before that it may be a step."""
    return _LIKELIHOODS | {"error", "contrastive"} if event.how == "return" else _LIKELIHOODS | {"error"}


def _is_turned_under_its_name(event: Event, events: Sequence[Event]) -> bool:
    """Whether the name is bound to its own negation afterwards (`loss = -loss`): then it holds what it says."""
    if not isinstance(event, Named) or event.how == "return":
        return False
    # Nodes are numbered as they are written: what stands above was negated into what is reported here.
    return any(
        isinstance(x, Renegated) and (x.name, x.function) == (event.name, event.function) and x.node > event.node
        for x in events
    )


def _is_negated_score(event: Named) -> bool:
    """``log_prob = -dist.log_prob(action)``: a log-density of something drawn has no direction, but it has a sign."""
    terms = event.quantity.terms
    return (
        event.claim.strong
        and event.claim.kind == "log_density"
        and event.claim.sense is Sense.GAIN
        and len(terms) == 1
        and terms[0].meaning.kind in ("score", "log_q")
        and terms[0].meaning.is_evidence
        and terms[0].sign < 0
        and not event.quantity.positive  # exp(-log_prob) is something else
    )


def _score(event: Named, code: str, edit: str) -> Candidate | None:
    if code != "VL302":
        return None
    end = f"returned by `{event.name}`" if event.how == "return" else f"bound to `{event.name}`"
    return Candidate(
        code,
        event.node,
        f"`{event.name}` is named like a log-density, but holds the negation of one",
        edit,
        made(event.quantity.terms),
        story(event.quantity, (event.node, end)),
        of_terms(event.quantity.terms),
        Against("name"),
    )


def _says_its_own_negation(event: Named) -> bool:
    """A name against a name counts where both are the same technical term and the code has a minus between them."""
    terms = directed(event.quantity)
    return (
        event.claim.strong
        and event.claim.kind in ("log_density", "nll")
        and len(terms) == 1
        and terms[0].meaning.kind == "log_density"
        and (terms[0].sign < 0 or terms[0].meaning.sense is Sense.COST)  # a minus, here or before branches met
        and len(event.quantity.terms) == 1
        and terms[0].label != ir.called(event.name)  # `logp = -logp`: which way it went before is not known
    )
