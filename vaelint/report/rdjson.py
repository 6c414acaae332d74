"""The JSON of reviewdog: https://github.com/reviewdog/reviewdog/tree/master/proto/rdf."""

from __future__ import annotations

from typing import Any

from vaelint.finding import Finding, Location, Result
from vaelint.report._links import HOME, url
from vaelint.report._view import View, as_json, clean, severity
from vaelint.report._words import marks

_SEVERITIES = {"error": "ERROR", "warning": "WARNING", "info": "INFO"}


def render(result: Result, view: View) -> str:
    return as_json(
        {
            "source": {"name": "vaelint", "url": HOME},
            "severity": "WARNING",
            "diagnostics": [_diagnostic(f, result, view) for f in result.findings],
        }
    )


def _diagnostic(f: Finding, result: Result, view: View) -> dict[str, Any]:
    made: dict[str, Any] = {
        "message": clean(f.message) + marks(f, result),
        "location": {"path": view.exact(f.filename), "range": _range(f, view)},
        "severity": _SEVERITIES[severity(f)],
        "code": {"value": f.code, "url": url(f.code)},
    }
    if f.fix is not None and f.location.cell is None:
        made["suggestions"] = [{"range": _span(e.location), "text": e.content} for e in f.fix.edits]
    return made


def _range(f: Finding, view: View) -> dict[str, Any]:
    if f.location.cell is None:
        return _span(f.location)
    return {"start": {"line": view.physical(f.filename, f.location) or 1}}


def _span(at: Location) -> dict[str, Any]:
    return {
        "start": {"line": at.row, "column": at.column},
        "end": {"line": at.end_row, "column": at.end_column},
    }
