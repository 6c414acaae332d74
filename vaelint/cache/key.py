"""The key that marks what this user's runs have kept. It lies in the user's cache folder, never in a project."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress

_SIZE = 32  # bytes
_NAME = "key"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def user_folder() -> str | None:
    """Where programs of this user keep what they can do without; None where that is not known."""
    home = os.path.expanduser("~")  # noqa: PTH111
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Caches")  # noqa: PTH118
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        base = base if os.path.isabs(base) else os.path.join(home, ".cache")  # noqa: PTH117, PTH118
    return os.path.join(base, "vaelint") if os.path.isabs(base) else None  # noqa: PTH117, PTH118


def read(folder: str) -> bytes | None:
    """The key of a user's cache folder, made when it is first asked for; None where there can be none."""
    path = os.path.join(folder, _NAME)  # noqa: PTH118
    key = _read(path)
    if key is None and not os.path.lexists(path):
        with suppress(OSError):
            _make(folder, path)
        key = _read(path)
    return key


def _read(path: str) -> bytes | None:
    """None for what anybody else may have read or written."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    with os.fdopen(handle, "rb") as f:
        status = os.fstat(f.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size != _SIZE or not is_ours(status):
            return None
        return f.read() if os.name == "nt" or not status.st_mode & _OTHERS else None


def is_ours(status: os.stat_result) -> bool:
    """Whether a file belongs to the user who runs this; where files have no owners, always."""
    return not hasattr(os, "geteuid") or status.st_uid == os.geteuid()


def _make(folder: str, path: str) -> None:
    os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103
    fresh = f"{path}.{os.urandom(8).hex()}"
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as f:
            f.write(os.urandom(_SIZE))
        os.replace(fresh, path)  # noqa: PTH105  (of two runs that make one at once, the last one's counts)
    finally:
        with suppress(OSError):
            os.unlink(fresh)  # noqa: PTH108
