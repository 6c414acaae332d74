"""Python's own functions."""

from __future__ import annotations

from collections.abc import Callable

from vaelint import ir
from vaelint.infer.arguments import Arguments
from vaelint.infer.evaluate import named_tuples
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.quantities import algebra, idioms
from vaelint.infer.values import (
    NONE,
    Form,
    Frame,
    Instance,
    Mapping,
    Number,
    Quantity,
    Sequence,
    Text,
    Value,
    undirected,
    unknown,
)

Builtin = Callable[[Machine, ir.Call, list[Value], Frame], "Value | None"]


def special_form(it: Machine, e: ir.Call, f: Frame) -> Value | None:
    """The value of a call of a builtin by its bare name, or None if it is none (or shadowed)."""
    if not isinstance(e.func, ir.Name):
        return None
    table = _TABLE.get(e.func.name)
    if table is None or f.find(e.func.name) is not None:
        return None
    values = [it.eval(a.value, f) for a in e.args]
    out = table(it, e, values, f)
    return out if out is not None else unknown(ir.render(e), e.id, f"call:{e.id}")


def _count(it: Machine, e: ir.Call, values: list[Value], f: Frame) -> Value:
    return undirected(ir.render(e), e.id, form=Form.COUNT, positive=True)


def _none(it: Machine, e: ir.Call, values: list[Value], f: Frame) -> Value:
    return NONE


def _sum(it: Machine, e: ir.Call, values: list[Value], f: Frame) -> Value | None:
    if not values:
        return None
    v = values[0]
    if isinstance(v, Sequence):
        total: Value = Number(0.0)
        for x in (*v.items, *((v.rest,) if v.rest is not None else ())):
            total = add(it, total, x, e)
        return total
    return v if isinstance(v, Quantity) else None


def add(it: Machine, a: Value, b: Value, e: ir.Expr) -> Value:
    if isinstance(a, Number) and isinstance(b, Number):
        return Number(a.value + b.value)
    if isinstance(a, Quantity) and isinstance(b, Quantity):
        return algebra.add(a, b, e.id, ir.render(e, 40))
    if isinstance(a, Number):
        return b
    return a if isinstance(b, Number) else unknown(ir.render(e), e.id)


def _extreme(it: Machine, e: ir.Call, values: list[Value], f: Frame) -> Value | None:
    if len(values) == 1:
        return it.element(values[0], e)
    return it.join(values, e.id, ir.render(e, 40)) if values else None


def _same(it: Machine, e: ir.Call, values: list[Value], f: Frame) -> Value | None:
    return values[0] if values else Sequence(())


def _abs(it: Machine, e: ir.Call, values: list[Value], f: Frame) -> Value | None:
    v = values[0] if values else None
    if isinstance(v, Number):
        return Number(abs(v.value))
    return idioms.absolute(v, e.id, ir.render(e, 40)) if isinstance(v, Quantity) else None


def _zip(it: Machine, e: ir.Call, values: list[Value], f: Frame) -> Value:
    if len(values) == 1 and e.args[0].star == "*" and (apart := named_tuples.columns(it, values[0], e)) is not None:
        return apart
    return Sequence((), Sequence(tuple(it.element(v, e) for v in values)))


def _enumerate(it: Machine, e: ir.Call, values: list[Value], f: Frame) -> Value | None:
    if not values:
        return None
    return Sequence((), Sequence((_count(it, e, values, f), it.element(values[0], e))))


def _range(it: Machine, e: ir.Call, values: list[Value], f: Frame) -> Value:
    return Sequence((), _count(it, e, values, f))


def _next(it: Machine, e: ir.Call, values: list[Value], f: Frame) -> Value | None:
    return it.element(values[0], e) if values else None


MOST_MAPPED = 8  # items of a list that a function is mapped over one by one


def _map(it: Machine, e: ir.Call, values: list[Value], f: Frame) -> Value | None:
    if len(values) < 2:
        return None
    only = values[1] if len(values) == 2 else None
    if isinstance(only, Sequence) and only.rest is None and 1 < len(only.items) <= MOST_MAPPED:
        return Sequence(tuple(it.call(values[0], Arguments.of([x], e), e, f) for x in only.items))
    return Sequence((), it.call(values[0], Arguments.of([it.element(v, e) for v in values[1:]], e), e, f))


def _getattr(it: Machine, e: ir.Call, values: list[Value], f: Frame) -> Value | None:
    if len(values) < 2 or not isinstance(values[1], Text):
        return None
    return it.attribute(ir.Attr(e.id, e.args[0].value, values[1].value), values[0], f)


def _dict(it: Machine, e: ir.Call, values: list[Value], f: Frame) -> Value:
    items = {a.name: v for a, v in zip(e.args, values) if a.name is not None}
    for a, v in zip(e.args, values):
        if a.name is None and isinstance(v, Mapping):
            items = {**v.items, **items}
    return Mapping(items)


def _super(it: Machine, e: ir.Call, values: list[Value], f: Frame) -> Value:
    """The object seen as its base: enough where the base's method is found on the class of the caller's owner."""
    me = f.find("self")
    if isinstance(me, Instance) and f.owner is not None:
        info = f.owner.module.class_info(f.owner)
        bases = info.bases() if info is not None else []
        if bases:
            return Instance(bases[0], me.oid)
    return unknown("super()", e.id)


_TABLE: dict[str, Builtin] = {
    "len": _count, "id": _count, "hash": _count, "isinstance": _count, "hasattr": _count, "callable": _count,
    "any": _count, "all": _count, "bool": _count, "type": _count,
    "print": _none, "sum": _sum, "min": _extreme, "max": _extreme, "abs": _abs,
    "float": _same, "int": _same, "round": _same, "list": _same, "tuple": _same, "set": _same, "sorted": _same,
    "reversed": _same, "iter": _same, "zip": _zip, "enumerate": _enumerate, "range": _range, "next": _next,
    "map": _map, "getattr": _getattr, "dict": _dict, "super": _super,
}  # fmt: skip
