"""Array functions that need more than a table: those that numpy, torch and jax share by name."""

from __future__ import annotations

from collections.abc import Callable

from vaelint import ir
from vaelint.infer.arguments import Arguments
from vaelint.infer.evaluate import transforms
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.quantities import idioms
from vaelint.infer.seen import ExtremeTaken
from vaelint.infer.values import (
    Form,
    Frame,
    Gradient,
    Number,
    Quantity,
    Sequence,
    Term,
    Value,
    sized,
    undirected,
    unknown,
)
from vaelint.records import replace

Special = Callable[[Machine, "Arguments", ir.Expr, Frame], "Value | None"]


def one_of(it: Machine, values: list[Value], e: ir.Expr) -> Value:
    """One of several, elementwise (min, max, where): the expression is where they become one."""
    out = it.join(values, e.id, ir.render(e, 40))
    return replace(_answered(values, out), origin=e.id) if isinstance(out, Quantity) else out


def _answered(values: list[Value], out: Quantity) -> Quantity:
    """The lesser of what several networks answer with one sign is an answer: that of the first stands for it."""
    answers = [t for v in values for t in _answer(v)]
    if len(answers) < len(values) or len(out.terms) != 1 or len({t.sign * t.source_sign for t in answers}) > 1:
        return out
    sign = answers[0].sign * answers[0].source_sign * out.terms[0].sign
    return replace(out, terms=(replace(out.terms[0], source=answers[0].source, source_sign=sign),))


def _answer(v: Value) -> list[Term]:
    """The term of what came out of a network; of anything else, none."""
    return [t for t in v.terms if t.source is not None] if isinstance(v, Quantity) and len(v.terms) == 1 else []


def _first(args: Arguments) -> Quantity | None:
    v = args.first
    return v if isinstance(v, Quantity) else None


def _unary_special(change: Callable[[Quantity, int, ir.Written], Quantity]) -> Special:
    def apply_to(it: Machine, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
        q = _first(args)
        return change(q, e.id, ir.render(e, 40)) if q is not None else None

    return apply_to


def _where(it: Machine, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    values = [a.value for a in args.positional[1:3]]
    return one_of(it, values, e) if len(values) == 2 else None


def _extreme(it: Machine, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    values = [a.value for a in args.positional]
    if len(values) == 2 and isinstance(values[0], Quantity) and isinstance(values[1], Quantity):
        it.see(ExtremeTaken(values[0], values[1], e))
        return one_of(it, values, e)
    return None


def _stack(it: Machine, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    v = args.first
    if isinstance(v, Sequence) and not v.items and v.rest is None:
        return undirected(ir.render(e, 40), e.id)  # nothing yet
    return it.element(v, e) if isinstance(v, Sequence) else v


def _gather(it: Machine, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    """``torch.gather(x, 1, index)``, ``np.take_along_axis(x, index, -1)``: as the method of arrays."""
    q, last_two = _first(args), [a for a in args.positional[1:3] if not isinstance(a.value, Number)]
    named = next((args.named[n] for n in ("index", "indices") if n in args.named), None)
    index = named or (last_two[0] if len(last_two) == 1 else None)
    return idioms.picked(q, index.expr, e.id) if q is not None and index is not None else None


def _parts(it: Machine, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    """``torch.split(x, n)``: each part is what the whole is; None where nothing is known of that."""
    q = _first(args)
    known = q is not None and (any(t.meaning.is_evidence for t in q.terms) or q.form != Form.PLAIN)
    return Sequence((), q) if known else None


def _pair(op: str) -> Special:
    def apply_to(it: Machine, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
        given = args.positional[:2]
        if len(given) != 2:
            return None
        # Array functions take a list for the array of what it holds.
        a = [it.element(x.value, x.expr) if isinstance(x.value, Sequence) else x.value for x in given]
        return it.binary(op, a[0], a[1], ir.Binary(e.id, op, given[0].expr, given[1].expr), f)

    return apply_to


def _norm(it: Machine, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    if args.positional and isinstance(args.positional[0].value, Gradient):
        return sized(unknown(ir.render(e, 40), e.id), "gradient")
    return _unary_special(idioms.absolute)(it, args, e, f)


UNARY: dict[str, Callable[[Quantity, int, ir.Written], Quantity]] = {
    "exp": idioms.exponential,
    **dict.fromkeys(("log", "log2", "log10"), idioms.logarithm),
    "square": idioms.square,
    "abs": idioms.absolute,
    "logsumexp": idioms.log_normaliser,
}

SPECIAL: dict[str, Special] = {
    **{name: _unary_special(fn) for name, fn in UNARY.items()},
    "absolute": _unary_special(idioms.absolute),
    "norm": _norm,
    "vector_norm": _norm,
    "where": _where,
    "minimum": _extreme, "maximum": _extreme, "min": _extreme, "max": _extreme, "fmin": _extreme, "fmax": _extreme,
    "stack": _stack, "cat": _stack, "concatenate": _stack, "concat": _stack, "hstack": _stack, "vstack": _stack,
    **dict.fromkeys(("gather", "take_along_dim", "take_along_axis"), _gather),
    **dict.fromkeys(("split", "chunk", "unbind", "unstack", "tensor_split", "array_split"), _parts),
    "array": _stack, "asarray": _stack, "as_tensor": _stack, "tensor": _stack, "Tensor": _stack, "FloatTensor": _stack,
    "add": _pair("+"), "sub": _pair("-"), "subtract": _pair("-"), "mul": _pair("*"), "multiply": _pair("*"),
    "div": _pair("/"), "divide": _pair("/"), "true_divide": _pair("/"), "pow": _pair("**"), "power": _pair("**"),
    "matmul": _pair("@"), "dot": _pair("@"), "inner": _pair("@"), "vdot": _pair("@"),
    **transforms.SPECIAL,
}  # fmt: skip
