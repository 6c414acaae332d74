"""What the examination of a file costs, counted: calls of functions, which are the same on every machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from vaelint import examine
from vaelint.config import Config
from vaelint.knowledge import load
from vaelint.source.project import Project


def counted(run: Callable[[], object]) -> int:
    """The calls of functions, of Python's own as well, that a run makes in this thread."""
    calls = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal calls
        if event in ("call", "c_call"):
            calls += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        run()
    finally:
        sys.setprofile(before)
    return calls


def of(path: Path) -> tuple[int, examine.Part]:
    """The calls that the examination of a file makes, and what it yields."""
    parts: list[examine.Part] = []
    knowledge = load(())
    calls = counted(lambda: parts.append(examine.examine(path, None, knowledge, Config(), Project())))
    return calls, parts[0]
