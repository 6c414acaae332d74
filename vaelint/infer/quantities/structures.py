"""Losses that are known by how they are built, where their values at sample points say nothing.

Two squared differences with the gradient stopped on opposite sides, a distance to a positive less one to a negative, a
log-density beside the log-determinant of a flow, the smaller of two policy surrogates: each is read off one expression.
"""

from __future__ import annotations

from itertools import permutations

from vaelint import ir
from vaelint.evidence import BY_STRUCTURE, Basis, Support
from vaelint.infer.events import Misstated
from vaelint.infer.expression import argument, bound, factors, has_minus, has_square, last, number, same, summands, walk
from vaelint.infer.quantities import partial, preferences
from vaelint.infer.quantities.written import read_as
from vaelint.infer.seen import View
from vaelint.infer.values import Form, Frame, Quantity, Term, Trace
from vaelint.knowledge.vocabulary import Words
from vaelint.records import replace
from vaelint.sense import Meaning, Sense, concluded, family


def of(view: View, e: ir.Expr, value: Quantity, f: Frame) -> Quantity:
    """The value of ``e`` with what its structure says of it; a structure that contradicts itself is told."""
    found = partial.of(e, value, f) or preferences.of(e, value, f)
    if found is not None:
        return found
    match e:
        case ir.Binary(op="+" | "-"):
            if len(value.terms) > 1:
                _quantised(view, value, f)
                value = _flow(value)
            masked = _masked(e, value, f)
            if masked is not None:
                return masked
            return _contrast(e, value, f)
        case ir.Call(args=(_, *_)) if len(value.terms) == 1 and last(e.func) in _MIXES:
            _mixture(view, e, f)
    return value


# --- vector quantisation -------------------------------------------------------------------------


_STOPS = frozenset({"detach", "stop_gradient", "sg", "stop_grad", "StopGradient"})


def _quantised(view: View, value: Quantity, f: Frame) -> None:
    """Codebook and commitment loss: one distance, with either side held still. Both are to be made small."""
    held = ((t, _weighed(t, f)) for t in value.terms)
    errors = [(t, d) for t, d in held if t.live and family(d.meaning.kind) == "error" and len(d.over) > 1]
    for (a, one), (b, other) in permutations(errors, 2):
        same_pair = len(one.over & other.over) > 1 and len(one.over ^ other.over) <= 2
        still, moved = _still(one, f), _still(other, f)
        if a.sign > 0 > b.sign and same_pair and still and moved and not still & moved:
            message = f"`{b.label}` is subtracted from `{a.label}`, but both are the same distance and should go down"
            law = "codebook and commitment loss are one distance, each with one side detached: both should go down"
            edit = "add both distances: neither is to grow"
            view.emit(Misstated(b.node, value.origin, message, edit, law, "VL402", BY_STRUCTURE))


def _still(t: Term, f: Frame) -> set[tuple[object, ...]]:
    """What is held still where a term is written."""
    e = bound(t.label.expr, f) if t.label.expr is not None else None
    return {ir.key(argument(x)) for x in walk(e) if isinstance(x, ir.Call) and last(x.func) in _STOPS}


def _weighed(t: Term, f: Frame) -> Term:
    """What a term is but for a weight of whatever sign its name says it has."""
    e = t.label.expr
    held = [f.find(x.name) for x in factors(e) if isinstance(x, ir.Name)] if isinstance(e, ir.Binary) else []
    terms = [q.terms[0] for q in held if isinstance(q, Quantity) and len(q.terms) == 1 and q.terms[0].over]
    return terms[0] if len(terms) == 1 and not t.over else t


# --- positives and negatives ---------------------------------------------------------------------

_POSITIVE = Words("positive")
_NEGATIVE = Words("negative")
_DISTANCE = Words("distance")
_SIMILARITY = Words("similarity")
_MARGIN = Words("margin")
CONTRASTIVE = "contrastive"
_CONTRASTED = frozenset({"error", "penalty", CONTRASTIVE})  # a square, whatever of, is a distance as well
_ROLES = (Basis.STRUCTURE, Basis.NAME, Basis.NAME)  # the form; which is the positive and which the negative, by name


def _contrast(e: ir.Binary, value: Quantity, f: Frame) -> Quantity:
    """``d(anchor, positive) - d(anchor, negative) + margin`` is to go down; with similarities, up."""
    terms = [(s, x) for s, x in summands(e) if not _is_margin(x)]
    if len(terms) != 2:
        return value
    picked = _picked(e, terms, value, f)
    if picked is not None or terms[0][0] == terms[1][0]:
        return picked or value
    if any(
        t.meaning.sense.directed and t.meaning.is_evidence and family(t.meaning.kind) not in _CONTRASTED
        for t in value.terms
    ):
        return value
    found = [(s, (x, f.behind(x))) for s, x in terms]
    near = [(s, w) for s, w in found if _POSITIVE.within(*w) and not _NEGATIVE.within(*w)]
    far = [(s, w) for s, w in found if _NEGATIVE.within(*w) and not _POSITIVE.within(*w)]
    if len(near) != 1 or len(far) != 1:
        return value
    distances = all(_is_distance(*w) for _, w in found)
    similarities = all(_SIMILARITY.within(*w) for _, w in found)
    if distances == similarities:
        return value
    cost = (near[0][0] > 0) == distances
    what = "distance" if distances else "similarity"
    up = "negative less that to the positive" if cost != distances else "positive less that to the negative"
    why = f"the {what} to the {up}: to be {'lowered' if cost else 'raised'}"
    return _meant(e, value, cost, why)


def _is_distance(*ways: ir.Expr) -> bool:
    return _DISTANCE.within(*ways) or any(map(has_square, ways))


def _meant(e: ir.Expr, value: Quantity, cost: bool, why: str) -> Quantity:
    return read_as(e, value, concluded(Sense.COST if cost else Sense.GAIN, CONTRASTIVE, _ROLES), why)


def _is_margin(e: ir.Expr) -> bool:
    if isinstance(e, ir.Const):
        return True
    return isinstance(e, (ir.Name, ir.Attr)) and _MARGIN.of(last(e))


def _picked(e: ir.Binary, terms: list[tuple[int, ir.Expr]], value: Quantity, f: Frame) -> Quantity | None:
    """``positive - logsumexp(all)``: the log-probability with which the positive is picked out of all."""
    sums = [(s, inner) for s, x in terms if (inner := _exponentials(x, f)) is not None]
    rest = [(s, x, f.behind(x)) for s, x in terms if _exponentials(x, f) is None]
    if len(sums) != 1 or len(rest) != 1 or has_minus(sums[0][1]):
        return None
    (sign, among), (own, x, made) = sums[0], rest[0]
    # One that stands against a sum over negatives is the positive.
    told = _POSITIVE.within(x, made) or (_NEGATIVE.within(among) and not _POSITIVE.within(among))
    if not told or _NEGATIVE.within(x, made) or _is_distance(x, made):
        return None
    why = "the log-probability of the positive among all, which should go up"
    return _meant(e, value, own < 0, why) if sign != own else None


def _masked(e: ir.Binary, value: Quantity, f: Frame) -> Quantity | None:
    """``x - log(sum(exp(x) * mask))``: the log-probability of each among those that a mask leaves."""
    if e.op != "-":
        return None
    total = f.behind(e.right)
    for word in ("log", "sum"):
        taken = _within(total, word)
        while isinstance(taken, ir.Binary) and taken.op == "+" and number(taken.right):
            taken = taken.left  # an epsilon
        if taken is None:
            return None
        total = f.behind(taken)
    exponents = [argument(x) for x in map(f.behind, factors(total)) if isinstance(x, ir.Call) and last(x.func) == "exp"]
    if len(exponents) != 1 or not same(exponents[0], e.left):
        return None
    label, meaning = ir.render(e, 40), Meaning(Sense.NONE, "log_probability", Basis.STRUCTURE)
    term = Term(1, meaning, label, e.id, e.id)
    return Quantity((term,), value.roots, label, form=Form.LOG_PROBABILITY, key=e.id, of=e.id, origin=e.id)


def _exponentials(e: ir.Expr, f: Frame) -> ir.Expr | None:
    """What is in ``logsumexp(x)`` or ``log(sum(exp(x)))``, also under a name."""
    e = f.behind(e)
    if (whole := _within(e, "logsumexp")) is not None:
        return whole
    taken: ir.Expr | None = e
    for word in ("log", "sum", "exp"):
        taken = _within(taken, word)
    return taken


def _within(e: ir.Expr | None, word: str) -> ir.Expr | None:
    """What a function of that name is called of, also as a reduction of TensorFlow; None of anything else."""
    return argument(e) if isinstance(e, ir.Call) and last(e.func).removeprefix("reduce_") == word else None


# --- change of variables -------------------------------------------------------------------------

_DETERMINANT = Words("determinant")


DETERMINANT = Meaning(Sense.NONE, "log_determinant", Basis.NAME)


def _flow(value: Quantity) -> Quantity:
    """``log p(z) + log|det J|``: which map the determinant is of, and so its sign, is the flow's own convention.

    Only its name says that it is such a determinant, which does not change which way the whole is meant to go.
    """
    known = [t for t in value.terms if t.meaning.kind in ("log_density", "nll") and t.meaning.is_evidence]
    if not known or len(known) == len(value.terms):
        return value
    others = [t for t in value.terms if t not in known]
    if not all(t.meaning.sense is Sense.UNKNOWN and _DETERMINANT.within(t.label) for t in others):
        return value
    return replace(value, terms=tuple(t if t in known else replace(t, meaning=DETERMINANT) for t in value.terms))


# --- calls ---------------------------------------------------------------------------------------


_WEIGHTS = Words("mixture_weights")
_MIXED = Words("mixed")


_MIXES = frozenset({"logsumexp", "reduce_logsumexp", "log_sum_exp"})


def _mixture(view: View, e: ir.Call, f: Frame) -> None:
    """``logsumexp(log_pi + log_prob)``: a component's density is weighted, not divided out."""
    x = e.args[0].value
    terms = summands(x)
    if len(terms) != 2 or {s for s, _ in terms} != {1, -1}:
        return
    (_, up), (_, down) = sorted(terms, key=lambda t: -t[0])
    if _is_weights(up) and _is_density(down, f) and not _is_density(up, f):
        message = (
            f"`{ir.render(down, 40)}` is subtracted from the log-weights of a mixture, "
            "which divides by its density instead of multiplying"
        )
        law = "the density of a mixture is the sum of its weights times its densities"
        view.emit(
            Misstated(down.id, e.id, message, "add the log-density instead", law, "VL402", _weighed_by(view, up, f))
        )


def _is_weights(e: ir.Expr) -> bool:
    """The logarithms of a mixture's weights, by name: `log_pi`, `log(pi)`, `log_softmax(…)`."""
    logged = argument(e) if isinstance(e, ir.Call) and last(e.func) == "log" else None
    return _WEIGHTS.within(e) or (logged is not None and _MIXED.of(last(logged)))


def _weighed_by(view: View, weights: ir.Expr, f: Frame) -> Support:
    """On what it rests that something holds the log-weights of a mixture: a softmax, or its name."""
    held = view.value(weights, f)
    known = isinstance(held, Quantity) and held.form == Form.LOG_PROBABILITY and held.form_basis.is_fact
    return BY_STRUCTURE if known else Support(Basis.NAME, (Basis.LIBRARY, Basis.NAME))


def _is_density(e: ir.Expr, f: Frame) -> bool:
    while isinstance(e, ir.Call) and isinstance(e.func, ir.Attr) and e.func.name in ("sum", "squeeze", "unsqueeze"):
        e = e.func.base
    if isinstance(e, ir.Call):
        return isinstance(e.func, ir.Attr) and e.func.name in ("log_prob", "logpdf", "_log_prob")
    held = f.find(e.name) if isinstance(e, ir.Name) else None
    return isinstance(held, Quantity) and [
        (t.meaning.kind, t.meaning.is_evidence, t.value_sense) for t in held.terms
    ] == [("log_density", True, Sense.GAIN)]


def mixture(q: Quantity, node: int, label: ir.Written) -> Quantity | None:
    """``logsumexp`` of log-weights plus one log-density: the log-density of the mixture."""
    known = [t for t in q.terms if t.meaning.kind == "log_density" and t.meaning.is_evidence]
    if len(known) != 1 or len(q.terms) != 2 or known[0].value_sense is not Sense.GAIN:
        return None
    other = next(t for t in q.terms if t is not known[0])
    if (
        other.sign < 0
        or other.meaning.sense.directed
        or not (other.label.expr is not None and _is_weights(other.label.expr))
    ):
        return None
    term = replace(known[0], label=label, node=node, trace=Trace(node, "the log-density of a mixture", known[0].trace))
    return replace(q, terms=(term,), form=Form.LOG_NORMALISER, positive=False, of=q.key, key=node)
