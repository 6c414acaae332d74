"""Pure functions made of what has state: flax's ``module.apply(variables, x)``, haiku's ``transform(f).apply``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.infer.arguments import Argument, Arguments
from vaelint.infer.values import (
    Applied,
    Bound,
    Frame,
    Function,
    Instance,
    Literal,
    Sequence,
    Text,
    Value,
    unknown,
)
from vaelint.knowledge.schema import Entry

if TYPE_CHECKING:
    from vaelint.infer.evaluate.interpreter import Interpreter

# What `apply` takes for itself; the rest goes on to the module.
_OWN = frozenset({"rngs", "mutable", "method", "capture_intermediates"})
_STATE = {"transform": 2, "transform_with_state": 3, "without_apply_rng": 1}  # parameters, state, key


def of_module(it: Interpreter, module: Instance) -> Applied | None:
    """``module.apply`` of a flax module of the project; None for what is no flax module."""
    info = module.cls.module.class_info(module.cls)
    is_flax = info is not None and any(base.startswith("flax.") for base in info.base_names())
    return Applied(module, 1) if is_flax else None


def transformed(entry: Entry, of: Value) -> Applied:
    """What haiku's ``transform`` makes of a function; ``without_apply_rng`` takes one leading argument off."""
    short = entry.name.rsplit(".", 1)[-1]
    if isinstance(of, Applied):
        return Applied(of.of, of.leading - 1, of.stateful)
    return Applied(of, _STATE.get(short, 2), stateful=short == "transform_with_state")


def attribute(base: Applied, name: str, e: ir.Expr) -> Value:
    return base if name == "apply" else unknown(ir.render(e), e.id)


def call(it: Interpreter, fn: Applied, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    """The function itself, without the arguments that are its state."""
    named = args.named
    rest = [Argument(a.value, None, a.star, a.expr) for a in args.positional[fn.leading :]]
    rest += [a for a in args.given if a.name is not None and a.name not in _OWN]
    out = it.call(_of_method(it, fn.of, named.get("method"), e, f), Arguments(rest), e, f)
    mutable = named.get("mutable")
    stateful = fn.stateful or (mutable is not None and mutable.value != Literal(False))
    return Sequence((out, unknown("state", e.id))) if stateful else out


def _of_method(it: Interpreter, of: Value, method: Argument | None, e: ir.Expr, f: Frame) -> Value:
    if method is None or not isinstance(of, Instance):
        return of
    match method.value:
        case Text(value=name):
            return it.get_attribute(of, name, e, f)
        case Function():
            return Bound(method.value, (of,))
        case _:
            return method.value
