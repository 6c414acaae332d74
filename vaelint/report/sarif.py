"""SARIF 2.1.0, for code scanning: relative URIs, the trace as a code flow, fingerprints that survive moved rows."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from vaelint.finding import Finding, Hidden, Location, Problem, Result
from vaelint.report._view import View, as_json, severity
from vaelint.report.json import example

if TYPE_CHECKING:
    from vaelint.checks import Check

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(result: Result, view: View) -> str:
    from vaelint.checks import all_checks

    driver = {"name": "vaelint", "rules": [_rule(check) for check in all_checks()]}
    seen: Counter[str] = Counter()
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(f, view, seen) for f in result.findings],
        "invocations": [
            {
                "executionSuccessful": not any(p.fatal for p in result.problems),
                "toolExecutionNotifications": [_notification(p, view) for p in result.problems],
            }
        ],
    }
    return as_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(check: Check) -> dict[str, Any]:
    return {
        "id": check.code,
        "name": check.name,
        "shortDescription": {"text": check.summary},
        "help": {"text": check.doc, "markdown": check.doc},
    }


def _result(f: Finding, view: View, seen: Counter[str]) -> dict[str, Any]:
    shown = f"For example: {f.example.told()}" if f.example is not None else ""
    made: dict[str, Any] = {
        "ruleId": f.code,
        "level": _LEVELS[severity(f)],
        "message": {"text": "\n".join(part for part in (f.message, shown, f.help) if part)},
        "locations": [_location(f.filename, f.location, view)],
        "partialFingerprints": {"vaelint/v1": _fingerprint(f, view, seen)},
    }
    if f.related:
        made["relatedLocations"] = [_location(r.filename, r.location, view, r.message) for r in f.related]
    if f.hidden is Hidden.SUPPRESSED:
        made["suppressions"] = [{"kind": "inSource"}]
    made["properties"] = _properties(f)
    if f.trace:
        steps = [{"location": _location(s.filename, s.location, view, s.message)} for s in f.trace]
        made["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    return made


def _properties(f: Finding) -> dict[str, Any]:
    made: dict[str, Any] = {"confidence": f.confidence.value}
    if f.sides:
        made["sides"] = [{"what": s.what, "basis": s.basis.value} for s in f.sides]
    if f.assumptions:
        made["assumptions"] = list(f.assumptions)
    if f.example is not None:
        made["example"] = example(f.example)
    if f.hidden is not None:
        made["hidden"] = f.hidden.value
    return made


def _notification(p: Problem, view: View) -> dict[str, Any]:
    at = p.location or Location(1, 1, 1, 1)
    return {
        "level": "error" if p.fatal else "warning",
        "message": {"text": p.message},
        "locations": [_location(p.filename, at, view)],
    }


def _location(filename: str, at: Location, view: View, message: str = "") -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(view.exact(filename))}}
    if at.cell is None:
        place["region"] = {
            "startLine": at.row,
            "startColumn": at.column,
            "endLine": at.end_row,
            "endColumn": at.end_column,
        }
    else:  # the rows of a cell are not rows of the notebook's file
        message = f"cell {at.cell}, row {at.row}" + (f": {message}" if message else "")
    return {"physicalLocation": place} | ({"message": {"text": message}} if message else {})


def _uri(path: str) -> str:
    """A name is its bytes: they are quoted, whether they are text or not."""
    return Path(path).as_uri() if Path(path).is_absolute() else quote(os.fsencode(Path(path).as_posix()))


def _fingerprint(f: Finding, view: View, seen: Counter[str]) -> str:
    """By what the code says, not where it stands; the like in one file are told apart by their order."""
    text = " ".join(view.line(f.filename, f.location).split())
    key = hashlib.sha256(
        "\0".join((f.code, view.exact(f.filename), text)).encode("utf-8", "surrogatepass")
    ).hexdigest()[:32]
    seen[key] += 1
    return f"{key}:{seen[key]}"
