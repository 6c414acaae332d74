"""Autograd functions of the project: ``F.apply(x)`` has the value of ``forward`` and the gradient of ``backward``.

A ``backward`` that hands on what it is given, whatever it multiplies it with, is followed. One that computes a gradient
of its own from what was kept gives a value whose gradient goes where nobody has worked out.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.arguments import Argument, Arguments
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.quantities import algebra
from vaelint.infer.values import Class, Custom, Frame, Quantity, Sequence, Value, is_unknown, meant, undirected, unknown
from vaelint.sense import Meaning, Sense


def of_class(cls: Class) -> Custom | None:
    """``cls.apply`` of a class with a ``forward`` and a ``backward`` that derives from torch's ``Function``."""
    info = cls.module.class_info(cls)
    if info is None or info.own_method("forward", cls) is None or info.own_method("backward", cls) is None:
        return None
    return Custom(cls) if any(base.rpartition(".")[2] == "Function" for base in info.base_names()) else None


def call(it: Machine, fn: Custom, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    """What ``forward`` yields; where ``backward`` turns the gradient round, so does the value's."""
    info = fn.cls.module.class_info(fn.cls)
    forward = info.own_method("forward", fn.cls) if info is not None else None
    assert forward is not None
    context = Argument(undirected("ctx", e.id), None, "", e)
    out = _still(it.call_function(forward, Arguments([context, *args.given]), e, f), args)
    if not isinstance(out, Quantity):
        return out
    way = _way_back(it, fn, e)
    if way is Sense.UNKNOWN and any(t.meaning.sense.directed for t in out.terms):
        return unknown(out.label, e.id, why=f"the gradient of `{fn.cls.name}` is computed by itself")
    return algebra.reverse_gradient(out, e.id) if way is Sense.COST else out


def _still(out: Value, args: Arguments) -> Value:
    """``return x.view_as(x)``, ``return x.clone()`` of what is not known: still that."""
    if not isinstance(out, Quantity) or not is_unknown(out) or not args.positional:
        return out
    given = args.positional[0].value
    return given if isinstance(given, Quantity) and out.terms == given.terms else out


def _way_back(it: Machine, fn: Custom, e: ir.Expr) -> Sense:
    """How ``backward`` hands on the gradient: as it is (a gain), or negated (a cost; Ganin & Lempitsky 2015)."""
    info = fn.cls.module.class_info(fn.cls)
    backward = info.own_method("backward", fn.cls) if info is not None else None
    if backward is None or it.is_running(backward.node):
        return Sense.GAIN
    gradient = meant(Meaning(Sense.GAIN, "value", Basis.STRUCTURE), "grad_output", e.id, "a gradient")
    out = it.run_opaque(backward, [undirected("ctx", e.id), gradient], e.id)
    first = out.items[0] if isinstance(out, Sequence) and out.items else out
    return algebra.overall(first).sense if isinstance(first, Quantity) else Sense.UNKNOWN
