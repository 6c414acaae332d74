"""What commands keep for the next run (`vaelint.cache`): where, and whether at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vaelint import __version__
from vaelint.cli import _output
from vaelint.finding import Result
from vaelint.records import record

if TYPE_CHECKING:
    from vaelint.cache.parts import Parts


@record(frozen=True, slots=True)
class Keeping:
    """``wanted``: whether anything is kept; ``folder``: where, if the command line or the environment says so.

    ``begun`` is when the command began, in nanoseconds by the clock of this machine.
    """

    wanted: bool
    folder: Path | None = None
    begun: int = 0

    def result(
        self, paths: Sequence[Path], configured: Path | None, settings: str, analyse: Callable[[Parts | None], Result]
    ) -> Result:
        """What an earlier run has found out, if it still holds; else what ``analyse`` does, which is then kept.

        ``settings`` has all that decides besides the files: of runs that differ in it neither knows of the other.
        """
        if not self.wanted:
            return analyse(None)
        from vaelint.cache import answers, place

        given = [str(path) for path in paths]
        named = self.folder or configured
        folder = place.opened(given, str(named) if named is not None else None, __version__)
        if folder is None:
            return self._without(analyse, "no cache can be trusted here")
        asked = repr((str(Path.cwd()), given, settings))
        found = answers.find(folder, asked)
        if found is not None:
            return found
        if not folder.prepare():
            return self._without(analyse, f"{folder.top}: nothing can be kept there")
        folder.now -= time.time_ns() - self.begun  # what was written since then may have been read before
        from vaelint.cache.parts import Parts

        kept = Parts(folder)
        result = analyse(kept)
        if kept.complete:
            answers.keep(folder, asked, kept.folders, kept.files, result)
        folder.prune()
        return result

    @staticmethod
    def _without(analyse: Callable[[Parts | None], Result], why: str) -> Result:
        if _output.is_debugging():
            _output.say(f"{why}: the next run begins anew", "note")
        return analyse(None)
