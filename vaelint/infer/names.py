"""What a dotted name leads to without evaluating anything, and what a name says of the form of a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.infer.values import Form, Frame, Library, Package, Value

if TYPE_CHECKING:
    from vaelint.knowledge import Knowledge

# Decorators that list what a test is run with: pytest's, and absl's.
TABLES = frozenset({"parametrize", "product", "parameters", "named_parameters"})


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
