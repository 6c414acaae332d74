"""Whole runs: all that a command found out, for as long as what it looked at is as it was."""

from __future__ import annotations

import os
from collections.abc import Collection

from vaelint.cache import tree
from vaelint.cache.folder import ANSWER, Folder
from vaelint.cache.plain import from_plain, to_plain
from vaelint.finding import Result

FEW = 16  # files that are looked at first: those that were named may have changed, and thousands around them not


def find(folder: Folder, asked: str) -> Result | None:
    """What was found out when the same was asked before; ``asked`` has the paths, the settings, the place."""
    kept = folder.read(ANSWER, asked)
    if kept is None:
        return None
    try:
        folders, further, recent, first, seen, plain = kept
        look = tree.Look(folder.top, recent)
        if first and look.hash((), further, os.getcwd()) != first:  # noqa: PTH109
            return None
        if look.hash(folders, further, os.getcwd()) != seen:  # noqa: PTH109
            return None
        result = from_plain(Result, plain)
    except (ValueError, TypeError):
        return None
    folder.used(ANSWER, asked)
    return result


def keep(folder: Folder, asked: str, folders: Collection[str], further: Collection[str], result: Result) -> None:
    """Keep a result with what it rests on. Nothing is kept of what may be otherwise the next time."""
    if any(p.fatal or p.ours for p in result.problems):
        return
    recent: dict[str, str] = {}
    try:
        look = tree.Look(folder.top, recent, folder.now)
        first = look.hash((), further, os.getcwd()) if len(further) <= FEW else ""  # noqa: PTH109
        seen = look.hash(folders, further, os.getcwd())  # noqa: PTH109
        tree.require_unchanged(folders, folder.now, folder.made_in)
    except tree.Changed:
        return
    folder.write(ANSWER, asked, [sorted(folders), sorted(further), recent, first, seen, to_plain(result)])
