"""Importance-weighted bounds: the log of a mean of weights, and the weights are exponentials of *minus* losses."""

from __future__ import annotations

from vaelint import ir
from vaelint.evidence import BY_STRUCTURE
from vaelint.infer.events import Misstated
from vaelint.infer.expression import last
from vaelint.infer.seen import ExpressionStated, View, observes
from vaelint.infer.values import Quantity
from vaelint.sense import Sense, family

MAX_WALK = 12


@observes(ExpressionStated)
def stated(view: View, seen: ExpressionStated) -> None:
    """Tell of ``logsumexp(reconstruction + kl)``: the sample that fits worst then weighs most."""
    e, f = seen.e, seen.scope
    stack, left = [e], MAX_WALK
    while stack and left:
        left -= 1
        match stack.pop():
            case ir.Binary(left=a, right=b):
                stack += (a, b)
            case ir.Unary(operand=a):
                stack.append(a)
            case ir.Call(func=func, args=(ir.Arg(value=x), *_)) as call if last(func) == "logsumexp":
                held = view.value(x, f)
                if isinstance(held, Quantity) and _is_negative_bound(held):
                    _tell(view, call, x, e)
            case ir.Call(func=ir.Attr(base=base)):
                stack.append(base)


def _is_negative_bound(q: Quantity) -> bool:
    """Whether a reconstruction's cost and a divergence are added up in it, as facts."""
    families = {family(t.meaning.kind) for t in q.terms}
    costs = all(t.value_sense is Sense.COST and t.meaning.is_evidence for t in q.terms)
    return costs and "divergence" in families and bool(families & {"density", "error"})


def _tell(view: View, call: ir.Call, x: ir.Expr, whole: ir.Expr) -> None:
    text = ir.render(x, 40)
    view.emit(
        Misstated(
            call.id,
            whole.id,
            f"`{text}` is a cost ↓, so that its logsumexp is dominated by the sample that fits worst, not best",
            f"use minus the logsumexp of minus `{text}`",
            "importance-weighted bound: log mean exp(log p(x, z) - log q(z))",
            "VL402",
            value=BY_STRUCTURE,
        )
    )
