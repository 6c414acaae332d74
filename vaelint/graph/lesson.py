"""A formula at a few points, for people: what it is worth where its parts agree, and when one of them moves away."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np

from vaelint import ir
from vaelint.graph.domains import REAL, domains
from vaelint.graph.formula import read
from vaelint.graph.lookup import key, values
from vaelint.graph.node import Graph, below
from vaelint.graph.ops import POSITIVE, UNIT
from vaelint.graph.views import leaves
from vaelint.records import record

_AT_REST = {REAL: 0.0, POSITIVE: 1.0, UNIT: 0.5}
_MOVED = {REAL: (-1.0, 1.0), POSITIVE: (0.5, 2.0), UNIT: (0.2, 0.8)}
MAX_LEAVES = 6


@record(frozen=True, slots=True)
class Table:
    """``header``: the leaves; ``rows``: a value for each of them, and the value of the formula."""

    header: tuple[str, ...]
    rows: tuple[tuple[tuple[float, ...], float], ...]


def table(e: ir.Expr) -> Table | None:
    """All leaves at rest (0, or 1 for what is positive, or 1/2), then each moved down and up. None if undefined."""
    root = read(e, Graph())
    if root is None:
        return None
    met = leaves(root)
    if not 0 < len(met) <= MAX_LEAVES:
        return None
    kinds: dict[Hashable, str] = domains(below([root]))
    rest = tuple(_AT_REST[kinds[key(x)]] for x in met)
    points = [rest]
    for i, leaf in enumerate(met):
        points += [(*rest[:i], moved, *rest[i + 1 :]) for moved in _MOVED[kinds[key(leaf)]]]
    at = {key(x): np.asarray([p[i] for p in points]) for i, x in enumerate(met)}
    found = values(root, at, len(points))
    if found is None or not np.isfinite(found).all():
        return None
    names = tuple(x.leaf.name for x in met if x.leaf is not None)
    return Table(names, tuple(zip(points, map(float, found))))


def value_at(e: ir.Expr, inputs: Mapping[str, float]) -> float | None:
    """What a formula is worth for inputs, by name; None where something else goes into it, or it is undefined."""
    root = read(e, Graph())
    met = leaves(root) if root is not None else ()
    if root is None or any(n.leaf is None or n.leaf.name not in inputs for n in met):
        return None
    at = {key(n): np.asarray([inputs[n.leaf.name]]) for n in met if n.leaf is not None}
    found = values(root, at, 1)
    return float(found[0]) if found is not None and np.isfinite(found[0]) else None
