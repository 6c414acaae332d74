"""As pylint's ``parseable``, which many tools read."""

from __future__ import annotations

from vaelint.finding import Result
from vaelint.report._view import View, one_line
from vaelint.report._words import marks


def render(result: Result, view: View) -> str:
    return "".join(
        f"{view.path(f.filename)}:{view.physical(f.filename, f.location) or 1}: [{f.code}] "
        f"{one_line(f.message)}{marks(f, result)}\n"
        for f in result.findings
    )
