"""Values that ought to agree: of branches that bind one name, of a function's returns, of overrides of one method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.events import Overridden, Parted
from vaelint.infer.values import (
    ClassInfo,
    Frame,
    Function,
    Quantity,
    Value,
)

if TYPE_CHECKING:
    from vaelint.infer.evaluate.interpreter import Interpreter
    from vaelint.infer.values import Class


def branches(
    it: Interpreter, start: dict[str, Value], outcomes: list[dict[str, Value]], about: str, node: int, f: Frame
) -> None:
    """Tell the checks of names that several branches bind, each to a quantity of its own."""
    if len(outcomes) < 2:
        return
    for name in outcomes[0]:
        values = [o[name] for o in outcomes if name in o and o[name] is not start.get(name)]
        quantities = tuple(v for v in values if isinstance(v, Quantity) and _speaks(v))
        if len(quantities) > 1 and len(quantities) == len(values):
            it.emit(Parted(name, quantities, about, node, f.name))


def returns(it: Interpreter, fn: Function, values: list[Value], node: int) -> None:
    """The same for what a function returns here and there; whoever calls it says which by an argument."""
    quantities = tuple(v for v in values if isinstance(v, Quantity) and _speaks(v))
    if len(quantities) > 1 and len(quantities) == len(values) and isinstance(fn.body, tuple):
        about = " ".join([*(p.name for p in fn.params), *_tests(fn.body)])
        it.emit(Parted(fn.name, quantities, about, node, fn.name))


def override(it: Interpreter, info: ClassInfo, cls: Class, method: Function, value: Value) -> None:
    """What a method returns, with the classes of the project that its class is derived from."""
    if isinstance(value, Quantity) and _speaks(value):
        line = tuple(c.node for c in info.line())
        it.emit(Overridden(cls.name, method.name, value, method.node, frozenset(line) - {cls.node}))


def _speaks(q: Quantity) -> bool:
    """Whether there is anything to compare; most values say nothing, and cost nothing here."""
    return any(t.meaning.kind and t.meaning.basis is not Basis.NONE for t in q.terms)


def _tests(body: ir.Block) -> list[str]:
    out = []
    for s in body:
        while isinstance(s, ir.If):
            out += [ir.render(s.test), *_tests(s.body)]
            if len(s.orelse) != 1 or not isinstance(s.orelse[0], ir.If):
                out += _tests(s.orelse)
                break
            s = s.orelse[0]
    return out
