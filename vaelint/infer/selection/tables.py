"""Tables of metrics: lists of those to maximise, and of which way each goes (``{"rmse": "min", "auc": "max"}``)."""

from __future__ import annotations

from collections.abc import Iterable

from vaelint import ir
from vaelint.infer.events import Monitored
from vaelint.infer.expression import last
from vaelint.infer.seen import TargetReached, View, observes
from vaelint.infer.selection import metric
from vaelint.infer.selection.choices import way_of
from vaelint.infer.values import Frame
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
