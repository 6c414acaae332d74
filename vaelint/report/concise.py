"""One line a finding, which editors and grep understand."""

from __future__ import annotations

from vaelint.finding import Result
from vaelint.report._summary import summary
from vaelint.report._view import View, clean


def render(result: Result, view: View) -> str:
    lines = [f"{view.place(f.filename, f.location)}: {f.code} {_one_line(f.message)}" for f in result.findings]
    if not view.quiet:
        lines += summary(result)
    return "".join(line + "\n" for line in lines)


def _one_line(text: str) -> str:
    return clean(" ".join(text.split()))
