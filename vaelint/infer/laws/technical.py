"""Formulas whose parts are known by technical names: information criteria, acquisitions, Langevin steps.

Each reads the signed sum that one name is given, and asks for all of its parts by name before it says anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import (
    calls_in,
    calls_of,
    factors,
    last,
    leading,
    name,
    opened,
    product,
    reduced,
    summands,
)
from vaelint.infer.laws import returns
from vaelint.infer.seen import ArgumentPassed, ExpressionStated, LambdaMet, View, observes
from vaelint.infer.values import Frame, Quantity, Term
from vaelint.knowledge.vocabulary import Words
from vaelint.records import replace
from vaelint.sense import Sense


@observes(ExpressionStated)
def stated(view: View, seen: ExpressionStated) -> None:
    _held(view, seen.e, seen.names, seen.scope)


@observes(LambdaMet)
def computed(view: View, seen: LambdaMet) -> None:
    _held(view, seen.e.body, (seen.scope.name, seen.scope.name), seen.scope)


@observes(ArgumentPassed)
def passed(view: View, seen: ArgumentPassed) -> None:
    if isinstance(seen.e, (ir.Binary, ir.Unary, ir.Call)) and isinstance(seen.value, Quantity):
        _held(view, seen.e, (taker(seen.func), seen.scope.name), seen.scope)


_COLLECTS = frozenset({"append", "extend", "add", "update", "put", "insert", "log", "setdefault"})


def taker(func: ir.Expr) -> str:
    """What an argument goes to: a function, or the collection that a method of it puts it into."""
    name = last(func)
    if name in _COLLECTS and isinstance(func, ir.Attr) and isinstance(func.base, (ir.Name, ir.Attr)):
        return func.base.name
    return name


def _held(view: View, e: ir.Expr, names: tuple[str, ...], f: Frame) -> None:
    """Hold a sum or difference that is bound to, or returned under, ``names`` against what its parts are called."""
    e = reduced(e)
    if not isinstance(e, (ir.Binary, ir.Unary)) or summands(e) == [(1, e)]:
        return
    identifiers = (*ir.names_in(e), *names)
    for law in (law for asks, law in _LAWS if asks is None or asks.any(identifiers)):
        for event in law(view, e, names, f):
            view.emit(replace(event, held=True))


# --- information criteria ------------------------------------------------------------------------

_CRITERION = Words("criterion_name")
_LIKELIHOOD = Words("fitted_likelihood")
_NEGATIVE = Words("negative_likelihood")
_COUNT = Words("parameter_count")


def _criterion(view: View, e: ir.Expr, names: tuple[str, ...], f: Frame) -> Iterable[Misstated]:
    """2 k - 2 log L: parameters are paid for, a likelihood pays."""
    if not _CRITERION.of(names[0] or names[-1]):
        return
    terms = opened(e)
    fits = [(s, x) for s, x in terms if _LIKELIHOOD.within(x) or _NEGATIVE.within(x)]
    costs = [(s, x) for s, x in terms if (s, x) not in fits and _COUNT.within(x)]
    if len(fits) != 1 or not costs or len({s for s, _ in costs}) != 1:
        return
    (sign, fit), penalty = fits[0], costs[0][0]
    sense = _sense(fit, f)
    if sense is None or sign * (1 if sense is Sense.COST else -1) == penalty:
        return
    text = ir.render(fit, 40)
    yield Misstated(
        fit.id,
        e.id,
        f"`{names[0] or names[-1]}`: `{text}` has the wrong sign relative to the penalty",
        "subtract a log-likelihood from the penalty, or add a negative log-likelihood to it",
        "AIC = 2 k - 2 log L, BIC = k log n - 2 log L",
        "VL402",
    )


def _sense(e: ir.Expr, f: Frame) -> Sense | None:
    """Whether a term is a log-likelihood or its negation: by what it holds, else by its name."""
    held: list[Term] = []
    for x in factors(e):
        value = f.find(x.name) if isinstance(x, ir.Name) else None
        if isinstance(value, Quantity):
            held += [t for t in value.terms if t.meaning.kind in ("log_density", "nll")]
    negative, plain = _NEGATIVE.within(e), _LIKELIHOOD.within(e)
    named = None if negative and plain else Sense.COST if negative else Sense.GAIN
    senses = {t.value_sense for t in held}
    if len(senses) == 1:
        sense = senses.pop()
        # Minus what a function is called after, under a name that agrees with the formula: the function is misnamed.
        loose = any(not t.meaning.is_evidence and t.sign < 0 for t in held)
        return None if loose and sense is not named else sense
    return None if senses else named


# --- expected improvement ------------------------------------------------------------------------

_CDF = Words("cdf")
_PDF = Words("pdf")


def _is_density(e: ir.Expr) -> bool:
    return _PDF.within(e) or any("log_prob" in calls_in(x) for x in calls_of((ir.ExprStmt(e.id, e),), "exp"))


def _is_gain(e: ir.Expr) -> bool:
    """Whether something that is no number, the improvement, stands beside a probability: ``3 * cdf`` is of a moment."""
    return sum(not isinstance(x, ir.Const) for x in factors(e)) > 1


def _improvement(view: View, e: ir.Expr, names: tuple[str, ...], f: Frame) -> Iterable[Misstated]:
    """(μ - best) Φ(z) + σ φ(z): uncertainty adds to what may be gained, whichever way the goal lies."""
    terms = opened(e)
    if len(terms) != 2:
        return
    by_mean = [(s, x) for s, x in terms if _CDF.within(x) and not _is_density(x) and _is_gain(x)]
    by_spread = [(s, x) for s, x in terms if _is_density(x) and not _CDF.within(x) and len(factors(x)) > 1]
    if len(by_mean) != 1 or len(by_spread) != 1 or by_mean[0][0] < 0 or by_spread[0][0] > 0:
        return
    text = ir.render(by_spread[0][1], 40)
    yield Misstated(
        by_spread[0][1].id,
        e.id,
        f"`{text}` is subtracted, so that uncertainty lowers the expected improvement, but it should raise it",
        f"add `{text}`",
        "EI = (mu - best) * Phi(z) + sigma * phi(z), and (best - mu) for a minimum",
        "VL402",
    )


# --- Langevin steps ------------------------------------------------------------------------------

_SCORE = Words("score_gradient")
_FORCE = Words("energy_gradient")
_PRODUCTS = frozenset({"dot", "matmul"})
_NOISE = Words("noise")
_DRIFT = Words("drift")


def _langevin(view: View, e: ir.Expr, names: tuple[str, ...], f: Frame) -> Iterable[Misstated]:
    """x + ε ∇ log p(x) + √(2ε) ξ: the drift goes up the density, and down an energy."""
    terms = opened(e)
    drifts = [(s, x, d) for s, x in terms if (d := _direction(x, f))]
    if len(drifts) != 1 or not 2 <= len(terms) <= 3:
        return
    sign, drift, direction = drifts[0]
    others = [(s, x) for s, x in terms if x is not drift]
    start = [x for s, x in others if s > 0 and isinstance(x, (ir.Name, ir.Attr, ir.Subscript))]
    noise = [x for _, x in others if isinstance(x, ir.Binary) and "sqrt" in ir.names_in(x) and _NOISE.within(x)]
    # Without noise it is the mean of a proposal, under its own name: an update of itself may be any descent.
    named = len(terms) == 2 and _DRIFT.of(names[0]) and name(others[0][1]) != names[0]
    if any(name(x) == "dt" for x in factors(drift)):
        return  # which way time runs is not known
    if len(start) != 1 or not (len(noise) == 1 or named) or sign * direction > 0:
        return
    text = ir.render(drift, 40)
    yield Misstated(
        drift.id,
        e.id,
        f"`{names[0] or names[-1]}`: the drift `{text}` points away from where the density is high",
        f"flip the sign of `{text}`",
        "Langevin: x + eps * grad log p(x) + sqrt(2 * eps) * noise; with the gradient of an energy, minus",
        "VL402",
    )


def _direction(e: ir.Expr, f: Frame) -> int:
    """1 for a multiple of the gradient of a log-density, -1 for one of an energy or of its negation, else 0."""
    found = []
    parts = product(e, "*@/", _PRODUCTS)
    for x in (*parts.above, *parts.below):
        word, turned = name(x), parts.way * leading(e)  # a minus in front has been counted
        known = f.definitions.get(word) if isinstance(x, ir.Name) else None
        if known is not None and known.value is f.vars.get(word):
            form = known.form
            if form.op == "neg" and (leaf := form.args[0].leaf) is not None:
                word, turned = leaf.name, -turned
        if _SCORE.of(word):
            found.append(turned)
        elif _FORCE.of(word):
            found.append(-turned)
    return found[0] if len(found) == 1 else 0


Law = Callable[[View, ir.Expr, tuple[str, ...], Frame], Iterable[Misstated]]
_LAWS: tuple[tuple[Words | None, Law], ...] = (
    (_CRITERION, _criterion),
    (_CDF, _improvement),
    (Words("asks_langevin"), _langevin),
    *returns.LAWS,
)
