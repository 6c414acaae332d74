"""Densities that are written out: the exponent of a Gaussian falls with the distance.

``exp((x - mu)**2 / (2 * s2)) / sqrt(2 * pi * s2)`` grows without bound away from the mean: no density does.
"""

from __future__ import annotations

import re

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import exponent, leading, product
from vaelint.infer.seen import ExpressionStated, View, observes
from vaelint.infer.values import Frame

_ROOT = re.compile(r"sqrt\(.{0,20}\bpi\b|\bpi\b.{0,24}\*\* (?:0\.5|\(1 / 2\))")
_SQUARE = re.compile(r"\*\* 2|square|pow\([^()]*2|maha")
MAX_FACTORS = 12


@observes(ExpressionStated)
def stated(view: View, seen: ExpressionStated) -> None:
    """Tell of a product with ``1 / sqrt(2 * pi …)`` and the exponential of a square."""
    e, f = seen.e, seen.scope
    if not isinstance(e, ir.Binary) or e.op not in ("*", "/") or not _ROOT.search(_text(e, f)):
        return
    for x in _factors(e):
        x = f.behind(x)
        inner = exponent(x)
        if isinstance(inner, ir.Name):
            inner = f.wrote(inner.name)
        if inner is not None and _grows(inner, f):
            message = f"`{ir.text(x, 50)}` grows with the distance from the mean: no density does"
            law = "the density of a Gaussian is exp(-(x - mu)² / (2 σ²)) / sqrt(2 π σ²)"
            view.emit(Misstated(e.id, e.id, message, "put a minus into the exponent", law, "VL402"))


def _factors(e: ir.Expr) -> list[ir.Expr]:
    found = product(e)
    return [*found.above, *found.below][:MAX_FACTORS]


def _text(e: ir.Expr, f: Frame) -> str:
    """A product as it is written, with what its plain names were bound to."""
    written = [f.wrote(x.name) for x in _factors(e) if isinstance(x, ir.Name)]
    return "; ".join([ir.text(e, 300), *(ir.text(x, 120) for x in written if x is not None)])


def _grows(e: ir.Expr, f: Frame) -> bool:
    """A square in a product or a quotient without any minus but those of differences."""
    text = ir.text(e, 200)
    if not _SQUARE.search(text) or product(e).way < 0 or "…" in text:
        return False
    for x in _factors(e):
        match x:
            case ir.Name(name=name) if (written := f.wrote(name)) is not None and leading(written) < 0:
                return False
            case ir.Binary(op="**") | ir.Const() | ir.Name() | ir.Attr() | ir.Call():
                pass
            case _:
                return False
    return any(isinstance(x, ir.Binary) or (isinstance(x, ir.Call) and _SQUARE.search(ir.text(x))) for x in _factors(e))
