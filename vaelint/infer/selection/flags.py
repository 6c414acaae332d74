"""What a class says of its own value: ``higher_is_better`` beside the method that yields the value.

The flag is a field of the class, a property, an attribute that its constructor sets, or the default of a parameter of
the constructor. It is held against what the method is known to return: whoever selects by such an object reads both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vaelint import ir
from vaelint.infer.events import Monitored
from vaelint.infer.expression import last
from vaelint.infer.seen import MethodRun, View, observes
from vaelint.infer.selection import metric
from vaelint.infer.selection.choices import way_of_flag
from vaelint.infer.values import Class, ClassInfo, Function
from vaelint.sense import Direction

# Methods that yield the value of a metric, as torchmetrics, sacrebleu, scikit-learn and those that follow them name it.
YIELDS = frozenset({
    "compute", "evaluate", "score", "result", "calculate", "measure", "forward", "__call__", "get_metric", "metric",
})  # fmt: skip


def is_flag(name: str) -> bool:
    return name.endswith("_is_better") and way_of_flag(name) is not None


class Flag(NamedTuple):
    name: str
    value: bool
    node: int  # of the value
    by_default: bool = False

    @property
    def direction(self) -> Direction:
        way = way_of_flag(self.name) or Direction.UNKNOWN
        return way if self.value else -way


@observes(MethodRun)
def scored(view: View, seen: MethodRun) -> None:
    if seen.method.name not in YIELDS:
        return
    flags = list(_flags(seen.info, seen.cls))
    if len({flag.direction for flag in flags}) != 1:
        return  # none, or it depends
    said = metric.reading(view, None, seen.value)
    if said is None:
        return
    flag, of = flags[0], seen.cls.name
    setting = f"{flag.name}={flag.value}"
    view.emit(
        Monitored(
            "", said, flag.direction, setting, flag.by_default, flag.node, f"`{of}`", of,
            f"write `{flag.name}={not flag.value}`", valued=seen.at, change=(flag.name, str(not flag.value)),
        )
    )  # fmt: skip


def _flags(info: ClassInfo, cls: Class) -> Iterator[Flag]:
    for s in info.stmt.body:
        if isinstance(s, ir.Assign):
            yield from _set(s)
    for name in filter(is_flag, sorted({*info.method_names})):
        yield from _returned(info.own_method(name, cls))
    made = info.own_method("__init__", cls)
    if made is not None and isinstance(made.body, tuple):
        for e in (x for s in made.body for x in ir.walk(s)):
            if isinstance(e, ir.Assign):
                yield from _set(e)
        for p in made.params:
            if is_flag(p.name) and isinstance(p.default, ir.Const) and isinstance(p.default.value, bool):
                yield Flag(p.name, p.default.value, p.default.id, by_default=True)


def _set(s: ir.Assign) -> Iterator[Flag]:
    """``higher_is_better = True``, ``self.higher_is_better = True``."""
    for target in s.targets:
        if is_flag(last(target)) and isinstance(s.value, ir.Const) and isinstance(s.value.value, bool):
            yield Flag(last(target), s.value.value, s.value.id)


def _returned(method: Function | None) -> Iterator[Flag]:
    """What a property returns, if that is all it does."""
    match method.body if method is not None else ():
        case (*_, ir.Return(value=ir.Const(value=bool(value)) as e)) as body if method is not None:
            if sum(isinstance(x, ir.Return) for s in body for x in ir.walk(s)) == 1:
                yield Flag(method.name, value, e.id)
