"""Calls into libraries: what ``rules/*.toml`` says of a name, applied to the arguments."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.arguments import Argument, Arguments
from vaelint.infer.evaluate import applied, arrays
from vaelint.infer.evaluate.parameters import parameter
from vaelint.infer.events import Handed, Judged, Optimised
from vaelint.infer.libraries import numbers, results
from vaelint.infer.names import last
from vaelint.infer.optimising import sinks
from vaelint.infer.quantities import algebra, answers, idioms, ratios
from vaelint.infer.seen import LibraryCalled
from vaelint.infer.values import (
    Bound,
    Choice,
    Form,
    Frame,
    Function,
    GradientFunction,
    Instance,
    Literal,
    Made,
    Number,
    Quantity,
    Sequence,
    Value,
    meant,
    parts,
    undirected,
    unknown,
)
from vaelint.knowledge.schema import Entry
from vaelint.sense import Direction, Meaning, Pass, Sense

if TYPE_CHECKING:
    from vaelint.infer.evaluate.interpreter import Interpreter


def call(it: Interpreter, path: str, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    out = _call_entry(it, path, args, e, f)
    if isinstance(out, Number) and "requires_grad" in args.named:
        out = unknown(ir.render(e, 40), e.id)  # where training begins says nothing of where it goes
    return it.refined(LibraryCalled(path, args, e, f), out)


def _call_entry(it: Interpreter, path: str, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    name = path.rsplit(".", 1)[-1]
    special = arrays.SPECIAL.get(name)
    if special is not None and _numeric(path):
        out = special(it, args, e, f)
        if out is not None:
            return out
    if path in ("torch.autograd.grad", "torch.autograd.backward"):
        return _autograd(it, path, args, e, f)
    entry = it.knowledge.lookup(path)
    if entry is None:
        from vaelint.infer.evaluate.calls import opaque_call

        sinks.maybe_update(it, name, args, e, f)
        return opaque_call(it, e, args, f, name)
    return apply(it, entry, args, e, f)


# Libraries whose `where`, `stack`, `add` … are the array functions of those names.
_NUMERIC = frozenset(
    (
        "torch",
        "jax",
        "numpy",
        "functools",
        "operator",
        "math",
        "scipy",
        "equinox",
        "autograd",
        "tensorflow",
        "keras",
        "flax",
    )
)  # fmt: skip


def _numeric(path: str) -> bool:
    return path.split(".", 1)[0] in _NUMERIC


def _roots(args: Arguments) -> frozenset[str]:
    """The sources of all arguments, those inside sequences and distributions included."""
    out: frozenset[str] = frozenset()
    stack: list[Value] = [a.value for a in args.given]
    while stack:
        v = stack.pop()
        if isinstance(v, (Quantity, Made)):
            out |= v.roots
        elif isinstance(v, Sequence):
            stack += [*v.items, *([v.rest] if v.rest is not None else [])]
    return out


def _argument(entry: Entry, args: Arguments, name: str) -> Argument | None:
    position = entry.params.index(name) if name in entry.params else None
    return args.get(name, position)


def result_of(it: Interpreter, value: Value, e: ir.Expr, f: Frame) -> Quantity | None:
    """The number that a value is, or that a callable returns (the first of what it returns)."""
    if isinstance(value, (Function, Bound, Instance)):
        if isinstance(value, Function):
            values = [parameter(it, p, f) for p in value.params if p.star == "" and p.default is None]
            value = _call(it, value, values, e, f)
        elif isinstance(value, Bound) and isinstance(value.function, Function):
            rest = [p for p in value.function.params if p.star == "" and p.default is None][len(value.args) :]
            value = _call(it, value, [parameter(it, p, f) for p in rest if p.name not in value.kwargs], e, f)
        elif isinstance(value, Instance):
            return _of_object(it, value, e, f)
    if isinstance(value, Choice):
        found = [result_of(it, v, e, f) for v in value.values]
        several = it.join([q for q in found if q is not None], e.id, ir.render(e, 40)) if all(found) else None
        return several if isinstance(several, Quantity) else None
    if isinstance(value, Made) and value.what == "loss" and value.entry.sense is not None:
        return _meant(value.entry, _none_given(), e, ir.render(e, 40))  # `SVI(…, loss=Trace_ELBO())`
    if isinstance(value, Sequence) and value.items:
        value = value.items[0]
    return value if isinstance(value, Quantity) else None


def _of_object(it: Interpreter, value: Instance, e: ir.Expr, f: Frame) -> Quantity | None:
    """What an object yields when called; where it can be called for something else, what its ``loss`` yields."""
    from vaelint.infer.evaluate.calls import find_method

    for name in ("__call__", "forward", "loss"):
        method = find_method(value, name)
        q = result_of(it, Bound(method, (value,)), e, f) if method is not None else None
        if q is not None:
            return q
    return None


def _call(it: Interpreter, fn: Value, values: list[Value], e: ir.Expr, f: Frame) -> Value:
    return it.call(fn, Arguments.of(values, e), e, f)


def apply(it: Interpreter, entry: Entry, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    label = ir.render(e, 40)
    short = entry.name.rsplit(".", 1)[-1]
    turned = bool(entry.turned_in) and entry.turned_in in f.name
    for param, sense in entry.needs.items():
        a = _argument(entry, args, param)
        q = result_of(it, a.value, a.expr, f) if a is not None else None
        if a is not None and q is not None:
            it.emit(Handed(q, -sense if turned else sense, entry.name, param, a.expr.id, f.name, entry.url))
    for param, direction in ((entry.minimizes, Direction.MINIMIZE), (entry.maximizes, Direction.MAXIMIZE)):
        a = _argument(entry, args, param) if param else None
        if a is not None:
            optimise(it, a, direction, e, f, short)
    if entry.makes:
        made = _make(it, entry, args, e, f, label)
        if made is not None:
            return made
    if entry.passes:
        return _passed(it, entry, args, e, label)
    if entry.sense is not None:
        return labelled(it, entry, args, _meant(entry, args, e, label), f)
    return unknown(label, e.id, f"call:{e.id}")


def optimise(it: Interpreter, a: Argument, direction: Direction, e: ir.Expr, f: Frame, via: str) -> None:
    q = result_of(it, a.value, a.expr, f)
    if q is None:
        label = ir.render(a.expr)
        q = unknown(label, a.expr.id)
        it.emit(Optimised(q, direction, e.id, f.name, via, f"what `{label}` returns is not resolved"))
        return
    it.emit(Optimised(q, direction, e.id, f.name, via))


_LABELS = {"ones_like": True, "ones": True, "zeros_like": False, "zeros": False}


def labelled(it: Interpreter, entry: Entry, args: Arguments, loss: Quantity, f: Frame) -> Quantity:
    """``bce(discriminator(x), torch.ones_like(…))``: which label a network learns to give to whom.

    The loss falls as the score moves towards its label.
    """
    if entry.kind != "cross_entropy" or len(args.positional) < 2:
        return loss
    given, label = args.positional[0], f.behind(args.positional[1].expr)
    q, name = given.value, last(label.func) if isinstance(label, ir.Call) else ""
    source = q.terms[0].source if isinstance(q, Quantity) and len(q.terms) == 1 else None
    if not isinstance(q, Quantity) or source is None or name not in _LABELS:
        return loss
    raised = 1 if _LABELS[name] == (q.terms[0].sign * q.terms[0].source_sign > 0) else -1
    it.emit(Judged(source.network, f"{ir.render(given.expr, 40)} {source.given}", raised > 0, label.id))
    # That the network learns the answer is not said: learning from positives alone takes off what it would cost to give
    # them the other label.
    return loss.having(terms=tuple(replace(t, source=source, source_sign=-raised) for t in loss.terms))


def meant_by(entry: Entry, args: Arguments, e: ir.Expr) -> Quantity:
    """What an entry with a sense says of the result of a call."""
    return _meant(entry, args, e, ir.render(e, 40))


def _meant(entry: Entry, args: Arguments, e: ir.Expr, label: str) -> Quantity:
    assert entry.sense is not None
    if entry.sense is Sense.NONE and entry.name.endswith("_like"):
        return undirected(label, e.id)  # it takes the shape alone: nothing of the value is in it
    if entry.sense is Sense.NONE:
        form = Form.LOG_PROBABILITY if entry.kind == "log_probability" else Form.PLAIN
        if form == Form.LOG_PROBABILITY and args.positional and isinstance(args.positional[0].value, Quantity):
            given = args.positional[0].value
            out = idioms.softmax(given, e.id, label, logarithmic=True)
            return answers.scored(answers.carried(given, out), 1) if "sigmoid" in entry.name else out
        return undirected(label, e.id, roots=_roots(args), form=form)
    meaning = Meaning(entry.sense, entry.kind, Basis.LIBRARY)
    words = {Sense.GAIN: "to be raised", Sense.COST: "to be lowered"}.get(entry.sense, "wanted up or down by context")
    kind = (entry.kind or "value").replace("_", " ")
    made = meant(meaning, label, e.id, f"`{entry.name}` is a {kind}: {words}", roots=_roots(args))
    over = parts(*(a.value for a in args.given if isinstance(a.value, Quantity)))
    return made.having(terms=tuple(replace(t, head=_head(args), over=over) for t in made.terms))


def _head(args: Arguments) -> str:
    """The network that answered what a loss is given first."""
    q = args.positional[0].value if args.positional else None
    source = q.terms[0].source if isinstance(q, Quantity) and len(q.terms) == 1 else None
    return source.network if source is not None else ""


def _passed(it: Interpreter, entry: Entry, args: Arguments, e: ir.Expr, label: str) -> Value:
    short = entry.name.rsplit(".", 1)[-1]
    values: list[Value] = []
    for i, a in enumerate(args.positional):
        param = entry.params[i] if i < len(entry.params) else "*"
        how = entry.passes.get(param, entry.passes.get("*"))
        if how is not None:
            values.append(_hand_on(it, a.value, how, e, short))
    for name, a in args.named.items():
        if name in entry.passes:
            values.append(_hand_on(it, a.value, entry.passes[name], e, short))
    if not values:
        return unknown(label, e.id, f"call:{e.id}")
    if len(values) == 1:
        return reduce_form(values[0], short, args, e)
    return arrays.one_of(it, values, e)


def reduce_form(v: Value, name: str, args: Arguments, e: ir.Expr) -> Value:
    """A mean over some axis of probabilities is the marginal distribution; a sum of differences is none itself."""
    if isinstance(v, Quantity) and v.form == Form.DIFFERENCE and name in ("sum", "nansum", "cumsum"):
        return replace(v, form=Form.PLAIN)  # its square is a statistic of all, not an error of each
    averaged = name in ("mean", "average") and any(k in args.named for k in ("dim", "axis", "axes"))
    if isinstance(v, Quantity) and name in ("mean", "average") and v.form == Form.PROBABILITY:
        if averaged or len(args.positional) > 0:
            return replace(v, form=Form.MEAN_PROBABILITY, key=e.id)
    return v


def _hand_on(it: Interpreter, v: Value, how: Pass, e: ir.Expr, name: str) -> Value:
    if isinstance(v, Sequence):
        v = it.element(v, e)
    if isinstance(v, Quantity):
        if name in arrays.UNARY and how is Pass.KEEP:
            return arrays.UNARY[name](v, e.id, ir.render(e, 40))
        out = algebra.through(v, how, e.id, f"through `{name}`")
        out = answers.scored(out, -1) if name in answers.LOSSES else out
        return ratios.clipped(out) if name in ratios.CLIPS else out
    if isinstance(v, Number):
        result = numbers.applied(name, v.value)
        return Number(result) if result is not None else undirected(ir.render(e, 40), e.id)
    return v


def _make(it: Interpreter, entry: Entry, args: Arguments, e: ir.Expr, f: Frame, label: str) -> Value | None:
    of = _argument(entry, args, entry.of) if entry.of else (args.positional[0] if args.positional else None)
    match entry.makes:
        case "optimizer":
            return sinks.make_optimizer(it, entry, args, e)
        case "gradient" | "value_and_gradient":
            if of is None:
                # A decorator or partial use: `jax.grad` with options alone.
                return unknown(label, e.id)
            aux = args.named.get(entry.aux) if entry.aux else None
            with_aux = aux is not None and aux.value == Literal(True)
            handed = f.given_for(of.expr)
            at = handed.id if handed is not None else -1
            return GradientFunction(of.value, entry.makes == "value_and_gradient", with_aux, e.id, at)
        case "same":
            return of.value if of is not None else _same_decorator(entry, e)
        case "transformed":
            return applied.transformed(entry, of.value) if of is not None else None
        case "detached":
            v = of.value if of is not None else None
            return algebra.detach(v) if isinstance(v, Quantity) else v
        case "random":
            return undirected(label, e.id, form=Form.RANDOM, noisy=True)
        case "probability":
            v = of.value if of is not None else None
            source = v if isinstance(v, Quantity) else unknown(label, e.id)
            return softmax(it, source, e, f, logarithmic=False, sigmoid="sigmoid" in entry.name)
        case "loss" | "losses" | "distribution" | "scheduler" | "module":
            roots = _roots(args) if entry.makes == "distribution" else frozenset()
            return Made(entry.makes, entry, e.id, roots)
        case _:
            return None


def softmax(it: Interpreter, q: Quantity, e: ir.Expr, f: Frame, logarithmic: bool, sigmoid: bool = False) -> Quantity:
    """``softmax`` gives most weight to what is largest: of distances, to the farthest."""
    if not sigmoid and any(t.meaning.kind == "distance" for t in q.terms):
        it.emit(Handed(q, Sense.GAIN, "softmax", "input", e.id, f.name, ""))
    out = idioms.softmax(q, e.id, ir.render(e, 40), logarithmic)
    return answers.carried(q, out) if sigmoid else out


def _same_decorator(entry: Entry, e: ir.Expr) -> Value:
    return Made("same", entry, e.id)


def call_made(it: Interpreter, made: Made, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    """Call an object that a library made: a loss yields its loss, a module something opaque."""
    label = ir.render(e, 40)
    if made.what == "loss" and made.entry.sense is not None:
        for param, sense in made.entry.needs.items():
            a = args.get(param, made.entry.params.index(param) if param in made.entry.params else 0)
            if a is not None and isinstance(a.value, Quantity):
                it.emit(Handed(a.value, sense, made.entry.name, param, a.expr.id, f.name, made.entry.url))
        return labelled(it, made.entry, args, _meant(made.entry, args, e, label), f)
    if made.what == "losses":
        return results.of(made, e.id)
    if made.what == "same" and args.positional:
        return args.positional[0].value
    return unknown(label, e.id, f"call:{e.id}")


def _autograd(it: Interpreter, path: str, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    a = args.get("outputs" if path.endswith("grad") else "tensors", 0)
    if a is None:
        return unknown(ir.render(e), e.id)
    if path.endswith("backward") and isinstance(a.value, Quantity):
        return sinks.backward(it, a.value, _none_given(), e, f)
    return sinks.gradient_of(it, a.value, e, f)


def _none_given() -> Arguments:
    return Arguments([])
