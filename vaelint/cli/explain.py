"""``vaelint explain``."""

from __future__ import annotations

import sys

import click

from vaelint.cli import _output
from vaelint.config import did_you_mean
from vaelint.finding import is_about_signs


@click.command("explain", short_help="Say what a check reports, and why.")
@click.argument("code")
def command(code: str) -> None:
    """Say what the check CODE (or of that name) reports, why, and what to write instead."""
    from vaelint.checks import all_checks
    from vaelint.report._measured import section

    known = {check.code: check for check in all_checks()}
    by_name = {check.name: check for check in known.values()}
    check = known.get(code.upper()) or by_name.get(code.lower())
    if check is None:
        near = did_you_mean(code.upper(), known) or did_you_mean(code.lower(), by_name)
        raise _output.Trouble(f"there is no check `{code}`{near}")
    measured = f"{section(check.code)}\n" if is_about_signs(check.code) else ""
    text = f"# {check.name} ({check.code})\n\n{check.doc.strip()}\n\n{measured}"
    _output.emit(_rendered(text) if _output.wants_colour(sys.stdout) else text)


def _rendered(markdown: str) -> str:
    from io import StringIO

    from rich.console import Console
    from rich.markdown import Markdown

    out = StringIO()
    console = Console(file=out, force_terminal=True)
    console.print(Markdown(markdown), width=min(console.width, 100))
    return out.getvalue()
