"""``vaelint check --print-test``."""

from __future__ import annotations

from pathlib import Path

from vaelint import witness
from vaelint.cli import _output
from vaelint.cli._options import Input
from vaelint.finding import Finding, Result
from vaelint.report._view import plural
from vaelint.source.file import SourceError, read_text


def tests(result: Result, given: Input, quiet: bool) -> str:
    """The tests of all findings that have one; says of how many there is none, and why."""
    made = [t for f in result.findings if (t := _test(f, given)) is not None]
    found = list({t.function: t for t in reversed(made)}.values())[::-1]  # of two functions of one name, the first
    left = len(result.findings) - len(found)
    if left and not quiet:
        which = "has" if left == 1 else "have"
        _output.say(
            f"{plural(left, 'finding')} {which} no test: only a formula that a function of a module returns, of "
            "nothing but its parameters, can be tested with numbers",
            "note",
        )
    return witness.written(found)


def _test(finding: Finding, given: Input) -> witness.Test | None:
    if finding.example is None or given.stdin is not None or Path(finding.filename).suffix != ".py":
        return None
    try:
        text = read_text(Path(finding.filename))
    except SourceError:
        return None
    at = finding.location
    return witness.of(finding, text, f"{given.view.path(finding.filename)}:{at.row}")
