"""Where leaves may lie, by what is done with them: the argument of ``log`` is positive, ``p`` beside ``log(1 - p)``
below one. Taken for one function: what another does with a like name says nothing here.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from vaelint.graph.node import CONSTANT, LEAF, NAMED, Kind, Node
from vaelint.graph.ops import LABEL, MATRIX, POSITIVE, PRIMITIVES, UNIT

REAL, NEGATIVE, SIMPLEX, BINARY = "real", "negative", "simplex", "binary"

_THROUGH = frozenset({
    "sum", "mean", "amax", "amin", "item", "expand", "squeeze", "flatten", "swap", "same", "stop", "pick", "stack",
    "cat", "flip", "sort", "cumsum", "prod", "reverse", "share", "amount", NAMED,
})  # fmt: skip
Marks = dict[Hashable, set[str]]


def domains(nodes: Iterable[Node]) -> dict[Hashable, str]:
    """The domain of each leaf among the nodes, by its key."""
    marks: Marks = {}
    for node in nodes:
        if node.leaf is not None:
            marks.setdefault(node.leaf.key, set())
            if node.leaf.kind is Kind.PROBABILITY:
                marks[node.leaf.key].add(POSITIVE)
        primitive = PRIMITIVES.get(node.op)
        for arg, need in zip(node.args, primitive.needs if primitive is not None else ()):
            if need:
                _mark(arg, need, marks)
        if node.op == "log1p":
            _mark_above_minus_one(node.args[0], marks)
        elif node.op == "pow" and _is_of_positive(node.args[1]):
            _mark(node.args[0], POSITIVE, marks)
    order = (MATRIX, LABEL, UNIT, POSITIVE)
    return {key: next((d for d in order if d in found), REAL) for key, found in marks.items()}


def _is_of_positive(exponent: Node) -> bool:
    """Whether powers with this exponent have no value below zero."""
    if exponent.op == CONSTANT:
        return exponent.constant != int(exponent.constant)
    return exponent.op not in (LEAF, NAMED)


def _mark(node: Node, need: str, marks: Marks, added: bool = False, depth: int = 24) -> None:
    """``node`` must lie in a domain: what does that say of its leaves? Of a square that is ``added`` nothing."""
    if depth == 0:
        return
    if node.leaf is not None:
        marks.setdefault(node.leaf.key, set()).add(need)
        return
    args = node.args
    parts: Sequence[Node] = ()
    if node.op in _THROUGH:
        parts = args[:1] if node.op == "pick" else args
    elif node.op == "where":
        parts = args[1:]
    elif node.op in ("max", "min"):
        parts = args
    elif need == MATRIX:
        parts = args if node.op in ("add", "sub") else ()
    elif need != POSITIVE:
        return
    elif node.op in ("square", "abs", "norm", "pow") or (node.op == "mul" and args[0].value == args[1].value):
        if not added:
            _mark_root(args[0], marks, depth - 1)
    elif node.op in ("mul", "div"):
        parts = args
    elif node.op == "sqrt":
        parts, added = args, False
    elif node.op in ("add", "sub", "neg"):
        _mark_sum(node, marks, depth - 1)
    for a in parts:
        _mark(a, need, marks, added, depth - 1)


def _mark_root(node: Node, marks: Marks, depth: int) -> None:
    """The square of ``node`` is positive: a scale is, then; of ``(x - m) / s`` only ``s``, for a square always is."""
    if node.op == NAMED:
        _mark_root(node.args[0], marks, depth)
    elif node.op in ("mul", "div"):
        for a in node.args:
            _mark_root(a, marks, depth)
    elif node.op not in ("add", "sub"):
        _mark(node, POSITIVE, marks, False, depth)


def _mark_sum(node: Node, marks: Marks, depth: int) -> None:
    """What is added may be taken as positive, ``p`` in ``1 - p`` as below one.

    That a sum is positive does not say so of its parts; it is a reading, the same for references and for what is
    compared with them.
    """
    constant, parts = _summands(node, 1.0)
    if constant == 1.0 and len(parts) == 1 and parts[0][0] == -1.0:
        _mark(parts[0][1], UNIT, marks, False, depth)
    for factor, part in parts:
        if factor > 0:
            _mark(part, POSITIVE, marks, len(parts) > 1 or constant != 0, depth)


def _mark_above_minus_one(node: Node, marks: Marks) -> None:
    """``log1p(-p)`` is ``log(1 - p)``; of ``log1p(x / y)`` nothing is said."""
    _, parts = _summands(node, 1.0)
    if len(parts) == 1 and parts[0][0] == -1.0:
        _mark(parts[0][1], UNIT, marks)
    elif _bare(node).leaf is not None:
        _mark(node, POSITIVE, marks)


def _summands(node: Node, factor: float) -> tuple[float, list[tuple[float, Node]]]:
    """A constant, and the other terms of a sum with their constant factors."""
    number = _number(node)
    if number is not None:
        return factor * number, []
    args = node.args
    if node.op == NAMED:
        return _summands(args[0], factor)
    if node.op == "neg":
        return _summands(args[0], -factor)
    if node.op == "mul":
        for k, other in ((_number(args[0]), args[1]), (_number(args[1]), args[0])):
            if k is not None:
                return _summands(other, factor * k)
    if node.op in ("add", "sub"):
        c1, xs = _summands(args[0], factor)
        c2, ys = _summands(args[1], factor if node.op == "add" else -factor)
        return c1 + c2, xs + ys
    return 0.0, [(factor, node)]


def _number(node: Node) -> float | None:
    """The value of a constant, or of minus one."""
    if node.op == "neg" and node.args[0].op == CONSTANT:
        return -node.args[0].constant
    return node.constant if node.op == CONSTANT else None


def _bare(node: Node) -> Node:
    while node.op == NAMED:
        node = node.args[0]
    return node
