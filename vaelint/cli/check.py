"""``vaelint check``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from vaelint import report
from vaelint.cli import _known, _options, _output, _outputs
from vaelint.cli._help import Sections
from vaelint.evidence import Confidence
from vaelint.finding import Result
from vaelint.report._view import View, escaped, plural

F = TypeVar("F", bound=Callable[..., Any])


def _codes(option: str, what: str) -> Callable[[F], F]:
    return click.option(
        option,
        callback=_options.codes,
        shell_complete=_outputs.code_completed,
        multiple=True,
        metavar="CODES",
        help=what,
    )


@click.command("check", cls=Sections, short_help="Report wrong signs in files and folders.")
@_options.input_options
@_codes("--select", "Run these checks: codes, their beginnings, or names.")
@_codes("--ignore", "Leave these checks out.")
@_codes("--extend-select", "Run these checks as well.")
@click.option(
    "--min-confidence",
    type=click.Choice([c.value for c in Confidence]),
    help="Show findings that are at least this sure.  [default: likely]",
)
@click.option("--show-hidden", is_flag=True, help="Show hidden findings as well, each with the reason.")
@click.option(
    "--baseline",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Hide the findings listed in FILE, which `vaelint baseline` makes.",
)
@click.option("--prune", is_flag=True, help="With a baseline: remove from it what is no longer found.")
@click.option("--diff-base", metavar="REV", help="Report only what was not there at this revision of the repository.")
@click.option(
    "--add-ignore",
    metavar="REASON",
    help="Suppress each finding by a comment with this reason.",
)
@click.option("--fix", is_flag=True, help="Make the edits that change nothing that is computed.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: those that change what is computed, too.")
@click.option("--diff", is_flag=True, help="Show what --fix would change; change nothing.")
@click.option("--print-test", is_flag=True, help="Print a pytest function for each finding whose numbers allow one.")
@click.option(
    "--output-format",
    "formats",
    multiple=True,
    metavar="FORMAT[:FILE]",
    envvar="VAELINT_OUTPUT_FORMAT",
    callback=_outputs.asked,
    shell_complete=_outputs.completed,
    help=f"How to show what was found, and where to write it; may be given several times. FORMAT is one of "
    f"{', '.join(report.names())}.  [default: text]",
)
@click.option("--absolute-paths", is_flag=True, help="Absolute paths in formats for programs, as Ruff gives them.")
@click.option("-o", "--output-file", metavar="FILE", type=click.Path(path_type=Path), help="Write the report to FILE.")
@click.option("--statistics", is_flag=True, help="Show how often each check reports, in place of the findings.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many processes to use.  [default: one a processor]",
)
@click.option("--time", "timed", is_flag=True, help="Say on standard error which stages and which files took how long.")
@click.option("-q", "--quiet", is_flag=True, help="Show findings and errors alone: no summary, no warnings.")
@click.option("--show-files", is_flag=True, help="List the files that would be checked, and check none.")
@click.option("--show-settings", is_flag=True, help="Show the settings that hold for the first file.")
@click.option("--require-files", is_flag=True, help="Exit with 2 if there is no file to check.")
@click.option("-e", "--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    stdin_filename: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    extend_select: tuple[str, ...],
    min_confidence: str | None,
    show_hidden: bool,
    baseline: Path | None,
    prune: bool,
    diff_base: str | None,
    add_ignore: str | None,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    print_test: bool,
    formats: tuple[_outputs.Output, ...],
    absolute_paths: bool,
    output_file: Path | None,
    statistics: bool,
    jobs: int | None,
    timed: bool,
    quiet: bool,
    show_files: bool,
    show_settings: bool,
    require_files: bool,
    exit_zero: bool,
    **configuring: Any,
) -> None:
    """Report signs that are wrong in PATHS (files or folders; default: here).

    Exits with 0 if there is nothing to show, 1 for findings, 2 if vaelint could not do its work.
    """
    given = _options.read_input(paths, stdin_filename, quiet, **configuring)
    settings = _options.select(given.settings, select=select, ignore=ignore, extend_select=extend_select)
    if min_confidence is not None:
        settings = settings.with_options(min_confidence=Confidence(min_confidence))
    given = replace(given, settings=settings)
    if show_files or show_settings:
        from vaelint.cli import _showing

        _output.emit(_showing.files(given) if show_files else _showing.settings(given), output_file)
        return
    outputs = _outputs.settled(formats, settings.main.output_format, output_file)
    given = replace(given, view=replace(given.view, absolute=absolute_paths))
    if fix and given.stdin is not None:
        raise click.UsageError("standard input cannot be fixed in place: use --diff")
    if timed:
        from vaelint.timing import Timing

        given = replace(given, timing=Timing())
    known = _known.Known.asked(given, baseline, diff_base, prune)
    if add_ignore is not None:
        from vaelint.cli import _ignoring

        before = _ignoring.digests(given)
        result = known.analyse(jobs, quiet)
        ignoring = _ignoring.apply(result, given, add_ignore, before)
        if not quiet:
            _output.say(f"suppressed {plural(ignoring.done, 'finding')}", "note")
        ctx.exit(_output.exit_code(result, False, ignoring.refused, exit_zero))
    result = known.analyse(jobs, quiet)
    if diff:
        from vaelint.cli import _fixing

        _output.say_problems((p for p in result.problems if p.fatal or not quiet), given.view)
        text, fixing = _fixing.diff(result, given, unsafe_fixes)
        if not quiet:
            _fixing.say_what_is_left(result, unsafe_fixes)
        _output.emit(text, output_file)
        ctx.exit(_output.exit_code(result, bool(text), fixing.refused, exit_zero))
    if print_test:
        from vaelint.cli import _testing

        _output.emit(_testing.tests(result, given, quiet), output_file)
        ctx.exit(_output.exit_code(result, bool(result.findings), 0, exit_zero))
    refused = 0
    if fix:
        from vaelint.cli import _fixing

        fixing = _fixing.apply(result, given, unsafe_fixes, quiet)
        refused = fixing.refused
        if fixing.done:
            given = replace(given, view=View(given.view.cwd, quiet=quiet, absolute=absolute_paths))
            result = replace(known, given=given).analyse(jobs, quiet)

    _say_problems(result, given.view)
    if show_hidden:
        result.show_hidden()
    if not result.files and not result.problems:
        where = ", ".join(escaped(str(p)) for p in given.paths)
        nothing = f"no Python file, notebook or YAML file was found in {where}"
        if require_files:
            raise _output.Trouble(nothing)
        if not quiet:
            _output.say(nothing)
    for output in outputs:
        if statistics:
            text = _statistics(result, as_json=output.format in ("json", "json-lines"))
        else:
            text = report.load(output.format).render(result, output.view(given.view))
        _output.emit(text, output.file)
    known.settle(quiet)
    for line in given.timing.lines() if given.timing is not None else ():
        click.echo(line, err=True)
    ctx.exit(_output.exit_code(result, bool(result.findings), refused, exit_zero))


def _say_problems(result: Result, view: View) -> None:
    """On standard error; where vaelint failed is a finding, and shown as one."""
    _output.say_problems((p for p in result.problems if not p.ours and (p.fatal or not view.quiet)), view)
    _output.say_details(p for p in result.problems if p.ours)


def _statistics(result: Result, as_json: bool) -> str:
    counts = Counter((f.code, f.name) for f in result.findings).most_common()
    if as_json:
        return json.dumps([{"code": code, "name": name, "count": n} for (code, name), n in counts], indent=2) + "\n"
    if not counts:
        return ""
    total = sum(n for _, n in counts)
    room = len(str(total))
    rows = [f"{n:>{room}}  {code}  {name}\n" for (code, name), n in counts]
    return "".join([*rows, f"{total:>{room}}  in all\n"])
