"""``vaelint objectives``."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from vaelint.cli import _options, _output
from vaelint.finding import ObjectiveReport, ObjectiveTerm, Result, Status
from vaelint.report._view import View, clean, plural

_COLOURS = {Status.CONSISTENT: "green", Status.WRONG: "red", Status.UNRESOLVED: "yellow"}


@click.command("objectives", short_help="List what is optimised, with its signed terms.")
@_options.input_options
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    exclude: tuple[str, ...],
    config_file: str | None,
    stdin_filename: str | None,
    output_format: str,
) -> None:
    """List what is optimised in PATHS: its direction, its signed terms, and whether they fit.

    In the table ↑ marks a term that should go up, ↓ one that should go down, · one without direction and ? one that
    nobody can tell; the sign before a term is the one it has in the objective.
    """
    given = _options.read_input(paths, exclude, config_file, stdin_filename)
    result = given.analyse()
    _output.say_problems((p for p in result.problems if p.fatal), given.view)
    _output.emit(_json(result, given.view) if output_format == "json" else _table(result, given.view))
    ctx.exit(_output.exit_code(result, 0))


def _json(result: Result, view: View) -> str:
    return json.dumps([as_json(o, view) for o in result.objectives], indent=2, ensure_ascii=False) + "\n"


def as_json(o: ObjectiveReport, view: View) -> dict[str, Any]:
    return {
        "filename": view.path(o.filename),
        "location": {"row": o.location.row, "column": o.location.column},
        "cell": o.location.cell,
        "function": o.function,
        "direction": o.direction.value,
        "sense": o.sense.value,
        "status": o.status.value,
        "reason": o.reason or None,
        "terms": [{"sign": t.sign, "label": t.label, "sense": t.sense.value, "kind": t.kind} for t in o.terms],
    }


def _table(result: Result, view: View) -> str:
    if not result.objectives:
        return f"No objective was traced in {plural(result.files, 'file')}.\n"
    from io import StringIO

    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("where", overflow="fold")
    for title in ("function", "direction", "terms", "status"):
        table.add_column(title)
    for o in result.objectives:
        place, function = view.place(o.filename, o.location), clean(o.function)
        status = Text(o.status.value, style=_COLOURS[o.status])
        if o.reason:
            status.append("\n" + clean(o.reason), style="dim")
        table.add_row(Text(place), Text(function), o.direction.value, Text("\n".join(map(_term, o.terms))), status)

    colour = _output.wants_colour(sys.stdout)
    out = StringIO()
    width = None if sys.stdout.isatty() else 160
    console = Console(file=out, force_terminal=colour, no_color=not colour, width=width, highlight=False, emoji=False)
    console.print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().strip("\n").split("\n")) + "\n"


def _term(t: ObjectiveTerm) -> str:
    kind = f" {t.kind}" if t.kind else ""
    return f"{'+' if t.sign > 0 else '−'} {clean(t.label)} ({t.sense.arrow}{kind})"
