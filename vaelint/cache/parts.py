"""Examinations of single files, each with what it was asked and answered about the files around it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vaelint import files
from vaelint.cache.folder import Folder
from vaelint.cache.index import Index, there
from vaelint.cache.plain import from_plain, to_plain
from vaelint.cache.questions import Asking, Question, Recording
from vaelint.config import Config
from vaelint.examine import Part, examine
from vaelint.knowledge import Knowledge
from vaelint.source.file import MAX_BYTES, absolute
from vaelint.source.project import Project

_KIND = "parts"
_MOST = 4  # kept of one file: of other settings, or of what it held before


@dataclass(slots=True)
class Examined:
    """What a file yielded; ``digest`` is that of its content, empty where that is not certain.

    ``listed``: the folders that were looked into for it, besides those that were known before.
    """

    part: Part
    digest: str
    asked: list[tuple[Question, Any]] = field(default_factory=list)
    listed: frozenset[str] = frozenset()


def examined(path: Path, knowledge: Knowledge, config: Config, project: Project, traces: bool) -> Examined:
    """Examine a file, and note what that depends on."""
    before = _digest(path)
    listed, project.listed = project.listed, set()
    recording = Recording(project)
    part = examine(path, None, knowledge, config, recording, traces)
    fresh, project.listed = project.listed, listed | project.listed
    same = before and before == (part.digest or _digest(path))
    return Examined(part, before if same else "", list(recording.asked.items()), frozenset(fresh))


def _digest(path: Path) -> str:
    try:
        return files.digest(files.read(path, MAX_BYTES + 1))
    except OSError:
        return ""


class Parts:
    """The examinations that earlier runs have kept, and those of this one. ``folders`` and ``files``: what it rests on.

    ``project`` answers for all of them, from what is known of files that have not changed.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder, self._index = folder, Index(folder)
        self.project = Project(None, self._index)
        self._asking = Asking(self.project, self._index)
        self._kept: dict[str, dict[str, Any]] = {}
        self._changed: set[str] = set()
        self.folders: set[str] = set()
        self.files: set[str] = set()
        self.complete = False  # whether a run has come to its end, and rests on nothing else
        self._follows = False
        self._rules: dict[tuple[Path, ...], list[Any]] = {}

    @property
    def top(self) -> str:
        """The folder of the cache itself, in which nothing is looked for."""
        return self._folder.top

    def find(self, path: Path, config: Config, traces: bool) -> Part | None:
        """What the examination of a file yielded, if it would yield the same again."""
        if config.follow_installed:
            return None  # what an environment holds is not looked at again: nothing that depends on it is kept
        full = absolute(path)
        about, digest = self._about(path, config, traces), self._index.digest(full)
        try:
            for known, held, asked, part in self._rows(full) if digest else ():
                if [known, held] == [about, digest] and all(self._asking.holds(tuple(q), a) for q, a in asked):
                    return from_plain(Part, part)
        except (ValueError, TypeError):
            pass  # not in the form in which it is written
        return None

    def keep(self, path: Path, config: Config, traces: bool, made: Examined) -> None:
        self.folders |= made.listed
        if config.follow_installed:
            self._follows = True
        if config.follow_installed or not made.digest or any(p.ours for p in made.part.problems):
            return
        full = absolute(path)
        about = self._about(path, config, traces)
        row = [about, made.digest, [[list(q), a] for q, a in made.asked], to_plain(made.part)]
        others = [x for x in self._rows(full) if isinstance(x, list) and x[:2] != row[:2]]
        folder, name = os.path.split(full)
        self._kept[folder][name] = [row, *others[: _MOST - 1]]
        self._changed.add(folder)

    def rest_on(self, folders: Iterable[str], files: Iterable[Path], configs: Sequence[Config]) -> None:
        """Note what the run has looked at besides: folders that were searched, files that were named, settings."""
        self.folders.update(map(absolute, map(Path, folders)))
        for path in files:
            full = absolute(path)
            self.folders.add(os.path.dirname(full))  # noqa: PTH120
            self.files.add(full)
        for config in configs:
            self._follows |= bool(config.follow_installed)
            self.files.update(absolute(path) for path in config.bases)
            for path in config.extend_rules:
                (self.folders if path.is_dir() else self.files).add(absolute(path))

    def write(self) -> None:
        self.folders |= self.project.listed
        self.complete = not self._follows
        self._index.write()
        for folder in self._changed:
            self._folder.write(_KIND, folder, there(folder, self._kept[folder]))
        self._changed.clear()

    def _rows(self, full: str) -> list[Any]:
        folder, name = os.path.split(full)
        if folder not in self._kept:
            found = self._folder.read(_KIND, folder)
            self._kept[folder] = found if isinstance(found, dict) else {}
        rows = self._kept[folder].get(name, [])
        return rows if isinstance(rows, list) else []

    def _about(self, path: Path, config: Config, traces: bool) -> list[Any]:
        """What else decides: how the file was called, and from where; the checks that are on, the rules."""
        selected = [list(x) for x in (config.select, config.extend_select, config.ignore, config.off)]
        names = [list(pair) for pair in config.names]
        return [os.getcwd(), str(path), traces, config.preview, selected, names, self._of_rules(config.extend_rules)]  # noqa: PTH109

    def _of_rules(self, extra: tuple[Path, ...]) -> list[Any]:
        if extra not in self._rules:
            found = [f for p in extra for f in (sorted(p.glob("*.toml")) if p.is_dir() else [p])]
            self._rules[extra] = [[str(f), _digest(f)] for f in found]
        return self._rules[extra]
