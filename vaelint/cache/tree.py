"""What a run has looked at, as one hash: the names in folders, and the size and times of each file that it may read.

A file is taken for unchanged if its size, its times and its place on the disk are the same. Of one that was written
within two seconds before it was read this says nothing, since times are coarse: there the content counts.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator

from vaelint import files
from vaelint.cache.folder import NAME

SECOND = 1_000_000_000
RECENT = 2 * SECOND  # nanoseconds before a run, within which times alone are not believed
TICK = SECOND // 50  # how coarse a clock of a file system may be
_READ = (".py", ".ipynb", ".yaml", ".yml", ".toml")  # what a run may read of a folder,
_NAMED = frozenset((".gitignore", ".ignore"))  # and these
_MARKERS = (".git", ".hg")  # of these only that they are there
# What is looked for in the folders above: the names of configurations, of what git leaves out, and of a project's root.
_ABOVE = ("pyproject.toml", "vaelint.toml", ".vaelint.toml", ".gitignore", ".ignore", "setup.py", "__init__.py")

Signature = tuple[int, int, int, int, int]


class Changed(Exception):
    """Something was written while the run went on: what it says may be true of neither state."""


def signature(status: os.stat_result) -> Signature:
    """By which a file is taken for the same: mode, place on the disk, size, times of its content and of its entry."""
    return status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def newest(status: os.stat_result) -> int:
    return max(status.st_mtime_ns, status.st_ctime_ns)


class Look:
    """A look at folders and files. ``recent``: of files whose times say nothing, the digests of their contents.

    With ``begun``, when the run began, that is found out: `Changed` is raised for what was written since.
    """

    def __init__(self, own: str, recent: dict[str, str], begun: int | None = None) -> None:
        self._own, self.recent, self._begun = own, recent, begun

    def hash(self, folders: Iterable[str], further: Iterable[str], here: str) -> str:
        """Of the folders, of files besides those in them, and of what is looked for above them and above ``here``."""
        inside = sorted(set(folders))
        rows: list[str] = []
        for folder in inside:
            rows += self._folder(folder)
        for folder in _above((*inside, here), inside):
            rows.append(folder)
            rows += (self._file(os.path.join(folder, name)) for name in _ABOVE)  # noqa: PTH118
            rows += self._repository(folder)
            rows += (name for name in _MARKERS if os.path.lexists(os.path.join(folder, name)))  # noqa: PTH118
        rows += (self._file(path) for path in sorted(set(further)))
        return hashlib.blake2b("\0".join(rows).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def _folder(self, folder: str) -> Iterator[str]:
        yield folder
        try:
            entries = sorted(os.scandir(folder), key=lambda e: e.name)
        except OSError:
            yield "cannot be read"
            return
        for e in entries:
            name = e.name
            if name == NAME or e.path == self._own:
                continue
            if name in _MARKERS:
                yield name
                yield from self._repository(folder)
            elif name.endswith(_READ) or name in _NAMED:
                yield f"{name} {self._file(e.path)}"
            elif e.is_dir(follow_symlinks=False):
                yield f"{name}/"
            elif "." not in name and e.is_dir():
                yield f"{name}@"

    def _repository(self, folder: str) -> Iterator[str]:
        git = os.path.join(folder, ".git")  # noqa: PTH118
        if os.path.lexists(git):
            yield f".git {self._file(os.path.join(git, 'info', 'exclude'))}"  # noqa: PTH118

    def _file(self, path: str) -> str:
        try:
            status = os.stat(path)  # noqa: PTH116
        except (OSError, ValueError):
            return "-"
        if self._begun is not None and newest(status) > self._begun - RECENT:
            if newest(status) > self._begun - TICK:
                raise Changed(path)
            self.recent[path] = _digest(path)
        if path in self.recent:
            return f"{status.st_mode} {self.recent[path] if self._begun is not None else _digest(path)}"
        return repr(signature(status))


def require_unchanged(folders: Collection[str], begun: int, but: tuple[str, int] | None) -> None:
    """Raises `Changed` if names were added to folders, or removed, since the run began.

    ``but``: a folder that vaelint itself has changed, and the time of it after that.
    """
    for folder in folders:
        try:
            changed = os.stat(folder).st_mtime_ns  # noqa: PTH116
        except OSError:
            continue
        if changed > begun - TICK and (folder, changed) != but:
            raise Changed(folder)


def _digest(path: str) -> str:
    try:
        return files.digest(files.read(path))
    except OSError:
        return ""


def _above(folders: Iterable[str], but: Collection[str]) -> list[str]:
    """The folders above these, and these, without some."""
    found: set[str] = set()
    for folder in folders:
        while folder not in found:
            found.add(folder)
            folder = os.path.dirname(folder)  # noqa: PTH120
    return sorted(found.difference(but))
