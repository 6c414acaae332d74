"""Calls into libraries: what ``rules/*.toml`` says of a name, applied to the arguments."""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.arguments import Argument, Arguments
from vaelint.infer.evaluate import arrays, containers, flax_apply, named_tuples
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.events import Handed, Judged, Optimised
from vaelint.infer.expression import filled
from vaelint.infer.libraries import numbers, results
from vaelint.infer.libraries.meaning import meant_by, result_of, roots_of
from vaelint.infer.optimising import sinks
from vaelint.infer.quantities import algebra, answers, idioms, ratios
from vaelint.infer.seen import LibraryCalled
from vaelint.infer.values import (
    Form,
    Frame,
    GradientFunction,
    Library,
    Literal,
    Made,
    Number,
    Quantity,
    Sequence,
    Value,
    undirected,
    unknown,
)
from vaelint.knowledge.schema import Entry
from vaelint.records import replace
from vaelint.sense import Direction, Pass, Sense


def call(it: Machine, path: str, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    out = _call_entry(it, path, args, e, f)
    if isinstance(out, Number) and "requires_grad" in args.named:
        out = unknown(ir.render(e, 40), e.id)  # where training begins says nothing of where it goes
    return it.refined(LibraryCalled(path, args, e, f), out)


def _call_entry(it: Machine, path: str, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    name = path.rsplit(".", 1)[-1]
    special = arrays.SPECIAL.get(name)
    if special is not None and _numeric(path):
        out = special(it, args, e, f)
        if out is not None:
            return out
    if path in containers.SPECIAL:
        drawn = containers.SPECIAL[path](it, args, e)
        if drawn is not None:
            return drawn
    if path in ("torch.autograd.grad", "torch.autograd.backward"):
        return _autograd(it, path, args, e, f)
    record = named_tuples.made(path, args, e, f)
    if record is not None:
        it.journal.changed()
        return record
    entry = it.knowledge.lookup(path)
    if entry is None:
        sinks.maybe_update(it, name, args, e, f)
        return it.opaque_call(e, args, f, name)
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


def _argument(entry: Entry, args: Arguments, name: str) -> Argument | None:
    position = entry.params.index(name) if name in entry.params else None
    return args.get(name, position)


def apply(it: Machine, entry: Entry, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    label = ir.render(e, 40)
    short = entry.name.rsplit(".", 1)[-1]
    turned = bool(entry.turned_in) and entry.turned_in in f.name
    for param, sense in entry.needs.items():
        a = _argument(entry, args, param)
        q = result_of(it, a.value, a.expr, f) if a is not None else None
        if a is not None and q is not None and not _is_length(entry, q):
            it.emit(Handed(q, -sense if turned else sense, entry.name, param, a.expr.id))
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
    if entry.sense is Sense.UNKNOWN and not entry.kind:  # what is to be learnt, or fed: the library says no more of it
        return unknown(label, e.id, f"call:{e.id}")
    if entry.sense is not None:
        known = labelled(it, entry, args, meant_by(entry, args, e), f)
        return known if entry.part < 0 else _part_of(known, entry.part, label, e.id)
    return unknown(label, e.id, f"call:{e.id}")


def _is_length(entry: Entry, q: Quantity) -> bool:
    """Whether what a classifier's loss is given is the length of one thing, which may well stand for its presence."""
    lengths = (t.meaning.kind == "penalty" and len(t.over) <= 1 for t in q.terms)
    return entry.kind == "cross_entropy" and bool(q.terms) and all(lengths)


def _part_of(known: Quantity, place: int, label: ir.Written, node: int) -> Sequence:
    """A tuple of which one part is known, and measured: nothing moves it. How many there are differs by version."""
    other = unknown(label, node, f"call:{node}")
    return Sequence((*(other,) * place, algebra.detach(known)), other)


def member(it: Machine, made: Made, name: str) -> Entry | None:
    """What the rules say of a member of what a library made: of a method, with the parameters that a call passes."""
    entry = it.knowledge.lookup(f"{made.entry.name}.{name}") if made.entry.name else None
    if entry is not None and entry.params[:1] == ("self",):
        return replace(entry, params=entry.params[1:])
    return entry


def field(it: Machine, made: Made, e: ir.Attr) -> Value | None:
    """An attribute of what a library made, where the rules say what it holds (``field = true``)."""
    entry = member(it, made, e.name)
    if entry is not None and entry.field and entry.makes == "same":
        return made
    return meant_by(entry, Arguments([]), e) if entry is not None and entry.field and entry.sense is not None else None


def optimise(it: Machine, a: Argument, direction: Direction, e: ir.Expr, f: Frame, via: str) -> None:
    q = result_of(it, a.value, a.expr, f)
    if q is None:
        label = ir.render(a.expr)
        q = unknown(label, a.expr.id)
        it.emit(Optimised(q, direction, e.id, f.name, via, f"what `{label}` returns is not resolved"))
        return
    it.emit(Optimised(q, direction, e.id, f.name, via))


def labelled(it: Machine, entry: Entry, args: Arguments, loss: Quantity, f: Frame) -> Quantity:
    """``bce(discriminator(x), torch.ones_like(…))``: which label a network learns to give to whom.

    The loss falls as the score moves towards its label.
    """
    if entry.kind != "cross_entropy" or len(args.positional) < 2:
        return loss
    given, label = args.positional[0], f.behind(args.positional[1].expr)
    q, answer = given.value, filled(label)
    source = q.terms[0].source if isinstance(q, Quantity) and len(q.terms) == 1 else None
    if not isinstance(q, Quantity) or source is None or answer not in (0, 1):
        return loss
    raised = 1 if bool(answer) == (q.terms[0].sign * q.terms[0].source_sign > 0) else -1
    it.emit(Judged(source.network, (given.expr, *source.given), raised > 0, label.id))
    source = replace(source, learns=raised)
    return loss.having(terms=tuple(replace(t, source=source, source_sign=-raised) for t in loss.terms))


def _passed(it: Machine, entry: Entry, args: Arguments, e: ir.Expr, label: ir.Written) -> Value:
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


def _hand_on(it: Machine, v: Value, how: Pass, e: ir.Expr, name: str) -> Value:
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


_VARIABLES = frozenset({"argnum", "argnums"})


def _make(it: Machine, entry: Entry, args: Arguments, e: ir.Expr, f: Frame, label: ir.Written) -> Value | None:
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
            chosen = [p for p in entry.params if p in _VARIABLES]  # which arguments it is in: the first, unless given
            in_first = bool(chosen) and all(_argument(entry, args, p) is None for p in chosen)
            return GradientFunction(of.value, entry.makes == "value_and_gradient", with_aux, e.id, at, in_first)
        case "same":
            return of.value if of is not None else _same_decorator(entry, e)
        case "one_hot":
            return idioms.one_hot(of.expr, e.id) if of is not None else None
        case "identity":
            return undirected(label, e.id, form=Form.IDENTITY)
        case "list":
            if of is not None and isinstance(of.value, Quantity):
                return Made("module", entry, e.id)  # of networks that nobody resolves: each is one
            return of.value if of is not None else Sequence(())
        case "transformed":
            return flax_apply.transformed(entry, of.value) if of is not None else None
        case "detached":
            v = of.value if of is not None else None
            return algebra.detach(v) if isinstance(v, Quantity) else v
        case "chain":
            return Made("module", entry, e.id, last=_last_layer(of, args))
        case "random":
            return undirected(label, e.id, form=Form.RANDOM, noisy=True)
        case "probability":
            v = of.value if of is not None else None
            source = v if isinstance(v, Quantity) else unknown(label, e.id)
            return softmax(it, source, e, f, logarithmic=False, sigmoid="sigmoid" in entry.name)
        case "no_gradient" if not args.given:
            return Made(entry.makes, entry, e.id)
        case "no_gradient":  # `no_grad()(fn)`, as a decorator
            return of.value if of is not None else None
        case "loss" | "losses" | "results" | "distribution" | "scheduler" | "module" | "function" | "tape":
            roots = roots_of(args) if entry.makes == "distribution" else frozenset()
            return Made(entry.makes, entry, e.id, roots)
        case _:
            return None


def _last_layer(of: Argument | None, args: Arguments) -> Made | Library | None:
    """The last of the layers that a network is made of, where they are known one by one and it computes something."""
    layers = [of.value] if of is not None else []
    if of is not None and isinstance(of.value, Sequence):
        layers = list(of.value.items) if of.value.rest is None else []
    elif len(args.positional) == len(args.given):
        layers = [a.value for a in args.positional]
    found = layers[-1] if layers else None
    computes = isinstance(found, Library) or (isinstance(found, Made) and found.what in ("function", "loss"))
    return found if computes and isinstance(found, (Made, Library)) else None


def softmax(it: Machine, q: Quantity, e: ir.Expr, f: Frame, logarithmic: bool, sigmoid: bool = False) -> Quantity:
    """``softmax`` gives most weight to what is largest: of distances, to the farthest."""
    if not sigmoid and any(t.meaning.kind == "distance" for t in q.terms):
        it.emit(Handed(q, Sense.GAIN, "softmax", "input", e.id))
    out = idioms.softmax(q, e.id, ir.render(e, 40), logarithmic)
    return answers.carried(q, out) if sigmoid else out


def _same_decorator(entry: Entry, e: ir.Expr) -> Value:
    return Made("same", entry, e.id)


def call_made(it: Machine, made: Made, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    """Call an object that a library made: a loss yields its loss, an activation what its function does, a module
    something opaque."""
    label = ir.render(e, 40)
    if made.what == "loss" and made.entry.sense is not None:
        for param, sense in made.entry.needs.items():
            a = args.get(param, made.entry.params.index(param) if param in made.entry.params else 0)
            if a is not None and isinstance(a.value, Quantity) and not _is_length(made.entry, a.value):
                it.emit(Handed(a.value, sense, made.entry.name, param, a.expr.id))
        return labelled(it, made.entry, args, meant_by(made.entry, args, e), f)
    if made.what == "losses":
        return results.of(made, e.id)
    if made.what == "function":
        return call(it, made.entry.calls, args, e, f)
    if made.what == "same" and args.positional:
        return args.positional[0].value
    return unknown(label, e.id, f"call:{e.id}")


def _autograd(it: Machine, path: str, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    a = args.get("outputs" if path.endswith("grad") else "tensors", 0)
    if a is None:
        return unknown(ir.render(e), e.id)
    if path.endswith("backward") and isinstance(a.value, Quantity):
        return sinks.backward(it, a.value, Arguments([]), e, f)
    moved = args.get("inputs", 1) if path.endswith("grad") else None
    return sinks.gradient_of(it, a.value, moved, e, f)
