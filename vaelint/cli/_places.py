"""``train.py:57``: a row of a file, of which alone something is asked."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from vaelint.cli import _output
from vaelint.finding import Location, ObjectiveReport, Result
from vaelint.records import record
from vaelint.report._view import escaped

_PLACE = re.compile(r"(?P<path>.+?)(?::cell (?P<cell>\d+))?:(?P<row>\d+)(?::\d+)?")


@record(frozen=True, slots=True)
class At:
    """The row of a file (or of a notebook's cell) that was asked for."""

    path: Path
    row: int
    cell: int | None

    def has(self, filename: str, at: Location) -> bool:
        return (
            Path(filename).resolve() == self.path.resolve()
            and at.row <= self.row <= at.end_row
            and self.cell in (None, at.cell)
        )

    def holds(self, o: ObjectiveReport) -> bool:
        return self.has(o.filename, o.location)


def split(paths: tuple[str, ...]) -> tuple[tuple[str, ...], list[At]]:
    """``train.py:57`` as the file and the row of it."""
    files: list[str] = []
    places = []
    for given in paths:
        place = _PLACE.fullmatch(given)
        if place is not None and not Path(given).exists():
            cell = place["cell"]
            places.append(At(Path(place["path"]), int(place["row"]), int(cell) if cell else None))
            given = place["path"]
        files.append(given)
    return tuple(dict.fromkeys(files)), places


def at(result: Result, places: list[At]) -> Result:
    """Without what stands in a file of which single rows were asked for, in none of those."""
    if not places:
        return result
    named = {p.path.resolve() for p in places}
    for p in places:
        if not any(p.holds(o) for o in result.objectives):
            rows = [str(o.location.row) for o in result.objectives if Path(o.filename).resolve() == p.path.resolve()]
            there = f"row {rows[0]}" if len(rows) == 1 else f"rows {', '.join(rows)}" if rows else "no row"
            _output.say(
                f"{escaped(str(p.path))}:{p.row}: nothing is optimised in this row; in the file it is in {there}"
            )
    kept = [o for o in result.objectives if Path(o.filename).resolve() not in named or any(p.holds(o) for p in places)]
    return replace(result, objectives=kept)
