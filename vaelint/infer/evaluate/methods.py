"""Methods of tensors, distributions, optimisers and Python's containers."""

from __future__ import annotations

from collections.abc import Callable

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.arguments import Argument, Arguments
from vaelint.infer.evaluate import arrays, binding, overrides, texts
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.expression import last
from vaelint.infer.libraries import documented, library, numbers, results
from vaelint.infer.optimising import sinks, updates
from vaelint.infer.quantities import algebra, idioms, ratios
from vaelint.infer.seen import MethodCalled
from vaelint.infer.values import (
    NONE,
    Bound,
    Class,
    Form,
    Frame,
    Function,
    Gradient,
    Instance,
    Made,
    Mapping,
    Method,
    Number,
    Quantity,
    Root,
    Sequence,
    Text,
    Value,
    is_plain,
    is_unknown,
    meant,
    undirected,
    unknown,
)
from vaelint.knowledge import schema
from vaelint.records import replace
from vaelint.sense import Meaning, Sense

_DENSITY = "log_density"


def has_methods(value: Value) -> bool:
    return isinstance(value, (Quantity, Made, Mapping, Sequence, Text, Gradient, Number, Function))


def call(it: Machine, m: Method, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    match m.receiver:
        case Quantity():
            return _of_quantity(it, m.receiver, m, args, e, f)
        case Made():
            return _of_made(it, m.receiver, m, args, e, f)
        case Mapping():
            return _of_mapping(it, m.receiver, m, args, e, f)
        case Sequence():
            return _of_sequence(it, m.receiver, m, args, e, f)
        case Gradient():
            return updates.gradient_method(it, m.receiver, m.name, args, e)
        case Text() as text if (found := texts.method(text, m.name, args)) is not None:
            return found
        case Number(value=x) if m.name != "requires_grad_":
            result = numbers.applied(m.name, x)
            return Number(result) if result is not None else undirected(ir.render(e, 40), e.id)
        case _:
            return unknown(ir.render(e), e.id, f"call:{e.id}")


# --- tensors and unknown objects -----------------------------------------------------------------


def _of_quantity(it: Machine, q: Quantity, m: Method, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    name, label = m.name, ir.render(e, 40)
    out = _of_training(it, q, name, args, e, f)
    if out is None and name in _TENSOR:
        out = _TENSOR[name](it, q, args, e, f)
    if out is None and not _is_number(q):
        out = _of_object(it, q, name, args, e, f, label)
    return out if out is not None else _of_tensor(it, q, m, args, e, f, label)


def _of_training(it: Machine, q: Quantity, name: str, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    """What optimisers, tapes and scalers do, and what is backpropagated."""
    given = args.first
    if name in ("backward", "manual_backward"):
        if isinstance(given, Quantity) and (name == "manual_backward" or sinks.is_driver(q.label)):
            return sinks.backward(it, given, Arguments([]), e, f)
        return sinks.backward(it, q, args, e, f)
    if name == "step":
        return sinks.opaque_step(it, q.label, args, e, f)
    if name == "gradient" and sinks.is_tape(q.label):
        return sinks.taped(it, args, e, f)
    return given if name == "scale" and sinks.is_driver(q.label) else None  # a gradient scaler's factor is positive


def _of_object(
    it: Machine, q: Quantity, name: str, args: Arguments, e: ir.Expr, f: Frame, label: ir.Written
) -> Value | None:
    """A method of what is known for no number: of the file's own classes, or by the name that all have for it."""
    known = it.knowledge.method(name, "any")
    if name not in _EVERYWHERE:
        own = _implemented_here(it, name, args, e, f)
        if own is not None and not (known is not None and known.sense is not None and _undecided(own, known.sense)):
            return own
    return _protocol(it, known, q, args, e, f, label) if known is not None else None


def _of_tensor(it: Machine, q: Quantity, m: Method, args: Arguments, e: ir.Expr, f: Frame, label: ir.Written) -> Value:
    name = m.name
    plain = _TENSOR.get(name[:-1]) if name in _IN_PLACE and not _with_gradient(args) else None
    known = it.knowledge.method(name, "tensor") if plain is None else None
    if known is not None:
        return _tensor_method(known, q, args, e, label)
    if name in ("sample", "rsample", "sample_n", "rsample_n"):
        return draw(name, q.roots, e.id, label)
    if name in _DRAWN_WITH_DENSITY:
        # Flows and squashed policies have it, whose draws are a path through their parameters.
        x = draw("rsample", q.roots, e.id, label)
        return Sequence((x, idioms.log_density(x.roots, e.id, x, label, e.id)))
    if name.endswith("_") and not name.endswith("__"):
        sinks.in_place(it, m.at, q, name, args, e, f)
        changed = plain(it, q, args, e, f) if plain is not None else None
        return changed if changed is not None else q
    return it.opaque_call(e, args, f, name)


def _undecided(own: Value, says: Sense) -> bool:
    """Whether what the project's own method computes does not gainsay what its name means everywhere."""
    if not isinstance(own, Quantity) or algebra.overall(own).sense is not Sense.UNKNOWN:
        return False
    return not any(t.meaning.is_evidence and t.value_sense is -says for t in own.terms)


def _is_number(q: Quantity) -> bool:
    """Whether the receiver is known to be a number, so that `entropy` or `log_prob` is no method of a distribution."""
    return any(t.meaning.is_evidence for t in q.terms)


_IN_PLACE = frozenset({"add_", "sub_", "mul_", "div_", "neg_", "pow_", "square_", "exp_", "log_"})


def _with_gradient(args: Arguments) -> bool:
    return any(isinstance(a.value, Gradient) for a in args.given)


# A draw, and what its own distribution says of it.
_DRAWN_WITH_DENSITY = frozenset({"sample_and_log_prob", "rsample_and_log_prob"})
# Methods that so many classes have that a name says nothing of the receiver.
_EVERYWHERE = frozenset(
    (
        "forward", "step", "update", "backward", "train", "eval", "to", "reset", "get", "set", "run", "fit", "sample",
        "mean", "sum", "zero_grad", "close", "append", "items", "values", "keys", "copy", "size", "apply", "init",
        "save", "load", "add",
    )
)  # fmt: skip
MOST_IMPLEMENTATIONS = 6  # of one method in one file; among more, agreement says little and costs much
MOST_GUESSES = 2  # inside each other: their number grows as a power, and what they prove shrinks


def _implemented_here(it: Machine, name: str, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    """A quantity's method on an object of unknown class: what the classes of this file that define it agree on."""
    # In the surroundings only what is certain is followed: convention upon convention costs much and proves little.
    # A base that `super()` does not find is a library's: no class of this file stands in for it.
    if not f.module.entered or it.guesses >= MOST_GUESSES or of_base(e):
        return None
    classes = f.module.program.implementations(name, f.module, MOST_IMPLEMENTATIONS)
    values: list[Value] = []
    for cls in classes:
        info = cls.module.class_info(cls)
        method = info.own_method(name, cls) if info is not None else None
        if method is None or it.is_running(method.node) or overrides.is_open(method) or _is_part_of(cls, e, f):
            continue
        it.guesses += 1
        values.append(it.call(Bound(method, (it.instance(cls),)), args, e, f))
        it.guesses -= 1
    if not values:
        return documented.left_open(it, classes, name, args, e)
    out = it.join(values, e.id, ir.render(e, 40))
    if isinstance(out, Quantity) and is_unknown(out):
        return it.opaque(ir.render(e, 40), name, e.id, frozenset((f"call:{e.id}",)))
    return out


def _is_part_of(cls: Class, e: ir.Expr, f: Frame) -> bool:
    """``self.model.log_prob(x)``, asked by an object of the class: what it holds is passed the question on."""
    base = e.func.base if isinstance(e, ir.Call) and isinstance(e.func, ir.Attr) else None
    owner = f.find(base.base.name) if isinstance(base, ir.Attr) and isinstance(base.base, ir.Name) else None
    return isinstance(owner, Instance) and owner.cls.node == cls.node


def of_base(e: ir.Expr) -> bool:
    """``super().method(…)``."""
    base = e.func.base if isinstance(e, ir.Call) and isinstance(e.func, ir.Attr) else None
    return isinstance(base, ir.Call) and isinstance(base.func, ir.Name) and base.func.name == "super"


def unbound(it: Machine, name: str, f: Frame) -> Bound | None:
    """The method that a name means on an object of unknown class, where one class alone defines it."""
    if not f.module.entered or name in _EVERYWHERE:
        return None
    classes = f.module.program.implementations(name, f.module, MOST_IMPLEMENTATIONS)
    info = classes[0].module.class_info(classes[0]) if len(classes) == 1 else None
    method = info.own_method(name, classes[0]) if info is not None else None
    if method is None or method.decorators or it.is_running(method.node) or overrides.is_open(method):
        return None
    return Bound(method, (it.instance(classes[0]),))


def draw(name: str, roots: frozenset[Root], node: int, label: ir.Written, made: int = -1) -> Quantity:
    reparameterized = name.startswith("r")
    q = undirected(label, node, form=Form.RANDOM, noisy=reparameterized, roots=roots)
    return replace(q, drawn=made if made != -1 else node, reparameterized=reparameterized)


def _protocol(
    it: Machine, known: schema.Method, q: Quantity, args: Arguments, e: ir.Expr, f: Frame, label: ir.Written
) -> Value:
    """A method that means the same on every object that has it."""
    if known.kind == _DENSITY and known.sense is Sense.GAIN:
        if args.positional:
            x = args.positional[0].value
            # A draw may be one of the density whose parameters come along with it: `dist.log_prob(x, {"loc": mu})`.
            drawn = isinstance(x, Quantity) and (x.noisy or x.drawn >= 0)
            others = (_origins(a.value) for a in args.given if a.value is not x)
            roots = q.roots.union(*others) if drawn else q.roots
            return idioms.log_density(roots, -1, x, label, e.id)
        why = f"`{known.name}` is a log-density, which should go up"
        return meant(algebra.LOG_LIKELIHOOD, label, e.id, why, roots=q.roots)
    if known.sense is None:
        return unknown(label, e.id, f"call:{e.id}")
    meaning = Meaning(known.sense, known.kind, Basis.LIBRARY)
    return meant(meaning, label, e.id, f"`.{known.name}()` is {known.kind.replace('_', ' ')}", roots=q.roots)


def _origins(v: Value) -> frozenset[Root]:
    """Where a value, or what a record or a list of values holds, comes from."""
    if isinstance(v, Quantity):
        return v.roots
    held = v.items.values() if isinstance(v, Mapping) else v.items if isinstance(v, Sequence) else ()
    return frozenset().union(*map(_origins, held))


def _tensor_method(known: schema.Method, q: Quantity, args: Arguments, e: ir.Expr, label: ir.Written) -> Value:
    if known.makes == "detached":
        return algebra.detach(q)
    if known.makes == "probability":
        return idioms.softmax(q, e.id, label, logarithmic=False)
    if known.kind == "log_probability":
        return idioms.softmax(q, e.id, label, logarithmic=True)
    if known.passes is not None:
        out = algebra.through(q, known.passes, e.id, f"through `.{known.name}()`")
        out = ratios.clipped(out) if known.name in ratios.CLIPS else out
        return library.reduce_form(out, known.name, args, e)
    if known.sense is not None:
        return meant(Meaning(known.sense, known.kind, Basis.LIBRARY), label, e.id, f"`.{known.name}()`", roots=q.roots)
    return unknown(label, e.id, f"call:{e.id}")


TensorMethod = Callable[[Machine, Quantity, "Arguments", ir.Expr, Frame], "Value | None"]


def _as_function(name: str) -> TensorMethod:
    """A method that libraries have as a function, too: ``x.add(y)`` is ``add(x, y)``."""
    function = arrays.SPECIAL[name]

    def apply(it: Machine, q: Quantity, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
        own = e.func.base if isinstance(e, ir.Call) and isinstance(e.func, ir.Attr) else e
        return function(it, Arguments([Argument(q, None, "", own), *args.given]), e, f)

    return apply


def _scatter(it: Machine, q: Quantity, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    index, value = args.get("index", 1), args.get("src", 2) or args.named.get("value")
    return idioms.marked(q, index.expr, value.value, e.id) if index is not None and value is not None else None


def _pow(it: Machine, q: Quantity, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    a = args.get("exponent", 0)
    return idioms.power(q, a.value, e.id, ir.render(e, 40)) if a is not None else None


def _softmax(logarithmic: bool) -> TensorMethod:
    return lambda it, q, args, e, f: library.softmax(it, q, e, f, logarithmic)


def _count(it: Machine, q: Quantity, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    return undirected(ir.render(e, 40), e.id, form=Form.COUNT, positive=True)


_FUNCTIONS = (
    "exp", "log", "log2", "log10", "square", "abs", "norm", "logsumexp", "gather", "add", "sub", "subtract", "mul",
    "multiply", "div", "divide", "matmul", "dot", "max", "min", "maximum", "minimum", "split", "chunk", "unbind",
    "tensor_split",
)  # fmt: skip
_TENSOR: dict[str, TensorMethod] = {
    **{name: _as_function(name) for name in _FUNCTIONS}, "mm": _as_function("matmul"), "bmm": _as_function("matmul"),
    "pow": _pow, "size": _count, "numel": _count, "nelement": _count, "scatter": _scatter, "scatter_": _scatter,
    "softmax": _softmax(False), "log_softmax": _softmax(True), "values": results.parts,
}  # fmt: skip


# --- objects that libraries make -----------------------------------------------------------------


def _of_made(it: Machine, made: Made, m: Method, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    label = ir.render(e, 40)
    it.see(MethodCalled(made, m.name, args, e, f))
    match made.what:
        case "distribution":
            return _of_distribution(it, made, m.name, args, e, f, label)
        case "optimizer":
            return sinks.optimizer_method(it, made, m.name, args, e, f)
        case "tape" if m.name == "gradient":
            return sinks.taped(it, args, e, f)
        case results.WHAT:
            found = results.method(it, made, m.name, args, e)
            if found is not None:
                return found
        case "loss" | "losses" if made.of or m.name in ("forward", "__call__", "apply", "loss"):
            return _of_contract(it, made, m, args, e, f)
        case "same" if m.name in ("prepare",) and args.positional:
            values = [a.value for a in args.positional]
            return values[0] if len(values) == 1 else Sequence(tuple(values))
    entry = library.member(it, made, m.name)
    if entry is not None:
        return library.apply(it, entry, args, e, f)
    if m.name == "step":
        return sinks.opaque_step(it, ir.UNWRITTEN, args, e, f)
    if m.name in ("to", "cuda", "cpu", "train", "eval"):
        return made
    if m.name == "backward" and args.positional:  # accelerator.backward(loss), fabric.backward(loss)
        v = args.positional[0].value
        if isinstance(v, Quantity):
            return sinks.backward(it, v, Arguments([]), e, f)
    known = it.knowledge.method(m.name, "any")
    if known is not None and known.sense is not None:
        meaning = Meaning(known.sense, known.kind, Basis.LIBRARY)
        return meant(meaning, label, e.id, f"`.{known.name}()` is {known.kind.replace('_', ' ')}")
    return it.opaque_call(e, args, f, m.name)


_ITSELF = frozenset({"to", "cuda", "cpu", "train", "eval", "float", "double", "half", "requires_grad_"})


def _of_contract(it: Machine, made: Made, m: Method, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    """A method of such a callable: what classes make of it that stand near by goes before what is documented."""
    if m.name in _ITSELF:
        return made
    if made.of is not None and m.name not in ("forward", "__call__"):
        name = last(made.of)
        opaque = it.opaque(name, name, made.node, why=f"`{name}` is a parameter")
        out = call(it, replace(m, receiver=opaque), args, e, f)
        if m.name not in ("loss", "apply") or not isinstance(out, Quantity) or not is_plain(out):
            return out
    return library.call_made(it, made, args, e, f)


def _of_distribution(
    it: Machine, d: Made, name: str, args: Arguments, e: ir.Expr, f: Frame, label: ir.Written
) -> Value:
    if name in ("sample", "rsample", "sample_n", "rsample_n"):
        # JAX distributions are reparameterised whenever they can be: their sample() carries a gradient.
        jax_like = d.entry.library not in ("torch", "pyro")
        return draw("rsample" if jax_like else name, d.roots, e.id, label, d.node)
    if name in _DRAWN_WITH_DENSITY:
        x = draw("rsample", d.roots, e.id, label, d.node)
        return Sequence((x, idioms.log_density(d.roots, d.node, x, label, e.id)))
    if name in ("log_prob", "log_pdf", "logpdf"):
        given = args.positional[0].value if args.positional else unknown("x", e.id)
        return idioms.log_density(d.roots, d.node, given, label, e.id)
    if name in ("expand", "to_event", "independent", "mask", "expand_by"):
        return d
    known = it.knowledge.method(name, "distribution") or it.knowledge.method(name, "any")
    if known is not None and known.sense is not None:
        meaning = Meaning(known.sense, known.kind, Basis.LIBRARY)
        return meant(meaning, label, e.id, f"`.{name}()` of a distribution", roots=d.roots)
    return unknown(label, e.id, f"call:{e.id}")


# --- containers ----------------------------------------------------------------------------------


def _of_mapping(it: Machine, d: Mapping, m: Method, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    everything = Sequence(tuple(d.items.values()), d.rest)
    match m.name:
        case "values":
            return everything
        case "items":
            value = it.element(everything, e) if everything.items or everything.rest else unknown("value", e.id)
            return Sequence((), Sequence((undirected("key", e.id), value)))
        case "keys":
            return Sequence((), undirected("key", e.id))
        case "copy":
            return d
        case "get" | "pop" if args.positional and isinstance(args.positional[0].value, Text):
            key = args.positional[0].value.value
            return d.items[key] if key in d.items else it.opaque(ir.render(e), key, e.id)
        case "update":
            given = args.first
            new = dict(given.items) if isinstance(given, Mapping) else {}
            new.update({k: a.value for k, a in args.named.items()})
            target = m.at.base if isinstance(m.at, ir.Attr) else None
            if target is not None:
                binding.assign(it, target, Mapping({**d.items, **new}, d.rest), e.id, f, named=False)
            return NONE
        case _:
            if m.name in d.items:
                return it.call(d.items[m.name], args, e, f)
            return unknown(ir.render(e), e.id, f"call:{e.id}")


# Methods that add to a list or a queue; whether what they are passed is itself a list of what is added.
_ADDING = {"append": False, "appendleft": False, "insert": False, "extend": True, "extendleft": True}


def _of_sequence(it: Machine, s: Sequence, m: Method, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    target = m.at.base if isinstance(m.at, ir.Attr) else None
    if m.name in _ADDING and target is not None and args.positional:
        given = args.positional[-1].value
        added = it.element(given, e) if _ADDING[m.name] else given
        # Appending goes on in loops: the list is its known items and any number more.
        rest = added if s.rest is None else it.join([s.rest, added], e.id, "items")
        binding.assign(it, target, Sequence(s.items, rest), e.id, f, named=False)
        return NONE
    if m.name == "pop":
        return it.element(s, e)
    if m.name == "copy":
        return s
    if s.items or s.rest is not None:
        # A tensor method on what we hold as a sequence (a batch, an unpacked result).
        return unknown(ir.render(e), e.id, f"call:{e.id}")
    return unknown(ir.render(e), e.id)
