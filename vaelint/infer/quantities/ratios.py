"""Ratios of a new policy to an old one, and their clipping.

PPO's bound is pessimistic: the lesser of two surrogates, the greater of two negated ones (Schulman 2017, eq. 7).
"""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import last
from vaelint.infer.seen import ExtremeTaken, View, observes
from vaelint.infer.values import Form, Quantity, Term
from vaelint.knowledge.vocabulary import Words
from vaelint.records import replace

_OLD = Words("old_policy")
_NEW = Words("new_policy")

_NEGATED = Words("negated")
# Why a surrogate of an inverted ratio has a minus.
INVERTED = "ratio of the old policy to the new one × advantage: falls as the good becomes likelier"
CLIPS = frozenset({"clamp", "clip", "clamp_", "clip_by_value", "clamp_min", "clamp_max"})


def clipped(q: Quantity) -> Quantity:
    """A ratio that has been held within bounds."""
    return replace(q, form=Form.CLIPPED) if q.form == Form.RATIO else q


def ratio_form(q: Quantity) -> str:
    """The form of the exponential of a difference of log-probabilities."""
    return Form.INVERSE if is_inverted(q) else Form.RATIO


def quotient_form(a: Quantity, b: Quantity) -> str:
    """The form of one probability over another."""
    old = [len(q.terms) == 1 and _is_old(q.terms[0]) for q in (a, b)]
    return Form.INVERSE if old == [True, False] else Form.RATIO


def is_inverted(q: Quantity) -> bool:
    """Whether a difference of log-probabilities, soon a ratio, is that of the old policy less the new one."""
    if len(q.terms) != 2:
        return False
    up, down = sorted(q.terms, key=lambda t: -t.sign)
    if any(t.meaning.kind == "nll" or _NEGATED.within(t.label) for t in q.terms):
        return False  # of negated ones the old less the new is right
    return _is_old(up) and not _is_old(down)


def _is_old(t: Term) -> bool:
    return (_OLD.within(t.label) and not _NEW.within(t.label)) or not t.live


_COSTS = Words("of_costs")  # advantages of what is to be lowered


@observes(ExtremeTaken)
def pessimistic(view: View, seen: ExtremeTaken) -> None:
    """Hold ``min`` and ``max`` of a surrogate and its clipped twin against PPO's bound."""
    a, b, e = seen
    if (a.form == Form.CLIPPED) == (b.form == Form.CLIPPED) or not isinstance(e, ir.Call):
        return
    op = last(e.func)
    if len(a.terms) != 1 or len(b.terms) != 1 or any(t.meaning.kind != "surrogate" for t in a.terms + b.terms):
        return
    signs = {a.terms[0].sign, b.terms[0].sign}
    if _turned(a) or _turned(b) or any(_COSTS.within(q.terms[0].label) for q in (a, b)):
        return
    text, law = ir.render(e, 60), "min(r·A, clip(r)·A), or max(-r·A, -clip(r)·A)"
    if len(signs) != 1:
        message = f"`{text}` compares a surrogate with the negation of the clipped one"
        view.emit(Misstated(e.id, e.id, message, "negate both, or neither of the two", law))
        return
    right = "min" if signs == {1} else "max"
    if (op in ("min", "minimum", "fmin")) == (right == "min"):
        return
    of = "larger of two surrogates" if right == "min" else "smaller of two negated surrogates"
    message = f"`{text}` takes the {of}: clipping then does not limit steps that go too far"
    view.emit(Misstated(e.id, e.id, message, f"take the {right}imum: PPO's bound is pessimistic", law, turn="end"))


def _turned(q: Quantity) -> bool:
    return q.terms[0].trace is not None and any(m == INVERTED for _, m in q.terms[0].trace.steps())
