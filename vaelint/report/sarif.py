"""SARIF 2.1.0, for code scanning: relative URIs, the trace as a code flow, fingerprints that survive moved rows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from vaelint import __version__
from vaelint.finding import Finding, Fix, Hidden, Location, Problem, Result
from vaelint.report._fingerprint import fingerprints
from vaelint.report._links import HOME, url
from vaelint.report._view import View, as_json, severity
from vaelint.report.json import example

if TYPE_CHECKING:
    from vaelint.checks import Check

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(result: Result, view: View) -> str:
    from vaelint.checks import all_checks

    driver = {
        "name": "vaelint",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": HOME,
        "rules": [_rule(check) for check in all_checks()],
    }
    prints = fingerprints(result.findings, view)
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(f, view, key) for f, key in zip(result.findings, prints, strict=True)],
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
        "name": "".join(word.capitalize() for word in check.name.split("-")),
        "shortDescription": {"text": f"{check.name}: {check.summary}."},
        "fullDescription": {"text": _first_paragraph(check.doc)},
        "helpUri": url(check.code),
        "defaultConfiguration": {"level": "warning"},
        "help": {"text": check.doc, "markdown": check.doc},
    }


def _first_paragraph(doc: str) -> str:
    """What it does, without its heading."""
    body = doc.strip().partition("\n")[2].strip()
    return " ".join(body.split("\n\n")[0].split())


def _result(f: Finding, view: View, fingerprint: str) -> dict[str, Any]:
    shown = f"For example: {f.example.told()}" if f.example is not None else ""
    said = (f"{f.message} [{f.confidence.value}]", shown, f.help)
    made: dict[str, Any] = {
        "ruleId": f.code,
        "level": _LEVELS[severity(f)],
        "message": {"text": "\n".join(part for part in said if part)},
        "locations": [_location(f.filename, f.location, view)],
        "partialFingerprints": {"vaelint/v1": fingerprint},
    }
    if f.related:
        made["relatedLocations"] = [_location(r.filename, r.location, view, r.message) for r in f.related]
    if f.hidden is Hidden.SUPPRESSED:
        made["suppressions"] = [{"kind": "inSource"}]
    elif f.hidden is Hidden.BASELINE:
        made["suppressions"] = [{"kind": "external"}]
    if f.fix is not None and f.location.cell is None:
        made["fixes"] = [_fix(f, f.fix, view)]
    made["properties"] = _properties(f)
    if f.trace:
        steps = [{"location": _location(s.filename, s.location, view, s.message)} for s in f.trace]
        made["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    return made


def _fix(f: Finding, fix: Fix, view: View) -> dict[str, Any]:
    """Of a notebook there is none: an edit of a cell is none of a region of its file."""
    edits = [{"deletedRegion": _region(e.location), "insertedContent": {"text": e.content}} for e in fix.edits]
    change = {"artifactLocation": {"uri": _uri(view.exact(f.filename))}, "replacements": edits}
    return {"description": {"text": fix.message}, "artifactChanges": [change]}


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
        snippet = view.line(filename, at)
        place["region"] = _region(at) | ({"snippet": {"text": snippet}} if snippet and not message else {})
    else:  # the rows of a cell are not rows of the notebook's file
        line = view.physical(filename, at)
        place |= {"region": {"startLine": line}} if line is not None else {}
        message = f"cell {at.cell}, row {at.row}" + (f": {message}" if message else "")
    return {"physicalLocation": place} | ({"message": {"text": message}} if message else {})


def _region(at: Location) -> dict[str, int]:
    return {
        "startLine": at.row,
        "startColumn": at.column,
        "endLine": at.end_row,
        "endColumn": at.end_column,
    }


def _uri(path: str) -> str:
    """A name is its bytes: they are quoted, whether they are text or not."""
    return Path(path).as_uri() if Path(path).is_absolute() else quote(os.fsencode(Path(path).as_posix()))
