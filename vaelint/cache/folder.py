"""The folder of a cache: entries that are written in one step, marked with the user's key, and bounded in size."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from vaelint import files
from vaelint.cache import key as user_key

NAME = ".vaelint_cache"
TAG = "CACHEDIR.TAG"
# https://bford.info/cachedir/
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of vaelint: it may be deleted at any time.\n"
_ENDING = ".entry"
_HEAD = b"vaelint 1\n"
_MARK = 32  # bytes of the mark behind the head
MOST_OF_ENTRY = 64_000_000  # bytes; what is longer is neither written nor read
MOST_BYTES = 256_000_000  # of all entries: beyond, those that were not used for longest go
MOST_ANSWERS = 64  # whole runs that are kept
MOST_DAYS = 30  # without use
_DAY = 86_400
ANSWER = "run"  # the kind of the entries that hold whole runs


class Folder:
    """The entries of one version of vaelint, all of one user.

    ``top`` is the folder itself, ``stamp`` stands for the program of that ``version``: another one finds nothing.
    ``now`` is the time when it was opened, by the clock of its file system; ``made_in`` the folder that it was made in
    just then, with the time of that change, else None.
    """

    def __init__(self, top: str, version: str, key: bytes, stamp: str) -> None:
        self.top, self.place = top, os.path.join(top, version)  # noqa: PTH118
        self._key, self._stamp = key, stamp
        self.now = 0
        self.made_in: tuple[str, int] | None = None
        self._written = False

    # --- entries ---

    def read(self, kind: str, of: str) -> Any:
        """The entry of that kind about ``of`` (any text); None where there is none to be believed."""
        path = self._path(kind, of)
        try:
            data = files.read(path, MOST_OF_ENTRY + 1)
            start = len(_HEAD) + _MARK
            mark, packed = data[len(_HEAD) : start], data[start:]
            if not data.startswith(_HEAD) or not hmac.compare_digest(mark, self._mark(kind, of, packed)):
                return None
            return json.loads(zlib.decompress(packed))
        except (OSError, ValueError, zlib.error, RecursionError, MemoryError):
            return None

    def used(self, kind: str, of: str) -> None:
        """Note that an entry is of use: it is kept longer than others."""
        path = self._path(kind, of)
        with suppress(OSError):
            if os.stat(path).st_mtime < self._clock() - _DAY:  # noqa: PTH116
                os.utime(path)

    def write(self, kind: str, of: str, value: Any) -> None:
        """Keep an entry in place of what was kept. Where that cannot be done, nothing is."""
        with suppress(OSError, ValueError, RecursionError, MemoryError):
            packed = zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 1)
            data = _HEAD + self._mark(kind, of, packed) + packed
            if len(data) <= MOST_OF_ENTRY:
                self._replace(self._path(kind, of), data)
                self._written = True

    def _path(self, kind: str, of: str) -> str:
        name = hashlib.blake2b(of.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
        return os.path.join(self.place, f"{kind}-{name}{_ENDING}")  # noqa: PTH118

    def _mark(self, kind: str, of: str, packed: bytes) -> bytes:
        """It stands for the place as well: an entry that is copied elsewhere says nothing there."""
        about = "\0".join((self.top, self._stamp, kind, of)).encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, len(about).to_bytes(8, "big") + about + packed, "sha256")

    def _replace(self, path: str, data: bytes) -> None:
        fresh = os.path.join(self.place, f".{os.urandom(8).hex()}")  # noqa: PTH118
        try:
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(handle, "wb") as f:
                f.write(data)
            os.replace(fresh, path)  # noqa: PTH105
        finally:
            with suppress(OSError):
                os.unlink(fresh)  # noqa: PTH108

    # --- the folder ---

    def is_sound(self) -> bool:
        """Whether what is there is a folder of this user's and no link to another one; or nothing is."""
        return _is_own(self.top) is not False and _is_own(self.place) is not False

    def prepare(self) -> bool:
        """Make the folder if it is not there; whether anything can be kept in it."""
        try:
            if _is_own(self.top) is None:
                above = os.path.dirname(self.top)  # noqa: PTH120
                while not os.path.lexists(above):
                    above = os.path.dirname(above)  # noqa: PTH120
                os.makedirs(self.top)  # noqa: PTH103
                for name, text in ((TAG, _TAG), (".gitignore", "*\n")):
                    with open(os.path.join(self.top, name), "x", encoding="utf-8") as f:  # noqa: PTH118, PTH123
                        f.write(text)
                self.made_in = above, os.stat(above).st_mtime_ns  # noqa: PTH116
            elif not os.path.isfile(os.path.join(self.top, TAG)):  # noqa: PTH113, PTH118
                return False  # somebody's folder, which is not to be filled with ours
            if _is_own(self.place) is None:
                os.mkdir(self.place)  # noqa: PTH102
            self.now = self._clock_ns()
        except OSError:
            return False
        return self.is_sound()

    def _clock_ns(self) -> int:
        """The time by the clock of the file system, which need not be this machine's. Raises OSError."""
        fresh = os.path.join(self.place, f".{os.urandom(8).hex()}")  # noqa: PTH118
        try:
            with open(fresh, "xb") as f:  # noqa: PTH123
                return os.fstat(f.fileno()).st_mtime_ns
        finally:
            with suppress(OSError):
                os.unlink(fresh)  # noqa: PTH108

    def _clock(self) -> float:
        import time

        return self.now / 1e9 if self.now else time.time()

    def prune(self) -> None:
        """After something was written: remove what is too old or too much, and what other versions have left."""
        if not self._written:
            return
        with suppress(OSError):
            for folder in _folders(self.top):
                known = sorted(_entries(folder), key=lambda entry: entry[1], reverse=True)
                size = answers = 0
                for path, used, length in known:
                    is_answer = os.path.basename(path).startswith(ANSWER)  # noqa: PTH119
                    size += length
                    answers += is_answer
                    old = self._clock() - used > MOST_DAYS * _DAY
                    if old or size > MOST_BYTES or (is_answer and answers > MOST_ANSWERS):
                        with suppress(OSError):
                            os.unlink(path)  # noqa: PTH108
                if folder != self.place:
                    with suppress(OSError):
                        os.rmdir(folder)  # noqa: PTH106  (only if it is empty)


def clear(top: str) -> bool | None:
    """Remove a cache; None where there is none, False where what is there is not (only) one."""
    if not os.path.lexists(top):
        return None
    tag = os.path.join(top, TAG)  # noqa: PTH118
    if _is_own(top) is not True or not os.path.isfile(tag):  # noqa: PTH113
        return False
    try:
        for folder in _folders(top):
            for path, *_ in _entries(folder):
                os.unlink(path)  # noqa: PTH108
            os.rmdir(folder)  # noqa: PTH106
        os.unlink(os.path.join(top, ".gitignore"))  # noqa: PTH108, PTH118
        os.unlink(tag)  # noqa: PTH108
        os.rmdir(top)  # noqa: PTH106
    except OSError:
        return False
    return True


def _is_own(path: str) -> bool | None:
    """Whether it is a folder of this user's, no link; None where there is nothing."""
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return stat.S_ISDIR(status.st_mode) and user_key.is_ours(status)


def _folders(top: str) -> list[str]:
    with os.scandir(top) as found:
        return [e.path for e in found if e.is_dir(follow_symlinks=False)]


def _entries(folder: str) -> Iterator[tuple[str, float, int]]:
    """Path, time of the last use and size of each entry of a version, and of what a stopped run has left."""
    with os.scandir(folder) as found:
        for e in found:
            if e.is_file(follow_symlinks=False) and (e.name.endswith(_ENDING) or len(e.name) == 17):
                status = e.stat(follow_symlinks=False)
                yield e.path, status.st_mtime, status.st_size
