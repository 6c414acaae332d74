"""What is known of files without reading them: their digests, their imports, the names in them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from vaelint import files
from vaelint.cache import tree
from vaelint.cache.folder import Folder
from vaelint.source import facts
from vaelint.source.facts import Facts, Import
from vaelint.source.file import MAX_BYTES
from vaelint.source.project import mentions

_KIND = "index"


@dataclass(slots=True)
class Record:
    """``signature`` is None where times say nothing of the file. ``facts`` are of Python files alone."""

    signature: tree.Signature | None
    digest: str
    facts: Facts
    matters: bool


_UNREADABLE = Record(None, "", Facts(), False)


class Index:
    """Records of the files that a run asks about, by folder; each file is looked at once in a run."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._kept: dict[str, dict[str, Any]] = {}  # as read, by the folder of the files
        self._records: dict[str, Record] = {}
        self._changed: set[str] = set()

    def facts(self, path: str) -> Facts:
        return self._record(path).facts

    def matters(self, path: str) -> bool:
        return self._record(path).matters

    def digest(self, path: str) -> str:
        """Of what a file holds, as far as it is read; empty where it cannot be."""
        return self._record(path).digest

    def write(self) -> None:
        """Keep what is new, and drop what is no more."""
        for folder in self._changed:
            self._folder.write(_KIND, folder, there(folder, self._kept[folder]))

    def _record(self, path: str) -> Record:
        held = self._records.get(path)
        if held is None:
            held = self._records[path] = self._looked_up(path)
        return held

    def _looked_up(self, path: str) -> Record:
        folder, name = os.path.split(path)
        if folder not in self._kept:
            found = self._folder.read(_KIND, folder)
            self._kept[folder] = found if isinstance(found, dict) else {}
        kept = _read(self._kept[folder].get(name))
        try:
            status = os.stat(path)  # noqa: PTH116
            now = tree.signature(status)
            if kept is not None and kept.signature == now:
                return kept
            data = files.read(path, MAX_BYTES + 1)
        except OSError:
            return _UNREADABLE
        certain = now if tree.newest(status) < self._folder.now - tree.RECENT else None
        digest = files.digest(data)
        if kept is not None and kept.digest == digest:
            record = Record(certain, digest, kept.facts, kept.matters)
        else:
            record = _made(certain, digest, data, path.endswith(".py"))
        self._kept[folder][name] = _written(record)
        self._changed.add(folder)
        return record


def there(folder: str, kept: dict[str, Any]) -> dict[str, Any]:
    """What is kept of the files that are still in a folder."""
    return {name: row for name, row in kept.items() if os.path.lexists(os.path.join(folder, name))}  # noqa: PTH118


def _made(signature: tree.Signature | None, digest: str, data: bytes, is_python: bool) -> Record:
    data = data[:MAX_BYTES]
    return Record(signature, digest, facts.read(data) if is_python else Facts(), mentions(data))


def _written(record: Record) -> list[Any]:
    f = record.facts
    return [record.signature, record.digest, record.matters, f.imports, f.optimises, f.classes, sorted(f.methods)]


def _read(row: Any) -> Record | None:
    """None where it does not have the form in which it is written."""
    try:
        signature, digest, matters, imports, optimises, classes, methods = row
        known = Facts(
            tuple(Import(dots, module, None if names is None else tuple(names)) for dots, module, names in imports),
            bool(optimises),
            tuple((name, tuple(bases)) for name, bases in classes),
            frozenset(methods),
        )
        return Record(tuple(signature) if signature is not None else None, str(digest), known, bool(matters))
    except (ValueError, TypeError):
        return None
