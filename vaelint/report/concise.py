"""One line a finding, which editors and grep understand."""

from __future__ import annotations

from vaelint.finding import Result
from vaelint.report._summary import summary
from vaelint.report._view import View, one_line


def render(result: Result, view: View) -> str:
    lines = [f"{view.place(f.filename, f.location)}: {f.code} {one_line(f.message)}" for f in result.findings]
    if not view.quiet:
        lines += summary(result)
    return "".join(line + "\n" for line in lines)
