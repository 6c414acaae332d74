"""What cannot be is as bad as can be: `-inf` where a value is to go up, `inf` where it is to go down.

A function that returns an infinity for what lies outside its support, or breaks a constraint, says by its sign which
way the value goes. That is held against the name of the function, against what else it returns, and against the solver
that it is passed to. One that returns both infinities (the density of a point) says nothing; nor does a finite number,
however large: that may be a cap.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from vaelint import ir
from vaelint.evidence import BY_STRUCTURE, Support
from vaelint.infer.events import Misstated
from vaelint.infer.expression import last, leading, unsigned
from vaelint.infer.laws.promises import solved
from vaelint.infer.quantities.algebra import overall
from vaelint.infer.seen import LibraryCalled, SeveralReturned, ValueReturned, View, observes, refines
from vaelint.infer.values import Frame, Function, Quantity, Value, start_of
from vaelint.sense import Direction, Sense

LAW = "what cannot be is as bad as can be: -inf where a value goes up, inf where it goes down"
_SENSE = {-math.inf: Sense.GAIN, math.inf: Sense.COST}
_WRITTEN = {Sense.GAIN: "-inf", Sense.COST: "inf"}
_GOES = {Sense.GAIN: "to be raised ↑", Sense.COST: "to be lowered ↓"}
_MOVED = {Direction.MINIMIZE: "minimised", Direction.MAXIMIZE: "maximised"}
_ARMS = 3  # choices within choices that are read


class _Worst(NamedTuple):
    """Which way a value goes by the infinity that stands for the worst, and where that is returned."""

    sense: Sense
    node: int


class _Functions:
    """Of each function that returns an infinity, by its node."""

    def __init__(self) -> None:
        self.worst: dict[int, _Worst] = {}


@observes(SeveralReturned)
def returned(view: View, seen: SeveralReturned) -> None:
    """``return -inf`` here, a value there."""
    worst, fn = _worst(seen.returned), seen.function
    if worst is None:
        return
    view.memory(_Functions).worst[fn.node] = worst
    # A ratio that grows without bound is inf itself, and right; nothing that is to be lowered is -inf.
    if _against_the_name(view, fn.name, worst) or worst.sense is Sense.COST:
        return
    for value, node in seen.returned:
        if isinstance(value, Quantity) and overall(value).is_evidence and overall(value).sense is -worst.sense:
            _against_the_rest(view, fn.name, worst, node, value)
            return


@observes(ValueReturned)
def chosen(view: View, seen: ValueReturned) -> None:
    """``return -where(valid, density, -inf)``: the same, chosen entry by entry."""
    sign = leading(seen.e)
    found = {sign * x for x in _infinities(view, seen.scope.behind(unsigned(seen.e)), seen.scope, _ARMS)}
    if len(found) == 1:
        _against_the_name(view, seen.scope.result, _Worst(_SENSE[found.pop()], seen.e.id))


@refines(LibraryCalled)
def passed(view: View, seen: LibraryCalled, value: Value) -> Value:
    """Hold a function against the solver that it is passed to; what that yields stays what it is."""
    if not any(isinstance(a.value, Function) for a in seen.args.given):
        return value  # as nearly always: no rule is asked for
    found = solved(view, seen)
    if found is None or not isinstance(found[1].value, Function):
        return value
    direction, fn = found[0], found[1].value
    view.answer(fn, seen.e, found[1].expr.id, seen.scope)  # it may not have been run so far
    worst = view.memory(_Functions).worst.get(fn.node)
    if worst is not None and direction.wants is -worst.sense:
        by = f"is {_MOVED[direction]} by `{seen.path.rpartition('.')[2]}`"
        _tell(view, fn.name, by, worst, direction.wants)
    return value


def _worst(returned: tuple[tuple[Value, int], ...]) -> _Worst | None:
    found = {}
    for value, node in returned:
        start = start_of(value)
        if start is not None and math.isinf(start):
            found[start] = node
    if len(found) != 1:
        return None
    [(start, node)] = found.items()
    return _Worst(_SENSE[start], node)


def _infinities(view: View, e: ir.Expr, f: Frame, depth: int) -> Iterable[float]:
    """Those among the values that a ``where`` chooses from, and the ``where``s in it."""
    if not isinstance(e, ir.Call) or last(e.func) != "where" or not depth:
        return
    for a in e.args[1:]:
        start = start_of(view.value(a.value, f))
        if start is not None and math.isinf(start):
            yield start
        yield from _infinities(view, a.value, f, depth - 1)


def _against_the_name(view: View, name: str, worst: _Worst) -> bool:
    claim = view.knowledge.claim(name)
    if claim is None or not claim.strong or claim.sense is not -worst.sense:
        return False
    _tell(view, name, f"is named like a value {_GOES[claim.sense]}", worst, claim.sense, held=True)
    return True


def _against_the_rest(view: View, name: str, worst: _Worst, node: int, value: Quantity) -> None:
    claim = view.knowledge.claim(name)
    verdict = overall(value)
    support = Support(verdict.basis)
    if claim is None or claim.sense is not worst.sense:
        _tell(view, name, f"returns a value {_GOES[verdict.sense]}", worst, verdict.sense, support)
        return
    message = (
        f"`{name}` returns a value {_GOES[verdict.sense]} here, but {_WRITTEN[worst.sense]} for what should be the "
        f"worst, so that, as its name says, it is {_GOES[worst.sense]}"
    )
    made = frozenset(t.made for t in value.terms)  # where one of these is wrong already, that is said there
    view.emit(Misstated(node, node, message, "negate it", LAW, "VL402", support, about=made, turn="whole"))


def _tell(
    view: View,
    name: str,
    is_known: str,
    worst: _Worst,
    sense: Sense,
    value: Support = BY_STRUCTURE,
    *,
    held: bool = False,
) -> None:
    """Report an infinity that is the best of all values; ``is_known``: which way they go, in words."""
    message = (
        f"`{name}` {is_known}, but gives {_WRITTEN[worst.sense]}, the best of all values, for what should be the worst"
    )
    edit = f"give {_WRITTEN[sense]} there, if the rest is right"
    view.emit(Misstated(worst.node, worst.node, message, edit, LAW, "VL402", value, held))
