"""Penalties on the size of weights, or of a critic's gradients, that a loss takes off: no game has a use for these."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.infer.events import Worded
from vaelint.infer.quantities import labels
from vaelint.infer.seen import View
from vaelint.infer.sums import factors, name, number
from vaelint.infer.values import Frame
from vaelint.infer.wording.claims import COMPARED, is_loss
from vaelint.knowledge.lexicon import split
from vaelint.sense import Sense

if TYPE_CHECKING:
    from vaelint.infer.wording.worded import Part

_DECAY = re.compile(
    r"(?:^|_)(?:l1|l2)_?(?:loss|reg\w*|penalty|decay|norm|term|sum)(?:$|_)|weight_?decay(?:_loss|_term)?$"
    r"|^(?:loss_)?l[12]s?$|^gradient_?penalty$|^gp(?:_loss|_term)?$|^loss_gp$|^r1_?(?:loss|penalty|reg)$",
    re.I,
)
_SIZES = frozenset({"norm", "sum", "mean", "square", "pow", "abs", "reduce_sum", "l2_loss", "vector_norm", "dot"})
_SQUARES = re.compile(r"\*\* ?2|norm|square|pow\([^()]*2|abs\(|l2_loss")


def _is_size(view: View, p: Part, whole: ir.Expr, f: Frame) -> bool:
    """A norm of parameters: by its name, by what it is taken of, or summed up over all that a model has."""
    if _DECAY.search(p.name):
        return True
    found = [x for x in factors(p.at) if _is_one(view, x, whole, f)]
    weights = [x for x in factors(p.at) if x not in found]
    return len(found) == 1 and all(_is_weight(view, x) for x in weights)


def _is_weight(view: View, e: ir.Expr) -> bool:
    positive = isinstance(e, (ir.Name, ir.Attr, ir.Subscript)) and view.knowledge.positive(name(e))
    return number(e) > 0 or positive or labels.DECAY.match(name(e)) is not None


def _is_one(view: View, e: ir.Expr, whole: ir.Expr, f: Frame) -> bool:
    if isinstance(e, ir.Name):
        if _DECAY.search(e.name):
            return True
        sums = rf"\b{re.escape(e.name)}\s*\+?=[^\n]*(?:\*\* ?2|norm|square|pow\(|abs\(|l2_loss)[^\n]*"
        text = view.text_of(whole.id)
        found = re.search(sums, text) if "parameters()" in text or "trainable_" in text else None
        return found is not None and (
            re.search(r"(?:parameters\(\)|trainable_\w+)", found[0]) is not None
            or re.search(r"for [^\n]* in [^\n]*(?:parameters\(\)|trainable_\w+)[^\n]*:\s*\n[^\n]*" + sums, text)
            is not None
        )
    return _SQUARES.search(ir.render(e, 80)) is not None and _is_of_parameters(e)


def _is_of_parameters(e: ir.Expr) -> bool:
    """``(w**2).sum()``, ``np.sum(W * W)``, ``torch.norm(self.weight)``."""
    for _ in range(6):
        match e:
            case ir.Call(func=ir.Attr(base=base, name=word), args=args) if word in _SIZES:
                module = isinstance(base, (ir.Name, ir.Attr)) and args and not isinstance(args[0].value, ir.Const)
                e = args[0].value if module else base
            case ir.Binary(op="**", left=x, right=ir.Const(value=2)):
                e = x
            case ir.Binary(op="*", left=a, right=b) if ir.render(a) == ir.render(b):
                e = a
            case ir.Attr(base=base, name="data" | "T"):
                e = base
            case ir.Name() | ir.Attr():
                return labels.PARAMETER.match(name(e)) is not None
            case _:
                return False
    return False


def _is_of_a_critic(p: Part) -> bool:
    return re.search(r"(?:^|[^a-z])(?:gp|grad\w*_penalty|r1\w*)(?:$|[^a-z])", ir.render(p.at, 80), re.I) is not None


def _raises_real(parts: list[Part]) -> bool:
    """``D(real) - D(fake) - penalty``: the critic's own goal, that is raised."""
    texts = [(p.sign, ir.render(p.at, 120)) for p in parts]
    return any(s < 0 and re.search("fake|gen|sampl", t) for s, t in texts) or any(
        s > 0 and re.search("real|true|data", t) and len({s for s, _ in texts[:-1]}) > 1 for s, t in texts
    )


def taken_off(view: View, e: ir.Expr, holder: str, parts: list[Part], f: Frame) -> None:
    """``loss = ... - weight * net.l2_loss()``: the size of the weights is rewarded. No game has a use for that."""
    gains = any(p.claim is not None and p.claim.sense is Sense.GAIN for p in parts)
    if gains or not is_loss(view.knowledge.claim(holder)):
        return
    off = [p for p in parts if p.sign < 0 and p.live and _is_size(view, p, e, f)]
    if len(off) != 1 or any(_is_size(view, p, e, f) for p in parts if p.sign > 0) or COMPARED & {*split(holder)}:
        return
    if is_loss(off[0].claim) and any(p is not off[0] and is_loss(p.claim) for p in parts):
        return  # judged above
    wrong = off[0]
    if _is_of_a_critic(wrong) and _raises_real(parts):
        return  # what is to be raised, a penalty is taken off: it is turned round somewhere
    if re.search(rf"-\s*{re.escape(holder)}\b(?!\s*=)|{re.escape(holder)}\.backward\(\s*\w", view.text_of(e.id)):
        return
    said = (ir.render(wrong.at, 40), "", holder)
    view.emit(Worded("decayed", *said, wrong.at.id, e.id, f.name, frozenset({e.id})))
