"""A library read as a project of its own: what its documentation says of a name holds where its source is not resolved.

The rules speak of what users import; the library's own files define it. What is computed there decides. Where that is
left to derived classes, or too hard to follow, a class or function still means what it is documented to mean.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.arguments import Arguments
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.libraries import contracts, results
from vaelint.infer.libraries.meaning import meant_by
from vaelint.infer.optimising import sinks
from vaelint.infer.quantities.algebra import overall
from vaelint.infer.values import (
    RUN,
    Bound,
    Choice,
    Class,
    Frame,
    Function,
    Instance,
    Library,
    Made,
    Quantity,
    Value,
    unknown,
)
from vaelint.knowledge.schema import Entry
from vaelint.sense import Sense


def of(it: Machine, callee: Value, out: Quantity, args: Arguments, e: ir.Expr) -> Value:
    """What a call yields, by the rules of the library that the callee is part of; ``out`` where that says more."""
    if not _is_open(out):
        return out
    entry = _entry(it, callee)
    if entry is None:
        return out
    if entry.makes == "losses":
        return results.of(Made(entry.makes, entry, e.id), e.id)
    directed = entry.sense is not None and entry.sense.directed and entry.makes in ("", "loss")
    return meant_by(entry, args, e) if directed else out


def _is_open(q: Quantity) -> bool:
    """Whether nothing but a name that anything may have says which way it goes."""
    verdict = overall(q, gradient=True)
    return verdict.sense is Sense.UNKNOWN and not any(
        t.meaning.is_evidence and t.meaning.sense.directed for t in q.terms if len(q.terms) == 1
    )


def _entry(it: Machine, callee: Value) -> Entry | None:
    match callee:
        case Instance(cls=cls):
            return _of_class(it, cls)
        case Bound(function=Function(owner=cls, name=name)) if cls is not None:
            return _of_class(it, cls) if name in RUN else _of_method(it, cls, name)
        case Choice(values=(Bound() as first, *_), overrides=True):
            return _entry(it, first)
        case Function(owner=None, name=name, module=module, closure=closure) if closure is module.frame:
            return contracts.rule(it, module, name)
        case _:
            return None


def left_open(it: Machine, classes: list[Class], name: str, args: Arguments, e: ir.Expr) -> Value | None:
    """A method of an object of unknown class that the classes near by leave open: what they document of it."""
    found = [_of_method(it, cls, name) for cls in classes]
    entry = found[0] if found else None
    if entry is None or entry.sense is None or not entry.sense.directed or any(x != entry for x in found):
        return None
    return meant_by(entry, args, e)


def optimising(it: Machine, callee: Value, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    """What is documented to make an optimiser makes one, and its update moves: how it does so is not followed."""
    function = callee
    while isinstance(function, Bound):
        function = function.function
    match function:
        case Function(owner=None, name=name, module=module, closure=closure) if closure is module.frame:
            entry = contracts.rule(it, module, name)
            made = entry is not None and entry.makes == "optimizer"
            return sinks.make_optimizer(it, entry, args, e) if entry is not None and made else None
        case Function(owner=cls, name="update") if cls is not None:
            entry = contracts.rule(it, cls.module, cls.name)
            if entry is not None and entry.makes in ("optimizer", "same"):
                sinks.maybe_update(it, "update", args, e, f)
                return unknown(ir.render(e), e.id, f"call:{e.id}")
    return None


def inherited(it: Machine, base: Instance, name: str) -> Value | None:
    """``self.name`` of a class that derives from a library's, where the rules know the library's method."""
    info = base.cls.module.class_info(base.cls)
    for path in info.base_names() if info is not None else ():
        if it.knowledge.lookup(f"{path}.{name}") is not None:
            return Bound(Library(f"{path}.{name}"), (base,))
    return None


def _of_method(it: Machine, cls: Class, name: str) -> Entry | None:
    """What a class, or the nearest of its bases, is documented to yield by a method, whoever implements it."""
    return next(iter(contracts.of_line(it, cls, f".{name}")), None)


def _of_class(it: Machine, cls: Class) -> Entry | None:
    own = contracts.rule(it, cls.module, cls.name)
    info = cls.module.class_info(cls)
    if own is not None or info is None:
        return own
    # What a loss that is derived from another one computes itself need not be that; its record has the same entries.
    kinds = ("losses",) if any(info.method(name, cls) for name in RUN) else ("losses", "loss")
    line: list[Entry | None] = [*contracts.of_line(it, cls, "")]  # its own is none
    line += [it.knowledge.lookup(path) for path in info.base_names()]
    return next((x for x in line if x is not None and x.makes in kinds), None)
