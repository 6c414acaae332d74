"""What a comment or a docstring says that a value is, as a formula, against what the code computes (VL403).

Which formula is about an expression is told by its name, or by where it stands: in a comment right above, or beside.
Numbers decide whether the two agree. A negation as a whole counts only where the formula has the name of the value:
what is derived for a likelihood is often coded as a loss. Nor does it count where a class documents it, which may
have a method for its inverse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.evidence import BY_PROOF
from vaelint.infer.events import Misstated
from vaelint.infer.quantities.formulas import WORK, Formulas, charged, is_compound, read_form
from vaelint.infer.seen import ExpressionStated, View, observes
from vaelint.infer.values import Quantity

if TYPE_CHECKING:
    from vaelint.graph.documented import Difference
    from vaelint.source.stated import Stated

LAW = "the formula that is written beside the code is what it computes"


@observes(ExpressionStated)
def stated(view: View, seen: ExpressionStated) -> None:
    """Tell of an expression that differs in one sign from the formula that is written for it."""
    e, value, names, f = seen
    if not isinstance(value, Quantity) or not isinstance(e, (ir.Binary, ir.Unary, ir.Call)):
        return
    found = view.documented(e.id)
    if not found:
        return
    from vaelint.graph.documented import compare, is_word_of, same_name
    from vaelint.source.quick import typed
    from vaelint.source.stated import Where

    holder = names[0] or names[-1]
    for formula, beside in found:
        own = same_name(formula.name, holder, by_initial=beside)
        near = beside or (formula.where is Where.DOCSTRING and is_word_of(formula.name, holder))
        if not (own or near) or not view.affords(WORK):
            continue
        form, _ = read_form(view, e, f)
        if form is None or not is_compound(form):
            return
        with charged(view):
            differs = compare(view.memory(Formulas).graph, form, typed(formula.text))
        if differs is not None and (differs.flip is not None or (own and formula.where is not Where.CLASS)):
            view.emit(_event(differs, formula, e, holder))
            return


def _event(found: Difference, formula: Stated, e: ir.Expr, name: str) -> Misstated:
    from vaelint.graph.example import of_documented

    where = formula.where.value
    if found.flip is None:
        message = f"`{name}` is minus what {where} gives for it: `{formula.shown}`"
        node, edit = e.id, f"negate it, or mend {where}"
    else:
        message = f"`{name}` differs in one sign from what {where} gives: `{formula.shown}`"
        node, edit = found.flip.origin, f"flip the sign of this term, or mend {where}"
    about = frozenset({node, e.id})  # a law that is known says more
    return Misstated(node, e.id, message, edit, LAW, "VL403", BY_PROOF, about=about, example=of_documented(found))
