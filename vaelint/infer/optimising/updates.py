"""Updates that the project writes itself: what they do to a gradient is followed, or taken as a step, or not known."""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.arguments import Arguments
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.expression import last, walk
from vaelint.infer.optimising import sinks
from vaelint.infer.quantities import algebra
from vaelint.infer.values import NONE, Frame, Gradient, Value, sized, unknown
from vaelint.records import replace


def followed(it: Machine, out: Value, args: Arguments, e: ir.Call, f: Frame) -> None:
    """An optimiser's update, written in the project, in which the gradient that it was handed was lost sight of."""
    func = e.func.args[0].value if isinstance(e.func, ir.Call) and e.func.args else e.func  # `jit(opt.update)(…)`
    name = last(func).removesuffix("_fn")
    if name in sinks.UPDATERS and it.memory(sinks.Objectives).grads and not sinks.gradients_in(out):
        for g in (g for a in args.given for g in sinks.gradients_in(a.value)):
            held = it.memory(sinks.Objectives).grads.get(g.node)
            if held is not None and any(t.meaning.sense.directed for t in held.quantity.terms):
                sinks.apply(it, g, g.sign, e.id, f, name, inputs=False)


def overwritten(it: Machine, target: ir.Expr, given: ir.Expr, f: Frame) -> None:
    """``p.grad = part_of_a_vector``: what steps is what was assigned, with a sign of its own."""
    if not isinstance(target, ir.Attr) or target.name not in ("grad", "_grad"):
        return
    if not it.memory(sinks.Objectives).pending:
        return
    if isinstance(given, ir.Const) and given.value is None:
        return  # cleared, not turned
    if not any(map(_is_its_own, (given, f.behind(given)))):
        it.memory(sinks.Objectives).pending[:] = [replace(p, sign=0) for p in it.memory(sinks.Objectives).pending]


def _is_its_own(e: ir.Expr) -> bool:
    """What backward left, scaled or moved; or no gradient at all."""
    return any((isinstance(x, ir.Attr) and x.name == "grad") or "zeros" in _called(x) for x in walk(e))


def _called(e: ir.Node) -> str:
    return last(e.func) if isinstance(e, ir.Call) else ""


def gradient_method(it: Machine, g: Gradient, name: str, args: Arguments, e: ir.Expr) -> Value:
    if name in ("neg", "neg_"):
        return replace(g, sign=-g.sign)
    if name in ("sign", "sgn"):
        return replace(g, signed=True)
    if name in ("mul", "mul_", "div", "div_") and args.positional:
        return replace(g, sign=g.sign * algebra.factor(it.knowledge, args.positional[0].value))
    if name in ("zero_", "norm"):
        return NONE if name == "zero_" else sized(unknown(ir.render(e), e.id), "gradient")
    return g


def joined(gradients: list[Gradient]) -> Gradient:
    """One of several gradients, by control flow: what moves one of them moves the others, where their signs agree."""
    first = gradients[0]
    if any(g.sign != first.sign for g in gradients):
        return replace(first, sign=0, others=())
    known = {first.node: first}
    for g in gradients:
        for x in (g, *g.others):
            known.setdefault(x.node, replace(x, sign=1, others=()))
    return replace(first, others=tuple(g for node, g in known.items() if node != first.node))
