"""Signed sums whose parts are known by technical names: what holds the sum, and what its terms are called, fixes signs.

A row (`Law`) says which roles the terms of such a sum have, each with the sign that it has beside the others. All of
them have to be there by name before anything is said; one that has the other sign is reported.

- a temporal difference is ``r + gamma * V' - V`` (Sutton & Barto 2018, eq. 6.5);
- a generalised advantage is ``delta + gamma * lambda * A'`` (Schulman et al. 2016, eq. 16), and a return its sum with
  the value it was taken from, as an advantage is the return less the value;
- a criterion is ``2 k - 2 log L``: parameters are paid for, a likelihood pays;
- an expected improvement is ``(mu - best) Phi(z) + sigma phi(z)``: uncertainty adds to what may be gained;
- a mutual information is an entropy less a conditional one.

What no row can say is a function below: an average has weights that sum to one, the estimator ``exp(d) - d - 1`` of a
divergence is never below zero (Schulman 2020, "k3"), a log-likelihood falls with the chi-squared in it, and the
log-density of a uniform distribution with its width.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import (
    REDUCTIONS,
    Terms,
    argument,
    calls_in,
    calls_of,
    complement,
    difference,
    exponent,
    factors,
    last,
    leading,
    leaves,
    name,
    number,
    opened,
    reduced,
    same,
    summands,
)
from vaelint.infer.quantities import labels
from vaelint.infer.seen import ArgumentPassed, ExpressionStated, LambdaMet, View, observes
from vaelint.infer.values import Frame, Quantity, Term
from vaelint.knowledge.vocabulary import Words
from vaelint.records import replace
from vaelint.sense import Sense

Names = tuple[str, ...]
# Whether a term is what a role asks for: 1, or -1 where it is minus that; else 0. With what holds the sum.
Reader = Callable[[ir.Expr, str, Frame], int]
_COLLECTS = frozenset({"append", "extend", "add", "update", "put", "insert", "log", "setdefault"})


@observes(ExpressionStated)
def stated(view: View, seen: ExpressionStated) -> None:
    e, names, f = seen.e, seen.names, seen.scope
    for law in (_chi_squared, _width):
        _tell(view, law(view, e, names[0], f))
    _held(view, e, names, f)


@observes(LambdaMet)
def computed(view: View, seen: LambdaMet) -> None:
    _held(view, seen.e.body, (seen.scope.name, seen.scope.name), seen.scope)


@observes(ArgumentPassed)
def passed(view: View, seen: ArgumentPassed) -> None:
    if isinstance(seen.value, Quantity):
        _held(view, seen.e, (taker(seen.func), seen.scope.name), seen.scope)


def taker(func: ir.Expr) -> str:
    """What an argument goes to: a function, or the collection that a method of it puts it into."""
    name = last(func)
    if name in _COLLECTS and isinstance(func, ir.Attr) and isinstance(func.base, (ir.Name, ir.Attr)):
        return func.base.name
    return name


def _tell(view: View, events: Iterable[Misstated]) -> None:
    for event in events:
        view.emit(replace(event, held=True))


def _held(view: View, e: ir.Expr, names: Names, f: Frame) -> None:
    """Hold a sum or difference that is bound to, or returned under, ``names`` against what its parts are called."""
    e = reduced(e)
    if not isinstance(e, (ir.Binary, ir.Unary)) or summands(e) == [(1, e)]:
        return
    holder, there = names[0] or names[-1], (*ir.names_in(e), *names)
    terms = opened(e)
    for row in _LAWS:
        asked = (row.asks is None or row.asks.any(there)) and (row.holder is None or row.holder.of(holder))
        if asked and not (row.unless and view.home is not None and row.unless.any(view.home.identifiers)):
            _tell(view, row.judged(e, terms, holder, f))
    _tell(view, _average(view, e, names[0], f))
    if _ASKS_EXPONENTIAL.any(there):
        _tell(view, _estimator(view, e, names[0], f))


class Law(NamedTuple):
    """``asks``: words of which one is in sight; ``holder``: what the sum is called; ``roles``: the right sign of each.

    ``blamed``: the role whose sign is reported where that of the others is right; "" where all are turned. ``rest``:
    how many other terms may stand there. ``upright``: the signs are as given, and not but for a common one.
    ``unless``: words of files in which the other sign may be meant.
    """

    asks: Words | None
    holder: Words | None
    roles: dict[str, tuple[int, Reader]]
    blamed: str
    says: str  # with {holder}, {part}: the text of what is blamed, and {other}: of the first other role
    edit: str
    law: str
    rest: int = 0
    upright: bool = False
    unless: Words | None = None

    def judged(self, e: ir.Expr, terms: Terms, holder: str, f: Frame) -> Iterable[Misstated]:
        found: dict[str, tuple[int, ir.Expr]] = {}
        for role, (sign, reads) in self.roles.items():
            held = [(s * way * sign, x) for s, x in terms if (way := reads(x, holder, f))]
            if not held or len({s for s, _ in held}) > 1 or (len(held) > 1 and self.rest < MANY):
                return
            found[role] = held[0]
        if len(terms) > len(found) + self.rest or len({x.id for _, x in found.values()}) < len(found):
            return
        others = {s for role, (s, _) in found.items() if role != self.blamed}
        wanted = 1 if self.blamed else -1
        if len(others) > 1 or (self.upright and others != {wanted}):
            return
        if self.blamed and found[self.blamed][0] in others:
            return
        part = found[self.blamed][1] if self.blamed else e
        other = next(x for role, (_, x) in found.items() if role != self.blamed)
        texts: dict[str, object] = {"holder": holder, "part": ir.render(part, 40), "other": ir.render(other, 40)}
        message, edit = (text.format(**texts) for text in (self.says, self.edit))
        code, turn = ("VL402", "") if self.blamed else ("VL401", "whole")
        yield Misstated(part.id, e.id, message, edit, self.law, code, turn=turn)


MANY = 8


# --- what terms are ------------------------------------------------------------------------------


def _called(words: Words, but_not: Words | None = None) -> Reader:
    """A term that is one thing of that name, no sum or product."""

    def reads(e: ir.Expr, holder: str, f: Frame) -> int:
        return not isinstance(e, ir.Binary) and words.of(name(e)) and not (but_not is not None and but_not.of(name(e)))

    return reads


_DISCOUNT = Words("discount")
_TRACE = Words("trace_decay")
_ENTROPIC = Words("entropic")


def _discounted(what: Words, but_not: Words | None = None) -> Reader:
    """A product of a discount and of something that is called ``what``."""

    def reads(e: ir.Expr, holder: str, f: Frame) -> int:
        words = [w for x in factors(e) if (w := name(x))]
        rest = [w for w in words if not _DISCOUNT.of(w)]
        return len(rest) < len(words) and what.any(rest) and not (but_not is not None and but_not.within(e))

    return reads


def _decayed(e: ir.Expr, holder: str, f: Frame) -> int:
    """A discounted advantage; minus one where a factor is a flag less one: ``gamma * (done - 1) * A``."""
    words = [w for x in factors(e) if (w := name(x))]
    decays = [w for w in words if _DISCOUNT.of(w) or (_TRACE.of(w) and not labels.ADVANTAGE.of(w))]
    held = any(w not in decays and (labels.ADVANTAGE.of(w) or w == holder) for w in words)
    masks = [x for x in factors(e) if isinstance(x, ir.Binary) and x.op == "-" and number(x.right) == 1]
    return (-1 if len(masks) % 2 else 1) if decays and held and isinstance(e, ir.Binary) else 0


_LIKELIHOOD = Words("fitted_likelihood")
_NEGATIVE = Words("negative_likelihood")
_COUNT = Words("parameter_count")
_WAYS = {Sense.GAIN: 1, Sense.COST: -1}


def _fit(e: ir.Expr, holder: str, f: Frame) -> int:
    """A log-likelihood, or minus one: by what it holds, else by its name."""
    negative, plain = _NEGATIVE.within(e), _LIKELIHOOD.within(e)
    if not negative and not plain:
        return 0
    held: list[Term] = []
    for x in factors(e):
        value = f.find(x.name) if isinstance(x, ir.Name) else None
        if isinstance(value, Quantity):
            held += [t for t in value.terms if t.meaning.kind in ("log_density", "nll")]
    named = 0 if negative and plain else -1 if negative else 1
    ways = {_WAYS.get(t.value_sense, 0) for t in held} or {named}
    way = ways.pop() if len(ways) == 1 else 0
    # Minus what a function is called after, under a name that agrees with the formula: the function is misnamed.
    return 0 if way != named and any(not t.meaning.is_evidence and t.sign < 0 for t in held) else way


def _count(e: ir.Expr, holder: str, f: Frame) -> int:
    return _COUNT.within(e) and not _LIKELIHOOD.within(e) and not _NEGATIVE.within(e)


_CDF = Words("cdf")
_PDF = Words("pdf")
_IMPROVEMENT = Words("improvement")


def _is_density(e: ir.Expr) -> bool:
    return _PDF.within(e) or any("log_prob" in calls_in(x) for x in calls_of((ir.ExprStmt(e.id, e),), "exp"))


def _gained(e: ir.Expr, holder: str, f: Frame) -> int:
    """A difference, the improvement, beside a probability: ``3 * cdf`` is of a moment, ``dmu * cdf`` a derivative's."""
    beside = [x for x in factors(e) if not _CDF.within(x)]
    improves = any(_IMPROVEMENT.within(x) or {s for s, _ in summands(f.behind(x))} == {1, -1} for x in beside)
    return improves and _CDF.within(e) and not _is_density(e)


def _spread(e: ir.Expr, holder: str, f: Frame) -> int:
    return _is_density(e) and not _CDF.within(e) and len(factors(e)) > 1


_ENTROPY = Words("entropy_term")
_CONDITIONAL = Words("conditional")


def _conditional(e: ir.Expr, holder: str, f: Frame) -> int:
    return _ENTROPY.within(e) and _CONDITIONAL.within(e)


def _unconditional(e: ir.Expr, holder: str, f: Frame) -> int:
    return _ENTROPY.within(e) and not _CONDITIONAL.within(e)


_REWARD = _called(Words("reward_name"))
_VALUE = _called(labels.VALUE, but_not=Words("later_value"))
_DISCOUNTS = Words("asks_discount")
_TURNS = Words("takes_turns")  # what comes next may be the other player's, whose gain is this one's loss

_LAWS = (
    Law(
        _DISCOUNTS,
        None,
        {"reward": (1, _called(Words("reward_paid"))), "later": (1, _discounted(Words("to_come"), _ENTROPIC))},
        "later",
        "`{part}` and the reward `{other}` have opposite signs, but both count towards a return",
        "add the discounted value to the reward",
        "a return is r + gamma * (the return from the next step on)",
        rest=1,
        unless=_TURNS,
    ),
    *(
        Law(
            _DISCOUNTS,
            holder,
            {"reward": (1, _REWARD), "later": (1, _discounted(Words("expected_value"))), "value": (-1, _VALUE)},
            "value",
            "`{holder}`: the value `{part}` should be subtracted, but has the sign of the reward",
            "subtract it",
            "a temporal difference is r + gamma * V(s') - V(s)",
        )
        for holder in (Words("td_error"), labels.ADVANTAGE)
    ),
    Law(
        Words("asks_error"),
        None,
        {"delta": (1, _called(Words("td_error"))), "later": (1, _decayed)},
        "later",
        "`{part}` should have the sign of `{other}`: an advantage sums discounted differences",
        "add both: {other} + {part}",
        "A = delta + gamma * lambda * A of the next step",
    ),
    Law(
        Words("asks_value"),
        Words("return_name"),
        {"advantage": (1, _called(labels.ADVANTAGE)), "value": (1, _VALUE)},
        "value",
        "`{holder}`: `{part}` and `{other}` have opposite signs: return = advantage + value",
        "add the two",
        "return = advantage + value",
    ),
    Law(
        Words("asks_value"),
        labels.ADVANTAGE,
        {"return": (1, _called(labels.RETURN)), "value": (-1, _VALUE)},
        "value",
        "`{holder}`: the value `{part}` has the sign of the return `{other}`: advantage = return - value",
        "subtract the value",
        "advantage = return - value",
    ),
    Law(
        None,
        Words("criterion_name"),
        {"penalty": (1, _count), "fit": (-1, _fit)},
        "fit",
        "`{holder}`: `{part}` has the wrong sign relative to the penalty",
        "subtract a log-likelihood from the penalty, or add a negative log-likelihood to it",
        "AIC = 2 k - 2 log L, BIC = k log n - 2 log L",
        rest=MANY,
    ),
    Law(
        _CDF,
        None,
        {"mean": (1, _gained), "spread": (1, _spread)},
        "spread",
        "`{part}` is subtracted, so that uncertainty lowers the expected improvement, but it should raise it",
        "add `{part}`",
        "EI = (mu - best) * Phi(z) + sigma * phi(z), and (best - mu) for a minimum",
        upright=True,
    ),
    Law(
        None,
        Words("information_name"),
        {"marginal": (1, _unconditional), "conditional": (-1, _conditional)},
        "",
        "`{holder}`: mutual information is H(Y) - H(Y|X), but the conditional one is added and the other subtracted",
        "swap the two entropies",
        "never below zero: knowing X takes away from the entropy of Y",
        upright=True,
    ),
)


# --- the k3 estimator, averages ------------------------------------------------------------------

_ASKS_EXPONENTIAL = Words("asks_exponential")
_LOGS = Words("log_ratio_name")


def _estimator(view: View, e: ir.Expr, holder: str, f: Frame) -> Iterable[Misstated]:
    """exp(d) - d - 1, where d is a difference of log-probabilities."""
    terms = opened(e)
    ones = [s for s, x in terms if number(x) == 1]
    grown = [(s, x, d) for s, x in terms if (d := exponent(f.behind(x))) is not None]
    if len(ones) != 1 or len(grown) != 1 or ones[0] == grown[0][0]:
        return
    sign, exponential, d = grown[0]
    rest = Counter((s, ir.key(x)) for s, x in terms if x is not exponential and number(x) != 1)
    if rest == Counter((s * sign, ir.key(x)) for s, x in opened(d)) and (_LOGS.of(holder) or _LOGS.within(d)):
        text, exponent_text = ir.render(e, 60), ir.render(d, 40)
        message = f"`{text}`: the exponent is added to its exponential, so that this estimates no divergence"
        edit = f"subtract `{exponent_text}`: exp(d) - d - 1 is least, and zero, where the two policies agree"
        yield Misstated(e.id, e.id, message, edit, "the k3 estimator is exp(d) - d - 1", "VL402")


_AVERAGED = Words("averaged")
_MOVED = Words("moved_value")


def _average(view: View, e: ir.Expr, holder: str, f: Frame) -> Iterable[Misstated]:
    """a x + (1 - a) y: a target network, a running mean."""
    terms = opened(e)
    parts = [factors(x) for _, x in terms]
    if len(terms) != 2 or terms[0][0] == terms[1][0] or any(len(p) != 2 for p in parts):
        return
    if not any(_share_one(x, y) for x in parts[0] for y in parts[1]):
        return
    said = (holder, *ir.names_in(e))
    held = [w for p in parts for x in p if (w := name(x))]
    if _AVERAGED.any(said) and not _MOVED.any(said) and (holder in held or _AVERAGED.of(holder)):
        part = next(x for s, x in terms if s < 0)
        message = f"`{ir.render(part, 40)}` is subtracted, but the weights of an average must sum to one"
        yield Misstated(part.id, e.id, message, "add it", "an average is a * x + (1 - a) * y", "VL402")


def _share_one(x: ir.Expr, y: ir.Expr) -> bool:
    """Whether one of two factors is what the other lacks to one."""
    lacking = [(w, other) for one, other in ((x, y), (y, x)) if (w := complement(one)) is not None]
    return any(same(w, other) for w, other in lacking) or (0 < number(x) < 1 and abs(number(x) + number(y) - 1) < 1e-9)


# --- likelihoods ---------------------------------------------------------------------------------

_SQUARED = Words("chi_squared")
_OTHER = Words("likelihood_difference")
_INCREASING = frozenset({"log", "exp", "sqrt", "float", "asarray", "array"}) | REDUCTIONS


def _chi_squared(view: View, e: ir.Expr, holder: str, f: Frame) -> Iterable[Misstated]:
    """log L = -chi2 / 2 + constant: a chi-squared is taken off a log-likelihood, and added to its negation."""
    claim = view.knowledge.claim(holder)
    if claim is None or not claim.strong or claim.kind not in ("log_density", "nll") or _OTHER.of(holder):
        return
    found = [(sign, x) for sign, x in leaves(e, _INCREASING) if _SQUARED.of(name(x)) and not _is_turned(x, f)]
    falls, noun = (-1, "log-likelihood") if claim.sense is Sense.GAIN else (1, "negative log-likelihood")
    if {sign for sign, _ in found} == {-falls}:
        text = ir.render(found[0][1], 40)
        goes, should = ("falls", "grow") if falls > 0 else ("grows", "fall")
        message = f"`{holder}`: this {noun} {goes} with the chi-squared `{text}`, but should {should}"
        yield Misstated(e.id, e.id, message, f"flip the sign of `{text}`", "log L = -chi2 / 2 + constant", "VL402")


def _is_turned(e: ir.Expr, f: Frame) -> bool:
    """Whether what is called chi-squared there is its negation, or may be."""
    value = f.find(e.name) if isinstance(e, ir.Name) else None
    gain = isinstance(value, Quantity) and any(t.value_sense is Sense.GAIN for t in value.terms)
    return gain or (isinstance(e, ir.Name) and leading(f.behind(e)) < 0)


_UNIFORM = Words("uniform_density")
_UPPER = Words("upper")
_LOWER = Words("lower")


def _width(view: View, e: ir.Expr, holder: str, f: Frame) -> Iterable[Misstated]:
    """The log-density of a uniform distribution is -log(upper - lower)."""
    sides = difference(argument(e) or e) if isinstance(e, ir.Call) and last(e.func) == "log" else None
    if sides is None or not _UNIFORM.of(holder) or not all(_is_given(x, f) for x in sides):
        return
    if _UPPER.within(sides[0]) and _LOWER.within(sides[1]):
        message = (
            f"`{holder}`: the log-density of a uniform distribution is minus the log of its width; the minus is missing"
        )
        law = "a wider distribution is lower everywhere"
        yield Misstated(e.id, e.id, message, "put a minus in front", law, turn="whole")


def _is_given(e: ir.Expr, f: Frame) -> bool:
    """Whether this is an attribute or parameter: what was computed may be a distribution function at a bound."""
    return isinstance(e, ir.Attr) or (isinstance(e, ir.Name) and e.name in f.vars and e.name not in f.definitions)
