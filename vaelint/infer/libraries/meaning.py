"""What the rules say of the result of a call, and what a value or callable that is handed over yields."""

from __future__ import annotations

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.arguments import Arguments
from vaelint.infer.evaluate import overrides
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.evaluate.parameters import parameter
from vaelint.infer.quantities import answers, idioms
from vaelint.infer.values import (
    RUN,
    Bound,
    Choice,
    Form,
    Frame,
    Function,
    GradientFunction,
    Instance,
    Made,
    Quantity,
    Root,
    Sequence,
    Value,
    meant,
    parts,
    undirected,
)
from vaelint.knowledge.schema import Entry
from vaelint.records import replace
from vaelint.sense import Meaning, Sense, article


def roots_of(args: Arguments) -> frozenset[Root]:
    """The sources of all arguments, those inside sequences and distributions included."""
    out: frozenset[Root] = frozenset()
    stack: list[Value] = [a.value for a in args.given]
    while stack:
        v = stack.pop()
        if isinstance(v, (Quantity, Made)):
            out |= v.roots
        elif isinstance(v, Sequence):
            stack += [*v.items, *([v.rest] if v.rest is not None else [])]
    return out


def result_of(it: Machine, value: Value, e: ir.Expr, f: Frame) -> Quantity | None:
    """The number that a value is, or that a callable returns (the first of what it returns)."""
    if isinstance(value, GradientFunction) and value.with_value:
        value = value.function
    if isinstance(value, (Function, Bound, Instance)):
        if isinstance(value, Function):
            values = [parameter(it, p, f) for p in value.params if p.star == "" and p.default is None]
            value = it.call(value, Arguments.of(values, e), e, f)
        elif isinstance(value, Bound) and isinstance(value.function, Function):
            rest = [p for p in value.function.params if p.star == "" and p.default is None][len(value.args) :]
            values = [parameter(it, p, f) for p in rest if p.name not in value.kwargs]
            value = it.call(value, Arguments.of(values, e), e, f)
        elif isinstance(value, Instance):
            return _of_object(it, value, e, f)
    if isinstance(value, Choice):
        found = [result_of(it, v, e, f) for v in value.values]
        several = it.join([q for q in found if q is not None], e.id, ir.render(e, 40)) if all(found) else None
        return several if isinstance(several, Quantity) else None
    if isinstance(value, Made) and value.what == "loss" and value.entry.sense is not None:
        return meant_by(value.entry, Arguments([]), e)  # `SVI(…, loss=Trace_ELBO())`
    if isinstance(value, Sequence) and value.items:
        value = value.items[0]
    return value if isinstance(value, Quantity) else None


def _of_object(it: Machine, value: Instance, e: ir.Expr, f: Frame) -> Quantity | None:
    """What an object yields when called; where it can be called for something else, what its ``loss`` yields."""
    for name in (*RUN, "loss"):
        method = overrides.find_method(value, name)
        q = result_of(it, Bound(method, (value,)), e, f) if method is not None else None
        if q is not None:
            return q
    return None


def meant_by(entry: Entry, args: Arguments, e: ir.Expr) -> Quantity:
    """What an entry with a sense says of the result of a call."""
    assert entry.sense is not None
    label = ir.render(e, 40)
    if entry.sense is Sense.NONE and entry.name.endswith("_like"):
        return undirected(label, e.id)  # it takes the shape alone: nothing of the value is in it
    if entry.sense is Sense.NONE:
        form = Form.LOG_PROBABILITY if entry.kind == "log_probability" else Form.PLAIN
        if form == Form.LOG_PROBABILITY and args.positional and isinstance(args.positional[0].value, Quantity):
            given = args.positional[0].value
            out = idioms.softmax(given, e.id, label, logarithmic=True)
            return answers.scored(answers.carried(given, out), 1) if "sigmoid" in entry.name else out
        return undirected(label, e.id, roots=roots_of(args), form=form)
    meaning = Meaning(entry.sense, entry.kind, Basis.LIBRARY)
    words = {Sense.GAIN: "should go up", Sense.COST: "should go down"}.get(entry.sense, "goes up or down by context")
    why = f"`{entry.name}` is {article(entry.kind or 'value')}, which {words}"
    made = meant(meaning, label, e.id, why, roots=roots_of(args))
    over = parts(*(a.value for a in args.given if isinstance(a.value, Quantity)))
    return made.having(terms=tuple(replace(t, head=_head(args), over=over) for t in made.terms))


def _head(args: Arguments) -> ir.Written:
    """The network that answered what a loss is given first."""
    q = args.first
    source = q.terms[0].source if isinstance(q, Quantity) and len(q.terms) == 1 else None
    return source.network if source is not None else ir.UNWRITTEN
