"""``vaelint explain``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from vaelint.cli import _output
from vaelint.cli._outputs import code_completed, terminal_width
from vaelint.config import did_you_mean
from vaelint.finding import is_about_signs

if TYPE_CHECKING:
    from vaelint.checks import Check


@click.command("explain", short_help="Say what a check reports, and why.")
@click.argument("code", required=False, shell_complete=code_completed)
@click.option("--all", "every", is_flag=True, help="Of every check.")
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(code: str | None, every: bool, output_format: str) -> None:
    """Say what the check CODE (or of that name) reports, why, and what to write instead."""
    from vaelint.checks import all_checks

    if (code is None) != every:
        raise click.UsageError("give a CODE, or --all")
    checks = list(all_checks()) if code is None else [_named(code)]
    if output_format == "json":
        from vaelint.report._view import as_json

        listed = [_json(check) for check in checks]
        _output.emit(as_json(listed if every else listed[0]))
        return
    text = "\n".join(map(_text, checks))
    _output.emit(_rendered(text) if _output.wants_colour(sys.stdout) else text)


def _named(code: str) -> Check:
    from vaelint.checks import all_checks

    known = {check.code: check for check in all_checks()}
    by_name = {check.name: check for check in known.values()}
    check = known.get(code.upper()) or by_name.get(code.lower())
    if check is None:
        near = did_you_mean(code.upper(), known) or did_you_mean(code.lower(), by_name)
        raise _output.Trouble(f"there is no check `{code}`{near}")
    return check


def _text(check: Check) -> str:
    from vaelint.report._measured import section

    measured = f"{section(check.code)}\n" if is_about_signs(check.code) else ""
    return f"# {check.name} ({check.code})\n\n{check.doc.strip()}\n\n{measured}"


def _json(check: Check) -> dict[str, Any]:
    """With the keys of `ruff rule --output-format json`, as far as they apply."""
    from vaelint.report._links import url

    return {
        "code": check.code,
        "name": check.name,
        "summary": check.summary,
        "explanation": _text(check),
        "url": url(check.code),
    }


def _rendered(markdown: str) -> str:
    from io import StringIO

    from rich.console import Console
    from rich.markdown import Markdown

    out = StringIO()
    console = Console(file=out, force_terminal=True)
    console.print(Markdown(markdown), width=min(terminal_width() or console.width, 100))
    return out.getvalue()
