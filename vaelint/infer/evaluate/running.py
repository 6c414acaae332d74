"""Running averages: what a value is moved towards step by step is what it holds in the end.

``x += a * (y - x)``, ``x = x + a * (y - x)``, ``x = a * x + (1 - a) * y`` (an exponential moving average, the delta
rule): by its arithmetic alone, ``y - x`` would be a contrast, and the weight a factor of unknown sign.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.expression import complement, difference, same


def followed(target: ir.Expr, e: ir.Expr) -> ir.Expr | None:
    """What ``target = e`` moves the target towards; None where it does not."""
    if not isinstance(target, (ir.Name, ir.Attr, ir.Subscript)) or not isinstance(e, ir.Binary) or e.op != "+":
        return None
    for own, other in ((e.left, e.right), (e.right, e.left)):
        if same(own, target):
            return step(target, other)
        if isinstance(own, ir.Binary) and own.op == "*" and isinstance(other, ir.Binary) and other.op == "*":
            found = _blended(target, own, other)
            if found is not None:
                return found
    return None


def step(target: ir.Expr, e: ir.Expr) -> ir.Expr | None:
    """What ``target += e`` moves the target towards: y of ``a * (y - target)``."""
    match e:
        case ir.Binary(op="*" | "/", left=left, right=right):
            gaps = (left, right) if e.op == "*" else (left,)
            for gap in gaps:
                found = difference(gap)
                if found is not None and same(found[1], target):
                    return found[0]
    return None


def _blended(target: ir.Expr, own: ir.Binary, other: ir.Binary) -> ir.Expr | None:
    """y of ``a * target + (1 - a) * y``, whichever of the two has the complement."""
    for held, weight in ((own.left, own.right), (own.right, own.left)):
        if not same(held, target):
            continue
        for y, rest in ((other.left, other.right), (other.right, other.left)):
            kept, left = complement(weight), complement(rest)
            if (left is not None and same(left, weight)) or (kept is not None and same(kept, rest)):
                return y
    return None
