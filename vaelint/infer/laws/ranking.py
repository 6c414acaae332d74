"""Losses of rankings: which of two they put above the other, by a target of 1 or -1.

``margin_ranking_loss(a, b, 1)`` falls as ``a`` rises and ``b`` falls. Where the two are the distances of positives and
of negatives, it has to be the other way round (Bordes et al. 2013, eq. 1); of similarities, that way.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.evidence import Basis, Support
from vaelint.infer.arguments import Argument, Arguments
from vaelint.infer.events import Misstated
from vaelint.infer.expression import bound_in, same, walk, way_of
from vaelint.infer.seen import LibraryCalled, MethodCalled, View, observes, refines
from vaelint.infer.values import Frame, Made, Number, Quantity, Value
from vaelint.knowledge.schema import Entry
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Sense

_POSITIVE, _NEGATIVE = Words("positive"), Words("negative")
_FAR = frozenset(
    {"distance", "error", "penalty"}
)  # what is larger the farther two are apart, by what it is computed from
_WHAT = {1: "a distance of positives", -1: "a similarity of negatives"}
_BY_ROLES = Support(Basis.NAME, (Basis.STRUCTURE, Basis.NAME, Basis.NAME))


@refines(LibraryCalled)
def called(view: View, seen: LibraryCalled, value: Value) -> Value:
    entry = view.knowledge.lookup(seen.path)
    if entry is not None and entry.ranks and not entry.makes:
        _judge(view, entry, seen.args, seen.e, seen.scope)
    return value


@observes(MethodCalled)
def made(view: View, seen: MethodCalled) -> None:
    """A loss that was made before, as an object."""
    receiver, name, args, e, f = seen
    if isinstance(receiver, Made) and name == "__call__" and receiver.entry.ranks:
        _judge(view, receiver.entry, args, e, f)


def _judge(view: View, entry: Entry, args: Arguments, e: ir.Expr, f: Frame) -> None:
    above, below, target = (args.get(name, i) for i, name in enumerate(entry.ranks))
    way = _sign(view, target, f, e.id) if target is not None else 0
    if above is None or below is None or target is None or not way:
        return
    raised, lowered = (above, below) if way > 0 else (below, above)
    role, kind = _role(raised, f), _kind(raised.value)
    if role and role == -_role(lowered, f) and kind == _kind(lowered.value) == -role:
        name, what = entry.name.rpartition(".")[2], _WHAT[role]
        shown, text = ir.render(target.expr, 30), ir.render(raised.expr, 40)
        message = f"`{name}` with the target `{shown}` raises `{text}`, {what}"
        edit = "swap the first two arguments, or give the target the other sign"
        law = "a ranking loss with the target 1 puts its first argument above its second"
        view.emit(Misstated(target.expr.id, e.id, message, edit, law, "VL202", _BY_ROLES))


def _role(a: Argument, f: Frame) -> int:
    """1 for what is of positives by its name, -1 for negatives, 0 where that is not said."""
    ways = (a.expr, f.behind(a.expr))
    return _POSITIVE.within(*ways) - _NEGATIVE.within(*ways)


def _kind(value: Value) -> int:
    """1 for a similarity, -1 for a distance, 0 for neither."""
    terms = value.terms if isinstance(value, Quantity) else ()
    far = [t.meaning.kind in _FAR and t.value_sense is Sense.COST for t in terms]
    near = [t.meaning.kind == "similarity" and t.sign > 0 for t in terms]
    return (all(near) - all(far)) if terms else 0


def _sign(view: View, a: Argument, f: Frame, node: int) -> int:
    """The sign of an array whose entries are one number; 0 where that is not in sight, or a part of it is set."""
    if isinstance(a.value, Number):
        return (a.value.value > 0) - (a.value.value < 0)
    home = view.home
    bound = [*bound_in(view.around(node).code)] if home is not None and home.holds(node) else []
    if any(isinstance(t, ir.Subscript) and same(t.base, a.expr) for t, _ in bound):
        return 0  # `y[negatives] = -1`
    made = [x for t, x in bound if same(t, a.expr) and not any(same(y, a.expr) for y in walk(x))]  # `y = y.cuda()`
    ways = {way_of(x, f) for x in made or [a.expr]}
    return ways.pop() if len(ways) == 1 else 0
