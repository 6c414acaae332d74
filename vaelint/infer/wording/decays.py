"""Penalties on the size of the weights that a loss takes off: no game has a use for large weights."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.infer.events import Worded
from vaelint.infer.state import Frame
from vaelint.infer.wording.claims import COMPARED, is_loss
from vaelint.knowledge.lexicon import split
from vaelint.sense import Sense

if TYPE_CHECKING:
    from vaelint.infer.evaluate.interpreter import Interpreter
    from vaelint.infer.wording.worded import Part

_DECAY = re.compile(r"(?:^|_)(?:l1|l2)_?(?:loss|reg\w*|penalty|decay)(?:$|_)|weight_?decay(?:_loss|_term)?$", re.I)


def taken_off(it: Interpreter, e: ir.Expr, holder: str, parts: list[Part], f: Frame) -> None:
    """``loss = ... - weight * net.l2_loss()``: the size of the weights is rewarded. No game has a use for that."""
    gains = any(p.claim is not None and p.claim.sense is Sense.GAIN for p in parts)
    if gains or not is_loss(it.knowledge.claim(holder)):
        return
    off = [p for p in parts if p.sign < 0 and p.live and _DECAY.search(p.name)]
    if len(off) != 1 or any(_DECAY.search(p.name) for p in parts if p.sign > 0) or COMPARED & {*split(holder)}:
        return
    if any(p is not off[0] and is_loss(p.claim) for p in parts):
        return  # judged above
    wrong = off[0]
    said = (ir.render(wrong.at, 40), "", holder)
    it.emit(Worded("decayed", *said, wrong.at.id, e.id, f.name, frozenset({e.id})))
