"""Penalties on the size of weights, or of a critic's gradients, that a loss takes off: no game has a use for these."""

from __future__ import annotations

from collections.abc import Iterator

from vaelint import ir
from vaelint.infer.events import Worded
from vaelint.infer.expression import (
    bound_in,
    calls_in,
    calls_of,
    factors,
    has_square,
    name,
    negated_in,
    number,
    same,
    walk,
)
from vaelint.infer.quantities import labels
from vaelint.infer.seen import View
from vaelint.infer.values import Frame
from vaelint.infer.wording.claims import COMPARED, is_loss
from vaelint.infer.wording.parts import Part
from vaelint.knowledge.lexicon import split
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Sense

_DECAY = Words("decay")
_PENALTY = Words("critic_penalty")
_FAKE = Words("fake_samples")
_REAL = Words("real_data")
_TRAINED = Words("trainable")
_NORMS = frozenset({"norm", "abs", "l2_loss", "square", "vector_norm"})
_SIZES = frozenset({"norm", "sum", "mean", "square", "pow", "abs", "reduce_sum", "l2_loss", "vector_norm", "dot"})


def _is_size(view: View, p: Part, whole: ir.Expr, f: Frame) -> bool:
    """A norm of parameters: by its name, by what it is taken of, or summed up over all that a model has."""
    if _DECAY.of(p.name):
        return True
    found = [x for x in factors(p.at) if _is_one(view, x, whole, f)]
    weights = [x for x in factors(p.at) if x not in found]
    return len(found) == 1 and all(_is_weight(view, x) for x in weights)


def _is_weight(view: View, e: ir.Expr) -> bool:
    positive = isinstance(e, (ir.Name, ir.Attr, ir.Subscript)) and view.knowledge.positive(name(e))
    return number(e) > 0 or positive or labels.DECAY.of(name(e))


def _is_one(view: View, e: ir.Expr, whole: ir.Expr, f: Frame) -> bool:
    if isinstance(e, ir.Name):
        if _DECAY.of(e.name):
            return True
        code = view.around(whole.id).code
        sized = [x for t, x in _added(code) if name(t) == e.name and _has_size(x)]
        loops = (s for s in walk(code) if isinstance(s, ir.For) and _are_parameters(s.iter))
        return any(map(_are_parameters, sized)) or any(
            name(t) == e.name and _has_size(x) for s in loops for t, x in _added(s.body)
        )
    return _has_size(e) and _is_of_parameters(e)


def _added(code: ir.Block) -> Iterator[tuple[ir.Expr, ir.Expr]]:
    """What is bound, or added, to what."""
    yield from bound_in(code)
    yield from ((s.target, s.value) for s in walk(code) if isinstance(s, ir.AugAssign) and s.op == "+")


def _has_size(e: ir.Expr) -> bool:
    return has_square(e) or bool(_NORMS & calls_in(e))


def _are_parameters(e: ir.Expr) -> bool:
    return "parameters" in calls_in(e) or _TRAINED.within(e)


def _is_of_parameters(e: ir.Expr) -> bool:
    """``(w**2).sum()``, ``np.sum(W * W)``, ``torch.norm(self.weight)``."""
    for _ in range(6):
        match e:
            case ir.Call(func=ir.Attr(base=base, name=word), args=args) if word in _SIZES:
                module = isinstance(base, (ir.Name, ir.Attr)) and args and not isinstance(args[0].value, ir.Const)
                e = args[0].value if module else base
            case ir.Binary(op="**", left=x, right=ir.Const(value=2)):
                e = x
            case ir.Binary(op="*", left=a, right=b) if same(a, b):
                e = a
            case ir.Attr(base=base, name="data" | "T"):
                e = base
            case ir.Name() | ir.Attr():
                return labels.PARAMETER.of(name(e))
            case _:
                return False
    return False


def _is_of_a_critic(p: Part) -> bool:
    return _PENALTY.within(p.at)


def _raises_real(parts: list[Part]) -> bool:
    """``D(real) - D(fake) - penalty``: the critic's own goal, that is raised."""
    both = len({p.sign for p in parts[:-1]}) > 1
    return any(p.sign < 0 and _FAKE.within(p.at) for p in parts) or (
        both and any(p.sign > 0 and _REAL.within(p.at) for p in parts)
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
    code = view.around(e.id).code
    if any(name(x) == holder for x in negated_in(code)):
        return
    if any(x.args and name(x.func.base) == holder for x in calls_of(code, "backward") if isinstance(x.func, ir.Attr)):
        return  # with a sign of its own
    said = (ir.render(wrong.at, 40), ir.UNWRITTEN, holder)
    view.emit(Worded("decayed", *said, wrong.at.id, e.id, f.name, frozenset({e.id})))
