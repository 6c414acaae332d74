"""A formula that is written in words beside code, held against what the code computes there.

Both are graphs, whose leaves belong together by their names: ``mu`` and ``self.mu``, ``a`` and ``actions``. Where they
belong together in several ways, the code may be right in any of them. Values decide, up to a positive scale and a
constant.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from vaelint import ir
from vaelint.graph.domains import domains
from vaelint.graph.formula import read
from vaelint.graph.lookup import TOLERANCE, key, points, printed, values
from vaelint.graph.node import NAMED, NOWHERE, Graph, Kind, Node, below, rewritten, walk, with_leaves
from vaelint.graph.ops import Array
from vaelint.graph.repair import Flip, flips
from vaelint.graph.views import leaves

At = Mapping[Hashable, Array]  # samples of the leaves, by their keys
MOST_NAMES = 4  # local names of the code that may be leaves or be looked into
MOST_WAYS = 24  # in which leaves belong together
FEWEST = 2  # leaves of a formula that says something


class Difference(NamedTuple):
    """``flip``: the one sign that makes the code what is written; None where it is its negation as a whole.

    ``code`` and ``written`` are over the same leaves.
    """

    code: Node
    written: Node
    flip: Flip | None


def compare(graph: Graph, code: Node, written: ir.Expr) -> Difference | None:
    """How the code differs from the formula: in a sign. None where it does not, or in more, or is something else."""
    form = read(written, graph)
    found: list[Difference] = []
    for view, fitted in _pairs(graph, code, form) if form is not None else ():
        at = points(domains(below([view, fitted])))
        way = _way(view, fitted, at) if at is not None else None
        if at is None or way is None:
            continue
        if way > 0:
            return None
        found += _differences(graph, view, fitted, at, way)
    places = {d.flip.origin if d.flip is not None else NOWHERE for d in found}
    return found[0] if len(places) == 1 else None


def _differences(graph: Graph, code: Node, form: Node, at: At, way: int) -> Iterator[Difference]:
    signs = [f for f in flips(graph, code) if _way(f.root, form, at) == 1]
    if len(signs) == 1:
        yield Difference(code, form, signs[0])
    elif way < 0:
        yield Difference(code, form, None)


def _pairs(graph: Graph, code: Node, form: Node) -> Iterator[tuple[Node, Node]]:
    """The code and the formula over the same leaves, in each way in which they may belong together."""
    return ((view, fitted) for view in _views(graph, code, form) for fitted in _fitted(graph, view, form))


def _views(graph: Graph, code: Node, form: Node) -> Iterator[Node]:
    """The code with its local names looked into, but for some of those that the formula may speak of."""
    words = [_name(x) for x in leaves(form)]
    named = {x.setting("key"): str(x.setting("name")) for x in walk(code) if x.op == NAMED}
    spoken = [k for k, name in named.items() if any(same_name(w, name) for w in words)][:MOST_NAMES]
    for n in range(len(spoken), -1, -1):
        for closed in map(frozenset, itertools.combinations(spoken, n)):
            yield rewritten(graph, code, lambda x, args: _seen(graph, x, args, closed))  # noqa: B023 - used at once


def _seen(graph: Graph, x: Node, args: tuple[Node, ...], closed: Collection[Hashable]) -> Node | None:
    if x.op != NAMED:
        return None
    key = x.setting("key")
    return graph.leaf(Kind.OPAQUE, str(x.setting("name")), key) if key in closed else args[0]


def _fitted(graph: Graph, code: Node, form: Node) -> Iterator[Node]:
    """The formula over the leaves of the code, in each way in which they may belong together by name."""
    theirs, ours = leaves(form), leaves(code)
    if not FEWEST <= len(theirs) == len(ours):
        return
    choices = [[n for n in ours if same_name(_name(x), _name(n))] for x in theirs]
    ways = itertools.islice(itertools.product(*choices), MOST_WAYS * len(ours))
    for way in itertools.islice((w for w in ways if len(set(w)) == len(w)), MOST_WAYS):
        yield with_leaves(graph, form, {key(x): n for x, n in zip(theirs, way)})


def _way(one: Node, other: Node, at: At) -> int | None:
    """1 for the same up to a positive scale and a constant, -1 for a negative one, 0 else; None without values."""
    first, second = values(one, at), values(other, at)
    if first is None or second is None:
        return None
    prints = printed(np.asarray([first, second]))
    if not prints.known.all():
        return None
    a, b = prints.units
    return next((sign for sign in (1, -1) if np.abs(a - sign * b).max() <= TOLERANCE), 0)


def equal(one: Node, other: Node) -> bool | None:
    """Whether two formulas over the same leaves have the same values; None where one of them has none."""
    at = points(domains(below([one, other])))
    first, second = (values(x, at) for x in (one, other)) if at is not None else (None, None)
    if first is None or second is None:
        return None
    known = np.isfinite(first) & np.isfinite(second)
    return (
        bool((np.abs(first - second)[known] <= TOLERANCE * (1 + np.abs(second[known]))).all()) if known.any() else None
    )


def _name(leaf: Node) -> str:
    assert leaf.leaf is not None
    return leaf.leaf.name.rpartition(".")[2].partition("[")[0]


_INDICES = frozenset("ijknt")


def same_name(written: str, name: str, by_initial: bool = True) -> bool:
    """Whether a name in a formula is one in the code: ``y_i`` and ``y``, and (``by_initial``) ``r`` and ``reward``."""
    a, b = _bare(written), _bare(name)
    if not a or not b:
        return False
    return a.rstrip("s") == b.rstrip("s") or (by_initial and len(a) == 1 and b.startswith(a))


def is_word_of(written: str, name: str) -> bool:
    """Whether a name in a formula is a word of one in the code: ``loss`` and ``poisson_loss``."""
    return len(written) > 1 and _bare(written) in name.casefold().split("_")


def _bare(name: str) -> str:
    parts = [p for p in name.casefold().split("_") if p]
    while len(parts) > 1 and parts[-1] in _INDICES:
        parts.pop()
    return "".join(parts)
