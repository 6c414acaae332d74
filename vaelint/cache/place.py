"""Where the cache of a run is: in the project that its paths lie in, or where the user says."""

from __future__ import annotations

import os
from collections.abc import Sequence

from vaelint.cache import key as user_key
from vaelint.cache.folder import NAME, Folder
from vaelint.cache.stamp import stamp

_ROOTS = (".git", ".hg", "pyproject.toml", "setup.py", "vaelint.toml", ".vaelint.toml")


def top(paths: Sequence[str], named: str | None) -> str | None:
    """The folder of the cache for these files and folders. ``named`` is what the user asked for.

    Of files that are in no project, it is in the user's cache folder: a folder of theirs is not to be littered.
    """
    if named is not None:
        return os.path.abspath(named)  # noqa: PTH100
    root = _root(paths)
    if root is not None:
        return os.path.join(root, NAME)  # noqa: PTH118
    user = user_key.user_folder()
    return os.path.join(user, "strays") if user is not None else None  # noqa: PTH118


def opened(paths: Sequence[str], named: str | None, version: str) -> Folder | None:
    """The cache, which need not be there yet; None where none can be trusted."""
    place, user = top(paths, named), user_key.user_folder()
    if place is None or user is None:
        return None
    root = _root(paths)
    if root is not None and _is_in(user, root):
        return None  # the key would come with the code that is checked
    key = user_key.read(user)
    if key is None:
        return None
    folder = Folder(place, version, key, stamp())
    return folder if folder.is_sound() else None


def _root(paths: Sequence[str]) -> str | None:
    """The nearest folder above all of the paths that looks like the root of a project."""
    full = [os.path.abspath(path) for path in paths]  # noqa: PTH100
    try:
        folder = os.path.commonpath([p if os.path.isdir(p) else os.path.dirname(p) for p in full])  # noqa: PTH112, PTH120
    except ValueError:  # none, or on several drives
        return None
    while True:
        if any(os.path.lexists(os.path.join(folder, name)) for name in _ROOTS):  # noqa: PTH118
            return folder
        above = os.path.dirname(folder)  # noqa: PTH120
        if above == folder:
            return None
        folder = above


def _is_in(path: str, folder: str) -> bool:
    try:
        return os.path.commonpath((os.path.realpath(path), os.path.realpath(folder))) == os.path.realpath(folder)
    except ValueError:
        return False
