"""Optimisers that the project writes itself: what their updates do to a gradient is followed, or taken as a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.infer.names import last
from vaelint.infer.optimising import sinks
from vaelint.infer.state import Frame
from vaelint.infer.values import Value

if TYPE_CHECKING:
    from vaelint.infer.evaluate.calls import Arguments
    from vaelint.infer.evaluate.interpreter import Interpreter


def followed(it: Interpreter, out: Value, args: Arguments, e: ir.Call, f: Frame) -> None:
    """An optimiser's update, written in the project, in which the gradient that it was handed was lost sight of."""
    name = last(e.func).removesuffix("_fn")
    if name in sinks.UPDATERS and it.grads and not sinks.gradients_in(out):
        for g in (g for a in args.given for g in sinks.gradients_in(a.value)):
            held = it.grads.get(g.node)
            if held is not None and any(t.meaning.sense.directed for t in held.quantity.terms):
                sinks.apply(it, g, g.sign, e.id, f, name, inputs=False)
