"""Statements of intent: comments that say what a bound value is, or which way an objective is meant to go.

``# vaelint: gain`` and ``cost`` on an assignment make what it binds a fact of that sense; ``maximize`` and ``minimize``
on the row of a sink say that this direction is meant. Rows are resolved only in units that have such a comment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.finding import Location, Problem
from vaelint.infer.events import Event, Optimised
from vaelint.infer.quantities.algebra import overall
from vaelint.infer.values import Number, Quantity, Term, Trace, Value
from vaelint.records import replace
from vaelint.sense import Direction, Meaning, Sense
from vaelint.source.file import file_number

if TYPE_CHECKING:
    from vaelint.source.comments import Directive
    from vaelint.source.file import SourceFile
    from vaelint.source.index import Unit

SENSES = {"gain": Sense.GAIN, "cost": Sense.COST}
DIRECTIONS = {"maximize": Direction.MAXIMIZE, "minimize": Direction.MINIMIZE}


class Statements:
    """Those of one file, and which of them had an effect."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._heeded: set[Directive] = set()
        found = source.directives() if source.speaks_to_us else []
        self._all = [d for d in found if d.kind in SENSES or d.kind in DIRECTIONS]
        self._rows = [source.joined_row(d.row, d.cell) for d in self._all]

    def __bool__(self) -> bool:
        return bool(self._all)

    def within(self, unit: Unit) -> bool:
        """Whether a unit has one: then it matters, whatever else is in it."""
        return any(unit.start <= row <= unit.end for row in self._rows)

    def at(self, node: int, kinds: dict[str, Sense] | dict[str, Direction]) -> str:
        """The statement of one of these kinds on the rows of a node, or alone on the row above; "" if none."""
        unit = self._source.unit_of(node)
        if unit is None or not any(unit.start <= row <= unit.end for row in self._rows):
            return ""
        here = self._source.locate(node)
        for d in self._all:
            if d.kind in kinds and d.cell == here.cell and here.row - d.own_line <= d.row <= here.end_row:
                self._heeded.add(d)
                return d.kind
        return ""

    def unused(self) -> Iterator[Problem]:
        for d in self._all:
            if d not in self._heeded:
                what = "bound" if d.kind in SENSES else "optimised"
                at = Location(d.row, d.column, d.row, d.column, d.cell)
                message = f"unused `# vaelint: {d.kind}`: nothing is {what} here"
                yield Problem(self._source.name, message, at, fatal=False)


class Intents:
    """The statements of all files that an analysis reaches; ``source_of`` finds the file of a node."""

    def __init__(self, source_of: Callable[[int], SourceFile | None]) -> None:
        self._source_of = source_of
        self._files: dict[int, Statements | None] = {}

    def of(self, source: SourceFile) -> Statements | None:
        if source.number not in self._files:
            found = Statements(source)
            self._files[source.number] = found if found else None
        return self._files[source.number]

    def _near(self, node: int) -> Statements | None:
        number = file_number(node)
        if number in self._files:
            return self._files[number]
        source = self._source_of(node) if node >= 0 else None
        return self.of(source) if source is not None else None

    def bound(self, s: ir.Assign | ir.AugAssign, value: Value) -> Value:
        """What an assignment binds, as a comment on it states."""
        statements = self._near(s.id)
        if statements is None or not isinstance(value, (Quantity, Number)):
            return value
        kind = statements.at(s.id, SENSES)
        if not kind:
            return value
        label = ir.render(s.targets[0] if isinstance(s, ir.Assign) else s.target, 40)
        q = value if isinstance(value, Quantity) else Quantity(label=label)
        live = any(t.live for t in q.terms) or not q.terms
        meaning = Meaning(SENSES[kind], "objective", Basis.ANNOTATION)
        trace = Trace(s.id, f"stated: `# vaelint: {kind}`")
        return replace(
            q, terms=(Term(1, meaning, label, s.id, s.id, live, trace=trace),), label=label, origin=s.id, ways=()
        )

    def meant(self, event: Event) -> Event:
        """An objective as a comment states its direction.

        What goes that way, by whatever signs, is meant to; what nobody could resolve is judged against it.
        """
        if not isinstance(event, Optimised):
            return event
        kind = ""
        for node in (event.node, event.update, event.step, event.quantity.origin):
            statements = self._near(node) if node is not None else None
            if node is not None and statements is not None and not kind:
                kind = statements.at(node, DIRECTIONS)
        if not kind:
            return event
        stated = DIRECTIONS[kind]
        sense = overall(event.quantity, gradient=True).sense
        if not sense.directed or event.direction is Direction.UNKNOWN:
            return replace(event, direction=stated, reason="", meant=sense.directed)
        # Minus a loss that is minimised is, to a person, a loss that is maximised.
        natures = {t.meaning.sense for t in event.quantity.terms if t.meaning.sense.directed}
        flipped = natures == {-sense}
        goes = event.direction
        if flipped:
            goes = Direction.MINIMIZE if goes is Direction.MAXIMIZE else Direction.MAXIMIZE
        return replace(event, meant=goes is stated)
