"""How alike things are, where the top of a ranking is taken: what is the most alike stands at the top.

A likeness alone has no direction: negatives are looked for where it is least, so that nothing is said of it elsewhere.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.graph.spellings import KEPT, TRANSPOSED
from vaelint.infer.events import Reading
from vaelint.infer.expression import bound, last
from vaelint.infer.selection import metric
from vaelint.infer.values import Frame, Value
from vaelint.sense import Sense

_MOST_SHAPES = 8  # changes of shape, one after the other, that are looked through
_PRODUCTS = frozenset(("matmul", "dot", "mm"))
_WHY = "products of rows with rows, which are greatest where both point the same way"


def reading(e: ir.Expr, value: Value, f: Frame) -> Reading | None:
    """What is known of a likeness: which way it grows; None for anything else."""
    if (known := metric.of_kind(value, "similarity")) is not None:
        return known
    made, sense = _unshaped(e, f), Sense.GAIN
    if isinstance(made, ir.Unary) and made.op == "-":
        made, sense = _unshaped(made.operand, f), Sense.COST
    if _is_of_rows(made, f):
        return Reading(sense, Basis.STRUCTURE, ir.render(e, 50), True, ((made.id, _WHY),))
    return None


def _unshaped(e: ir.Expr, f: Frame) -> ir.Expr:
    """What an array was computed by, whatever its shape is, or where it is kept."""
    for _ in range(_MOST_SHAPES):  # `x = x[0]` stands behind itself
        e = bound(e, f)
        match e:
            case ir.Subscript(base=base):
                e = base
            case ir.Call(func=ir.Attr(base=base, name=name)) if name in KEPT:
                e = base
            case _:
                return e
    return e


def _is_of_rows(e: ir.Expr, f: Frame) -> bool:
    """``a @ b.T``, ``np.dot(a, b.T)`` and ``np.inner(a, b)``, without a minus in either."""
    match e:
        case ir.Binary(op="@", left=a, right=b):
            return _is_plain(a, f) and _is_transposed(b, f)
        case ir.Call(func=func, args=(ir.Arg(value=a, name=None), ir.Arg(value=b, name=None))):
            if last(func) == "inner":
                return _is_plain(a, f) and _is_plain(b, f)
            return last(func) in _PRODUCTS and _is_plain(a, f) and _is_transposed(b, f)
        case ir.Call(func=ir.Attr(base=a, name=name), args=(ir.Arg(value=b, name=None),)):
            return name in _PRODUCTS and _is_plain(a, f) and _is_transposed(b, f)
    return False


def _is_transposed(e: ir.Expr, f: Frame) -> bool:
    match bound(e, f):
        case ir.Attr(base=base, name=name) | ir.Call(func=ir.Attr(base=base, name=name)) if name in TRANSPOSED:
            return _is_plain(base, f)
    return False


def _is_plain(e: ir.Expr, f: Frame) -> bool:
    """Whether no sign is in sight in it, so that it may be taken for data or an embedding."""
    return not any(
        (isinstance(x, ir.Unary) and x.op == "-") or (isinstance(x, ir.Binary) and x.op in ("-", "^"))
        for x in ir.walk(bound(e, f))
    )
