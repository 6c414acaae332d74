"""Python's containers that stand in its library, and what is drawn from one: an item of it, whichever."""

from __future__ import annotations

from collections.abc import Callable

from vaelint import ir
from vaelint.infer.arguments import Arguments
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.values import Sequence, Value

Container = Callable[[Machine, Arguments, ir.Expr], "Value | None"]


def _list(it: Machine, args: Arguments, e: ir.Expr) -> Value | None:
    given = args.get("iterable", 0)
    if given is None:
        return Sequence(())
    return given.value if isinstance(given.value, Sequence) else None


def _item(it: Machine, args: Arguments, e: ir.Expr) -> Value | None:
    given = args.first
    return it.element(given, e) if isinstance(given, Sequence) else None


def _items(it: Machine, args: Arguments, e: ir.Expr) -> Value | None:
    item = _item(it, args, e)
    return Sequence((), item) if item is not None else None


SPECIAL: dict[str, Container] = {
    "collections.deque": _list,
    "random.choice": _item,
    "random.sample": _items,
    "random.choices": _items,
}
