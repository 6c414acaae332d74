"""Grouped by file, as in Ruff."""

from __future__ import annotations

from itertools import groupby

from click import style

from vaelint.finding import Finding, Result
from vaelint.report._summary import summary
from vaelint.report._view import View, one_line, wrapped
from vaelint.report._words import marks


def render(result: Result, view: View) -> str:
    out: list[str] = []
    for name, those in groupby(result.findings, key=lambda f: f.filename):
        findings = [*those]
        places = [_place(f) for f in findings]
        room = max(map(len, places))
        out.append(style(view.path(name), bold=True) + ":")
        for f, place in zip(findings, places, strict=True):
            out.append(f"  {place:<{room}}  {style(f.code, bold=True)} {one_line(f.message)}{marks(f, result)}")
        out.append("")
    if not view.quiet:
        out += (wrapped(line, view.columns, "  ") for line in summary(result))
    return "\n".join(out).rstrip("\n") + "\n" if out else ""


def _place(f: Finding) -> str:
    cell = f"cell {f.location.cell}:" if f.location.cell is not None else ""
    return f"{cell}{f.location.row}:{f.location.column}"
