"""The value of a form at sample points: plain floats, a list of them for every part."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from vaelint.formula.form import Form, Leaf, Named, Num, Op

Vector = Sequence[float]


class Undefined(Exception):
    """The form has no value at some point: out of a domain, too large, or a function we cannot compute."""


def softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def digamma(x: float) -> float:
    """Derivative of lgamma for x > 0, by recurrence and the asymptotic series (about 1e-12)."""
    shift = 0.0
    while x < 10:
        shift -= 1 / x
        x += 1
    i = 1 / (x * x)
    tail = i * (1 / 12 - i * (1 / 120 - i * (1 / 252 - i * (1 / 240 - i / 132))))
    return shift + math.log(x) - 0.5 / x - tail


def bessel0(x: float) -> float:
    """Modified Bessel function of order 0, by its power series (arguments of a few units)."""
    total = term = 1.0
    for k in range(1, 60):
        term *= (x / 2) ** 2 / k**2
        total += term
    return total


UNARY: dict[str, Callable[[float], float]] = {
    "neg": lambda x: -x,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "square": lambda x: x * x,
    "abs": abs,
    "sigmoid": sigmoid,
    "logsigmoid": lambda x: -softplus(-x),
    "softplus": softplus,
    "tanh": math.tanh,
    "cosh": math.cosh,
    "cos": math.cos,
    "sin": math.sin,
    "relu": lambda x: max(x, 0.0),
    "lgamma": math.lgamma,
    "digamma": digamma,
    "log1p": math.log1p,
    "expm1": math.expm1,
    "erf": math.erf,
    "i0": bessel0,
    "atan": math.atan,
    "sign": lambda x: math.copysign(1.0, x) if x else 0.0,
}

BINARY: dict[str, Callable[[float, float], float]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: _power(a, b),
    "max": max,
    "min": min,
    "logaddexp": lambda a, b: max(a, b) + math.log1p(math.exp(-abs(a - b))),
}


def _power(a: float, b: float) -> float:
    if a < 0 and b != int(b):
        raise ValueError
    return float(a**b)


def evaluate(form: Form, at: Mapping[str, Vector], n: int) -> Vector:
    """The form at ``n`` points; ``at`` gives the values of each leaf by its key. Raises `Undefined`."""
    try:
        out = _value(form, at, n)
    except (ValueError, OverflowError, ZeroDivisionError, KeyError, RecursionError) as error:
        raise Undefined from error
    if not all(map(math.isfinite, out)):
        raise Undefined
    return out


def _value(form: Form, at: Mapping[str, Vector], n: int) -> Vector:
    if isinstance(form, Op):
        args = form.args
        if len(args) == 1:
            return [*map(UNARY[form.fn], _value(args[0], at, n))]
        return [*map(BINARY[form.fn], _value(args[0], at, n), _value(args[1], at, n))]
    if isinstance(form, Leaf):
        return at[form.key]
    if isinstance(form, Num):
        return [form.value] * n
    return _value(form.form, at, n)


__all__ = ["BINARY", "UNARY", "Named", "Undefined", "Vector", "evaluate"]
