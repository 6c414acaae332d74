"""Where configurations are found, and how they are read: ``[tool.vaelint]`` of a pyproject.toml, or a vaelint.toml."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vaelint import files
from vaelint.config.keys import BY_NAME, did_you_mean
from vaelint.config.values import Config, ConfigError

OURS, SHARED = ("vaelint.toml", ".vaelint.toml"), "pyproject.toml"
MOST_BYTES = 1 << 20
MOST_PARTS = 1000


def in_folder(folder: Path) -> Path | None:
    """The configuration of a folder, if it has one."""
    for name in OURS:
        own = folder / name
        if own.is_file():
            return own
    shared = folder / SHARED
    return shared if shared.is_file() and _table(shared) is not None else None


def find(start: Path) -> Path | None:
    """The nearest configuration at or above ``start``."""
    folder = (start if start.is_dir() else start.parent).resolve()
    return next((found for place in (folder, *folder.parents) if (found := in_folder(place)) is not None), None)


def load(path: Path | None = None, *, start: Path | None = None) -> Config:
    """The configuration in ``path``, or in the nearest file at or above ``start`` (else the working directory)."""
    source = path if path is not None else find(start or Path.cwd())
    return Config() if source is None else Config(**_with_base(source, ()), source=source)


def inline(given: str | Mapping[str, Any]) -> dict[str, Any]:
    """What ``--config 'key = value'``, or a mapping of keys, sets, by field.

    Paths and patterns are relative to the working directory.
    """
    if not isinstance(given, str):
        return _read(given, "config", Path.cwd() / "config")
    try:
        table = _parsed(given)
    except ValueError as e:
        raise ConfigError(f"--config: `{given}` is neither a file nor `key = value` in TOML: {e}") from e
    return _read(table, "--config", Path.cwd() / "--config")


def _with_base(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    """The fields that a file sets, with those of the file that it extends."""
    full = path.resolve()
    if full in seen:
        raise ConfigError(f"{path}: key `extend` leads in a circle")
    table = _table(path)
    if table is None:
        raise ConfigError(f"{path}: has no [tool.vaelint] table")
    own = _read(table, str(path), path)
    base = own.pop("extend", None)
    if base is None:
        return own
    if not base.is_file():
        raise ConfigError(f"{path}: key `extend` names a file that does not exist: {base}")
    given = _with_base(base, (*seen, full))
    return {**_combined(given, own), "bases": (base, *given.get("bases", ()))}


def _combined(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    adding = {key.field for key in BY_NAME.values() if key.adds}
    return {**base, **{k: (*base.get(k, ()), *v) if k in adding else v for k, v in own.items()}}


def _table(path: Path) -> dict[str, Any] | None:
    try:
        held = files.read(path, MOST_BYTES + 1)
        if len(held) > MOST_BYTES:
            raise ConfigError(f"{path}: is larger than {MOST_BYTES >> 20} MB, which is no configuration")
        data = _parsed(held.decode("utf-8-sig"))
    except OSError as e:
        raise ConfigError(f"{path}: cannot be read: {e.strerror}") from e
    except UnicodeDecodeError as e:
        raise ConfigError(f"{path}: is not UTF-8") from e
    except ValueError as e:
        raise ConfigError(f"{path}: is not valid TOML: {e}") from e
    if path.name != SHARED:
        return data
    tool = data.get("tool", {})
    table = tool.get("vaelint") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: `tool.vaelint` must be a table")
    return table


def _parsed(text: str) -> dict[str, Any]:
    """Raises ValueError, also for what the parser would take hours for: keys of thousands of parts."""
    if any(row.partition("=")[0].count(".") > MOST_PARTS for row in text.splitlines()):
        raise ValueError("a key has too many parts")
    if sys.version_info >= (3, 11):  # needed where there is a configuration
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(text)
    except RecursionError as e:
        raise ValueError("it is nested too deeply") from e


def _read(table: Mapping[str, Any], where: str, path: Path) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, value in table.items():
        key = BY_NAME.get(name)
        if key is None:
            hint = did_you_mean(name, BY_NAME) if name != "tool" else f": `[tool.vaelint]` is for {SHARED} alone"
            raise ConfigError(f"{where}: unknown key `{name}`{hint}")
        try:
            read[key.field] = key.read(value, path)
        except ValueError as e:
            raise ConfigError(f"{where}: key `{name}` {e}") from e
    return read
