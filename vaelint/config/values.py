"""What a run is told, as plain values: what is looked for, in which files, and how it is shown."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from vaelint.evidence import Confidence
from vaelint.finding import Finding
from vaelint.source.installed import NOTHING, Installed, NoEnvironment, environment

_RANK = {Confidence.POSSIBLE: 0, Confidence.LIKELY: 1, Confidence.CERTAIN: 2}


class ConfigError(Exception):
    """A configuration that cannot be followed; the message names the file and the key."""


@dataclass(frozen=True)
class Pattern:
    """A glob for paths, by their own name or relative to ``root``: the folder of the file that it is written in."""

    text: str
    root: Path

    def fits(self, path: str) -> bool:
        """Whether the absolute path itself fits, or a folder that it lies in below ``root``."""
        try:
            relative = os.path.relpath(path, self.root).replace(os.sep, "/")
        except ValueError:  # another drive
            relative = "../"
        if relative.startswith("../"):
            return self._is(os.path.basename(path), path)  # noqa: PTH119
        parts = relative.split("/")
        return any(self._is(parts[i], "/".join(parts[: i + 1])) for i in range(len(parts)))

    def _is(self, name: str, relative: str) -> bool:
        text = self.text.removeprefix("./").rstrip("/")
        anywhere = text.removeprefix("**/")
        if text.endswith("/**"):
            text = text.removesuffix("/**")
        full = f"{self.root.as_posix().rstrip('/')}/{relative}"
        return any(fnmatch(x, t) for t in (text, anywhere) for x in (name, relative, full))


@dataclass(frozen=True)
class Config:
    """What holds for one file, or for all of one folder.

    ``select``, ``ignore``, ``extend_select`` and those of ``per_file_ignores`` hold codes or their beginnings (``VL``,
    ``VL3``, ``VL301``). ``source`` is the file it was read from, None without one; ``extend_rules`` are further rule
    files, as absolute paths; ``names`` pairs words with what a value of that name is claimed to be. ``preview`` lets in
    what is not measured on unread code yet: laws that names leave in doubt. ``follow_installed`` are the packages whose
    sources are followed, or whether all are; ``python`` names their environment. ``off`` are the codes ignored in one
    file, ``bases`` the files that ``source`` extends.
    """

    select: tuple[str, ...] = ("VL",)
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[Pattern, tuple[str, ...]], ...] = ()
    extend_per_file_ignores: tuple[tuple[Pattern, tuple[str, ...]], ...] = ()
    exclude: tuple[Pattern, ...] = ()
    extend_exclude: tuple[Pattern, ...] = ()
    force_exclude: bool = False
    respect_gitignore: bool = True
    extend_rules: tuple[Path, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    min_confidence: Confidence = Confidence.LIKELY
    preview: bool = False
    follow_installed: bool | frozenset[str] = False
    python: Path | None = None
    output_format: str = ""
    baseline: Path | None = None
    cache_dir: Path | None = None
    source: Path | None = None
    off: tuple[str, ...] = ()
    bases: tuple[Path, ...] = ()

    @property
    def root(self) -> Path | None:
        """The folder that paths and patterns of the configuration are relative to."""
        return self.source.resolve().parent if self.source else None

    @property
    def main(self) -> Config:
        """What holds where no file is asked about."""
        return self

    def installed(self) -> Installed:
        """The packages whose sources are followed. Raises `ConfigError` where there is no environment."""
        if self.follow_installed is False:
            return NOTHING
        names = frozenset[str]() if self.follow_installed is True else self.follow_installed
        try:
            return environment(self.root or Path.cwd(), self.python, names)
        except NoEnvironment as e:
            raise ConfigError(f"{self.source or '--follow-installed'}: `follow-installed` is set, but {e}") from e

    def near(self, path: str | Path) -> Config:
        """What holds in the folder of a file."""
        return self

    def of(self, path: str | Path) -> Config:
        """What holds for one file: with what ``per-file-ignores`` ignores there."""
        pairs = (*self.per_file_ignores, *self.extend_per_file_ignores)
        if not pairs:
            return self
        full = os.path.abspath(path)  # noqa: PTH100  (links stay)
        return replace(self, off=tuple(code for pattern, codes in pairs if _applies(pattern, full) for code in codes))

    def excludes(self, path: str | Path) -> bool:
        """Whether ``exclude`` or ``extend-exclude`` leave it out, by itself or with a folder that it lies in."""
        patterns = (*self.exclude, *self.extend_exclude)
        if not patterns:
            return False
        full = os.path.abspath(path)  # noqa: PTH100
        return any(p.fits(full) for p in patterns)

    def enables(self, code: str) -> bool:
        """Whether the check is on: as in Ruff the longest selector that fits decides, at equal length ``ignore``."""
        on = _longest_fit((*self.select, *self.extend_select), code)
        return on > _longest_fit(self.ignore, code) and not _longest_fit(self.off, code)

    def ignores(self, code: str) -> bool:
        """Whether ``ignore`` names the check, or the few that begin like it."""
        return max(_longest_fit(self.ignore, code), _longest_fit(self.off, code)) > len("VL")

    def shows(self, finding: Finding) -> bool:
        """Whether it is sure enough to be reported."""
        return _RANK[finding.confidence] >= _RANK[self.min_confidence]

    def with_options(self, **given: Any) -> Config:
        """With what the command line asks for: an option that was not given is None or empty, and changes nothing.

        A ``select`` on the command line drops the file's ``extend_select`` and ``ignore``s of it, as in Ruff.
        """
        asked = {key: value for key, value in given.items() if value is not None and value != ()}
        if "select" in asked:
            asked = {"extend_select": (), "ignore": ()} | asked
        elif "extend_select" in asked:
            asked["extend_select"] = (*self.extend_select, *asked["extend_select"])
        if "ignore" in asked and "select" not in asked:
            asked["ignore"] = (*self.ignore, *asked["ignore"])
        if "extend_exclude" in asked:
            asked["extend_exclude"] = (*self.extend_exclude, *asked["extend_exclude"])
        return replace(self, **asked)


def _applies(pattern: Pattern, path: str) -> bool:
    """As in Ruff a ``!`` in front means every file but those."""
    if pattern.text.startswith("!"):
        return not Pattern(pattern.text[1:], pattern.root).fits(path)
    return pattern.fits(path)


def _longest_fit(selectors: Iterable[str], code: str) -> int:
    return max((len(s) if s != "ALL" else 1 for s in selectors if s == "ALL" or code.startswith(s)), default=0)
