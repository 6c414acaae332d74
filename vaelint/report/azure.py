"""Logging commands of Azure Pipelines, which shows them with the job."""

from __future__ import annotations

from vaelint.finding import Finding, Result
from vaelint.report._summary import one_a_line
from vaelint.report._view import View, one_line, severity
from vaelint.report._words import marks


def render(result: Result, view: View) -> str:
    return one_a_line((_issue(f, result, view) for f in result.findings), result, view)


def _issue(f: Finding, result: Result, view: View) -> str:
    properties = {
        "type": "error" if severity(f) == "error" else "warning",
        "sourcepath": view.exact(f.filename),
        "linenumber": str(view.physical(f.filename, f.location) or 1),
        "columnnumber": str(f.location.column if f.location.cell is None else 1),
        "code": f.code,
    }
    listed = "".join(f"{key}={_property(one_line(value))};" for key, value in properties.items())
    return f"##vso[task.logissue {listed}]{_data(one_line(f.message) + marks(f, result))}"


def _data(text: str) -> str:
    return text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(";", "%3B").replace("]", "%5D")
