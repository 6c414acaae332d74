"""What a text says, in words, of the signs that it is used with."""

from __future__ import annotations

from vaelint.infer.quantities import policies
from vaelint.infer.seen import ProductComputed, View, refines
from vaelint.infer.values import Value, unknown


@refines(ProductComputed)
def weighed(view: View, seen: ProductComputed, value: Value) -> Value:
    """``weight * entropy`` where the file says that a bonus asks for a negative weight: the weight has its own sign."""
    if view.home is None or any(len(q.terms) != 1 for q in (seen.left, seen.right)):
        return value
    if policies.is_entropy(seen.left.terms[0]) == policies.is_entropy(seen.right.terms[0]):
        return value
    return unknown(seen.label, seen.node) if view.home.weighs_entropy_below_zero else value
