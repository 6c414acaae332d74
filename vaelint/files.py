"""Only regular files are read, and a file that is written is written whole or left as it was."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path

_UNREAD_FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class NotRegular(OSError):
    """It may wait for ever, or act: a pipe, a device, a socket."""

    why = "no regular file: not read"

    def __init__(self, path: str | Path) -> None:
        super().__init__(errno.EINVAL, self.why, str(path))


class Changed(OSError):
    """A file does not hold any more what it held when it was read."""

    def __init__(self) -> None:
        super().__init__(errno.EAGAIN, "it has changed since it was read")


def read(path: str | Path, most: int | None = None) -> bytes:
    """The content of a regular file, at most so many bytes of it.

    Raises OSError (`NotRegular` for a pipe, a device or a socket).
    """
    _require_regular(os.stat(path), path)  # noqa: PTH116  (of thousands of files)
    # Whatever stands there by now: it is not waited for.
    with os.fdopen(os.open(path, os.O_RDONLY | _UNREAD_FLAGS), "rb") as f:
        _require_regular(os.fstat(f.fileno()), path)
        return f.read() if most is None else f.read(most)


def _require_regular(status: os.stat_result, path: str | Path) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise NotRegular(path)


def digest(data: bytes) -> str:
    """By which a content is known again."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def write(path: Path, data: bytes, before: bytes | None = None) -> None:
    """Write ``data`` in one step: nobody sees half of it, and what stood there stays if it cannot be written.

    Mode, owner and links are kept. With ``before``, only if that is what the file holds: else it raises `Changed`.
    Raises OSError.
    """
    path = Path(os.path.realpath(path))
    try:
        status = path.stat()
    except FileNotFoundError:
        status = None
    if status is not None and not stat.S_ISREG(status.st_mode):  # a device, a pipe: there is nothing to keep
        with path.open("wb") as f:
            f.write(data)
    elif status is not None and status.st_nlink > 1:
        _overwrite(path, data, before)  # a new file would be that of one of its names alone
    elif status is not None and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    else:
        _replace(path, data, before, status)


def _replace(path: Path, data: bytes, before: bytes | None, status: os.stat_result | None) -> None:
    try:
        fresh = path.with_name(f".vaelint-{os.urandom(8).hex()}")
        handle = os.open(fresh, _CREATE, 0o666 if status is None else 0o600)
    except PermissionError:  # the folder may not be written to, the file perhaps
        if status is None:
            raise
        _overwrite(path, data, before)
        return
    try:
        with os.fdopen(handle, "wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        alike = status is None or _made_alike(fresh, path, status)
        if before is not None and read(path) != before:
            raise Changed
        if alike:
            fresh.replace(path)
            _settle(path.parent)
    finally:
        fresh.unlink(missing_ok=True)
    if not alike:
        _overwrite(path, data, before)


def _made_alike(fresh: Path, path: Path, status: os.stat_result) -> bool:
    """Give a file the owner, the mode and the attributes of another one; whether that was possible."""
    try:
        made = fresh.stat()
        if (made.st_uid, made.st_gid) != (status.st_uid, status.st_gid) and hasattr(os, "chown"):
            os.chown(fresh, status.st_uid, status.st_gid)
        fresh.chmod(stat.S_IMODE(status.st_mode))
        if hasattr(os, "listxattr"):
            for name in _attributes(path):
                os.setxattr(fresh, name, os.getxattr(path, name))
    except OSError:
        return False
    return True


def _attributes(path: Path) -> list[str]:
    try:
        return os.listxattr(path)
    except OSError:  # a file system that has none
        return []


def _settle(folder: Path) -> None:
    """Have the name written to the disk as well, where folders can be opened for that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _overwrite(path: Path, data: bytes, before: bytes | None) -> None:
    """Write in place; if that fails half-way, what stood there is put back."""
    with path.open("r+b") as f:
        old = f.read()
        if before is not None and old != before:
            raise Changed
        try:
            _fill(f.fileno(), data)
        except OSError:
            with suppress(OSError):
                _fill(f.fileno(), old)
            raise


def _fill(handle: int, data: bytes) -> None:
    os.lseek(handle, 0, os.SEEK_SET)
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]
    os.truncate(handle, len(data))
    os.fsync(handle)
