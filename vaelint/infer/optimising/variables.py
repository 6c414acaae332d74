"""What a gradient is taken with respect to: a variable, whatever it holds; and what has no optimum in it."""

from __future__ import annotations

from collections.abc import Iterator

from vaelint import ir
from vaelint.infer.arguments import Arguments
from vaelint.infer.evaluate import named_tuples
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.expression import last
from vaelint.infer.optimising import sinks
from vaelint.infer.quantities import algebra
from vaelint.infer.values import (
    Bound,
    Frame,
    Function,
    GradientFunction,
    Instance,
    Mapping,
    Number,
    Quantity,
    Sequence,
    Value,
    unknown,
)
from vaelint.records import replace
from vaelint.sense import Sense

_REDUCTIONS = frozenset({"sum", "mean"})


def differentiated(it: Machine, g: GradientFunction, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    """``grad(f)(x)``: in ``f`` the first argument is a variable, also where a constant was just put in its place.

    A function that is linear in it has no optimum, whichever way it goes: a test that takes its gradient gives an
    optimiser something to work on, and optimises nothing. Nor is a kernel an objective: its slope in one of two
    particles keeps them apart (Liu & Wang 2016, eq. 8), beside the slope of the density that they follow.
    """
    if _is_test(f) and isinstance(g.function, Function) and _is_linear(g.function):
        gradient = unknown(ir.render(e, 40), e.id)
        return Sequence((it.call(g.function, args, e, f), gradient)) if g.with_value else gradient
    if _is_kernel(g.function, e):
        gradient = unknown(ir.render(e, 40), e.id)
        return Sequence((unknown("kernel", e.id), gradient)) if g.with_value else gradient
    given = list(args.given)
    if given and given[0].name is None and not given[0].star and _is_constant(given[0].value):
        label = ir.render(given[0].expr, 40)
        given[0] = replace(given[0], value=unknown(label, given[0].expr.id))
        args = Arguments(given)
    if g.in_first and given and given[0].name is None and not given[0].star:
        args = Arguments([given[0], *(replace(a, value=_held(it, a.value)) for a in given[1:])])
        g = replace(g, function=_closed(it, g.function))
    return sinks.differentiate(it, g, args, e, f)


def _held(it: Machine, v: Value) -> Value:
    """What is no variable carries no gradient."""
    match v:
        case Quantity():
            return algebra.detach(v)
        case Sequence(items=items, rest=rest):
            return Sequence(tuple(_held(it, x) for x in items), None if rest is None else _held(it, rest))
        case Mapping(items=entries, rest=rest):
            return Mapping({k: _held(it, x) for k, x in entries.items()}, None if rest is None else _held(it, rest))
        case Instance() if (fields := named_tuples.parts(it, v)) is not None:
            return named_tuples.like(it, v, tuple(_held(it, x) for x in fields.items)) or v
        case _:
            return v


def _closed(it: Machine, function: Value) -> Value:
    """A nested function to which what it has from the functions around it is held still."""
    match function:
        case Bound(function=inner):
            return replace(function, function=_closed(it, inner))
        case Function(closure=Frame() as around) if around is not around.module.frame:
            return replace(function, closure=_still(it, around))
        case _:
            return function


def _still(it: Machine, around: Frame) -> Frame:
    """The scopes around a function as one, in which nothing carries a gradient."""
    still = Frame(around.module, around.name, around, around.owner)
    for frame in _scopes(around):
        it.spend(1 + len(frame.vars) // 64)
        for name, value in frame.vars.items():
            if name in still.vars:
                continue
            still.vars[name] = _held(it, value)
            if (known := frame.definitions.get(name)) is not None and known.value is value:
                still.definitions[name] = replace(known, value=still.vars[name])
    return still


def _scopes(frame: Frame | None) -> Iterator[Frame]:
    """A frame and those around it, up to the file's own."""
    while frame is not None and frame is not frame.module.frame:
        yield frame
        frame = frame.parent


def _is_constant(v: Value) -> bool:
    if isinstance(v, Quantity):
        return all(t.meaning.sense is Sense.NONE for t in v.terms)
    return isinstance(v, Number)


def _is_kernel(function: Value, e: ir.Expr) -> bool:
    """Whether what is differentiated is a kernel of two things, under that name, as it is or in a lambda of one."""
    if isinstance(e, ir.Call) and isinstance(e.func, ir.Call) and len(e.args) > 1:
        return any(last(a.value) == "kernel" for a in e.func.args[:1])
    body = function.body if isinstance(function, Function) else None
    return isinstance(body, ir.Call) and last(body.func) == "kernel" and len(body.args) > 1


def _is_test(f: Frame) -> bool:
    frame: Frame | None = f
    while frame is not None:
        if frame.name.startswith("test_"):
            return True
        frame = frame.parent
    return False


def _is_linear(fn: Function) -> bool:
    body = fn.body
    if isinstance(body, tuple):
        stmt = body[-1] if len(body) == 1 else None
        value = stmt.value if isinstance(stmt, ir.Return) else None
    else:
        value = body
    return value is not None and bool(fn.params) and _degree(value, fn.params[0].name) == 1


def _degree(e: ir.Expr, name: str) -> int | None:
    """0 where ``name`` does not occur, 1 where the expression is linear in it, None for anything else."""
    match e:
        case ir.Const():
            return 0
        case ir.Name(name=n):
            return int(n == name)
        case ir.Unary(op="-" | "+", operand=x):
            return _degree(x, name)
        case ir.Binary(op="+" | "-", left=a, right=b):
            degrees = (_degree(a, name), _degree(b, name))
            return None if None in degrees else max(d for d in degrees if d is not None)
        case ir.Binary(op="*" | "@", left=a, right=b):
            degrees = (_degree(a, name), _degree(b, name))
            return None if None in degrees or degrees == (1, 1) else max(d for d in degrees if d is not None)
        case ir.Call(func=func, args=(ir.Arg(value=x),)):
            inner = _degree(x, name)
            return inner if inner == 0 or last(func) in _REDUCTIONS else None
        case _:
            return None
