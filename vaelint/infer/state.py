"""What changes while code is interpreted: variables of a frame, attributes on the heap, how a block ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.infer.values import Class, Value

if TYPE_CHECKING:
    from vaelint.infer.module import Module

Heap = dict[int, dict[str, Value]]  # object -> attribute -> value


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
    ended: bool = False  # the path has returned, raised or jumped

    def find(self, name: str) -> Value | None:
        frame: Frame | None = self
        while frame is not None:
            if name in frame.vars:
                return frame.vars[name]
            frame = frame.parent
        return self.module.lookup(name)
