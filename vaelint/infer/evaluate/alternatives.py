"""Calls of one of several callables: what derived classes make of a method left open, the entries of a registry."""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.arguments import Arguments
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.expression import last
from vaelint.infer.values import RUN, Bound, Choice, Frame, Function, Quantity, Value
from vaelint.records import replace

_WHOLE = frozenset({*RUN, "training_step"})  # what a model does altogether, its loss included
OTHERS = 4  # one part in so many of the budget goes to methods that are not called after what is optimised


def called(it: Machine, choice: Choice, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    """What several callables, of which one is meant, agree on.

    Of methods that are left to derived classes those that are called after what is optimised get what is left of the
    budget; to follow the others (an encoder in thirty models) would take it from them.
    """
    first = choice.values[0]
    method = first.function.name if isinstance(first, Bound) and isinstance(first.function, Function) else ""
    name, floor = last(e.func) if isinstance(e, ir.Call) else "", it.floor
    if it.knowledge.claim(name) is None:
        name = method
    if choice.overrides and name and name not in _WHOLE and it.knowledge.claim(name) is None:
        it.floor = it.steps - (it.steps - floor) // OTHERS
    it.open_methods += choice.overrides
    try:
        out = it.join([it.call(v, args, e, f) for v in choice.values], e.id, ir.render(e, 40), name)
        # What all derived classes agree on goes wrong where it is used, if it does.
        return replace(out, origin=e.id) if choice.overrides and isinstance(out, Quantity) else out
    finally:
        it.floor = floor
        it.open_methods -= choice.overrides
