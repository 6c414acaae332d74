"""The table of primitives: one row says how many arguments, how it is computed over many samples at once, where
its arguments may lie, and what it does to the gradient.

An array has the samples along its first axis; the shape that the code speaks of is what comes behind. A constant is one
sample, which fits any number of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from vaelint.graph.node import NAMED
from vaelint.records import record

Array: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Settings: TypeAlias = "dict[str, Any]"
Run = Callable[[Sequence[Array], Settings], Array]
# Gradient of what is below, the arguments, the result, the settings → a gradient for each argument (None: none).
Back = Callable[[Array, Sequence[Array], Array, Settings], "Sequence[Array | None]"]

POSITIVE, UNIT, LABEL, MATRIX = "positive", "unit", "label", "matrix"


_linear: Any = np.linalg  # its results are typed more widely than ours are


class Misfit(Exception):
    """The arguments have shapes or values for which the primitive has no result."""


@record(frozen=True, slots=True)
class Primitive:
    """``arity``: -1 for any. ``needs``: by argument, the domain outside of which it has no
    value. ``back`` is None where no gradient passes (a stop, a comparison)."""

    name: str
    arity: int
    run: Run
    back: Back | None = None
    needs: tuple[str, ...] = ()


# --- shapes --------------------------------------------------------------------------------------


def aligned(xs: Sequence[Array]) -> list[Array]:
    """Arrays of one rank, so that what broadcasts is what the code speaks of and never the samples."""
    ranks = [x.ndim for x in xs]
    rank = max(ranks)
    return [*xs] if min(ranks) == rank else [x.reshape(x.shape[:1] + (1,) * (rank - x.ndim) + x.shape[1:]) for x in xs]


def reduced_to(grad: Array, x: Array) -> Array:
    """A gradient summed over what ``x`` was broadcast along."""
    extra = grad.ndim - x.ndim
    if extra > 0:
        grad = grad.sum(axis=tuple(range(1, 1 + extra)))
    along = tuple(i for i, (g, n) in enumerate(zip(grad.shape, x.shape)) if n == 1 and g != 1)
    return grad.sum(axis=along, keepdims=True) if along else grad


def axes(x: Array, given: Any) -> tuple[int, ...]:
    """The axes of the array that an ``axis`` of the code means; None is all."""
    if given is None:
        return tuple(range(1, x.ndim))
    out = []
    for a in given if isinstance(given, tuple) else (given,):
        real = a + x.ndim if a < 0 else a + 1
        if not 1 <= real < x.ndim:
            raise Misfit(f"axis {a} of {x.ndim - 1}")
        out.append(real)
    return tuple(out)


def _new_axis(x: Array, given: int) -> int:
    """Where the code puts an axis in; never before the samples."""
    real = given + x.ndim + 1 if given < 0 else given + 1
    if not 1 <= real <= x.ndim:
        raise Misfit(f"no place for axis {given}")
    return real


def _axis(x: Array, s: Settings, default: Any = -1) -> int:
    found = axes(x, s.get("axis", default))
    if len(found) != 1:
        raise Misfit("one axis")
    return found[0]


# --- elementwise ---------------------------------------------------------------------------------


def _each(fn: Callable[[float], float]) -> Callable[[Array], Array]:
    """A function of the standard library over an array; nan where it has no value."""

    def one(x: float) -> float:
        try:
            return fn(x)
        except (ValueError, OverflowError):
            return math.nan

    return lambda x: np.fromiter((one(v) for v in x.flat), np.float64, x.size).reshape(x.shape)


lgamma, erf = _each(math.lgamma), _each(math.erf)


def _shifted(x: Array, step: Callable[[Array], Array]) -> tuple[Array, Array]:
    """``x`` moved up to where an asymptotic series holds, and the sum of what was passed on the way."""
    total = np.zeros_like(x)
    x = x.copy()
    for _ in range(10):
        low = x < 10
        total[low] += step(x[low])
        x[low] += 1
    return x, total


def digamma(x: Array) -> Array:
    """The derivative of lgamma for x > 0, by recurrence and the asymptotic series (Abramowitz and Stegun 6.3.18)."""
    y, passed = _shifted(np.where(x > 0, x, np.nan), lambda v: 1 / v)
    i = 1 / (y * y)
    tail = i * (1 / 12 - i * (1 / 120 - i * (1 / 252 - i * (1 / 240 - i / 132))))
    return np.asarray(np.log(y) - 0.5 / y - tail - passed)


def trigamma(x: Array) -> Array:
    """The derivative of `digamma` for x > 0 (Abramowitz and Stegun 6.4.12)."""
    y, passed = _shifted(np.where(x > 0, x, np.nan), lambda v: 1 / (v * v))
    i = 1 / (y * y)
    tail = 1 / y + i / 2 + i / y * (1 / 6 - i * (1 / 30 - i * (1 / 42 - i / 30)))
    return np.asarray(tail + passed)


def softplus(x: Array) -> Array:
    return np.asarray(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))


def sigmoid(x: Array) -> Array:
    return np.asarray(np.exp(-softplus(-x)))


def bessel0(x: Array) -> Array:
    """The modified Bessel function of order 0, by its power series (arguments of a few units)."""
    total = term = np.ones_like(x)
    for k in range(1, 60):
        term = term * (x / 2) ** 2 / k**2
        total = total + term
    return total


def bessel1(x: Array) -> Array:
    term = x / 2
    total = term
    for k in range(1, 60):
        term = term * (x / 2) ** 2 / (k * (k + 1))
        total = total + term
    return total


def _unary(
    name: str,
    fn: Callable[[Array], Array],
    slope: Callable[[Array, Array], Any],
    needs: str = "",
) -> Primitive:
    """``slope``: the derivative, of the argument and the result."""
    return Primitive(
        name,
        1,
        lambda xs, s: np.asarray(fn(xs[0]), dtype=np.float64),
        lambda g, xs, y, s: (g * slope(xs[0], y),),
        (needs,),
    )


_LN2, _LN10, _ROOT = math.log(2), math.log(10), math.sqrt(2 * math.pi)


def _normal_cdf(x: Array) -> Array:
    return np.asarray(0.5 * (1 + erf(x / math.sqrt(2))))


_UNARY = (
    _unary("neg", lambda x: -x, lambda x, y: -1.0),
    _unary("exp", np.exp, lambda x, y: y),
    _unary("expm1", np.expm1, lambda x, y: y + 1),
    _unary("log", np.log, lambda x, y: 1 / x, POSITIVE),
    _unary("log2", np.log2, lambda x, y: 1 / (x * _LN2), POSITIVE),
    _unary("log10", np.log10, lambda x, y: 1 / (x * _LN10), POSITIVE),
    _unary("log1p", np.log1p, lambda x, y: 1 / (1 + x)),
    _unary("sqrt", np.sqrt, lambda x, y: 0.5 / y, POSITIVE),
    _unary("rsqrt", lambda x: 1 / np.sqrt(x), lambda x, y: -0.5 * y**3, POSITIVE),
    _unary("reciprocal", lambda x: 1 / x, lambda x, y: -y * y, POSITIVE),
    _unary("square", np.square, lambda x, y: 2 * x),
    _unary("abs", np.abs, lambda x, y: np.sign(x)),
    _unary("sign", np.sign, lambda x, y: 0.0),
    _unary("floor", np.floor, lambda x, y: 0.0),
    _unary("ceil", np.ceil, lambda x, y: 0.0),
    _unary("round", np.round, lambda x, y: 0.0),
    _unary("sigmoid", sigmoid, lambda x, y: y * (1 - y)),
    _unary("logsigmoid", lambda x: -softplus(-x), lambda x, y: sigmoid(-x)),
    _unary("softplus", softplus, lambda x, y: sigmoid(x)),
    _unary("logit", lambda x: np.log(x) - np.log1p(-x), lambda x, y: 1 / (x * (1 - x)), UNIT),
    _unary("tanh", np.tanh, lambda x, y: 1 - y * y),
    _unary("sinh", np.sinh, lambda x, y: np.cosh(x)),
    _unary("cosh", np.cosh, lambda x, y: np.sinh(x)),
    _unary("sin", np.sin, lambda x, y: np.cos(x)),
    _unary("cos", np.cos, lambda x, y: -np.sin(x)),
    _unary("atan", np.arctan, lambda x, y: 1 / (1 + x * x)),
    _unary("relu", lambda x: np.maximum(x, 0), lambda x, y: (x > 0) * 1.0),
    _unary("elu", lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), lambda x, y: np.where(x > 0, 1, y + 1)),
    _unary("leaky_relu", lambda x: np.maximum(x, 0.01 * x), lambda x, y: np.where(x > 0, 1.0, 0.01)),
    _unary("silu", lambda x: x * sigmoid(x), lambda x, y: sigmoid(x) * (1 + x * (1 - sigmoid(x)))),
    _unary("gelu", lambda x: x * _normal_cdf(x), lambda x, y: _normal_cdf(x) + x * np.exp(-x * x / 2) / _ROOT),
    _unary("lgamma", lgamma, lambda x, y: digamma(x), needs=POSITIVE),
    _unary("digamma", digamma, lambda x, y: trigamma(x), POSITIVE),
    _unary("erf", erf, lambda x, y: 2 / math.sqrt(math.pi) * np.exp(-x * x)),
    _unary("i0", bessel0, lambda x, y: bessel1(x)),
    _unary("not", lambda x: (x == 0) * 1.0, lambda x, y: 0.0),
    # The value passes, the gradient does not, or with its sign turned round.
    Primitive("stop", 1, lambda xs, s: xs[0], None),
    Primitive("reverse", 1, lambda xs, s: xs[0], lambda g, xs, y, s: (-g,)),
    Primitive("same", 1, lambda xs, s: xs[0], lambda g, xs, y, s: (g,)),
    Primitive(NAMED, 1, lambda xs, s: xs[0], lambda g, xs, y, s: (g,)),
    # By the contract of a library the argument lies between 0 and 1, or above 0.
    Primitive("share", 1, lambda xs, s: xs[0], lambda g, xs, y, s: (g,), (UNIT,)),
    Primitive("amount", 1, lambda xs, s: xs[0], lambda g, xs, y, s: (g,), (POSITIVE,)),
)


def _binary(
    name: str,
    fn: Callable[[Array, Array], Any],
    slopes: Callable[[Array, Array, Array], tuple[Any, Any]] | None,
    needs: tuple[str, str] = ("", ""),
) -> Primitive:
    def run(xs: Sequence[Array], s: Settings) -> Array:
        a, b = aligned(xs)
        return np.asarray(fn(a, b), dtype=np.float64)

    def back(g: Array, xs: Sequence[Array], y: Array, s: Settings) -> Sequence[Array]:
        assert slopes is not None
        a, b = aligned(xs)
        return [reduced_to(np.broadcast_to(g * d, y.shape), x) for d, x in zip(slopes(a, b, y), xs)]

    return Primitive(name, 2, run, back if slopes is not None else None, needs)


def _power(a: Array, b: Array) -> Any:
    return np.power(a, b)


def _power_slopes(a: Array, b: Array, y: Array) -> tuple[Array, Array]:
    return b * np.power(a, b - 1), np.where(a > 0, y * np.log(np.where(a > 0, a, 1.0)), 0.0)


def _xlogy(a: Array, b: Array) -> Any:
    return np.where(a == 0, 0.0, a * np.log(np.where(a == 0, 1.0, b)))


_BINARY = (
    _binary("add", np.add, lambda a, b, y: (1.0, 1.0)),
    _binary("sub", np.subtract, lambda a, b, y: (1.0, -1.0)),
    _binary("mul", np.multiply, lambda a, b, y: (b, a)),
    _binary("div", np.divide, lambda a, b, y: (1 / b, -y / b), needs=("", POSITIVE)),
    _binary("floordiv", np.floor_divide, None, needs=("", POSITIVE)),
    _binary("mod", np.mod, None, needs=("", POSITIVE)),
    _binary("pow", _power, _power_slopes),
    _binary("max", np.maximum, lambda a, b, y: ((a >= b) * 1.0, (a < b) * 1.0)),
    _binary("min", np.minimum, lambda a, b, y: ((a <= b) * 1.0, (a > b) * 1.0)),
    _binary("logaddexp", np.logaddexp, lambda a, b, y: (np.exp(a - y), np.exp(b - y))),
    _binary("xlogy", _xlogy, lambda a, b, y: (np.log(np.where(b > 0, b, 1.0)), a / b), ("", POSITIVE)),
    _binary("less", np.less, None),
    _binary("greater", np.greater, None),
    _binary("less_equal", np.less_equal, None),
    _binary("greater_equal", np.greater_equal, None),
    _binary("equal", np.equal, None),
    _binary("not_equal", np.not_equal, None),
    _binary("and", lambda a, b: (a != 0) & (b != 0), None),
    _binary("or", lambda a, b: (a != 0) | (b != 0), None),
)


def _where(xs: Sequence[Array], s: Settings) -> Array:
    c, a, b = aligned(xs)
    return np.asarray(np.where(c != 0, a, b))


# --- reductions ----------------------------------------------------------------------------------


def _count(x: Array, s: Settings) -> int:
    return math.prod(x.shape[a] for a in axes(x, s.get("axis")))


def _reduction(name: str, fn: Callable[..., Any]) -> Primitive:
    def run(xs: Sequence[Array], s: Settings) -> Array:
        x = xs[0]
        return np.asarray(fn(x, axis=axes(x, s.get("axis")), keepdims=bool(s.get("keepdim"))), dtype=np.float64)

    return Primitive(name, 1, run)


def _logsumexp(x: Array, axis: Any, keepdims: bool) -> Array:
    top = x.max(axis=axis, keepdims=True)
    out = np.log(np.exp(x - top).sum(axis=axis, keepdims=True)) + top
    return np.asarray(out if keepdims else out.squeeze(axis=axis))


def _variance(x: Array, axis: Any, keepdims: bool) -> Any:
    return x.var(axis=axis, keepdims=keepdims)


_REDUCTIONS = (
    _reduction("sum", np.sum),
    _reduction("mean", np.mean),
    _reduction("prod", np.prod),
    _reduction("amax", np.max),
    _reduction("amin", np.min),
    _reduction("logsumexp", _logsumexp),
    _reduction("var", _variance),
    _reduction("norm", lambda x, axis, keepdims: np.sqrt(np.square(x).sum(axis=axis, keepdims=keepdims))),
    _reduction("norm1", lambda x, axis, keepdims: np.abs(x).sum(axis=axis, keepdims=keepdims)),
)


def _softmax(xs: Sequence[Array], s: Settings) -> Array:
    x, a = xs[0], _axis(xs[0], s)
    e = np.exp(x - x.max(axis=a, keepdims=True))
    return np.asarray(e / e.sum(axis=a, keepdims=True))


def _log_softmax(xs: Sequence[Array], s: Settings) -> Array:
    a = _axis(xs[0], s)
    return np.asarray(xs[0] - _logsumexp(xs[0], (a,), True))


def _size(xs: Sequence[Array], s: Settings) -> Array:
    return np.asarray([float(_count(xs[0], s))])


# --- matrices ------------------------------------------------------------------------------------


_SAMPLE = "Z"  # the letter of the samples' axis; code that uses it itself is no formula


def _spec(s: Settings, n: int) -> tuple[list[str], str]:
    """The letters of the arguments and of the result of ``einsum``."""
    given, _, result = str(s["spec"]).replace(" ", "").partition("->")
    parts = given.split(",")
    if len(parts) != n or "." in given or _SAMPLE in given or "->" not in str(s["spec"]).replace(" ", ""):
        raise Misfit("no such sum of products")
    return parts, result


def _einsum(xs: Sequence[Array], s: Settings) -> Array:
    parts, result = _spec(s, len(xs))
    spec = ",".join(_SAMPLE + p for p in parts) + f"->{_SAMPLE}{result}"
    return np.asarray(np.einsum(spec, *_together(xs, s)))


def _square(x: Array) -> Array:
    if x.ndim < 3 or x.shape[-1] != x.shape[-2]:
        raise Misfit("no square matrix")
    return x


def _matmul(xs: Sequence[Array], s: Settings) -> Array:
    """Vectors stand in for a row on the left and a column on the right, as in NumPy."""
    a, b = xs
    if a.ndim == 1 or b.ndim == 1:
        raise Misfit("a product of matrices needs more than a number")
    row, column = a.ndim == 2, b.ndim == 2
    a = a[:, None, :] if row else a
    b = b[:, :, None] if column else b
    out = np.matmul(*aligned((a, b)))
    out = out[..., 0, :] if row else out
    return np.asarray(out[..., 0] if column else out)


def _solve(xs: Sequence[Array], s: Settings) -> Array:
    a, b = _square(xs[0]), xs[1]
    if b.ndim == a.ndim - 1:
        return np.asarray(_linear.solve(*aligned((a, b[..., None])))[..., 0])
    return np.asarray(_linear.solve(*aligned((a, b))))


def _log_det(xs: Sequence[Array], s: Settings) -> Array:
    return np.asarray(_linear.slogdet(_square(xs[0]))[1])


def _diag(xs: Sequence[Array], s: Settings) -> Array:
    """The diagonal of a matrix; of a vector the matrix with that diagonal."""
    x = xs[0]
    if x.ndim == 2:
        return np.asarray(x[:, :, None] * np.eye(x.shape[1]))
    return np.asarray(np.diagonal(_square(x), axis1=-2, axis2=-1))


def _trace(xs: Sequence[Array], s: Settings) -> Array:
    return np.asarray(np.trace(_square(xs[0]), axis1=-2, axis2=-1))


def _swap(xs: Sequence[Array], s: Settings) -> Array:
    x = xs[0]
    if x.ndim < 3:
        return x
    a, b = axes(x, tuple(s.get("axes", (-1, -2))))
    return np.asarray(np.swapaxes(x, a, b))


# --- places --------------------------------------------------------------------------------------


def _indices(index: Array, size: int) -> Any:
    found = np.asarray(np.rint(index), dtype=np.int64)
    if found.size and (found.min() < -size or found.max() >= size):
        raise Misfit("an index out of range")
    return found % size


def _picked(xs: Sequence[Array], s: Settings) -> Array:
    """``take_along_axis``: the index has the rank of what is picked from; of one less, an axis is put in and taken out
    again (``log_p[arange(n), y]``)."""
    x, index = xs
    a = _axis(x, s)
    less = index.ndim == x.ndim - 1
    index = np.expand_dims(index, a) if less else index
    if index.ndim != x.ndim:
        raise Misfit("an index of another rank")
    fitting = np.broadcast_to(
        index, tuple(i if k == a else max(i, n) for k, (i, n) in enumerate(zip(index.shape, x.shape)))
    )
    shape = tuple(n if k == a else m for k, (n, m) in enumerate(zip(x.shape, fitting.shape)))
    out = np.take_along_axis(np.broadcast_to(x, shape), _indices(fitting, x.shape[a]), axis=a)
    return np.asarray(out.squeeze(a) if less else out)


def _one_hot(xs: Sequence[Array], s: Settings) -> Array:
    n = int(s.get("n") or 3)
    return np.asarray((_indices(xs[0], n)[..., None] == np.arange(n)) * 1.0)


def _parts(index: Any, x: Array) -> tuple[Any, ...]:
    """The index of the code with the samples' axis in front: ints, None, `...` and (start, stop, step)."""
    given = [slice(*i) if isinstance(i, tuple) else i for i in index]
    real = sum(i is not None and i is not Ellipsis for i in given)
    if real > x.ndim - 1:
        raise Misfit("more indices than axes")
    return (slice(None), *given)


def _item(xs: Sequence[Array], s: Settings) -> Array:
    return np.asarray(xs[0][_parts(s["index"], xs[0])])


def _expand(xs: Sequence[Array], s: Settings) -> Array:
    given = s.get("axis")
    return np.expand_dims(xs[0], _new_axis(xs[0], -1 if given is None else int(given)))


def _squeezed(xs: Sequence[Array], s: Settings) -> Array:
    x = xs[0]
    given = axes(x, s.get("axis"))
    return np.asarray(x.squeeze(tuple(a for a in given if x.shape[a] == 1)))


def _flat(xs: Sequence[Array], s: Settings) -> Array:
    """Everything from an axis on as one."""
    x = xs[0]
    start = int(s.get("start", 0)) + 1
    return x.reshape(*x.shape[:start], -1) if x.ndim > start else x


def _together(xs: Sequence[Array], s: Settings) -> list[Array]:
    n = max(x.shape[0] for x in xs)
    return [np.broadcast_to(x, (n, *x.shape[1:])) for x in xs]


def _stack(xs: Sequence[Array], s: Settings) -> Array:
    some = _together(np.broadcast_arrays(*aligned(xs)), s)
    return np.stack(some, axis=_new_axis(some[0], int(s.get("axis") or 0)))


def _cat(xs: Sequence[Array], s: Settings) -> Array:
    return np.concatenate(_together(xs, s), axis=_axis(xs[0], s, 0))


def _ones(xs: Sequence[Array], s: Settings) -> Array:
    return np.ones_like(xs[0]) * float(s.get("value", 1.0))


def _eye(xs: Sequence[Array], s: Settings) -> Array:
    return np.eye(int(s.get("n") or 3))[None]


_OTHER = (
    Primitive("where", 3, _where),
    Primitive("softmax", 1, _softmax),
    Primitive("log_softmax", 1, _log_softmax),
    Primitive("cumsum", 1, lambda xs, s: np.cumsum(xs[0], _axis(xs[0], s))),
    Primitive("size", 1, _size),
    Primitive("matmul", 2, _matmul),
    Primitive("einsum", -1, _einsum),
    Primitive("cholesky", 1, lambda xs, s: _linear.cholesky(_square(xs[0])), needs=(MATRIX,)),
    Primitive("solve", 2, _solve, needs=(MATRIX, "")),
    Primitive("log_det", 1, _log_det, needs=(MATRIX,)),
    Primitive("det", 1, lambda xs, s: np.asarray(_linear.det(_square(xs[0]))), needs=(MATRIX,)),
    Primitive("inv", 1, lambda xs, s: _linear.inv(_square(xs[0])), needs=(MATRIX,)),
    Primitive("trace", 1, _trace),
    Primitive("diag", 1, _diag),
    Primitive("tril", 1, lambda xs, s: np.tril(_square(xs[0]))),
    Primitive("swap", 1, _swap),
    Primitive("pick", 2, _picked, needs=("", LABEL)),
    Primitive("one_hot", 1, _one_hot, needs=(LABEL,)),
    Primitive("item", 1, _item),
    Primitive("expand", 1, _expand),
    Primitive("squeeze", 1, _squeezed),
    Primitive("flatten", 1, _flat),
    Primitive("stack", -1, _stack),
    Primitive("cat", -1, _cat),
    Primitive("flip", 1, lambda xs, s: np.flip(xs[0], _axis(xs[0], s, 0))),
    Primitive("sort", 1, lambda xs, s: np.sort(xs[0], axis=_axis(xs[0], s))),
    Primitive("filled", 1, _ones),
    Primitive("eye", 0, _eye),
)  # fmt: skip

PRIMITIVES: dict[str, Primitive] = {p.name: p for p in (*_UNARY, *_BINARY, *_REDUCTIONS, *_OTHER)}
