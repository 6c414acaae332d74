"""The score of a noisy sample, written out: it points back to the sample without noise, over the variance."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import name, number, product
from vaelint.infer.seen import View
from vaelint.infer.values import Frame

NAMES = re.compile(
    r"^(?!.*(?:z_?score|neg|minus|loss|fisher|anomal)).*(?:(?:^|_)score(?:$|_fn|_function|_target|_true)|grad_?log|d_?log_?p)",
    re.I,
)
# A variance below the line: over a standard deviation the same is a standard score.
_VARIANCE = re.compile(
    r"\*\* ?2|square\(|\.pow\(2\)|(?:^|[^a-z])(?:\w*_)?(?:var|variance|cov)(?:$|[^a-z])|sigma_?(?:2|sq)", re.I
)
_CENTRE = re.compile(r"^(?:mu|mean|means|loc|m|centre|center|x_?0|x_?start|x_?clean|clean\w*|samples?|x|data)$", re.I)
_MOVED = re.compile(r"noisy|noised|perturb|corrupt|tilde|(?:^|_)x_?t$|(?:^|_)x_?noise", re.I)


def law(view: View, e: ir.Expr, holder: str, f: Frame) -> Iterable[Misstated]:
    """grad log N(x; mu, s^2) = -(x - mu) / s^2."""
    _, above, below = parts = product(e)
    differences = [x for x in above if isinstance(x, ir.Binary) and x.op == "-"]
    others = [x for x in above if x not in differences and not number(x)]
    if len(differences) != 1 or others or len(below) != 1 or not _VARIANCE.search(ir.text(below[0], 60)):
        return
    a, b = name(differences[0].left), name(differences[0].right)
    if not _leads_away(a, b) or parts.way < 0:
        return
    text = ir.text(differences[0], 40)
    yield Misstated(
        e.id,
        e.id,
        f"`{holder}`: `{text}` leads away from `{b}`, where the density is high",
        "put a minus in front",
        "the score of a Gaussian: -(x - mean) / variance",
        "VL402",
    )


def _leads_away(a: str, b: str) -> bool:
    """From where noise has moved a sample; ``(y - mu) / var`` may be a score in the mean, which has no minus."""
    return _MOVED.search(a) is not None and _CENTRE.match(b) is not None and not _MOVED.search(b)
