"""What an analysis costs, counted: a clock would measure the machine, and what else runs on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from cProfile import Profile
from dataclasses import dataclass

import pytest

from vaelint import engine
from vaelint.infer import run
from vaelint.infer.evaluate.interpreter import Interpreter


@dataclass
class Work:
    calls: int = 0  # of Python functions: all that was done, charged or not
    steps: int = 0  # that the interpreter charged its entry points


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    """Counts what is done in this process, by which alone a few files are then examined."""
    work = Work()

    class Counting(Interpreter):
        def spend(self, steps: int) -> None:
            work.steps += steps
            super().spend(steps)

    profile = Profile(builtins=False)
    with monkeypatch.context() as patched:
        patched.setattr(run, "Interpreter", Counting)
        patched.setattr(engine, "are_cheap", lambda: False)
        profile.enable()
        try:
            yield work
        finally:
            profile.disable()
    work.calls = sum(entry.callcount for entry in profile.getstats())
