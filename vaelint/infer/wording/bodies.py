"""What a function of the project is seen to hand out, where its name says something else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vaelint import ir
from vaelint.infer.names import last
from vaelint.infer.seen import View
from vaelint.infer.sums import leading
from vaelint.infer.values import (
    Bound,
    Frame,
    Function,
    Value,
)

_NEGATIVE = re.compile(r"\b(?:negative|negated|minus)\b", re.I)
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_CRITERION = re.compile(r"^(?:criterion|crit|loss_?(?:fn|func|function)?)$", re.I)
_LOGARITHM = re.compile(r"(?:^|[^a-z])log(?:_softmax|sigmoid|_sigmoid|_prob|1p|2|10)?\(", re.I)


def hands_out_minus(callee: Value) -> bool:
    """``def loglik(x): "Negative log-likelihood." … return -total``: its name is the one that misleads."""
    fn = callee.function if isinstance(callee, Bound) else callee
    if not isinstance(fn, Function):
        return False
    if not isinstance(fn.body, tuple):
        return leading(fn.body) < 0
    first = fn.body[0] if fn.body else None
    if isinstance(first, ir.ExprStmt) and isinstance(first.value, ir.Const) and isinstance(first.value.value, str):
        if _NEGATIVE.search(first.value.value.partition("\n")[0]):
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
    written = f.wrote(e.name) if isinstance(e, ir.Name) else None
    if written is None or depth == 0:
        return False
    text = ir.render(written, 120)
    if _LOGARITHM.search(text):
        return "-" not in text.partition("log")[0]
    return any(is_logarithm(ir.Name(e.id, n), f, depth - 1) for n in _NAME.findall(text))


def hands_out_loss(view: View, e: ir.Call, f: Frame) -> bool:
    """``model.sample_elbo(x, y, criterion=nll)`` is made of a loss; and see `hands_out_minus`."""
    made_of_one = any(_CRITERION.search(a.name or "") or _CRITERION.search(last(a.value)) for a in e.args)
    return made_of_one or hands_out_minus(view.value(e.func, f))
