"""Workflow commands, which GitHub shows as annotations on the changed lines."""

from __future__ import annotations

from vaelint.finding import Finding, Result
from vaelint.report._summary import one_a_line
from vaelint.report._view import View, clean, severity
from vaelint.report._words import marks

_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def render(result: Result, view: View) -> str:
    return one_a_line((_annotation(f, result, view) for f in result.findings), result, view)


def _annotation(f: Finding, result: Result, view: View) -> str:
    at = f.location
    properties = {"title": f"{f.code} ({f.name})", "file": view.path(f.filename)}
    line = view.physical(f.filename, at)
    if at.cell is not None:  # columns of a cell are not columns of the notebook's file
        properties |= {"line": str(line)} if line is not None else {}
    else:
        properties |= {"line": str(at.row), "col": str(at.column)}
        properties |= {"endLine": str(at.end_row), "endColumn": str(at.end_column)}
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    text = f"{view.place(f.filename, at)}: {f.code} {clean(f.message)}{marks(f, result)}"
    text += f"\nhelp: {clean(f.help)}" if f.help else ""
    return f"::{_LEVELS[severity(f)]} {listed}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
