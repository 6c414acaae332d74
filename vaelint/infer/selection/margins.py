"""Margins of improvement: a value that is worse than the best so far, if by little, takes its place.

``if score > best - delta: best = score`` lets the best drift down by ``delta`` a time. A margin asks for more than
the best, not for less; a tolerance leaves the best as it is, and only counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from vaelint import ir
from vaelint.evidence import BY_STRUCTURE
from vaelint.infer.events import Misstated
from vaelint.infer.names import last
from vaelint.infer.seen import Binding, Branching, View, observes
from vaelint.infer.sums import LESS, name, number
from vaelint.infer.values import (
    Frame,
    Number,
    Quantity,
)
from vaelint.knowledge.lexicon import split

_MARGIN = re.compile(r"(?:^|_)(?:delta|margin|threshold|thresh|min_?improv\w*|improvement)$", re.I)
_BEST = frozenset(("best", "optimal", "incumbent"))
_LAST = frozenset(("old", "prev", "previous", "last"))
_WAITS = re.compile(r"patience|counter|wait|no_?improv|bad_?epochs|stale|stall", re.I)
_COUNTED = re.compile(r"loss|err(?:or)?(?:$|_)|rmse|mae|mse|acc(?:$|_|u)|f1|auc", re.I)  # never below zero, as a rule
_BETTER = re.compile(r"(?:^|_)(?:is_)?(?:better|improve[ds]?|improvement)$", re.I)


class Asked(NamedTuple):
    """``candidate < best + slack``: 1 where the smaller is kept, -1 where the larger is; ``slack`` with its sign."""

    way: int
    best: ir.Expr
    candidate: ir.Expr
    slack: int
    margin: ir.Expr
    whole: ir.Compare


@observes(Branching)
def branch(view: View, seen: Branching) -> None:
    """``if score < best - delta: wait`` / ``else: best = score``, and the like."""
    s, f = seen.stmt, seen.scope
    if not isinstance(s.test, ir.Compare):
        return
    for block, turned in ((s.body, False), (s.orelse, True)):
        for asked in _asked(s.test, turned):
            kept = ir.render(asked.best, 80)
            if not any(_keeps(x, kept, asked.candidate) for x in block) or not _is_record(asked.best, block):
                continue
            if asked.way * asked.slack > 0 and not _is_negative(view, asked.margin, f):
                _tell(view, asked)
                return


@observes(Binding)
def assigned(view: View, seen: Binding) -> None:
    """``self.is_better = lambda score, best: score >= best - delta``."""
    target, e, f = seen
    if not isinstance(e, ir.Lambda) or not isinstance(e.body, ir.Compare) or not _BETTER.search(last(target)):
        return
    for asked in _asked(e.body, False):
        known = _BEST | _LAST
        if known & {*split(name(asked.best))} and not known & {*split(name(asked.candidate))}:
            if asked.way * asked.slack > 0 and not _is_negative(view, asked.margin, f):
                _tell(view, asked)


def _tell(view: View, asked: Asked) -> None:
    best, candidate, margin = (ir.render(x, 40) for x in (asked.best, asked.candidate, asked.margin))
    worse = "larger" if asked.way > 0 else "smaller"
    view.emit(
        Misstated(
            asked.whole.id,
            asked.whole.id,
            f"a `{candidate}` that is {worse} than `{best}`, by less than `{margin}`, counts as better and replaces it",
            f"turn the sign of `{margin}`",
            "an improvement has to be larger than its margin",
            "VL502",
            value=BY_STRUCTURE,
        )
    )


def _asked(c: ir.Compare, turned: bool) -> Iterator[Asked]:
    """Both readings of a comparison whose one side has a margin."""
    if len(c.rest) != 1 or c.rest[0][0] not in LESS:
        return
    less = LESS[c.rest[0][0]] * (-1 if turned else 1)
    for candidate, best, way in ((c.left, c.rest[0][1], less), (c.rest[0][1], c.left, -less)):
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
            number(one) == 1 and _is_margin(m) and _COUNTED.search(name(a))
        ):
            return a, 1 if op == "+" else -1, m
    return None


def _is_margin(e: ir.Expr) -> bool:
    return isinstance(e, (ir.Name, ir.Attr)) and _MARGIN.search(name(e)) is not None


def _keeps(s: ir.Stmt, best: str, candidate: ir.Expr) -> bool:
    text = ir.render(candidate, 80)
    return (
        isinstance(s, ir.Assign)
        and s.value is not None
        and ir.render(s.value, 80) == text
        and any(ir.render(t, 80) == best for t in s.targets)
    )


def _is_record(best: ir.Expr, block: ir.Block) -> bool:
    """A best so far by its name; what was last only where something waits for an improvement."""
    words = {*split(name(best))}
    if words & _BEST:
        return True
    started = [t for s in block if isinstance(s, ir.Assign) and s.value is not None for t in s.targets if _zero(s)]
    return bool(words & _LAST) and any(_WAITS.search(ir.render(t, 80)) for t in started)


def _zero(s: ir.Assign) -> bool:
    return isinstance(s.value, ir.Const) and s.value.value == 0


def _is_negative(view: View, margin: ir.Expr, f: Frame) -> bool:
    """Whether a margin is, or may be, kept as its negation (`min_delta *= -1` for what is to fall)."""
    value = view.value(margin, f)
    if isinstance(value, Number):
        return value.value < 0
    if isinstance(value, Quantity) and any(t.sign < 0 for t in value.terms):
        return True
    text, word = f.module.source.text, re.escape(name(margin))
    return re.search(rf"{word}\s*\*=|{word}\s*=[^=\n]*-\s*(?:abs\(|self\.)?\w*{word}|-\s*abs\(", text) is not None
