"""The one written sign that keeps a law when it is flipped, and breaks nothing that held."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from vaelint.graph.node import CONSTANT, NOWHERE, Graph, Node, below, rewritten

if TYPE_CHECKING:
    from vaelint.graph.ask import Answer

MOST_SIGNS = 14
FLIPPED = {"add": "sub", "sub": "add", "neg": ""}  # what is written instead; a minus in front goes
Law = Callable[[Node], "Answer"]


class Flip(NamedTuple):
    """``origin``: the IR node of the operator; ``root``: what is computed with its sign flipped."""

    origin: int
    op: str
    root: Node


def flipped(graph: Graph, root: Node, origin: int, op: str) -> Node:
    """The root with a written sign flipped, wherever it is met."""

    def change(node: Node, args: tuple[Node, ...]) -> Node | None:
        if node.origin != origin or node.op != op:
            return None
        return args[0] if op == "neg" else graph.apply(FLIPPED[op], *args, origin=origin)

    return rewritten(graph, root, change)


def flips(graph: Graph, root: Node) -> Iterator[Flip]:
    """The root with each written sign flipped, one at a time; a sign in a callee is flipped wherever it is called."""
    sites: dict[tuple[int, str], None] = {}
    for node in below([root]):
        if node.op in FLIPPED and node.origin != NOWHERE and not all(a.op == CONSTANT for a in node.args):
            sites.setdefault((node.origin, node.op))
    if len(sites) > MOST_SIGNS:
        return
    for origin, op in sites:
        yield Flip(origin, op, flipped(graph, root, origin, op))


def repair(graph: Graph, root: Node, law: Law, kept: Sequence[Law] = ()) -> Flip | None:
    """The flip after which the law holds; None where there is none, or more than one.

    ``kept``: other claims about the same value, that hold now: a flip that breaks one is no repair.
    """
    held = [other for other in kept if other(root)]
    found = [f for f in flips(graph, root) if law(f.root) and all(other(f.root) for other in held)]
    return found[0] if len(found) == 1 else None
