"""What a log-likelihood is made of by technical names: a chi-squared is taken off it, and added to its negation."""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import REDUCTIONS, leading, leaves, name
from vaelint.infer.seen import ExpressionStated, View, observes
from vaelint.infer.values import Frame, Quantity
from vaelint.knowledge.schema import Claim
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Sense

_SQUARED = Words("chi_squared")
_OTHER = Words("likelihood_difference")
_INCREASING = frozenset({"log", "exp", "sqrt", "float", "asarray", "array"}) | REDUCTIONS
_KINDS = ("log_density", "nll")


@observes(ExpressionStated)
def stated(view: View, seen: ExpressionStated) -> None:
    """Hold what is bound to, or returned under, ``names`` against the sign of the chi-squared in it."""
    e, names, f = seen.e, seen.names, seen.scope
    claim = view.knowledge.claim(names[0])
    if claim is None or not claim.strong or claim.kind not in _KINDS or _OTHER.of(names[0]):
        return
    found = [(sign, x) for sign, x in leaves(e, _INCREASING) if _SQUARED.of(name(x)) and not _is_turned(x, f)]
    if not found or len({sign for sign, _ in found}) != 1 or found[0][0] == _falls(claim):
        return
    at = found[0][1]
    text, noun = ir.render(at, 40), "log-likelihood" if claim.sense is Sense.GAIN else "negative log-likelihood"
    view.emit(
        Misstated(
            e.id,
            e.id,
            f"`{names[0]}`: this {noun} {'grows' if found[0][0] > 0 else 'falls'} with the chi-squared `{text}`, "
            f"but should {'fall' if found[0][0] > 0 else 'grow'}",
            f"flip the sign of `{text}`",
            "log L = -chi2 / 2 + constant",
            "VL402",
            held=True,
        )
    )


def _falls(claim: Claim) -> int:
    return -1 if claim.sense is Sense.GAIN else 1


def _is_turned(e: ir.Expr, f: Frame) -> bool:
    """Whether what is called chi-squared there is its negation, or may be."""
    if not isinstance(e, ir.Name):
        return False
    value, written = f.find(e.name), f.wrote(e.name)
    if written is not None and leading(written) < 0:
        return True
    return isinstance(value, Quantity) and any(t.value_sense is Sense.GAIN for t in value.terms)
