"""``--output-format full --output-format sarif:out.sarif``: how a run is shown, and where that is written."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vaelint import report
from vaelint.cli._output import wants_colour
from vaelint.config import did_you_mean
from vaelint.records import record
from vaelint.report import View

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


@record(frozen=True, slots=True)
class Output:
    """``file`` is None for standard output."""

    format: str
    file: Path | None = None

    def view(self, view: View) -> View:
        """Text is wrapped to a terminal's width; what goes elsewhere is for programs, which search rows."""
        if self.file is not None:
            return replace(view, columns=0)
        colour = wants_colour(sys.stdout)
        return replace(view, columns=terminal_width() or 0, colour=colour, links=colour and _follows_links())


def _follows_links() -> bool:
    from vaelint.report._terminal import has_links

    return has_links(os.environ) and (sys.stdout.isatty() or "FORCE_HYPERLINK" in os.environ)


def terminal_width() -> int | None:
    """In columns; None where standard output is no terminal, unless VAELINT_WIDTH gives one."""
    given = os.environ.get("VAELINT_WIDTH", "")
    if given.isdigit() and int(given):
        return int(given)
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def asked(_: click.Context, parameter: click.Parameter, values: Sequence[str]) -> tuple[Output, ...]:
    outputs = tuple(_read(value, parameter) for value in values)
    if sum(output.file is None for output in outputs) > 1:
        raise click.BadParameter("one format alone can go to standard output: write `FORMAT:FILE`", param=parameter)
    return outputs


def _read(value: str, parameter: click.Parameter) -> Output:
    name, _, file = value.partition(":")
    if name not in report.names():
        near = did_you_mean(name, report.names())
        message = f"`{name}` is not one of {', '.join(report.names())}{near}"
        raise click.BadParameter(message, param=parameter)
    return Output(name, Path(file) if file else None)


def settled(outputs: tuple[Output, ...], configured: str, file: Path | None) -> tuple[Output, ...]:
    """With what is configured where nothing was asked for, and with ``--output-file`` for what has no file."""
    outputs = outputs or (Output(configured or "text"),)
    return tuple(replace(output, file=file) if output.file is None else output for output in outputs)


def code_completed(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Codes and names of checks; of several with commas the last is completed."""
    from click.shell_completion import CompletionItem

    from vaelint.checks import all_checks

    before, comma, last = incomplete.rpartition(",")
    words = [(word, check.summary) for check in all_checks() for word in (check.code, check.name)]
    return [
        CompletionItem(f"{before}{comma}{word}", help=summary)
        for word, summary in words
        if (last and word.lower().startswith(last.lower())) or (not last and word.isupper())
    ]


def completed(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(name) for name in report.names() if name.startswith(incomplete)]
