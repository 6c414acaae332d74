"""Margins of improvement: a value that is worse than the best so far, if by little, takes its place.

``if score > best - delta: best = score`` lets the best drift down by ``delta`` a time. A margin asks for more than
the best, not for less; a tolerance leaves the best as it is, and only counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vaelint import ir
from vaelint.evidence import BY_STRUCTURE
from vaelint.infer.events import Misstated
from vaelint.infer.expression import bound_in, compared, last, leading, name, negated_in, number, same, walk
from vaelint.infer.seen import BranchReached, TargetReached, View, observes
from vaelint.infer.values import Frame, Number, Quantity
from vaelint.knowledge.vocabulary import Words
from vaelint.ways import going

_MARGIN = Words("margin_of_improvement")
_BEST, _LAST = Words("kept_as_best"), Words("last_value")
_WAITS = Words("waits")
_COUNTED = Words("counted")  # never below zero, as a rule
_BETTER = Words("better")


class Asked(NamedTuple):
    """``candidate < best + slack``: 1 where the smaller is kept, -1 where the larger is; ``slack`` with its sign."""

    way: int
    best: ir.Expr
    candidate: ir.Expr
    slack: int
    margin: ir.Expr
    whole: ir.Compare


@observes(BranchReached)
def branch(view: View, seen: BranchReached) -> None:
    """``if score < best - delta: wait`` / ``else: best = score``, and the like."""
    s, f = seen.stmt, seen.scope
    if not isinstance(s.test, ir.Compare):
        return
    for block, turned in ((s.body, False), (s.orelse, True)):
        for asked in _asked(s.test, turned):
            if not any(_keeps(x, asked.best, asked.candidate) for x in block) or not _is_record(asked.best, block):
                continue
            if asked.way * asked.slack > 0 and not _is_negative(view, asked.margin, f):
                _tell(view, asked)
                return


@observes(TargetReached)
def assigned(view: View, seen: TargetReached) -> None:
    """``self.is_better = lambda score, best: score >= best - delta``."""
    target, e, f = seen
    if not isinstance(e, ir.Lambda) or not isinstance(e.body, ir.Compare) or not _BETTER.of(last(target)):
        return
    for asked in _asked(e.body, False):
        best, candidate = (_BEST.of(name(x)) or _LAST.of(name(x)) for x in (asked.best, asked.candidate))
        if best and not candidate:
            if asked.way * asked.slack > 0 and not _is_negative(view, asked.margin, f):
                _tell(view, asked)


def _tell(view: View, asked: Asked) -> None:
    best, candidate, margin = (ir.render(x, 40) for x in (asked.best, asked.candidate, asked.margin))
    worse = going(asked.way).than
    view.emit(
        Misstated(
            asked.whole.id,
            asked.whole.id,
            f"a `{candidate}` that is {worse} than `{best}`, by less than `{margin}`, counts as better and replaces it",
            f"flip the sign of `{margin}`",
            "an improvement has to be larger than its margin",
            "VL502",
            value=BY_STRUCTURE,
        )
    )


def _asked(c: ir.Compare, turned: bool) -> Iterator[Asked]:
    """Both readings of a comparison whose one side has a margin."""
    sides = compared(c)
    if sides is None:
        return
    (lesser, greater), less = sides, -1 if turned else 1
    for candidate, best, way in ((lesser, greater, less), (greater, lesser, -less)):
        found = _margin(best)
        if found is not None:
            yield Asked(way, found[0], candidate, found[1], found[2], c)
        found = _margin(candidate)
        if found is not None:
            yield Asked(way, best, found[0], -found[1], found[2], c)


def _margin(e: ir.Expr) -> tuple[ir.Expr, int, ir.Expr] | None:
    """``best - delta`` → best, -1, delta; ``loss * (1 + threshold)`` of what is never below zero."""
    match e:
        case ir.Binary(op="+" | "-" as op, left=a, right=m) if _is_margin(m):
            return a, 1 if op == "+" else -1, m
        case ir.Binary(op="*", left=a, right=ir.Binary(op="+" | "-" as op, left=one, right=m)) if (
            number(one) == 1 and _is_margin(m) and _COUNTED.of(name(a))
        ):
            return a, 1 if op == "+" else -1, m
    return None


def _is_margin(e: ir.Expr) -> bool:
    return isinstance(e, (ir.Name, ir.Attr)) and _MARGIN.of(name(e))


def _keeps(s: ir.Stmt, best: ir.Expr, candidate: ir.Expr) -> bool:
    return isinstance(s, ir.Assign) and same(s.value, candidate) and any(same(t, best) for t in s.targets)


def _is_record(best: ir.Expr, block: ir.Block) -> bool:
    """A best so far by its name; what was last only where something waits for an improvement."""
    if _BEST.of(name(best)):
        return True
    started = [t for s in block if isinstance(s, ir.Assign) and s.value is not None for t in s.targets if _zero(s)]
    return _LAST.of(name(best)) and _WAITS.within(*started)


def _zero(s: ir.Assign) -> bool:
    return isinstance(s.value, ir.Const) and s.value.value == 0


def _is_negative(view: View, margin: ir.Expr, f: Frame) -> bool:
    """Whether a margin is, or may be, kept as its negation (`min_delta *= -1` for what is to fall)."""
    value = view.value(margin, f)
    if isinstance(value, Number):
        return value.value < 0
    if isinstance(value, Quantity) and any(t.sign < 0 for t in value.terms):
        return True
    word = name(margin)
    return any(_is_turned(found.code, word) for found in f.module.source.speaking_of(word))


def _is_turned(code: ir.Block, word: str) -> bool:
    """Whether a margin is scaled in place, bound to its own negation, or minus a magnitude is taken beside it.

    Or whether somebody gives a negative one by that name.
    """
    if any(isinstance(s, ir.AugAssign) and s.op == "*" and name(s.target) == word for s in walk(code)):
        return True
    if any(last(x.func) == "abs" for x in negated_in(code) if isinstance(x, ir.Call)):
        return True
    calls = (x for x in walk(code) if isinstance(x, ir.Call))
    if any(a.name == word and leading(a.value) < 0 for x in calls for a in x.args):
        return True
    bound = ((t, y) for t, x in bound_in(code) if name(t) == word for y in walk(x))
    return any(isinstance(y, ir.Unary) and y.op == "-" and word in ir.names_in(y) for _, y in bound)
