"""Metrics that are returned as losses: a name that everybody raises under one that is lowered."""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.expression import has_minus, last
from vaelint.infer.seen import View
from vaelint.infer.selection import metric
from vaelint.infer.values import Frame, Quantity, Sequence, Value
from vaelint.infer.wording.parts import Part
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Sense

# What may hold a loss, or the negation of what it is called, under the name of a metric.
_COLLECTED = frozenset({"sum", "mean", "stack", "cat", "concat", "concatenate", "prod"})
_TURNED = Words("turned_metric")


def of_pair(e: ir.Expr, value: Value) -> tuple[ir.Expr, Value]:
    """``return value, {"aux": …}``: the value."""
    match e, value:
        case ir.Tuple(items=(first, ir.Dict())), Sequence(items=(held, _)):
            return first, held
        case _:
            return e, value


def is_kept_as_loss(view: View, part: Part, f: Frame) -> bool:
    """Whether a summand is a metric that is better when larger, by its name and by what it was computed with."""
    if not isinstance(part.at, ir.Name) or not part.live or not part.sure:
        return False
    found, written = metric.by_name(view, part.name), f.wrote(part.name)
    if found is None or found.sense is not Sense.GAIN or found.signed or written is None:
        return False
    if isinstance(written, ir.Call) and last(written.func) in _COLLECTED:
        return False  # what was collected in a list may be losses of that name
    value = f.find(part.name)
    if isinstance(value, Quantity) and any(t.value_sense is Sense.COST for t in value.terms):
        return False
    return not has_minus(written) and not _TURNED.within(written)
