"""The last lines of a run: what was found, and what was looked at, so that silence cannot pass for success."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from vaelint.finding import ObjectiveReport, Result, Status
from vaelint.report._view import plural


def summary(result: Result) -> list[str]:
    return [_findings(result), _objectives(result), *_unresolved(result), *_held_back(result)]


def _findings(result: Result) -> str:
    unread = sum(p.fatal for p in result.problems)
    files = plural(result.files, "file") + (f" ({unread} could not be analysed)" if unread else "")
    if not result.findings:
        return f"Found nothing in {files}."
    concerned = len({f.filename for f in result.findings})
    return f"Found {plural(len(result.findings), 'finding')} in {concerned} of {files}."


def _objectives(result: Result) -> str:
    if not result.objectives:
        return "No objective was traced: nothing reaches an optimiser that vaelint knows."
    return traced(result.objectives)


def traced(objectives: Sequence[ObjectiveReport]) -> str:
    count = Counter(o.status for o in objectives)
    parts = [
        f"{count[Status.CONSISTENT]} consistent",
        f"{count[Status.WRONG]} wrong",
        f"{count[Status.UNRESOLVED]} unresolved",
    ]
    return f"Traced {plural(len(objectives), 'objective')}: {', '.join(parts)}."


def _unresolved(result: Result) -> list[str]:
    open_ = sum(o.status is Status.UNRESOLVED for o in result.objectives)
    if not open_:
        return []
    which = "The unresolved one was" if open_ == 1 else f"The {open_} unresolved were"
    return [f"{which} not judged, right or wrong: `vaelint objectives` says why."]


def _held_back(result: Result) -> list[str]:
    if not result.held_back:
        return []
    less = "1 finding is" if result.held_back == 1 else f"{result.held_back} findings are"
    return [f"{less} not sure enough to be shown: `--min-confidence possible` shows all."]
