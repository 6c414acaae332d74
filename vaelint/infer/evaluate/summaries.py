"""Summaries: a call that finds all as another one found it is not followed again; what that one did is done again.

A summary is of one function and the values of its parameters. It knows what else the call asked (of the attributes of
objects, of what is remembered of the file) and holds only where that is answered as it was then. It has what was
returned and what was observed, with contexts relative to the call: the calls that lead to it now are put before them.
Which objects it is does not matter (`vaelint.infer.evaluate.renaming`): what the call did to those it was passed is
done to those that stand for them now, and what objects it made are made again. A call within which something else was
changed that outlives it has none.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Set
from typing import Any, NamedTuple, Protocol

from vaelint import ir
from vaelint.evidence import Context
from vaelint.infer.arguments import Arguments
from vaelint.infer.evaluate.renaming import Renaming, leaves
from vaelint.infer.heap import Attributes, Heap, Layer
from vaelint.infer.journal import Action, Journal, Observed, Recording, attributes_of
from vaelint.infer.values import (
    NOWHERE,
    Class,
    Frame,
    Function,
    Instance,
    Made,
    Number,
    Quantity,
    Text,
    Value,
)
from vaelint.records import record, replace

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


class Deferred(NamedTuple):
    """An object whose ``__init__`` nobody has needed yet: what it is passed, and what ran where it was made."""

    args: Arguments | None
    stack: tuple[int, ...]
    route: Context
    site: int


class MadeObject(NamedTuple):
    """An object that a call has made, as the call leaves it; with ``stack`` and ``route`` relative to the call."""

    oid: int
    deferred: Deferred | None  # its ``site`` is `NOWHERE` where it is that of the call
    begun: Attributes | None  # as its ``__init__`` left it
    left: Attributes | None  # if it was changed since


@record(frozen=True, slots=True)
class Summary:
    """What a call did. ``found``: what it found, by which another one is known for the same."""

    found: Found
    returned: list[tuple[Value, int]]  # the values that its body returned, and where
    answers: dict[tuple[Callable[[Any], object], Hashable], object]
    actions: dict[Action, int]
    made: tuple[MadeObject, ...]  # that may be reached by what it did
    written: tuple[tuple[int, Attributes], ...]  # objects that were there, as it left them
    is_exact: bool  # it holds for the very objects alone: it left a function that knows them
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
    heap: Heap
    deferred: dict[int, Deferred]
    lasting: Layer
    fixed: set[int]
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
    def attributes(self, base: Instance) -> Attributes: ...
    def number_object(self) -> int: ...


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
        for summary in tuple(known):
            if _is_of(summary, found) and (again := _Again(it)).holds(summary, found):
                it.journal.replayed += 1
                again.does(summary, frame)
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
        if recording.holds and (made := _summary(it, found, frame, recording)) is not None:
            known.append(made)
            del known[:-MOST_OF_ONE]


# --- making one ----------------------------------------------------------------------------------


def _summary(it: Machine, found: Found, frame: Frame, done: Recording) -> Summary | None:
    written = tuple((oid, it.heap.top[oid]) for oid in done.written if oid in it.heap.top)
    made, others = _made(it, done, [*(v for v, _ in frame.returned), *(held for _, held in written)])
    own = (done.frame, *done.frames)
    is_exact = any(_knows(fn, own) for fn in others)
    if is_exact and made:
        return None
    happened = (Happened(o, o.event.context[done.depth + 1 :], o.site != done.site) for o in _fewer(done.observed))
    gone = done.made.keys() - {m.oid for m in made}
    return Summary(
        found,
        frame.returned,
        done.answers,
        {
            action: times
            for action, times in done.actions.items()
            if not gone or gone.isdisjoint(x.oid for x in leaves(action.key) if isinstance(x, Instance))
        },
        made,
        written,
        is_exact,
        frozenset(done.wanted),
        frozenset(done.wanted).intersection(it.stack[: done.depth]),
        done.called,
        tuple(happened),
        it.discarded if it.discarded != done.discarded else None,
        max(done.deepest - done.depth, 1),
        done.depth if done.limited else None,
        done.budget if done.short else None,
    )


def _made(it: Machine, done: Recording, values: list[object]) -> tuple[tuple[MadeObject, ...], list[Function]]:
    """The objects that a call has made, as far as these values lead to them; and the functions in all of that."""
    made: dict[int, MadeObject] = {}
    functions: list[Function] = []
    while values:
        for x in leaves(values.pop()):
            if isinstance(x, Function):
                functions.append(x)
            elif x.oid in done.made and x.oid not in made:
                made[x.oid] = m = _as_left(it, done, x.oid)
                values += [m.begun, m.left]
                values += [a.value for a in m.deferred.args.given] if m.deferred and m.deferred.args else ()
    return tuple(made[oid] for oid in done.made if oid in made), functions


def _as_left(it: Machine, done: Recording, oid: int) -> MadeObject:
    waits = it.deferred.get(oid)
    if waits is not None:
        site = NOWHERE if waits.site == done.site else waits.site
        inner = done.depth + 1
        waits = Deferred(waits.args, waits.stack[inner:], waits.route[inner:], site)
    return MadeObject(oid, waits, it.lasting.get(oid), it.heap.top.get(oid))


def _knows(fn: Function, frames: tuple[Frame, ...]) -> bool:
    """Whether a function was defined in one of these frames, whose variables it has."""
    around = fn.closure
    while around is not None and around is not around.module.frame:
        if any(around is f for f in frames):
            return True
        around = around.parent
    return False


def _fewer(observed: list[tuple[int, Observed]]) -> Iterator[Observed]:
    """All events; of each of very many the first contexts."""
    times: dict[int, int] = {}
    for _, o in observed:
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
    )


def _looks(v: Value) -> object:
    """A value at a glance: values that are the same look the same."""
    match v:
        case Quantity(key=key, origin=origin):
            return key, origin
        case Instance(cls=cls):
            return cls
        case Number() | Text():
            return v
        case Function(node=node):
            return node
        case Made(node=node):
            return node
        case _:
            return type(v)


class _Again:
    """A call that may be one that was followed before, and what is to be done then."""

    def __init__(self, it: Machine) -> None:
        self._it = it
        self._renaming = Renaming(it.fixed)
        self._answers: list[tuple[Callable[[Any], object], Any, Any]] = []

    def holds(self, summary: Summary, found: Found) -> bool:
        """Whether all that the call asked would be answered as it was.

        It is asked in the same order: what comes to be known by asking (an object that is made ready), the call would
        have asked, as long as all was answered as it was.
        """
        it, renaming = self._it, self._renaming
        around = len(it.stack) - 1
        if (
            summary.at not in (None, around)
            or (summary.budget is not None and summary.budget < it.steps - it.floor)
            or around + summary.above > MAX_DEPTH
            or summary.wanted.intersection(it.stack[:around]) != summary.running
            or not renaming.all_alike(summary.found.parameters, found.parameters)
        ):
            return False
        for (question, key), answer in summary.answers.items():
            if not renaming.keeps(key):
                return False
            asked = renaming.of(key)
            answered = it.attributes(asked) if question is attributes_of else question(asked)
            if not renaming.alike(answer, answered):
                return False
            self._answers.append((question, asked, answered))
        made = {m.oid for m in summary.made}
        left = [x for _, held in summary.written for x in leaves(held)]
        values = [x for v, _ in summary.returned for x in leaves(v)]
        others = [x for x in (*values, *left) if isinstance(x, Instance) and x.oid not in made]
        if not all(map(renaming.keeps, others)):
            return False
        return not summary.is_exact or renaming.changes_nothing

    def does(self, summary: Summary, frame: Frame) -> None:
        """Do what the call did."""
        it, renaming = self._it, self._renaming
        it.spend(1 + len(summary.happened) + (len(summary.actions) + len(summary.answers)) // NOTES)
        route = tuple(it.route)
        self._makes(summary, route)
        for oid, held in summary.written:
            it.heap.set(renaming.number(oid), renaming.of(held))
        frame.returned = [(renaming.of(v), at) for v, at in summary.returned]
        it.called |= summary.called
        if summary.discarded is not None:
            it.discarded = summary.discarded
        for observed, context, inside in summary.happened:
            event = replace(observed.event, context=route + context)
            again = observed._replace(event=event, site=observed.site if inside else it.site)
            it.observe(again)
        for action, times in summary.actions.items():
            it.journal.does(action._replace(key=renaming.of(action.key)), times)
        it.journal.stands_for(summary.wanted, summary.called, len(it.stack) - 1 + summary.above)
        if summary.at is not None:
            it.journal.limited()
        if summary.budget is not None:
            it.leave_out()

    def _makes(self, summary: Summary, route: Context) -> None:
        """The objects that the call made, and before that what it asked of others."""
        it, renaming = self._it, self._renaming
        for question, key, answer in self._answers:
            if question is attributes_of:
                it.journal.asked_attributes(key, answer)
            else:
                it.journal.asked(question, key, answer)
        for m in summary.made:
            new = it.number_object()
            renaming.makes(m.oid, new)
            it.journal.makes(new)
        for m in summary.made:
            new = renaming.number(m.oid)
            if m.deferred is not None:
                args, stack, inner, site = m.deferred
                given = [replace(a, value=renaming.of(a.value)) for a in args.given] if args is not None else None
                again = Arguments(given) if given is not None else None
                site = it.site if site == NOWHERE else site
                it.deferred[new] = Deferred(again, (*it.stack, *stack), route + inner, site)
            if m.begun is not None:
                it.lasting[new] = renaming.of(m.begun)
            if m.left is not None:
                it.heap.set(new, renaming.of(m.left))
