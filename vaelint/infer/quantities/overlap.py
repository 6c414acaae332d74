"""Measures of how far two things agree, known by how they are built: one where they are equal, less everywhere else.

- Sørensen & Dice: ``2 sum(a b) / (sum(a) + sum(b))``, with squares below, too (Milletari et al. 2016, eq. 4);
- Jaccard: ``sum(a b) / (sum(a) + sum(b) - sum(a b))``.

One of two things that overlap has to be what is to be reached: what overlaps by itself may be pushed apart.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.expression import Terms, bound, factors, last, leaves_behind, number, reduction, squared
from vaelint.infer.values import Frame, Quantity, meant
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Sense, concluded

# Which of the two is to be reached is known by name.
_MEANING = concluded(Sense.GAIN, "overlap", (Basis.STRUCTURE, Basis.NAME))
_WHY = "an overlap over a sum of sizes: one where both are equal"
_SMOOTH = Words("smooths")
_TARGET = Words("overlapped")
_SIZED = frozenset({"abs", "absolute"})


def of(e: ir.Expr, value: Quantity, f: Frame) -> Quantity:
    """The value of a quotient with what it means, if it is such a measure."""
    if not isinstance(e, ir.Binary) or e.op != "/":
        return value
    if _is_overlap(e, f):
        return meant(_MEANING, ir.render(e, 40), e.id, _WHY)
    return value


def _is_overlap(e: ir.Binary, f: Frame) -> bool:
    above, below = _terms(e.left, f), _terms(e.right, f)
    if len(above) != 1 or above[0][0] < 0 or not 2 <= len(below) <= 3:
        return False
    shared = _sum(above[0][1], f)
    if shared is None or len(shared) != 2:
        return False
    sizes = [(s, _sum(x, f)) for s, x in below]
    whole = [held for s, held in sizes if s > 0 and held is not None and len(held) == 1]
    taken = [held for s, held in sizes if s < 0]
    if len(whole) != 2 or len(whole) + len(taken) != len(sizes) or any(held != shared for held in taken):
        return False
    return whole[0] | whole[1] == shared and any(_is_target(x.expr, f) for x in shared if x.expr is not None)


def _is_target(name: ir.Expr, f: Frame) -> bool:
    """Whether something is to be reached, by its name or by those it was made of."""
    written = f.wrote(name.name) if isinstance(name, ir.Name) else None
    return _TARGET.within(name, written)


def _smooths(e: ir.Expr) -> bool:
    return isinstance(e, (ir.Name, ir.Attr)) and _SMOOTH.of(last(e))


def _terms(e: ir.Expr, f: Frame) -> Terms:
    """The summands without what only smooths, each without its number."""
    e = bound(e, f)
    if isinstance(e, ir.Call) and last(e.func) in ("clamp", "clip", "maximum") and isinstance(e.func, ir.Attr):
        e = bound(e.func.base, f)
    terms = leaves_behind(e, f, lambda x: not _smooths(x))
    return [(s, x) for s, x in terms if not (number(x) or _smooths(x))]


def _sum(e: ir.Expr, f: Frame) -> frozenset[ir.Written] | None:
    """Of what a reduction is taken, as its factors: ``(a * b).sum()`` → a and b; a square is its base."""
    inner = reduction(bound(e, f))
    if inner is None:
        return None
    made = bound(inner, f)
    inner = made if isinstance(made, ir.Binary) and made.op == "*" else inner
    if (root := squared(inner)) is not None:
        inner = root
    elif isinstance(inner, ir.Call) and last(inner.func) in _SIZED and len(inner.args) == 1:
        inner = inner.args[0].value  # of what is never negative, its square and its size say as much
    return frozenset(ir.render(x) for x in factors(inner))
