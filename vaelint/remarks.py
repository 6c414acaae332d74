"""Findings about a file itself, not about its signs: vaelint failed, it is no Python, a comment is in vain."""

from __future__ import annotations

from vaelint.finding import Confidence, Finding, Location

INTERNAL, SYNTAX, UNUSED = "VL000", "VL001", "VL002"
_HELP = {
    INTERNAL: "please report it, with the lines that show it; `--exclude` leaves the file out until then",
    SYNTAX: "correct the syntax: code that does not parse is not checked",
    UNUSED: "correct the comment, or remove it",
}


def remark(code: str, filename: str, message: str, at: Location | None = None) -> Finding:
    from vaelint.checks import all_checks

    name = next((c.name for c in all_checks() if c.code == code), "")
    place = at if at is not None else Location(1, 1, 1, 1)
    return Finding(code, name, message, filename, place, Confidence.CERTAIN, _HELP[code])
