"""What a value is called where it is shown: in a log, a message, a progress bar.

``writer.add_scalar("train/elbo", -loss)``, ``f"NLL: {nll:.3f}"``, ``"loss: %.4f" % loss``, ``print("kl", kl)``: the
text in front of a value claims what it is, as a variable's name does.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from vaelint import ir
from vaelint.infer.events import Named
from vaelint.infer.seen import (
    CallReached,
    ExpressionComputed,
    ExpressionDiscarded,
    TextFormatted,
    View,
    observes,
    refines,
)
from vaelint.infer.values import Frame, Library, Quantity, Value
from vaelint.source.labels import label_of, labels_of


@observes(CallReached)
def logged(view: View, seen: CallReached) -> None:
    """``self.log("train/nll", nll)``: a text, then a number. What a rule speaks of has its own names for things."""
    e, given = seen.e, seen.args.positional
    if not isinstance(e.func, ir.Attr):
        return
    if e.func.name == "format" and isinstance(e.func.base, ir.Const) and isinstance(e.func.base.value, str):
        _formatted(view, e.func.base.value, [(a.expr, a.value) for a in given], seen.scope)
        return
    if len(given) < 2 or not isinstance(given[0].expr, (ir.Const, ir.FString)):
        return
    callee = view.value(e.func.base, seen.scope) if isinstance(e.func.base, ir.Name) else None
    if isinstance(callee, Library) and view.knowledge.lookup(f"{callee.path}.{e.func.name}") is not None:
        return
    first = given[0].expr
    text = first.text if isinstance(first, ir.FString) else first.value
    if isinstance(text, str):
        _tell(view, text, given[1].expr, given[1].value, seen.scope)


@observes(ExpressionDiscarded)
def printed(view: View, seen: ExpressionDiscarded) -> None:
    """``print("kl", kl)``."""
    match seen.e:
        case ir.Call(func=ir.Name(name="print"), args=args):
            for label, shown in pairwise(args):
                if isinstance(label.value, ir.Const) and isinstance(label.value.value, str) and shown.name is None:
                    name = label_of(label.value.value)
                    if name and view.knowledge.claim(name) is not None:
                        _tell(view, name, shown.value, view.value(shown.value, seen.scope), seen.scope)


@observes(TextFormatted)
def shown(view: View, seen: TextFormatted) -> None:
    """``f"NLL: {nll}"``."""
    _formatted(view, seen.e.text, list(zip(seen.e.values, seen.values)), seen.scope)


@refines(ExpressionComputed)
def percent(view: View, seen: ExpressionComputed, value: Value) -> Value:
    """``"loss: %.4f" % loss``; the value stays as it is."""
    match seen.e:
        case ir.Binary(op="%", left=ir.Const(value=str(text)), right=right):
            items = right.items if isinstance(right, ir.Tuple) else (right,)
            labels = list(labels_of(text))
            for name, x in zip(labels, items) if len(labels) == len(items) else ():
                if name and view.knowledge.claim(name) is not None:
                    _tell(view, name, x, view.value(x, seen.scope), seen.scope)
    return value


def _formatted(view: View, text: str, given: Sequence[tuple[ir.Expr, Value]], f: Frame) -> None:
    labels = list(labels_of(text))
    for name, (x, value) in zip(labels, given) if len(labels) == len(given) else ():
        if name:
            _tell(view, name, x, value, f)


def _tell(view: View, text: str, e: ir.Expr, value: Value, f: Frame) -> None:
    claim = view.knowledge.claim(text) if isinstance(value, Quantity) else None
    if claim is not None and isinstance(value, Quantity) and not isinstance(e, ir.Const):
        owner = f.owner.name if f.owner is not None else ""
        view.emit(Named(text, claim, value, e.id, f.name, "label", owner))
