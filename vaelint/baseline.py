"""Findings that are known already: written once, hidden from then on. By fingerprint, never by row or count."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vaelint import files
from vaelint.finding import Finding, Hidden, Result
from vaelint.records import record
from vaelint.report import View
from vaelint.report._fingerprint import fingerprints

NAME = "vaelint-baseline.json"
_VERSION = 1
_NEVER = ("VL000", "VL001")  # of what could not be judged nothing is known


class BaselineError(Exception):
    """A baseline that cannot be read; the message names the file."""


@record(frozen=True, slots=True)
class Entry:
    """``filename`` is relative to the folder of the baseline; the rest is for those who read it."""

    fingerprint: str
    code: str
    filename: str
    message: str


@dataclass(slots=True)
class Baseline:
    """``path`` need not exist. Names of files are relative to its folder, wherever vaelint is run."""

    path: Path
    entries: tuple[Entry, ...] = ()

    @staticmethod
    def read(path: Path) -> Baseline:
        """Raises `BaselineError`."""
        try:
            data: Any = json.loads(files.read(path))
            if data["version"] != _VERSION:
                raise BaselineError(f"{path}: is of version {data['version']}, this vaelint reads {_VERSION}")
            keys = ("fingerprint", "code", "filename", "message")
            return Baseline(path, tuple(Entry(*(str(raw[key]) for key in keys)) for raw in data["findings"]))
        except OSError as e:
            raise BaselineError(f"{path}: cannot be read: {e.strerror or e}") from e
        except (ValueError, KeyError, TypeError, RecursionError) as e:
            raise BaselineError(f"{path}: is no baseline of vaelint") from e

    def write(self) -> None:
        """One finding a line, in order, so that a change to it can be read. May raise OSError."""
        rows = [
            json.dumps({"fingerprint": e.fingerprint, "code": e.code, "filename": e.filename, "message": e.message})
            for e in sorted(self.entries, key=lambda e: (e.filename, e.code, e.fingerprint))
        ]
        listed = "".join(f"\n    {row}," for row in rows).rstrip(",")
        text = f'{{\n  "version": {_VERSION},\n  "findings": [{listed}\n  ]\n}}\n'
        files.write(self.path, text.encode())

    def view(self, view: View) -> View:
        """By which files are called as the baseline calls them."""
        return View(self.path.resolve().parent, {view.full(name): text for name, text in view.sources.items()})

    def made_of(self, findings: Iterable[Finding], view: View) -> Baseline:
        """With what is found now, and nothing else."""
        known = [f for f in findings if f.code not in _NEVER]
        own = self.view(view)
        called = [replace(f, filename=view.full(f.filename)) for f in known]
        prints = fingerprints(called, own)
        entries = [
            Entry(key, f.code, own.exact(f.filename).replace("\\", "/"), f.message)
            for f, key in zip(called, prints, strict=True)
        ]
        return Baseline(self.path, tuple(entries))

    def hide(self, result: Result, view: View, why: Hidden = Hidden.BASELINE) -> list[Entry]:
        """Let what is known be hidden in a result; returns the entries that were found."""
        found = {(e.code, e.fingerprint): e for e in self.entries}
        now = self.made_of(result.findings, view).entries
        keys = iter(now)
        at = [next(keys) if f.code not in _NEVER else None for f in result.findings]
        known = [e is not None and (e.code, e.fingerprint) in found for e in at]
        _hide(result, known, why)
        return [e for e, is_known in zip(at, known, strict=True) if e is not None and is_known]

    def stale(self, matched: Collection[Entry], checked: Sequence[Path]) -> list[Entry]:
        """Entries about files that were checked, or that are gone, for which there is no finding any more."""
        root = self.path.resolve().parent
        looked = {str(path.resolve()) for path in checked}
        seen = {(e.code, e.fingerprint) for e in matched}
        return [
            e
            for e in self.entries
            if (e.code, e.fingerprint) not in seen
            and (str((root / e.filename).resolve()) in looked or not (root / e.filename).exists())
        ]

    def without(self, entries: Collection[Entry]) -> Baseline:
        gone = {(e.code, e.fingerprint) for e in entries}
        return Baseline(self.path, tuple(e for e in self.entries if (e.code, e.fingerprint) not in gone))


def _hide(result: Result, which: Sequence[bool], why: Hidden) -> None:
    """Hide some of the findings that are shown, and tell so to the objectives that are wrong by them."""
    hidden = [replace(f, hidden=why) for f, is_hidden in zip(result.findings, which, strict=True) if is_hidden]
    places = {(f.code, f.filename, f.location) for f in hidden}
    result.findings = [f for f, is_hidden in zip(result.findings, which, strict=True) if not is_hidden]
    result.hidden += hidden
    result.objectives = [
        replace(
            o,
            causes=tuple(replace(c, hidden=why) if (c.code, c.filename, c.location) in places else c for c in o.causes),
        )
        for o in result.objectives
    ]
