"""The table of primitives: one row says how many arguments, how it is computed over many samples at once, how it rises
and falls, where its arguments may lie, and what it does to the gradient.

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
UP, DOWN = 1, -1  # of monotonicity; 0: neither


_linear: Any = np.linalg  # its results are typed more widely than ours are


class Misfit(Exception):
    """The arguments have shapes or values for which the primitive has no result."""


@record(frozen=True, slots=True)
class Primitive:
    """``arity``: -1 for any. ``rises``: by argument. ``needs``: by argument, the domain outside of which it has no
    value. ``range``: where all its results lie. ``back`` is None where no gradient passes (a stop, a comparison)."""

    name: str
    arity: int
    run: Run
    back: Back | None = None
    rises: tuple[int, ...] = ()
    needs: tuple[str, ...] = ()
    range: str = ""


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
    rises: int = 0,
    needs: str = "",
    range: str = "",  # noqa: A002
) -> Primitive:
    """``slope``: the derivative, of the argument and the result."""
    return Primitive(
        name,
        1,
        lambda xs, s: np.asarray(fn(xs[0]), dtype=np.float64),
        lambda g, xs, y, s: (g * slope(xs[0], y),),
        (rises,),
        (needs,),
        range,
    )


_LN2, _LN10, _ROOT = math.log(2), math.log(10), math.sqrt(2 * math.pi)


def _normal_cdf(x: Array) -> Array:
    return np.asarray(0.5 * (1 + erf(x / math.sqrt(2))))


_UNARY = (
    _unary("neg", lambda x: -x, lambda x, y: -1.0, DOWN),
    _unary("exp", np.exp, lambda x, y: y, UP, range=POSITIVE),
    _unary("expm1", np.expm1, lambda x, y: y + 1, UP),
    _unary("log", np.log, lambda x, y: 1 / x, UP, POSITIVE),
    _unary("log2", np.log2, lambda x, y: 1 / (x * _LN2), UP, POSITIVE),
    _unary("log10", np.log10, lambda x, y: 1 / (x * _LN10), UP, POSITIVE),
    _unary("log1p", np.log1p, lambda x, y: 1 / (1 + x), UP),
    _unary("sqrt", np.sqrt, lambda x, y: 0.5 / y, UP, POSITIVE, POSITIVE),
    _unary("rsqrt", lambda x: 1 / np.sqrt(x), lambda x, y: -0.5 * y**3, DOWN, POSITIVE, POSITIVE),
    _unary("reciprocal", lambda x: 1 / x, lambda x, y: -y * y, DOWN, POSITIVE),
    _unary("square", np.square, lambda x, y: 2 * x, range=POSITIVE),
    _unary("abs", np.abs, lambda x, y: np.sign(x), range=POSITIVE),
    _unary("sign", np.sign, lambda x, y: 0.0, UP),
    _unary("floor", np.floor, lambda x, y: 0.0, UP),
    _unary("ceil", np.ceil, lambda x, y: 0.0, UP),
    _unary("round", np.round, lambda x, y: 0.0, UP),
    _unary("sigmoid", sigmoid, lambda x, y: y * (1 - y), UP, range=UNIT),
    _unary("logsigmoid", lambda x: -softplus(-x), lambda x, y: sigmoid(-x), UP),
    _unary("softplus", softplus, lambda x, y: sigmoid(x), UP, range=POSITIVE),
    _unary("logit", lambda x: np.log(x) - np.log1p(-x), lambda x, y: 1 / (x * (1 - x)), UP, UNIT),
    _unary("tanh", np.tanh, lambda x, y: 1 - y * y, UP),
    _unary("sinh", np.sinh, lambda x, y: np.cosh(x), UP),
    _unary("cosh", np.cosh, lambda x, y: np.sinh(x), range=POSITIVE),
    _unary("sin", np.sin, lambda x, y: np.cos(x)),
    _unary("cos", np.cos, lambda x, y: -np.sin(x)),
    _unary("atan", np.arctan, lambda x, y: 1 / (1 + x * x), UP),
    _unary("relu", lambda x: np.maximum(x, 0), lambda x, y: (x > 0) * 1.0, UP, range=POSITIVE),
    _unary("elu", lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), lambda x, y: np.where(x > 0, 1, y + 1), UP),
    _unary("leaky_relu", lambda x: np.maximum(x, 0.01 * x), lambda x, y: np.where(x > 0, 1.0, 0.01), UP),
    _unary("silu", lambda x: x * sigmoid(x), lambda x, y: sigmoid(x) * (1 + x * (1 - sigmoid(x)))),
    _unary("gelu", lambda x: x * _normal_cdf(x), lambda x, y: _normal_cdf(x) + x * np.exp(-x * x / 2) / _ROOT),
    _unary("lgamma", lgamma, lambda x, y: digamma(x), needs=POSITIVE),
    _unary("digamma", digamma, lambda x, y: trigamma(x), UP, POSITIVE),
    _unary("erf", erf, lambda x, y: 2 / math.sqrt(math.pi) * np.exp(-x * x), UP),
    _unary("i0", bessel0, lambda x, y: bessel1(x), range=POSITIVE),
    _unary("not", lambda x: (x == 0) * 1.0, lambda x, y: 0.0, DOWN),
    # The value passes, the gradient does not, or with its sign turned round.
    Primitive("stop", 1, lambda xs, s: xs[0], None, (UP,)),
    Primitive("reverse", 1, lambda xs, s: xs[0], lambda g, xs, y, s: (-g,), (UP,)),
    Primitive("same", 1, lambda xs, s: xs[0], lambda g, xs, y, s: (g,), (UP,)),
    Primitive(NAMED, 1, lambda xs, s: xs[0], lambda g, xs, y, s: (g,), (UP,)),
    # By the contract of a library the argument lies between 0 and 1, or above 0.
    Primitive("share", 1, lambda xs, s: xs[0], lambda g, xs, y, s: (g,), (UP,), (UNIT,)),
    Primitive("amount", 1, lambda xs, s: xs[0], lambda g, xs, y, s: (g,), (UP,), (POSITIVE,)),
)


def _binary(
    name: str,
    fn: Callable[[Array, Array], Any],
    slopes: Callable[[Array, Array, Array], tuple[Any, Any]] | None,
    rises: tuple[int, int] = (0, 0),
    needs: tuple[str, str] = ("", ""),
) -> Primitive:
    def run(xs: Sequence[Array], s: Settings) -> Array:
        a, b = aligned(xs)
        return np.asarray(fn(a, b), dtype=np.float64)

    def back(g: Array, xs: Sequence[Array], y: Array, s: Settings) -> Sequence[Array]:
        assert slopes is not None
        a, b = aligned(xs)
        return [reduced_to(np.broadcast_to(g * d, y.shape), x) for d, x in zip(slopes(a, b, y), xs)]

    return Primitive(name, 2, run, back if slopes is not None else None, rises, needs)


def _power(a: Array, b: Array) -> Any:
    return np.power(a, b)


def _power_slopes(a: Array, b: Array, y: Array) -> tuple[Array, Array]:
    return b * np.power(a, b - 1), np.where(a > 0, y * np.log(np.where(a > 0, a, 1.0)), 0.0)


def _xlogy(a: Array, b: Array) -> Any:
    return np.where(a == 0, 0.0, a * np.log(np.where(a == 0, 1.0, b)))


_BINARY = (
    _binary("add", np.add, lambda a, b, y: (1.0, 1.0), (UP, UP)),
    _binary("sub", np.subtract, lambda a, b, y: (1.0, -1.0), (UP, DOWN)),
    _binary("mul", np.multiply, lambda a, b, y: (b, a)),
    _binary("div", np.divide, lambda a, b, y: (1 / b, -y / b), needs=("", POSITIVE)),
    _binary("floordiv", np.floor_divide, None, needs=("", POSITIVE)),
    _binary("mod", np.mod, None, needs=("", POSITIVE)),
    _binary("pow", _power, _power_slopes),
    _binary("max", np.maximum, lambda a, b, y: ((a >= b) * 1.0, (a < b) * 1.0), (UP, UP)),
    _binary("min", np.minimum, lambda a, b, y: ((a <= b) * 1.0, (a > b) * 1.0), (UP, UP)),
    _binary("logaddexp", np.logaddexp, lambda a, b, y: (np.exp(a - y), np.exp(b - y)), (UP, UP)),
    _binary("xlogy", _xlogy, lambda a, b, y: (np.log(np.where(b > 0, b, 1.0)), a / b), (0, 0), ("", POSITIVE)),
    _binary("less", np.less, None, (DOWN, UP)),
    _binary("greater", np.greater, None, (UP, DOWN)),
    _binary("less_equal", np.less_equal, None, (DOWN, UP)),
    _binary("greater_equal", np.greater_equal, None, (UP, DOWN)),
    _binary("equal", np.equal, None),
    _binary("not_equal", np.not_equal, None),
    _binary("and", lambda a, b: (a != 0) & (b != 0), None, (UP, UP)),
    _binary("or", lambda a, b: (a != 0) | (b != 0), None, (UP, UP)),
)


def _where(xs: Sequence[Array], s: Settings) -> Array:
    c, a, b = aligned(xs)
    return np.asarray(np.where(c != 0, a, b))


def _where_back(g: Array, xs: Sequence[Array], y: Array, s: Settings) -> Sequence[Array | None]:
    c = aligned(xs)[0] != 0
    return None, reduced_to(g * c, xs[1]), reduced_to(g * ~c, xs[2])


# --- reductions ----------------------------------------------------------------------------------


def _spread(g: Array, x: Array, s: Settings) -> Array:
    """A gradient of what was reduced, along what it was reduced from."""
    if not s.get("keepdim"):
        for a in sorted(axes(x, s.get("axis"))):
            g = np.expand_dims(g, a)
    return np.asarray(np.broadcast_to(g, x.shape))


def _count(x: Array, s: Settings) -> int:
    return math.prod(x.shape[a] for a in axes(x, s.get("axis")))


def _reduction(
    name: str,
    fn: Callable[..., Any],
    slope: Callable[[Array, Array, Settings], Any],
    rises: int = UP,
    range: str = "",  # noqa: A002
) -> Primitive:
    """``slope``: the derivative by each element, of the argument and the result spread along it."""

    def run(xs: Sequence[Array], s: Settings) -> Array:
        x = xs[0]
        return np.asarray(fn(x, axis=axes(x, s.get("axis")), keepdims=bool(s.get("keepdim"))), dtype=np.float64)

    def back(g: Array, xs: Sequence[Array], y: Array, s: Settings) -> Sequence[Array]:
        x = xs[0]
        return (_spread(g, x, s) * slope(x, _spread(y, x, s), s),)

    return Primitive(name, 1, run, back, (rises,), range=range)


def _logsumexp(x: Array, axis: Any, keepdims: bool) -> Array:
    top = x.max(axis=axis, keepdims=True)
    out = np.log(np.exp(x - top).sum(axis=axis, keepdims=True)) + top
    return np.asarray(out if keepdims else out.squeeze(axis=axis))


def _variance(x: Array, axis: Any, keepdims: bool) -> Any:
    return x.var(axis=axis, keepdims=keepdims)


_REDUCTIONS = (
    _reduction("sum", np.sum, lambda x, y, s: 1.0),
    _reduction("mean", np.mean, lambda x, y, s: 1.0 / _count(x, s)),
    _reduction("prod", np.prod, lambda x, y, s: y / x, 0),
    _reduction("amax", np.max, lambda x, y, s: (x == y) * 1.0),
    _reduction("amin", np.min, lambda x, y, s: (x == y) * 1.0),
    _reduction("logsumexp", _logsumexp, lambda x, y, s: np.exp(x - y)),
    _reduction(
        "var", _variance, lambda x, y, s: 2 * (x - x.mean(axis=axes(x, s.get("axis")), keepdims=True)) / _count(x, s),
        0, POSITIVE,
    ),
    _reduction(
        "norm", lambda x, axis, keepdims: np.sqrt(np.square(x).sum(axis=axis, keepdims=keepdims)),
        lambda x, y, s: x / y, 0, POSITIVE,
    ),
    _reduction(
        "norm1", lambda x, axis, keepdims: np.abs(x).sum(axis=axis, keepdims=keepdims),
        lambda x, y, s: np.sign(x), 0, POSITIVE,
    ),
)  # fmt: skip


def _softmax(xs: Sequence[Array], s: Settings) -> Array:
    x, a = xs[0], _axis(xs[0], s)
    e = np.exp(x - x.max(axis=a, keepdims=True))
    return np.asarray(e / e.sum(axis=a, keepdims=True))


def _softmax_back(g: Array, xs: Sequence[Array], y: Array, s: Settings) -> Sequence[Array]:
    a = _axis(xs[0], s)
    return (y * (g - (g * y).sum(axis=a, keepdims=True)),)


def _log_softmax(xs: Sequence[Array], s: Settings) -> Array:
    a = _axis(xs[0], s)
    return np.asarray(xs[0] - _logsumexp(xs[0], (a,), True))


def _log_softmax_back(g: Array, xs: Sequence[Array], y: Array, s: Settings) -> Sequence[Array]:
    return (g - np.exp(y) * g.sum(axis=_axis(xs[0], s), keepdims=True),)


def _cumsum_back(g: Array, xs: Sequence[Array], y: Array, s: Settings) -> Sequence[Array]:
    a = _axis(xs[0], s)
    return (np.flip(np.cumsum(np.flip(g, a), a), a),)


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


def _einsum_back(g: Array, xs: Sequence[Array], y: Array, s: Settings) -> Sequence[Array | None]:
    """Each argument's letters in place of the result's; what only it has is spread along."""
    parts, result = _spec(s, len(xs))
    out: list[Array | None] = []
    for i, (x, own) in enumerate(zip(xs, parts)):
        others = [(p, o) for k, (p, o) in enumerate(zip(parts, xs)) if k != i]
        shared = "".join(c for c in own if c in result or any(c in p for p, _ in others))
        if len(set(own)) != len(own):
            out.append(None)
            continue
        spec = ",".join(_SAMPLE + p for p in (result, *(p for p, _ in others))) + f"->{_SAMPLE}{shared}"
        made = np.einsum(spec, *_together([g, *(o for _, o in others)], s))
        shape = made.shape[:1] + tuple(n if c in shared else 1 for c, n in zip(own, x.shape[1:]))
        out.append(reduced_to(np.broadcast_to(made.reshape(shape), made.shape[:1] + x.shape[1:]), x))
    return out


def _square(x: Array) -> Array:
    if x.ndim < 3 or x.shape[-1] != x.shape[-2]:
        raise Misfit("no square matrix")
    return x


def _t(x: Array) -> Array:
    return np.asarray(np.swapaxes(x, -1, -2))


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


def _matmul_back(g: Array, xs: Sequence[Array], y: Array, s: Settings) -> Sequence[Array]:
    a, b = xs
    row, column = a.ndim == 2, b.ndim == 2
    g = g[..., None] if column else g
    g = g[..., None, :] if row else g
    left, right = aligned((a[:, None, :] if row else a, b[:, :, None] if column else b))
    da = reduced_to(np.matmul(g, _t(right)), a[:, None, :] if row else a)
    db = reduced_to(np.matmul(_t(left), g), b[:, :, None] if column else b)
    return da.reshape(a.shape), db.reshape(b.shape)


def _cholesky_back(g: Array, xs: Sequence[Array], y: Array, s: Settings) -> Sequence[Array]:
    """Murray, Differentiation of the Cholesky decomposition (arXiv:1602.07527), equation 8."""
    inner = np.tril(_t(y) @ g)
    inner = inner - 0.5 * inner * np.eye(y.shape[-1])
    low = _linear.inv(y)
    whole = _t(low) @ inner @ low
    return (0.5 * (whole + _t(whole)),)


def _solve(xs: Sequence[Array], s: Settings) -> Array:
    a, b = _square(xs[0]), xs[1]
    if b.ndim == a.ndim - 1:
        return np.asarray(_linear.solve(*aligned((a, b[..., None])))[..., 0])
    return np.asarray(_linear.solve(*aligned((a, b))))


def _solve_back(g: Array, xs: Sequence[Array], y: Array, s: Settings) -> Sequence[Array]:
    a, b = xs
    column = b.ndim == a.ndim - 1
    g, out = (g[..., None], y[..., None]) if column else (g, y)
    db = _linear.solve(_t(a), g)
    da = reduced_to(-db @ _t(out), a)
    return da, reduced_to(db[..., 0] if column else db, b)


def _log_det(xs: Sequence[Array], s: Settings) -> Array:
    return np.asarray(_linear.slogdet(_square(xs[0]))[1])


def _inv_t(x: Array) -> Array:
    return _t(np.asarray(_linear.inv(x)))


def _diag(xs: Sequence[Array], s: Settings) -> Array:
    """The diagonal of a matrix; of a vector the matrix with that diagonal."""
    x = xs[0]
    if x.ndim == 2:
        return np.asarray(x[:, :, None] * np.eye(x.shape[1]))
    return np.asarray(np.diagonal(_square(x), axis1=-2, axis2=-1))


def _diag_back(g: Array, xs: Sequence[Array], y: Array, s: Settings) -> Sequence[Array]:
    x = xs[0]
    if x.ndim == 2:
        return (np.diagonal(g, axis1=-2, axis2=-1),)
    return (g[..., None] * np.eye(x.shape[-1]),)


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


def _picked_back(g: Array, xs: Sequence[Array], y: Array, s: Settings) -> Sequence[Array | None]:
    x, index = xs
    a = _axis(x, s)
    if index.ndim == x.ndim - 1:
        index, g = np.expand_dims(index, a), np.expand_dims(g, a)
    full = tuple(n if k == a else m for k, (n, m) in enumerate(zip(x.shape, g.shape)))
    out = np.zeros(full)
    at = np.broadcast_to(_indices(index, x.shape[a]), g.shape)
    grid: list[Any] = list(np.indices(g.shape))
    grid[a] = at
    np.add.at(out, tuple(grid), g)
    return reduced_to(out, x), None


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


def _item_back(g: Array, xs: Sequence[Array], y: Array, s: Settings) -> Sequence[Array]:
    out = np.zeros_like(xs[0])
    out[_parts(s["index"], out)] = g
    return (out,)


def _expand(xs: Sequence[Array], s: Settings) -> Array:
    given = s.get("axis")
    return np.expand_dims(xs[0], _new_axis(xs[0], -1 if given is None else int(given)))


def _squeezed(xs: Sequence[Array], s: Settings) -> Array:
    x = xs[0]
    given = axes(x, s.get("axis"))
    return np.asarray(x.squeeze(tuple(a for a in given if x.shape[a] == 1)))


def _reshaped_back(g: Array, xs: Sequence[Array], y: Array, s: Settings) -> Sequence[Array]:
    return (g.reshape(xs[0].shape),)


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


def _stack_back(g: Array, xs: Sequence[Array], y: Array, s: Settings) -> Sequence[Array]:
    a = int(s.get("axis") or 0)
    parts = np.moveaxis(g, a + g.ndim if a < 0 else a + 1, 0)
    return [reduced_to(p, x) for p, x in zip(parts, xs)]


def _cat(xs: Sequence[Array], s: Settings) -> Array:
    return np.concatenate(_together(xs, s), axis=_axis(xs[0], s, 0))


def _cat_back(g: Array, xs: Sequence[Array], y: Array, s: Settings) -> Sequence[Array]:
    a = _axis(xs[0], s, 0)
    ends = np.cumsum([x.shape[a] for x in xs])[:-1]
    return [reduced_to(p, x) for p, x in zip(np.split(g, ends, axis=a), xs)]


def _ones(xs: Sequence[Array], s: Settings) -> Array:
    return np.ones_like(xs[0]) * float(s.get("value", 1.0))


def _eye(xs: Sequence[Array], s: Settings) -> Array:
    return np.eye(int(s.get("n") or 3))[None]


_OTHER = (
    Primitive("where", 3, _where, _where_back),
    Primitive("softmax", 1, _softmax, _softmax_back, range=UNIT),
    Primitive("log_softmax", 1, _log_softmax, _log_softmax_back),
    Primitive("cumsum", 1, lambda xs, s: np.cumsum(xs[0], _axis(xs[0], s)), _cumsum_back, (UP,)),
    Primitive("size", 1, _size),
    Primitive("matmul", 2, _matmul, _matmul_back),
    Primitive("einsum", -1, _einsum, _einsum_back),
    Primitive("cholesky", 1, lambda xs, s: _linear.cholesky(_square(xs[0])), _cholesky_back, needs=(MATRIX,)),
    Primitive("solve", 2, _solve, _solve_back, needs=(MATRIX, "")),
    Primitive("log_det", 1, _log_det, lambda g, xs, y, s: (g[..., None, None] * _inv_t(xs[0]),), needs=(MATRIX,)),
    Primitive(
        "det", 1, lambda xs, s: np.asarray(_linear.det(_square(xs[0]))),
        lambda g, xs, y, s: ((g * y)[..., None, None] * _inv_t(xs[0]),), needs=(MATRIX,),
    ),
    Primitive(
        "inv", 1, lambda xs, s: _linear.inv(_square(xs[0])),
        lambda g, xs, y, s: (-_t(y) @ g @ _t(y),), needs=(MATRIX,),
    ),
    Primitive("trace", 1, _trace, lambda g, xs, y, s: (g[..., None, None] * np.eye(xs[0].shape[-1]),), (UP,)),
    Primitive("diag", 1, _diag, _diag_back, (UP,)),
    Primitive("tril", 1, lambda xs, s: np.tril(_square(xs[0])), lambda g, xs, y, s: (np.tril(g),), (UP,)),
    Primitive("swap", 1, _swap, lambda g, xs, y, s: (_swap([g], s),), (UP,)),
    Primitive("pick", 2, _picked, _picked_back, (UP, 0), ("", LABEL)),
    Primitive("one_hot", 1, _one_hot, None, needs=(LABEL,)),
    Primitive("item", 1, _item, _item_back, (UP,)),
    Primitive("expand", 1, _expand, _reshaped_back, (UP,)),
    Primitive("squeeze", 1, _squeezed, _reshaped_back, (UP,)),
    Primitive("flatten", 1, _flat, _reshaped_back, (UP,)),
    Primitive("stack", -1, _stack, _stack_back),
    Primitive("cat", -1, _cat, _cat_back),
    Primitive("flip", 1, lambda xs, s: np.flip(xs[0], _axis(xs[0], s, 0)),
              lambda g, xs, y, s: (np.flip(g, _axis(xs[0], s, 0)),), (UP,)),
    Primitive("sort", 1, lambda xs, s: np.sort(xs[0], axis=_axis(xs[0], s)), None, (UP,)),
    Primitive("filled", 1, _ones),
    Primitive("eye", 0, _eye),
)  # fmt: skip

PRIMITIVES: dict[str, Primitive] = {p.name: p for p in (*_UNARY, *_BINARY, *_REDUCTIONS, *_OTHER)}
