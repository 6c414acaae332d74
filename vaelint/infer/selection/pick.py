"""The best of several picked at once: ``argmax``, ``sorted(...)[0]``, ``min(models, key=...)``."""

from __future__ import annotations

from typing import NamedTuple

from vaelint import ir
from vaelint.infer.arguments import Arguments
from vaelint.infer.events import Reading
from vaelint.infer.expression import bound, bound_in, calls_of, last, same, walk
from vaelint.infer.seen import View
from vaelint.infer.selection import likeness, metric
from vaelint.infer.values import Frame, Library, Mapping, Quantity, Sequence, Text, Value, undirected
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Direction

UP, DOWN = Direction.MAXIMIZE, Direction.MINIMIZE


class Picked(NamedTuple):
    """Which way it is picked, what is known of what it is picked by, where, and what a message calls that.

    ``terms``: of what it is picked by, where each was made, and its sign.
    """

    way: Direction
    said: Reading | None
    node: int
    label: ir.Written
    terms: frozenset[tuple[int, int]] = frozenset()


_INDEX = {
    "argmax": UP, "nanargmax": UP, "idxmax": UP, "argmin": DOWN, "nanargmin": DOWN, "idxmin": DOWN,
}  # fmt: skip
_EXTREME = {"max": UP, "amax": UP, "nanmax": UP, "min": DOWN, "amin": DOWN, "nanmin": DOWN}
OF_TWO = {"max": UP, "maximum": UP, "min": DOWN, "minimum": DOWN}
_ONE = ir.Const(-1, 1)
_SEVERAL = {"nlargest": UP, "nsmallest": DOWN}
_CONVERT = frozenset(
    ("int", "item", "float", "deepcopy", "copy", "list", "tuple", "tolist", "numpy", "cpu", "next", "iter")
)
_BEST = Words("picked_as_best")


def names_best(e: ir.Expr) -> bool:
    """Whether an expression itself says that it takes the best (``order[:n_best]``, ``order[-n_best:]``)."""
    cut = e.index if isinstance(e, ir.Subscript) else None
    return isinstance(cut, ir.Slice) and _end(cut) is not None and _BEST.within(cut)


def of(view: View, e: ir.Expr, f: Frame, depth: int = 0) -> Picked | None:
    """What an expression picks, and by what; None where that is not known."""
    if depth > 4:
        return None
    match e:
        case ir.Subscript(base=base, index=index):
            return (
                _ranked(view, base, index, f, names_best(e))
                or of(view, index, f, depth + 1)
                or of(view, base, f, depth + 1)
            )
        case ir.Attr(base=base) if not isinstance(base, (ir.Name, ir.Attr)):
            return of(view, base, f, depth + 1)
        case ir.Call():
            return _called(view, e, f, depth)
        case ir.Comp(kind="list" | "generator", loops=(loop,)) if not loop.tests:
            return of(view, loop.iter, f, depth + 1)  # what is taken for each of those that were picked
        case ir.Name():
            written = f.behind(e)
            return of(view, written, f, depth + 1) if written is not e else None
    return None


def _called(view: View, e: ir.Call, f: Frame, depth: int) -> Picked | None:
    name = last(e.func)
    if name == "index" and len(e.args) == 1:
        return of(view, e.args[0].value, f, depth + 1)
    if name in _CONVERT:
        inner = e.args[0].value if e.args else e.func.base if isinstance(e.func, ir.Attr) else None
        return of(view, inner, f, depth + 1) if inner is not None else None
    if name in ("head", "tail") and isinstance(e.func, ir.Attr):
        return _ranked(view, e.func.base, ir.Const(e.id, 0) if name == "head" else ir.Unary(e.id, "-", _ONE), f)
    way = _INDEX.get(name) or _EXTREME.get(name) or _SEVERAL.get(name) or _topk(name, e)
    if way is None:
        return None
    given = [a.value for a in e.args if a.name is None and a.star == ""]
    operand = given[-1] if name in _SEVERAL and given else given[0] if given else None
    if isinstance(e.func, ir.Attr) and not _is_module(view, e.func.base, f):
        operand = e.func.base  # a method: `losses.argmin()`
    if operand is None or (name in _EXTREME and len(given) > 1):
        return None
    return _by(view, way, operand, _named(e, "key"), e.id, f)


def _topk(name: str, e: ir.Call) -> Direction | None:
    largest = _named(e, "largest")
    if name != "topk" or not (largest is None or isinstance(largest, ir.Const)):
        return None
    return DOWN if isinstance(largest, ir.Const) and not largest.value else UP


def _is_module(view: View, e: ir.Expr, f: Frame) -> bool:
    return isinstance(view.value(e, f), Library)


def _named(e: ir.Call, name: str) -> ir.Expr | None:
    return next((a.value for a in e.args if a.name == name), None)


def _by(
    view: View, way: Direction, operand: ir.Expr, key: ir.Expr | None, node: int, f: Frame, top: bool = False
) -> Picked | None:
    """The reading of the operand, or of what the key takes of each. ``top``: it is the top of a ranking by its name."""
    if key is None:
        value = view.value(operand, f)
        said = metric.reading(view, operand, value)
        if said is None and top:
            said = likeness.reading(operand, value, f)
        return _picked(way, said, node, ir.render(operand, 50), value)
    if isinstance(key, ir.Lambda):
        element = _element(view, view.value(operand, f), operand)
        value = view.call(view.value(key, f), Arguments.of([element], key), key, f)
        return _picked(way, metric.reading(view, key.body, value), node, ir.render(key.body, 50), value)
    if isinstance(key, ir.Call) and last(key.func) in ("itemgetter", "attrgetter") and key.args:
        first = key.args[0].value  # the others decide between what is equal
        if isinstance(first, ir.Const) and isinstance(first.value, str):
            return _picked(way, metric.by_name(view, first.value), node, ir.called(first.value), Text(first.value))
    if isinstance(key, ir.Attr) and key.name in ("get", "__getitem__"):
        value = view.value(key.base, f)
        return _picked(way, metric.reading(view, key.base, value), node, ir.render(key.base, 50), value)
    return None


def _picked(way: Direction, said: Reading | None, node: int, label: ir.Written, value: Value) -> Picked | None:
    terms = made_of(value)
    return Picked(way, said, node, label, terms) if said is not None or terms else None


def made_of(value: Value) -> frozenset[tuple[int, int]]:
    """Of a number, or of each of several that are alike: where its terms were made, with their signs."""
    match value:
        case Quantity(terms=terms):
            return frozenset((t.made, t.sign) for t in terms)
        case Sequence(items=items, rest=rest):
            parts = {made_of(x) for x in (*items, *([rest] if rest is not None else ()))}
            return parts.pop() if len(parts) == 1 else frozenset()
    return frozenset()


def _element(view: View, value: Value, e: ir.Expr) -> Value:
    return undirected("a key", e.id) if isinstance(value, Mapping) else view.element(value, e)


# --- rankings ------------------------------------------------------------------------------------


def _ranked(view: View, base: ir.Expr, index: ir.Expr, f: Frame, top: bool = False) -> Picked | None:
    """``sorted(xs)[0]``, ``np.argsort(xs)[:k]``, ``df.sort_values("loss").iloc[0]``: the first or last of a ranking."""
    first = _end(index)
    if first is None:
        return None
    if isinstance(base, ir.Attr) and base.name in ("iloc", "index", "values", "indices"):
        base = base.base
    ascending, base = True, bound(base, f)
    while isinstance(base, ir.Subscript) and _is_reversal(base.index):
        base, ascending = bound(base.base, f), not ascending
    if isinstance(base, (ir.Name, ir.Attr)):
        base = _sorted_in_place(view, base, index.id) or base
    if not isinstance(base, ir.Call):
        return None
    name = last(base.func)
    turned = _named(base, "reverse") or _named(base, "descending")
    if turned is not None:
        if not isinstance(turned, ir.Const):
            return None
        ascending = ascending is not bool(turned.value)
    given = [a.value for a in base.args if a.name is None and a.star == ""]
    way = DOWN if first is ascending else UP
    if name == "sort_values":
        return _column(view, base, given, way)
    if name not in ("sorted", "argsort", "sort"):
        return None
    if isinstance(base.func, ir.Attr) and not _is_module(view, base.func.base, f):
        given = [base.func.base]
    return _by(view, way, given[0], _named(base, "key"), base.id, f, top) if given else None


_REORDERS = ("sort", "reverse", "append", "insert", "extend", "shuffle")


def _reordering(code: ir.Block) -> tuple[ir.Call, ...]:
    """The calls of methods that change the order of a list."""
    return tuple(x for name in _REORDERS for x in calls_of(code, name))


def _sorted_in_place(view: View, e: ir.Expr, node: int) -> ir.Call | None:
    """``runs.sort(key=loss)`` before ``runs[0]``, if that is all that is done to the order of ``runs``."""
    if view.home is None or not view.home.holds(node):
        return None
    around = view.around(node)
    own = [x for x in around.once(_reordering) if isinstance(x.func, ir.Attr) and same(x.func.base, e)]
    sorts = [x for x in own if last(x.func) == "sort" and x.id < node]
    if len(sorts) != 1 or any(sorts[0].id < x.id < node or last(x.func) == "reverse" for x in own):
        return None
    if sum(same(t, e) for t, _ in bound_in(around.code)) > 1:
        return None
    return None if _is_chosen(sorts[0].id, node, around.code) else sorts[0]


def _is_chosen(made: int, node: int, code: ir.Block) -> bool:
    """Whether what is made in a branch is looked at behind it, where another order may hold as well."""
    branches = ({x.id for x in walk(s)} for s in walk(code) if isinstance(s, ir.If))
    return any(made in within and node not in within for within in branches)


def _column(view: View, e: ir.Call, given: list[ir.Expr], way: Direction) -> Picked | None:
    by, order = _named(e, "by") or (given[0] if given else None), _named(e, "ascending")
    if isinstance(by, ir.List) and by.items:
        by, order = by.items[0], order.items[0] if isinstance(order, ir.List) and order.items else order
    if not isinstance(by, ir.Const) or not isinstance(by.value, str):
        return None
    if order is not None:
        if not isinstance(order, ir.Const):
            return None
        way = way if order.value else -way
    said = metric.reading(view, None, Text(by.value))
    return Picked(way, said, e.id, ir.called(by.value)) if said is not None else None


def _end(index: ir.Expr) -> bool | None:
    """Whether an index takes the first (True) or the last of a ranking."""
    match index:
        case ir.Const(value=0):
            return True
        case ir.Unary(op="-", operand=ir.Const(value=1)):
            return False
        case ir.Slice(lower=None, upper=upper, step=None) if upper is not None and not isinstance(upper, ir.Unary):
            return True
        case ir.Slice(lower=ir.Unary(op="-"), upper=None, step=None):
            return False
    return None


def _is_reversal(index: ir.Expr) -> bool:
    match index:
        case ir.Slice(lower=None, upper=None, step=ir.Unary(op="-", operand=ir.Const(value=1))):
            return True
    return False
