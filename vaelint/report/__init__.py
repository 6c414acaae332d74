"""How a run is shown. One module here is one output format, by its name: adding a file adds the format.

A format has ``render(result, view) -> str``. Modules whose names begin with an underscore are helpers.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Protocol, cast

from vaelint.finding import Result
from vaelint.report._view import View


class Format(Protocol):
    def render(self, result: Result, view: View) -> str: ...


def names() -> tuple[str, ...]:
    """The formats there are, without importing any; `json_lines.py` is ``json-lines``."""
    found = (m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    return tuple(sorted(name.replace("_", "-") for name in found))


def load(name: str) -> Format:
    if name not in names():
        raise LookupError(f"no output format is called `{name}`; there are {', '.join(names())}")
    return cast(Format, importlib.import_module(f"{__name__}.{name.replace('-', '_')}"))


__all__ = ["Format", "View", "load", "names"]
