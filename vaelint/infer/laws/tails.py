"""A log-density falls far out, whatever its parameters: its exponential could not be integrated otherwise.

So the one formula that `log_prob` returns is looked at far out along what it is evaluated at. Where it is bounded below
and rises without bound on every side, its sign is turned, whatever density it was to be; of a negative log-density the
opposite holds. Nothing is said of a formula that is not read to its end, or whose answer depends on what its parameters
are (a gamma's shape, a scale of unknown sign).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vaelint import ir
from vaelint.evidence import BY_PROOF
from vaelint.graph.node import Graph, Kind, Node, leaves
from vaelint.graph.spellings import MODULES, NUMBERS
from vaelint.infer.events import Misstated
from vaelint.infer.quantities import closed
from vaelint.infer.quantities.formulas import NODES, WORK
from vaelint.infer.seen import EntryOpened, View, observes
from vaelint.infer.values import Function
from vaelint.sense import Sense

if TYPE_CHECKING:
    from collections.abc import Hashable

    from vaelint.finding import Example


_KNOWN = MODULES.keys() | NUMBERS.keys()
_KINDS = ("log_density", "nll")
LAW = "a log-density falls far out, since its exponential has an integral"


class _Items(closed.Reading):
    """An item of what a function is given (``z["x"]``, ``x[..., 0]``) is given as well."""

    def __init__(self, graph: Graph, lookup: closed.Lookup) -> None:
        super().__init__(graph, lookup)
        self.of: dict[Hashable, Node] = {}  # what an item is of, by the key of its leaf

    def resolve(self, e: ir.Expr) -> Node | None:
        if isinstance(e, ir.Name) and e.name not in self.env and e.name not in _KNOWN and self.lookup(e) is None:
            self.given(e.name)  # of the code around: no argument changes it
        if not isinstance(e, ir.Subscript):
            return super().resolve(e)
        from vaelint.graph.formula import opaque

        held = self.resolve(e.base)
        item = opaque(self.graph, e).leaf
        if held is None or item is None or not closed.complete(held) or held.leaf is None:
            return None
        key = f"${item.key}"
        self.of[key] = self.source(held)
        return self.graph.leaf(Kind.PARAMETER, item.name, key)

    def source(self, node: Node) -> Node:
        """What a leaf is an item of; a leaf that is none is its own."""
        return self.of.get(node.leaf.key, node) if node.leaf is not None else node


class OtherWay(NamedTuple):
    """A function that is the negation of what it is taken for: where that is returned, and how it goes."""

    node: int
    goes: str
    example: Example | None


@observes(EntryOpened)
def opened(view: View, seen: EntryOpened) -> None:
    """Tell of a function that is called a log-density, and rises without bound far out; or the other way round."""
    fn = seen.function
    claim = view.knowledge.claim(fn.name)
    if claim is None or not claim.strong or claim.kind not in _KINDS or not isinstance(fn.body, tuple):
        return
    found = other_way(view, fn, 1 if claim.sense is Sense.GAIN else -1)
    if found is None:
        return
    noun = "a log-density" if claim.sense is Sense.GAIN else "minus a log-density"
    message = f"`{fn.name}` is named like {noun}, but {found.goes}"
    about = frozenset(x.id for x in ir.walk(fn.body))  # what names the one sign says more
    edit = "flip the sign of the formula"
    view.emit(
        Misstated(
            found.node, found.node, message, edit, LAW, value=BY_PROOF, held=True, about=about, example=found.example
        )
    )


def other_way(view: View, fn: Function, way: int) -> OtherWay | None:
    """Of a function that should be a log-density (``way`` 1) or minus one (-1): that it is the negation, as its tails
    show; None where it is right, or nobody knows."""
    graph = Graph()
    read = _reading(graph, fn)
    end = read.returned[-1] if len(read.returned) == 1 else None
    form = read.read(end) if end is not None else None
    if end is None or form is None or not closed.complete(form):
        return None
    at = _argument(fn, form, read)
    if at is None or at.leaf is None or not view.affords(WORK):
        return None
    from vaelint.graph.ask import Judge, Verdict
    from vaelint.graph.example import further_out

    verdict = Judge(graph, [form]).bounded_below(form, at).verdict
    view.spend(graph.work // NODES)
    if verdict is not (Verdict.HOLDS if way > 0 else Verdict.CONTRARY):
        return None
    goes = f"{'rises' if way > 0 else 'falls'} without bound as `{at.leaf.name}` moves away from the centre"
    return OtherWay(end.id, goes, further_out(form, at, way > 0))


def _reading(graph: Graph, fn: Function) -> _Items:
    out = _Items(graph, closed.of_module(fn.module).lookup)
    for p in fn.params:
        out.given(p.name)
    if isinstance(fn.body, tuple):
        out.block(fn.body)
    else:
        out.returned.append(fn.body)
    return out


def _argument(fn: Function, form: Node, read: _Items) -> Node | None:
    """What a density is evaluated at: the first that the function is given, itself or by one of its items."""
    names = closed.parameters(fn)
    first = read.graph.leaf(Kind.PARAMETER, names[0], f"${names[0]}") if names else None
    found = [x for x in leaves(form) if read.source(x) is first]
    return found[0] if len(found) == 1 else None
