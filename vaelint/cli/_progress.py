"""A bar on the terminal while files are examined: for whoever waits longer than a second."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 1.0  # seconds that a run may take before anything is shown of it


def is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()  # it may be closed


class Bar:
    """Called with how many files are done, and of how many. On standard error, and only where that is a terminal."""

    def __init__(self, quiet: bool = False) -> None:
        self._silent = quiet or not is_terminal()
        self._begun = time.monotonic()
        self._shown: tuple[Progress, TaskID] | None = None

    def __call__(self, done: int, of: int) -> None:
        if self._silent or (self._shown is None and time.monotonic() - self._begun < PATIENCE):
            return
        if self._shown is None:
            self._shown = self._show(of)
        progress, task = self._shown
        progress.update(task, completed=done, total=of)

    @staticmethod
    def _show(of: int) -> tuple[Progress, TaskID]:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("checking"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("files"),
            TimeRemainingColumn(),
        )
        progress = Progress(*columns, console=Console(stderr=True), transient=True)
        progress.start()
        return progress, progress.add_task("", total=of)

    def end(self) -> None:
        """Take the bar away again."""
        if self._shown is not None:
            self._shown[0].stop()
            self._shown = None
