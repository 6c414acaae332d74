"""Densities that are written out: the exponent of a Gaussian falls with the distance.

``exp((x - mu)**2 / (2 * s2)) / sqrt(2 * pi * s2)`` grows without bound away from the mean: no density does.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import exponent, has_square, last, leading, number, product, walk
from vaelint.infer.seen import ExpressionStated, View, observes
from vaelint.infer.values import Frame
from vaelint.knowledge.vocabulary import Words

_SQUARE = Words("squared_distance")
MAX_FACTORS = 12


@observes(ExpressionStated)
def stated(view: View, seen: ExpressionStated) -> None:
    """Tell of a product with ``1 / sqrt(2 * pi …)`` and the exponential of a square."""
    e, f = seen.e, seen.scope
    if not isinstance(e, ir.Binary) or e.op not in ("*", "/") or not any(map(_has_root, _parts(e, f))):
        return
    for x in _factors(e):
        x = f.behind(x)
        inner = exponent(x)
        if isinstance(inner, ir.Name):
            inner = f.wrote(inner.name)
        if inner is not None and _grows(inner, f):
            message = f"`{ir.render(x, 50)}` grows with the distance from the mean, but a density falls"
            law = "the density of a Gaussian is exp(-(x - mu)² / (2 σ²)) / sqrt(2 π σ²)"
            view.emit(Misstated(e.id, e.id, message, "put a minus in front of the exponent", law, "VL402"))


def _factors(e: ir.Expr) -> list[ir.Expr]:
    found = product(e)
    return [*found.above, *found.below][:MAX_FACTORS]


def _parts(e: ir.Expr, f: Frame) -> list[ir.Expr]:
    """A product as it is written, and what its plain names were bound to."""
    return [e, *(f.behind(x) for x in _factors(e) if isinstance(x, ir.Name))]


def _has_root(e: ir.Expr) -> bool:
    """A root of something with π in it: ``sqrt(2 * pi)``, ``(2 * pi) ** 0.5``."""
    for x in walk(e):
        match x:
            case ir.Call(func=func) if last(func) == "sqrt" and "pi" in ir.names_in(x):
                return True
            case ir.Binary(op="**", left=base, right=power) if _is_half(power) and "pi" in ir.names_in(base):
                return True
    return False


def _is_half(e: ir.Expr) -> bool:
    half = isinstance(e, ir.Binary) and e.op == "/" and (number(e.left), number(e.right)) == (1, 2)
    return half or number(e) == 0.5


def _is_square(e: ir.Expr) -> bool:
    return has_square(e) or _SQUARE.within(e)


def _grows(e: ir.Expr, f: Frame) -> bool:
    """A square in a product or a quotient without any minus but those of differences."""
    if not _is_square(e) or product(e).way < 0:
        return False
    for x in _factors(e):
        match x:
            case ir.Name(name=name) if (written := f.wrote(name)) is not None and leading(written) < 0:
                return False
            case ir.Binary(op="**") | ir.Const() | ir.Name() | ir.Attr() | ir.Call():
                pass
            case _:
                return False
    return any(isinstance(x, ir.Binary) or (isinstance(x, ir.Call) and _is_square(x)) for x in _factors(e))
