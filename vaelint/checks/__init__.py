"""The checks, one file each: a file named ``vl*.py`` with a ``CHECK`` in it is a check."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache

from vaelint.checks.base import Candidate, Check


@cache
def all_checks() -> Sequence[Check]:
    """Every check, by code."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name.startswith("vl"))
    return tuple(importlib.import_module(f"{__name__}.{n}").CHECK for n in names)


__all__ = ["Candidate", "Check", "all_checks"]
