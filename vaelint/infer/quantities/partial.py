"""Cox's partial likelihood: of all that are still at risk, the probability that it is the one that it was.

``h - log(cumsum(exp(h)))`` with the subjects in order of their times, or ``h - log(sum(exp(h) * at_risk))`` (Cox 1972,
eq. 12): a log-probability without a label, since every sum is that of the one who leaves it. It is to be raised.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.expression import argument, bare, difference, exponent, factors, last, reduction, same
from vaelint.infer.quantities.written import read_as
from vaelint.infer.values import Frame, Quantity
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Meaning, Sense

KIND = "partial_likelihood"
LIKELIHOOD = Meaning(Sense.GAIN, KIND, Basis.STRUCTURE)

_SUMMED_UP = frozenset({"logcumsumexp", "cumulative_logsumexp", "cumlogsumexp"})
_AT_RISK = Words("at_risk")
_SMALL = Words("small")  # what keeps a logarithm or an exponential within bounds


def of(e: ir.Expr, value: Quantity, f: Frame) -> Quantity | None:
    """``e`` as a partial log-likelihood, or minus one; None where it is neither."""
    sides = difference(e)
    if sides is None:
        return None
    sides = _unweighted(*sides, f)
    for own, normaliser, sign in ((*sides, 1), (*sides[::-1], -1)):
        inner = _summed(normaliser, f)
        if inner is not None and same(bare(inner, f, _is_small), bare(own, f, _is_small)):
            why = "Cox's partial log-likelihood, which should go up"
            return read_as(e, value, LIKELIHOOD, why, sign)
    return None


def _unweighted(a: ir.Expr, b: ir.Expr, f: Frame) -> tuple[ir.Expr, ir.Expr]:
    """Both sides of ``(died * h).sum() - (died * normaliser).sum()`` without the weights that they share."""
    left, right = (reduction(bare(x, f, _is_small)) for x in (a, b))
    if left is None or right is None:
        return a, b
    mine, other = factors(left), factors(right)
    own = [x for x in mine if not any(same(x, y) for y in other)]
    rest = [x for x in other if not any(same(x, y) for y in mine)]
    return (own[0], rest[0]) if len(own) == len(rest) == 1 < len(mine) else (a, b)


def _summed(e: ir.Expr, f: Frame) -> ir.Expr | None:
    """``h`` of ``log(cumsum(exp(h)))``, of ``logcumsumexp(h)`` and of ``log(sum(exp(h) * at_risk))``."""
    e = bare(e, f, _is_small)
    taken = argument(e)
    if taken is None or not isinstance(e, ir.Call):
        return None
    name = last(e.func)
    if name in _SUMMED_UP or (name == "accumulate" and "logaddexp" in ir.names_in(e.func)):
        return taken
    total = bare(taken, f, _is_small) if name == "log" else None
    added = argument(total) if total is not None else None
    if added is None or not isinstance(total, ir.Call):
        return None
    if last(total.func) == "cumsum":
        return exponent(bare(added, f, _is_small))
    product = bare(added, f, _is_small)
    if last(total.func) != "sum" or not isinstance(product, ir.Binary) or product.op != "*":
        return None
    for x, mask in ((product.left, product.right), (product.right, product.left)):
        if _AT_RISK.within(mask):
            return exponent(bare(x, f, _is_small))
    return None


def _is_small(e: ir.Expr) -> bool:
    return isinstance(e, ir.Const) or _SMALL.within(e)
