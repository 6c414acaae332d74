"""Both ways of a selection written beside each other, each behind the setting that asks for it.

``if mode == "min": best = inf`` / ``else: best = -inf``: what a branch is for is said in its test, so that no name of a
metric is needed. Of a minimum the smaller is better, and the record starts above everything.
"""

from __future__ import annotations

from collections.abc import Iterator

from vaelint import ir
from vaelint.evidence import BY_STRUCTURE
from vaelint.infer.events import Misstated
from vaelint.infer.expression import calls_of, compared, last, name
from vaelint.infer.seen import BranchReached, TargetReached, ValueReturned, View, observes
from vaelint.infer.selection.choices import Choices, way_of, way_of_flag
from vaelint.infer.values import Frame, start_of
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Direction
from vaelint.ways import WAYS

UP, DOWN = Direction.MAXIMIZE, Direction.MINIMIZE
_SETTING = Words("mode")
_COMPARES = {"greater": UP, "gt": UP, "greater_equal": UP, "ge": UP, "less": DOWN, "lt": DOWN, "less_equal": DOWN,
             "le": DOWN}  # fmt: skip
_RECORD = Words("record")
_BEST = Words("best")
_OPERATION = Words("operation")
_ASKS = Words("asks_better")
_NOT = Words("not_better")


@observes(BranchReached)
def branch(view: View, seen: BranchReached) -> None:
    """What each branch of a setting keeps, and what it starts from."""
    s, after, f = seen
    _worded(view, s, f)
    way = _asked(s.test)
    if way is None or view.memory(Choices).is_settled(s.test.id):
        return
    for block, wanted in ((s.body, way), (_other(s, after, way), -way)):
        for e in _wrong(view, block, wanted, f):
            _tell(view, e, wanted, s)
            view.memory(Choices).settle({x.test.id for x in s.orelse if isinstance(x, ir.If)})  # one mistake
            return


@observes(TargetReached)
def assigned(view: View, seen: TargetReached) -> None:
    """``best = inf if mode == "min" else -inf``, ``better = a < best if mode == "min" else a > best``."""
    if isinstance(seen.target, (ir.Name, ir.Attr)):
        _either(view, name(seen.target), seen.e, seen.scope)


@observes(ValueReturned)
def returned(view: View, seen: ValueReturned) -> None:
    """What ``is_better`` answers by a setting."""
    _either(view, seen.scope.name, seen.e, seen.scope)


def _either(view: View, held: str, e: ir.Expr, f: Frame) -> None:
    if isinstance(e, ir.IfExp):
        way = _asked(e.test)
        for x, wanted in ((e.body, way), (e.orelse, -way)) if way is not None else ():
            found = _says(view, held, x, f)
            if found is not None and found is not wanted:
                _tell(view, x, wanted, e)
                return
    elif isinstance(e, ir.BoolOp) and _answers(held):
        _joined(view, e, f)


def _worded(view: View, s: ir.If, f: Frame) -> None:
    """``if mode == "min" and score < best or …: best = score``."""
    kept = [t for x in s.body if isinstance(x, ir.Assign) for t in x.targets]
    if isinstance(s.test, ir.BoolOp) and any(_RECORD.of(last(t)) for t in kept):
        _joined(view, s.test, f)


def _joined(view: View, e: ir.BoolOp, f: Frame) -> None:
    pairs = [e] if e.op == "and" else [x for x in (e.left, e.right) if isinstance(x, ir.BoolOp) and x.op == "and"]
    for pair in pairs:
        way = _asked(pair.left)
        found = _compared(pair.right) if way is not None else None
        if way is not None and found is not None and found is not way:
            _tell(view, pair.right, way, e)
            return


def _asked(test: ir.Expr) -> Direction | None:
    """Which way a branch is for: ``mode == "min"``, ``maximize``, ``not higher_is_better``."""
    match test:
        case ir.Unary(op="not", operand=x):
            way = _asked(x)
            return -way if way is not None else None
        case ir.Name(name=n) | ir.Attr(name=n):
            return way_of_flag(n)
        case ir.Compare(left=left, rest=(("==" | "is", ir.Const(value=str(word))),)) if _SETTING.of(name(left)):
            return way_of(word)
        case ir.Compare(left=left, rest=(("!=", ir.Const(value=str(word))),)) if _SETTING.of(name(left)):
            way = way_of(word)
            return -way if way is not None else None
        case ir.Compare(left=left, rest=(("in", (ir.Tuple(items=xs) | ir.List(items=xs) | ir.Set(items=xs))),)) if (
            _SETTING.of(name(left))
        ):
            ways = {way_of(x.value) if isinstance(x, ir.Const) and isinstance(x.value, str) else None for x in xs}
            return ways.pop() if len(ways) == 1 else None
    return None


def _other(s: ir.If, after: ir.Block, way: Direction) -> ir.Block:
    """The branch of the other way: an ``else``, an ``elif`` that asks for it, what follows a branch that returns."""
    if len(s.orelse) == 1 and isinstance(s.orelse[0], ir.If):
        inner = s.orelse[0]
        return inner.body if _asked(inner.test) is -way else ()
    if s.orelse:
        return s.orelse
    return after if s.body and isinstance(s.body[-1], ir.Return) else ()


def _wrong(view: View, block: ir.Block, wanted: Direction, f: Frame) -> Iterator[ir.Expr]:
    for s in block:
        match s:
            case ir.Assign(targets=(ir.Name() | ir.Attr() as target,), value=e) if e is not None:
                found = _says(view, name(target), e, f)
                if found is not None and found is not wanted:
                    yield e
            case ir.Return(value=ir.Compare() as e):
                found = _says(view, f.name, e, f)
                if found is not None and found is not wanted:
                    yield e
                return  # nothing behind it is of this way


def _says(view: View, held: str, e: ir.Expr, f: Frame) -> Direction | None:
    """Which way a start, a comparison or the operator of one is for; None where that is not in sight."""
    if _RECORD.of(held):
        start = start_of(view.value(e, f))
        return {float("inf"): DOWN, float("-inf"): UP}.get(start) if start is not None else None
    if isinstance(e, ir.Compare):
        return _compared(e) if _answers(held) else None
    if not _OPERATION.of(held) or _NOT.of(held):
        return None
    if isinstance(e, ir.Lambda) and isinstance(e.body, ir.Compare):
        return _compared(e.body)
    if isinstance(e, (ir.Attr, ir.Name)) and last(e) in _COMPARES:
        first = _record_is_first(held, f)
        way = _COMPARES[last(e)]
        return None if first is None else -way if first else way
    return None


def _answers(held: str) -> bool:
    return _ASKS.of(held) and not _NOT.of(held)


def _record_is_first(held: str, f: Frame) -> bool | None:
    """Where an operator is given the record: ``self.monitor_op(current, self.best)``; None where that is not seen."""
    calls = [x for found in f.module.source.speaking_of(held) for x in calls_of(found.code, held)]
    places = {(_BEST.within(x.args[0].value), _BEST.within(x.args[1].value)) for x in calls if len(x.args) == 2}
    return {(True, False): True, (False, True): False}.get(places.pop()) if len(places) == 1 else None


def _compared(e: ir.Expr) -> Direction | None:
    """Which of two a comparison with a record prefers."""
    sides = compared(e)
    if sides is None:
        return None
    lesser, greater = map(_is_record, sides)
    return None if lesser is greater else UP if lesser else DOWN


def _is_record(e: ir.Expr) -> bool:
    """A record, with its margin or without: ``self.best - self.min_delta``."""
    while isinstance(e, ir.Binary) and e.op in ("+", "-", "*"):
        e = e.left
    return _RECORD.of(name(e))


def _tell(view: View, e: ir.Expr, wanted: Direction, whole: ir.Node) -> None:
    way = WAYS[wanted]
    text = ir.render(e, 40)
    if isinstance(e, (ir.Compare, ir.Lambda)) or last(e) in _COMPARES:
        message, edit = (
            f"`{text}` keeps the wrong one of two: a {way.extreme} is looked for here",
            "reverse the comparison",
        )
    else:
        message, edit = (
            f"nothing is ever {way.than} than `{text}`, from which the search for a {way.extreme} starts",
            f"start from {'+' if wanted is DOWN else ''}{way.start}",
        )
    law = f"this is where a {way.extreme} is asked for"
    edit = f"{edit}, or swap what the two settings do"
    view.emit(Misstated(e.id, whole.id, message, edit, law, "VL502", BY_STRUCTURE))
