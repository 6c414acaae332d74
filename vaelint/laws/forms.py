"""What a law says, in numbers: its roles drawn from their domains, and what two forms have in
common.

A role that is one number has the shape (1, 1), a vector (1, 4), so that code may reduce along whatever axis it likes;
what comes out is summed. Two forms are compared over the samples alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from vaelint.graph.execute import Exhausted, run
from vaelint.graph.language import Unreadable, written
from vaelint.graph.node import Graph, Kind, Node
from vaelint.graph.ops import Array
from vaelint.laws.rows import Law, Role
from vaelint.records import record

SAMPLES = 24
WIDE = 4  # elements of a vector
CLOSE = 1e-6
_MATRICES = frozenset({"matrix", "spd"})


# --- samples -------------------------------------------------------------------------------------


def drawn(role: Role, flat: bool, rng: np.random.Generator, n: int = SAMPLES) -> Array:
    """Samples of a role from its domain. ``flat``: vectors stand beside matrices. Raises `Unreadable`."""
    one: tuple[int, ...] = () if flat else (1, 1)
    row: tuple[int, ...] = (WIDE,) if flat else (1, WIDE)
    low, dots, high = role.domain.partition("..")
    if dots:
        return rng.uniform(float(low), float(high), (n, *one))
    match role.domain:
        case "real":
            return rng.normal(0, 1.5, (n, *one))
        case "positive":
            return np.exp(rng.normal(0, 0.7, (n, *one)))
        case "unit":
            return rng.uniform(0.03, 0.97, (n, *one))
        case "simplex":
            return np.asarray(rng.dirichlet(np.ones(WIDE) * 1.5, n).reshape(n, *row))
        case "sign":
            return np.asarray(rng.choice([-1.0, 1.0], (n, *one)))
        case "binary":
            return np.asarray(rng.integers(0, 2, (n, *one)), dtype=np.float64)
        case "count":
            return np.asarray(rng.integers(1, 9, (n, *one)), dtype=np.float64)
        case "vector":
            return rng.normal(0, 1, (n, *row))
        case "positive_vector":
            return np.exp(rng.normal(0, 0.7, (n, *row)))
        case "unit_vector":
            return rng.uniform(0.03, 0.97, (n, *row))
        case "binary_vector":
            return np.asarray(rng.integers(0, 2, (n, *row)), dtype=np.float64)
        case "matrix":
            return rng.normal(0, 1, (n, WIDE, WIDE))
        case "spd":
            a = rng.normal(0, 1, (n, WIDE, WIDE))
            return np.asarray(a @ np.swapaxes(a, -1, -2) / WIDE + np.eye(WIDE) * 0.3)
    raise Unreadable(role.domain)


def has_matrices(roles: Iterable[Role]) -> bool:
    return any(r.domain in _MATRICES for r in roles)


def samples(roles: Iterable[Role], n: int = SAMPLES) -> dict[str, Array]:
    """For each role, in a stream of its own: those of one law are independent."""
    roles = list(roles)
    flat = has_matrices(roles)
    return {r.name: drawn(r, flat, np.random.default_rng((5, i)), n) for i, r in enumerate(roles)}


def summed(root: Node, at: Mapping[object, Array], n: int = SAMPLES) -> Array | None:
    """The value at each sample, summed over its elements; None where it cannot be run, or has no value at most."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a mean over nothing NumPy warns: here that is no value
            made = run([root], at)
    except Exhausted:
        return None
    if made.failed:
        return None
    x = made.of(root)
    x = np.broadcast_to(x, (n, *x.shape[1:])).reshape(n, -1).sum(axis=1)
    return np.asarray(x) if np.isfinite(x).sum() * 2 > n else None


# --- comparing -----------------------------------------------------------------------------------


class Same(NamedTuple):
    """One form is ``scale`` times another, and, if ``moved``, a constant besides."""

    scale: float
    moved: bool


def alike(x: Array, y: Array) -> Same | None:
    """Whether x is y times a number, or with a constant besides; None where it is another function, or constant."""
    ok = np.isfinite(x) & np.isfinite(y)
    if (ok != np.isfinite(y)).any() or ok.sum() < 8:
        return None
    x, y = x[ok], y[ok]
    for moved in (False, True):
        if moved:
            x, y = x - x.mean(), y - y.mean()
        size = float(y @ y)
        if size < 1e-12 or float(x @ x) < 1e-12:
            return None
        scale = float(x @ y) / size
        if scale != 0 and np.abs(x - scale * y).max() <= CLOSE * (np.abs(x).max() + 1e-3):
            return Same(scale, moved)
    return None


class Forms:
    """The values of several forms, held against those of an expression all at once."""

    def __init__(self, values: Sequence[Array]) -> None:
        self._values = values
        self._whole = np.asarray([v for v in values if np.isfinite(v).all()]) if values else np.zeros((0, 1))
        self._partly = [v for v in values if not np.isfinite(v).all()]
        self._units = {moved: _unit(self._whole, moved) for moved in (False, True)} if len(self._whole) else {}

    def has(self, x: Array, sign: int, free: bool) -> bool:
        """Whether x is one of them times a number of that sign; ``free``: or differs from that by a constant."""
        if self._units and np.isfinite(x).all():
            for moved in (False, True) if free else (False,):
                units, unit = self._units[moved], _unit(x[None], moved)
                if (np.abs(units - sign * unit).max(axis=1) < CLOSE).any():
                    return True
        found = (alike(x, y) for y in self._partly)
        return any(s is not None and s.scale * sign > 0 and (free or not s.moved) for s in found)


def _unit(rows: Array, moved: bool) -> Array:
    """Each row as long as one; ``moved``: its mean taken off. What is constant then is like nothing."""
    if moved:
        rows = rows - rows.mean(axis=1, keepdims=True)
    with np.errstate(over="ignore"):  # what is endless is as long as nothing else
        size = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    return np.where(size > 1e-6, rows / np.maximum(size, 1e-12), np.nan)


@record(frozen=True, slots=True)
class Numbers:
    """A law that was run: ``at`` the samples of its roles, the values of its texts there.

    ``free``: an additive constant changes nothing of it, since no wrong form differs from a right one by that alone.
    """

    law: Law
    at: Mapping[str, Array]
    right: tuple[Array, ...]  # the first is `right`, the others are `silent`
    wrong: tuple[Array, ...]
    free: bool
    kept: Forms
    first: Forms
    broken: Forms

    def is_right(self, x: Array) -> bool:
        return self.kept.has(x, 1, self.free)

    def is_negated(self, x: Array, exactly: bool = False) -> bool:
        """``exactly``: with no constant besides, by which minus a share is its complement."""
        return self.first.has(x, -1, self.free and not exactly)

    def is_wrong(self, x: Array, exactly: bool = False) -> bool:
        return self.broken.has(x, 1, self.free and not exactly)


def numbers(law: Law, n: int = SAMPLES) -> Numbers:
    """The law, run. Raises `Unreadable` where a text of it cannot be."""
    at = samples(law.roles, n)
    right = tuple(_value(law, text, at, n) for text in (law.right, *law.silent))
    wrong = tuple(_value(law, text, at, n) for text in law.wrong)
    pairs = [(w, r) for w in wrong for r in right]
    free = not any((s := alike(w, r)) is not None and s.moved and s.scale > 0 for w, r in pairs)
    return Numbers(law, at, right, wrong, free, Forms(right), Forms(right[:1]), Forms(wrong))


def _value(law: Law, text: str, at: Mapping[str, Array], n: int) -> Array:
    graph = Graph()
    given = {r.name: graph.leaf(Kind.PARAMETER, r.name, r.name) for r in law.roles}
    made = summed(written(graph, text, given, flat=has_matrices(law.roles)), {role: at[role] for role in at}, n)
    if made is None:
        raise Unreadable(f"cannot be run: {text}")
    return made
