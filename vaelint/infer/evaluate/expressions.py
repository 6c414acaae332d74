"""The value of an expression."""

from __future__ import annotations

import math
from fnmatch import fnmatchcase

from vaelint import ir
from vaelint.infer import declarations
from vaelint.infer.evaluate import binding, conditions, flax_apply, objects, options, texts, unknown_attributes
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.expression import without_data
from vaelint.infer.libraries import library, results
from vaelint.infer.quantities import algebra, hits, idioms
from vaelint.infer.seen import DictDisplayed, EntryKeyed, ExpressionComputed, LambdaMet, OperatorApplied, TextFormatted
from vaelint.infer.values import (
    NONE,
    Applied,
    Bound,
    Choice,
    Class,
    Form,
    Frame,
    Function,
    Gradient,
    Instance,
    Library,
    Literal,
    Made,
    Mapping,
    Method,
    Number,
    Package,
    Quantity,
    Sequence,
    Text,
    Value,
    undirected,
    unknown,
)
from vaelint.records import replace

_CONSTANTS = {"pi": math.pi, "e": math.e}
_CONSTANT_HOMES = frozenset(("math", "numpy", "torch", "jax.numpy", "autograd.numpy", "tensorflow.numpy"))
_COUNTS = frozenset({"shape", "ndim", "size", "batch_size", "dtype", "device", "dim"})


def evaluate(it: Machine, e: ir.Expr, f: Frame) -> Value:
    match e:
        case ir.Const():
            return _constant(e)
        case ir.Name():
            return name(it, e, f)
        case ir.Attr():
            return attribute(it, e, it.eval(e.base, f), f)
        case ir.Call():
            value = it.refined(OperatorApplied(e, f), it.call_expression(e, f))
            return it.refined(ExpressionComputed(e, f), value)
        case ir.Binary():
            return it.refined(ExpressionComputed(e, f), _binary(it, e, f))
        case ir.Unary():
            return it.refined(ExpressionComputed(e, f), _unary(it, e, f))
        case ir.Subscript():
            return _subscript(it, e, f)
        case ir.Tuple(items=items) | ir.List(items=items) | ir.Set(items=items):
            return _display(it, items, f)
        case ir.Dict():
            return _dict(it, e, f)
        case ir.Compare() | ir.BoolOp():
            return _logic(it, e, f)
        case ir.IfExp():
            it.eval(e.test, f)
            decided = conditions.truth(it, e.test, f) if len(it.stack) > 1 else None
            ways = (e.body, e.orelse) if decided is None else (e.body if decided else e.orelse,)
            arms = [it.stated(x, it.eval(x, f), ("", f.result), f) for x in ways]
            return it.join(arms, e.id, ir.render(e, 40), paths=True)
        case ir.Lambda():
            it.see(LambdaMet(e, f))
            return Function(e.id, "<lambda>", e.params, e.body, f, f.module, f.owner)
        case ir.Comp():
            return _comprehension(it, e, f)
        case ir.Star():
            return it.eval(e.value, f)
        case ir.FString():
            values = [it.eval(v, f) for v in e.values]
            it.see(TextFormatted(e, values, f))
            return texts.formatted(e.text, values)
        case ir.Walrus():
            value = it.eval(e.value, f)
            binding.assign(it, e.target, value, e.id, f)
            return value
        case ir.Await():
            return it.eval(e.value, f)
        case ir.Yield():
            return it.eval(e.value, f) if e.value is not None else NONE
        case _:
            # A form without a value that we follow (a slice, an unusual construct).
            return unknown(ir.render(e, 40), e.id)


def _constant(e: ir.Const) -> Value:
    v = e.value
    if isinstance(v, bool) or v is None:
        return Literal(v)
    if isinstance(v, (int, float)):
        return Number(float(v)) if abs(v) < 1e300 else Literal(v)
    return Text(v) if isinstance(v, str) else Literal(v)


def name(it: Machine, e: ir.Name, f: Frame) -> Value:
    value = f.find(e.name)
    if value is not None:
        return value
    return it.opaque(e.name, e.name, e.id)


def attribute(it: Machine, e: ir.Attr, base: Value, f: Frame) -> Value:
    """``base.name``, for every sort of base."""
    match base:
        case Library(path=path):
            if e.name in _CONSTANTS and path in _CONSTANT_HOMES:
                return Number(_CONSTANTS[e.name])
            return Library(f"{path}.{e.name}")
        case Package():
            return base.program.attribute(base, e.name)
        case Choice(values=values):
            values = objects.having(it, values, e.name)
            return it.join([attribute(it, e, v, f) for v in values], e.id, ir.render(e, 40), e.name)
        case Instance():
            return it.get_attribute(base, e.name, e, f)
        case Class():
            return objects.of_class(it, base, e.name, e)
        case Applied():
            return flax_apply.attribute(base, e.name, e)
        case Mapping(items=items) if e.name in items:
            return items[e.name]  # an attribute dictionary (`out.loss`)
        case Made(what=results.WHAT) if fnmatchcase(e.name, base.entry.keys):
            return results.entry(it, base, e.name, e)
        case Made() if (field := library.field(it, base, e)) is not None:
            return field
        case Made(what="distribution") if it.knowledge.method(e.name, "distribution") is None:
            return it.opaque(ir.render(e), e.name, e.id)  # a parameter of it (`dist.logits`)
        case Mapping() | Sequence() | Made() | Text() | Function() | Bound():
            return Method(base, e.name, e)
        case Gradient():
            return base if e.name in ("data", "T") else Method(base, e.name, e)
        case Quantity():
            held = unknown_attributes.held(it, e, f) or options.of(it, e, f)
            return held if held is not None else _quantity_attribute(it, e, base)
        case _:
            return it.opaque(ir.render(e), e.name, e.id)


def _quantity_attribute(it: Machine, e: ir.Attr, base: Quantity) -> Value:
    if e.name == "grad":
        return Gradient(None, 1, e.id, ir.render(without_data(e.base)))
    if e.name in ("T", "mT", "real"):
        return base
    if e.name == "data":
        return algebra.detach(base)
    if e.name in _COUNTS:
        return undirected(ir.render(e), e.id, form=Form.COUNT, positive=True)
    return _within(base, it.opaque(ir.render(e), e.name, e.id, base.roots))


def _within(whole: Quantity, part: Quantity) -> Quantity:
    """A part of what carries no gradient carries none."""
    return part if not whole.terms or any(t.live for t in whole.terms) else algebra.detach(part)


def _unary(it: Machine, e: ir.Unary, f: Frame) -> Value:
    value = it.eval(e.operand, f)
    if e.op == "-":
        return negated(it, value, e)
    if e.op == "+":
        return value
    return _setting(it, e, f) or undirected(ir.render(e), e.id)


def _setting(it: Machine, e: ir.Expr, f: Frame) -> Value | None:
    """What a caller's settings decide; where nobody calls, both ways are looked at."""
    return conditions.setting(it, e, f) if len(it.stack) > 1 else None


def negated(it: Machine, value: Value, e: ir.Expr) -> Value:
    match value:
        case Number(value=v):
            return Number(-v)
        case Quantity():
            return replace(algebra.negate(value, e.id), label=ir.render(e, 40))
        case Gradient():
            return replace(value, sign=-value.sign)
        case Sequence() | Mapping():
            return unknown(ir.render(e), e.id)
        case Text(value="inf") | Library(path="numpy.inf" | "math.inf" | "torch.inf" | "jax.numpy.inf" | "numpy.Inf"):
            return Text("-inf")
        case _:
            return unknown(ir.render(e), e.id)


def _binary(it: Machine, e: ir.Binary, f: Frame) -> Value:
    # A long sum is a deep tree to the left: walk down it without recursion.
    chain: list[ir.Binary] = []
    x: ir.Expr = e
    while isinstance(x, ir.Binary):
        chain.append(x)
        x = x.left
    minus = isinstance(x, ir.Unary) and x.op == "-" and chain[-1].op in ("*", "/")
    value = it.eval(x.operand, f) if minus and isinstance(x, ir.Unary) else it.eval(x, f)
    if (
        minus
        and not (isinstance(value, Number) and value.value > 0)
        and not (isinstance(value, Quantity) and value.positive)
    ):
        value, minus = negated(it, value, x), False  # else `-w * x` of a positive weight is `-(w * x)`
    plain: ir.Expr = x.operand if minus and isinstance(x, ir.Unary) else x
    for i, b in enumerate(reversed(chain)):
        if minus and b.op not in ("*", "/"):
            value, minus = negated(it, value, b.left), False
        if i and b.op in ("*", "/") and _is_sum(b.left):
            value = it.refined(ExpressionComputed(b.left, f), value)  # `(sum) * weight`: the sum is a whole of its own
        right = it.eval(b.right, f)
        value = it.refined(OperatorApplied(b, f), it.binary(b.op, value, right, b, f))
        if minus:  # it stands in front of the whole: what it is called in between has none
            plain = replace(b, left=plain)
            value = replace(value, label=ir.render(plain, 40)) if isinstance(value, Quantity) else value
    return negated(it, value, e) if minus else value


def _is_sum(e: ir.Expr) -> bool:
    return isinstance(e, ir.Binary) and e.op in ("+", "-")


def _subscript(it: Machine, e: ir.Subscript, f: Frame) -> Value:
    base = it.eval(e.base, f)
    if declarations.is_annotated(base):
        return declarations.alias(e, f) or unknown(ir.render(e), e.id)
    index = it.eval(e.index, f) if not isinstance(e.index, ir.Slice) else None
    found = hits.item(e, index)
    return found if found is not None else item(it, base, index, e)


def item(it: Machine, base: Value, index: Value | None, e: ir.Subscript) -> Value:
    """``base[index]``; index None is a slice."""
    match base, index:
        case Sequence(items=items, rest=rest), Number(value=v):
            i = int(v)
            if -len(items) <= i < len(items) and (rest is None or i >= 0):
                return items[i]
            return rest if rest is not None else unknown(ir.render(e), e.id)
        case Sequence(), None | Quantity():  # some of the items, or one that is not known
            return it.join([*base.items, *([base.rest] if base.rest else [])] or [base], e.id, ir.render(e))
        case Mapping(items=entries, rest=rest), Text(value=key):
            if key in entries:
                return entries[key]
            return rest if rest is not None else it.opaque(ir.render(e), key, e.id)
        case Mapping(items=entries, rest=rest), Quantity() if entries and rest is None:
            # A key that is not known (a registry): what all entries agree on.
            return it.join(list(entries.values()), e.id, ir.render(e, 40))
        case Mapping(items=entries, rest=rest), _ if rest is not None and not entries:
            return rest
        case Mapping(), _:
            return unknown(ir.render(e), e.id)
        case Made(what="loss"), _:
            return base  # one of several losses: whatever it is chosen by, it is one
        case Made(what=results.WHAT), Text(value=key):
            return results.entry(it, base, key, e)
        case Quantity(), Text(value=key):
            return _within(base, it.opaque(ir.render(e), key, e.id, base.roots))
        case Quantity(), _:
            return idioms.pick(base, e.index, e)
        case Gradient(), _:
            return base
        case Choice(values=values), _:
            key = index.value if isinstance(index, Text) else ""
            return it.join([item(it, v, index, e) for v in values], e.id, ir.render(e, 40), key)
        case _:
            return unknown(ir.render(e), e.id)


def _display(it: Machine, items: tuple[ir.Expr, ...], f: Frame) -> Value:
    out: list[Value] = []
    rest: Value | None = None
    for x in items:
        value = it.stated(x, it.eval(x, f), ("", f.result), f)
        if isinstance(x, ir.Star):
            if isinstance(value, Sequence) and value.rest is None:
                out.extend(value.items)
            else:
                rest = it.element(value, x)
        else:
            out.append(value)
    return Sequence(tuple(out), rest)


def _dict(it: Machine, e: ir.Dict, f: Frame) -> Value:
    items: dict[str, Value] = {}
    rest: Value | None = None
    for key, x in e.items:
        value = it.eval(x, f)
        if key is None:
            if isinstance(value, Mapping):
                items.update(value.items)
                rest = value.rest if rest is None else rest
            continue
        k = it.eval(key, f)
        if isinstance(k, Text):
            value = it.stated(x, value, (k.value, f.name), f)
            it.see(EntryKeyed(k.value, x, value, f))
            items[k.value] = binding.claim_on(it, value, k.value, x.id, f, "key")
        else:
            rest = value if rest is None else it.join([rest, value], e.id, ir.render(e, 30))
    it.see(DictDisplayed(e, items, f))
    return Mapping(items, rest)


def _logic(it: Machine, e: ir.Compare | ir.BoolOp, f: Frame) -> Value:
    if isinstance(e, ir.BoolOp):
        return _bool(it, e, f)
    decided = _setting(it, e, f)
    if decided is not None:
        return decided
    left = it.eval(e.left, f)
    others = [it.eval(x, f) for _, x in e.rest]
    mask = undirected(ir.render(e), e.id, positive=True)
    return hits.compared(e.rest[0][0], left, others[0], mask) if len(others) == 1 else mask


def _bool(it: Machine, e: ir.BoolOp, f: Frame) -> Value:
    chain: list[ir.BoolOp] = []
    x: ir.Expr = e
    while isinstance(x, ir.BoolOp):
        chain.append(x)
        x = x.left
    value = it.eval(x, f)
    for b in reversed(chain):
        right = it.eval(b.right, f)
        if b.op == "or" and isinstance(value, Literal) and value.value is None:
            value = right
        elif b.op == "or" and isinstance(value, (Function, Bound, Class, Made)):
            pass  # what can be called is never false
        elif b.op == "or" and not isinstance(value, Literal):
            value = it.join([value, right], b.id, ir.render(b, 40))
        else:
            value = undirected(ir.render(b), b.id)
    return value


def _comprehension(it: Machine, e: ir.Comp, f: Frame) -> Value:
    inner = Frame(f.module, f.name, f, f.owner)
    each = _each_entry(it, e, inner) if e.kind == "dict" else _each(it, e, inner)
    if each is not None:
        return each
    for loop in e.loops:
        binding.assign(it, loop.target, it.element(it.eval(loop.iter, inner), loop.iter), loop.id, inner, named=False)
    element = it.eval(e.element, inner)
    if e.kind == "dict" and e.value is not None:
        return Mapping({}, it.eval(e.value, inner))
    return Sequence((), element)


MOST_EACH = 6  # items of a list that a comprehension goes through one by one


def _each(it: Machine, e: ir.Comp, inner: Frame) -> Sequence | None:
    """``[x.mean() for x in (a, b)]``: each of a few known items by itself, so that none is taken for another."""
    if len(e.loops) != 1 or e.loops[0].tests or isinstance(e.loops[0].iter, ir.Call):
        return None
    loop = e.loops[0]
    items = it.eval(loop.iter, inner)
    if not isinstance(items, Sequence) or items.rest is not None or not 1 < len(items.items) <= MOST_EACH:
        return None
    out: list[Value] = []
    for x in items.items:
        binding.assign(it, loop.target, x, loop.id, inner, named=False)
        out.append(it.eval(e.element, inner))
    return Sequence(tuple(out))


MOST_ENTRIES = 16  # of a record that a comprehension goes through one by one


def _each_entry(it: Machine, e: ir.Comp, inner: Frame) -> Mapping | None:
    """``{k: tensor(v) for k, v in batch.items()}``: each entry of a record by itself, under the key that it gets."""
    loop = e.loops[0]
    if len(e.loops) != 1 or loop.tests or e.value is None or not isinstance(loop.target, ir.Tuple):
        return None
    out: dict[str, Value] = {}
    for key, value in _entries(it, loop.iter, inner):
        binding.assign(it, loop.target, Sequence((Text(key), value)), loop.id, inner, named=False)
        made = it.eval(e.element, inner)
        if not isinstance(made, Text):
            return None
        out[made.value] = it.eval(e.value, inner)
    return Mapping(out) if out else None


def _entries(it: Machine, e: ir.Expr, inner: Frame) -> list[tuple[str, Value]]:
    """Those of ``record.items()``, where all of them are known and they are not too many."""
    if not (isinstance(e, ir.Call) and isinstance(e.func, ir.Attr) and e.func.name == "items"):
        return []
    record = it.eval(e.func.base, inner)
    known = isinstance(record, Mapping) and record.rest is None and 1 < len(record.items) <= MOST_ENTRIES
    return list(record.items.items()) if isinstance(record, Mapping) and known else []
