"""What changes while code is interpreted: the variables of a frame, and how a block ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.infer.values import Class, Imported, Value

if TYPE_CHECKING:
    from vaelint.infer.project.module import Module
    from vaelint.infer.quantities.formulas import Definition


def resolved(names: dict[str, Value], name: str) -> Value:
    """What a name holds; a name of another file is looked up there, once."""
    value = names[name]
    if isinstance(value, Imported):
        value = names[name] = value.resolve()
    return value


_RUN = frozenset({"forward", "__call__", "call"})  # methods that an object is called by


@dataclass(slots=True, eq=False)
class Frame:
    """The variables of one call (or module, or class body). ``parent`` is the frame around the definition."""

    module: Module
    name: str
    parent: Frame | None = None
    owner: Class | None = None
    vars: dict[str, Value] = field(default_factory=dict)
    given: dict[str, ir.Expr] = field(default_factory=dict)  # how the caller wrote what a parameter holds
    returned: list[tuple[Value, int]] = field(default_factory=list)
    definitions: dict[str, Definition] = field(default_factory=dict)
    written: dict[str, tuple[Value, ir.Expr]] = field(default_factory=dict)  # as what a name was bound last
    ended: bool = False  # the path has returned, raised or jumped

    @property
    def result(self) -> str:
        """What the returned value is called: what a class called `…Loss` computes is a loss."""
        return self.owner.name if self.owner is not None and self.name in _RUN else self.name

    def wrote(self, name: str) -> ir.Expr | None:
        """The expression that a local name was bound to, while it holds the value of that."""
        value, e = self.written.get(name, (None, None))
        return e if value is not None and self.vars.get(name) is value else None

    def behind(self, e: ir.Expr) -> ir.Expr:
        """What a name was bound to, where `wrote` tells; any other expression as it is."""
        written = self.wrote(e.name) if isinstance(e, ir.Name) else None
        return e if written is None else written

    def given_for(self, e: ir.Expr) -> ir.Expr | None:
        """What a caller wrote for a parameter, here or around; None for anything else."""
        frame: Frame | None = self if isinstance(e, ir.Name) else None
        while frame is not None and isinstance(e, ir.Name):
            if e.name in frame.given:
                return frame.given[e.name]
            frame = frame.parent
        return None

    def find(self, name: str) -> Value | None:
        frame: Frame | None = self
        while frame is not None:
            if name in frame.vars:
                return resolved(frame.vars, name)
            frame = frame.parent
        return self.module.lookup(name)
