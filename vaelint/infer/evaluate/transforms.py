"""Functions that call what they are given: loops, branches and maps of JAX, checkpoints, partial, reduce."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vaelint import ir
from vaelint.infer.arguments import Arguments
from vaelint.infer.evaluate import named_tuples
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.values import (
    Bound,
    Frame,
    Function,
    Gradient,
    GradientFunction,
    Instance,
    Library,
    Mapping,
    Sequence,
    Value,
    undirected,
)
from vaelint.knowledge.schema import Entry
from vaelint.records import replace

Special = Callable[[Machine, "Arguments", ir.Expr, Frame], "Value | None"]


def call(it: Machine, fn: Value, values: list[Value], e: ir.Expr, f: Frame) -> Value:
    return it.call(fn, Arguments.of(values, e), e, f)


def _partial(it: Machine, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    if not args.positional:
        return None
    first, rest = args.positional[0].value, args.positional[1:]
    return Bound(first, tuple(a.value for a in rest), {k: a.value for k, a in args.named.items()})


def _tree_map(it: Machine, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    if len(args.positional) < 2:
        return None
    fn, *trees = [a.value for a in args.positional]
    gradients = [t for t in trees if isinstance(t, Gradient)]
    if gradients and isinstance(fn, Library):  # `tree_map(jnp.add, grads, more)`: an accumulated gradient
        return replace(gradients[0], sign=gradients[0].sign if len({g.sign for g in gradients}) == 1 else 0)
    return _mapped(it, fn, trees, e, f)


def _mapped(it: Machine, fn: Value, trees: list[Value], e: ir.Expr, f: Frame) -> Value:
    """What a function makes of the leaves of trees that are alike; of those that are not, of what they hold."""
    rows = [_row(it, t) for t in trees]
    if columns := _columns([r for r in rows if r is not None], len(trees)):
        leaves = tuple(_mapped(it, fn, list(column), e, f) for column in columns)
        return named_tuples.like(it, trees[0], leaves) or Sequence(leaves)
    records = [t.items for t in trees if isinstance(t, Mapping)]
    if records and len(records) == len(trees):
        return Mapping({k: _mapped(it, fn, [r[k] for r in records], e, f) for k in _shared(records)})
    return call(it, fn, [it.element(t, e) if isinstance(t, Sequence) else t for t in trees], e, f)


def _row(it: Machine, tree: Value) -> Sequence | None:
    """The items of a tuple, named or not, of which all are known; None for anything else."""
    row = named_tuples.parts(it, tree) or tree
    return row if isinstance(row, Sequence) and row.rest is None else None


def _columns(rows: list[Sequence], trees: int) -> list[tuple[Value, ...]]:
    """The items side by side, of as many tuples of one length as there are trees; else none."""
    alike = len(rows) == trees and len({len(r.items) for r in rows}) == 1
    return list(zip(*(r.items for r in rows))) if alike else []


def _shared(records: list[dict[str, Value]]) -> list[str]:
    return [k for k in records[0] if all(k in r for r in records)]


def _scan(it: Machine, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    """``scan(body, carry, xs)``: one round from the given carry; outputs stand for their stack."""
    if len(args.positional) < 2:
        return None
    body, carry, *more = [a.value for a in args.positional]
    xs = _slice(it, more[0], e) if more else undirected("x", e.id)
    out = call(it, body, [carry, xs], e, f)
    if isinstance(out, Sequence) and len(out.items) == 2:
        return out
    return None


def _slice(it: Machine, xs: Value, e: ir.Expr) -> Value:
    """One of what is scanned: of each leaf of a tree its part."""
    if isinstance(xs, Sequence) and xs.rest is None and len(xs.items) > 1:
        return Sequence(tuple(_slice(it, x, e) for x in xs.items))
    return xs if isinstance(xs, (Instance, Mapping)) else it.element(xs, e)


def _cond(it: Machine, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    """``cond(test, one, other, *operands)``: what either returns."""
    values = [a.value for a in args.positional]
    if len(values) < 3:
        return None
    return it.join([call(it, fn, values[3:], e, f) for fn in values[1:3]], e.id, ir.render(e, 40))


def _called(it: Machine, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    """``checkpoint(fn, *operands)``: what ``fn`` returns; of a function alone, the function."""
    values = [a.value for a in args.positional]
    if not values or not isinstance(values[0], (Function, Bound, Instance)):
        return None
    return call(it, values[0], values[1:], e, f) if len(values) > 1 else values[0]


def _reduce(it: Machine, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    """``reduce(fn, items)``, item by item; any further ones count once more."""
    values = [a.value for a in args.positional]
    if len(values) < 2 or not isinstance(values[1], Sequence):
        return None
    items = [*values[2:3], *values[1].items, *([values[1].rest] if values[1].rest is not None else [])]
    out = items[0] if items else None
    for item in items[1:8]:
        assert out is not None
        out = call(it, values[0], [out, item], e, f)
    return out


def _clipped(it: Machine, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    """A gradient that is cut to a length or a range points where it did."""
    v = args.first
    return v if isinstance(v, Gradient) else None


def _all_clipped(it: Machine, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    v = args.first
    held = it.element(v, e) if isinstance(v, Sequence) else v
    return Sequence((held, undirected("norm", e.id, positive=True))) if isinstance(held, Gradient) else None


def _signed(it: Machine, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    v = args.first
    return replace(v, signed=True) if isinstance(v, Gradient) else None


SPECIAL: dict[str, Special] = {
    "clip_by_norm": _clipped,
    "clip_by_value": _clipped,
    "clip_by_global_norm": _all_clipped,
    "sign": _signed,
    "partial": _partial,
    "tree_map": _tree_map,
    "tree_multimap": _tree_map,
    "map": _tree_map,
    "scan": _scan,
    "cond": _cond,
    "checkpoint": _called,
    "remat": _called,
    "reduce": _reduce,
}


# --- decorators ----------------------------------------------------------------------------------


def differentiating(it: Machine, fn: Function) -> GradientFunction | None:
    """The gradient function that a decorator makes of a function (``@eqx.filter_value_and_grad``)."""
    for entry in _decorators(it, fn):
        if entry.makes in ("gradient", "value_and_gradient"):
            return GradientFunction(replace(fn, decorators=()), entry.makes == "value_and_gradient", False, fn.node)
    return None


def cuts_gradients(it: Machine, fn: Function) -> bool:
    """Whether a decorator has a function compute without gradients (``@torch.no_grad()``)."""
    return any(entry.makes == "no_gradient" for entry in _decorators(it, fn))


def _decorators(it: Machine, fn: Function) -> Iterator[Entry]:
    """What the rules say of the decorators of a function."""
    for d in fn.decorators:
        root, _, rest = d.partition(".")
        value = fn.module.frame.find(root) if d else None
        entry = (
            it.knowledge.lookup(f"{value.path}.{rest}" if rest else value.path) if isinstance(value, Library) else None
        )
        if entry is not None:
            yield entry


def decorated(it: Machine, decorator: Value, value: Value, d: ir.Expr) -> Value:
    """A nested function under its decorators: gradient transforms change it, the others keep what it computes."""
    if isinstance(decorator, Library):
        entry = it.knowledge.lookup(decorator.path)
        if entry is not None and entry.makes in ("gradient", "value_and_gradient"):
            plain = replace(value, decorators=()) if isinstance(value, Function) else value  # it is applied once
            return GradientFunction(plain, entry.makes == "value_and_gradient", False, d.id)
    return value
