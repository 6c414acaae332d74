"""GitLab's code quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""

from __future__ import annotations

import os
from pathlib import Path

from vaelint.finding import Finding, Result
from vaelint.report._fingerprint import fingerprints
from vaelint.report._view import View, as_json, one_line, severity
from vaelint.report._words import marks

_SEVERITIES = {"error": "critical", "warning": "major", "info": "info"}


def render(result: Result, view: View) -> str:
    prints = fingerprints(result.findings, view)
    return as_json([_issue(f, key, result, view) for f, key in zip(result.findings, prints, strict=True)])


def _issue(f: Finding, fingerprint: str, result: Result, view: View) -> dict[str, object]:
    return {
        "description": f"{f.code} {one_line(f.message)}{marks(f, result)}",
        "check_name": f.code,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[severity(f)],
        "location": {"path": _path(f, view), "lines": {"begin": view.physical(f.filename, f.location) or 1}},
    }


def _path(f: Finding, view: View) -> str:
    """Relative to the project, which a job may have left."""
    base = os.environ.get("CI_PROJECT_DIR")
    full = Path(view.full(f.filename))
    if base and full.is_relative_to(base):
        return full.relative_to(base).as_posix()
    return Path(view.exact(f.filename)).as_posix()
