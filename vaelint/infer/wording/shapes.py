"""The shape of an expression, before anything is evaluated: a squared distance, an exponential."""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.expression import exponent, has_minus, reduction, squared
from vaelint.knowledge.schema import Claim


def logarithm(e: ir.Expr, claim: Claim | None) -> ir.Expr:
    """Of a perplexity, which is an exponential, its logarithm: an exponential goes the way of what is in it."""
    inner = exponent(e) if claim is not None and claim.word in _EXPONENTIALS else None
    return e if inner is None else inner


_EXPONENTIALS = frozenset(("perplexity", "perplexities", "ppl"))


def is_square(e: ir.Expr) -> bool:
    """``(x - mean) ** 2 / (2 * sigma ** 2)``: a squared difference over a scale, without a minus in front."""
    match e:
        case ir.Binary(op="/", left=a, right=b):
            return is_square(a) and not has_minus(b)
        case ir.Binary(op="*", left=ir.Const(value=v), right=a) | ir.Binary(op="*", left=a, right=ir.Const(value=v)):
            return isinstance(v, (int, float)) and v > 0 and is_square(a)
        case _ if (base := squared(e)) is not None:
            return _is_difference(base)
        case _ if (inner := reduction(e)) is not None:
            return is_square(inner)
    return False


def _is_difference(e: ir.Expr) -> bool:
    match e:
        case ir.Binary(op="-"):
            return True
        case ir.Binary(op="/", left=a, right=b):
            return _is_difference(a) and not has_minus(b)
    return False
