"""What becomes of values that an annotation declares (`vaelint.infer.declarations`).

What is known of a value by facts, and is the opposite of what is declared of it, is reported; from there on the
declaration counts.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.declarations import Fields, fields, results, sense
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.events import Declared
from vaelint.infer.expression import last
from vaelint.infer.quantities.algebra import opposes, overall
from vaelint.infer.values import Class, Frame, Function, Number, Quantity, Sequence, Term, Trace, Value
from vaelint.records import replace
from vaelint.sense import Meaning, Sense
from vaelint.ways import meant


def parameter(p: ir.Param, f: Frame) -> Value | None:
    """What a parameter holds that nobody in sight passes."""
    declares = sense(p.annotation, f)
    return _fact(None, declares, p.name, p.id) if declares is not None else None


def passed(value: Value, p: ir.Param, f: Frame) -> Value:
    """An argument as its parameter declares it."""
    declares = sense(p.annotation, f)
    return value if declares is None else _as(value, declares, p.name, p.id)


def bound(it: Machine, s: ir.Assign, value: Value, f: Frame) -> Value:
    """``x: Annotated[Tensor, vaelint.Gain] = value``."""
    declares = sense(s.annotation, f) if s.annotation is not None else None
    if declares is None or s.value is None:
        return value
    name = last(s.targets[0])
    _compare(it, value, declares, name, s.value.id, "bound to")
    return _as(value, declares, name, s.value.id)


def kept(it: Machine, cls: Class, name: str, value: Value, node: int, f: Frame) -> Value:
    """What is assigned to a field that a class declares."""
    declares = fields(it.memory(Fields), cls).get(name)
    if declares is None:
        return value
    _compare(it, value, declares, name, node, "bound to")
    return _as(value, declares, name, node)


def field(it: Machine, cls: Class, name: str, value: Value, node: int) -> Value:
    """What is read from a field that a class declares."""
    declares = fields(it.memory(Fields), cls).get(name)
    return value if declares is None else _as(value, declares, name, node)


def returned(it: Machine, fn: Function, frame: Frame) -> None:
    """Hold what a function returned against what it is declared to return."""
    if fn.returns is None:
        return
    whole = sense(fn.returns, fn.closure or fn.module.frame)
    several = results(fn) if whole is None else []
    for value, node in frame.returned:
        if whole is not None:
            _compare(it, value, whole, fn.name, node, "returned by")
        elif isinstance(value, Sequence) and len(value.items) == len(several):
            for part, declares in zip(value.items, several):
                if declares is not None:
                    _compare(it, part, declares, fn.name, node, "returned by")


def result(fn: Function, value: Value, node: int) -> Value:
    """What a function yields, as it is declared to."""
    if fn.returns is None:
        return value
    declares = sense(fn.returns, fn.closure or fn.module.frame)
    if declares is not None:
        # A body without a result (a protocol, an abstract method) yields what is declared all the same.
        return _as(value if isinstance(value, (Quantity, Number)) else Quantity(), declares, fn.name, node)
    several = results(fn)
    if not any(several):
        return value
    if isinstance(value, Sequence) and value.rest is None and len(value.items) == len(several):
        held: list[Value] = list(value.items)
    else:
        held = [Quantity(label=ir.call_of(fn.name), key=node) for _ in several]
    return Sequence(tuple(v if s is None else _as(v, s, fn.name, node) for v, s in zip(held, several)))


def _as(value: Value, declares: Sense, name: str, node: int) -> Value:
    """The value as it is declared: what is known of it where that agrees, else the declaration."""
    if isinstance(value, Quantity):
        verdict = overall(value)
        return value if verdict.sense is declares and verdict.is_evidence else _fact(value, declares, name, node)
    return _fact(None, declares, name, node) if isinstance(value, Number) else value


def _fact(value: Quantity | None, declares: Sense, name: str, node: int) -> Quantity:
    q = value if value is not None else Quantity(key=node)
    live = any(t.live for t in q.terms) or not q.terms
    label = ir.called(name)
    trace = Trace(node, f"`{name}` is declared {meant(declares).held} (`vaelint.{declares.name.capitalize()}`)")
    term = Term(1, Meaning(declares, "objective", Basis.ANNOTATION), label, node, node, live, trace=trace)
    return replace(q, terms=(term,), label=label, origin=node, ways=())


def _compare(it: Machine, value: Value, declares: Sense, name: str, node: int, how: str) -> None:
    if isinstance(value, Quantity) and opposes(value, declares):
        it.emit(Declared(name, declares, value, node, how))
