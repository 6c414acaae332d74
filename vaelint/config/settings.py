"""Which configuration holds for which file: the closest one above it, with what the command line asks for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Protocol

from vaelint.config.read import find, in_folder, load
from vaelint.config.values import Config, Pattern


class Configured(Protocol):
    """A `Config` that holds for all files, or `Settings`, which have one for each."""

    @property
    def main(self) -> Config: ...
    def near(self, path: str | Path) -> Config: ...
    def of(self, path: str | Path) -> Config: ...


@dataclass
class Settings:
    """``only``: a configuration that was named, or none at all, and holds for every file. ``inline`` are fields set by
    ``--config 'key = value'``, ``options`` those of other options.

    A file without a configuration above it has that of the working directory, as in Ruff.
    """

    only: Config | None = None
    inline: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    _read: dict[str, Config | None] = field(default_factory=dict, repr=False)
    _main: Config | None = field(default=None, repr=False)

    def with_options(self, **given: Any) -> Settings:
        return Settings(self.only, self.inline, {**self.options, **given})

    def moved(self, root: Path, folder: Path) -> Settings:
        """The same for a copy of ``root`` in ``folder``: patterns that were relative to the one are to the other.

        Configurations that were not named are those of the copy: as they were when it was made.
        """
        only = _moved(self.main if self.only is not None else Config(), root, folder)
        inline = {key: _moved_value(value, root, folder) for key, value in self.inline.items()}
        options = {key: _moved_value(value, root, folder) for key, value in self.options.items()}
        return Settings(only if self.only is not None else None, inline, options)

    @property
    def main(self) -> Config:
        """What holds in the working directory."""
        if self._main is None:
            found = None if self.only is not None else find(Path.cwd())
            self._main = self._asked(self.only or (load(found) if found is not None else Config()))
        return self._main

    def of(self, path: str | Path) -> Config:
        """What holds for one file."""
        return self.near(path).of(path)

    def near(self, path: str | Path) -> Config:
        """What holds in the folder of a file, whatever the file."""
        if self.only is not None:
            return self.main
        full = os.path.abspath(path)  # noqa: PTH100  (links stay)
        return self._above(os.path.dirname(full)) or self.main  # noqa: PTH120

    def _above(self, folder: str) -> Config | None:
        """The configuration of a folder, or of the nearest one above that has any."""
        if folder not in self._read:
            found = in_folder(Path(folder))
            above = os.path.dirname(folder)  # noqa: PTH120
            if found is not None:
                self._read[folder] = self._asked(load(found))
            else:
                self._read[folder] = self._above(above) if above != folder else None
        return self._read[folder]

    def _asked(self, config: Config) -> Config:
        return replace(config, **self.inline).with_options(**self.options)


def _moved(config: Config, root: Path, folder: Path) -> Config:
    return replace(config, **{f.name: _moved_value(getattr(config, f.name), root, folder) for f in fields(config)})


def _moved_value(value: Any, root: Path, folder: Path) -> Any:
    """Patterns below the root of a repository, below that of its copy."""
    if isinstance(value, tuple):
        return tuple(_moved_value(x, root, folder) for x in value)
    if isinstance(value, Pattern) and value.root.is_relative_to(root):
        return replace(value, root=folder / value.root.relative_to(root))
    return value
