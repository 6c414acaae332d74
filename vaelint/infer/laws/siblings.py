"""Values that ought to agree: of branches that bind one name, of a function's returns, of overrides of one method."""

from __future__ import annotations

from collections.abc import Sequence

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.events import Overridden, Parted
from vaelint.infer.seen import BranchesMerged, MethodRun, SeveralReturned, View, observes
from vaelint.infer.values import Quantity, Value


@observes(BranchesMerged)
def branches(view: View, seen: BranchesMerged) -> None:
    """Tell the checks of names that several branches bind, each to a quantity of its own."""
    start, outcomes = seen.before, seen.after
    if not seen.about or len(outcomes) < 2:
        return
    for name in outcomes[0]:
        values = [o[name] for o in outcomes if name in o and o[name] is not start.get(name)]
        _tell(view, name, values, seen.about, seen.node)


@observes(SeveralReturned)
def returns(view: View, seen: SeveralReturned) -> None:
    """The same for what a function returns here and there; whoever calls it says which by an argument."""
    fn = seen.function
    if isinstance(fn.body, tuple):
        _tell(view, fn.name, [v for v, _ in seen.returned], (*fn.params, *_tests(fn.body)), seen.node)


def _tell(view: View, name: str, values: Sequence[Value], about: Sequence[ir.Node], node: int) -> None:
    quantities = tuple(v for v in values if isinstance(v, Quantity) and _speaks(v))
    if len(quantities) > 1 and len(quantities) == len(values):
        view.emit(Parted(name, quantities, tuple(about), node))


@observes(MethodRun)
def override(view: View, seen: MethodRun) -> None:
    """What a method returns, with the classes of the project that its class is derived from."""
    if isinstance(seen.value, Quantity) and _speaks(seen.value):
        line = frozenset(c.node for c in seen.info.line())
        bases = line - {seen.cls.node}
        view.emit(Overridden(seen.cls.name, seen.method.name, seen.value, seen.method.node, bases))


def _speaks(q: Quantity) -> bool:
    """Whether there is anything to compare; most values say nothing, and cost nothing here."""
    return any(t.meaning.kind and t.meaning.basis is not Basis.NONE for t in q.terms)


def _tests(body: ir.Block) -> list[ir.Node]:
    out: list[ir.Node] = []
    for s in body:
        while isinstance(s, ir.If):
            out += [s.test, *_tests(s.body)]
            if len(s.orelse) != 1 or not isinstance(s.orelse[0], ir.If):
                out += _tests(s.orelse)
                break
            s = s.orelse[0]
    return out
