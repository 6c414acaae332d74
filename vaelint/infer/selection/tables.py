"""Tables of metrics: lists of those to maximise, and of which way each goes (``{"rmse": "min", "auc": "max"}``).

What a list is for is said by its name, or by what is chosen for those in it: ``less if metric in [...] else greater``.
"""

from __future__ import annotations

from collections.abc import Iterable

from vaelint import ir
from vaelint.infer.events import Monitored
from vaelint.infer.expression import last, same
from vaelint.infer.seen import BranchReached, TargetReached, View, observes
from vaelint.infer.selection import metric
from vaelint.infer.selection.choices import KEEPS, way_of, way_of_flag
from vaelint.infer.selection.inforce import operator_of
from vaelint.infer.values import Frame, start_of
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Direction

_UP = Words("raised_table")
_DOWN = Words("lowered_table")
FEWEST = 3  # entries that make a table


@observes(TargetReached)
def assigned(view: View, seen: TargetReached) -> None:
    """``HIGHER_IS_BETTER = ["auc", "rmse"]`` and ``DIRECTIONS = {"auc": "max", "rmse": "max"}``."""
    name, f = last(seen.target), seen.scope
    match seen.e:
        case ir.List(items=items) | ir.Tuple(items=items) | ir.Set(items=items) if len(items) >= FEWEST:
            up, down = _UP.of(name), _DOWN.of(name)
            if up is not down:
                _judge(view, [(e, e, Direction.MAXIMIZE if up else Direction.MINIMIZE) for e in items], name, f)
        case ir.Dict(items=entries) if len(entries) >= FEWEST:
            _judge(view, [(k, v, _way(v)) for k, v in entries if k is not None], name, f)

        case ir.IfExp(test=test, body=body, orelse=orelse):
            _chosen(view, name, test, body, orelse, f)
        case ir.Compare() | ir.Call():
            way = way_of_flag(name)
            if way is not None:
                _judge(view, [(x, x, way) for x in _listed(seen.e, f)], name, f)


@observes(BranchReached)
def branch(view: View, seen: BranchReached) -> None:
    """``if metric in ["mse", "r2"]: mode = "min"`` / ``else: mode = "max"``."""
    match seen.stmt:
        case ir.If(
            test=test,
            body=(ir.Assign(targets=(target,), value=body),),
            orelse=(ir.Assign(targets=(other,), value=orelse),),
        ) if body is not None and orelse is not None and same(target, other):
            _chosen(view, last(target), test, body, orelse, seen.scope)


def _chosen(view: View, name: str, test: ir.Expr, body: ir.Expr, orelse: ir.Expr, f: Frame) -> None:
    listed = _listed(test, f)
    way, other = (_arm(view, x, f) for x in (body, orelse)) if listed else (None, None)
    if way is not None and other is -way:
        _judge(view, [(x, x, way) for x in listed], name, f)


def _arm(view: View, e: ir.Expr, f: Frame) -> Direction | None:
    """Which way a mode, an operator or a start is for."""
    if isinstance(e, ir.Const) and isinstance(e.value, str):
        return way_of(e.value)
    value = view.value(e, f)
    compares = KEEPS.get(operator_of(value) or "")
    return compares or {float("inf"): Direction.MINIMIZE, float("-inf"): Direction.MAXIMIZE}.get(start_of(value) or 0)


def _listed(test: ir.Expr, f: Frame) -> tuple[ir.Expr, ...]:
    """The names that a test looks for, if they are enough: ``metric in [...]``, ``metric.endswith((...))``."""
    match test:
        case ir.Compare(rest=(("in", listed),)):
            pass
        case ir.Call(func=ir.Attr(name="startswith" | "endswith"), args=(ir.Arg(value=listed),)):
            pass
        case _:
            return ()
    listed = f.behind(listed)
    items = listed.items if isinstance(listed, (ir.List, ir.Tuple, ir.Set)) else ()
    return items if len(items) >= FEWEST else ()


def _way(e: ir.Expr) -> Direction | None:
    return way_of(e.value) if isinstance(e, ir.Const) and isinstance(e.value, str) else None


def _judge(view: View, entries: Iterable[tuple[ir.Expr, ir.Expr, Direction | None]], name: str, f: Frame) -> None:
    """Tell of the entries that go the wrong way, if most of those that are clear go the right way."""
    named = [(k.value, at, way) for k, at, way in entries if isinstance(k, ir.Const) and isinstance(k.value, str)]
    clear = [
        (text, said, at, way) for text, at, way in named if way and (said := metric.by_name(view, text)) is not None
    ]
    wrong = [x for x in clear if x[3].wants is not x[1].sense]
    if 2 * len(wrong) >= len(clear):
        return
    for text, said, at, d in wrong:
        edit = f"move `{text}` to the metrics that are {'maximised' if d is Direction.MINIMIZE else 'minimised'}"
        view.emit(Monitored(text, said, d, "", False, at.id, f"`{name}`", f"{name}[{text}]", edit))
