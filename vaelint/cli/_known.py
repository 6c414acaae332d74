"""``--baseline`` and ``--diff-base``: findings that are known already, and are hidden."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vaelint.cli import _output
from vaelint.cli._kept import Keeping
from vaelint.cli._options import Input
from vaelint.finding import Hidden, Result
from vaelint.report._view import View

if TYPE_CHECKING:
    from vaelint.baseline import Baseline, Entry


@dataclass
class Known:
    given: Input
    baseline: Baseline | None = None
    diff_base: str | None = None
    prune: bool = False
    stale: list[Entry] = field(default_factory=list)

    @staticmethod
    def asked(given: Input, path: Path | None, diff_base: str | None, prune: bool) -> Known:
        """As the options say, or the configuration."""
        path = path if path is not None else given.config.baseline
        if path is None:
            if prune:
                raise click.UsageError("--prune needs a baseline: name one by --baseline, or in the configuration")
            return Known(given, None, diff_base)
        return Known(given, read(path), diff_base, prune)

    def analyse(self, jobs: int | None = None, quiet: bool = False) -> Result:
        result = self.given.analyse(jobs=jobs, quiet=quiet)
        if self.diff_base is not None:
            from vaelint.baseline import Baseline

            with at_revision(self.given, self.diff_base) as (then, root, folder):
                old = Baseline(folder / "-").made_of(then.analyse(jobs=jobs, quiet=quiet).findings, then.view)
            Baseline(root / "-", old.entries).hide(result, self.given.view, Hidden.BEFORE)
        if self.baseline is not None:
            from vaelint.engine import list_files

            matched = self.baseline.hide(result, self.given.view)
            files = [Path(self.given.stdin[0])] if self.given.stdin is not None else []
            files = files or list_files(self.given.paths, self.given.settings)[0]
            self.stale = self.baseline.stale(matched, files)
        return result

    def settle(self, quiet: bool) -> None:
        """Say which entries of the baseline are stale, or remove them."""
        if self.baseline is None or not self.stale:
            return
        n = len(self.stale)
        name = self.given.view.path(str(self.baseline.path))
        if self.prune:
            save(self.baseline.without(self.stale))
            _output.say(f"{name}: removed {n} no longer found", "note")
        elif not quiet:
            which = "entry is" if n == 1 else "entries are"
            _output.say(f"{name}: {n} {which} no longer found: --prune removes {'it' if n == 1 else 'them'}", "note")


def read(path: Path) -> Baseline:
    from vaelint.baseline import Baseline, BaselineError

    try:
        return Baseline.read(path)
    except BaselineError as e:
        raise _output.Trouble(str(e)) from e


def save(baseline: Baseline) -> None:
    try:
        baseline.write()
    except OSError as e:
        raise _output.Trouble(f"{baseline.path}: cannot be written: {e.strerror or e}") from e


@contextmanager
def at_revision(given: Input, revision: str) -> Iterator[tuple[Input, Path, Path]]:
    """The same input as it was at a revision, with the root of the repository, and the folder that stands for it."""
    from vaelint.revision import RevisionError, checked_out, root_of

    if given.stdin is not None:
        raise click.UsageError("standard input has no revision before: give paths")
    try:
        root = root_of(Path.cwd()).resolve()
        with checked_out(root, revision) as folder:
            paths = [folder / _within(path, root) for path in given.paths]
            there = tuple(path for path in paths if path.exists())
            settings = given.settings.moved(root, folder)
            yield (
                replace(given, paths=there, settings=settings, view=View(folder), keeping=Keeping(False)),
                root,
                folder,
            )
    except RevisionError as e:
        raise _output.Trouble(str(e)) from e


def _within(path: Path, root: Path) -> Path:
    full = path.resolve()
    if not full.is_relative_to(root):
        raise _output.Trouble(f"{path}: lies outside of the repository {root}, which has the revision")
    return full.relative_to(root)
