"""Whatever is said of an expression is checked first, on a thousand samples that nothing was fitted to.

A reference is found by a few points (`lookup`). Before the expression is called by its name, the two are compared on
fresh ones; before a place is called the least or the greatest, the expression is computed there and elsewhere.
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from vaelint.graph.domains import BINARY, SIMPLEX, domains
from vaelint.graph.execute import Exhausted, Run, drawn, run
from vaelint.graph.language import written
from vaelint.graph.lookup import Match, key
from vaelint.graph.node import Graph, Node, below, with_leaves
from vaelint.graph.ops import Array
from vaelint.sense import Sense

SAMPLES = 1000
FEWEST = 100  # of these must have a value
TOLERANCE = 1e-6
MANY = 4  # times the work of a few samples


def is_reference(graph: Graph, root: Node, m: Match) -> bool:
    """Whether the formula is ``scale`` × the reference + ``offset`` on fresh samples; not, where it is too long."""
    case = _Case(graph, root, m)
    reference = written(graph, m.entry.reference.text, case.roles)
    try:
        made = case.run([root, reference], case.samples(constrained=False))
    except Exhausted:
        return False
    with np.errstate(all="ignore"):
        here = made.of(root)
        there = m.scale * made.of(reference) + m.offset
        gap, size = np.abs(here - there), 1 + np.abs(here) + np.abs(there - m.offset) + abs(m.offset)
        known = np.isfinite(gap)
        return bool(known.sum() >= FEWEST and (gap[known] <= TOLERANCE * size[known]).all())


def is_best(graph: Graph, root: Node, m: Match) -> bool:
    """Whether the formula is least, or greatest where it is minus the reference, at each place that is said of it."""
    reference = m.entry.reference
    if not reference.least:
        return "{" not in reference.optimum  # words without a place: "the mode of the density"
    case = _Case(graph, root, m)
    at = case.samples(constrained=True)
    lowered = (m.scale > 0) is (reference.sense is Sense.COST)
    for place in reference.least:
        moved = case.moved(place)
        made = case.run([root, moved], at)
        with np.errstate(all="ignore"):
            gap = case.total(made.of(root)) - case.total(made.of(moved))
            size = 1 + np.abs(case.total(made.of(root)))
            known = np.isfinite(gap)
            gap = gap if lowered else -gap
            if known.sum() < FEWEST or not (gap[known] >= -TOLERANCE * size[known]).all():
                return False
    return True


class _Case:
    """A formula with the leaves that play the roles of a reference, and the roles as they make them."""

    def __init__(self, graph: Graph, root: Node, m: Match) -> None:
        self.graph, self.root, self.m = graph, root, m
        self.summed = SIMPLEX in m.entry.reference.given.values()
        self.roles = {role: written(graph, m.entry.ways[role].text, {"_": leaf}) for role, leaf in m.roles.items()}

    def run(self, nodes: list[Node], at: dict[Hashable, Array]) -> Run:
        made = run(nodes, at)
        self.graph.work += MANY * (len(made.values) + len(at))
        return made

    def moved(self, place: str) -> Node:
        """The formula at ``mu = nu, v = w``."""
        changes: dict[Hashable, Node] = {}
        for clause in place.split(", "):
            role, _, text = clause.partition(" = ")
            value = written(self.graph, text, self.roles)
            changes[key(self.m.roles[role])] = written(self.graph, self.m.entry.ways[role].back, {"_": value})
        return with_leaves(self.graph, self.root, changes)

    def samples(self, constrained: bool) -> dict[Hashable, Array]:
        """Values of the leaves; ``constrained``: so that roles lie where the statement speaks of them."""
        given = self.m.entry.reference.given if constrained else {}
        shape = (3,) if self.summed and constrained else ()
        out: dict[Hashable, Array] = {}
        for i, (at, kind) in enumerate(domains(below([self.root])).items()):
            out[at] = drawn(kind, shape, SAMPLES, np.random.default_rng((2, i)))
        for i, (role, kind) in enumerate(given.items()):
            rng = np.random.default_rng((3, i))
            uniform = kind == BINARY
            values = np.round(rng.uniform(size=(SAMPLES, *shape))) if uniform else drawn(kind, shape, SAMPLES, rng)
            leaf = self.m.roles[role]
            back = written(self.graph, self.m.entry.ways[role].back, {"_": leaf})
            out[key(leaf)] = run([back], {key(leaf): values}).of(back)
        return out

    def total(self, values: Array) -> Array:
        """The sum over a distribution, where the statement is one of sums."""
        return values.sum(axis=-1) if values.ndim > 1 else values
