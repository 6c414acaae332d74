"""Arithmetic on quantities: how sums, products, powers and joins hand senses on (DESIGN, section 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial, wraps
from typing import TypeVar, cast

from vaelint import ir
from vaelint.evidence import Basis, weakest
from vaelint.infer.expression import last_word, unsigned, walk
from vaelint.infer.quantities import policies
from vaelint.infer.quantities.ratios import INVERTED
from vaelint.infer.values import (
    NOWHERE,
    Form,
    Number,
    Quantity,
    Root,
    Term,
    Trace,
    Value,
    is_compared,
    is_plain,
    is_unknown,
    leading_sign,
    parts,
)
from vaelint.knowledge import Knowledge
from vaelint.knowledge.vocabulary import Words
from vaelint.records import record, replace
from vaelint.sense import NO_SENSE, UNKNOWN, Meaning, Pass, Sense, are_contrast, concluded, family

MAX_TERMS = 24  # a longer sum is no objective that anybody reads; it becomes unknown

ENTROPY = Meaning(Sense.UNKNOWN, "entropy", Basis.STRUCTURE)
MARGINAL_ENTROPY = Meaning(Sense.UNKNOWN, "marginal_entropy", Basis.STRUCTURE)
LOG_LIKELIHOOD = Meaning(Sense.GAIN, "log_density", Basis.LIBRARY)
WEIGHTED = "log-probability weighted by labels: an expected log-likelihood"

# Kinds that only technical terms claim: nobody calls anything else `log_prob`, `nll`, `kl` or `elbo`.
TECHNICAL = frozenset({"log_density", "nll", "kl", "elbo"})

_RETURNS = ("advantage", "return", "reward")
ESTIMATES = ("score", "log_q", "log_density")  # whose negation at a sample estimates an entropy
_A_RATE = Words("rate")
_OF_POLICIES = (Form.RATIO, Form.CLIPPED, Form.INVERSE)


@record(frozen=True, slots=True)
class Verdict:
    """The sense of a whole sum, on what basis, and (when unknown) why.

    ``basis`` is that of its weakest term; ``roles`` are the bases of all of them where the sum weighs against a claim.
    """

    sense: Sense
    basis: Basis
    reason: str = ""
    roles: tuple[Basis, ...] = ()

    @property
    def is_evidence(self) -> bool:
        """As `Meaning.is_evidence`."""
        return self.basis.is_fact or bool(self.roles)


def opposes(q: Quantity, sense: Sense) -> bool:
    """Whether a value is known by facts to be of the opposite sense."""
    verdict = overall(q)
    return verdict.sense is -sense and verdict.is_evidence


def overall(q: Quantity, gradient: bool = False, by_name: bool = False) -> Verdict:
    """The sense of the sum; of its gradient if ``gradient``. Contrasts have none, contradictions are unknown.

    ``by_name``: a gradient that only a plain name speaks of (`loss`) has the sense that this says.
    """
    senses: list[tuple[Sense, Term]] = []
    for t in q.terms:
        sense = t.gradient_sense if gradient else t.value_sense
        if t.meaning.kind in ("entropy", "marginal_entropy") and sense is Sense.UNKNOWN and len(q.terms) > 1:
            continue  # wanted up or down by context: the other terms decide
        if sense is not Sense.NONE:
            senses.append((sense, t))
    if not senses:
        chosen = {t.sign * t.grad_sign for t in q.terms if t.meaning.kind == "log_probability" and t.live}
        if gradient and len(chosen) == 1:
            # The logarithm of a probability that is there to be raised or lowered (a discriminator's, a ranking's).
            return Verdict(Sense.GAIN if chosen == {1} else Sense.COST, Basis.NAME)
        if any(t.meaning.sense is Sense.UNKNOWN for t in q.terms):
            return Verdict(Sense.UNKNOWN, Basis.NONE, "an entropy is wanted up or down by context")
        return Verdict(Sense.NONE, Basis.NONE)
    for sense, t in senses:
        if sense is Sense.UNKNOWN:
            return Verdict(Sense.UNKNOWN, Basis.NONE, unresolved(t))
    nameless = next((t for _, t in senses if t.meaning.is_claim and not t.meaning.kind), None)
    if nameless is not None and gradient and not by_name:
        # "loss" says what the author wants, not what the value is: no evidence in an objective.
        return Verdict(Sense.UNKNOWN, Basis.NONE, unresolved(nameless, named(q, nameless)))
    found = {s for s, _ in senses}
    if len(found) == 1:
        known = [t for _, t in senses if t.meaning.is_evidence]
        # A fact is not put in doubt by a technical name that says the same.
        sure = known and all(t in known or t.meaning.kind in TECHNICAL for _, t in senses)
        bases = tuple(b for _, t in senses for b in t.meaning.premises)
        return Verdict(found.pop(), weakest(bases), roles=bases if sure else ())
    up = [t for s, t in senses if s is Sense.GAIN]
    down = [t for s, t in senses if s is Sense.COST]
    if all(are_contrast(a.meaning.kind, b.meaning.kind) for a in up for b in down):
        return Verdict(Sense.NONE, Basis.NONE, "")
    return Verdict(Sense.UNKNOWN, Basis.NONE, f"`{up[0].label}` and `{down[0].label}` pull in opposite directions")


def names_agree(q: Quantity) -> bool:
    """Whether several names of different kinds (`log_prob`, negated, under `energy`) say of each term what it is.

    The form of an expression (a square of a difference) counts as one that is no name.
    """
    terms = [t for t in q.terms if t.value_sense.directed]
    return bool(terms) and all(len(t.said | {t.meaning.kind}) > 1 for t in terms)


def named(q: Quantity, t: Term) -> ir.Written:
    """What people call a term: a name like `loss`, which says no more, leaves it the label of what it was given."""
    plain = unsigned(q.label.expr) if q.label.expr is not None else None
    alone = len(q.terms) == 1 and t.meaning.is_claim and not t.meaning.kind
    return ir.render(plain) if alone and isinstance(plain, (ir.Name, ir.Attr)) else t.label


def unresolved(t: Term, label: ir.Written = ir.UNWRITTEN) -> str:
    """Why a term is not judged: what of it is not known, and what that comes of."""
    by_name = t.meaning.is_claim
    label = label or t.label
    if t.why.startswith(f"`{label}`") and not by_name:  # one sentence of it, not two
        return t.why
    what = f"`{label}` is known by its name alone" if by_name else f"`{label}` is not resolved"
    return f"{what}: {t.why}" if t.why else what


def lone_meaning(q: Quantity) -> Meaning:
    """The meaning of the sum seen as one value."""
    if len(q.terms) == 1:
        t = q.terms[0]
        return t.meaning if t.sign > 0 else -t.meaning
    v = overall(q)
    kinds = {family(t.meaning.kind): t.meaning.kind for t in q.terms if t.meaning.sense.directed}
    kind = next(iter(kinds.values())) if len(kinds) == 1 else "objective" if kinds else ""
    return Meaning(v.sense, kind, v.basis, v.roles)


# --- ways ----------------------------------------------------------------------------------------

MOST_WAYS = 4  # that a value is followed on; of more, what they agree on is known

Change = TypeVar("Change", bound=Callable[..., "Quantity | None"])


def on_each_way(change: Change) -> Change:
    """An operation of quantities, done to what each of them may be as well.

    Two that part at one branch go together; of two that part at different ones nothing is known but the joined value.
    """

    @wraps(change)
    def changed(*given: object) -> Quantity | None:
        out = change(*given)
        parted = [q for q in given if isinstance(q, Quantity) and q.ways]
        if out is None or not parted:
            return out
        apart = len({(q.parted, len(q.ways)) for q in parted}) > 1
        if apart or (len(parted) > 1 and parted[0].parted == NOWHERE):
            return replace(out, ways=(), parted=NOWHERE)
        ways = []
        for i in range(len(parted[0].ways)):
            one = change(*(q.ways[i] if isinstance(q, Quantity) and q.ways else q for q in given))
            if one is None:
                return replace(out, ways=(), parted=NOWHERE)
            ways.append(one)
        return replace(out, ways=tuple(ways), parted=parted[0].parted)

    return cast("Change", changed)


def _ways(qs: Sequence[Quantity]) -> tuple[Quantity, ...]:
    """What the join of these may be; nothing where that is no more than it says itself."""
    flat: list[Quantity] = []
    for q in qs:
        for way in q.ways or (q,):
            if all(way.terms != other.terms for other in flat):
                flat.append(way)
    known = any(lone_meaning(q).is_evidence and lone_meaning(q).sense.directed for q in flat)
    return tuple(flat) if known and 1 < len(flat) <= MOST_WAYS else ()


def _by_hand(q: Quantity) -> bool:
    """Whether what is directed in the sum is hand-written formulas."""
    terms = [t for t in q.terms if t.meaning.sense.directed]
    return bool(terms) and all(t.formula for t in terms)


def _each(q: Quantity, change: Callable[[Term], Term]) -> tuple[Term, ...]:
    return tuple(change(t) for t in q.terms)


@on_each_way
def negate(q: Quantity, node: int, why: str = "negated") -> Quantity:
    terms = _each(q, lambda t: replace(t, sign=-t.sign, trace=Trace(node, why, t.trace)))
    form = q.form if q.form in (Form.DIFFERENCE, Form.SCORE, *_OF_POLICIES) else Form.PLAIN
    if q.positive and _direction_of(q) == 0:
        form = Form.NEGATIVE
    positive = q.form == Form.NEGATIVE
    return replace(
        q, terms=terms, form=form, positive=positive, key=node, of=q.of, origin=node, label=ir.negated(q.label)
    )


_FAR = frozenset({"error", "distance", "penalty"})


def reciprocal(q: Quantity, node: int) -> Quantity:
    """``1 / q`` falls as ``q`` rises; of a distance it is a similarity, which nobody writes by mistake."""
    out = negate(q, node, "reciprocal")
    if not q.terms or not all(t.meaning.kind in _FAR and t.sign > 0 for t in q.terms):
        return out
    near = (replace(t, sign=1, meaning=replace(t.meaning, sense=Sense.GAIN, kind="similarity")) for t in out.terms)
    return replace(out, terms=tuple(near))


@on_each_way
def add(a: Quantity, b: Quantity, node: int, label: ir.Written) -> Quantity:
    """The sum, term by term; a term that is there already (a loop) is not counted twice."""
    seen = {(t.made, t.sign, t.node) for t in a.terms}
    terms = a.terms + tuple(t for t in b.terms if (t.made, t.sign, t.node) not in seen)
    roots = a.roots | b.roots
    if len(terms) > MAX_TERMS:
        # Too long to be read as an objective: give up rather than carry hundreds of terms through loops.
        terms = (Term(1, UNKNOWN, label, node, node, why=f"it has more than {MAX_TERMS} terms"),)
    return Quantity(
        terms,
        roots,
        label,
        positive=a.positive and b.positive,
        key=node,
        noisy=a.noisy or b.noisy,
        origin=a.origin if a.origin == b.origin >= 0 else node,  # what one function gave both is wrong in it
    )


@on_each_way
def subtract(a: Quantity, b: Quantity, node: int, label: ir.Written) -> Quantity:
    out = add(a, negate(b, node, f"subtracted: `{b.label}`"), node, label)
    if all(is_compared(q) or policies.paid_sign(q) for q in (a, b)):  # what is paid is data, whatever it is kept with
        return replace(out, form=Form.DIFFERENCE, positive=False)
    return replace(out, positive=False)


@on_each_way
def centred(a: Quantity, b: Quantity, node: int, label: ir.Written) -> Quantity | None:
    """``x - x.mean()``, ``x - x.detach()``: less a value of its own, ``x`` goes the way it went.

    None if the terms are not the same. That ``b`` is made of ``a`` the caller must know: one helper called twice gives
    two values with the same terms, whose difference is a contrast.
    """
    if not a.terms or len(a.terms) != len(b.terms) or not all(map(_is_again, a.terms, b.terms)):
        return None
    return replace(a, roots=a.roots | b.roots, label=label, positive=False, key=node, origin=node)


def _is_again(t: Term, again: Term) -> bool:
    """The same term; an attribute of what is not resolved (`batch.adv`) is made anew where it is read."""
    known = t.made == again.made or (t.label == again.label and isinstance(t.label.expr, (ir.Attr, ir.Subscript)))
    return known and t.sign == again.sign


@on_each_way
def through(q: Quantity, how: Pass, node: int, why: str) -> Quantity:
    """Hand the sense on through a monotone function (or one that loses it)."""
    if how is Pass.KEEP:
        return q
    if how is Pass.FLIP:
        return negate(q, node, why)
    meaning = NO_SENSE if how is Pass.NONE else Meaning(how.apply(lone_meaning(q).sense))
    lost = f"not monotone {why}" if why.startswith("through") else f"`{why}` is not monotone"
    reason = next((t.why for t in q.terms if t.why), lost)
    term = Term(1, meaning, q.label, node, node, why=reason, over=parts(q))
    return Quantity((term,), q.roots, q.label, key=node, noisy=q.noisy, origin=node)


@on_each_way
def as_one(q: Quantity, node: int, label: ir.Written = ir.UNWRITTEN) -> Quantity:
    """The sum as a single term of its overall sense (what a nonlinear increasing function leaves of it)."""
    if len(q.terms) <= 1:
        return q
    live = any(t.live for t in q.terms)
    trace = next((t.trace for t in q.terms if t.trace), None)
    term = Term(
        1, lone_meaning(q), label or q.label, node, node, live=live, trace=trace, formula=_by_hand(q), over=parts(q),
        size_of=_size_of(q.terms),
    )  # fmt: skip
    return replace(q, terms=(term,), key=node)


def _size_of(terms: Iterable[Term]) -> str:
    """What all of these are sizes of: their sum is one as well."""
    found = {t.size_of if t.meaning.kind == "penalty" else "" for t in terms}
    return found.pop() if len(found) == 1 else ""


@on_each_way
def scale(q: Quantity, factor: float, node: int) -> Quantity:
    if factor == 0:
        return Quantity((Term(1, NO_SENSE, q.label, node, node),), q.roots, q.label, key=node, origin=node)
    return q if factor > 0 else negate(q, node, f"multiplied by {factor:g}")


def _is_return(q: Quantity, score: bool = False) -> bool:
    if policies.is_of_costs(q.label):
        return False
    if score and is_plain(q) and policies.names_return(q.label):
        return True
    # An advantage may be of either sign: what is positive by its name (`lambda_adv`) is a weight.
    if len(q.terms) != 1:  # whatever it was computed from, its name speaks of the whole
        whole = is_unknown(q) and bool(q.terms) and not q.positive
        return whole and policies.is_return(replace(q.terms[0], label=q.label), score)
    return q.terms[0].meaning.kind in _RETURNS or (not q.positive and policies.is_return(q.terms[0], score))


def _is_policy(q: Quantity) -> bool:
    if q.form in (*_OF_POLICIES, Form.SCORE):
        return True
    return len(q.terms) == 1 and (q.terms[0].meaning.kind == "log_density" or _is_chosen(q.terms[0]))


def _is_log_probability(q: Quantity) -> bool:
    """Of whatever: beside what is paid, it is that of what was done."""
    return len(q.terms) == 1 and q.terms[0].meaning.kind == "log_probability"


def _is_chosen(t: Term) -> bool:
    """The cross-entropy of what was chosen, by a library: minus the log-probability of an action, beside a return."""
    return t.meaning.kind in ("cross_entropy", "nll") and t.meaning.is_evidence and not t.formula


def _moves(factor: Quantity, q: Quantity) -> bool:
    """Whether a gradient goes through a factor alone: a policy's ratio, or what is not known and was not held still.

    Beside what has a direction, the latter is a mask or a weight.
    """
    if not q.terms or any(t.live for t in q.terms):
        return False
    known = any(t.meaning.sense is not Sense.UNKNOWN for t in q.terms)
    free = any(t.live and t.meaning.sense is Sense.UNKNOWN for t in factor.terms)
    return factor.form in _OF_POLICIES or (free and not known)


def _is_slope(q: Quantity, factor: Quantity) -> bool:
    """Whether what is held still scales the gradient of a factor that has a direction: its sign decides, not theirs."""
    return (
        bool(q.terms)
        and not any(t.live for t in q.terms)
        and any(t.live and t.meaning.sense.directed for t in factor.terms)
    )


@on_each_way
def multiply(a: Quantity, b: Quantity, node: int, label: ir.Written) -> Quantity:
    """The product: known idioms first, then a factor taken as positive, else the sense is lost."""
    weighed = Form.SHARE in (a.form, b.form)  # by what is neither a return nor a probability
    for p, q in () if weighed else ((a, b), (b, a)):
        special = _idiom(p, q, node, label)
        if special is not None:
            return special
    # A squared error is positive, too: of two positive factors the weight is the one without a direction.
    for factor, q in sorted(((a, b), (b, a)), key=lambda pair: _direction_of(pair[0])):
        if _moves(factor, q):
            # It is the weight that is moved, and which way that should be is not known.
            moved = _each(q, lambda t: replace(t, meaning=UNKNOWN, live=True))
            return Quantity(moved, a.roots | b.roots, label, key=node, noisy=a.noisy or b.noisy, origin=node)
        if factor.positive and not _is_slope(q, factor):
            roots = a.roots | b.roots
            terms = q.terms if not factor.taken_positive else _each(q, partial(_assuming, factor.taken_positive))
            positive = q.taken_positive or factor.taken_positive
            return replace(
                q, terms=terms, roots=roots, label=label, key=node, noisy=a.noisy or b.noisy, taken_positive=positive
            )
        if factor.form == Form.NEGATIVE and _direction_of(factor) == 0:
            why = f"multiplied by `{factor.label}`, which is negative"
            return negate(replace(q, roots=a.roots | b.roots), node, why)
    if all(t.meaning.sense is Sense.NONE for t in a.terms + b.terms):
        sense: Meaning = NO_SENSE
    else:
        # A factor whose sign nobody knows: the product may go either way.
        sense = UNKNOWN
    why = next((t.why for t in a.terms + b.terms if t.why), "it is a product, and the sign of neither factor is known")
    return Quantity(
        (Term(1, sense, label, node, node, why=why),),
        a.roots | b.roots,
        label,
        key=node,
        noisy=a.noisy or b.noisy,
        origin=node,
    )


def _assuming(name: str, t: Term) -> Term:
    """The term with what is taken for granted of a factor."""
    assumed = f"`{name}` is positive"
    return t if assumed in t.assumed else replace(t, assumed=(*t.assumed, assumed))


def _direction_of(q: Quantity) -> int:
    """How much a factor is about a direction: not at all, as a square (that may be a variance), or as its meaning."""
    return max(
        (0 if not t.meaning.sense.directed else 1 if t.meaning.kind == "penalty" else 2 for t in q.terms), default=0
    )


def _surrogate(p: Quantity, q: Quantity) -> Meaning:
    """What a policy's log-probability or ratio ``p`` times a return ``q`` is: it rests on how both are known."""
    policy = p.terms[0].meaning.basis if len(p.terms) == 1 else Basis.NONE
    known = q.terms if len(q.terms) == 1 else policies.paid(q) or policies.paid(q, Sense.COST)
    scored = weakest(t.meaning.basis for t in known) if known else Basis.NONE
    roles = (p.form_basis if policy is Basis.NONE else policy, Basis.NAME if scored is Basis.NONE else scored)
    if not roles[1].is_fact and p.form in _OF_POLICIES and isinstance(p.label.expr, ir.Name):
        # Beside a return that is only named, a ratio under a name counts as named: so it was measured (`WORTH`).
        roles = (weakest((roles[0], Basis.NAME)), roles[1])
    return concluded(Sense.GAIN, "surrogate", roles)


def _idiom(p: Quantity, q: Quantity, node: int, label: ir.Written) -> Quantity | None:
    roots = p.roots | q.roots
    paid = policies.paid_sign(q)
    if (paid and _is_log_probability(p)) or (_is_policy(p) and (paid or _is_return(q, p.form == Form.SCORE))):
        ratio = p.form in _OF_POLICIES
        # A negated sum has its minus in its label: it was built on the name.
        sign = q.terms[0].sign if len(q.terms) == 1 else paid or leading_sign(q.label)
        sign *= p.terms[0].sign if p.terms else 1
        why = "policy ratio × advantage: a surrogate of the return, which should go up"
        if not ratio:
            why = "log-probability of an action × return: a policy-gradient surrogate, which should go up"
        if p.terms and _is_chosen(p.terms[0]):
            sign, why = -sign, "cross-entropy of the actions × return: minus a policy-gradient surrogate"
        elif p.form == Form.INVERSE:
            # It falls as the action becomes more likely: its gradient is that of a surrogate with a minus.
            sign, why = -sign, INVERTED
        live = any(t.live for t in p.terms) or ratio
        # How a return came to have a minus is part of the way: the minus may be what is wrong.
        how = q.terms[0].trace if len(q.terms) == 1 and q.terms[0].sign < 0 else None
        term = Term(sign, _surrogate(p, q), label, node, node, live=live, trace=Trace(node, why, how))
        form = Form.CLIPPED if p.form == Form.CLIPPED else Form.PLAIN
        return Quantity((term,), roots, label, form=form, key=node, origin=node)
    if len(p.terms) == 1 and p.terms[0].meaning.kind == "partial_likelihood" and is_plain(q):
        return replace(p, roots=roots, label=label, key=node)  # whether it was observed, or how often
    tempered = policies.product(p, q, node, label)
    if tempered is not None:
        return tempered
    if policies.is_scored_by_name(p, q):
        out = _weighted_score(p, q, node, label)
        turned = tuple(replace(t, sign=-t.sign) for t in out.terms)
        return replace(out, terms=turned) if policies.is_negated(p.label) else out
    if p.form == Form.SCORE and len(p.terms) == 1 and is_plain(q) and q.form != Form.LOG_PROBABILITY and q.terms:
        return _weighted_score(p, q, node, label)
    if p.form in (Form.PROBABILITY, Form.MEAN_PROBABILITY) and q.form == Form.LOG_PROBABILITY:
        sign = q.terms[0].sign if q.terms else 1
        # softmax(x), and softmax(log softmax(x)), which is the same
        if p.key in (q.of, -2 - q.key) or _are_of_one(p.roots, q.roots):
            meaning = MARGINAL_ENTROPY if p.form == Form.MEAN_PROBABILITY else ENTROPY
            term = Term(-sign, meaning, label, node, node, trace=Trace(node, "p · log p: minus an entropy"))
            return Quantity((term,), roots, label, key=node, origin=node)
    if q.form == Form.LOG_PROBABILITY and p.form == Form.PLAIN and is_plain(p) and _marks_positives(p.label):
        sign = q.terms[0].sign if q.terms else 1
        picked = concluded(Sense.GAIN, "contrastive", (q.form_basis, Basis.NAME))
        term = Term(sign, picked, label, node, node, trace=Trace(node, PICKED))
        return Quantity((term,), roots, label, key=node, origin=node)
    own = bool(p.roots) and p.roots <= q.roots  # `w * log(n * w)`: a divergence from the uniform, no label in it
    rate = _A_RATE.within(p.label)  # a weight between 0 and 1, but no distribution over labels
    if q.form == Form.LOG_PROBABILITY and not own and not rate and (_is_share(p) or (is_plain(p) and _is_target(p))):
        sign = q.terms[0].sign if q.terms else 1
        weighted = concluded(Sense.GAIN, "log_density", (q.form_basis, p.form_basis if _is_share(p) else Basis.NAME))
        term = Term(sign, weighted, label, node, node, trace=Trace(node, WEIGHTED))
        return Quantity((term,), roots, label, key=node, origin=node)
    return None


_TARGET = Words("target")


def _is_share(p: Quantity) -> bool:
    """A distribution over labels: probabilities, in whatever way they are known."""
    return p.positive and p.form == Form.PROBABILITY


def _is_target(p: Quantity) -> bool:
    """What is to be predicted, by its name: beside the log-probabilities of all classes, how much of each there is.

    Not what is computed of it (`1 - target`), and not what is a factor by its name (`target_weight`).
    """
    held = p.label.expr
    while isinstance(held, ir.Subscript):
        held = held.base
    named = isinstance(held, (ir.Name, ir.Attr)) and _TARGET.within(held)
    marks = p.form == Form.ONE_HOT or (p.form == Form.PLAIN and not p.positive)
    return named and marks and all(t.sign > 0 for t in p.terms)


PICKED = "log-probability of the positives that a mask picks: it should go up"
_POSITIVE, _NEGATIVE = Words("positive"), Words("negative")


def _marks_positives(label: ir.Written) -> bool:
    return isinstance(label.expr, (ir.Name, ir.Attr)) and _POSITIVE.within(label) and not _NEGATIVE.within(label)


def _are_of_one(probabilities: frozenset[Root], logits: frozenset[Root]) -> bool:
    """Whether the probabilities are those of the distribution that the logits are of (``d.probs`` and ``d.logits``)."""
    own, other = _owners(probabilities, "probs"), _owners(logits, "logits")
    rest = {r for r in probabilities | logits if not _owners({r}, "probs") | _owners({r}, "logits")}
    return len(own) == 1 and own == other and rest <= own


def _owners(roots: Iterable[Root], attribute: str) -> set[Root]:
    """What the roots that are an attribute of that name are attributes of."""
    found = (r.expr for r in roots if isinstance(r, ir.Written))
    return {ir.render(e.base) for e in found if isinstance(e, ir.Attr) and e.name == attribute}


def _weighted_score(p: Quantity, q: Quantity, node: int, label: ir.Written) -> Quantity:
    """A score times something whose name does not say that it is a return: by convention, one.

    Where its name says that it is to be lowered, so is the product (the score-function estimator of a loss).
    """
    held = {t.value_sense for t in q.terms if t.meaning.sense.directed}
    cost = held == {Sense.COST} and all(t.sign > 0 for t in q.terms)
    sign = p.terms[0].sign * (q.terms[0].sign if len(q.terms) == 1 and not held else 1)
    # What was negated as a whole (the item of a list, a sum) has its minus in its label.
    sign *= leading_sign(p.terms[0].label)
    meaning = Meaning(Sense.COST if cost else Sense.GAIN, "surrogate", Basis.NAME)
    why = f"log-probability of an action × `{q.label}`: a policy-gradient surrogate, if that is a return"
    term = Term(sign, meaning, label, node, node, live=any(t.live for t in p.terms), trace=Trace(node, why))
    return Quantity((term,), p.roots | q.roots, label, key=node, origin=node)


def _with_all(qs: Sequence[Quantity]) -> Quantity | None:
    """The one that has all the terms of the others and some more (``if regularised: loss = loss + penalty``)."""
    longest = max(qs, key=lambda q: len(q.terms))
    held = {(t.made, t.sign) for t in longest.terms}
    within = all({(t.made, t.sign) for t in q.terms} <= held for q in qs)
    if not within or not all(len(q.terms) < len(longest.terms) for q in qs if q is not longest):
        return None
    # The value of an action is judged where an actor moves; nothing else may be unknown, or pull the other way.
    known = {t.value_sense for t in longest.terms if t.meaning.sense.directed}
    valued = any(policies.value_sign(t) for t in longest.terms if not t.meaning.sense.directed)
    rest = all(t.meaning.sense.directed or policies.value_sign(t) for t in longest.terms)
    return longest if len(known) == 1 and valued and rest else None


def _most_paid(qs: Sequence[Quantity]) -> Quantity | None:
    """Of values that all rise with a reward the one with most terms: so does whichever it is."""
    return max(qs, key=lambda q: len(q.terms)) if all(map(policies.paid, qs)) else None


def _is_neutral(q: Quantity, meaning: Meaning) -> bool:
    """Whether a value on one branch (0, a mask) neither helps nor harms, so that the others decide.

    A contrast of two losses has no direction either, but beside one of them it says that not every branch has.
    """
    return meaning.sense is Sense.NONE and not any(t.value_sense.directed for t in q.terms)


def join(values: Iterable[Quantity], node: int, label: ir.Written, paths: bool = False) -> Quantity:
    """One of several values: what they agree on; the values themselves are kept beside it.

    Where ``paths`` through the code meet, each is one that the code takes. Of several implementations, entries or items
    which one it is is not known: nothing is reported of one alone.
    """
    qs = list(values)
    first = qs[0]
    if all(q.terms == first.terms for q in qs):
        return replace(first, roots=frozenset().union(*(q.roots for q in qs)))
    meanings = [lone_meaning(q) for q in qs]
    roots: frozenset[Root] = frozenset().union(*(q.roots for q in qs))
    decides = [(q, m) for q, m in zip(qs, meanings) if not _is_neutral(q, m)]
    directed = [m for _, m in decides]
    if all(m.sense is Sense.NONE for m in directed):
        positive, taken = all(q.positive for q in qs), next((q.taken_positive for q in qs if q.taken_positive), "")
        term = Term(1, NO_SENSE, label, node, node)
        return Quantity((term,), roots, label, positive=positive, taken_positive=taken, key=node, origin=node)
    sense = directed[0].sense if all(m.sense is directed[0].sense for m in directed) else Sense.UNKNOWN
    longest = (_with_all(qs) or _most_paid([q for q, _ in decides])) if not sense.directed else None
    if longest is not None:
        return replace(longest, roots=roots, key=node)
    sure = all(m.is_evidence for m in directed)
    bases = tuple(b for m in directed for b in m.premises) if sure else ()
    basis = weakest(m.basis for m in directed)
    kind = directed[0].kind if all(m.kind == directed[0].kind for m in directed) else "objective"
    best = next((q for q, m in zip(qs, meanings) if m is directed[0]), first)
    forms = {q.form for q in qs}
    meaning = Meaning(sense, kind, basis, () if basis.is_fact else bases) if sense.directed else UNKNOWN
    term = Term(
        1,
        meaning,
        label,
        node,
        best.terms[0].made if best.terms else node,
        live=any(t.live for q, _ in decides for t in q.terms),
        trace=best.terms[0].trace if best.terms else None,
        formula=all(_by_hand(q) for q, m in zip(qs, meanings) if m in directed),
        why=_why_joined(qs, directed),
        over=parts(*qs),
        said=frozenset.intersection(*(t.said for q, m in zip(qs, meanings) if m in directed for t in q.terms)),
        size_of=_size_of(t for q, _ in decides for t in q.terms),
    )
    every = [t for q in qs for t in q.terms]
    alike = all(q.terms for q in qs) and len({(t.meaning.kind, t.meaning.sense, t.sign) for t in every}) == 1
    if alike and not sense.directed:
        # Entropies of one sign are still an entropy, however many are summed up.
        term = replace(term, meaning=max((t.meaning for t in every), key=lambda m: m.basis.rank), sign=every[0].sign)
    if not sense.directed and len(qs) == 2 and all(len(q.terms) == 1 for q in qs):
        entropies = [q.terms[0] for q in qs if q.terms[0].meaning.kind == "entropy"]
        estimates = [q.terms[0] for q in qs if q.terms[0].meaning.kind in ESTIMATES]
        if len(entropies) == len(estimates) == 1 and entropies[0].sign == -estimates[0].sign:
            term = replace(term, meaning=entropies[0].meaning, sign=entropies[0].sign)  # -log π estimates an entropy
    return Quantity(
        (term,),
        roots,
        label,
        form=forms.pop() if len(forms) == 1 else Form.PLAIN,
        positive=all(q.positive for q in qs),
        key=node,
        noisy=any(q.noisy for q in qs),
        origin=best.origin,
        ways=() if meaning.is_evidence else _ways(qs),
        parted=node if paths else NOWHERE,
    )


def _why_joined(qs: list[Quantity], directed: list[Meaning]) -> str:
    """What keeps the values of several branches from being judged as one."""
    seen = {m.sense for m in directed}
    if {Sense.GAIN, Sense.COST} <= seen:
        return "branches disagree: it is to go up on one, down on another"
    return next((t.why for q in qs for t in q.terms if t.why), "not every branch is resolved" if len(seen) > 1 else "")


@on_each_way
def detach(q: Quantity) -> Quantity:
    """The same value, without its gradient."""
    return replace(q, terms=_each(q, lambda t: replace(t, live=False)))


@on_each_way
def reverse_gradient(q: Quantity, node: int) -> Quantity:
    """The same value with its gradient negated (gradient reversal layers, hooks)."""
    change = lambda t: replace(t, grad_sign=-t.grad_sign, trace=Trace(node, "gradient reversed", t.trace))  # noqa: E731
    return replace(q, terms=_each(q, change))


def factor(knowledge: Knowledge, v: Value) -> int:
    """The sign of what a gradient is multiplied with: a step size is positive, an unknown is not known."""
    if isinstance(v, Number):
        return 1 if v.value > 0 else -1 if v.value < 0 else 0
    if isinstance(v, Quantity):
        if v.positive or v.form == Form.COUNT or (v.form == Form.RATIO and all(t.sign > 0 for t in v.terms)):
            return 1
        # What a decay rate leaves of one (`1 - beta**t`) is no negated rate.
        negative = (
            len(v.terms) == 1
            and v.terms[0].sign < 0
            and not any(isinstance(x, ir.Binary) and x.op == "-" for x in walk(v.label.expr))
        )
        called = unsigned(v.label.expr) if v.label.expr is not None else None
        if called is not None and knowledge.positive(last_word(called)):
            return -1 if negative else 1
    return 0
