"""Which files a run looks at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vaelint.finding import Problem
from vaelint.source import yaml

SUFFIXES = (".py", ".ipynb", *yaml.SUFFIXES)
SKIPPED = frozenset(
    (
        ".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", "build", "dist", ".tox", ".nox", ".eggs",
        ".mypy_cache", ".ruff_cache", ".vaelint_cache", ".pytest_cache", ".ipynb_checkpoints", "site-packages",
    )
)  # fmt: skip


@dataclass(slots=True)
class Discovery:
    files: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)  # that were searched


LeavesOut = Callable[[str, bool], bool]  # asked of a path, and whether it is a folder


def _nothing(path: str, is_folder: bool) -> bool:
    return False


def discover(paths: Sequence[Path], searched: LeavesOut = _nothing, named: LeavesOut = _nothing) -> Discovery:
    """Each file once, in one order whatever the order of the paths: of a folder its files, then its folders, by name.

    A file that is named is taken whatever its suffix. ``searched`` says what to leave out of folders, ``named`` of the
    paths themselves.
    """
    out = Discovery()
    files: list[Path] = []
    for path in paths:
        is_folder = os.path.isdir(path)  # noqa: PTH112  (`Path.is_dir` raises where a parent may not be read)
        if named(str(path), is_folder):
            continue
        if is_folder:
            found: Iterator[Path] = _walk(path, searched, out)
        elif os.path.exists(path):  # noqa: PTH110
            found = iter((path,))
        else:
            out.problems.append(Problem(str(path), "no such file or folder"))
            continue
        files += found
    seen: set[str] = set()
    for file in sorted(files, key=_place):
        key = os.path.realpath(file)
        if key not in seen:
            seen.add(key)
            out.files.append(file)
    out.problems.sort(key=lambda problem: problem.filename)
    return out


def _place(path: Path) -> tuple[tuple[bool, str], ...]:
    *folders, name = Path(os.path.abspath(path)).parts  # noqa: PTH100  (links stay)
    return (*((True, folder) for folder in folders), (False, name))


def _walk(folder: Path, leaves_out: LeavesOut, out: Discovery) -> Iterator[Path]:
    stack = [folder]
    while stack:
        current = stack.pop()
        out.folders.append(str(current))
        try:
            entries = sorted(os.scandir(current), key=lambda e: e.name)
        except OSError as error:
            out.problems.append(Problem(str(current), f"cannot be read: {error.strerror or error}"))
            continue
        folders = []
        for entry in entries:
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED and not leaves_out(entry.path, True):
                    folders.append(path)
            elif not entry.name.endswith(SUFFIXES) or leaves_out(entry.path, False):
                continue
            elif os.path.isfile(path):  # noqa: PTH113  (`is_file` raises for a loop of links)
                yield path
        stack += reversed(folders)
