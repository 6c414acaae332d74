"""Names as they are written, and what a dotted name leads to without evaluating anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.infer.values import (
    Form,
    Frame,
    Library,
    Package,
    Value,
)

if TYPE_CHECKING:
    from vaelint.knowledge import Knowledge

# Decorators that list what a test is run with: pytest's, and absl's.
TABLES = frozenset({"parametrize", "product", "parameters", "named_parameters"})


def dotted(e: ir.Expr) -> str:
    """``a.b.c`` of a name or attribute (a call's function); anything else is empty."""
    if isinstance(e, ir.Call):
        return dotted(e.func)
    if isinstance(e, ir.Name):
        return e.name
    if isinstance(e, ir.Attr):
        base = dotted(e.base)
        return f"{base}.{e.name}" if base else ""
    return ""


def last(e: ir.Expr | None) -> str:
    """``c`` of ``a.b.c``, the name alone; nothing of anything else."""
    return e.name if isinstance(e, (ir.Name, ir.Attr)) else ""


def last_word(e: ir.Expr) -> str:
    """What an expression is called: the last word of a dotted name, the key of an item."""
    match e:
        case ir.Name(name=n) | ir.Attr(name=n):
            return n
        case ir.Subscript(base=b, index=i):
            return i.value if isinstance(i, ir.Const) and isinstance(i.value, str) else last_word(b)
        case ir.Call(func=func):
            return last(func)
        case _:
            return ""


def held_by(target: ir.Expr) -> str:
    """The name that a target goes by: the last word of a dotted name, the key of an item."""
    match target:
        case ir.Name(name=name) | ir.Attr(name=name):
            return name
        case ir.Subscript(index=ir.Const(value=str(key))):
            return key
    return ""


def named(e: ir.Expr, frame: Frame) -> Value | None:
    """What a name or dotted name stands for (a base class, an annotation): ``Generic[T]`` is ``Generic``."""
    while isinstance(e, ir.Subscript):
        e = e.base
    if isinstance(e, ir.Name):
        return frame.find(e.name)
    if isinstance(e, ir.Attr):
        base = named(e.base, frame)
        if isinstance(base, Library):
            return Library(f"{base.path}.{e.name}")
        if isinstance(base, Package):
            return base.program.attribute(base, e.name)
    return None


def form_of(knowledge: Knowledge, name: str, form: str = Form.PLAIN) -> str:
    """The form of a value that is not known to be anything but plain, by its name: a ratio, a probability."""
    if form != Form.PLAIN:
        return form
    if name.lower().rstrip("s") in ("ratio", "importance_ratio", "importance_weight"):
        return Form.RATIO
    return Form.PROBABILITY if knowledge.is_probability(name) else Form.PLAIN
