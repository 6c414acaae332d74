"""Losses that Keras is to lower: ``model.compile(loss=...)``, ``model.add_loss(...)`` (https://keras.io/api/losses/).

Only functions and objects of the project are asked for what they return: what a library brings along has its sign.
A model of several outputs is given a loss for each, in a list or under the outputs' names; all are lowered together.
"""

from __future__ import annotations

from collections.abc import Iterator

from vaelint import ir
from vaelint.infer.arguments import Arguments
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.libraries import library
from vaelint.infer.values import Bound, Frame, Function, Mapping, Quantity, Sequence, Text, Value
from vaelint.knowledge.vocabulary import Words
from vaelint.records import replace
from vaelint.sense import Direction

_OPTIMISER = Words("optimiser")
_PLACE = 1  # compile(optimizer, loss, ...)
_KERAS = frozenset(("keras", "tensorflow"))


def called(it: Machine, e: ir.Call, args: Arguments, f: Frame) -> None:
    """``model.compile(optimizer=..., loss=dice)``: what the function returns is minimised."""
    if not isinstance(e.func, ir.Attr):
        return
    if e.func.name == "add_loss":
        _added(it, e, args, f)
    if e.func.name != "compile":
        return
    given = args.get("loss", _PLACE if _starts_with_an_optimiser(args) else None)
    if given is None:
        return
    for value in _each(given.value):
        library.optimise(it, replace(given, value=value), Direction.MINIMIZE, e, f, "compile")


def _added(it: Machine, e: ir.Call, args: Arguments, f: Frame) -> None:
    """``model.add_loss(kl)``, also of a layer: it is added to what the model lowers."""
    given = args.get("loss", 0)
    speaks = it.home is not None and not _KERAS.isdisjoint(it.home.identifiers)
    if speaks and given is not None and isinstance(given.value, Quantity):
        library.optimise(it, given, Direction.MINIMIZE, e, f, "add_loss")


def _starts_with_an_optimiser(args: Arguments) -> bool:
    """What else is compiled by others: a template, a pattern."""
    first = next(iter(args.positional), None)
    return first is not None and (isinstance(first.value, Text) or _OPTIMISER.within(first.expr))


def _each(value: Value) -> Iterator[Function | Bound]:
    items: tuple[Value, ...] = (value,)
    if isinstance(value, Sequence):
        items = value.items
    elif isinstance(value, Mapping):
        items = tuple(value.items.values())
    yield from (x for x in items if isinstance(x, (Function, Bound)))
