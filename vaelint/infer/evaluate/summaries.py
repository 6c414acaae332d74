"""Summaries: a call that finds all as another one found it is not followed again; what that one did is done again.

A summary is of one function and the values of its parameters. It knows what else the call asked (of the attributes of
objects, of what is remembered of the file) and holds only where that is answered as it was then. It has what was
returned and what was observed, with contexts relative to the call: the calls that lead to it now are put before them.
A call within which something was changed that outlives it, an object was made has none.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Set
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from vaelint import ir
from vaelint.evidence import Context
from vaelint.infer.journal import Action, Journal, Observed, Recording
from vaelint.infer.values import (
    Applied,
    Bound,
    Choice,
    Class,
    Frame,
    Function,
    Gradient,
    GradientFunction,
    Instance,
    Literal,
    Made,
    Mapping,
    Method,
    Number,
    Quantity,
    Sequence,
    Term,
    Text,
    Value,
)
from vaelint.records import replace

MAX_DEPTH = 24  # calls of the project's functions inside each other
MOST_OF_ONE = 6  # summaries of a function for arguments that look alike
MOST_CONTEXTS = 4  # in which one event is told of again: the number of ways to a place may be a power of their length
FEW = 128  # events of a call that are told of one by one, however often
NOTES = 16  # answers and actions that are gone through at the cost of a step


class Found(NamedTuple):
    """What a call finds: what its parameters hold, and how that was written; ``standing``: what it is made within."""

    owner: Class | None
    parameters: dict[str, Value]
    given: dict[str, ir.Expr]
    standing: tuple[int, ...]


class Happened(NamedTuple):
    """An event, with the calls by which it was reached from the call that is summarised."""

    observed: Observed
    context: Context
    inside: bool  # its site lies inside the call


@dataclass(frozen=True, slots=True)
class Summary:
    """What a call did. ``found``: what it found, by which another one is known for the same."""

    found: Found
    returned: list[tuple[Value, int]]  # the values that its body returned, and where
    answers: dict[tuple[Callable[[Any], object], Hashable], object]
    actions: dict[Action, int]
    wanted: frozenset[int]
    running: frozenset[int]  # of the functions that it wanted, those that were running around it
    called: Set[int]
    happened: tuple[Happened, ...]
    discarded: int | None  # the expression that was left as the last one that stands for itself
    above: int  # calls inside each other, this one included
    at: int | None  # it holds only with so many calls around it: one inside was one too many
    budget: int | None  # it holds only for who has no more for what it calls: something was left out


class Machine(Protocol):
    """What summaries are asked by."""

    journal: Journal
    stack: list[int]
    route: list[tuple[int, int]]
    called: set[int]
    site: int
    discarded: int
    steps: int
    floor: int

    def run(self, block: ir.Block, f: Frame) -> None: ...
    def spend(self, steps: int) -> None: ...
    def observe(self, seen: Observed) -> None: ...
    def leave_out(self) -> None: ...


class Summaries:
    """Those of the calls within one file's analysis."""

    def __init__(self) -> None:
        self._known: dict[Hashable, list[Summary]] = {}
        self.apart = 0  # values that are being looked up, once for all: what is asked meanwhile is not known yet

    def body(self, it: Machine, fn: Function, frame: Frame) -> None:
        """Run the body of a function that has been entered, or do what it did the last time."""
        assert isinstance(fn.body, tuple)
        it.journal.runs(frame, fn.node, len(it.stack))
        if self.apart or len(it.stack) < 2 or frame.parent is not frame.module.frame:
            it.journal.followed += 1
            it.run(fn.body, frame)
            return
        standing = tuple(ask() for ask in it.journal.standing)
        found = Found(fn.owner, dict(frame.vars), dict(frame.given), standing)
        known = self._known.setdefault((fn.node, *map(_looks, frame.vars.values())), [])
        summary = next((s for s in known if _is_of(s, found) and _holds(s, it)), None)
        if summary is not None:
            it.journal.replayed += 1
            _replay(summary, it, frame)
            return
        it.journal.followed += 1
        recording = Recording(frame, len(it.stack) - 1, it.site, it.discarded, budget=it.steps - it.floor)
        it.journal.begin(recording)
        try:
            it.run(fn.body, frame)
        except BaseException:
            it.journal.changed()
            raise
        finally:
            it.journal.end()
        if recording.holds:
            known.append(_summary(it, found, frame, recording))
            del known[:-MOST_OF_ONE]


# --- making one ----------------------------------------------------------------------------------


def _summary(it: Machine, found: Found, frame: Frame, done: Recording) -> Summary:
    happened = (Happened(o, o.event.context[done.depth + 1 :], o.site != done.site) for o in _fewer(done.observed))
    return Summary(
        found,
        frame.returned,
        done.answers,
        done.actions,
        frozenset(done.wanted),
        frozenset(done.wanted).intersection(it.stack[: done.depth]),
        done.called,
        tuple(happened),
        it.discarded if it.discarded != done.discarded else None,
        max(done.deepest - done.depth, 1),
        done.depth if done.limited else None,
        done.budget if done.short else None,
    )


def _fewer(observed: list[Observed]) -> Iterator[Observed]:
    """All events; of each of very many the first contexts."""
    times: dict[int, int] = {}
    for o in observed:
        times[o.first] = times.get(o.first, 0) + 1
        if len(observed) <= FEW or times[o.first] <= MOST_CONTEXTS:
            yield o


# --- whether it is the same call -----------------------------------------------------------------


def _is_of(summary: Summary, found: Found) -> bool:
    then = summary.found
    return (
        then.standing == found.standing
        and then.owner == found.owner
        and len(then.given) == len(found.given)
        and all(then.given.get(name) is e for name, e in found.given.items())
        and _all_same(then.parameters, found.parameters)
    )


def _holds(summary: Summary, it: Machine) -> bool:
    """Whether all that the call asked would be answered as it was."""
    around = len(it.stack) - 1
    if (
        summary.at not in (None, around)
        or (summary.budget is not None and summary.budget < it.steps - it.floor)
        or around + summary.above > MAX_DEPTH
        or summary.wanted.intersection(it.stack[:around]) != summary.running
    ):
        return False
    return all(same(question(key), answer) for (question, key), answer in summary.answers.items())


def _looks(v: Value) -> object:
    """A value at a glance: values that are the same look the same."""
    match v:
        case Quantity(key=key, origin=origin):
            return key, origin
        case Instance(oid=oid):
            return oid
        case Number() | Text():
            return v
        case Function(node=node):
            return node
        case Made(node=node):
            return node
        case _:
            return type(v)


def same(a: object, b: object) -> bool:
    """Whether two values are the same in all that they have, also where that does not make them unequal."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    asks = _SAME.get(type(a))
    return a == b if asks is None else asks(a, b)


# Kinds that have more to them than what makes them equal.
_SAME: dict[type, Callable[[Any, Any], bool]] = {
    dict: lambda a, b: _all_same(a, b),
    tuple: lambda a, b: len(a) == len(b) and all(map(same, a, b)),
    Quantity: lambda a, b: a == b and _same_terms(a, b),
    Literal: lambda a, b: type(a.value) is type(b.value) and a == b,
    Sequence: lambda a, b: same(a.items, b.items) and same(a.rest, b.rest),
    Mapping: lambda a, b: _all_same(a.items, b.items) and same(a.rest, b.rest),
    Choice: lambda a, b: a.overrides == b.overrides and same(a.values, b.values),
    Function: lambda a, b: a == b and a.closure is b.closure and a.owner == b.owner,
    Bound: lambda a, b: same(a.function, b.function) and same(a.args, b.args) and _all_same(a.kwargs, b.kwargs),
    Method: lambda a, b: a.name == b.name and a.at is b.at and same(a.receiver, b.receiver),
    Gradient: lambda a, b: a == b and same(a.objective, b.objective) and same(a.others, b.others),
    GradientFunction: lambda a, b: a == b and same(a.function, b.function),
    Applied: lambda a, b: a == b and same(a.of, b.of),
}


def _all_same(a: dict[str, Value], b: dict[str, Value]) -> bool:
    return len(a) == len(b) and all(k == j and same(x, y) for (k, x), (j, y) in zip(a.items(), b.items()))


def _same_terms(a: Quantity, b: Quantity) -> bool:
    return all(t is u or _same_term(t, u) for t, u in zip(a.terms, b.terms)) and all(map(same, a.ways, b.ways))


def _same_term(t: Term, u: Term) -> bool:
    given = (None if x.source is None else x.source.given for x in (t, u))
    return t.head == u.head and t.over == u.over and next(given) == next(given)


# --- doing it again ------------------------------------------------------------------------------


def _replay(summary: Summary, it: Machine, frame: Frame) -> None:
    it.spend(1 + len(summary.happened) + (len(summary.actions) + len(summary.answers)) // NOTES)
    frame.returned = list(summary.returned)
    it.called |= summary.called
    if summary.discarded is not None:
        it.discarded = summary.discarded
    route = tuple(it.route)
    for observed, context, inside in summary.happened:
        event = replace(observed.event, context=route + context)
        again = observed._replace(event=event, site=observed.site if inside else it.site)
        it.observe(again)
    for action, times in summary.actions.items():
        it.journal.does(action, times)
    for (question, key), answer in summary.answers.items():
        it.journal.asked(question, key, answer)
    it.journal.stands_for(summary.wanted, summary.called, len(it.stack) - 1 + summary.above)
    if summary.at is not None:
        it.journal.limited()
    if summary.budget is not None:
        it.leave_out()
