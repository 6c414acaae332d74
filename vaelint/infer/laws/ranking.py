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
    if above is None or below is None or target is None:
        return
    way = _sign(view, target, f, e.id)
    if way < 0:
        above, below = below, above
    roles = _role(above, f), _role(below, f)
    if way == 0 or sorted(roles) != [-1, 1]:
        return
    far = [_is_far(a.value) for a in (above, below)]
    if all(far) and roles == (1, -1):
        _report(view, above, "a distance of positives", entry, target, e)
    elif not any(far) and roles == (-1, 1) and all(map(_is_near, (above, below))):
        _report(view, above, "a similarity of negatives", entry, target, e)


def _report(view: View, raised: Argument, what: str, entry: Entry, target: Argument, e: ir.Expr) -> None:
    name = entry.name.rpartition(".")[2]
    view.emit(
        Misstated(
            target.expr.id,
            e.id,
            f"`{name}` with the target `{ir.render(target.expr, 30)}` raises `{ir.render(raised.expr, 40)}`, {what}",
            "swap the first two arguments, or give the target the other sign",
            "a ranking loss with the target 1 puts its first argument above its second",
            "VL202",
            _BY_ROLES,
        )
    )


def _role(a: Argument, f: Frame) -> int:
    """1 for what is of positives by its name, -1 for negatives, 0 where that is not said."""
    ways = (a.expr, f.behind(a.expr))
    return _POSITIVE.within(*ways) - _NEGATIVE.within(*ways)


def _is_far(value: Value) -> bool:
    terms = value.terms if isinstance(value, Quantity) else ()
    return bool(terms) and all(t.meaning.kind in _FAR and t.value_sense is Sense.COST for t in terms)


def _is_near(a: Argument) -> bool:
    terms = a.value.terms if isinstance(a.value, Quantity) else ()
    return bool(terms) and all(t.meaning.kind == "similarity" and t.sign > 0 for t in terms)


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
