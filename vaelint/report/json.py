"""For programs: a list of findings with the keys of Ruff's JSON, and the trace."""

from __future__ import annotations

from typing import Any

from vaelint.finding import Example, Finding, Fix, Location, Result
from vaelint.report._links import url
from vaelint.report._view import View, severity
from vaelint.report._view import as_json as text


def render(result: Result, view: View) -> str:
    return text([as_json(f, view) for f in result.findings])


def as_json(f: Finding, view: View) -> dict[str, Any]:
    return {
        "code": f.code,
        "name": f.name,
        "message": f.message,
        "filename": view.exact(f.filename),
        "location": start(f.location),
        "end_location": end(f.location),
        "cell": f.location.cell,
        "noqa_row": f.location.row,
        "severity": severity(f),
        "confidence": f.confidence.value,
        "help": f.help or None,
        "trace": [
            {
                "filename": view.exact(step.filename),
                "location": start(step.location),
                "cell": step.location.cell,
                "message": step.message,
            }
            for step in f.trace
        ],
        "sides": [
            {"what": s.what, "basis": s.basis.value, "roles": [b.value for b in s.roles] or None} for s in f.sides
        ],
        "assumptions": list(f.assumptions),
        "example": example(f.example),
        "related": [
            {
                "filename": view.exact(place.filename),
                "location": start(place.location),
                "end_location": end(place.location),
                "cell": place.location.cell,
                "message": place.message,
            }
            for place in f.related
        ],
        "hidden": f.hidden.value if f.hidden is not None else None,
        "fix": _fix(f.fix),
        "url": url(f.code),
    }


def example(e: Example | None) -> dict[str, Any] | None:
    """Numbers that show what is wrong."""
    if e is None:
        return None
    edited = {"edit": e.edit, "edited_value": e.edited} if e.edited is not None else {}
    return {"inputs": dict(e.inputs), "value": e.value, "expected": e.expected, **edited}


def start(at: Location) -> dict[str, int]:
    return {"row": at.row, "column": at.column}


def end(at: Location) -> dict[str, int]:
    return {"row": at.end_row, "column": at.end_column}


def _fix(fix: Fix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    return {
        "applicability": "safe" if fix.safe else "unsafe",
        "message": fix.message,
        "edits": [
            {
                "content": edit.content,
                "location": start(edit.location),
                "end_location": end(edit.location),
                "cell": edit.location.cell,
            }
            for edit in fix.edits
        ],
    }
