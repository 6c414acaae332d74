"""One line a finding, which editors and grep understand."""

from __future__ import annotations

from click import style

from vaelint.finding import Finding, Result
from vaelint.report._summary import one_a_line
from vaelint.report._view import View, one_line, severity
from vaelint.report._words import COLOURS, marks


def render(result: Result, view: View) -> str:
    return one_a_line((_line(f, result, view) for f in result.findings), result, view, view.columns)


def _line(f: Finding, result: Result, view: View) -> str:
    place = style(view.place(f.filename, f.location), bold=True)
    code = style(f.code, fg=COLOURS[severity(f)], bold=True)
    return f"{place}: {code} {one_line(f.message)}{style(marks(f, result), dim=True)}"
