"""Writing: to a terminal, a pipe that may close early, a file; with colours where they are wanted."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

import click

from vaelint.finding import Problem, Result
from vaelint.report._view import View, clean

# For terminals and pipes that cannot show the rest of Unicode.
_PLAIN = str.maketrans({"↑": "^", "↓": "v", "·": ".", "│": "|", "…": "~", "−": "-", "×": "x", "→": "->"})


class Trouble(click.ClickException):
    """Something that vaelint was told and cannot do."""

    exit_code = 2

    def show(self, file: object = None) -> None:
        say(clean(self.message), "error")


def wants_colour(stream: TextIO) -> bool:
    """https://no-color.org, https://force-color.org; a person who wants none has the last word."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return os.environ.get("FORCE_COLOR", "0") not in ("", "0") or stream.isatty()


def emit(text: str, file: Path | None = None) -> None:
    """To standard output, or to a file, without colours then. A reader who stops listening is no error."""
    if file is not None:
        try:
            file.write_text(click.unstyle(text), "utf-8", "replace")
        except OSError as e:
            raise Trouble(f"{file}: cannot be written: {e.strerror}") from e
        return
    out = sys.stdout
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
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())  # so that the flush at exit stays quiet as well


def say(message: str, level: str = "warning") -> None:
    colour = "red" if level == "error" else "yellow"
    mark = click.style(f"{level}:", fg=colour, bold=True) if wants_colour(sys.stderr) else f"{level}:"
    click.echo(f"{mark} {message}", err=True, color=True)


def say_problems(problems: Iterable[Problem], view: View) -> None:
    for p in problems:
        place = view.place(p.filename, p.location) if p.location else view.path(p.filename)
        say(f"{place}: {clean(p.message)}", "error" if p.fatal else "warning")


def exit_code(result: Result, found: bool) -> int:
    """2 where vaelint failed, or could not read what was passed: whatever else was found. Else 1 for findings."""
    if any(p.fatal for p in result.problems):
        return 2
    return 1 if found else 0
