"""Giving values to names: assignment targets, and what a name claims of the value it holds."""

from __future__ import annotations

from vaelint import ir
from vaelint.evidence import Basis, weakest
from vaelint.infer import names
from vaelint.infer.evaluate import declared, named_tuples, parameters, unknown_attributes
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.events import Named
from vaelint.infer.expression import last
from vaelint.infer.quantities import policies
from vaelint.infer.quantities.algebra import detach, overall
from vaelint.infer.values import (
    NOWHERE,
    Bound,
    Form,
    Frame,
    Function,
    Gradient,
    Instance,
    Made,
    Mapping,
    Number,
    Quantity,
    Sequence,
    Term,
    Text,
    Trace,
    Value,
    is_plain,
    is_unknown,
    unknown,
)
from vaelint.knowledge.schema import Claim
from vaelint.knowledge.vocabulary import Words
from vaelint.records import replace
from vaelint.sense import NO_SENSE, Meaning, Sense, concluded, family


def assign(it: Machine, target: ir.Expr, value: Value, node: int, f: Frame, named: bool = True) -> None:
    if f.cuts_gradients and isinstance(value, Quantity):
        value = detach(value)
    match target:
        case ir.Name(name=n):
            f.vars[n] = claim_on(it, value, n, node, f, "variable") if named else _relabelled(value, n)
        case ir.Attr(base=b, name=n):
            owner = it.eval(b, f)
            held = claim_on(it, value, n, node, f, "attribute") if named else value
            if isinstance(owner, Instance):
                it.set_attribute(owner, n, declared.kept(it, owner.cls, n, held, node, f))
                unknown_attributes.replaced(it, owner, n)
            elif isinstance(owner, Quantity):
                unknown_attributes.keep(it, target, held, f)
            elif isinstance(owner, Mapping):
                assign(it, b, Mapping({**owner.items, n: held}, owner.rest), node, f, named=False)
            elif isinstance(owner, Number) and n == "requires_grad":
                assign(it, b, unknown(ir.render(b, 30), node), node, f)  # from here on it is what training makes of it
        case ir.Subscript():
            _assign_item(it, target, value, node, f)
        case ir.Tuple(items=items) | ir.List(items=items):
            _unpack(it, items, value, node, f, named)
        case ir.Star(value=inner):
            assign(it, inner, value, node, f, named)
        case _:
            pass  # no target in Python


def _assign_item(it: Machine, target: ir.Subscript, value: Value, node: int, f: Frame) -> None:
    base = it.eval(target.base, f)
    index = it.eval(target.index, f) if not isinstance(target.index, ir.Slice) else None
    if isinstance(index, Text):
        value = claim_on(it, value, index.value, node, f, "key")
        items = dict(base.items) if isinstance(base, Mapping) else {}
        if isinstance(base, Mapping) or not isinstance(base, (Quantity, Instance, Made)):
            items[index.value] = value
            rest = base.rest if isinstance(base, Mapping) else None
            assign(it, target.base, Mapping(items, rest), node, f, named=False)
    elif isinstance(base, Mapping):
        rest = value if base.rest is None else it.join([base.rest, value], node, ir.render(target))
        assign(it, target.base, Mapping(base.items, rest), node, f, named=False)
    elif isinstance(base, Quantity) and isinstance(value, (Quantity, Number)):
        # Part of an array is overwritten: it holds either. A sum of rewards is what the array is called.
        claim = it.knowledge.claim(last(target.base))
        told = _by_structure(it, value, claim, last(target.base), node) if isinstance(value, Quantity) else None
        assign(it, target.base, it.join([base, told or value], node, base.label), node, f, named=False)


def _unpack(it: Machine, items: tuple[ir.Expr, ...], value: Value, node: int, f: Frame, named: bool) -> None:
    value = named_tuples.parts(it, value) or value
    star = next((i for i, x in enumerate(items) if isinstance(x, ir.Star)), None)
    if isinstance(value, Sequence) and value.rest is None and star is None and len(value.items) == len(items):
        for x, v in zip(items, value.items):
            assign(it, x, v, x.id, f, named)
        return
    for i, x in enumerate(items):
        if isinstance(value, Sequence) and i < len(value.items) and (star is None or i < star):
            part: Value | None = value.items[i]
        else:
            part = _part(it, value, i, x)
        assign(it, x, part if part is not None else unknown(ir.render(x, 30), x.id), x.id, f, named)


def _part(it: Machine, value: Value, i: int, target: ir.Expr) -> Value | None:
    """What is unpacked in this place from something whose parts are not known one by one."""
    match value:
        case Gradient():
            return value
        case Made(what="results"):
            return value if i == 0 else None  # a record of losses that comes in company stands first
        case Sequence(rest=rest):
            return rest
        case Quantity():
            # `loss, outputs = …`: likewise
            return value if i == 0 and _is_documented(it, value, target) else _result(it, value, target)
    return None


def _result(it: Machine, value: Quantity, target: ir.Expr) -> Quantity:
    """One result of a call that nobody resolved; results of one call share its root."""
    label, named_as = ir.render(target, 30), last(target)
    opaque = it.opaque(label, named_as, target.id) if named_as else unknown(label, target.id)
    why = next((t.why or f"`{t.label}` is not resolved" for t in value.terms), "")
    terms = tuple(replace(t, why=why) for t in opaque.terms)
    return replace(opaque, terms=terms, roots=value.roots, noisy=value.noisy, drawn=value.drawn)


def _is_documented(it: Machine, q: Quantity, target: ir.Expr) -> bool:
    """Whether a number of known sense is unpacked into a name that says the same of its first part."""
    claim = it.knowledge.claim(last(target)) if len(q.terms) == 1 else None
    return claim is not None and claim.sense is q.terms[0].value_sense and q.terms[0].meaning.is_evidence


_PAST = Words("past_log_policy")  # a policy's before the step: data
_KEPT = (Form.RATIO, Form.CLIPPED, Form.INVERSE)  # what a value called `ratio` is already, or more exactly


def claim_on(it: Machine, value: Value, name: str, node: int, f: Frame, how: str) -> Value:
    """The value as the name holds it: an unknown takes the name's claim; a known one is told to the checks."""
    if not isinstance(value, Quantity):
        return value
    value = policies.named(value, name)
    if _PAST.of(name):
        value = detach(value)
    claim = it.knowledge.claim(name)
    if claim is not None and _is_of_negatives(it, value, claim, name):
        return _unclaimed(it, value, name, value.positive) if is_unknown(value) else _follow(it, value, name, node)
    told = _by_structure(it, value, claim, name, node)
    if told is not None:
        return told
    if not is_unknown(value) and not (claim is not None and _knows_better(value, claim)):
        if claim is not None:
            it.emit(_named(value, claim, name, node, f, how))
            value = agreeing(confirmed(_untold(value, claim, name), claim, name, NOWHERE), claim)
        return _follow(it, _weight(it, value, name), name, node)
    positive = value.positive or (it.knowledge.positive(name) and value.form != Form.NEGATIVE)
    if claim is None:
        return _unclaimed(it, value, name, positive)
    if len(value.terms) != 1 and not claim.strong:
        return replace(value, label=ir.called(name))
    if len(value.terms) == 1 and claim.kind in ("surrogate", "reward"):
        # What it came out of may be a critic or a discriminator.
        it.emit(_named(value, claim, name, node, f, how))
    return replace(attributed(value, claim, name, node), label=ir.called(name), positive=positive)


_NEGATIVES = Words("negative")


def _is_of_negatives(it: Machine, value: Quantity, claim: Claim, name: str) -> bool:
    """``negative_xent = cross_entropy(neg_logits, zeros)``: of negatives as its inputs are, not negated.

    What it is made of is called so without being the negation of anything (`neg_log_prob` is one).
    """
    if not _NEGATIVES.of(name) or not _is_turned(claim) or any(t.sign < 0 for t in value.terms):
        return False
    written = [value.label, *(t.label for t in value.terms), *(r for r in value.roots if isinstance(r, ir.Written))]
    made_of = {n for w in written if w.expr is not None for n in ir.names_in(w.expr)} - {name}
    return any(_NEGATIVES.of(n) and not _is_turned(it.knowledge.claim(n)) for n in made_of)


def _is_turned(claim: Claim | None) -> bool:
    """Whether a name says by a word in front that it is the negation of what its term says."""
    return claim is not None and claim.word != claim.term and claim.word.startswith("neg")


def _named(value: Quantity, claim: Claim, name: str, node: int, f: Frame, how: str) -> Named:
    return Named(name, claim, value, node, f.name, how, f.owner.name if f.owner is not None else "")


def _by_structure(it: Machine, value: Quantity, claim: Claim | None, name: str, node: int) -> Quantity | None:
    """A difference or a quotient, of which the name says what it is a difference or quotient of."""
    if policies.is_reversed(value, name):
        meaning = Meaning(Sense.GAIN, "return", Basis.NAME)
        why = Trace(node, f"`{name}`: a value less a return: minus an advantage")
        term = Term(-1, meaning, ir.called(name), node, node, _carries_gradient(value), trace=why)
        return replace(value, terms=(term,), label=ir.called(name))
    returned = _returned(value, claim) if claim is not None else None
    if claim is not None and returned is not None:
        paid = returned.basis.is_fact
        message = f"`{name}` rises with the reward" if paid else claim.told(name)
        why = Trace(node, message, claimed="" if paid else name)
        term = Term(1, returned, ir.called(name), node, node, _carries_gradient(value), trace=why)
        return replace(value, terms=(term,), label=ir.called(name))
    if value.form not in _KEPT and names.form_of(it.knowledge, name) == Form.RATIO and is_plain(value):
        return replace(value, form=Form.RATIO, form_basis=Basis.NAME, positive=True, label=ir.called(name))
    return None


def _carries_gradient(value: Quantity) -> bool:
    return not value.terms or any(t.live for t in value.terms)


def _returned(value: Quantity, claim: Claim) -> Meaning | None:
    """Rewards minus a baseline: the arithmetic is a contrast, the name says of what.

    It is a fact where a reward is known to be added in it, and nothing else to have a direction: whatever stands beside
    it, values and a baseline, the sum rises with what the environment pays. Zeros, to be filled, are nothing yet.
    """
    paid = policies.paid(value)
    empty = len(value.terms) == 1 and value.terms[0].meaning == NO_SENSE
    if claim.kind in ("advantage", "return"):
        if empty or _settled(value):
            return None
    elif claim.kind != "reward" or not paid or len(value.terms) < 2:
        return None
    basis = weakest(t.meaning.basis for t in paid) if paid and claim.sense is Sense.GAIN else Basis.NAME
    return Meaning(claim.sense, claim.kind, basis)


def _weight(it: Machine, value: Quantity, name: str) -> Quantity:
    """A number without a direction (made of settings, say) under the name of a weight is positive, as an unknown is."""
    plain = all(t.meaning.sense is Sense.NONE and t.sign > 0 for t in value.terms) and value.form == Form.PLAIN
    if not value.terms or not plain or value.positive or not it.knowledge.positive(name):
        return value
    return replace(value, positive=True, taken_positive=name)


def _unclaimed(it: Machine, value: Quantity, name: str, positive: bool) -> Quantity:
    """What is not known goes by its name, which says at most of what form it is."""
    terms = tuple(replace(t, label=ir.called(name)) if len(value.terms) == 1 else t for t in value.terms)
    form = names.form_of(it.knowledge, name, value.form)
    basis = value.form_basis if form == value.form else Basis.NAME
    taken = value.taken_positive or (name if positive and not value.positive else "")
    more = {"form": form, "form_basis": basis, "taken_positive": taken}
    return replace(value, terms=terms, label=ir.called(name), positive=positive, **more)


def attributed(value: Quantity, claim: Claim, name: str, node: int) -> Quantity:
    """The value as a name claims it: each term that is not resolved is taken to pull the way that the whole is said to.

    A sign that is visible stays: the claim is about the value with it. What is known of other terms stays as it is.
    """
    alone = len(value.terms) == 1

    def claimed(t: Term) -> Term:
        if t.meaning.sense is not Sense.UNKNOWN or t.meaning.kind:
            return t
        meaning = Meaning(claim.sense if t.sign > 0 else -claim.sense, claim.kind, Basis.NAME)
        label = ir.called(name) if alone and claim.kind and t.sign > 0 else t.label
        why = t.why or (f"`{t.label}` is not resolved" if last(t.label.expr) != name else "")
        trace, said = Trace(node, claim.told(name), claimed=name), frozenset({claim.kind})
        return replace(t, meaning=meaning, label=label, node=node, trace=trace, why=why, said=said)

    return replace(value, terms=tuple(map(claimed, value.terms)))


def agreeing(value: Quantity, claim: Claim) -> Quantity:
    """The value with one more name that says the same of it; with none that counts where a name says the opposite."""
    verdict = overall(value)
    if not verdict.sense.directed or not claim.sense.directed:
        return value
    if verdict.sense is not claim.sense:
        return replace(value, terms=tuple(replace(t, said=frozenset()) for t in value.terms))
    return replace(
        value, terms=tuple(replace(t, meaning=_formed(t, claim), said=t.said | {claim.kind}) for t in value.terms)
    )


def _formed(t: Term, claim: Claim) -> Meaning:
    """``mse = mean(square(a - b))``: the form is that of what the name says, which tells what the difference is for.

    A name that was computed from nothing in sight (``nll = nll(x)``) has no form that could say so.
    """
    if not t.over or t.said or t.meaning.roles or not t.meaning.is_claim or claim.kind != t.meaning.kind:
        return t.meaning
    return concluded(t.meaning.sense, claim.kind, _FORM_AND_NAME)


_FORM_AND_NAME = (Basis.STRUCTURE, Basis.NAME)


def _knows_better(value: Quantity, claim: Claim) -> bool:
    """``ll = -model_loglik(x)``: who negates a call and names the result knows what a function returns that is not
    resolved; that it is called otherwise is said, if at all, where it is defined."""
    if len(value.terms) != 1 or (not claim.strong and claim.word != "ll"):
        return False
    t = value.terms[0]
    called = t.meaning.is_claim and t.sign < 0 and any(isinstance(x, ir.Call) for x in ir.walk(t.label.expr))
    return called and t.value_sense is -claim.sense and family(t.meaning.kind) == family(claim.kind)


def _untold(value: Quantity, claim: Claim, name: str) -> Quantity:
    """``ll = f(x); ll *= -0.5``: the name may speak of either, so that nobody is misled; its direction is a guess."""
    t = value.terms[0]
    turned = len(value.terms) == 1 and t.label == ir.called(name) and t.value_sense is -claim.sense
    step = t.trace if turned else None
    while step is not None and step.claimed != name:
        step = step.before
    return value if step is None else replace(value, terms=(replace(t, meaning=replace(t.meaning, kind="")),))


def confirmed(value: Quantity, claim: Claim, name: str, node: int) -> Quantity:
    """The value where a technical name and the facts in it agree; ``node`` is where it may be used wrongly from here.

    Terms that are not resolved beside a fact that fits the name are claimed by it to belong to it.
    """
    if not claim.strong:
        return value
    verdict = overall(value)
    if verdict.sense is claim.sense and verdict.is_evidence:
        return replace(value, origin=node)
    if claim.kind == "elbo" and verdict.sense is Sense.NONE and _bounds(value, claim.sense):
        trace = Trace(node, f"`{name}`: log-densities under p against those under q", value.terms[0].trace)
        meaning = Meaning(claim.sense, claim.kind, Basis.NAME)
        term = Term(1, meaning, ir.called(name), value.terms[0].node, value.terms[0].made, trace=trace)
        return replace(value, terms=(term,), origin=node)
    facts = [t for t in value.terms if t.meaning.is_evidence and t.value_sense.directed]
    rest = [t for t in value.terms if not t.meaning.is_evidence]
    fitting = all(t.value_sense is claim.sense and family(t.meaning.kind) == family(claim.kind) for t in facts)
    if verdict.sense is Sense.UNKNOWN and facts and rest and fitting and not any(t.value_sense.directed for t in rest):
        return replace(attributed(value, claim, name, node), origin=node)
    return value


_OF_Q = Words("of_q")


def _bounds(value: Quantity, sense: Sense) -> bool:
    """Whether a contrast of log-densities is an evidence bound of that sense, by what its terms are called.

    E_q[log p(x, z) - log q(z | x)] is to be raised (Jordan et al. 1999); a draw is not seen to be one of q's.
    """
    up = [t for t in value.terms if t.value_sense is sense]
    down = [t for t in value.terms if t.value_sense.directed and t.value_sense is not sense]
    return _OF_Q.within(*(t.label for t in down)) and not _OF_Q.within(*(t.label for t in up))


def _relabelled(value: Value, name: str) -> Value:
    """What a loop or a context hands out goes by the name it is given; the name claims nothing of it."""
    if not isinstance(value, Quantity) or len(value.terms) != 1 or not is_unknown(value):
        return value
    return replace(value, terms=(replace(value.terms[0], label=ir.called(name)),), label=ir.called(name))


def is_fact_of(value: Quantity, sense: Sense) -> bool:
    """Whether a value is known, by facts, to be of this sense."""
    verdict = overall(value)
    return verdict.sense is sense and verdict.is_evidence


def neutral(it: Machine, out: Quantity, callee: Function | Bound | Instance, node: int) -> Quantity:
    """What a function returns that says nothing of costs: if it goes wrong, it does so where it is called."""
    function = callee.function if isinstance(callee, Bound) else callee
    name = (
        function.cls.name if isinstance(function, Instance) else function.name if isinstance(function, Function) else ""
    )
    if not name or not is_fact_of(out, Sense.GAIN):
        return out
    claims = (it.knowledge.claim(x) for x in (name, last(out.label.expr)))
    return out if any(c is not None and c.sense is Sense.COST for c in claims) else replace(out, origin=node)


def _settled(value: Quantity) -> bool:
    verdict = overall(value)
    return verdict.sense.directed and verdict.is_evidence


def as_parameter(it: Machine, value: Value, p: ir.Param, f: Frame) -> Value:
    """An unknown argument goes by its parameter's name from here on; a known one keeps its own."""
    value = declared.passed(value, p, f)
    if not isinstance(value, Quantity) or value.drawn >= 0:
        return value
    # Only of losses: of other objects what their methods are called says more than a class that is hard to follow.
    asked = is_plain(value) and len(value.terms) == 1 and parameters.LOSS.of(p.name)
    known = parameters.annotated(it, p, f) if asked else None
    if known is not None:
        return known
    if is_unknown(value):
        return claim_on(it, value, p.name, p.id, f, "parameter")
    return as_probability(it, value, p.name)


def as_probability(it: Machine, value: Quantity, name: str) -> Quantity:
    """Zeros that probabilities are written into, labels one of which is one: what they are is said by their name."""
    if value.form != Form.PLAIN or not it.knowledge.is_probability(name):
        return value
    if any(t.meaning != NO_SENSE or t.sign < 0 for t in value.terms):
        return value  # what is taken off may leave less than nothing
    return replace(value, form=Form.PROBABILITY, form_basis=Basis.NAME, positive=True)


def _follow(it: Machine, value: Quantity, name: str, node: int) -> Quantity:
    value = as_probability(it, value, name)
    if len(value.terms) != 1:
        return replace(value, label=ir.called(name))
    t = value.terms[0]
    # A single term goes by the name from here on.
    term = replace(
        t,
        label=ir.called(name) if t.sign > 0 else t.label,
        trace=Trace(node, f"bound to `{name}`", t.trace, bound=name),
    )
    return replace(value, terms=(term,), label=ir.called(name))
