"""What vaelint knows of the value at a place: the one module of this bench that looks into vaelint.

Every expression that is interpreted is noted with the best that was known of it, whichever way it was reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bench.coverage.callees import NETWORK, PROJECT, Callee
from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.evaluate import calls, overrides
from vaelint.infer.evaluate.interpreter import Interpreter
from vaelint.infer.events import Event, Kept, Monitored, Optimised, Reading
from vaelint.infer.expression import last, unsigned
from vaelint.infer.run import infer
from vaelint.infer.values import (
    Applied,
    Bound,
    Frame,
    Function,
    Gradient,
    Instance,
    Library,
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
    is_unknown,
)
from vaelint.knowledge import Knowledge, load
from vaelint.sense import Direction, Sense
from vaelint.source import file as source_file
from vaelint.source.file import _UNIT_BITS, SourceError, SourceFile
from vaelint.source.project import Project

Span = tuple[int, int, int, int]
UNDECIDED, CLAIM, FACTS = 0, 1, 2
_DEEP = 4  # containers in containers that are looked into


class Seen(NamedTuple):
    """``rank``: UNDECIDED, CLAIM or FACTS; ``own``: the same if the name that is read decides nothing.

    ``why``: in vaelint's words; ``node``: the expression that was not resolved. ``constant``: a number or None, as
    sums begin with and as stands for what is not there; any quantity that is seen at the place counts before it.
    """

    rank: int
    own: int
    why: str = ""
    node: int = -1
    constant: bool = False

    @property
    def worth(self) -> tuple[bool, int, int]:
        return (not self.constant, self.rank, self.own)


class Unresolved(NamedTuple):
    """Where a value was lost: the file (absolute) and the span."""

    why: str
    file: str
    span: Span


class Known(NamedTuple):
    rank: int
    own: int
    lost: Unresolved
    worth: tuple[bool, int, int]


class Looked(NamedTuple):
    """What was seen of a project: by file (absolute) and span; by file and row for what chooses and optimises."""

    values: dict[str, dict[Span, Known]]
    objectives: dict[str, list[tuple[int, Known]]]
    selections: dict[str, list[tuple[int, Known]]]
    rows: dict[str, set[int]]  # where anything was interpreted
    unfinished: dict[str, list[str]]  # names of what took too long
    failed: dict[str, str]
    calls: dict[str, dict[Span, Callee]]  # what is called


# --- one value -----------------------------------------------------------------------------------


def rank_of(basis: Basis) -> int:
    """A claim is what rests on a name or on documentation."""
    if basis is Basis.NONE:
        return UNDECIDED
    return FACTS if basis.is_fact else CLAIM


def judge(value: Value, name: str = "", depth: int = 0) -> Seen:
    """By its weakest part. What is no quantity (a number, a function, an object) is known for what it is."""
    if isinstance(value, Quantity):
        return _weakest(_term(t, name) for t in value.terms)
    if isinstance(value, Gradient):
        return Seen(FACTS, FACTS) if value.sign else Seen(UNDECIDED, UNDECIDED, "the sign of a gradient", value.node)
    if isinstance(value, (Sequence, Mapping)) and depth < _DEEP:
        items = [*(value.items.values() if isinstance(value, Mapping) else value.items)]
        rest = [value.rest] if value.rest is not None else []
        return _weakest(judge(v, name, depth + 1) for v in (*items, *rest))
    return Seen(FACTS, FACTS, constant=isinstance(value, (Number, Text, Literal)))


def _term(t: Term, name: str) -> Seen:
    if t.meaning.sense is Sense.NONE:
        return Seen(FACTS, FACTS)
    if t.meaning.sense is Sense.UNKNOWN and not t.meaning.kind:
        return Seen(UNDECIDED, UNDECIDED, t.why or f"`{t.label}` is not resolved", t.made if t.made >= 0 else t.node)
    rank = rank_of(t.meaning.basis)
    if rank == FACTS:
        return Seen(FACTS, FACTS)
    named = bool(name) and t.label.expr is not None and last(unsigned(t.label.expr)) == name
    why = t.why or f"`{t.label}` is known by its name alone"
    return Seen(rank, UNDECIDED if named else rank, why, t.made if t.made >= 0 else t.node)


def _weakest(some: Iterable[Seen]) -> Seen:
    made = list(some)
    if not made:
        return Seen(FACTS, FACTS, constant=True)
    weakest = min(made, key=lambda s: (s.rank, s.own))
    return weakest._replace(own=min(s.own for s in made), constant=all(s.constant for s in made))


# --- the interpreter, watched --------------------------------------------------------------------


@contextmanager
def watched(note: Callable[[ir.Expr, Value], None]) -> Iterator[None]:
    """While it runs, every value that an expression is given is noted."""
    plain: Callable[[Interpreter, ir.Expr, Frame], Value] = Interpreter.eval

    def noting(self: Interpreter, e: ir.Expr, f: Frame) -> Value:
        value = plain(self, e, f)
        note(e, value)
        return value

    setattr(Interpreter, "eval", noting)  # noqa: B010
    try:
        yield
    finally:
        setattr(Interpreter, "eval", plain)  # noqa: B010


@contextmanager
def calls_watched(note: Callable[[ir.Expr, Value, Value, bool], None]) -> Iterator[None]:
    """While it runs, every call is noted: what is called, what it yields, and whether nobody could resolve it."""
    call, opaque = calls.call, calls.opaque_call
    given_up: set[int] = set()

    def noting(it: Any, callee: Value, args: Any, e: ir.Expr, f: Frame) -> Value:
        given_up.discard(e.id)
        out = call(it, callee, args, e, f)
        note(e, callee, out, e.id in given_up)
        return out

    def giving_up(it: Any, e: ir.Expr, args: Any, f: Frame, name: str) -> Value:
        given_up.add(e.id)
        return opaque(it, e, args, f, name)

    setattr(calls, "call", noting)  # noqa: B010
    setattr(calls, "opaque_call", giving_up)  # noqa: B010
    try:
        yield
    finally:
        setattr(calls, "call", call)  # noqa: B010
        setattr(calls, "opaque_call", opaque)  # noqa: B010


def callee_of(callee: Value, out: Value, given_up: bool, knowledge: Knowledge) -> tuple[Callee, int]:
    """What was called, by the name that the rules have for it, and the node of the project's function it leads into."""
    if isinstance(callee, Bound):
        return callee_of(callee.function, out, given_up, knowledge)
    if isinstance(callee, Library):
        entry = knowledge.lookup(callee.path)
        return Callee("library", callee.path if entry is None else entry.name, not given_up), -1
    if isinstance(callee, Function):
        return Callee(PROJECT, callee.name, True), callee.node
    if isinstance(callee, Instance):
        ways = (overrides.find_method(callee, name) for name in ("__call__", "forward"))
        method = next((m for m in ways if m is not None), None)
        target = method.node if isinstance(method, Function) else -1
        return Callee(NETWORK if given_up else PROJECT, callee.cls.name, True), target
    if isinstance(callee, Method):
        of = callee.receiver.entry.name if isinstance(callee.receiver, Made) else ""
        unruled = bool(of) and knowledge.lookup(f"{of}.{callee.name}") is None
        lost = given_up or (unruled and isinstance(out, Quantity) and is_unknown(out))
        return Callee("method", f"{of}.{callee.name}", not lost), -1
    if isinstance(callee, Applied) or (isinstance(callee, Made) and callee.what == "module"):
        return Callee(NETWORK, "", True), -1
    if isinstance(callee, Quantity):
        word = last(callee.label.expr) if callee.label.expr is not None else ""
        return Callee("value", word, not given_up), -1
    return Callee(PROJECT, type(callee).__name__, not given_up), -1


def into(seen: dict[int, Seen]) -> Callable[[ir.Expr, Value], None]:
    """Of several values at one node, the best known is kept."""

    def note(e: ir.Expr, value: Value) -> None:
        held = seen.get(e.id)
        if (held is None or held.constant or held.own < FACTS) and not isinstance(e, ir.Const):
            now = judge(value, e.name if isinstance(e, ir.Name) else "")
            if held is None or now.worth > held.worth:
                seen[e.id] = now

    return note


def look(files: list[str], wanted: dict[str, set[int]]) -> Looked:
    """Each file is interpreted with those that it calls. ``wanted``: by file (absolute), the rows that matter."""
    knowledge, project = load(()), Project()
    out = Looked({}, {}, {}, {}, {}, {}, {})
    for file in files:
        error = _file(Path(file), knowledge, project, wanted, out)
        if error:
            out.failed[file] = error
    return out


def _file(path: Path, knowledge: Knowledge, project: Project, wanted: dict[str, set[int]], out: Looked) -> str:
    """Why nothing was learnt of the file; "" if all went well."""
    seen: dict[int, Seen] = {}
    called: dict[int, tuple[Callee, int]] = {}

    def called_at(e: ir.Expr, callee: Value, value: Value, given_up: bool) -> None:
        if isinstance(e, ir.Call) and (e.id not in called or not called[e.id][0].known):
            called[e.id] = callee_of(callee, value, given_up, knowledge)

    try:
        source = project.source(str(path)) or source_file.load(path, source_file.shown(path))
        with watched(into(seen)), calls_watched(called_at):
            inference = infer(source, knowledge, project)
    except SourceError as error:
        return error.problem.message
    except Exception as error:  # whatever it is, it costs that file alone
        return f"{type(error).__name__}: {error}"
    places = NodePlaces(source, inference.program)
    for node, s in seen.items():
        at = places.of(node) if places.holds_any(node, wanted) else None
        if at is None:
            continue
        file, span = at
        out.rows.setdefault(file, set()).add(span[0])
        if span[0] in wanted[file]:
            _keep(out.values.setdefault(file, {}), span, places.known(s))
    for node, (callee, target) in called.items():
        at, to = places.of(node), places.of(target)
        if at is not None:
            file, span = at
            named = callee if to is None else callee._replace(target=(to[0], to[1][0]))
            held = out.calls.setdefault(file, {})
            if span not in held or not held[span].known:
                held[span] = named
    _events(inference.events, places, knowledge, out)
    own = source_file.absolute(path)
    out.unfinished.setdefault(own, []).extend(p.message for p in source.problems if not p.fatal)
    return ""


def _events(events: list[Event], places: NodePlaces, knowledge: Knowledge, out: Looked) -> None:
    for e in events:
        at = places.of(e.node) if isinstance(e, (Optimised, Monitored, Kept)) and e.node >= 0 else None
        if at is None:
            continue
        file, span = at
        if isinstance(e, Optimised):
            s = judge(e.quantity)
            if e.direction is Direction.UNKNOWN:
                s = Seen(UNDECIDED, UNDECIDED, f"direction: {e.reason or 'it is not known which way'}", e.node)
            out.objectives.setdefault(file, []).append((span[0], places.known(s)))
        elif isinstance(e, (Monitored, Kept)):
            out.selections.setdefault(file, []).append((span[0], places.known(_chosen(e, knowledge))))


def _chosen(e: Monitored | Kept, knowledge: Knowledge) -> Seen:
    if e.direction is Direction.UNKNOWN:
        return Seen(UNDECIDED, UNDECIDED, "direction: what the setting holds is not known", e.node)
    reading: Reading | None = e.reading
    if reading is not None and reading.sense.directed:
        rank = rank_of(reading.basis)
        return Seen(rank, rank, f"`{reading.label}` is known by its name alone", e.node)
    if isinstance(e, Monitored) and e.metric and knowledge.metrics.sense(e.metric).directed:
        return Seen(CLAIM, CLAIM, f"`{e.metric}` is known by its name alone", e.node)
    return Seen(UNDECIDED, UNDECIDED, "what it chooses by is not known", e.node)


def _keep(held: dict[Span, Known], span: Span, now: Known) -> None:
    before = held.get(span)
    if before is None or now.worth > before.worth:
        held[span] = now


class NodePlaces:
    """Where nodes stand, for one inference."""

    def __init__(self, source: SourceFile, program: Any) -> None:
        self._source, self._program = source, program
        self._sources: dict[int, SourceFile | None] = {source.number: source}
        self._units: dict[int, bool] = {}

    def holds_any(self, node: int, wanted: dict[str, set[int]]) -> bool:
        """Whether the part of a file that a node stands in has a row that is wanted: to locate nodes costs a parse."""
        part = node >> _UNIT_BITS
        if part not in self._units:
            source = self._source_of(node)
            unit = source.unit_of(node) if source is not None else None
            rows = wanted.get(str(source.absolute), ()) if source is not None else ()
            self._units[part] = unit is not None and any(unit.start <= row <= unit.end for row in rows)
        return self._units[part]

    def _source_of(self, node: int) -> SourceFile | None:
        number = source_file.file_number(node)
        if number not in self._sources:
            self._sources[number] = self._program.source_of(node) if self._program is not None else None
        return self._sources[number]

    def of(self, node: int) -> tuple[str, Span] | None:
        source = self._source_of(node) if node >= 0 else None
        if source is None:
            return None
        at = source.locate(node)
        return str(source.absolute), (at.row, at.column, at.end_row, at.end_column)

    def known(self, s: Seen) -> Known:
        at = self.of(s.node) if s.rank < FACTS or s.own < FACTS else None
        file, span = at if at is not None else ("", (0, 0, 0, 0))
        return Known(s.rank, s.own, Unresolved(s.why, file, span), s.worth)
