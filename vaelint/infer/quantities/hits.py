"""How often a decision is right: what a classifier decided, compared with what it should have, and counted.

``(logits.argmax(1) == y).float().mean()`` is an accuracy, whatever it is called, and is to be raised; with ``!=`` it is
an error rate. A mask of such hits has no direction as long as nobody counts them.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.expression import last, unsigned
from vaelint.infer.seen import ExpressionComputed, View, refines
from vaelint.infer.values import Form, Number, Quantity, Sequence, Value, is_plain, meant, undirected
from vaelint.records import replace
from vaelint.sense import Meaning, Sense

_DECIDES = frozenset({"argmax", "round", "rint"})
_WITH_INDEX = frozenset({"max", "topk"})  # with an axis they yield the values, and where those are
_EQUAL = frozenset({"eq", "equal"})
_UNEQUAL = frozenset({"ne", "not_equal"})
_COUNTS = frozenset({"sum", "mean", "average", "count_nonzero", "reduce_mean", "reduce_sum"})
_OF = {
    Form.HIT: (Meaning(Sense.GAIN, "accuracy", Basis.STRUCTURE), "how often the decision is right"),
    Form.MISS: (Meaning(Sense.COST, "error", Basis.STRUCTURE), "how often the decision is wrong"),
}


@refines(ExpressionComputed)
def judged(view: View, seen: ExpressionComputed, value: Value) -> Value:
    """The value of a call that decides, compares decisions, or counts those that are right."""
    e = seen.e
    if not isinstance(e, ir.Call) or not isinstance(value, Quantity):
        return value
    name = last(e.func)
    if name in _COUNTS and value.form in _OF:
        meaning, why = _OF[value.form]
        return meant(meaning, ir.render(e, 40), e.id, why, roots=value.roots, positive=True)
    if name in _DECIDES and is_plain(value):
        return replace(value, form=Form.DECISION)
    if name in _EQUAL or name in _UNEQUAL:
        given = [a.value for a in e.args if a.name is None and a.star == ""]
        if len(given) == 1 and isinstance(e.func, ir.Attr):
            given = [e.func.base, *given]
        if len(given) == 2:
            left, right = (view.value(x, seen.scope) for x in given)
            mask = undirected(ir.render(e), e.id, positive=True)
            found = compared("==" if name in _EQUAL else "!=", left, right, mask)
            return value if found is mask else found
    return value


def compared(op: str, left: Value, right: Value, mask: Quantity) -> Quantity:
    """The mask that a comparison yields, as one of hits or of misses where a decision is compared with its target."""
    if op not in ("==", "!=") or not isinstance(left, Quantity) or not isinstance(right, Quantity):
        return mask  # with a number: one of several classes is picked out
    if Form.DECISION not in (left.form, right.form):
        return mask
    return replace(mask, form=Form.HIT if op == "==" else Form.MISS, roots=left.roots | right.roots)


def index_of(e: ir.Expr) -> Quantity | None:
    """Where the largest are, as the second of what ``x.max(1)`` or ``x.topk(k)`` yields; None for another call."""
    if not isinstance(e, ir.Call) or last(e.func) not in _WITH_INDEX:
        return None
    axis = any(a.name in ("dim", "axis") or (a.name is None and _is_axis(a.value)) for a in e.args)
    return undirected(ir.render(e, 40), e.id, form=Form.DECISION) if axis or last(e.func) == "topk" else None


def _is_axis(e: ir.Expr) -> bool:
    x = unsigned(e)
    return isinstance(x, ir.Const) and isinstance(x.value, int)


def taken_apart(e: ir.Expr, value: Value, parts: int) -> Value:
    """What is unpacked of ``x.max(1)``: the values, and where they are."""
    index = index_of(e) if parts == 2 and isinstance(value, Quantity) else None
    return value if index is None else Sequence((value, index))


def item(e: ir.Subscript, index: Value | None) -> Quantity | None:
    """``x.max(1)[1]``; None for anything else."""
    return index_of(e.base) if index == Number(1.0) else None
