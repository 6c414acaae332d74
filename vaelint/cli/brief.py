"""``vaelint brief``."""

from __future__ import annotations

from typing import Any

import click

from vaelint.cli import _options, _output
from vaelint.cli._help import Sections
from vaelint.cli._places import at, split


@click.command("brief", cls=Sections, short_help="For a reviewer: what decides the sign of each objective.")
@_options.input_options
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[str, ...], stdin_filename: str | None, **configuring: Any) -> None:
    """Say in Markdown what is optimised in PATHS (`train.py`, or `train.py:57` for one objective).

    Each objective with its terms, the statements that decide its sign in the order that the value takes, across files,
    what that rests on, and what is left for a reader to decide. It is never longer than 2,000 words.
    """
    from vaelint.report import _brief

    files, places = split(paths)
    given = _options.read_input(files, stdin_filename, **configuring)
    result = given.analyse(traces=True)
    _output.say_problems((p for p in result.problems if p.fatal), given.view)
    shown = at(result, places)
    if places:  # what was asked about is one objective
        shown.findings = [f for f in shown.findings if any(p.has(f.filename, f.location) for p in places)]
    _output.emit(_brief.brief(shown, given.view, ", ".join(paths) or "."))
    ctx.exit(_output.exit_code(result, False))
