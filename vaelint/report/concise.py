"""One line a finding, which editors and grep understand."""

from __future__ import annotations

from vaelint.finding import Finding, Result, is_about_signs
from vaelint.report._summary import summary
from vaelint.report._view import View, one_line
from vaelint.report._words import why_hidden


def render(result: Result, view: View) -> str:
    lines = [_line(f, result, view) for f in result.findings]
    if not view.quiet:
        lines += summary(result)
    return "".join(line + "\n" for line in lines)


def _line(f: Finding, result: Result, view: View) -> str:
    hidden = f"; hidden: {why_hidden(f.hidden, result.min_confidence)}" if f.hidden is not None else ""
    sure = f" [{f.confidence.value}{hidden}]" if is_about_signs(f.code) or hidden else ""
    return f"{view.place(f.filename, f.location)}: {f.code} {one_line(f.message)}{sure}"
