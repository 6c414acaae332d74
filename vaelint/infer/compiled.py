"""Losses that a framework is told to lower: Keras' ``model.compile(loss=...)`` (https://keras.io/api/losses/).

Only functions and objects of the project are asked for what they return: what a library brings along has its sign.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.infer import library
from vaelint.infer.names import last
from vaelint.infer.state import Frame
from vaelint.infer.values import Bound, Function
from vaelint.sense import Direction

if TYPE_CHECKING:
    from vaelint.infer.calls import Arguments
    from vaelint.infer.interpreter import Interpreter


def called(it: Interpreter, e: ir.Call, args: Arguments, f: Frame) -> None:
    """``model.compile(optimizer=..., loss=dice)``: what the function returns is minimised."""
    if last(e.func) != "compile" or "loss" not in args.named:
        return
    given = args.named["loss"]
    if isinstance(given.value, (Function, Bound)):
        library.optimise(it, given, Direction.MINIMIZE, e, f, "compile")
