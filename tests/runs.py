"""The linter's runs over the fixtures, each made once for all tests of a session, in whichever process they run."""

from __future__ import annotations

import pickle
from collections import defaultdict
from functools import cached_property
from pathlib import Path

from filelock import FileLock

from vaelint.config import Config
from vaelint.engine import analyse
from vaelint.finding import Confidence, Finding, Result
from vaelint.source.project import Project

FIXTURES = Path(__file__).resolve().parent / "fixtures"
SILENT, REPORTED, CASES = FIXTURES / "silent", FIXTURES / "reported", FIXTURES / "cases"


def config(folder: Path) -> Config:
    """What is shown by default decides; our own bugs hold what is less sure as well."""
    return Config(min_confidence=Confidence.POSSIBLE) if folder == REPORTED else Config()


class Runs:
    """``shared``: a folder that all processes of the session see; the first to ask makes a run, the others read it."""

    def __init__(self, shared: Path) -> None:
        self._shared = shared
        self._results: dict[Path, Result] = {}
        self._by_file: dict[Path, dict[Path, list[Finding]]] = {}

    def over(self, folder: Path) -> Result:
        """One run over the whole folder."""
        if folder not in self._results:
            self._results[folder] = self._made(folder)
        return self._results[folder]

    def _made(self, folder: Path) -> Result:
        kept = self._shared / f"{folder.name}.pickle"
        with FileLock(f"{kept}.lock"):
            if not kept.exists():
                kept.write_bytes(pickle.dumps(analyse([folder], config(folder))))
            result = pickle.loads(kept.read_bytes())
        assert isinstance(result, Result)
        return result

    def found_in(self, folder: Path, path: Path) -> list[Finding]:
        """What the run over the folder reports in one of its files."""
        if folder not in self._by_file:
            found: dict[Path, list[Finding]] = defaultdict(list)
            for finding in self.over(folder).findings:
                found[Path(finding.filename).resolve()].append(finding)
            self._by_file[folder] = dict(found)
        return self._by_file[folder].get(path, [])

    @cached_property
    def surroundings(self) -> Project:
        """What runs over single fixtures share: they look for importers in the same thousand files."""
        return Project()
