"""``vaelint clean``."""

from __future__ import annotations

from pathlib import Path

import click

from vaelint import config as configuration
from vaelint.cli import _options, _output
from vaelint.config import ConfigError


@click.command("clean", short_help="Remove what runs have kept for the next one.")
@_options.cache_folder
@click.argument("paths", metavar="[PATHS]...", nargs=-1)
def command(paths: tuple[str, ...], cache_dir: Path | None) -> None:
    """Remove the cache of the project that PATHS lie in (default: here)."""
    from vaelint.cache import folder, place

    given = paths or (".",)
    try:
        named = cache_dir or configuration.load(start=Path(given[0])).cache_dir
    except ConfigError as e:
        raise _output.Trouble(str(e)) from e
    top = place.top(given, str(named) if named is not None else None)
    removed = folder.clear(top) if top is not None else None
    if removed is False:
        raise _output.Trouble(f"{top}: not removed, or not all of it: there is something that vaelint did not write")
    _output.emit(f"Removed {top}\n" if removed else "There is no cache to remove.\n")
