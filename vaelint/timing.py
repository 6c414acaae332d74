"""Where the time of a run goes: by stage, and the slowest files. For `vaelint check --time`.

Nothing in the stages knows of it: while somebody asks, each function of `STAGES` is replaced by one that keeps a clock,
in each process that examines files; what one stage does within another counts for the inner one alone.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, Generic, TypeVar

from vaelint.records import record
from vaelint.report._view import plural

Made = TypeVar("Made")
Seconds = dict[str, float]  # by stage

# The functions of a stage, as module and name: where they are looked up by who calls them.
STAGES: dict[str, tuple[tuple[str, str], ...]] = {
    "read": (("vaelint.source.file", "load"), ("vaelint.source.project", "content")),
    "index": (
        ("vaelint.source.index", "scan"),
        ("vaelint.source.facts", "read"),
        ("vaelint.source.vocabulary", "words"),
        ("vaelint.source.vocabulary", "mentions"),
    ),
    "parse and lower": (("vaelint.source.file", "SourceFile._lower"),),
    "interpret": (("vaelint.examine", "infer"),),
    "formulas": (
        ("vaelint.infer.quantities.formulas", "read_form"),
        ("vaelint.infer.quantities.formulas", "recognised"),
        ("vaelint.infer.laws.slips", "_searched"),
    ),
    "check": (("vaelint.examine", "_candidates"),),
    "place": (("vaelint.source.file", "SourceFile.locate"),),
    "syntax": (("vaelint.source.syntax", "_error"),),
}
OTHER = "other"
SLOWEST = 10  # files that are named


@dataclass(slots=True)
class Clock:
    """Processor seconds by stage, of one file after the other."""

    spent: Seconds = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _since: float = 0.0

    def enter(self, stage: str) -> None:
        self._charge()
        self._open.append(stage)

    def leave(self) -> None:
        self._charge()
        self._open.pop()

    def _charge(self) -> None:
        now = time.process_time()
        if self._open:
            stage = self._open[-1]
            self.spent[stage] = self.spent.get(stage, 0.0) + now - self._since
        self._since = now

    def taken(self) -> Seconds:
        """What was spent since it was asked the last time."""
        spent, self.spent = self.spent, {}
        return spent


_clock: Clock | None = None  # of this process, once somebody asked


def clock() -> Clock:
    global _clock
    if _clock is None:
        _clock = Clock()
        for stage, functions in STAGES.items():
            for module, name in functions:
                _watch(_clock, stage, importlib.import_module(module), name)
    return _clock


def _watch(clock: Clock, stage: str, holder: Any, name: str) -> None:
    """Keep time of a function, or of a method (``Class.method``)."""
    owner, _, last = name.rpartition(".")
    holder = getattr(holder, owner) if owner else holder
    function: Callable[..., Any] = getattr(holder, last)

    @wraps(function)
    def watched(*args: Any, **more: Any) -> Any:
        clock.enter(stage)
        try:
            return function(*args, **more)
        finally:
            clock.leave()

    setattr(holder, last, watched)


@record(frozen=True, slots=True)
class Spent(Generic[Made]):
    """What was made of a file, with the processor seconds that each stage took."""

    made: Made
    seconds: Seconds


@record(frozen=True, slots=True)
class Watched(Generic[Made]):
    """A task whose time is kept, in whatever process it runs."""

    task: Callable[[Path], Made]

    def __call__(self, path: Path) -> Spent[Made]:
        kept = clock()
        kept.taken()
        kept.enter(OTHER)
        try:
            made = self.task(path)
        finally:
            kept.leave()
        return Spent(made, kept.taken())


@dataclass(slots=True)
class Timing:
    """Of a run, as its files are examined."""

    files: dict[str, Seconds] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        """For people. What was kept by an earlier run took no time, and is not among it."""
        stages: Seconds = {}
        for spent in self.files.values():
            for stage, seconds in spent.items():
                stages[stage] = stages.get(stage, 0.0) + seconds
        total = sum(stages.values())
        yield f"{plural(len(self.files), 'file')} examined in {total:.2f} processor seconds"
        for stage, seconds in sorted(stages.items(), key=lambda item: -item[1]):
            yield f"{seconds:8.2f}  {seconds / total if total else 0:4.0%}  {stage}"
        slowest = sorted(self.files.items(), key=lambda item: -sum(item[1].values()))[:SLOWEST]
        if slowest:
            yield "slowest files"
        for name, spent in slowest:
            yield f"{sum(spent.values()):8.2f}  {name}"
