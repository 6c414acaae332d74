"""Options that several commands share, and what they mean together."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from vaelint import config as configuration
from vaelint.cli import DEBUG
from vaelint.cli._output import Trouble
from vaelint.config import Config, ConfigError
from vaelint.finding import Result
from vaelint.report._view import View, decode

if TYPE_CHECKING:
    from vaelint.knowledge import Knowledge

F = TypeVar("F", bound=Callable[..., Any])


def codes(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """``--select VL101,VL3 --select VL5`` as one tuple."""
    return tuple(code.strip().upper() for value in values for code in value.split(",") if code.strip())


def _debug(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    ctx.meta[DEBUG] = asked


def input_options(command: F) -> F:
    """What to read, and how; and ``--debug``, for what goes wrong."""
    command = click.option(
        "--debug", is_flag=True, expose_value=False, callback=_debug, help="Show where vaelint failed."
    )(command)
    command = click.option("--stdin-filename", metavar="FILE", help="Name for standard input, which is read with `-`.")(
        command
    )
    command = click.option(
        "--preview", is_flag=True, help="Look for what is not measured on unread code yet: the laws of rules/laws."
    )(command)
    command = click.option("--config", "config_file", metavar="FILE", help="Read this configuration, no other.")(
        command
    )
    command = click.option(
        "--exclude", metavar="PATTERN", multiple=True, help="Leave out; instead of what is configured."
    )(command)
    return click.argument("paths", metavar="[PATHS]...", nargs=-1)(command)


@dataclass(frozen=True)
class Input:
    paths: tuple[Path, ...]
    stdin: tuple[str, str] | None
    config: Config
    view: View

    def analyse(self, traces: bool = False) -> Result:
        from vaelint.engine import analyse
        from vaelint.knowledge import RuleError

        try:
            return analyse(self.paths, self.config, root=self.config.root, stdin=self.stdin, traces=traces)
        except RuleError as e:
            raise Trouble(str(e)) from e


def knowledge() -> Knowledge:
    """The rules that hold here: the shipped ones, and those that the configuration adds."""
    from vaelint.knowledge import RuleError, load

    try:
        return load(configuration.load().extend_rules)
    except (ConfigError, RuleError) as e:
        raise Trouble(str(e)) from e


def read_input(
    paths: tuple[str, ...],
    exclude: tuple[str, ...],
    config_file: str | None,
    stdin_filename: str | None,
    preview: bool,
    quiet: bool = False,
) -> Input:
    """What the options name, or an error (exit code 2) that says what is wrong with them."""
    piped = paths == ("-",) or (stdin_filename is not None and not paths)
    if "-" in paths and len(paths) > 1:
        raise click.UsageError("`-` (standard input) cannot be read together with paths")
    if stdin_filename is not None and not piped:
        raise click.UsageError("--stdin-filename names what is read from standard input: give `-` as the only path")
    files = () if piped else tuple(Path(p) for p in paths or (".",))
    try:
        Path.cwd()
    except OSError as e:
        raise Trouble(f"the working directory cannot be read: {e.strerror}") from e
    for file in files:
        _require_readable(file)
    name = stdin_filename or "stdin.py"
    try:
        config = configuration.load(
            Path(config_file) if config_file else None, start=_start((Path(name),) if piped else files)
        ).with_options(exclude=exclude, preview=preview)
        _check_codes(config)
    except ConfigError as e:
        raise Trouble(str(e)) from e
    stdin = (name, decode(sys.stdin.buffer.read())) if piped else None
    return Input(files, stdin, config, View(sources=dict([stdin] if stdin else []), quiet=quiet))


def _require_readable(path: Path) -> None:
    """What is named has to be a file or a folder: a pipe may wait for ever."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise Trouble(f"{path}: no such file or directory") from None
    except (OSError, ValueError) as e:
        raise Trouble(f"{path}: cannot be read: {getattr(e, 'strerror', None) or e}") from e
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise Trouble(f"{path}: no regular file: not read")


def _start(files: tuple[Path, ...]) -> Path:
    """Where to look for a configuration: here, unless a file lies elsewhere; then above all of them."""
    here = Path.cwd()
    full = [os.path.abspath(f) for f in files]  # noqa: PTH100 - links are not to be followed
    if all(Path(f).is_relative_to(here) for f in full):
        return here
    return Path(os.path.commonpath(full))


def _check_codes(config: Config) -> None:
    """Those of the configuration file, if it names any: the checks are imported only then."""
    for key in ("select", "ignore", "extend_select"):
        chosen = getattr(config, key)
        if chosen != getattr(Config, key):
            configuration.check_selectors(chosen, known_codes(), f"{config.source}: key `{key.replace('_', '-')}`")


def select(config: Config, **options: tuple[str, ...]) -> Config:
    """With ``--select``, ``--ignore`` and ``--extend-select``; an unknown code is an error."""
    try:
        for key, chosen in options.items():
            if chosen:
                configuration.check_selectors(chosen, known_codes(), f"--{key.replace('_', '-')}")
    except ConfigError as e:
        raise Trouble(str(e)) from e
    return config.with_options(**options)


def known_codes() -> set[str]:
    from vaelint.checks import all_checks

    return {check.code for check in all_checks()}
