"""``vaelint baseline``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vaelint.cli import _known, _options, _output, _outputs
from vaelint.cli._help import Sections
from vaelint.report._view import plural, wrapped


@click.command("baseline", cls=Sections, short_help="Write down what is found now, to report only what is new.")
@_options.input_options
@click.option(
    "-o", "--output-file", metavar="FILE", type=click.Path(path_type=Path), help="Where to.  [default: as configured]"
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    stdin_filename: str | None,
    output_file: Path | None,
    **configuring: Any,
) -> None:
    """Write the findings in PATHS to a baseline, in place of what it held of them.

    `vaelint check --baseline FILE` hides them from then on. They are known by what the code says: rows may move.
    """
    from vaelint.baseline import NAME, Baseline

    given = _options.read_input(paths, stdin_filename, **configuring)
    if given.stdin is not None:
        raise click.UsageError("standard input has no file to be known by: give paths")
    path = output_file or given.config.baseline or Path(NAME)
    result = given.analyse()
    _output.say_problems((p for p in result.problems if p.fatal), given.view)
    baseline = Baseline(path).made_of(result.findings, given.view)
    _known.save(baseline)
    name = given.view.path(str(path))
    wrote = f"Wrote {plural(len(baseline.entries), 'finding')} to {name}: `--baseline {name}` hides them."
    _output.emit(wrapped(wrote, _outputs.terminal_width() or 0, "  ") + "\n")
    ctx.exit(_output.exit_code(result, False))
