"""Shapes that are more than their arithmetic: ratios, probabilities and their logarithms, differences, picks."""

from __future__ import annotations

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.expression import last
from vaelint.infer.quantities import algebra, answers, policies, ratios
from vaelint.infer.quantities.structures import mixture
from vaelint.infer.values import (
    Form,
    Number,
    Quantity,
    Root,
    Sequence,
    Term,
    Value,
    is_compared,
    is_plain,
    meant,
    parts,
    undirected,
)
from vaelint.knowledge.vocabulary import Words
from vaelint.records import replace
from vaelint.sense import NO_SENSE, UNKNOWN, Meaning, Sense, concluded, family

_ACTIONS = Words("action")
_TARGETS = Words("target")
# What a reconstruction, a prediction or its target is called; a squared difference of other things (a variance,
# a kernel, a distance of negatives) is no error.
_FITTED = Words("fitted")


def names_action(e: ir.Node | ir.Written) -> bool:
    return _ACTIONS.within(e)


def names_target(e: ir.Node | ir.Written) -> bool:
    return _TARGETS.within(e)


def exponential(q: Quantity, node: int, label: ir.Written) -> Quantity:
    """``exp``: of a difference of log-densities a ratio, of a log-probability a probability, else increasing."""
    if q.form == Form.LOG_PROBABILITY and len(q.terms) <= 1 and all(t.sign > 0 for t in q.terms):
        return undirected(label, node, form=Form.PROBABILITY, positive=True, roots=q.roots).having(key=q.of)
    if q.form == Form.SCORE and len(q.terms) == 1 and q.terms[0].sign > 0:
        made = undirected(label, node, form=Form.PROBABILITY, positive=True, roots=q.roots)
        return replace(made, key=node, terms=(replace(made.terms[0], live=q.terms[0].live),))
    if len(q.terms) == 2 and {t.sign for t in q.terms} == {1, -1}:
        kinds = {family(t.meaning.kind) for t in q.terms}
        scores = any(t.meaning.kind in ("log_density", "score") for t in q.terms)
        if kinds == {"density"} or (scores and "" in kinds):
            return undirected(label, node, form=ratios.ratio_form(q), positive=True, roots=q.roots)
    if _LOG_RATIO.within(q.label):
        return undirected(label, node, form=ratios.ratio_form(q), positive=True, roots=q.roots)
    form = Form.LIKELIHOOD if q.form == Form.LOG_LIKELIHOOD or _is_minus_cross_entropy(q) else Form.PLAIN
    return replace(algebra.as_one(q, node, label), form=form, positive=True, key=node)


def _is_minus_cross_entropy(q: Quantity) -> bool:
    """``exp(-ce)``: the probability of the label, as focal losses take it."""
    kinds = {(t.sign, t.meaning.kind, t.meaning.is_evidence) for t in q.terms}
    return kinds == {(-1, "cross_entropy", True)}


def logarithm(q: Quantity, node: int, label: ir.Written) -> Quantity:
    """``log``: of a probability a log-probability, else increasing."""
    if q.form in (Form.PROBABILITY, Form.MEAN_PROBABILITY):
        return answers.scored(answers.carried(q, log_probability(label, node, q.roots, q.key, q.form_basis)), 1)
    if q.form == Form.LIKELIHOOD:
        why = "log of the probability of the label, which should go up"
        labelled = concluded(Sense.GAIN, "log_density", (q.form_basis, Basis.NAME))
        return meant(labelled, label, node, why, roots=q.roots)
    if all(t.meaning.kind == "penalty" for t in q.terms):
        return _shapeless(q, node, label, positive=False)  # `log |x|`: of a scale, of a determinant
    return answers.scored(replace(algebra.as_one(q, node, label), form=Form.PLAIN, positive=False, key=node), 1)


# The log-probability of something drawn: no direction of its own, and none to be had from what stands beside it.
SCORE = Meaning(Sense.UNKNOWN, "score", Basis.LIBRARY)
LOG_PROBABILITY = Meaning(Sense.NONE, "log_probability", Basis.STRUCTURE)


def log_probability(
    label: ir.Written, node: int, roots: frozenset[Root], of: int, basis: Basis = Basis.STRUCTURE
) -> Quantity:
    """Log-probabilities of all classes (known on that ``basis``): no direction until a label picks one."""
    term = Term(1, replace(LOG_PROBABILITY, basis=basis), label, node, node)
    return Quantity((term,), roots, label, form=Form.LOG_PROBABILITY, form_basis=basis, key=node, of=of, origin=node)


def softmax(q: Quantity, node: int, label: ir.Written, logarithmic: bool) -> Quantity:
    # Both are keyed by what they were made of, so that softmax(x) * log_softmax(x) is p * log p.
    key = -2 - q.key
    if logarithmic:
        return log_probability(label, node, q.roots, key)
    return undirected(label, node, form=Form.PROBABILITY, positive=True, roots=q.roots).having(key=key)


def log_normaliser(q: Quantity, node: int, label: ir.Written) -> Quantity:
    """``logsumexp(x)``: increasing in ``x``, and what is to be taken from it for log-probabilities."""
    made = mixture(q, node, label)
    if made is not None:
        return made
    return replace(algebra.as_one(q, node, label), form=Form.LOG_NORMALISER, positive=False, of=q.key, key=node)


def normalised(a: Quantity, b: Quantity, node: int, label: ir.Written) -> Quantity | None:
    """``x - logsumexp(x)``: the log-probabilities of a softmax."""
    if b.form != Form.LOG_NORMALISER or b.of != a.key or not is_plain(a):
        return None
    return log_probability(label, node, a.roots, -2 - a.key)


def pick(q: Quantity, index: ir.Expr, e: ir.Expr) -> Quantity:
    """An element of an array; of log-probabilities by a label, the log-likelihood of the label."""
    if q.form == Form.IDENTITY:
        return one_hot(index, e.id)
    if q.form in (Form.PROBABILITY, Form.MEAN_PROBABILITY):
        if q.form == Form.PROBABILITY and names_target(index) and not names_action(index):
            return replace(q, form=Form.LIKELIHOOD, key=e.id)
        return replace(q, key=e.id)  # one distribution of several, or one entry: no longer the same value
    if q.form != Form.LOG_PROBABILITY:
        return q
    return picked(q, index, e.id)


def marked(q: Quantity, index: ir.Expr, value: Value, node: int) -> Quantity:
    """``zeros.scatter_(1, index, 1)``: a one in each row."""
    none = all(t.meaning.sense is Sense.NONE for t in q.terms)
    if none and value == Number(1.0):
        return one_hot(index, node)
    return q


def one_hot(index: ir.Expr, node: int) -> Quantity:
    """What marks, of all classes, the one that ``index`` gives: that is its root."""
    written = ir.render(index)
    return undirected(written, node, form=Form.ONE_HOT, positive=True, roots=frozenset((written,)))


def picked(q: Quantity, index: ir.Expr, node: int) -> Quantity:
    if q.form == Form.PROBABILITY and names_target(index) and not names_action(index):
        return replace(q, form=Form.LIKELIHOOD, key=node)
    if q.form != Form.LOG_PROBABILITY or not q.terms:
        return q
    sign = q.terms[0].sign
    if names_action(index):
        # The log-probability of an action has no sense of its own until it meets a return.
        return Quantity((Term(sign, SCORE, q.label, node, node),), q.roots, q.label, form=Form.SCORE, origin=node)
    if names_target(index):
        # That it is the label's is known by the name of the index.
        labelled = concluded(Sense.GAIN, "log_density", (q.form_basis, Basis.NAME))
        out = meant(labelled, q.label, node, "log-probability of the label, which should go up", roots=q.roots)
        return replace(out, form=Form.LOG_LIKELIHOOD) if sign > 0 else algebra.negate(out, node)
    return q


def chosen(a: Quantity, b: Quantity, node: int, label: ir.Written) -> Quantity | None:
    """``y * p`` of labels and probabilities: what its sum over the classes leaves is the probability of the label."""
    for y, p in ((a, b), (b, a)):
        index = next((r.expr for r in y.roots if isinstance(r, ir.Written)), None) if y.form == Form.ONE_HOT else None
        if index is not None and p.form in (Form.PROBABILITY, Form.LOG_PROBABILITY):
            if names_action(index) or names_target(index):
                return picked(p, index, node)
        if p.form == Form.PROBABILITY and is_plain(y) and names_target(y.label) and not names_action(y.label):
            return undirected(label, node, form=Form.LIKELIHOOD, positive=True, roots=y.roots | p.roots)
    return None


def power(q: Quantity, exponent: Value, node: int, label: ir.Written) -> Quantity:
    """``q ** exponent``: the square of a difference is an error; an odd or fractional power increases."""
    value = getattr(exponent, "value", None)
    if value == 2:
        return square(q, node, label)
    if isinstance(value, float) and value > 0 and value % 2 != 0:
        return replace(algebra.as_one(q, node, label), origin=node)
    if isinstance(value, float) and value < 0 and q.positive:
        return algebra.reciprocal(algebra.as_one(q, node, label), node)
    return _shapeless(q, node, label, positive=q.positive or (value is not None and value % 2 == 0))


_OPEN_FORMS = (Form.PLAIN, Form.PROBABILITY, Form.RATIO, Form.DIFFERENCE)
_SQUARED = (Basis.STRUCTURE, Basis.NAME)


def square(q: Quantity, node: int, label: ir.Written) -> Quantity:
    if q.form == Form.DIFFERENCE and is_compared(q):
        if _one_side_moves(q):
            error = Meaning(Sense.COST, "error", Basis.STRUCTURE)
        elif _FITTED.within(*(t.label for t in q.terms)) and not _is_of_one(q):
            error = concluded(Sense.COST, "error", _SQUARED)
        else:
            # Neither can be told to be the target of the other: least where the two meet, as any square is at zero.
            error = Meaning(Sense.COST, "penalty", Basis.STRUCTURE)
        out = meant(error, label, node, "square of a difference: an error", roots=q.roots)
        live = any(t.live for t in q.terms)
        return replace(out, positive=True, terms=(replace(out.terms[0], live=live, over=parts(q)),))
    of = q.terms[0].size_of if len(q.terms) == 1 else ""
    if of or (q.terms and q.form in _OPEN_FORMS and _without_sense(q)):
        # Least where what is squared is zero, or what it is compared with: the shrinkage of weights, a gradient
        # penalty, least-squares GANs. A penalty is lowered or, in a game, raised: no check speaks of its direction.
        why = "a square or a norm: least at zero"
        out = meant(Meaning(Sense.COST, "penalty", Basis.STRUCTURE), label, node, why, roots=q.roots)
        live = any(t.live for t in q.terms)
        term = replace(out.terms[0], live=live, over=parts(q), size_of=of)
        return replace(out, positive=True, key=node, noisy=q.noisy, terms=(term,))
    if q.positive and not q.taken_positive and algebra.overall(q).sense.directed:
        return replace(algebra.as_one(q, node, label), origin=node)  # `|a - b| ** 2`: above zero a square increases
    return _shapeless(q, node, label, positive=True)


def _is_of_one(q: Quantity) -> bool:
    """``y[1:] - y[:-1]``, ``x[i] * y[j] - x[j] * y[i]``: the same names on both sides, neither the other's target."""
    names = [set(ir.names_in(t.label.expr)) for t in q.terms]
    return len(names) > 1 and all(n == names[0] for n in names)


def _one_side_moves(q: Quantity) -> bool:
    """Whether one side of a difference carries a gradient and the other does not: a prediction and its target."""
    moving = {t.sign for t in q.terms if t.live}
    return len(moving) == 1 and not all(t.live for t in q.terms)


def _without_sense(q: Quantity) -> bool:
    """Whether no fact gives a sum a direction, but for squares: a polynomial of what is not known, or a contrast."""
    if any(t.meaning.sense.directed for t in q.terms) and algebra.overall(q).sense is Sense.NONE:
        return True
    if q.form == Form.DIFFERENCE and (policies.paid(q) or policies.paid(q, Sense.COST)):
        return True  # a return, and what it was thought to be
    open_ = [t for t in q.terms if t.meaning.sense is Sense.UNKNOWN and not t.meaning.kind]
    unknown = [*open_, *(t for t in q.terms if t.meaning.is_claim and t.meaning.kind != "penalty")]
    return all(t in unknown or t.meaning.kind == "penalty" or t.meaning.sense is Sense.NONE for t in q.terms) and (
        bool(unknown) or any(t.meaning.kind == "penalty" for t in q.terms)
    )


def absolute(q: Quantity, node: int, label: ir.Written) -> Quantity:
    """``|x|`` and norms: of a difference an error, of what is not known a penalty."""
    return q if q.positive and q.form != Form.DIFFERENCE else square(q, node, label)


def _shapeless(q: Quantity, node: int, label: ir.Written, positive: bool) -> Quantity:
    known = all(t.meaning.sense is Sense.NONE for t in q.terms)
    meaning = NO_SENSE if known else UNKNOWN
    return Quantity(
        (Term(1, meaning, label, node, node),), q.roots, label, positive=positive, key=node, noisy=q.noisy, origin=node
    )


_DATA = Words("data_set")
_LOADS = Words("loads")
_LATENT = Words("latent")
_LOG_RATIO = Words("log_ratio")


def _is_record(x: Quantity, roots: frozenset[Root]) -> bool:
    """Whether a value and the parameters of its density share no more than the data set that both came out of.

    ``for x, y in batches: Normal(x @ w, s).log_prob(y)``: what was recorded together was not drawn from each other.
    Nor is ``x`` in ``Poisson(h * x.sum()).log_prob(x)``, which was there before the density that is made of it.
    """
    plain = x.drawn == -1 and not x.noisy and not x.reparameterized
    kept = (r.expr.base for r in x.roots - roots if isinstance(r, ir.Written) and isinstance(r.expr, ir.Subscript))
    loaded = any(map(_is_data, kept))  # `data["y"]`: what a call gave is kept as data
    shared = x.roots & roots
    return (
        plain
        and all(loaded if isinstance(r, str) else r == x.label or _is_data(r.expr) for r in shared)
        and not _LATENT.within(x.label)
    )


def _is_data(e: ir.Expr | None) -> bool:
    """A data set, what one is loaded by, or a batch of it, or an entry of one: by its name."""
    while isinstance(e, ir.Subscript):
        e = e.base
    return e is not None and (_LOADS.of(last(e.func)) if isinstance(e, ir.Call) else _DATA.of(last(e)))


def log_density(roots: frozenset[Root], made: int, x: Value, label: ir.Written, node: int) -> Quantity:
    """``dist.log_prob(x)``, by where ``x`` comes from.

    Data: a log-likelihood, to be raised. A reparameterised draw from the same distribution: minus an entropy,
    to be lowered. A plain draw, or an action: a score, without a direction of its own.
    """
    if isinstance(x, Sequence):
        x = x.items[0] if x.items else (x.rest if x.rest is not None else x)
    if isinstance(x, Quantity):
        # A draw whose gradient is cut is data to whatever scores it: no entropy is estimated along its path.
        cut = bool(x.terms) and not any(t.live for t in x.terms)
        own = x.drawn != -1 and x.drawn == made
        if not cut and (own or x.roots & roots) and (x.reparameterized or (x.noisy and not own)):
            why = (
                "log-density of a draw under the distribution it was drawn from: minus an entropy, which should go down"
            )
            return meant(Meaning(Sense.COST, "log_q", Basis.LIBRARY), label, node, why, roots=x.roots)
        if own or (x.roots & roots and not _is_record(x, roots)) or names_action(x.label):
            # A score, or a draw that may or may not carry a gradient: no direction that we could vouch for.
            return Quantity(
                (Term(1, SCORE, label, node, node),),
                x.roots | roots, label, form=Form.SCORE, key=node, origin=node,
            )  # fmt: skip
    why = "log-density of data: a log-likelihood, which should go up"
    x_roots = x.roots if isinstance(x, Quantity) else frozenset()
    return meant(algebra.LOG_LIKELIHOOD, label, node, why, roots=roots | x_roots)
