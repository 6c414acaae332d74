"""What is claimed of a value against what it is: by a name, a visible sign, the formula that it holds, and its use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaelint import ir
from vaelint.checks.base import Against, Candidate, Saying
from vaelint.checks.games import speaks_of_games
from vaelint.checks.objective import (
    TWO_WAY,
    contradiction,
    directed,
    ending,
    finding_about,
    is_density_of_draws,
    made,
    nature,
)
from vaelint.evidence import BY_DOCUMENT, BY_LIBRARY, BY_NAMES, BY_PROOF, BY_STRUCTURE, Basis, Confidence, Support
from vaelint.infer.events import Declared, Event, Left, Misstated, Named, Optimised, Reading, Renegated, Summed, Worded
from vaelint.infer.quantities.algebra import ESTIMATES, overall
from vaelint.infer.values import Quantity, Term
from vaelint.sense import Direction, Sense
from vaelint.ways import meant

# --- a name against a fact -----------------------------------------------------------------------------

# A surrogate is not among them: `loss1 = ratio * advantage` before `-min(loss1, loss2)` is everybody's habit.
# What a plain "loss" or "error" may hold and be right: a similarity that is lowered on purpose, a value that an
# environment calls reward.
# "Potential" is the log-density in one community and its negation in the next; so is "energy", up to its sign.
_EITHER_WAY = frozenset({"energy", "potential", "distance", "similarity"})
_LIKELIHOODS = frozenset(
    {"log_density", "likelihood", "partial_likelihood", "preference", "elbo", "nll", "cross_entropy", "kl", "log_q"}
)


_DECLARED = "`{name}` is declared `vaelint.{says}`, but {gets} {way} ({held})"


def misdeclared(event: Event, claims: Sense, code: str) -> Iterable[Candidate]:
    """A value that an annotation declares to be of one sense, and that is known to be of the other."""
    if not isinstance(event, Declared) or event.declares is not claims:
        return
    says, other = ("Gain", "Cost") if claims is Sense.GAIN else ("Cost", "Gain")
    gets = "returns" if event.how.startswith("returned") else "holds"
    against = Against("declaration", Support(Basis.ANNOTATION))
    saying = Saying(code, _DECLARED, f"negate the value, or declare `vaelint.{other}`", against, turn="whole")
    gaps = {"name": event.name, "says": says, "gets": gets, "way": meant(-claims).held}
    yield finding_about(saying, event.node, event.quantity, [(event.node, f"{event.how} `{event.name}`")], gaps=gaps)


# A variable is renamed, and what is only shown under a name is negated there; what is returned belongs to its callers.
_EDITS = {"variable": "rename", "label": "whole"}


def misnamings(events: Sequence[Event], claims: Sense, code: str, edit: str) -> Iterable[Candidate]:
    """Names of a file that claim one sense and hold the other, and keep it."""
    told: dict[tuple[str, str], list[frozenset[int]]] = {}
    for event in events:
        found = _misnamed(event, claims, code, edit)
        if found is None or _is_turned_under_its_name(event, events) or _is_negated_later(event, events):
            continue
        if isinstance(event, Named) and event.how == "variable":
            # Bound again to what it holds and something more (`elbo = elbo + kl`), it is misnamed once.
            before, held = told.setdefault((event.name, event.function), []), made(event.quantity.terms)
            if any(earlier < held for earlier in before):
                continue
            before.append(held)
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
    says = "a loss" if claims is Sense.COST else "a gain"
    saying = Saying(
        code, "`{name}` is named like {says}, but holds {way} ({held})", edit, turn=_EDITS.get(event.how, "")
    )
    true_name = _true_name(event.name, {t.meaning.kind for t in terms}, claims)
    into = (event.name, true_name)
    gaps = {"name": event.name, "says": says, "true_name": true_name}
    return finding_about(saying, event.node, q, [(event.node, ending(event))], gaps=gaps, into=into)


def _misnamed_kinds(event: Named) -> frozenset[str]:
    """A margin between positives and negatives, an overlap, and what a policy's loss is made of, count where they are
    returned.

    Before that either may be a step on the way.
    """
    if event.how != "return":
        return _LIKELIHOODS | {"error"}
    own = {"surrogate"} if event.claim.kind == "surrogate" else set()
    return _LIKELIHOODS | {"error", "contrastive", "overlap"} | own


def _is_negated_later(event: Event, events: Sequence[Event]) -> bool:
    """Whether a surrogate, or an overlap, that is returned as it is gets its minus from a caller in sight."""
    terms = event.quantity.terms if isinstance(event, Named) else ()
    mine = {(t.made, -t.sign) for t in terms if t.meaning.kind in ("surrogate", "overlap")}
    if not mine:
        return False
    others = (e.quantity.terms for e in events if isinstance(e, (Named, Optimised)) and e is not event)
    return any((t.made, t.sign) in mine for held in others for t in held)


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
    """``log_prob = -dist.log_prob(action)``, ``neglogp = dist.log_prob(action)``.

    A log-density of something drawn has no direction, but it has a sign.
    """
    terms, claim = event.quantity.terms, event.claim
    return (
        claim.strong
        and claim.kind in _SIGNED
        and len(terms) == 1
        and terms[0].meaning.kind in ("score", "log_q")
        and terms[0].meaning.is_evidence
        and terms[0].sign == (-1 if claim.sense is Sense.GAIN else 1)
        and not event.quantity.positive  # exp(-log_prob) is something else
    )


_SIGNED = {
    "log_density": "`{name}` is named like a log-density, but holds the negation of one",
    "nll": "`{name}` is named like the negation of a log-density, but holds the log-density itself",
}


def _score(event: Named, code: str, edit: str) -> Candidate:
    saying = Saying(code, _SIGNED[event.claim.kind], edit)
    terms = event.quantity.terms
    true_name = _true_name(event.name, {t.meaning.kind for t in terms}, event.claim.sense)
    steps, gaps = [(event.node, ending(event))], {"name": event.name, "true_name": true_name}
    return finding_about(saying, event.node, event.quantity, steps, terms, gaps=gaps)


def _true_name(name: str, kinds: set[str], claims: Sense) -> str:
    """What a variable is to be called that holds the opposite: `recon_loss` is `recon_log_likelihood`, `elbo` is
    `neg_elbo`, and the other way round."""
    words = name.split("_")
    plain = [w.removeprefix("neg") if w.startswith("neglog") else w for w in words if w not in ("neg", "negative")]
    if plain and plain != words:
        return "_".join(plain)
    if claims is Sense.COST and kinds == {"log_density"} and words[-1] in ("loss", "nll"):
        return "_".join((*words[:-1], "log_likelihood"))
    return f"neg_{name}"


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


# --- a formula under a name: is it used for what it is, or for what it is called? ----------------------

ENTROPIES = frozenset({"entropy", "marginal_entropy"})
FORMULAS = frozenset(
    {
        "kl",
        "log_density",
        "nll",
        "cross_entropy",
        "likelihood",
        "partial_likelihood",
        "elbo",
        "mutual_information",
    }
)
_PLAIN = frozenset({"", "cross_entropy"})  # kinds of names of losses that need not be technical terms

# What everybody negates to have a loss: a minus in front says nothing of what the author takes it for.
_NEGATED_AS_A_HABIT = frozenset({"log_density", "likelihood", "elbo", "mutual_information", "entropy"})


def contradicts(event: Named) -> bool:
    """Whether the name holds a formula that goes against it."""
    q, claim = event.quantity, event.claim
    if claim.kind == "entropy":
        return len(q.terms) == 1 and _entropy_sign(q.terms[0]) < 0
    terms = directed(q)
    technical = (claim.strong or claim.kind == "mutual_information") and claim.kind in FORMULAS
    if not technical and not (claim.sense is Sense.COST and claim.kind in _PLAIN and defines_a_loss(event)):
        return False
    if not terms or not all(t.formula and t.live and t.meaning.kind in FORMULAS for t in terms):
        return False
    verdict = overall(q)
    return claim.sense.directed and verdict.sense is -claim.sense and verdict.is_evidence


def _entropy_sign(t: Term) -> int:
    """1 of an entropy, -1 of minus one, 0 of anything else: a log-density at its own draws is minus its entropy."""
    if t.meaning.kind in ENTROPIES:
        return t.sign
    return -t.sign if t.meaning.kind in ESTIMATES and t.meaning.is_evidence else 0


def defines_a_loss(event: Named) -> bool:
    """Whether a plain "loss" is the name of the function or class that computes it, for others to minimise."""
    return event.how == "return" and not speaks_of_games(event.function, event.owner, event.name)


def parts(event: Named) -> list[Term]:
    """The terms that contradict the name."""
    return list(event.quantity.terms) if event.claim.kind == "entropy" else directed(event.quantity)


def is_made_up_for(event: Named, events: Sequence[Event]) -> bool:
    """Whether the value is used for what it is: negated beside terms that agree with it, named or optimised so."""
    used = list(_uses(event, events))
    belied = [made(other.quantity.terms) for other, hit in used if _is_belied(other, hit)]
    return any(
        _fits(event, other, hit)
        for other, hit in used
        if not (isinstance(other, Summed) and any(made(other.quantity.terms) <= end for end in belied))
    )


def _is_belied(other: Use, hit: list[Term]) -> bool:
    """Whether the formula goes against the sum that it ends up in: what is optimised, or has a technical name.

    In `elbo = ll - kl` the two names agree, whatever is known of `ll`, and a `kl` that is minus one belies both. That
    it is subtracted there does not make up for it.
    """
    if len(other.quantity.terms) <= len(hit) or isinstance(other, Summed) or _beside(other.quantity, hit):
        return False  # terms beside it that are known say better what it was taken for
    if isinstance(other, Optimised):
        wants = other.direction.wants
    else:
        wants = other.claim.sense if other.claim.strong else Sense.UNKNOWN
    return wants.directed and {t.value_sense for t in hit} == {-wants}


def is_relied_on(event: Named, events: Sequence[Event]) -> bool:
    """Whether the value leaves under its name: returned by a function called so, or a term of a sum as it is."""
    if event.how == "return":
        return True
    mine = {(t.made, t.sign) for t in parts(event)}
    left = (e for e in events if isinstance(e, Left) and e.name == event.name)
    if any((t.made, t.sign) in mine for e in left for t in e.quantity.terms):
        return True
    own = {sign for _, sign in mine}
    for other, hit in _uses(event, events):
        as_it_is = bool({t.sign for t in hit} & own)
        if _is_belied(other, hit) and event.claim.kind != "entropy":
            return True
        if isinstance(other, (Summed, Optimised)) and len(other.quantity.terms) > 1:
            if as_it_is or event.claim.kind == "entropy":
                return True
        if isinstance(other, Named) and other.how == "return" and as_it_is and contradicts(other):
            return True
    return False


_SQUARES = frozenset({"penalty", "error"})


def grows_without_bound(event: Named) -> bool:
    """Whether a log-density by its name holds a sum of squares or a norm: a log-density falls far out."""
    terms, claim = event.quantity.terms, event.claim
    return (
        claim.strong
        and (claim.kind, claim.sense) == ("log_density", Sense.GAIN)
        and len(terms) == 1
        and all(t.meaning.kind in _SQUARES and t.meaning.is_evidence and t.value_sense is Sense.COST for t in terms)
    )


def pulls_against(event: Named, events: Sequence[Event]) -> bool:
    """Whether the value is a term of a sum in which all the others go the other way."""
    others = ((_beside(other.quantity, hit), {t.value_sense for t in hit}) for other, hit in _uses(event, events))
    return any(beside and beside == {-s for s in senses} for beside, senses in others)


Use = Summed | Optimised | Named


def _uses(event: Named, events: Sequence[Event]) -> Iterable[tuple[Use, list[Term]]]:
    """Where else the terms appear, and those of them that do."""
    of = made(parts(event))
    for other in events:
        if isinstance(other, (Optimised, Summed, Named)) and other.node not in of:
            hit = [t for t in other.quantity.terms if t.made in of]
            if hit:
                yield other, hit


def _fits(event: Named, other: Use, hit: list[Term]) -> bool:
    if event.claim.kind == "entropy":
        return _is_bonus(other, hit)
    senses = {t.value_sense for t in hit}
    if isinstance(other, Optimised):
        return other.direction.wants.directed and senses == {other.direction.wants}
    if isinstance(other, Named):
        return other.name != event.name and senses == {other.claim.sense}
    if {t.sign for t in hit} & {t.sign for t in parts(event)}:
        return False
    beside = _beside(other.quantity, hit)
    if beside:
        return beside == senses
    habit = event.how == "return" and event.claim.kind in _NEGATED_AS_A_HABIT
    return not habit and (len(other.quantity.terms) == 1 or event.how != "return")


def _is_bonus(other: Use, hit: list[Term]) -> bool:
    """Whether minus an entropy is used as such: added to a cost, subtracted from a gain, negated alone."""
    sign = _entropy_sign(hit[0])
    if isinstance(other, Optimised):
        return other.direction is (Direction.MINIMIZE if sign < 0 else Direction.MAXIMIZE)
    beside = _beside(other.quantity, hit)
    if not beside:
        return len(other.quantity.terms) == 1 and sign > 0
    return beside == {Sense.COST if sign < 0 else Sense.GAIN}


def _beside(q: Quantity, hit: list[Term]) -> set[Sense]:
    return {t.value_sense for t in q.terms if t not in hit and t.value_sense.directed}


# --- signs in sight that names contradict --------------------------------------------------------------


_WORDED: dict[str, Saying] = {
    "subtracted": Saying(
        "VL201",
        "`{part}` is subtracted from `{other}`: both are losses by their names, so both should go down",
        "add `{part}` instead, or rename it to something that should go up",
        turn="flip",
    ),
    "added": Saying(
        "VL201",
        "`{part}` is added to `{other}`: by their names one is a log-density and the other minus a log-density",
        "subtract `{part}` instead, or rename one of the two",
        turn="flip",
    ),
    "turned": Saying(
        "VL301",
        "`{name}` is named like a loss, but holds minus a loss: `{part}`",
        "drop the minus, or rename it (`{true_name}`)",
        turn="rename",
    ),
    "raised": Saying(
        "VL102",
        "`{part}` is a loss{by_name}, but its negation is backpropagated, so that it is maximised",
        "drop the minus, or rename the value to what should go up",
        Against("direction", BY_STRUCTURE),
        turn="whole",
    ),
    "negated": Saying(
        "VL302",
        "`{name}` is named like a log-density, but holds minus `{part}`",
        "drop the minus, or rename it (`{true_name}`)",
        turn="rename",
    ),
    "given": Saying(
        "VL202",
        "minus `{part}` is passed to `{name}`, which needs logits or log-probabilities without a minus",
        "drop the minus: the loss negates its input itself",
        Against("parameter", BY_LIBRARY),
        turn="whole",
    ),
    "stepped": Saying(
        "VL102",
        "`{part}` is updated in the direction of the gradient `{name}`: gradient descent goes against it",
        "flip the sign of the step: subtract the gradient",
        Against("update", BY_STRUCTURE),
        turn="step",
    ),
    "maximizer": Saying(
        "VL102",
        "this optimiser has `maximize=True`, but what this file backpropagates is a loss by its name",
        "drop `maximize=True`, or rename the objective to what should go up",
        Against("direction", BY_LIBRARY),
        turn="minimiser",
    ),
}


def worded(event: Event, code: str) -> Iterable[Candidate]:
    if isinstance(event, Worded) and event.how != "maximizer":
        yield from _worded(event, code)


def maximizers(events: Sequence[Event]) -> Iterable[Candidate]:
    """Optimisers that maximise losses, where no objective is known to be a loss (then that one is reported)."""
    told = [e for e in events if isinstance(e, Worded) and e.how == "maximizer"]
    if told and not any(isinstance(e, Optimised) and contradiction(e) is not None for e in events):
        for event in told:
            yield from _worded(event, "VL102")


def _worded(event: Worded, code: str) -> Iterable[Candidate]:
    saying = _WORDED[event.how]
    if saying.code != code:
        return
    steps = ((event.whole, f"bound to `{event.name}`"),) if event.name and event.whole != event.node else ()
    by_name = "" if event.value.basis.is_fact else " by its name"
    true_name = f"neg_{event.name}"
    gaps = {
        "name": event.name, "part": event.part, "other": event.other, "by_name": by_name, "true_name": true_name,
    }  # fmt: skip
    into = ("maximize", "") if saying.turn == "minimiser" else (event.name, true_name)
    # That the whole has the name of a loss, too, is one more that says the same.
    against = Against("name", BY_NAMES) if event.how == "subtracted" and event.name else saying.against
    yield saying.of(event.node, event.made, steps, event.value, gaps, against=against, within=event.whole, into=into)


# --- laws, in their own words --------------------------------------------------------------------------

_LAW = Against("law", BY_PROOF)
_BROKEN = {
    "VL401": _LAW,
    "VL402": _LAW,
    "VL403": Against("formula", BY_DOCUMENT),
    "VL202": Against("parameter", BY_LIBRARY),
    "VL502": Against("comparison", BY_STRUCTURE),
}
_ACCEPTANCE = Against("acceptance", BY_PROOF)
_OF_FORMULAS = frozenset({"VL401", "VL402", "VL403"})  # whose whole is shown beside the part that is wrong


def misstated(event: Event, code: str, doubted: bool = False) -> Iterable[Candidate]:
    """What breaks a law; ``doubted``: or there is another reason for it."""
    if not isinstance(event, Misstated) or event.code != code:
        return
    whole = (event.whole,) if code in _OF_FORMULAS else ()
    yield Candidate(
        code,
        event.node,
        event.message,
        event.help,
        frozenset({event.node, *whole}),
        tuple((node, event.law) for node in whole),
        event.value,
        Against("name") if event.held else _ACCEPTANCE if event.of_acceptance else _BROKEN[code],
        Confidence.POSSIBLE if doubted or event.doubted else None,
        yields=event.about,
        # Of the whole no one sign is known to be wrong.
        turn=event.turn or ("flip" if whole and event.node != event.whole else ""),
        example=event.example,
    )


# --- metrics and directions ----------------------------------------------------------------------------


def by_what(said: Reading, shown: object) -> str:
    """How it is known, for behind the metric as it is ``shown``: nothing for a fact."""
    if said.basis.is_fact:
        return ""
    return " (by its name)" if str(said.label) in str(shown) else f", which is `{said.label}`,"
