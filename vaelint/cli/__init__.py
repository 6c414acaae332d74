"""The command line. Each command is a module of this package, imported only when it is asked for."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import click

from vaelint import __version__

COMMANDS = ("check", "objectives", "explain", "rules", "about", "brief", "baseline", "config", "clean")


DEBUG = "vaelint.debug"  # where the context keeps whether the way to a failure is to be shown


class Ended(BaseException):
    """The process was asked to end: what is half done is cleaned up first."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def _orderly() -> Iterator[None]:
    """A signal to end ends the processes and the files that were begun, then this process, by that same signal."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _: FrameType | None) -> None:
        raise Ended(number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {n: signal.getsignal(n) for n in numbers}
    try:
        for n in numbers:
            if before[n] is signal.SIG_DFL:  # under `nohup` a hangup is to be ignored
                signal.signal(n, end)
        yield
    except Ended as ended:
        signal.signal(ended.number, signal.SIG_DFL)
        signal.raise_signal(ended.number)
    finally:
        for n in numbers:
            signal.signal(n, before[n] or signal.SIG_DFL)


class Commands(click.Group):
    """Finds ``vaelint NAME`` in ``vaelint.cli.NAME:command``, and never lets a failure look like a finding."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = importlib.import_module(f"{__name__}.{name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A file in place of a command was meant to be checked."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import shlex

            given = shlex.join(args)
            if Path(args[0]).exists():
                message = f"`{args[0]}` is no command. Did you mean `vaelint check {given}`?"
                raise click.UsageError(message, ctx) from error
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f"Did you mean `{near[0]}`?" if near else f"The commands are {', '.join(COMMANDS)}."
            raise click.UsageError(f"`{args[0]}` is no command. {hint}", ctx) from error

    def main(self, *args: Any, **more: Any) -> Any:
        with _orderly():
            try:
                return super().main(*args, **more)
            except OSError as e:  # of the version, or the first help
                _report_output(e)
                sys.exit(2)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(130)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as e:  # exit code 1 says "findings": a crash has to say something else
            if isinstance(e, OSError) and _is_of_click(e):  # the help of a command
                _report_output(e)
            else:
                _report_failure(ctx, e)
            ctx.exit(2)


def _is_of_click(error: Exception) -> bool:
    import traceback

    at = traceback.extract_tb(error.__traceback__)[-1]
    return Path(at.filename).parent == Path(click.__file__).parent


def _report_output(error: OSError) -> None:
    with suppress(OSError):
        click.echo(f"error: standard output cannot be written: {error.strerror}", err=True)
    silence()


def _report_failure(ctx: click.Context, error: Exception) -> None:
    """In one line where we failed; the whole way there for those who ask for it."""
    import traceback

    if ctx.meta.get(DEBUG):
        click.echo(traceback.format_exc(), err=True, nl=False)
    at = traceback.extract_tb(error.__traceback__)[-1]
    said = " ".join(str(error).split())[:200]
    where = f"{Path(at.filename).name}:{at.lineno}: {type(error).__name__}" + (f": {said}" if said else "")
    hint = "" if ctx.meta.get(DEBUG) else "; --debug shows how it came to this"
    click.echo(f"error: vaelint failed ({where}); this is a bug in vaelint, not in your code{hint}", err=True)


def silence() -> None:
    """Let standard output lead nowhere: so that the flush at exit does not fail once more."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _show_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if not asked or ctx.resilient_parsing:
        return
    click.echo(f"vaelint {__version__}")
    ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-V",
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Finds sign errors in loss code: likelihoods that are minimised, losses that are maximised."""
