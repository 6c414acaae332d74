"""Finds sign errors in loss code. What a program needs of it is here; all of it is loaded when it is first asked for.

``check_paths``, ``check_source`` and ``objectives`` return what ``vaelint check`` and ``vaelint objectives`` show, as
plain data. ``Gain`` and ``Cost`` are for annotations: ``Annotated[Tensor, vaelint.Gain]``. Nothing of the code that is
checked is imported or run, and `import vaelint` imports nothing but this file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vaelint.api import (
        Confidence,
        ConfigError,
        Finding,
        Location,
        ObjectiveReport,
        Problem,
        Result,
        check_paths,
        check_source,
        objectives,
    )
    from vaelint.markers import Cost, Gain

__version__ = "0.1.0"

_PLACES = {
    **dict.fromkeys(("Cost", "Gain"), "vaelint.markers"),
    **dict.fromkeys(
        (
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
        ),
        "vaelint.api",
    ),
}


def __getattr__(name: str) -> Any:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(place), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})


__all__ = [
    "Confidence",
    "ConfigError",
    "Cost",
    "Finding",
    "Gain",
    "Location",
    "ObjectiveReport",
    "Problem",
    "Result",
    "__version__",
    "check_paths",
    "check_source",
    "objectives",
]
