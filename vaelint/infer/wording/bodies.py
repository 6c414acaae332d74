"""What a function of the project is seen to hand out, where its name says something else."""

from __future__ import annotations

from collections.abc import Iterator

from vaelint import ir
from vaelint.infer.expression import calls_in, last, leading, reduced, summands, walk
from vaelint.infer.seen import View
from vaelint.infer.values import Bound, Frame, Function, Value
from vaelint.knowledge.vocabulary import Words

_NEGATIVE = Words("said_negative")
_LOGARITHMS = frozenset({"log", "log_softmax", "logsigmoid", "log_sigmoid", "log_prob", "log1p", "log2", "log10"})
_CRITERION = Words("criterion_argument")


def hands_out_minus(callee: Value) -> bool:
    """``def loglik(x): "Negative log-likelihood." … return -total``: its name is the one that misleads."""
    fn = callee.function if isinstance(callee, Bound) else callee
    if not isinstance(fn, Function):
        return False
    if not isinstance(fn.body, tuple):
        return leading(fn.body) < 0
    first = fn.body[0] if fn.body else None
    if isinstance(first, ir.ExprStmt) and isinstance(first.value, ir.Const) and isinstance(first.value.value, str):
        if _NEGATIVE.any(first.value.value.partition("\n")[0].split()):
            return True
    returned = list(_returned(fn.body))
    return bool(returned) and all(leading(x) < 0 for x in returned)


def _returned(block: ir.Block) -> Iterator[ir.Expr]:
    for s in block:
        match s:
            case ir.Return(value=value) if value is not None:
                yield value
            case ir.If(body=body, orelse=orelse):
                yield from _returned(body)
                yield from _returned(orelse)
            case ir.With(body=body) | ir.For(body=body) | ir.While(body=body):
                yield from _returned(body)


def is_logarithm(e: ir.Expr, f: Frame, depth: int = 2) -> bool:
    """Whether a name was bound to a logarithm without a minus, itself or by one name in it: a log-probability, say."""
    written = f.behind(e)
    if written is e or depth == 0:
        return False
    if _LOGARITHMS & calls_in(written):
        return all(s > 0 for s, _ in summands(reduced(written))) and leading(written) > 0
    return any(is_logarithm(x, f, depth - 1) for x in walk(written) if isinstance(x, ir.Name))


def hands_out_loss(view: View, e: ir.Call, f: Frame) -> bool:
    """``model.sample_elbo(x, y, criterion=nll)`` is made of a loss; and see `hands_out_minus`."""
    made_of_one = any(_CRITERION.of(a.name or "") or _CRITERION.of(last(a.value)) for a in e.args)
    return made_of_one or hands_out_minus(view.value(e.func, f))
