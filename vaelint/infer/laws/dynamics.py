"""Moves along the gradient of a log-density: momenta, Langevin steps and ascents go up it, down that of an energy.

``p + eps * grad_log_prob(q)`` (Neal 2011, eqs. 2.28-2.30, with U = -log p), ``x + eps / 2 * grad_logp(x) + noise``
(Welling & Teh 2011, eq. 4). The other sign has the sampler leave what is probable. Where positions are moved against
the momenta the two signs cancel, and nothing is said.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import factors, last, leading, negated_in, number, opened, same, walk
from vaelint.infer.seen import ValueAssigned, ValueAugmented, View, observes
from vaelint.infer.values import Frame
from vaelint.knowledge.vocabulary import Words

_UP = Words("density_gradient")
_DOWN = Words("potential_gradient")
_SAMPLERS = Words("sampler_name")
_STEP = Words("integration_step")
_BACK = Words("runs_back")
LAW = "dp/dt = ∇ log p(q) = -∇ U(q): up the gradient of a log-density, down that of an energy"


@observes(ValueAssigned)
def assigned(view: View, seen: ValueAssigned) -> None:
    """``p = p - eps * grad_log_prob(q)``, ``y = x - eps * grad_log_prob(x) + noise``."""
    e = seen.e
    if not isinstance(e, ir.Binary) or e.op not in ("+", "-"):
        return
    terms = opened(e)
    if not any(s > 0 and isinstance(x, (ir.Name, ir.Attr, ir.Subscript)) for s, x in terms):
        return
    for s, x in terms:
        _told(view, seen.stmt.targets[0], s, x, e, seen.scope)


@observes(ValueAugmented)
def changed(view: View, seen: ValueAugmented) -> None:
    """``p -= eps * grad_log_prob(q)``."""
    s, f = seen.stmt, seen.scope
    if s.op in ("+", "-"):
        _told(view, s.target, 1 if s.op == "+" else -1, s.value, s.value, f)


def _told(view: View, target: ir.Expr, sign: int, e: ir.Expr, whole: ir.Expr, f: Frame) -> None:
    if not isinstance(e, ir.Binary):
        return
    if leading(e) < 0:
        sign = -sign
    scaled = [y for x in factors(e) for y in (factors(x.left) if isinstance(x, ir.Binary) and x.op == "/" else [x])]
    found = [(x, w) for x in scaled if isinstance(x, ir.Call) and (w := _way(last(x.func)))]
    rest = [x for x in scaled if not any(x is y for y, _ in found)]
    if len(found) != 1 or not all(_is_step(x) for x in rest) or sign * found[0][1] > 0:
        return
    around = view.around(whole.id)
    if found[0][1] < 0 and not _SAMPLERS.any((*around.words, f.name)):
        return  # an energy may be climbed on purpose
    steps = (s.value for s in walk(around.code) if isinstance(s, ir.AugAssign) and s.op == "-")
    against = any(same(y, target) for x in (*negated_in(around.code), *steps) for y in factors(x))
    if against or _BACK.any(s.name for s in walk(around.code) if isinstance(s, ir.FunctionDef)):
        return  # positions are moved against it, or time runs backwards
    shown = ir.render(found[0][0], 40)
    how = "goes down" if sign < 0 else "goes up"
    message = f"`{ir.render(target, 30)}` {how} `{shown}`: so that it moves away from where the density is high"
    view.emit(Misstated(e.id, whole.id, message, "flip the sign of the step", LAW, "VL402"))


def _way(name: str) -> int:
    return 1 if _UP.of(name) else -1 if _DOWN.of(name) else 0


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
