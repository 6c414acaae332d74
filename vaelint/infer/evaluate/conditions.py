"""Whether a condition is known to hold: flags, options and defaults that a caller gave as literals."""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.evaluate import parameters, texts
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.expression import dotted, last
from vaelint.infer.values import (
    Bound,
    Class,
    Frame,
    Function,
    Instance,
    Literal,
    Made,
    Mapping,
    Number,
    Quantity,
    Sequence,
    Text,
    Value,
)

_SOMETHING = (Sequence, Mapping, Function, Bound, Class, Instance, Made, Text, Number)  # values that are not None


def truth(it: Machine, e: ir.Expr, f: Frame) -> bool | None:
    """True or False where the literals in it decide, else None."""
    match e:
        case ir.Unary(op="not", operand=operand):
            inner = truth(it, operand, f)
            return None if inner is None else not inner
        case ir.BoolOp(op=op, left=left, right=right):
            stops = op == "or"
            first, second = truth(it, left, f), truth(it, right, f)
            if stops in (first, second):
                return stops
            return None if first is None or second is None else not stops
        case ir.Compare(left=left, rest=(("is" | "is not" as op, ir.Const(value=None)),)) if _is_passed(it, left, f):
            return op == "is not"
        case ir.Compare(left=left, rest=((op, right),)):
            return _compared(op, it.eval(left, f), it.eval(right, f))
        case ir.Call(func=ir.Name(name="isinstance"), args=(ir.Arg(value=x), ir.Arg(value=kinds))):
            return _of_sort(it.eval(x, f), frozenset(_sorts(kinds)))
        case ir.Call(func=ir.Attr(name=name)) if name in texts.ASKED:
            value = it.eval(e, f)
            return value.value if isinstance(value, Literal) and isinstance(value.value, bool) else None
        case ir.Name() | ir.Attr() | ir.Const():
            value = it.eval(e, f)
            if isinstance(value, (Literal, Text, Number)):
                return bool(value.value)
            return None
        case _:
            return None


_MAY_BE_NONE = frozenset({"get", "pop", "getattr"})  # what they are asked for need not be there


def _is_passed(it: Machine, e: ir.Expr, f: Frame) -> bool:
    """Whether a parameter holds a number that the caller passed, and that is no None there.

    An attribute, or what a record is asked for, may hold None all the same; so may a parameter of the caller's own that
    is None by default, and is passed on.
    """
    written = f.given.get(e.name) if isinstance(e, ir.Name) else None
    if written is None or isinstance(written, (ir.Const, ir.Attr)):
        return False
    if isinstance(written, ir.Call) and last(written.func) in _MAY_BE_NONE:
        return False
    value = it.eval(e, f)
    return isinstance(value, Quantity) and value.key not in it.memory(parameters.Handed).unset


def _sorts(e: ir.Expr) -> list[str]:
    return [dotted(x) for x in (e.items if isinstance(e, ir.Tuple) else (e,))]


_CONTAINERS = frozenset({"list", "tuple", "dict", "str"})


def _of_sort(value: Value, sorts: frozenset[str]) -> bool | None:
    """Whether a value is of one of these sorts; a number with a sense is no container, a container no other one."""
    match value:
        case Mapping():
            return True if "dict" in sorts else False if sorts <= _CONTAINERS else None
        case Sequence():
            return True if {"list", "tuple"} <= sorts else False if sorts <= {"dict", "str"} else None
        case Text():
            return "str" in sorts if sorts <= _CONTAINERS else None
        case Quantity(terms=terms) if any(t.meaning.sense.directed for t in terms):
            return False if sorts <= _CONTAINERS else None
        case _:
            return None


def _compared(op: str, a: Value, b: Value) -> bool | None:
    if any(isinstance(x, Text) and texts.HOLE in x.value for x in (a, b)):
        return None
    if op in ("is", "is not"):
        if b != Literal(None):
            return None
        if isinstance(a, _SOMETHING):
            return op == "is not"
        return (op == "is") is (a.value is None) if isinstance(a, Literal) else None
    if op in ("==", "!=") and isinstance(a, (Text, Number, Literal)) and isinstance(b, (Text, Number, Literal)):
        return (a.value == b.value) is (op == "==")
    if op in ("in", "not in") and isinstance(a, Text) and isinstance(b, Sequence) and b.rest is None:
        if all(isinstance(x, Text) for x in b.items):
            return (a in b.items) is (op == "in")
    if op in ("in", "not in") and isinstance(a, Text) and isinstance(b, Text):
        return (a.value in b.value) is (op == "in")
    if op in ("in", "not in") and isinstance(a, Text) and isinstance(b, Mapping) and b.rest is None and b.items:
        return (a.value in b.items) is (op == "in")
    return None


def setting(it: Machine, e: ir.Expr, f: Frame) -> Literal | None:
    """The value of a condition that texts and flags decide: ``maximize = mode == "max"``, ``not minimize``.

    What numbers decide stays a mask, which may be multiplied with.
    """
    match e:
        case ir.Unary(op="not"):
            value = it.eval(e.operand, f)
            return Literal(not value.value) if isinstance(value, Literal) and isinstance(value.value, bool) else None
        case ir.Compare(left=left, rest=((op, right),)):
            sides = it.eval(left, f), it.eval(right, f)
            if not any(isinstance(x, Text) for x in sides):
                return None
            found = _compared(op, *sides)
            return None if found is None else Literal(found)
    return None
