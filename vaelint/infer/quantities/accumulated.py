"""``total = total + term``: a sum that is built up is the sum of its term, as with ``total += term``.

Read as a whole the expression is no formula, since what it held before is in it: the term alone is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from vaelint import ir
from vaelint.infer.expression import walk
from vaelint.infer.journal import Remembered
from vaelint.infer.quantities import algebra
from vaelint.infer.seen import ExpressionComputed, View, refines
from vaelint.infer.values import Number, Quantity, Value


class Accumulated(NamedTuple):
    """A sum, the name that it begins with and is bound to, and what is left of it."""

    whole: ir.Binary
    name: str
    rest: ir.Expr
    minus: bool  # the rest is subtracted


@refines(ExpressionComputed)
def summed(view: View, seen: ExpressionComputed, value: Value) -> Value:
    """The sum of what was held and of the term, which is a formula of its own."""
    e, f = seen
    if not isinstance(e, ir.Binary) or not isinstance(value, Quantity):
        return value
    if all(t.meaning.sense.directed for t in value.terms):
        return value  # known without looking at the term alone
    term = of(view, e)
    if term is None:
        return value
    total, added = f.find(term.name), view.value(term.rest, f)
    if not isinstance(added, Quantity) or not any(t.formula or t.meaning.kind == "entropy" for t in added.terms):
        return value  # what is no formula is read as it always was
    if term.minus:
        added = algebra.negate(added, e.id, f"subtracted from `{term.name}`")
    if isinstance(total, Number):
        return added
    return algebra.add(total, added, e.id, ir.render(e, 40)) if isinstance(total, Quantity) else value


@dataclass(eq=False)
class Sums(Remembered):
    """The sums of a file by unit. They follow from its text: no summary has to note that they were asked for."""

    units: dict[int, Mapping[int, Accumulated]] = field(default_factory=dict)


def of(view: View, e: ir.Expr) -> Accumulated | None:
    """What an expression adds to, and what, where it is such a sum."""
    home = view.home
    if home is None or not home.holds(e.id):
        return None
    unit, known = home.unit_of(e.id), view.memory(Sums).units
    number = unit.number if unit is not None else -1
    if number not in known:
        known[number] = _accumulated(view.around(e.id).code)
    found = known[number].get(e.id)
    return found if found is not None and found.whole is e else None  # what is left of it has the same number


def _accumulated(code: ir.Block) -> Mapping[int, Accumulated]:
    """The sums that are bound in a loop to the name that they begin with, by their numbers."""
    found: dict[int, Accumulated] = {}
    for loop in walk(code):
        if not isinstance(loop, (ir.For, ir.While)):
            continue
        for s in walk(loop.body):
            match s:
                case ir.Assign(targets=(ir.Name(name=name),), value=ir.Binary() as e):
                    held = _accumulating(e, name)
                    if held is not None:
                        found[e.id] = held
    return found


def _accumulating(e: ir.Binary, name: str) -> Accumulated | None:
    """The sum without the name that it begins with; None where it begins with anything else."""
    chain = []
    first: ir.Expr = e
    while isinstance(first, ir.Binary) and first.op in ("+", "-"):
        chain.append(first)
        first = first.left
    if not chain or not isinstance(first, ir.Name) or first.name != name:
        return None
    lowest = chain.pop()
    minus = lowest.op == "-"
    rest = ir.Unary(lowest.id, "-", lowest.right) if minus and chain else lowest.right
    for x in reversed(chain):
        rest = ir.Binary(x.id, x.op, rest, x.right)
    return Accumulated(e, name, rest, minus and not chain)
