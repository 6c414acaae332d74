"""For programs: what the commands show, as plain data. Imported through ``vaelint`` itself."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from vaelint.config import Config, ConfigError, Configured, Settings, inline, load
from vaelint.engine import analyse
from vaelint.finding import Confidence, Finding, Location, ObjectiveReport, Problem, Result

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def check_paths(
    paths: Paths = ".",
    *,
    config: str | os.PathLike[str] | Mapping[str, Any] | None = None,
    isolated: bool = False,
    traces: bool = False,
) -> Result:
    """Check files and folders, as ``vaelint check`` does.

    ``config`` is the path of a configuration, which then holds for all files, or a mapping of its keys
    (``{"select": ["VL1"], "min-confidence": "possible"}``), which go before those of the configurations that are found;
    ``isolated`` reads none. With ``traces`` the terms of objectives say how they got their sense.

    The result has the findings that are shown and those that are hidden (each with the reason), all objectives, and the
    problems with the input. Paths in it are relative to the working directory where they were given so. Raises
    `ConfigError` for a configuration that cannot be followed, `FileNotFoundError` for a path that does not exist.
    """
    given = [paths] if isinstance(paths, (str, os.PathLike)) else [*paths]
    files = [Path(path) for path in given]
    for path in files:
        if not path.exists():
            raise FileNotFoundError(path)
    return analyse(files, _configured(config, isolated), traces=traces)


def check_source(
    source: str,
    filename: str | os.PathLike[str] = "stdin.py",
    *,
    config: str | os.PathLike[str] | Mapping[str, Any] | None = None,
    isolated: bool = False,
    traces: bool = False,
) -> Result:
    """Check a text as if it were what the file of that name holds, which need not exist.

    What it imports is looked for beside that file. The other arguments, and errors, are those of `check_paths`.
    """
    stdin = (os.fspath(filename), source)
    return analyse([], _configured(config, isolated), stdin=stdin, traces=traces, apart=False)


def objectives(
    paths: Paths = ".",
    *,
    config: str | os.PathLike[str] | Mapping[str, Any] | None = None,
    isolated: bool = False,
) -> list[ObjectiveReport]:
    """Everything that is optimised in files and folders, with its signed terms and how each got its sense."""
    return check_paths(paths, config=config, isolated=isolated, traces=True).objectives


def _configured(config: str | os.PathLike[str] | Mapping[str, Any] | None, isolated: bool) -> Configured:
    if isinstance(config, Mapping):
        return Settings(Config() if isolated else None, inline(config))
    if config is not None:
        return Settings(load(Path(config)))
    return Settings(Config() if isolated else None)


__all__ = [
    "Confidence",
    "ConfigError",
    "Finding",
    "Location",
    "ObjectiveReport",
    "Problem",
    "Result",
    "check_paths",
    "check_source",
    "objectives",
]
