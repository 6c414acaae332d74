"""``vaelint objectives``."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from vaelint.cli import _options, _output
from vaelint.cli._outputs import terminal_width
from vaelint.finding import ObjectiveReport, Result
from vaelint.report import _objectives as shown
from vaelint.report._view import View, as_json, escaped, plural

_PLACE = re.compile(r"(?P<path>.+?)(?::cell (?P<cell>\d+))?:(?P<row>\d+)(?::\d+)?")


@dataclass(frozen=True, slots=True)
class At:
    """The row of a file (or of a notebook's cell) that was asked for."""

    path: Path
    row: int
    cell: int | None

    def holds(self, o: ObjectiveReport) -> bool:
        at = o.location
        return (
            Path(o.filename).resolve() == self.path.resolve()
            and at.row <= self.row <= at.end_row
            and self.cell in (None, at.cell)
        )


@click.command("objectives", short_help="List what is optimised, with its signed terms.")
@_options.input_options
@click.option("--tree", is_flag=True, help="Show the flow: how each term got its sense, step by step.")
@click.option("--summary", is_flag=True, help="Count them: by status, and by why no facts settle them.")
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    stdin_filename: str | None,
    tree: bool,
    summary: bool,
    output_format: str,
    **configuring: Any,
) -> None:
    """List what is optimised in PATHS: its direction, its signed terms, and whether they fit.

    In the table ↑ marks a term that should go up, ↓ one that should go down, · one without direction and ? one that
    nobody can tell; the sign before a term is the one it has in the objective. A path with a row (`train.py:57`) shows
    the objective there alone.
    """
    if tree and summary:
        raise click.UsageError("--tree shows each objective, --summary counts them: choose one")
    files, places = _split(paths)
    given = _options.read_input(files, stdin_filename, **configuring)
    result = given.analyse(traces=True) if tree else given.analyse()
    _output.say_problems((p for p in result.problems if p.fatal), given.view)
    result = _at(result, places, files)
    _output.emit(
        _json(result, given.view, tree, summary)
        if output_format == "json"
        else _text(result, given.view, tree, summary)
    )
    ctx.exit(_output.exit_code(result, False))


def _split(paths: tuple[str, ...]) -> tuple[tuple[str, ...], list[At]]:
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


def _at(result: Result, places: list[At], files: tuple[str, ...]) -> Result:
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


def _json(result: Result, view: View, tree: bool, summary: bool) -> str:
    listed = [shown.as_json(o, view, tree) for o in result.objectives]
    out = shown.summary_json(result.objectives) if summary else listed
    return as_json(out)


def _text(result: Result, view: View, tree: bool, summary: bool) -> str:
    if not result.objectives:
        return f"No objective was traced in {plural(result.files, 'file')}.\n"
    render = shown.tree if tree else shown.summary if summary else shown.table
    return render(result, view, colour=_output.wants_colour(sys.stdout), width=terminal_width())
