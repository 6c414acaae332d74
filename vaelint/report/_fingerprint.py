"""By what a finding is known again when rows have moved: what the code says, not where it stands."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable

from vaelint.finding import Finding
from vaelint.report._view import View

_DEFINES = re.compile(r"(\s*)(?:async\s+)?(?:def|class)\s+(\w+)")


def fingerprints(findings: Iterable[Finding], view: View) -> list[str]:
    """One for each: of its code, its file, the definitions it is in and its row. Like ones are told apart by order."""
    seen: Counter[str] = Counter()
    out = []
    for f in findings:
        text = " ".join(view.line(f.filename, f.location).split())
        parts = (f.code, view.exact(f.filename).replace("\\", "/"), *_within(f, view), text)
        key = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        seen[key] += 1
        out.append(f"{key}:{seen[key]}")
    return out


def _within(f: Finding, view: View) -> list[str]:
    """The names of the functions and classes around it, by the indentation of the rows above; innermost first."""
    rows = view.lines(f.filename, f.location.cell)[: f.location.row]
    if not rows:
        return []
    indent = len(rows[-1]) - len(rows[-1].lstrip())
    out = []
    for row in reversed(rows[:-1]):
        found = _DEFINES.match(row)
        if found is not None and len(found[1]) < indent:
            indent = len(found[1])
            out.append(found[2])
        if indent == 0:
            break
    return out
