"""What a run is told: from ``[tool.vaelint]`` of a pyproject.toml or from a ``vaelint.toml``, then the command line."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from vaelint import files
from vaelint.evidence import Confidence
from vaelint.finding import Finding

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_RANK = {Confidence.POSSIBLE: 0, Confidence.LIKELY: 1, Confidence.CERTAIN: 2}


class ConfigError(Exception):
    """A configuration that cannot be followed; the message names the file and the key."""


@dataclass(frozen=True)
class Config:
    """``select``, ``ignore`` and ``extend_select`` hold codes or their beginnings (``VL``, ``VL3``, ``VL301``).

    ``source`` is the file it was read from, None without one; ``extend_rules`` are further rule files, as absolute
    paths. ``preview`` turns on what is not measured on unread code yet: the laws of ``rules/laws``.
    """

    select: tuple[str, ...] = ("VL",)
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    extend_rules: tuple[Path, ...] = ()
    min_confidence: Confidence = Confidence.LIKELY
    preview: bool = False
    source: Path | None = None

    @property
    def root(self) -> Path | None:
        """The folder that paths and patterns of the configuration are relative to."""
        return self.source.resolve().parent if self.source else None

    def enables(self, code: str) -> bool:
        """Whether the check is on: as in Ruff the longest selector that fits decides, at equal length ``ignore``."""
        on = _longest_fit((*self.select, *self.extend_select), code)
        return on > _longest_fit(self.ignore, code)

    def ignores(self, code: str) -> bool:
        """Whether ``ignore`` names the check, or the few that begin like it."""
        return _longest_fit(self.ignore, code) > len("VL")

    def shows(self, finding: Finding) -> bool:
        """Whether it is sure enough to be reported."""
        return _RANK[finding.confidence] >= _RANK[self.min_confidence]

    def with_options(self, **given: Any) -> Config:
        """With what the command line said: an option that was not given is None or empty, and changes nothing.

        A ``select`` on the command line drops the file's ``extend_select`` and ``ignore``s of it, as in Ruff.
        """
        said = {key: value for key, value in given.items() if value}
        if "select" in said:
            said = {"extend_select": (), "ignore": ()} | said
        elif "extend_select" in said:
            said["extend_select"] = (*self.extend_select, *said["extend_select"])
        if "ignore" in said and "select" not in said:
            said["ignore"] = (*self.ignore, *said["ignore"])
        return replace(self, **said)


def _longest_fit(selectors: Iterable[str], code: str) -> int:
    return max((len(s) if s != "ALL" else 1 for s in selectors if s == "ALL" or code.startswith(s)), default=0)


def check_selectors(selectors: Iterable[str], known: Collection[str], where: str) -> None:
    """Raise for a selector that no check answers to; ``where`` says who wrote it."""
    for selector in selectors:
        if selector != "ALL" and not (selector and any(code.startswith(selector) for code in known)):
            raise ConfigError(f"{where}: unknown code `{selector}`{did_you_mean(selector, known)}")


def did_you_mean(word: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(word, sorted(known), n=1)
    return f" (did you mean `{near[0]}`?)" if near else ""


def find(start: Path) -> Path | None:
    """The nearest vaelint.toml, or pyproject.toml that has a ``[tool.vaelint]``, at or above ``start``."""
    folder = start if start.is_dir() else start.parent
    folder = folder.resolve()
    for place in (folder, *folder.parents):
        own = place / "vaelint.toml"
        if own.is_file():
            return own
        shared = place / "pyproject.toml"
        if shared.is_file() and _table(shared) is not None:
            return shared
    return None


def load(path: Path | None = None, *, start: Path | None = None) -> Config:
    """The configuration in ``path``, or in the nearest file at or above ``start`` (else the working directory)."""
    source = path if path is not None else find(start or Path.cwd())
    if source is None:
        return Config()
    table = _table(source)
    if table is None:
        raise ConfigError(f"{source}: has no [tool.vaelint] table")
    return _read(table, source)


def _table(path: Path) -> dict[str, Any] | None:
    try:
        data = tomllib.loads(files.read(path).decode("utf-8-sig"))
    except OSError as e:
        raise ConfigError(f"{path}: cannot be read: {e.strerror}") from e
    except UnicodeDecodeError as e:
        raise ConfigError(f"{path}: is not UTF-8") from e
    except tomllib.TOMLDecodeError as e:
        raise ConfigError(f"{path}: is not valid TOML: {e}") from e
    if path.name != "pyproject.toml":
        return data
    tool = data.get("tool", {})
    table = tool.get("vaelint") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: `tool.vaelint` must be a table")
    return table


def _read(table: dict[str, Any], path: Path) -> Config:
    read: dict[str, Any] = {"source": path}
    for key, value in table.items():
        if key not in _KEYS:
            raise ConfigError(f"{path}: unknown key `{key}`{did_you_mean(key, _KEYS)}")
        try:
            read[key.replace("-", "_")] = _KEYS[key](value, path)
        except ValueError as e:
            raise ConfigError(f"{path}: key `{key}` {e}") from e
    return Config(**read)


def _strings(value: object, path: Path) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(x, str) for x in value):
        raise ValueError("must be a list of strings")
    return tuple(value)


def _paths(value: object, path: Path) -> tuple[Path, ...]:
    found = tuple(path.resolve().parent / name for name in _strings(value, path))
    for rules in found:
        if not rules.exists():
            raise ValueError(f"names a file that does not exist: {rules}")
    return found


def _confidence(value: object, path: Path) -> Confidence:
    try:
        return Confidence(value)
    except ValueError:
        raise ValueError(f"must be one of {', '.join(c.value for c in Confidence)}") from None


def _switch(value: object, path: Path) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


_KEYS: dict[str, Callable[[object, Path], object]] = {
    "select": _strings,
    "ignore": _strings,
    "extend-select": _strings,
    "exclude": _strings,
    "extend-rules": _paths,
    "min-confidence": _confidence,
    "preview": _switch,
}
assert {key.replace("-", "_") for key in _KEYS} | {"source"} == {field.name for field in fields(Config)}
