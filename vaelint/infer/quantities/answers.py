"""What a classifier of two classes is trained by: the network whose score it is, and which way learning moves it.

`log D(x)` and `log(1 - D(y))`, `softplus(-D(x))` and `softplus(D(y))`, `relu(1 - D(x))` and `relu(1 + D(y))`: each pair
is one classifier's log-likelihood, or its loss, of the two classes.
"""

from __future__ import annotations

from vaelint.infer.values import Quantity, Term
from vaelint.records import replace

# Losses of a margin: large where the score is on the wrong side.
LOSSES = frozenset({"softplus", "relu"})


def carried(before: Quantity, after: Quantity) -> Quantity:
    """``after``, an increasing function of ``before``, as a score of the same network."""
    if len(before.terms) != 1 or len(after.terms) != 1 or before.terms[0].source is None:
        return after
    t = before.terms[0]
    return after.having(terms=(replace(after.terms[0], source=t.source, source_sign=t.sign * t.source_sign),))


def scored(q: Quantity, way: int) -> Quantity:
    """The scores in it, as part of a log-likelihood (``way`` 1) or of a loss (-1)."""
    return q.having(terms=tuple(_scored(t, way) for t in q.terms))


def _scored(t: Term, way: int) -> Term:
    return t if t.source is None else replace(t, source=replace(t.source, learns=way * t.sign * t.source_sign))
