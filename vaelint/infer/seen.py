"""What the interpreter shows of a run to those who watch it: what happened, and what they may ask.

Whoever wants to see something registers a function for it: ``@observes(Assigned)``. Most only watch, and tell of what
they find (`View.emit`); a few say more of a value than the interpreter knows (``@refines(Stated)``). Nobody is handed
the interpreter, and it names nobody: who is asked, and in which order, stands in `vaelint.infer.observers`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from vaelint import ir
from vaelint.infer.arguments import Arguments
from vaelint.infer.events import Event
from vaelint.infer.state import Frame
from vaelint.infer.values import Instance, Value
from vaelint.knowledge import Knowledge

if TYPE_CHECKING:
    from vaelint.source.file import SourceFile

Names = tuple[str, ...]
M = TypeVar("M")


# --- what may be asked ---------------------------------------------------------------------------


class Asked(Protocol):
    """The questions that a run answers."""

    knowledge: Knowledge
    home: SourceFile | None

    def emit(self, event: Event) -> None: ...
    def eval(self, e: ir.Expr, f: Frame) -> Value: ...
    def call(self, value: Value, args: Arguments, e: ir.Expr, f: Frame) -> Value: ...
    def answer(self, value: Value, e: ir.Expr, at: int, f: Frame) -> tuple[Value, int]: ...
    def join(self, values: list[Value], node: int, label: str) -> Value: ...
    def element(self, value: Value, e: ir.Expr) -> Value: ...
    def attributes(self, base: Instance) -> dict[str, Value]: ...
    def text_of(self, node: int) -> str: ...


class View:
    """What those who watch a run may ask of it. What one of them remembers lives as long as the analysis of a file."""

    __slots__ = (
        "_home", "_memories", "answer", "attributes", "call", "element", "emit", "join", "knowledge", "text_of",
        "value",
    )  # fmt: skip

    def __init__(self, run: Asked) -> None:
        self.knowledge = run.knowledge
        self.emit: Callable[[Event], None] = run.emit
        self.value: Callable[[ir.Expr, Frame], Value] = run.eval
        self.call: Callable[[Value, Arguments, ir.Expr, Frame], Value] = run.call
        self.answer: Callable[[Value, ir.Expr, int, Frame], tuple[Value, int]] = run.answer
        self.join: Callable[[list[Value], int, str], Value] = run.join
        self.element: Callable[[Value, ir.Expr], Value] = run.element
        self.attributes: Callable[[Instance], dict[str, Value]] = run.attributes
        self.text_of: Callable[[int], str] = run.text_of
        self._home: Callable[[], SourceFile | None] = lambda: run.home
        self._memories: dict[type, object] = {}

    @property
    def home(self) -> SourceFile | None:
        """The file that the analysis is about."""
        return self._home()

    def memory(self, kind: type[M]) -> M:
        """What one who watches remembers: one of a kind, made when it is asked for first."""
        held = self._memories.get(kind)
        if held is None:
            held = self._memories[kind] = kind()
        assert isinstance(held, kind)
        return held
