"""Where a slip is looked for: in what is bound, returned, handed over or put into a container, and in its summands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.infer.events import Named, Slipped
from vaelint.infer.expression import product, summands
from vaelint.infer.laws.sums import taker
from vaelint.infer.quantities.algebra import ESTIMATES
from vaelint.infer.quantities.formulas import (
    WORK,
    Formulas,
    Held,
    charged,
    is_compound,
    is_positive,
    is_settled,
    proved,
    read_form,
    recognised,
    worth_reading,
)
from vaelint.infer.seen import ArgumentPassed, ExpressionStated, View, refines
from vaelint.infer.values import Form as Shape
from vaelint.infer.values import Frame, Quantity, Value
from vaelint.knowledge.schema import Claim
from vaelint.knowledge.vocabulary import Words
from vaelint.records import replace
from vaelint.sense import Sense

if TYPE_CHECKING:
    from vaelint.graph.node import Node
    from vaelint.graph.slips import Slip

_SPEAKS = Words("formula_name")
_ENTROPY = Words("plain_entropy")
_IS_ENTROPY = Claim(Sense.UNKNOWN, "entropy", True, "entropy")

_OF_LOG_DENSITIES = frozenset({"logsumexp", "logaddexp"})  # they sum up the exponentials of what they are given

Names = tuple[str, ...]


@refines(ExpressionStated)
def named(view: View, seen: ExpressionStated, value: Value) -> Value:
    """What is called an entropy, and is known to be one or its negation: no score that a return is to weigh."""
    e, _, names, f = seen
    if isinstance(value, Quantity) and _ENTROPY.of(names[0]) and len(value.terms) == 1:
        meaning = value.terms[0].meaning
        if meaning.kind in ("entropy", "marginal_entropy") or (meaning.kind in ESTIMATES and meaning.is_evidence):
            view.emit(Named(names[0], _IS_ENTROPY, value, e.id, f.name, "return" if len(names) == 1 else "variable"))
            return replace(value, form=Shape.PLAIN) if value.form == Shape.SCORE else value
    return value


@refines(ExpressionStated)
def stated(view: View, seen: ExpressionStated, value: Value) -> Value:
    """A whole expression that is bound or returned under names: the value, mended if one sign of it has slipped."""
    return _searched(view, seen.e, _proved_as_a_whole(view, seen.e, value, seen.scope), seen.names, seen.scope)


def _proved_as_a_whole(view: View, e: ir.Expr, value: Value, f: Frame) -> Value:
    """What is known of a formula is known of a part of the expression: here of all of it, as examples speak of it."""
    if not isinstance(value, Quantity) or len(value.terms) != 1 or isinstance(e, (ir.Name, ir.Attr)):
        return value
    term = value.terms[0]
    if term.proof is None or term.made == e.id:
        return value
    form, _ = read_form(view, e, f)
    found = (fact for fact in recognised(view, form) if term.proof and fact.reference == term.proof.reference)
    return replace(value, terms=(replace(term, proof=next(found, None)),))


@refines(ArgumentPassed)
def given(view: View, seen: ArgumentPassed, value: Value) -> Value:
    """What a function is called with; what a formula is written with is part of the formula."""
    e, f = seen.e, seen.scope
    if not isinstance(e, (ir.Binary, ir.Unary, ir.Call)) or not isinstance(value, Quantity):
        return value
    from vaelint.graph.formula import ARITHMETIC

    name = taker(seen.func)
    if name.rstrip("_") in ARITHMETIC:
        return value
    return _searched(view, e, value, (name, f.name), f, Sense.GAIN if name in _OF_LOG_DENSITIES else None)


def _searched(view: View, e: ir.Expr, value: Value, names: Names, f: Frame, wanted: Sense | None = None) -> Value:
    if not isinstance(value, Quantity) or any(t.formula for t in value.terms) or is_settled(value):
        return value
    if not isinstance(e, (ir.Binary, ir.Unary, ir.Call)) or not worth_reading(view, e, f):
        return value
    form, values = read_form(view, e, f)
    if recognised(view, form):
        return value
    mended = _mended(view, e, form, values, value, names, f, wanted)
    if mended is not None:
        return mended
    for sign, part in _parts(e):
        if view.memory(Formulas).feature(part)[0]:
            form, values = read_form(view, part, f)
            if not recognised(view, form):
                _mended(view, part, form, values, value, names, f, wanted, sign)
    return value


def _mended(
    view: View,
    e: ir.Expr,
    form: Node | None,
    values: Held,
    value: Quantity,
    names: Names,
    f: Frame,
    wanted: Sense | None,
    sign: int = 1,
) -> Quantity | None:
    """The value that is meant, and an event; None where nothing has slipped.

    ``wanted``: what that is used as which has it as a summand with this sign.
    """
    if form is None or not is_compound(form):
        return None
    claims = [c for c in (view.knowledge.claim(n) for n in names if n) if c is not None and c.sense.directed]
    wanted = wanted or (claims[0].sense if claims else None)
    wanted = -wanted if wanted is not None and sign < 0 else wanted
    own = view.knowledge.claim(names[0]) if names[0] else None
    whole = own.sense if own is not None and own.sense.directed else None
    key = (form, wanted, whole)
    memory = view.memory(Formulas)
    if key not in memory.slips:
        if not view.affords(WORK):
            return None
        from vaelint.graph.slips import find_slip

        with charged(view):
            memory.slips[key] = find_slip(memory.graph, form, wanted, lambda leaf: is_positive(view, leaf), whole)
    slip: Slip | None = memory.slips[key]
    if slip is None or not (slip.sure or _SPEAKS.any(names)):
        return None
    if _may_be_solved(slip):
        return None
    mended = proved(view, slip.mended, values, value, e, f)
    if mended is not None:
        view.emit(Slipped(slip, e.id, next((n for n in names if n), "")))
    return mended


_RESIDUAL = Words("residual")
_SPREAD = Words("spread")


def _may_be_solved(slip: Slip) -> bool:
    """``g**2 / c - log(c)``: of a residual that was solved with the precision ``c`` this is right as it stands.

    ``g = c * r`` then (leave-one-out densities of a Gaussian process); a visible difference, or a name that says which
    of the two it is, rules that out.
    """
    r, v = slip.mended.roles.get("r"), slip.mended.roles.get("v")
    return r is not None and v is not None and not _RESIDUAL.of(r.name) and not _SPREAD.of(v.name)


def _parts(e: ir.Expr) -> list[tuple[int, ir.Expr]]:
    """The summands of a sum with their signs, and their factors: where a term of a loss is a formula of its own."""
    terms = summands(e)
    out = [] if len(terms) == 1 else [(sign, x) for sign, x in terms if _is_compound(x)]
    for sign, x in terms:
        parts = product(x)
        out += [(sign, y) for y in (*parts.above, *parts.below) if y is not x and _is_compound(y)]
    return out


def _is_compound(e: ir.Expr) -> bool:
    return isinstance(e, (ir.Binary, ir.Unary)) or (
        isinstance(e, ir.Call) and bool(e.args or isinstance(e.func, ir.Attr))
    )
