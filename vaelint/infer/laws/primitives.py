"""A function that has the name of a primitive (``sigmoid``, ``softplus``, ``logit``) computes that primitive.

The name states a formula. What the function returns is compared with the primitive by numbers, exactly: where the two
differ, and are the same once one sign is changed (of the argument, of the whole, or one that is written), that sign is
wrong. Any other difference is another function: nothing is said of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.evidence import BY_PROOF
from vaelint.graph.node import Graph, Node, leaves
from vaelint.graph.spellings import UNARY
from vaelint.infer.events import Misstated
from vaelint.infer.quantities import closed
from vaelint.infer.quantities.formulas import NODES, WORK
from vaelint.infer.seen import EntryOpened, View, observes
from vaelint.infer.values import Function

if TYPE_CHECKING:
    from collections.abc import Iterator

LAW = "a function computes what its name says"


def is_named(name: str) -> bool:
    """Whether a function's name is that of a primitive, private or not."""
    return name.strip("_") in UNARY


@observes(EntryOpened)
def opened(view: View, seen: EntryOpened) -> None:
    """Tell of a function that differs in one sign from the primitive whose name it has."""
    fn = seen.function
    op = UNARY.get(fn.name.strip("_"))
    if op is None or not isinstance(fn.body, tuple) or len(closed.parameters(fn)) != 1 or not view.affords(WORK):
        return
    graph = Graph()
    end, form = _returned(graph, fn)
    if form is not None and end is not None:
        for origin, edit, turn, mended in _mended(graph, form, op):
            _tell(view, fn, form, mended, end, (origin, edit, turn))
    view.spend(graph.work // NODES)


def _returned(graph: Graph, fn: Function) -> tuple[ir.Expr | None, Node | None]:
    """The one formula that a function returns, over its one parameter; None where it is more, or is not read."""
    read = closed.Reading(graph, closed.of_module(fn.module).lookup)
    for p in fn.params:
        read.given(p.name)
    read.block(fn.body if isinstance(fn.body, tuple) else ())
    end = read.returned[0] if read.straight and len(read.returned) == 1 else None
    form = read.read(end) if end is not None else None
    if (
        form is None
        or not closed.complete(form)
        or [x.leaf.name for x in leaves(form) if x.leaf] != [closed.parameters(fn)[0]]
    ):
        return None, None
    return end, form


def _mended(graph: Graph, form: Node, op: str) -> Iterator[tuple[int, str, str, Node]]:
    """Where a sign is wrong, what to do about it, which edit that is, and what is meant; nothing where none is."""
    from vaelint.graph.documented import equal
    from vaelint.graph.repair import flips

    leaf = leaves(form)[0]
    meant = graph.apply(op, leaf)
    if equal(form, meant) is not False or equal(leaf, meant):
        return  # it is the primitive, has no values where that has, or that is about gradients alone
    signs = [f for f in flips(graph, form) if equal(f.root, meant)]
    if len(signs) == 1:
        yield signs[0].origin, "flip this sign", "", meant
    elif equal(form, graph.apply(op, graph.apply("neg", leaf))):
        assert leaf.leaf is not None
        yield -1, f"negate `{leaf.leaf.name}`", "", meant
    elif equal(form, graph.apply("neg", meant)):
        yield -1, "negate it", "whole", meant


def _tell(view: View, fn: Function, form: Node, mended: Node, end: ir.Expr, change: tuple[int, str, str]) -> None:
    from vaelint.graph.example import of_meant

    origin, edit, turn = change
    node = origin if origin >= 0 else end.id
    message = f"`{fn.name}` differs in one sign from the function that it is named after"
    about = frozenset(x.id for x in ir.walk(end))
    example = of_meant(form, mended, f"`{fn.name.strip('_')}`", "that sign changed")
    view.emit(
        Misstated(node, end.id, message, edit, LAW, "VL402", BY_PROOF, True, about=about, example=example, turn=turn)
    )
