"""Writing: to a terminal, a pipe that may close early, a file; with colours where they are wanted."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TextIO, cast

import click

from vaelint import files
from vaelint.cli import DEBUG, silence
from vaelint.finding import Problem, Result
from vaelint.report._view import View, one_line, wrapped

# For terminals and pipes that cannot show the rest of Unicode.
_PLAIN = str.maketrans({"↑": "^", "↓": "v", "·": ".", "│": "|", "…": "~", "−": "-", "×": "x", "→": "->"})


class Trouble(click.ClickException):
    """Something that vaelint was told and cannot do."""

    exit_code = 2

    def show(self, file: object = None) -> None:
        say(one_line(self.message), "error")


def wants_colour(stream: TextIO | None) -> bool:
    """https://no-color.org, https://force-color.org, https://bixense.com/clicolors.

    A person who wants none has the last word.
    """
    if stream is None or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    if any(os.environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return stream.isatty() and os.environ.get("CLICOLOR", "1") != "0"


def emit(text: str, file: Path | None = None) -> None:
    """To standard output, or to a file, without colours then. A reader who stops listening is no error."""
    if file is not None:
        try:
            files.write(file, click.unstyle(text).encode("utf-8", "replace"))
        except OSError as e:
            raise Trouble(f"{file}: cannot be written: {e.strerror or e}") from e
        return
    out = cast("TextIO | None", sys.stdout)
    if out is None:
        raise Trouble("standard output is closed")
    text = text if wants_colour(out) else click.unstyle(text)
    encoding = out.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
    try:
        out.write(text)
        out.flush()
    except BrokenPipeError:
        silence()
    except OSError as e:
        silence()
        raise Trouble(f"standard output cannot be written: {e.strerror or e}") from e


def say(message: str, level: str = "warning") -> None:
    colour = "red" if level == "error" else "yellow"
    mark = click.style(f"{level}:", fg=colour, bold=True) if wants_colour(sys.stderr) else f"{level}:"
    with suppress(OSError):  # where nobody can hear it, the exit code has to do
        columns = shutil.get_terminal_size().columns if sys.stderr is not None and sys.stderr.isatty() else 0
        click.echo(wrapped(f"{mark} {message}", columns, "  "), err=True, color=True)


def say_problems(problems: Iterable[Problem], view: View) -> None:
    for p in problems:
        place = view.place(p.filename, p.location) if p.location else view.path(p.filename)
        say(f"{place}: {one_line(p.message)}", "error" if p.fatal else "warning")
        say_details([p])


def say_details(problems: Iterable[Problem]) -> None:
    """With ``--debug``, the way to where vaelint failed."""
    if is_debugging():
        with suppress(OSError):
            for p in problems:
                click.echo(p.details, err=True, nl=False)


def is_debugging() -> bool:
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(DEBUG))


def exit_code(result: Result, found: bool, undone: int = 0, exit_zero: bool = False) -> int:
    """2 where vaelint failed, or could not read or do (``undone``) what was asked: whatever else was found.

    Else 1 for findings, unless ``exit_zero``.
    """
    if undone or any(p.fatal for p in result.problems):
        return 2
    return 1 if found and not exit_zero else 0
