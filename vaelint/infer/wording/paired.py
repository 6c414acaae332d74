"""Losses that are taken off one another on purpose, by how the code around them is built."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.infer.state import Frame

if TYPE_CHECKING:
    from vaelint.infer.evaluate.interpreter import Interpreter


def share_a_maker(kept: Sequence[ir.Expr], off: Sequence[ir.Expr], f: Frame) -> bool:
    """Whether one function made both sides: one loss of two things is a contrast, whatever they are called."""
    return bool({_maker(e, f) for e in kept} & {_maker(e, f) for e in off} - {""})


def _maker(e: ir.Expr, f: Frame) -> str:
    """The function whose result, or part of it, a name was bound to; "" if it was to something else."""
    made = f.wrote(e.name) if isinstance(e, ir.Name) else e
    while isinstance(made, ir.Subscript):
        made = made.base
    return ir.render(made.func, 80) if isinstance(made, ir.Call) else ""


def is_added_too(it: Interpreter, node: int, e: ir.Expr) -> bool:
    """Whether the code around adds the same to a sum elsewhere: a phase, or a setting, chooses the sign."""
    text = it.text_of(node)
    factor = r"[\w.]*\s*\*\s*"
    return re.search(rf"\+\s*(?:{factor}){{0,3}}{re.escape(ir.render(e, 60))}(?![\w.(\[])", text) is not None
