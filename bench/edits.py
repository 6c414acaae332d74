"""How many findings carry an edit, by check: over the fixtures and the examples of the checks."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from bench.places import REPOSITORY
from vaelint.checks import all_checks
from vaelint.config import Config
from vaelint.engine import analyse
from vaelint.finding import Confidence, Finding, is_about_signs

FIXTURES = REPOSITORY / "tests" / "fixtures"


def found(folder: Path | None) -> list[Finding]:
    """What is reported in a folder; by default in the fixtures and in what the checks show as wrong."""
    shown = Config(min_confidence=Confidence.POSSIBLE)
    runs = [analyse([folder or FIXTURES], shown)]
    for check in all_checks() if folder is None else ():
        runs += [analyse([], shown, stdin=("example.py", code)) for code in check.bad]
    return [f for result in runs for f in result.findings if is_about_signs(f.code)]


def run(folder: Path | None, without: bool) -> int:
    """Print the table; with ``without`` also each finding that has no edit."""
    findings = found(folder)
    of = Counter(f.code for f in findings)
    edited = Counter(f.code for f in findings if f.fix is not None)
    safe = Counter(f.code for f in findings if f.fix is not None and f.fix.safe)
    click.echo("check   findings  with an edit  safe")
    for code in sorted(of):
        click.echo(f"{code:6}  {of[code]:8}  {edited[code]:12}  {safe[code]:4}")
    click.echo(f"{'all':6}  {of.total():8}  {edited.total():12}  {safe.total():4}")
    for f in findings if without else ():
        if f.fix is None:
            click.echo(f"{Path(f.filename).name}:{f.location.row} {f.code} {f.help}")
    return 0
