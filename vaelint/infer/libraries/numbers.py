"""Functions of plain numbers, where the sign of the result is not that of the argument: ``log(0.5)``, ``exp(-1)``."""

from __future__ import annotations

import math
from collections.abc import Callable

_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "log": math.log,
    "log1p": math.log1p,
    "log2": math.log2,
    "log10": math.log10,
    "exp": math.exp,
    "exp2": lambda x: 2.0**x,
    "expm1": math.expm1,
    "sqrt": math.sqrt,
    "square": lambda x: x * x,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "expit": lambda x: 1 / (1 + math.exp(-x)),
    "softplus": lambda x: math.log1p(math.exp(x)),
    "neg": lambda x: -x,
    "negative": lambda x: -x,
}


def applied(name: str, x: float) -> float | None:
    """``name`` of ``x``; ``x`` itself of a function that only stores or reshapes it; None where it has no value."""
    function = _FUNCTIONS.get(name)
    if function is None:
        return x
    try:
        return function(x)
    except (ValueError, OverflowError, ZeroDivisionError):
        return None
