"""Whatever is said of an expression is checked first, on a thousand samples that nothing was fitted to.

A reference is found by a few points (`table`). Before the expression is called by its name, the two are compared on
fresh ones; before a place is called the least or the greatest, the expression is computed there and elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaelint.formula.domain import domains
from vaelint.formula.form import Form, Leaf, Named, Num, Op
from vaelint.formula.reader import read
from vaelint.formula.text import parse
from vaelint.sense import Sense

if TYPE_CHECKING:
    from vaelint.formula.table import Match
    from vaelint.graph.node import Graph, Node
    from vaelint.graph.ops import Array

SAMPLES = 1000
FEWEST = 100  # of these must have a value
TOLERANCE = 1e-6
SIMPLEX, BINARY = "simplex", "binary"


def graph_of(form: Form, graph: Graph) -> Node:
    """The form as a graph; the keys of the leaves are the same."""
    from vaelint.graph.node import Kind

    match form:
        case Num(value=value):
            return graph.constant(value)
        case Leaf(key=key, name=name):
            return graph.leaf(Kind.OPAQUE, name, key)
        case Named(form=inner):
            return graph_of(inner, graph)
        case Op(fn=fn, args=args, node=node):
            return graph.apply(fn, *(graph_of(a, graph) for a in args), origin=node)


def is_reference(form: Form, m: Match) -> bool:
    """Whether the form is ``scale`` × the reference + ``offset`` on fresh samples; not, where it is too long to run."""
    from vaelint.graph.execute import Exhausted

    try:
        return _is_reference(form, m)
    except (Exhausted, RecursionError):
        return False


def _is_reference(form: Form, m: Match) -> bool:
    import numpy as np

    from vaelint.graph.execute import run

    case = _Case(form, m)
    reference = read(parse(m.entry.reference.text))
    assert reference is not None
    made_of = case.of_roles(reference)
    made = run([case.root, made_of], case.samples(constrained=False))
    with np.errstate(all="ignore"):
        here = made.of(case.root)
        there = m.scale * made.of(made_of) + m.offset
        gap, size = np.abs(here - there), 1 + np.abs(here) + np.abs(there - m.offset) + abs(m.offset)
        known = np.isfinite(gap)
        return bool(known.sum() >= FEWEST and (gap[known] <= TOLERANCE * size[known]).all())


def is_best(form: Form, m: Match) -> bool:
    """Whether the form is least, or greatest where it is minus the reference, at each place that is said of it."""
    import numpy as np

    from vaelint.graph.execute import run

    reference = m.entry.reference
    if not reference.least:
        return "{" not in reference.optimum  # words without a place: "the mode of the density"
    case = _Case(form, m)
    at = case.samples(constrained=True)
    lowered = (m.scale > 0) is (reference.sense is Sense.COST)
    for place in reference.least:
        moved = case.moved(place)
        made = run([case.root, moved], at)
        with np.errstate(all="ignore"):
            gap = case.total(made.of(case.root)) - case.total(made.of(moved))
            size = 1 + np.abs(case.total(made.of(case.root)))
            known = np.isfinite(gap)
            gap = gap if lowered else -gap
            if known.sum() < FEWEST or not (gap[known] >= -TOLERANCE * size[known]).all():
                return False
    return True


class _Case:
    """A form with the leaves that play the roles of a reference."""

    def __init__(self, form: Form, m: Match) -> None:
        from vaelint.graph.definitions import written
        from vaelint.graph.node import NOWHERE, Graph

        self.form, self.m, self.graph = form, m, Graph()
        self.root = graph_of(form, self.graph)
        self.summed = SIMPLEX in m.entry.reference.given.values()
        self.leaves = {role: graph_of(leaf, self.graph) for role, leaf in m.roles.items()}
        self.roles = {
            role: written(self.graph, m.entry.ways[role].text, {"_": leaf}, NOWHERE)
            for role, leaf in self.leaves.items()
        }

    def of_roles(self, reference: Form) -> Node:
        """The reference over the roles, each written as the form writes it."""
        from vaelint.graph.node import replaced

        root = graph_of(reference, self.graph)
        plain = {graph_of(Leaf(role, role), self.graph).value: node for role, node in self.roles.items()}
        return replaced(self.graph, root, plain)

    def moved(self, place: str) -> Node:
        """The form at ``mu = nu, v = w``."""
        from vaelint.graph.definitions import written
        from vaelint.graph.node import NOWHERE, replaced

        changes: dict[int, Node] = {}
        for clause in place.split(", "):
            role, _, text = clause.partition(" = ")
            value = written(self.graph, text, self.roles, NOWHERE)
            back = written(self.graph, self.m.entry.ways[role].back, {"_": value}, NOWHERE)
            changes[self.leaves[role].value] = back
        return replaced(self.graph, self.root, changes)

    def samples(self, constrained: bool) -> dict[object, Array]:
        """Values of the leaves; ``constrained``: so that roles lie where the statement speaks of them."""
        import numpy as np

        from vaelint.graph.definitions import written
        from vaelint.graph.execute import drawn, run
        from vaelint.graph.node import NOWHERE

        given = self.m.entry.reference.given if constrained else {}
        shape = (3,) if self.summed and constrained else ()
        kinds = domains(self.form)
        out: dict[object, Array] = {}
        for i, (key, kind) in enumerate(kinds.items()):
            out[key] = drawn(kind, shape, SAMPLES, np.random.default_rng((2, i)))
        for i, (role, kind) in enumerate(given.items()):
            rng = np.random.default_rng((3, i))
            values = (
                np.round(rng.uniform(size=(SAMPLES, *shape))) if kind == BINARY else drawn(kind, shape, SAMPLES, rng)
            )
            leaf = self.leaves[role]
            assert leaf.leaf is not None
            back = written(self.graph, self.m.entry.ways[role].back, {"_": leaf}, NOWHERE)
            out[leaf.leaf.key] = run([back], {leaf.leaf.key: values}).of(back)
        return out

    def total(self, values: Array) -> Array:
        """The sum over a distribution, where the statement is one of sums."""
        return values.sum(axis=-1) if values.ndim > 1 else values
