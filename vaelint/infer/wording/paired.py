"""Losses that are taken off one another on purpose, by how the code around them is built."""

from __future__ import annotations

from collections.abc import Sequence

from vaelint import ir
from vaelint.infer.expression import added_in, same
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
    """Whether these are one thing, or parts of one: a field of two records, ``costs[1:]`` and ``costs[:-1]``."""
    match a, b:
        case ir.Attr(name=one), ir.Attr(name=other) if one == other:
            return True  # `node.virtual_loss -= config.virtual_loss`
        case ir.Subscript(index=ir.Slice()), ir.Subscript(index=ir.Slice()):
            a, b = a.base, b.base
    return same(a, b)


def is_added_too(view: View, node: int, e: ir.Expr) -> bool:
    """Whether the code around adds the same to a sum elsewhere: a phase, or a setting, chooses the sign."""
    return ir.key(e) in view.around(node).once(added_in)
