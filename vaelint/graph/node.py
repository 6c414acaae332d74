"""The nodes of a graph: operations down to leaves, hash-consed.

A node stands for one operation *as it was written*: `origin` is the id of the IR node, so that one written sign can be
pointed at and changed. Two nodes that compute the same, wherever they were written, have one `value`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from enum import Enum

from vaelint.records import record

NOWHERE = -1
LEAF, CONSTANT, NAMED = "leaf", "constant", "named"
Settings = tuple[tuple[str, Hashable], ...]


class Kind(Enum):
    """Where a leaf comes from."""

    PARAMETER = "parameter"  # of the function, or an attribute of its object
    DATA = "data"  # an element of what a loop goes over
    OUTPUT = "output"  # of a network, or of any function that is not looked into: one for each callee and arguments
    DRAW = "draw"  # from a distribution
    PROBABILITY = "probability"  # of one outcome, of a softmax that is not looked into
    OPAQUE = "opaque"  # something that could not be read


@record(frozen=True, slots=True)
class Leaf:
    """Two leaves of one ``key`` are one value; ``name`` is for people. ``scalar``: a number by its default."""

    kind: Kind
    name: str
    key: Hashable
    scalar: bool = False


@record(frozen=True, slots=True, eq=False)
class Node:
    """``number``: its place in its graph; arguments come before what they are arguments of.

    ``depth``: operations inside each other, names included, from a leaf on.
    """

    number: int
    op: str
    args: tuple[Node, ...] = ()
    settings: Settings = ()
    value: int = 0
    origin: int = NOWHERE
    leaf: Leaf | None = None
    constant: float = 0.0
    depth: int = 0

    def setting(self, name: str, default: Hashable = None) -> Hashable:
        return next((v for k, v in self.settings if k == name), default)


class Graph:
    """The nodes that were made. Making the same node again gives the one that is there.

    ``work`` counts what was done with them: nodes that were asked for, and run over a few samples.
    """

    def __init__(self) -> None:
        self.work = 0
        self.views: dict[Node, tuple[list[Node], int]] = {}  # what `vaelint.graph.views` made of a node, and its work
        self._nodes: dict[Hashable, Node] = {}
        self._values: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return len(self._nodes)

    def leaf(self, kind: Kind, name: str, key: Hashable, scalar: bool = False) -> Node:
        return self._made((LEAF, key), (LEAF, key), LEAF, leaf=Leaf(kind, name, key, scalar))

    def constant(self, value: float) -> Node:
        key = (CONSTANT, repr(float(value)))  # by its digits: -0.0 is not 0.0
        return self._made(key, key, CONSTANT, constant=float(value))

    def apply(self, op: str, *args: Node, origin: int = NOWHERE, **settings: Hashable) -> Node:
        kept = tuple(sorted(settings.items()))
        key = (op, tuple(a.number for a in args), kept, origin)
        alike = (op, tuple(a.value for a in args), kept)
        return self._made(key, alike, op, args=args, settings=kept, origin=origin)

    def named(self, inner: Node, name: str, key: Hashable) -> Node:
        """What a local name was bound to: the value of ``inner``, which may be looked into or taken as a leaf."""
        return self.apply(NAMED, inner, name=name, key=key)

    def copied(self, root: Node) -> Node:
        """A node of another graph, in this one."""
        made: dict[int, Node] = {}
        for node in below([root]):
            if node.leaf is not None:
                new = self.leaf(node.leaf.kind, node.leaf.name, node.leaf.key, node.leaf.scalar)
            elif node.op == CONSTANT:
                new = self.constant(node.constant)
            else:
                args = (made[a.number] for a in node.args)
                new = self.apply(node.op, *args, origin=node.origin, **dict(node.settings))
            made[node.number] = new
        return made[root.number]

    def _made(
        self,
        key: Hashable,
        alike: Hashable,
        op: str,
        args: tuple[Node, ...] = (),
        settings: Settings = (),
        origin: int = NOWHERE,
        leaf: Leaf | None = None,
        constant: float = 0.0,
    ) -> Node:
        self.work += 1
        node = self._nodes.get(key)
        if node is None:
            value = self._values.setdefault(alike, len(self._values))
            depth = 1 + max([a.depth for a in args], default=-1)
            node = Node(len(self._nodes), op, args, settings, value, origin, leaf, constant, depth)
            self._nodes[key] = node
        return node


def below(roots: Iterable[Node], closed: str = "") -> list[Node]:
    """The nodes that the roots are made of, themselves included; arguments first. No recursion: chains are long.

    Those whose operation is ``closed`` are not looked into.
    """
    seen: dict[int, Node] = {}
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node.number not in seen:
            seen[node.number] = node
            if node.op != closed:
                stack.extend(node.args)
    return [seen[n] for n in sorted(seen)]


def walk(root: Node) -> Iterator[Node]:
    """The node and all in it, each once: outer before inner, left before right."""
    seen: set[int] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if node.number not in seen:
            seen.add(node.number)
            yield node
            stack.extend(reversed(node.args))


def leaves(*roots: Node) -> list[Node]:
    """The distinct leaves in the order in which they were made."""
    return [n for n in below(roots) if n.op == LEAF]


def rewritten(
    graph: Graph, root: Node, change: Callable[[Node, tuple[Node, ...]], Node | None], closed: str = ""
) -> Node:
    """The root with changes made: ``change`` gets a node and its new arguments, and has an answer or None.

    In nodes whose operation is ``closed`` nothing is changed.
    """
    made: dict[int, Node] = {}
    for node in below([root], closed):
        args = node.args if node.op == closed else tuple([made[a.number] for a in node.args])
        new = change(node, args)
        if new is None:
            same = args == node.args  # each is equal to itself alone
            new = node if same else graph.apply(node.op, *args, origin=node.origin, **dict(node.settings))
        made[node.number] = new
    return made[root.number]


def with_leaves(graph: Graph, root: Node, what: Mapping[Hashable, Node]) -> Node:
    """The root with leaves replaced by other nodes, by their keys."""
    return rewritten(graph, root, lambda node, args: what.get(node.leaf.key) if node.leaf is not None else None)


def replaced(graph: Graph, root: Node, what: dict[int, Node]) -> Node:
    """The root with nodes replaced by others, by their `value`."""
    return rewritten(graph, root, lambda node, args: what.get(node.value))


# --- for people ----------------------------------------------------------------------------------

_INFIX = {"add": ("+", 1), "sub": ("-", 1), "mul": ("*", 2), "div": ("/", 2), "matmul": ("@", 2), "pow": ("**", 4)}


def show(node: Node, depth: int = 6, outer: int = 0) -> str:
    """Short mathematical text."""
    if node.leaf is not None:
        return node.leaf.name
    if node.op == CONSTANT:
        text = "pi" if node.constant == math.pi else f"{node.constant:.6g}"
        return f"({text})" if outer > 1 and node.constant < 0 else text
    if node.op == NAMED:
        return str(node.setting("name"))
    if not depth:
        return "…"
    if node.op == "neg":
        text = "-" + show(node.args[0], depth - 1, 3)
        return f"({text})" if outer > 1 else text
    if node.op in _INFIX and len(node.args) == 2:
        sign, rank = _INFIX[node.op]
        left, right = node.args
        text = f"{show(left, depth - 1, rank)} {sign} {show(right, depth - 1, rank + (node.op in ('sub', 'div')))}"
        if node.op == "pow":
            text = f"{show(left, depth - 1, 5)}**{show(right, depth - 1, 5)}"
        return f"({text})" if outer > rank else text
    return f"{node.op}({', '.join(_shown(node.args, depth - 1))})"


def _shown(args: tuple[Node, ...], depth: int) -> Iterator[str]:
    return (show(a, depth) for a in args)
