"""The score of a noisy sample, written out: it points back to the sample without noise, over the variance."""

from __future__ import annotations

from collections.abc import Iterable

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import has_square, name, number, product
from vaelint.infer.seen import View
from vaelint.infer.values import Frame
from vaelint.knowledge.vocabulary import Words

NAMES = Words("score_name")
# A variance below the line: over a standard deviation the same is a standard score.
_VARIANCE = Words("variance")
_CENTRE = Words("centre")
_MOVED = Words("noised")


def law(view: View, e: ir.Expr, holder: str, f: Frame) -> Iterable[Misstated]:
    """grad log N(x; mu, s^2) = -(x - mu) / s^2."""
    _, above, below = parts = product(e)
    differences = [x for x in above if isinstance(x, ir.Binary) and x.op == "-"]
    others = [x for x in above if x not in differences and not number(x)]
    if len(differences) != 1 or others or len(below) != 1 or not (has_square(below[0]) or _VARIANCE.within(below[0])):
        return
    a, b = name(differences[0].left), name(differences[0].right)
    if not _leads_away(a, b) or parts.way < 0:
        return
    text = ir.render(differences[0], 40)
    yield Misstated(
        e.id,
        e.id,
        f"`{holder}`: `{text}` points away from `{b}`, where the density is high",
        "put a minus in front",
        "the score of a Gaussian: -(x - mean) / variance",
        "VL402",
    )


def _leads_away(a: str, b: str) -> bool:
    """From where noise has moved a sample; ``(y - mu) / var`` may be a score in the mean, which has no minus."""
    return _MOVED.of(a) and _CENTRE.of(b) and not _MOVED.of(b)
