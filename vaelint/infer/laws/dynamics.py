"""Moves along the gradient of a log-density: momenta, Langevin steps and ascents go up it, down that of an energy.

``p + eps * grad_log_prob(q)`` (Neal 2011, eqs. 2.28-2.30, with U = -log p), ``x + eps / 2 * grad_logp(x) + noise``
(Welling & Teh 2011, eq. 4). The other sign has the sampler leave what is probable. That it is a sampler is told by the
noise that is added, by the name of a proposal's mean, or by a step that is written as one; where positions are moved
against the momenta the two signs cancel, and nothing is said.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import Terms, factors, leading, name, negated_in, number, opened, product, walk
from vaelint.infer.seen import ArgumentPassed, ExpressionStated, LambdaMet, ValueAugmented, View, observes
from vaelint.infer.values import Frame
from vaelint.knowledge.vocabulary import Words

_UP, _DOWN = Words("density_gradient"), Words("potential_gradient")
_SAMPLERS = Words("sampler_name")
_STEP = Words("integration_step")
_BACK = Words("runs_back")
_NOISE = Words("noise")
_DRIFT = Words("drift")
_PRODUCTS = frozenset({"dot", "matmul"})
LAW = "dp/dt = ∇ log p(q) = -∇ U(q): up the gradient of a log-density, down that of an energy"


@observes(ExpressionStated)
def stated(view: View, seen: ExpressionStated) -> None:
    """``p = p - eps * grad_log_prob(q)``, ``y = x - eps * grad_log_prob(x) + noise``."""
    _held(view, seen.e, seen.names[0], seen.scope)


@observes(LambdaMet)
def computed(view: View, seen: LambdaMet) -> None:
    _held(view, seen.e.body, seen.scope.name, seen.scope)


@observes(ArgumentPassed)
def passed(view: View, seen: ArgumentPassed) -> None:
    _held(view, seen.e, "", seen.scope)


@observes(ValueAugmented)
def changed(view: View, seen: ValueAugmented) -> None:
    """``p -= eps * grad_log_prob(q)``."""
    s = seen.stmt
    if s.op in ("+", "-"):
        _told(view, s.value, opened(s.value, 1 if s.op == "+" else -1), name(s.target), seen.scope)


def _held(view: View, e: ir.Expr, holder: str, f: Frame) -> None:
    terms = opened(e) if isinstance(e, ir.Binary) else []
    if any(s > 0 and isinstance(x, (ir.Name, ir.Attr, ir.Subscript)) for s, x in terms):
        _told(view, e, terms, holder, f)


def _told(view: View, e: ir.Expr, terms: Terms, holder: str, f: Frame) -> None:
    drifts = [(s * way, x) for s, x in terms if (way := _direction(x, f))]
    if len(drifts) != 1 or drifts[0][0] > 0 or len(terms) > 3:
        return
    [(_, drift)] = drifts
    rest = [x for _, x in terms if x is not drift]
    sure = len(terms) > 1 and _is_of_sampler(rest, holder, f) and not any(name(x) == "dt" for x in factors(drift))
    if sure or _is_step_of_sampler(view, e, drift, holder, f):
        text = ir.render(drift, 40)
        message = f"the step `{text}` leads away from where the density is high"
        view.emit(Misstated(drift.id, e.id, message, f"flip the sign of `{text}`", LAW, "VL402", held=sure))


def _is_of_sampler(rest: list[ir.Expr], holder: str, f: Frame) -> bool:
    """Whether noise is added; or it is the mean of a proposal, under its name: an update of itself may be a descent."""
    made = [f.behind(x) for x in rest]
    noise = [x for x in made if isinstance(x, ir.Binary) and "sqrt" in ir.names_in(x) and _NOISE.within(x)]
    return bool(noise) or (len(rest) == 1 and _DRIFT.of(holder) and name(rest[0]) != holder)


def _is_step_of_sampler(view: View, e: ir.Expr, drift: ir.Expr, holder: str, f: Frame) -> bool:
    """Whether it is a call of such a gradient times what is called a step, and nothing there turns it round."""
    found = product(drift)
    calls = [x for x in found.above if isinstance(x, ir.Call) and _way(name(x))]
    if len(calls) != 1 or not all(_is_step(x) for x in found.above if x is not calls[0]):
        return False
    around = view.around(e.id)
    if _way(name(calls[0])) < 0 and not _SAMPLERS.any((*around.words, f.name)):
        return False  # an energy may be climbed on purpose
    steps = (s.value for s in walk(around.code) if isinstance(s, ir.AugAssign) and s.op == "-")
    against = any(name(y) == holder for x in (*negated_in(around.code), *steps) for y in factors(x))
    return not against and not _BACK.any(s.name for s in walk(around.code) if isinstance(s, ir.FunctionDef))


def _way(word: str) -> int:
    return 1 if _UP.of(word) else -1 if _DOWN.of(word) else 0


def _direction(e: ir.Expr, f: Frame) -> int:
    """1 for a multiple of the gradient of a log-density, -1 for one of an energy or of its negation, else 0."""
    parts = product(e, "*@/", _PRODUCTS)
    turned = parts.way * leading(e)  # a minus in front has been counted
    found = []
    for x in (*parts.above, *parts.below):
        made = f.behind(x)
        negated = isinstance(made, ir.Unary) and made.op == "-"
        way = _way(name(made if negated else x))
        found += [-way if negated else way] if way else []
    return turned * found[0] if len(found) == 1 else 0


def _is_step(e: ir.Expr) -> bool:
    match e:
        case ir.Const():
            return number(e) > 0
        case ir.Name(name=n) | ir.Attr(name=n):
            return _STEP.of(n)
        case ir.Binary(op="**" | "/" | "*", left=left):
            return _is_step(left)
        case ir.Unary(op="-", operand=x):
            return _is_step(x)
    return False
