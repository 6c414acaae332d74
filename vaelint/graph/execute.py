"""Graphs are run on small arrays: over many samples at once, in several shapes, with leaves where operations say that
they may lie.

Nothing aborts: what has no value is a fresh leaf from there on, and named among what failed. The budget counts
evaluations of nodes, never seconds, so that an answer is the same on every machine.
"""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from vaelint.graph.domains import NEGATIVE, REAL, SIMPLEX
from vaelint.graph.node import CONSTANT, Node, below
from vaelint.graph.ops import LABEL, MATRIX, POSITIVE, PRIMITIVES, UNIT, Array, Misfit

Shape = tuple[int, ...]
Key = Hashable
Domains = Mapping[Key, str]

BASES: tuple[Shape, ...] = ((2, 3), (3,), (), (3, 3))  # the first settles most functions, all four nearly all
SAMPLES = 48
MOST_NODES = 2000  # of one run: a longer function is no formula
BUDGET = 60_000  # nodes evaluated for one question, each over `SAMPLES` samples


class Exhausted(Exception):
    """The budget is spent."""


@dataclass(slots=True)
class Budget:
    """How many evaluations of nodes are left."""

    left: int = BUDGET

    def spend(self, n: int) -> None:
        self.left -= n
        if self.left < 0:
            raise Exhausted


@dataclass(slots=True)
class Run:
    """The value of each node, by `Node.value`, and why those that have none have none."""

    values: dict[int, Array] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)

    def of(self, node: Node) -> Array:
        return self.values[node.value]


# --- one run -------------------------------------------------------------------------------------


def run(roots: Iterable[Node], at: Mapping[Key, Array], budget: Budget | None = None) -> Run:
    """Evaluate; ``at`` gives each leaf's samples by its key. Raises `Exhausted` alone."""
    nodes = below(roots)
    if len(nodes) > MOST_NODES:
        raise Exhausted
    if budget is not None:
        many = max((x.shape[0] for x in at.values()), default=1) // SAMPLES
        budget.spend(len(nodes) * max(1, many))
    out = Run()
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of means over nothing
        for node in nodes:
            if node.value not in out.values:
                out.values[node.value] = _value(node, at, out)
    return out


def _value(node: Node, at: Mapping[Key, Array], out: Run) -> Array:
    if node.op == CONSTANT:
        return np.asarray([node.constant])
    if node.leaf is not None:
        found = at.get(node.leaf.key)
        return found if found is not None else _unknown(node, (), out, "a leaf without a value")
    args = [out.values[a.value] for a in node.args]
    primitive = PRIMITIVES.get(node.op)
    if primitive is None or primitive.arity not in (-1, len(args)):
        return _unknown(node, args, out, "no such primitive")
    try:
        made = primitive.run(args, dict(node.settings))
    except (Misfit, ValueError, LookupError, TypeError, OverflowError, MemoryError, np.linalg.LinAlgError) as error:
        return _unknown(node, args, out, str(error) or type(error).__name__)
    if made.size > 1_000_000:
        return _unknown(node, args, out, "too large")
    return made


def _unknown(node: Node, args: Sequence[Array], out: Run, why: str) -> Array:
    """A fresh leaf in the shape of the largest argument: the same in each run, different for each node."""
    out.failed[node.value] = why
    shape = max((a.shape for a in args), key=lambda s: (len(s), s), default=(1,))
    return np.random.default_rng(node.value).normal(size=shape)


# --- situations ----------------------------------------------------------------------------------


class Situation(NamedTuple):
    """What the leaves are taken to be in one run: ``base`` is the shape of those of which nothing else is known,
    ``note`` says in words what was varied."""

    base: Shape
    domains: Domains
    note: str


# What a leaf may be besides what operations say of it: the answer must not depend on which.
_REFINED = {REAL: (REAL, POSITIVE, NEGATIVE, UNIT), POSITIVE: (POSITIVE, UNIT, SIMPLEX), UNIT: (UNIT, SIMPLEX)}


def varied(known: Domains) -> Iterator[tuple[str, Domains]]:
    """The domains to try, with a note: what operations say first, then what they leave open, together."""
    seen = [dict(known)]
    yield "as they are called", known
    for step, note in enumerate((REAL, POSITIVE, NEGATIVE, UNIT)):
        open_ = {k: _REFINED.get(d, (d,)) for k, d in known.items()}
        chosen = {k: open_[k][step] if step < len(open_[k]) else d for k, d in known.items()}
        if chosen not in seen:
            seen.append(chosen)
            yield f"{note} where nothing says otherwise", chosen


def shape_of(leaf: Node, s: Situation) -> Shape:
    assert leaf.leaf is not None
    domain = s.domains.get(leaf.leaf.key, REAL)
    if domain == MATRIX:
        return (3, 3)
    if leaf.leaf.scalar:
        return ()
    return s.base[:-1] if domain == LABEL else s.base


def sampled(all_leaves: Sequence[Node], s: Situation, n: int = SAMPLES, seed: int = 0) -> dict[Key, Array]:
    """Samples for the leaves, by key; each leaf has a stream of its own, so that others do not change it."""
    out: dict[Key, Array] = {}
    for i, leaf in enumerate(all_leaves):
        assert leaf.leaf is not None
        rng = np.random.default_rng((seed, i))
        out[leaf.leaf.key] = drawn(s.domains.get(leaf.leaf.key, REAL), shape_of(leaf, s), n, rng)
    return out


def drawn(domain: str, shape: Shape, n: int, rng: np.random.Generator) -> Array:
    size = (n, *shape)
    if domain in (POSITIVE, NEGATIVE):
        made = np.exp(rng.uniform(-1.4, 1.2, size))
        return made if domain == POSITIVE else -made
    if domain == UNIT or (domain == SIMPLEX and (not shape or shape[-1] == 1)):
        return rng.uniform(0.04, 0.96, size)
    if domain == SIMPLEX:
        made = np.exp(rng.normal(0, 1, size))
        return np.asarray(made / made.sum(axis=-1, keepdims=True))
    if domain == LABEL:
        return np.asarray(rng.integers(0, 2, size), dtype=np.float64)
    if domain == MATRIX:
        root = rng.normal(0, 1, size)
        return np.asarray(root @ np.swapaxes(root, -1, -2) / shape[-1] + 0.5 * np.eye(shape[-1]))
    return rng.normal(0, 1.4, size)


def workable(
    roots: Sequence[Node],
    all_leaves: Sequence[Node],
    chosen: Domains,
    note: str,
    budget: Budget,
    bases: Sequence[Shape] = BASES,
) -> list[Situation]:
    """The bases in which every node of the roots has a value; else the one that fails least."""
    tried = [Situation(base, chosen, note) for base in bases]
    failures = {s.base: len(run(roots, sampled(all_leaves, s, 2), budget).failed) for s in tried}
    return [s for s in tried if not failures[s.base]] or sorted(tried, key=lambda s: failures[s.base])[:1]
