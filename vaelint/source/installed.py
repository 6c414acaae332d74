"""Packages of an environment, whose sources may be followed as text: where they lie. Nothing of them is imported."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

_ACTIVE = ("VIRTUAL_ENV", "CONDA_PREFIX")  # how a shell tells which environment is active
_BESIDE = (".venv", "venv")  # where tools put that of a project
_LIBRARIES = ("lib/python*/site-packages", "lib64/python*/site-packages", "Lib/site-packages", "site-packages")


@dataclass(frozen=True)
class Installed:
    """``folders``: absolute paths of an environment's ``site-packages``; ``names``: the packages to follow, all if
    empty."""

    folders: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()

    def follows(self, package: str) -> bool:
        return bool(self.folders) and (not self.names or package in self.names)

    def holds(self, path: str) -> bool:
        """Whether a file (absolute path) was installed: who checks their own code would not edit it."""
        return any(path.startswith(folder + os.sep) for folder in self.folders)

    def folder_of(self, path: str) -> str | None:
        """The ``site-packages`` that a file lies in."""
        return next((folder for folder in self.folders if path.startswith(folder + os.sep)), None)

    @cached_property
    def searched(self) -> tuple[str, ...]:
        """The folders in which a package may lie: those of the environment, and of what was installed to be edited."""
        return (*self.folders, *(x for folder in self.folders for x in _linked(folder)))


NOTHING = Installed()


class NoEnvironment(Exception):
    """There is no environment to follow; the message says where it was looked for."""


def environment(
    root: Path, python: Path | None, names: frozenset[str], variables: Mapping[str, str] = os.environ
) -> Installed:
    """The environment of a project: the one that was named (a folder, or its interpreter), else the active one, else
    ``.venv`` or ``venv`` in ``root``. Raises `NoEnvironment`.
    """
    if python is not None:
        folders = _packages(_prefix(python))
        if not folders:
            raise NoEnvironment(f"no `site-packages` belong to {python}")
        return Installed(folders, names)
    active = [Path(variables[name]) for name in _ACTIVE if variables.get(name)]
    for prefix in (*active, *(root / name for name in _BESIDE)):
        folders = _packages(prefix)
        if folders:
            return Installed(folders, names)
    raise NoEnvironment("no environment is active, and none lies in .venv or venv: name one with `python`")


def _prefix(python: Path) -> Path:
    return python if python.is_dir() else python.parent.parent  # of …/bin/python


@lru_cache(maxsize=32)
def _packages(prefix: Path) -> tuple[str, ...]:
    found = (x for pattern in _LIBRARIES for x in sorted(prefix.glob(pattern)) if x.is_dir())
    return tuple({os.path.realpath(x): os.path.abspath(x) for x in found}.values())  # noqa: PTH100  (links stay)


@lru_cache(maxsize=32)
def _linked(folder: str) -> tuple[str, ...]:
    """What ``.pth`` files name: the sources of packages that were installed to be edited."""
    return tuple(dict.fromkeys(_lines(Path(folder))))


def _lines(folder: Path) -> Iterator[str]:
    for file in sorted(folder.glob("*.pth")):
        try:
            text = file.read_text("utf-8", errors="replace")
        except OSError:
            continue  # what cannot be read names nothing
        for line in text.splitlines():
            named = folder / line.strip()
            if line.strip() and not line.startswith(("#", "import ", "import\t")) and named.is_dir():
                yield os.path.abspath(named)  # noqa: PTH100
