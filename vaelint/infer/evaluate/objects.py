"""Objects of the project's own classes: how they are made, and what their attributes are."""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.arguments import Argument, Arguments
from vaelint.infer.evaluate import (
    attributes,
    autograd_function,
    calls,
    declared,
    flax_apply,
    method_effects,
    overrides,
)
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.expression import last
from vaelint.infer.libraries import contracts, documented
from vaelint.infer.values import Bound, Class, Frame, Instance, Value


def attribute(it: Machine, base: Instance, name: str, e: ir.Expr, f: Frame) -> Value:
    """``base.name``: as it was set last, else what the class says of it."""
    held = it.attributes(base).get(name)
    if method_effects.is_start(held):
        left = it.memory(method_effects.Kept).of(it, base, name, e.id) or attributes.filled(it, base, name, held)
        if left is not None:
            return left
    known = attributes.handed(it, base, name, held) if held is not None else class_attribute(it, base, name, e, f)
    known = attributes.declared(it, base, name, contracts.kept(it, base, name, known))
    return declared.field(it, base.cls, name, known, e.id)


def having(it: Machine, values: tuple[Value, ...], name: str) -> tuple[Value, ...]:
    """Of several records those that were filled with an entry of that name: the others are not asked for it."""
    found = tuple(v for v in values if not isinstance(v, Instance) or name in it.attributes(v))
    return found if any(isinstance(v, Instance) for v in found) else values


def class_attribute(it: Machine, base: Instance, name: str, e: ir.Expr, f: Frame) -> Value:
    info = base.cls.module.class_info(base.cls)
    method = info.method(name, base.cls) if info is not None else None
    if method is not None:
        if any(d.endswith(("property", "lazy_property")) for d in method.decorators):
            return calls.call_function(it, method, Arguments.of([base], e), e, f)
        if overrides.is_open(method) and not _of_super(e):
            theirs = overrides.of(it, base, name)
            if theirs is not None:
                return theirs
        if "staticmethod" in method.decorators:
            return method
        return Bound(method, (base,))
    held = info.attribute(name) if info is not None else None
    if held is not None:
        it.journal.reads(held[1])
        return it.eval(*held)
    known = attributes.elsewhere(it, base, name) or documented.inherited(it, base, name)
    if known is not None:
        return known
    pure = flax_apply.of_module(it, base) if name == "apply" else None
    if pure is not None:
        return pure
    # A method of that name may be left to the derived classes without a word (a mixin, a template).
    theirs = overrides.of(it, base, name) if it.knowledge.claim(name) is not None else None
    return theirs if theirs is not None else it.opaque(ir.render(e), name, e.id)


def _of_super(e: ir.Expr) -> bool:
    """``super().method``: the base's own, which no class that derives from it stands in for."""
    return isinstance(e, ir.Attr) and isinstance(e.base, ir.Call) and last(e.base.func) == "super"


def of_class(it: Machine, cls: Class, name: str, e: ir.Expr) -> Value:
    """``Class.name``: a method, unbound, or what the class body binds."""
    info = cls.module.class_info(cls)
    if info is None:
        return it.opaque(ir.render(e), name, e.id)
    method = info.method(name, cls)
    if method is not None:
        return Bound(method, (cls,)) if "classmethod" in method.decorators else method
    if name == "apply":
        made = autograd_function.of_class(cls)
        if made is not None:
            return made
    held = info.attribute(name)
    if held is None:
        return it.opaque(ir.render(e), name, e.id)
    it.journal.reads(held[1])
    return it.eval(*held)


def initialise(it: Machine, made: Instance, args: Arguments | None) -> None:
    """Run ``__init__`` (or fill a dataclass's fields); with args None, on opaque arguments."""
    info = made.cls.module.class_info(made.cls)
    if info is None:
        return
    for base in info.bases():
        own = info.own_method("__init__", made.cls)
        base_info = base.module.class_info(base)
        if own is not None and base_info is not None and base_info.method("__init__", base) is not None:
            # super().__init__ with arguments that we do not match: its attributes, opaque.
            inherited = it.instance(base)
            it.heap.set(made.oid, {**it.attributes(inherited), **it.attributes(made)})
    method = info.method("__init__", made.cls) or info.method("setup", made.cls)
    e = info.stmt
    frame = info.closure
    if method is not None:
        given = [Argument(made, None, "", ir.Opaque(e.id, "self"))]
        if args is None:
            calls.run_opaque(it, method, [made], e.id)
        else:
            calls.call_function(it, method, Arguments(given + args.given), ir.Opaque(e.id, "__init__"), frame)
        return
    targets = [s.targets[0] for s in info.stmt.body if isinstance(s, ir.Assign)]
    fields = [t.name for t in targets if isinstance(t, ir.Name)]
    if args is not None:
        for i, a in enumerate(args.positional):
            if i < len(fields):
                it.set_attribute(made, fields[i], a.value)
        for k, a in args.named.items():
            it.set_attribute(made, k, a.value)
