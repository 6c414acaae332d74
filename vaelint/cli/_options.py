"""Options that several commands share, and what they mean together."""

from __future__ import annotations

import stat
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from vaelint import config as configuration
from vaelint.cli import DEBUG
from vaelint.cli._kept import Keeping
from vaelint.cli._output import Trouble
from vaelint.cli._progress import Bar
from vaelint.config import Config, ConfigError, Pattern, Settings
from vaelint.finding import Result
from vaelint.report._view import View, decode

if TYPE_CHECKING:
    from vaelint.cache.parts import Parts
    from vaelint.knowledge import Knowledge
    from vaelint.timing import Timing

F = TypeVar("F", bound=Callable[..., Any])


def codes(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """``--select VL101,VL3 --select mixed-signs`` as one tuple."""
    return tuple(code.strip() for value in values for code in value.split(",") if code.strip())


def _debug(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    ctx.meta[DEBUG] = asked


def input_options(command: F) -> F:
    """What to read, and how; and ``--debug``, for what goes wrong."""
    command = click.option(
        "--debug", is_flag=True, expose_value=False, callback=_debug, help="Show where vaelint failed."
    )(command)
    command = click.option("--stdin-filename", metavar="FILE", help="What to call standard input, which `-` reads.")(
        command
    )
    command = click.option(
        "--preview",
        is_flag=True,
        help="Use also laws of rules/laws that names leave in doubt: not measured on unread code yet.",
    )(command)
    command = click.option(
        "--no-cache",
        is_flag=True,
        envvar="VAELINT_NO_CACHE",
        help="Use nothing that was kept, and keep nothing.",
    )(cache_folder(command))
    for option in reversed(_CONFIGURING):
        command = option(command)
    return click.argument("paths", metavar="[PATHS]...", nargs=-1)(command)


def cache_folder(command: F) -> F:
    return click.option(
        "--cache-dir",
        metavar="DIR",
        envvar="VAELINT_CACHE_DIR",
        type=click.Path(path_type=Path),
        help="Where to keep what the next run can use.  [default: .vaelint_cache of the project]",
    )(command)


_CONFIGURING = (
    click.option(
        "--config",
        metavar="FILE | 'KEY = VALUE'",
        multiple=True,
        help="Read this configuration and no other; or set one key of it.",
    ),
    click.option("--isolated", is_flag=True, help="Read no configuration."),
    click.option(
        "--exclude",
        metavar="PATTERN",
        multiple=True,
        help="Leave these out, in place of those configured.",
    ),
    click.option(
        "--extend-exclude",
        metavar="PATTERN",
        multiple=True,
        help="Leave these out besides those configured.",
    ),
    click.option(
        "--force-exclude/--no-force-exclude",
        default=None,
        help="Whether excluded files are left out even if they are named.",
    ),
    click.option(
        "--respect-gitignore/--no-respect-gitignore", default=None, help="Whether files that git ignores are left out."
    ),
    click.option("--follow-installed", is_flag=True, help="Follow calls into installed packages that no rule knows."),
    click.option(
        "--python",
        metavar="PATH",
        type=click.Path(path_type=Path),
        help="The environment with these packages.",
    ),
)


@dataclass(frozen=True)
class Input:
    paths: tuple[Path, ...]
    stdin: tuple[str, str] | None
    settings: Settings
    view: View
    keeping: Keeping
    timing: Timing | None = None

    @property
    def config(self) -> Config:
        """What holds for the first of the paths."""
        first = Path(self.stdin[0]) if self.stdin is not None else self.paths[0] if self.paths else Path()
        return self.settings.near(first / "-" if first.is_dir() else first)

    def analyse(self, traces: bool = False, jobs: int | None = None, quiet: bool = False) -> Result:
        settings = repr((self.settings, traces))
        work = partial(self._analysed, traces, jobs, quiet)
        return self.keeping.result(self.paths, self.config.cache_dir, settings, work)

    def _analysed(self, traces: bool, jobs: int | None, quiet: bool, kept: Parts | None) -> Result:
        from vaelint.engine import analyse
        from vaelint.knowledge import RuleError

        bar = Bar(quiet)
        try:
            return analyse(
                self.paths,
                self.settings,
                stdin=self.stdin,
                traces=traces,
                kept=kept,
                jobs=jobs,
                progress=bar,
                timing=self.timing,
            )
        except (ConfigError, RuleError) as e:
            raise Trouble(str(e)) from e
        finally:
            bar.end()


def knowledge() -> Knowledge:
    """The rules that hold here: the shipped ones, and those that the configuration adds."""
    from vaelint.knowledge import RuleError, load

    try:
        config = configuration.load()
        return load(config.extend_rules, config.names)
    except (ConfigError, RuleError) as e:
        raise Trouble(str(e)) from e


def read_input(
    paths: tuple[str, ...],
    stdin_filename: str | None,
    quiet: bool = False,
    no_cache: bool = False,
    cache_dir: Path | None = None,
    **configuring: Any,
) -> Input:
    """What the options name, or an error (exit code 2) that says what is wrong with them.

    ``configuring``: the other options of `input_options`, by name.
    """
    begun = time.time_ns()
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
    settings = _settings(**configuring)
    try:
        for path in (Path(name),) if piped else files:
            settings.near(path / "-" if path.is_dir() else path)  # what is wrong there is reported first
    except ConfigError as e:
        raise Trouble(str(e)) from e
    stdin = (name, decode(sys.stdin.buffer.read())) if piped else None
    keeping = Keeping(not no_cache and not piped, cache_dir, begun)
    return Input(files, stdin, settings, View(sources=dict([stdin] if stdin else []), quiet=quiet), keeping)


def _settings(
    config: tuple[str, ...],
    isolated: bool,
    exclude: tuple[str, ...],
    extend_exclude: tuple[str, ...],
    force_exclude: bool | None,
    respect_gitignore: bool | None,
    follow_installed: bool,
    python: Path | None,
    preview: bool,
) -> Settings:
    here = Path.cwd()
    named = [c for c in config if Path(c).exists() or ("=" not in c)]
    if len(named) > 1:
        raise click.UsageError("--config names two files: give one")
    if named and isolated:
        raise click.UsageError("--isolated reads no configuration, and --config names one")
    inline: dict[str, Any] = {}
    try:
        for text in config:
            if text not in named:
                inline |= configuration.inline(text)
        only = configuration.load(Path(named[0])) if named else Config() if isolated else None
    except ConfigError as e:
        raise Trouble(str(e)) from e
    return Settings(only, inline).with_options(
        exclude=tuple(Pattern(p, here) for p in exclude),
        extend_exclude=tuple(Pattern(p, here) for p in extend_exclude),
        force_exclude=force_exclude,
        respect_gitignore=respect_gitignore,
        follow_installed=follow_installed or None,
        python=python.absolute() if python is not None else None,
        preview=preview or None,
    )


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


def select(settings: Settings, **options: tuple[str, ...]) -> Settings:
    """With ``--select``, ``--ignore`` and ``--extend-select``; an unknown code is an error."""
    try:
        chosen = {key: configuration.selectors(v, f"--{key.replace('_', '-')}") for key, v in options.items()}
    except ConfigError as e:
        raise Trouble(str(e)) from e
    return settings.with_options(**chosen)
