"""The linter's runs over the fixtures, each made once for all tests of a session, in whichever process they run."""

from __future__ import annotations

import pickle
from collections import defaultdict
from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from vaelint import engine
from vaelint.config import Config
from vaelint.finding import Confidence, Finding, ObjectiveReport, Result
from vaelint.source.project import Project

FIXTURES = Path(__file__).resolve().parent / "fixtures"
SILENT, REPORTED, CASES = FIXTURES / "silent", FIXTURES / "reported", FIXTURES / "cases"


def config(folder: Path) -> Config:
    """What is shown by default decides; our own bugs hold what is less sure as well."""
    return Config(min_confidence=Confidence.POSSIBLE) if folder == REPORTED else Config()


Said = TypeVar("Said", Finding, ObjectiveReport)


def by_file(said: Sequence[Said]) -> dict[Path, list[Said]]:
    out: dict[Path, list[Said]] = defaultdict(list)
    for x in said:
        out[Path(x.filename).resolve()].append(x)
    return dict(out)


def analyse(
    paths: Sequence[Path],
    config: Config,
    *,
    stdin: tuple[str, str] | None = None,
    traces: bool = False,
    project: Project | None = None,
) -> Result:
    """`engine.analyse` in this process: most tests ask for what is found in a few rows."""
    return engine.analyse(paths, config, stdin=stdin, traces=traces, project=project, apart=False)


class Runs:
    """``shared``: a folder that all processes of the session see; the first to ask makes a run, the others read it."""

    def __init__(self, shared: Path) -> None:
        self._shared = shared
        self.over = cache(self._over)
        self._sorted = cache(self._sort)

    def _over(self, folder: Path) -> Result:
        """One run over the whole folder."""
        kept = self._shared / f"{folder.name}.pickle"
        with FileLock(f"{kept}.lock"):
            if not kept.exists():
                kept.write_bytes(pickle.dumps(engine.analyse([folder], config(folder))))
            result = pickle.loads(kept.read_bytes())
        assert isinstance(result, Result)
        return result

    def _sort(self, folder: Path) -> tuple[dict[Path, list[Finding]], dict[Path, list[ObjectiveReport]]]:
        result = self.over(folder)
        return by_file(result.findings), by_file(result.objectives)

    def found_in(self, folder: Path, path: Path) -> list[Finding]:
        """What the run over the folder reports in one of its files."""
        return self._sorted(folder)[0].get(path, [])

    def objectives_in(self, folder: Path, path: Path) -> list[ObjectiveReport]:
        """What the run over the folder sees optimised in one of its files."""
        return self._sorted(folder)[1].get(path, [])

    @cached_property
    def surroundings(self) -> Project:
        """What runs over single fixtures share: they look for importers in the same thousand files."""
        return Project()
