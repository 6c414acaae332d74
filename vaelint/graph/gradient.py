"""Gradients by reverse mode, through what was run: a stop passes none, a reversal passes it with its sign turned."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import numpy as np

from vaelint.graph.execute import Run
from vaelint.graph.node import Node, below
from vaelint.graph.ops import PRIMITIVES, Array, Misfit


def gradients(root: Node, made: Run, by: Sequence[Node]) -> dict[int, Array]:
    """Of the sum of ``root``'s elements, by each of the nodes, in their shapes, sample by sample; by `Node.value`.

    A stop passes zeros. What did not run, or has no slope in the table (all that is not taken element by element),
    passes none that is known: NaN is what comes of it.
    """
    flowing: dict[int, Array] = {root.value: np.ones_like(made.of(root))}
    wanted = {n.value for n in by}
    out: dict[int, Array] = {}
    with np.errstate(all="ignore"):
        for node in reversed(_once(root)):
            grad = flowing.pop(node.value, None)
            if grad is None:
                continue
            if node.value in wanted:
                out[node.value] = grad
            _pass_on(node, grad, made, flowing)
    return {n.value: _whole(out.get(n.value), n, made) for n in by}


def _once(root: Node) -> list[Node]:
    """The nodes in order, of those with one value the first alone: that is where the others' arguments are known."""
    first: dict[int, Node] = {}
    for node in below([root]):
        first.setdefault(node.value, node)
    return list(first.values())


def _pass_on(node: Node, grad: Array, made: Run, flowing: dict[int, Array]) -> None:
    primitive = PRIMITIVES.get(node.op)
    if node.op == "stop" or not node.args:
        return
    args = [made.of(a) for a in node.args]
    passed: Sequence[Array | None] = [np.full_like(x, np.nan) for x in args]
    if primitive is not None and primitive.back is not None and node.value not in made.failed:
        with contextlib.suppress(Misfit, ValueError, LookupError, TypeError, ArithmeticError):
            passed = primitive.back(grad, args, made.of(node), dict(node.settings))
    for arg, g in zip(node.args, passed):
        if g is not None:
            before = flowing.get(arg.value)
            flowing[arg.value] = g if before is None else before + g


def _whole(grad: Array | None, node: Node, made: Run) -> Array:
    value = made.of(node) if node.value in made.values else np.zeros(1)
    return np.zeros_like(value) if grad is None else grad
