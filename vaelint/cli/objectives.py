"""``vaelint objectives``."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import click

from vaelint.cli import _options, _output
from vaelint.cli._help import Sections
from vaelint.cli._outputs import terminal_width
from vaelint.cli._places import at, split
from vaelint.finding import Result
from vaelint.report import _objectives as shown
from vaelint.report._view import View, as_json, plural


@click.command("objectives", cls=Sections, short_help="List what is optimised, with its signed terms.")
@_options.input_options
@click.option("--tree", is_flag=True, help="Show the flow: how each term got its sense, step by step.")
@click.option("--summary", is_flag=True, help="Count them: by status, and by why no facts settle them.")
@click.option("--diff", "revision", metavar="REV", help="What a change since that revision did to them.")
@click.option(
    "--output-format",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="How to show them.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    stdin_filename: str | None,
    tree: bool,
    summary: bool,
    revision: str | None,
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
    files, places = split(paths)
    given = _options.read_input(files, stdin_filename, **configuring)
    if revision is not None:
        if tree or summary or places:
            raise click.UsageError("--diff compares all objectives of PATHS: give it alone")
        _difference(ctx, given, revision, output_format)
    result = given.analyse(traces=True) if tree else given.analyse()
    _output.say_problems((p for p in result.problems if p.fatal), given.view)
    result = at(result, places)
    _output.emit(
        _json(result, given.view, tree, summary)
        if output_format == "json"
        else _text(result, given.view, tree, summary)
    )
    ctx.exit(_output.exit_code(result, False))


def _difference(ctx: click.Context, given: _options.Input, revision: str, output_format: str) -> None:
    from vaelint import changes
    from vaelint.cli import _known

    with _known.at_revision(given, revision) as (then, root, _):
        old = then.analyse()
        before = [replace(o, filename=then.view.exact(o.filename)) for o in old.objectives]
    now = given.analyse()
    at_root = View(root)
    after = [replace(o, filename=at_root.exact(given.view.full(o.filename))) for o in now.objectives]
    _output.say_problems((p for p in now.problems if p.fatal), given.view)
    found = changes.between(before, after)
    _output.emit(
        as_json([shown.change_json(c, root, given.view) for c in found])
        if output_format == "json"
        else shown.changes(found, revision, root, given.view, terminal_width() or 0)
    )
    ctx.exit(_output.exit_code(now, False))


def _json(result: Result, view: View, tree: bool, summary: bool) -> str:
    listed = [shown.as_json(o, view, tree) for o in result.objectives]
    out = shown.summary_json(result.objectives) if summary else listed
    return as_json(out)


def _text(result: Result, view: View, tree: bool, summary: bool) -> str:
    if not result.objectives:
        return f"No objective was traced in {plural(result.files, 'file')}.\n"
    render = shown.tree if tree else shown.summary if summary else shown.table
    return render(result, view, colour=_output.wants_colour(sys.stdout), width=terminal_width())
