"""The references, a family a file: each has a tuple ``REFERENCES``."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from vaelint.formula.reference import Reference


@cache
def all_references() -> tuple[Reference, ...]:
    names = sorted(m.name for m in pkgutil.iter_modules(__path__))
    return tuple(r for n in names for r in importlib.import_module(f"{__name__}.{n}").REFERENCES)
