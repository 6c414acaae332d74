"""Losses that are taken off one another on purpose, by how the code around them is built."""

from __future__ import annotations

from collections.abc import Sequence

from vaelint import ir
from vaelint.infer.expression import added_in, same, walk
from vaelint.infer.seen import View
from vaelint.infer.values import Frame


def share_a_maker(kept: Sequence[ir.Expr], off: Sequence[ir.Expr], f: Frame) -> bool:
    """Whether one function made both sides in two calls: one loss of two things is a contrast, however called.

    What one call returns (a dict, a tuple of losses) is several losses of one thing, and no contrast.
    """
    return any(
        a is not None and b is not None and a.id != b.id and same(a.func, b.func)
        for a in [_maker(e, f) for e in kept]
        for b in [_maker(e, f) for e in off]
    )


def are_mirrored(a: ir.Expr, b: ir.Expr, f: Frame) -> bool:
    """``kl(p, q)`` and ``kl(q, p)``: a loss of two things and that of the same two, exchanged.

    They are added up to one that is symmetric; their difference is no loss of anything, and no contrast.
    """
    one, other = _maker(a, f), _maker(b, f)
    if one is None or other is None or not same(one.func, other.func):
        return False
    match (
        [_names(x.value) for x in one.args if x.name is None],
        [_names(x.value) for x in other.args if x.name is None],
    ):
        case [p, q], [r, s]:
            return p != q and (p, q) == (s, r)
        case _:
            return False


def _names(e: ir.Expr) -> frozenset[str]:
    return frozenset(x.name for x in walk(e) if isinstance(x, ir.Name))


def _maker(e: ir.Expr, f: Frame) -> ir.Call | None:
    """The call whose result, or part of it, a name was bound to; None if it was to something else."""
    made: ir.Expr | None = e
    for _ in range(4):  # `losses["kl"]` of `losses = model.losses(x)`
        while isinstance(made, ir.Subscript):
            made = made.base
        if not isinstance(made, ir.Name):
            break
        made = f.wrote(made.name)
    return made if isinstance(made, ir.Call) else None


def is_same_quantity(a: ir.Expr, b: ir.Expr) -> bool:
    """Whether these are one thing, or one field of two records."""
    return same(a, b) or (isinstance(a, ir.Attr) and isinstance(b, ir.Attr) and a.name == b.name)


def is_added_too(view: View, node: int, e: ir.Expr) -> bool:
    """Whether the code around adds the same to a sum elsewhere: a phase, or a setting, chooses the sign."""
    return ir.key(e) in view.around(node).once(added_in)
