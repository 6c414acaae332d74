"""A formula at a few points, for people: what it is worth where its parts agree, and when one of them moves away."""

from __future__ import annotations

from dataclasses import dataclass

from vaelint import ir
from vaelint.formula.domain import POSITIVE, REAL, UNIT, domains
from vaelint.formula.evaluate import Undefined, evaluate
from vaelint.formula.form import leaves
from vaelint.formula.reader import read

_AT_REST = {REAL: 0.0, POSITIVE: 1.0, UNIT: 0.5}
_MOVED = {REAL: (-1.0, 1.0), POSITIVE: (0.5, 2.0), UNIT: (0.2, 0.8)}
MAX_LEAVES = 6


@dataclass(frozen=True, slots=True)
class Table:
    """``header``: the leaves; ``rows``: a value for each of them, and the value of the formula."""

    header: tuple[str, ...]
    rows: tuple[tuple[tuple[float, ...], float], ...]


def table(e: ir.Expr) -> Table | None:
    """All leaves at rest (0, or 1 for what is positive, or 1/2), then each moved down and up. None if undefined."""
    form = read(e)
    if form is None:
        return None
    met = leaves(form)
    if not 0 < len(met) <= MAX_LEAVES:
        return None
    kinds = domains(form)
    rest = tuple(_AT_REST[kinds[x.key]] for x in met)
    points = [rest]
    for i, leaf in enumerate(met):
        points += [(*rest[:i], moved, *rest[i + 1 :]) for moved in _MOVED[kinds[leaf.key]]]
    try:
        values = evaluate(form, {x.key: [p[i] for p in points] for i, x in enumerate(met)}, len(points))
    except Undefined:
        return None
    return Table(tuple(x.name for x in met), tuple(zip(points, values)))
