"""The command line. Each command is a module of this package, imported only when it is asked for."""

from __future__ import annotations

import importlib
import traceback
from typing import Any

import click

COMMANDS = ("check", "objectives", "explain", "rules", "about")


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

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(130)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as e:  # exit code 1 says "findings": a crash has to say something else
            click.echo(traceback.format_exc(), err=True, nl=False)
            click.echo(
                f"error: vaelint failed ({type(e).__name__}); this is a bug in vaelint, not in your code", err=True
            )
            ctx.exit(2)


def _show_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if not asked or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("vaelint")
    except PackageNotFoundError:
        number = "(not installed)"
    click.echo(f"vaelint {number}")
    ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Finds sign errors in loss code: likelihoods that are minimised, losses that are maximised."""
