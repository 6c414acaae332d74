"""Losses that a framework is told to lower: Keras' ``model.compile(loss=...)`` (https://keras.io/api/losses/).

Only functions and objects of the project are asked for what they return: what a library brings along has its sign.
A model of several outputs is given a loss for each, in a list or under the outputs' names; all are lowered together.
"""

from __future__ import annotations

from collections.abc import Iterator

from vaelint import ir
from vaelint.infer.arguments import Arguments
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.expression import last
from vaelint.infer.libraries import library
from vaelint.infer.values import Bound, Frame, Function, Mapping, Sequence, Text, Value
from vaelint.knowledge.vocabulary import Words
from vaelint.records import replace
from vaelint.sense import Direction

_OPTIMISER = Words("optimiser")
_PLACE = 1  # compile(optimizer, loss, ...)


def called(it: Machine, e: ir.Call, args: Arguments, f: Frame) -> None:
    """``model.compile(optimizer=..., loss=dice)``: what the function returns is minimised."""
    if last(e.func) != "compile" or not isinstance(e.func, ir.Attr):
        return
    given = args.get("loss", _PLACE if _starts_with_an_optimiser(args) else None)
    if given is None:
        return
    for value in _each(given.value):
        library.optimise(it, replace(given, value=value), Direction.MINIMIZE, e, f, "compile")


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
