"""All references in all parametrisations, indexed by what they evaluate to at fixed sample points.

A reference's values, less their mean and divided by their length, are a point on a sphere: the same for every positive
scale and additive constant, the antipode for a negative scale. An expression is looked up by that point, whatever it
looks like.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cache

import numpy as np

from vaelint.graph.domains import REAL, domains
from vaelint.graph.execute import Exhausted, run
from vaelint.graph.language import names, written
from vaelint.graph.node import Graph, Kind, Node, below
from vaelint.graph.ops import POSITIVE, UNIT, Array
from vaelint.graph.references import PARAMETERS, PLAIN, Reference, Way, all_references
from vaelint.records import record

POINTS = 14
MAX_LEAVES = 6
MAX_ARRANGEMENTS = 120  # of leaves over roles: beyond it the expression is no formula that anybody wrote down
TOLERANCE = 1e-8
NARROW = 1e-9  # what the cosine of an angle is below 1, at most, where no coordinate differs by more than TOLERANCE
LOOKED = 8  # nodes that it costs as much to look an expression up as to make or to run them
LONELY = 1e-6  # the spread of all points but one, of the whole: below it the one point is all that is compared
KINDS = (REAL, POSITIVE, UNIT)


def _spread(k: int, low: float, high: float) -> Array:
    """Points of a low-discrepancy sequence: deterministic, without symmetry that two formulas could share."""
    step = math.sqrt((2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)[k])
    return np.asarray(low + (high - low) * np.fmod(0.37 * (k + 1) + np.arange(1, POINTS + 1) * step, 1.0))


SAMPLES: dict[str, tuple[Array, ...]] = {
    REAL: tuple(_spread(k, -2.6, 2.9) for k in range(6)),
    POSITIVE: tuple(_spread(k + 3, 0.3, 2.6) for k in range(6)),
    UNIT: tuple(_spread(k + 6, 0.08, 0.92) for k in range(6)),
}


def values(root: Node, at: Mapping[Hashable, Array], n: int = POINTS) -> Array | None:
    """A scalar formula at ``n`` points; None where some of it cannot be computed."""
    try:
        made = run([root], at)
    except Exhausted:
        return None
    return None if made.failed else np.broadcast_to(made.of(root), (n,))


def points(kinds: Mapping[Hashable, str]) -> dict[Hashable, Array] | None:
    """Samples for leaves by their domains, each of its own; None where there are more leaves than that."""
    out: dict[Hashable, Array] = {}
    count = dict.fromkeys(KINDS, 0)
    for key, kind in kinds.items():
        if kind not in count or count[kind] >= len(SAMPLES[kind]):
            return None
        out[key] = SAMPLES[kind][count[kind]]
        count[kind] += 1
    return out


Signature = tuple[int, ...]


def signature(kinds: Iterable[str]) -> Signature:
    """How many leaves are real, positive, and in (0, 1)."""
    listed = list(kinds)
    return tuple(listed.count(kind) for kind in KINDS)


# --- the sphere ----------------------------------------------------------------------------------


@record(frozen=True, slots=True)
class Prints:
    """Where rows of values lie on the sphere, and what was taken off to get there; ``known``: which have a place."""

    units: Array
    means: Array
    lengths: Array
    known: Array


def printed(rows: Array) -> Prints:
    """No place has what is constant over the points, or over all but one of them: anything that large looks alike."""
    with np.errstate(all="ignore"):
        means = rows.mean(axis=1)
        centred = rows - means[:, None]
        lengths = np.sqrt((centred * centred).sum(axis=1))
        ranked = np.sort(rows, axis=1)
        low, high = ranked[:, 0], ranked[:, -1]
        wide = lengths >= 1e-9 * (1 + np.maximum(-low, high))
        inner = np.minimum(ranked[:, -2] - low, high - ranked[:, 1])
        known = np.isfinite(rows).all(axis=1) & wide & (inner >= LONELY * (high - low))
        return Prints(centred / lengths[:, None], means, lengths, known)


@record(frozen=True, slots=True)
class Entry:
    """A reference in one parametrisation. ``slots``: role → (domain, number); ``ways``: role → how it is written."""

    reference: Reference
    slots: dict[str, tuple[str, int]]
    ways: dict[str, Way]
    unit: Array
    mean: float
    length: float


@record(frozen=True, slots=True)
class Table:
    """The entries of one signature, and where they lie: a row each."""

    entries: tuple[Entry, ...]
    units: Array


@cache
def tables() -> dict[Signature, Table]:
    """By how many leaves are real, positive and in (0, 1)."""
    found: dict[Signature, list[Entry]] = {}
    for reference in all_references():
        for entry in _entries(reference):
            found.setdefault(signature(kind for kind, _ in entry.slots.values()), []).append(entry)
    for entries in found.values():
        entries.sort(key=lambda entry: float(entry.unit[0]))
    return {key: Table(tuple(e), np.asarray([x.unit for x in e])) for key, e in found.items()}


def root_of(reference: Reference, graph: Graph) -> Node:
    """Raises `Unreadable`."""
    text = reference.text
    return written(graph, text, {name: graph.leaf(Kind.OPAQUE, name, name) for name in names(text)})


def _entries(reference: Reference) -> Iterator[Entry]:
    root = root_of(reference, Graph())
    structural = domains(below([root]))
    choices = [PARAMETERS[p] if p else (PLAIN,) for p in reference.roles.values()]
    made: list[tuple[dict[str, tuple[str, int]], dict[str, Way]]] = []
    at: dict[Hashable, list[Array]] = {role: [] for role in reference.roles}
    for ways in itertools.product(*choices):
        slots: dict[str, tuple[str, int]] = {}
        counts = dict.fromkeys(KINDS, 0)
        for role, way in zip(reference.roles, ways):
            kind = way.domain or structural[role]
            slots[role] = (kind, counts[kind])
            counts[kind] += 1
            at[role].append(_written(way.text, *slots[role]))
        made.append((slots, dict(zip(reference.roles, ways))))
    n = len(made)
    found = values(root, {role: np.concatenate(rows) for role, rows in at.items()}, n * POINTS)
    if found is None or not np.isfinite(found).all():
        raise ValueError(f"reference {reference.name}: no value of `{reference.text}`")
    prints = printed(found.reshape(n, POINTS))
    for i, (slots, chosen) in enumerate(made):
        if prints.known[i]:
            yield Entry(reference, slots, chosen, prints.units[i], float(prints.means[i]), float(prints.lengths[i]))


@cache
def _written(text: str, kind: str, slot: int) -> Array:
    """The values of a role whose leaf lies in a slot and is written as ``text``."""
    graph = Graph()
    found = values(written(graph, text, {"_": graph.leaf(Kind.OPAQUE, "_", "_")}), {"_": SAMPLES[kind][slot]})
    assert found is not None
    return found


# --- looking up ----------------------------------------------------------------------------------


@record(frozen=True, slots=True)
class Match:
    """An expression is ``scale`` × the reference + ``offset``; ``roles``: role → the leaf that plays it."""

    entry: Entry
    scale: float
    offset: float
    roles: dict[str, Node]


def matches(graph: Graph, root: Node, leaves: Sequence[Node]) -> list[Match]:
    """All the ways in which a formula over leaves is a reference up to scale and offset."""
    if not 0 < len(leaves) <= MAX_LEAVES:
        return []
    nodes = below([root])
    graph.work += LOOKED + len(nodes)
    kinds = domains(nodes)
    table = tables().get(signature(kinds.values()))
    if table is None:
        return []
    placed = _arrangements(leaves, kinds)
    if not placed:
        return []
    at: dict[Hashable, list[Array]] = {key(leaf): [] for leaf in leaves}
    for places in placed:
        for (kind, i), leaf in places.items():
            at[key(leaf)].append(SAMPLES[kind][i])
    found = values(root, {k: np.concatenate(rows) for k, rows in at.items()}, len(placed) * POINTS)
    if found is None:
        return []
    prints = printed(found.reshape(len(placed), POINTS))
    near = _near(table, prints)
    return [m for i, places in enumerate(placed) if near[i] for m in _matched(table, prints, i, places)]


def _arrangements(leaves: Sequence[Node], kinds: Mapping[Hashable, str]) -> list[dict[tuple[str, int], Node]]:
    """The leaves in the places of their kind, in each order; none where there are too many."""
    groups = [[x for x in leaves if kinds[key(x)] == kind] for kind in KINDS]
    if math.prod(math.factorial(len(g)) for g in groups) > MAX_ARRANGEMENTS:
        return []
    orders = itertools.product(*map(itertools.permutations, groups))
    return [{(kind, i): x for kind, group in zip(KINDS, order) for i, x in enumerate(group)} for order in orders]


def _near(table: Table, prints: Prints) -> Array:
    """Which rows may be an entry or its antipode: of all at once, by their angles, before any is looked at."""
    with np.errstate(all="ignore"):
        angles = np.abs(prints.units @ table.units.T).max(axis=1)
        return np.asarray(prints.known & (angles > 1 - NARROW))


def _matched(table: Table, prints: Prints, i: int, places: dict[tuple[str, int], Node]) -> Iterator[Match]:
    unit, mean, length = prints.units[i], float(prints.means[i]), float(prints.lengths[i])
    for sign in (1, -1):
        for k in np.flatnonzero(np.abs(table.units - sign * unit).max(axis=1) <= TOLERANCE):
            entry = table.entries[k]
            scale = sign * length / entry.length
            offset = mean - scale * entry.mean
            if entry.reference.exact and abs(offset) > 1e-6 * max(abs(scale), abs(mean)):
                continue
            yield Match(entry, scale, offset, {role: places[slot] for role, slot in entry.slots.items()})


def key(leaf: Node) -> Hashable:
    assert leaf.leaf is not None
    return leaf.leaf.key
