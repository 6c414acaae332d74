"""Values that are known by how they are written: one term with a meaning, in place of what the algebra made of them."""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.values import Quantity, Term, Trace
from vaelint.sense import Meaning


def read_as(e: ir.Expr, value: Quantity, meaning: Meaning, why: str, sign: int = 1) -> Quantity:
    """``value`` of ``e`` as one term that means ``meaning``, or minus it; ``why`` opens its trace."""
    live = any(t.live for t in value.terms)
    term = Term(sign, meaning, ir.render(e, 40), e.id, e.id, live, trace=Trace(e.id, why))
    return Quantity((term,), value.roots, value.label, key=e.id, noisy=value.noisy, origin=e.id)
