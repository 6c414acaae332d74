"""Other ways to look at a formula: names as leaves or looked into, weights left out, names that belong together."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np

from vaelint.graph.domains import domains
from vaelint.graph.lookup import POINTS, key, points, values
from vaelint.graph.node import CONSTANT, NAMED, Graph, Kind, Leaf, Node, below, rewritten, walk, with_leaves

Positive = Callable[[Leaf], bool]


def leaves(root: Node) -> list[Node]:
    """The distinct leaves in the order in which they are met."""
    return [n for n in walk(root) if n.leaf is not None]


def views(graph: Graph, root: Node) -> list[Node]:
    """The formula with its local names as leaves, then looked into: of one leaf, of one name, one level, all."""
    known = graph.views.get(root)
    if known is None:
        before = graph.work
        found = _views(graph, root)
        known = graph.views[root] = found, graph.work - before
    else:
        graph.work += known[1]  # it costs the same whoever asked before
    return known[0]


def _views(graph: Graph, root: Node) -> list[Node]:
    if not any(x.op == NAMED for x in walk(root)):  # there is nothing to look into
        return list(dict.fromkeys((root, _counted(graph, root))))
    several = (
        _closed(graph, root),
        _open_where_short(graph, root, _open),  # `std = exp(0.5 * logvar)`, not `mean = W @ x + b`
        _open_where_short(graph, root, _closed),  # `half = log(det(S))`, not `S = Z @ P @ Z.T + H`
        _closed(graph, rewritten(graph, root, lambda n, _: n.args[0] if n.op == NAMED else None, NAMED)),
        _open(graph, root),
    )
    counted = (_counted(graph, view) for view in several)
    return list(dict.fromkeys((*several, *counted)))


def _counted(graph: Graph, root: Node) -> Node:
    """``n * log(2 * pi)`` as ``log(2 * pi)``: how many dimensions a normaliser counts changes a constant."""
    if not any(x.op == "mul" and x.args[1].op == "log" for x in walk(root)):
        return root
    return rewritten(graph, root, lambda n, _: _constant(graph, n) if n.op == "mul" else None)


def _constant(graph: Graph, product: Node) -> Node | None:
    left, right = product.args
    if right.op == "log" and not leaves(right):
        counts = leaves(left)
        if len(counts) == 1 and all(_scales(x) for x in walk(left)):
            one = with_leaves(graph, left, {key(counts[0]): graph.constant(1.0)})
            return graph.apply("mul", one, right, origin=product.origin)
    return None


def _scales(x: Node) -> bool:
    return x.op in ("mul", "div", "neg", CONSTANT) or x.leaf is not None


def with_one_dimension(graph: Graph, root: Node) -> Iterator[Node]:
    """``- k`` of a divergence over ``k`` dimensions as ``- 1``: a leaf that is a summand of the whole and nothing else.

    Of either sign: what is constant has no direction, and is no slip.
    """
    summed: list[Node] = []
    rest: set[Node] = set()
    to_do = [root]
    while to_do:
        node = to_do.pop()
        scaled = [x for x in node.args if leaves(x)]
        only_scaled = len(scaled) == 1 and (node.op == "mul" or (node.op == "div" and scaled[0] is node.args[0]))
        if only_scaled or node.op in ("add", "sub", "neg", NAMED):
            to_do += scaled
        elif node.leaf is not None:
            summed.append(node)
        else:
            rest.update(walk(node))
    if len(summed) == 1 and summed[0] not in rest and any(x.op == "log" for x in rest):
        yield from (with_leaves(graph, root, {key(summed[0]): graph.constant(one)}) for one in (1.0, -1.0))


def _closed(graph: Graph, root: Node) -> Node:
    return rewritten(graph, root, lambda n, _: _as_leaf(graph, n) if n.op == NAMED else None, NAMED)


def _as_leaf(graph: Graph, named: Node) -> Node:
    inner = named.args[0]
    if inner.op == CONSTANT or inner.leaf is not None:
        return inner
    return graph.leaf(Kind.OPAQUE, str(named.setting("name")), named.setting("key"))


def _open_where_short(graph: Graph, root: Node, inside: Callable[[Graph, Node], Node]) -> Node:
    """The names of what ``inside`` makes a short function of one leaf, as that function; the others as leaves."""

    def change(node: Node, args: tuple[Node, ...]) -> Node | None:
        if node.op != NAMED:
            return None
        inner = inside(graph, node.args[0])
        short = len(leaves(inner)) <= 1 and len(list(islice(walk(inner), 12))) < 12
        return inner if short else _as_leaf(graph, node)

    return rewritten(graph, root, change, NAMED)


def _open(graph: Graph, root: Node) -> Node:
    return rewritten(graph, root, lambda n, args: args[0] if n.op == NAMED else None)


def without_weights(graph: Graph, root: Node, met: Sequence[Node], positive: Positive) -> Node | None:
    """The formula without the leaves that are positive factors of the whole of it; None if there are none."""
    if not any(leaf.leaf is not None and positive(leaf.leaf) for leaf in met):
        return None
    kinds = domains(below([root]))
    at = points({key(n): kinds[key(n)] for n in met})
    here = values(root, at) if at is not None else None
    if at is None or here is None or not np.isfinite(here).all():
        return None
    factors = set()
    for leaf in met:
        if leaf.leaf is None or not positive(leaf.leaf):
            continue
        doubled = values(root, {**at, key(leaf): 2 * at[key(leaf)]})
        if doubled is None:
            continue
        with np.errstate(all="ignore"):
            ratio = (doubled / here)[here != 0]
        if ratio.size and ((np.abs(ratio - 2) < 1e-9).all() or (np.abs(ratio - 0.5) < 1e-9).all()):
            factors.add(key(leaf))
    return with_leaves(graph, root, dict.fromkeys(factors, graph.constant(1.0))) if factors else None


def balanced(graph: Graph, root: Node, met: Sequence[Node], positive: Positive) -> Node | None:
    """``beta`` and ``1 - beta`` on two summands taken as a half each: a share of the one term is none of the other."""
    taken = [x.args for x in walk(root) if x.op == "sub"]
    shares = {key(b) for a, b in taken if a.op == CONSTANT and a.constant == 1.0 and b.leaf is not None}
    found = [n for n in met if key(n) in shares and n.leaf is not None and positive(n.leaf) and _is_share(root, n, met)]
    return with_leaves(graph, root, {key(n): graph.constant(0.5) for n in found}) if found else None


def _is_share(root: Node, share: Node, met: Sequence[Node]) -> bool:
    """Whether the formula is linear in a share, with the same sign of both parts: ``s * a + (1 - s) * b``."""
    kinds = domains(below([root]))
    at = points({key(n): kinds[key(n)] for n in met if n is not share})
    if at is None:
        return False
    found = [values(root, {**at, key(share): np.full(POINTS, s)}) for s in (0.1, 0.5, 0.9)]
    none, some, whole = found
    if none is None or some is None or whole is None:
        return False
    return bool((np.abs(none + whole - 2 * some) < 1e-9 * (1 + np.abs(some))).all())


_LOG_NAME = re.compile(r"(?:^|(?<=[._]))(?:log|ln)_?(?=[a-z])", re.I)


def linked(graph: Graph, root: Node, met: Sequence[Node]) -> Node | None:
    """``log_std`` beside ``std``: the one is the logarithm of the other. None if no two leaves are called so."""
    by_name = {n.leaf.name.lower(): n for n in met if n.leaf is not None}
    found = {}
    for name, node in by_name.items():
        other = by_name.get(_LOG_NAME.sub("", name, count=1))
        if other is not None and other is not node:
            found[key(node)] = graph.apply("log", other)
    return with_leaves(graph, root, found) if found else None


def lifted(graph: Graph, root: Node) -> Node | None:
    """``softplus(rho)`` where ``rho`` stands nowhere else: a positive leaf of its own."""
    inside: dict[Node, set[str]] = {}
    for node in walk(root):
        for a in node.args:
            inside.setdefault(a, set()).add(node.op)
    lift = {n for n, parents in inside.items() if n.leaf is not None and parents == {"softplus"}}
    if not lift:
        return None

    def change(node: Node, args: tuple[Node, ...]) -> Node | None:
        if node.op != "softplus" or node.args[0] not in lift or node.args[0].leaf is None:
            return None
        return graph.leaf(Kind.OPAQUE, f"softplus({node.args[0].leaf.name})", ("softplus", key(node.args[0])))

    return rewritten(graph, root, change)


# Numbers that belong to formulas as such; any other may be a prior's scale or mean that was typed in.
_OWN: tuple[float, ...] = (
    0.0, 0.5, 1.0, 2.0, 3.0, 4.0, math.e, math.pi, 2 * math.pi, math.log(2 * math.pi),
    math.log(2 * math.pi) / 2, math.sqrt(math.pi / 2), math.sqrt(2 * math.pi),
)  # fmt: skip
MAX_NUMBERS = 3


def numbered(graph: Graph, root: Node) -> Iterator[Node]:
    """The formula with numbers as leaves: ``0.1``, and ``0.01`` or ``log(0.1)`` beside it as made of that leaf."""
    constants = {n.constant for n in walk(root) if n.op == CONSTANT}
    found = {x for x in constants if not any(abs(abs(x) - k) < 1e-9 for k in _OWN)}
    if not 0 < len(found) <= MAX_NUMBERS:
        return
    for base in sorted(found):
        if base > 0:
            yield _made_of(graph, {base: number(graph, base)}, root)
    if len(found) > 1:
        yield _made_of(graph, {value: number(graph, value) for value in found}, root)


def number(graph: Graph, value: float) -> Node:
    return graph.leaf(Kind.OPAQUE, f"{value:g}", ("number", value))


def _made_of(graph: Graph, bases: dict[float, Node], root: Node) -> Node:
    known: dict[float, Node] = {}
    one, two = graph.constant(1.0), graph.constant(2.0)
    for value, leaf in bases.items():
        square = graph.apply("square", leaf)
        known |= {value**2: square, 2 * value**2: graph.apply("mul", two, square)}
        if value > 0:
            known |= {1 / value: graph.apply("div", one, leaf), 1 / value**2: graph.apply("div", one, square)}
            known |= {math.log(value): graph.apply("log", leaf), 2 * math.log(value): graph.apply("log", square)}
    known |= bases

    def change(node: Node, args: tuple[Node, ...]) -> Node | None:
        if node.op != CONSTANT:
            return None
        fits = (made for v, made in known.items() if abs(node.constant - v) < 1e-9 * (1 + abs(v)))
        return next(fits, None)

    return rewritten(graph, root, change)
