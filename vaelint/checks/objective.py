"""What several checks ask: does an objective go the wrong way, is the evidence enough, and how is it shown?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from vaelint import ir
from vaelint.checks.base import Against, Candidate, Saying
from vaelint.evidence import BY_NAMES, Confidence, Support, weakest
from vaelint.infer.events import Event, Named, Optimised
from vaelint.infer.quantities.algebra import Verdict, names_agree, overall
from vaelint.infer.quantities.policies import is_entropy, is_log_policy, value_sign
from vaelint.infer.values import Quantity, Term
from vaelint.knowledge.schema import Claim
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import OWN_SENSES, Direction, Sense, article, noun
from vaelint.ways import WAYS, meant

# Quantities that are raised in one method and lowered in the next on purpose: their direction alone proves nothing.
VOLUME = "log_determinant"  # of what a map makes: it is to go up beside a density
TWO_WAY = frozenset(
    {VOLUME, "similarity", "distance", "entropy", "marginal_entropy", "mutual_information", "probability", "penalty"}
)


def contradiction(event: Optimised) -> Sense | None:
    """The sense of an objective that is optimised against it, by facts; None where nothing is wrong.

    A variable called after a log-density that an optimiser in sight lowers has the wrong sign or the wrong name.
    """
    wants = event.direction.wants
    if not wants.directed or event.inputs or event.meant or is_statistic(event):
        return None
    q = core(event)
    verdict = overall(q, gradient=True)
    if verdict.sense is not -wants or not (verdict.is_evidence or _is_called_a_density(event)):
        return None
    kinds = {t.meaning.kind for t in directed(q)}
    decides = kinds - {VOLUME} or kinds  # a log-determinant goes with what stands beside it
    return None if decides & TWO_WAY else verdict.sense


def _is_called_a_density(event: Optimised) -> bool:
    """Whether what is lowered is known by its variable alone, and that is called a log-density or a bound on one."""
    held, terms = event.quantity.label.expr, directed(event.quantity)
    # What a solver is passed under such a name may be an object that computes a loss.
    if event.via != "step" or event.unseen or event.update is not None or not isinstance(held, (ir.Name, ir.Attr)):
        return False
    return all(
        t.meaning.is_claim and t.meaning.kind in _DENSITIES and t.trace is not None and t.trace.claimed == held.name
        for t in terms
    )


_DENSITIES = frozenset({"log_density", "likelihood", "elbo"})
_AGAINST = Saying("", "`{value}` is {held} {arrow}, which should be {wanted}, but it is {done} here", "{edit}")
# The same of what is held with a minus: which of the two is minimised has to be said.
_NEGATED = Saying(
    "",
    "`{value}`, which is {done} here, is {held}: that {moves} the {noun}, which should be {wanted}",
    "{edit}",
)


def against_its_sense(event: Optimised, sense: Sense) -> Iterator[Candidate]:
    """What a person calls a gain is minimised (``sense``: gain), or what is called a cost maximised."""
    q = core(event)
    if nature(q) is not sense:
        return
    is_negated = sense is event.direction.wants
    way = WAYS[event.direction]
    end = event.update if sense is Sense.COST and event.update is not None else event.node
    gaps = {
        "arrow": sense.arrow, "wanted": meant(sense).done, "done": way.done, "moves": meant(-sense).moves,
        "noun": what(q), "edit": _edit(event, is_negated),
    }  # fmt: skip
    yield finding_about(
        (_NEGATED if is_negated else _AGAINST)._replace(code="VL101" if sense is Sense.GAIN else "VL102"),
        place(event), q, [(end, moved_here(event, way.done))], gaps=gaps,
        value=support(q, gradient=True), against=towards(event),
        optimised=event.node, turn=turn(event, meant(-sense).done), into=(event.mover.flag, ""), maker=event.mover.made,
    )  # fmt: skip


def moved_here(event: Optimised, done: str) -> str:
    """How it is ``done`` (minimised, …) at the place of an objective, which is where its gradient is taken."""
    if event.via == "step":
        return f"{done}: an optimiser's step follows this gradient"
    return f"{done} here, by {'this update' if event.update is not None else f'`{event.via}`'}"


def to_negate(label: object) -> str:
    """The edit that negates an expression: without the minus that it begins with, where that is in sight."""
    held = label.expr if isinstance(label, ir.Written) else None
    is_negated = isinstance(held, ir.Unary) and held.op == "-"
    return f"drop the minus of `{label}`" if is_negated else f"negate `{label}`"


def _edit(event: Optimised, is_negated: bool) -> str:
    """What `turn` asks for, in words."""
    asked, label = turn(event, ""), event.quantity.label
    if asked == "flip":
        return f"flip the sign of `{directed(core(event))[0].label}`"
    if asked == "step":
        adds = event.direction is Direction.MAXIMIZE
        return f"{'subtract' if adds else 'add'} the gradient instead of {'adding' if adds else 'subtracting'} it"
    if event.direction is Direction.MAXIMIZE and not is_negated:
        flag = event.mover.flag
        return f"make `{event.mover.by}` without `{flag}=True`" if flag else f"minimise `{label}` instead"
    edit = to_negate(label)
    return f"{edit}, or drop the minus that it has" if is_negated and edit.startswith("negate") else edit


_LOSS = Words("loss_by_name")
_CURVATURE = Words("curvature")


def is_statistic(event: Optimised | Named) -> bool:
    """Whether gradients are collected for a curvature: of their outer products no sign is left (Martens 2015)."""
    q = event.quantity
    held = event.name if isinstance(event, Named) else event.function
    sums = [x for x in (q.label, *(t.label for t in q.terms)) if _LOSS.within(x)]  # not the weights of a penalty
    return _CURVATURE.of(held) or _CURVATURE.within(*sums)


# What a fit is made of: beside a penalty that goes the right way it has to go that way, too. A log-density is not
# among them: `log q(z) + U(z)` is a divergence from what the energy U, a square, stands for.
_FITS = frozenset({"cross_entropy", "nll", "error", "elbo"})


def core(event: Optimised) -> Quantity:
    """The objective without the penalties that go the right way, if all else is a fit that is known."""
    q, wants = event.quantity, event.direction.wants
    rest = [t for t in q.terms if t.meaning.kind != "penalty"]
    if len(rest) == len(q.terms) or not all(t.meaning.kind in _FITS for t in rest if t.meaning.sense.directed):
        return q
    if any(t.meaning.kind == "penalty" and t.gradient_sense is not wants for t in q.terms):
        return q
    if not any(t.meaning.sense.directed for t in rest):
        return q
    return q.having(terms=tuple(rest))


def directed(q: Quantity) -> list[Term]:
    return [t for t in q.terms if t.meaning.sense.directed]


def is_density_of_draws(q: Quantity, claim: Claim) -> bool:
    """Whether a name says log-density, and the value is log q(z) of draws from q: only its part in an objective is to
    be lowered."""
    return claim.kind == "log_density" and all(t.meaning.kind == "log_q" for t in directed(q))


def is_penalised(event: Optimised) -> bool:
    return len(core(event).terms) < len(event.quantity.terms)


def support(q: Quantity, gradient: bool = False) -> Support:
    """On what it rests that a sum goes the way it does."""
    verdict = overall(q, gradient)
    if verdict.sense.directed:
        return BY_NAMES if verdict.basis.is_claim and not verdict.roles and names_agree(q) else _resting(verdict)
    return of_terms(directed(q) or q.terms)  # one term of it that is known decides


def _resting(verdict: Verdict) -> Support:
    return Support(verdict.basis, verdict.roles)


def of_terms(terms: Iterable[Term]) -> Support:
    """On what it rests that terms are what they are: the weakest of them, and all that was concluded from."""
    held = list(terms)
    roles = tuple(b for t in held for b in t.meaning.premises)
    return Support(weakest(t.meaning.basis for t in held), roles if all(t.meaning.is_evidence for t in held) else ())


def towards(event: Optimised) -> Against:
    """The direction that an objective is optimised in: by an optimiser, by hand, or by one that is not in sight."""
    known = Support(event.direction_basis)
    if event.update is not None:
        return Against("update", known)
    return Against("backward" if event.unseen else "direction", known)


def nature(q: Quantity) -> Sense:
    """What the terms are before their signs: minus a loss is still, to a person, a loss pushed up.

    A sum that does not begin with a minus (`log_px - kl`, with `log_px` minus a cross-entropy) is read as what it is.
    """
    terms = directed(q)
    # What is known says what it is; a claim about the rest covers whatever sign that has.
    terms = [t for t in terms if t.meaning.is_evidence] or terms
    senses = {t.meaning.sense for t in terms}
    whole = len(senses) != 1 or (len(terms) > 1 and _is_difference(q.label))
    return overall(q, gradient=True).sense if whole else senses.pop()


def _is_difference(label: ir.Written) -> bool:
    """A sum in which something is subtracted, and that does not begin with a minus."""
    first = label.expr
    while isinstance(first, ir.Binary):
        first = first.left
    begins = isinstance(first, ir.Unary) and first.op == "-"
    return not begins and any(isinstance(x, ir.Binary) and x.op == "-" for x in ir.walk(label.expr))


def made(terms: Iterable[Term]) -> frozenset[int]:
    return frozenset(t.made for t in terms)


def story(q: Quantity, *last: tuple[int, str]) -> tuple[tuple[int, str], ...]:
    """The trace of a quantity, term by term, and how it ended."""
    steps: list[tuple[int, str]] = []
    for t in q.terms[:4]:
        for step in t.trace.steps() if t.trace else ():
            if step[0] >= 0 and step not in steps:
                steps.append(step)
    return (*steps, *(s for s in last if s[0] >= 0))


def finding_about(
    saying: Saying, node: int, q: Quantity, steps: Iterable[tuple[int, str]], terms: Sequence[Term] | None = None,
    *, gaps: dict[str, Any] | None = None, **more: Any,
) -> Candidate:  # fmt: skip
    """What is said of a quantity: how it came to be, with ``steps`` at the end, and on what it rests.

    ``terms``: those that are to blame, where it is not all that have a direction.
    """
    of = directed(q) if terms is None else terms
    value = more.pop("value", None) or (support(q) if terms is None else of_terms(terms))
    held = {
        "held": as_held(q),
        "way": meant(overall(q).sense).held,
        "value": q.label,
        "term": of[0].label if of else "",
    }
    return saying.of(node, made(of), story(q, *steps), value, held | (gaps or {}), **more)


def ending(event: Named) -> str:
    """The last step of how a name got its value."""
    return f"returned by `{event.name}`" if event.how == "return" else f"bound to `{event.name}`"


def place(event: Optimised) -> int:
    """Where a person would edit: a hand-written update, else the expression that gave the objective its form.

    Beside penalties that go the right way it is the one term that does not.
    """
    if is_penalised(event):
        return directed(core(event))[0].made
    alone = _lone_term(event.quantity)
    if alone is not None:
        return alone.node
    if event.update is not None:
        return event.update
    return event.quantity.origin if event.quantity.origin >= 0 else event.node


def turn(event: Optimised, whole: str) -> str:
    """The edit to ask for at that place: of the step, of the one term, or (``whole``) of all that is optimised."""
    if is_penalised(event):
        return "flip"
    return "step" if event.update is not None and _lone_term(event.quantity) is None else whole


def _lone_term(q: Quantity) -> Term | None:
    """A policy's surrogate beside terms that are judged apart from it (an entropy): it alone is to be edited."""
    known = directed(q)
    alone = len(known) == 1 and known[0].meaning.kind == "surrogate" and known[0].node >= 0
    return known[0] if alone and len(q.terms) > 1 else None


def what(q: Quantity) -> str:
    """How to call a quantity in a message: its kind where all directed terms share one."""
    kinds = {t.meaning.kind for t in directed(q)}
    return noun(kinds.pop()) if len(kinds) == 1 else "sum"


def as_held(q: Quantity) -> str:
    """What a name or a parameter holds, its minus included: `minus an error`, `the sum of an error and an entropy`."""
    terms = directed(q)
    negated = [t.value_sense is -OWN_SENSES.get(t.meaning.kind, t.meaning.sense) for t in terms]
    is_negated = bool(terms) and all(negated)
    parts = [
        f"{'minus ' if minus and not is_negated else ''}{article(t.meaning.kind)}"
        for t, minus in zip(terms, negated, strict=True)
    ]
    return ("minus " if is_negated else "") + _sum_of(list(dict.fromkeys(parts)))


def _sum_of(parts: list[str]) -> str:
    if len(parts) < 2:
        return parts[0] if parts else article("objective")
    return f"the sum of {', '.join(parts[:-1])} and {parts[-1]}"


# --- actors --------------------------------------------------------------------------------------------

# An actor's objective: the value of what it does is to go up.
#
# Networks are opaque, so that a value is known by its name or by that of the network it came out of (``q_pi``,
# ``critic(s, actor(s))``). That is too little anywhere else; in what is called a policy's loss, or moves an actor's
# parameters, it is the deterministic policy gradient (Silver et al. 2014), or the soft one.

_ACTOR = Words("actor")
_CRITIC = Words("critic")

# A critic of what is to be avoided; a margin between values is a matter of its own.
_AVOIDED = Words("avoided")


def reversed_values(events: Sequence[Event], code: str) -> Iterable[Candidate]:
    """Objectives of actors in which the value of the actor's actions goes the wrong way.

    ``code``: VL101 where everything that is known in the objective is turned, VL201 where the value alone is.
    """
    seen: set[frozenset[int]] = set()
    for event in events:
        wants = _wanted(event)
        if wants is None or not isinstance(event, (Named, Optimised)):
            continue
        values = [t for t in event.quantity.terms if t.live and value_sign(t) and not _AVOIDED.within(*_words_of(t))]
        if not values or {_pull(t) for t in values} != {-wants}:
            continue
        others = [_pull(t) for t in event.quantity.terms if t not in values and _pull(t).directed]
        if (code == "VL101") != all(s is -wants for s in others) or made(values) in seen:
            continue
        if _is_soft_law_broken(event.quantity, values) or _goes_right(events, values):
            continue
        seen.add(made(values))
        yield _reversed(code, event, values, isinstance(event, Optimised) or _is_confirmed(events, event, values))


def is_actor_in_order(event: Optimised) -> bool:
    """Whether an objective is an actor's, and all that is in it goes the way it should: the value of its actions up."""
    wants = _wanted(event)
    live = [t for t in event.quantity.terms if t.live and t.meaning.sense is not Sense.NONE]
    values = [t for t in live if value_sign(t) and not _AVOIDED.within(*_words_of(t))]
    return wants is not None and bool(values) and all(_pull(t) is wants for t in live)


def _words_of(t: Term) -> tuple[ir.Written, ...]:
    return (t.label,) if t.source is None else (t.label, t.source.network)


def _wanted(event: Event) -> Sense | None:
    """Which way an actor's objective is meant to go; None if the event is about none."""
    if isinstance(event, Named):
        about = event.claim.kind == "surrogate" and event.claim.sense is Sense.COST and event.how != "parameter"
        return Sense.COST if about and not _AVOIDED.any((event.name, event.function, event.owner)) else None
    if isinstance(event, Optimised) and event.direction.wants.directed and not event.inputs and not event.meant:
        words = (event.function, *event.mover.names)
        if _ACTOR.any(words) and not _CRITIC.any(words) and not _AVOIDED.any(words):
            return event.direction.wants
    return None


def _pull(t: Term) -> Sense:
    if not t.live:
        return Sense.NONE
    up = (value_sign(t) or t.sign) * t.grad_sign > 0
    if value_sign(t) or is_entropy(t):
        return Sense.GAIN if up else Sense.COST
    if is_log_policy(t):
        return Sense.COST if up else Sense.GAIN
    return t.gradient_sense if t.meaning.is_evidence else Sense.NONE


def _is_soft_law_broken(q: Quantity, values: Sequence[Term]) -> bool:
    """Whether VL401 has it: a tempered log-probability with the sign of the value."""
    signs = {t.sign for t in q.terms if t.meaning.kind == "log_q"}
    return signs == {value_sign(values[0])}


def _goes_right(events: Sequence[Event], values: Sequence[Term]) -> bool:
    """Whether what was named goes the right way where it is optimised (it is negated there, or maximised)."""
    of = made(values)
    for other in events:
        if isinstance(other, Optimised) and other.direction.wants.directed:
            hit = [t for t in other.quantity.terms if t.made in of]
            # A policy's loss that is negated where it is used is not what it is called, and its author knows.
            turned = [t for t in hit if t.meaning.kind == "surrogate" and t.gradient_sense is -other.direction.wants]
            if hit and (turned or all(_pull(t) is other.direction.wants for t in hit)):
                return True
        elif isinstance(other, Named) and _wanted(other) is Sense.COST:
            # Summed first and negated in the next line, which is a policy's loss by its name, too.
            hit = [t for t in other.quantity.terms if t.made in of]
            if hit and all(_pull(t) is Sense.COST for t in hit):
                return True
    return False


def _is_confirmed(events: Sequence[Event], event: Named, values: Sequence[Term]) -> bool:
    """Whether ``q - alpha * log_pi``, which the signs show to be a soft value, is lowered in sight as it was named."""
    if not any(is_log_policy(t) and _pull(t) is Sense.GAIN for t in event.quantity.terms):
        return False
    of = made(values)
    return any(
        isinstance(x, Optimised)
        and x.direction.wants is Sense.COST
        and not x.inputs
        and all(_pull(t) is Sense.GAIN for t in x.quantity.terms if t.live and (t.made in of or is_log_policy(t)))
        and of <= made(x.quantity.terms)
        for x in events
    )


_VALUE = Saying(
    "",
    "`{term}` is the value ↑ of the actor's own actions, which should be maximised, but it is minimised here",
    "{edit}: an actor's loss is minus the value of its actions",
)


def _reversed(code: str, event: Named | Optimised, values: Sequence[Term], sure: bool) -> Candidate:
    named = isinstance(event, Named)
    edit = to_negate(values[0].label) if code == "VL101" else f"flip the sign of `{values[0].label}`"
    end = ending(event) if isinstance(event, Named) else moved_here(event, "optimised")
    return finding_about(
        _VALUE._replace(code=code),
        event.node if named or event.quantity.origin < 0 else event.quantity.origin,
        event.quantity,
        [(event.node, end)],
        values,
        gaps={"edit": edit},
        value=BY_NAMES,  # of what is moved and of what it is moved by
        against=towards(event) if isinstance(event, Optimised) else Against("name"),
        doubt=None if sure else Confidence.POSSIBLE,
        optimised=event.node if isinstance(event, Optimised) else -1,
        turn="whole" if code == "VL101" else "",
    )
