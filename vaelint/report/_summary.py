"""The last lines of a run: what was found, and what was looked at, so that silence cannot pass for success."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from vaelint.finding import Finding, Hidden, ObjectiveReport, Result, Status, is_about_signs
from vaelint.report._view import View, plural, wrapped
from vaelint.report._words import why_hidden


def summary(result: Result) -> list[str]:
    return [
        _findings(result),
        *_fixable(result.findings),
        *_hidden(result),
        _objectives(result),
        *_without_a_finding(result),
        *_suppressed(result.objectives),
        *_by_name(result.objectives),
        *_unresolved(result.objectives),
    ]


def one_a_line(findings: Iterable[str], result: Result, view: View, columns: int = 0) -> str:
    """A report of one line a finding, and the summary behind them, broken to ``columns`` where that is not 0."""
    lines = [*findings]
    if not view.quiet:
        lines += (wrapped(line, columns, "  ") for line in summary(result))
    return "".join(line + "\n" for line in lines)


def is_clean(result: Result) -> bool:
    """Whether there is nothing to look into: of what is optimised all is consistent, and no finding is hidden."""
    settled = (Status.CONSISTENT, Status.INTENDED)
    judged = bool(result.objectives) and all(o.status in settled for o in result.objectives)
    return judged and not result.findings and not result.hidden and not any(p.fatal for p in result.problems)


def _findings(result: Result) -> str:
    unread = sum(p.fatal for p in result.problems)
    files = plural(result.files, "file") + (f" ({unread} could not be analysed)" if unread else "")
    if not result.findings:
        return f"Found nothing in {files}."
    names = {f.filename for f in result.findings}
    besides = len(names & result.elsewhere)
    found = f"Found {plural(len(result.findings), 'finding')} in {len(names) - besides} of {files}"
    used = f", and in {besides} more that {'it uses' if result.files == 1 else 'they use'}." if besides else "."
    return found + used


def _fixable(findings: Sequence[Finding]) -> list[str]:
    """How many can be fixed, and how."""
    fixes = [f.fix for f in findings if f.fix is not None and f.fix.edits]
    safe = sum(fix.safe for fix in fixes)
    parts = [f"{safe} fixable with `--fix`"] if safe else []
    if len(fixes) > safe:
        parts.append(f"{len(fixes) - safe} with `--fix --unsafe-fixes`, which changes what is computed")
    if not parts:
        return []
    line = ", ".join(parts)
    return [f"{line if safe else line.replace('with', 'fixable with', 1)}; `--diff` shows the edits."]


def _hidden(result: Result) -> list[str]:
    """By reason and code; those that are shown all the same are not hidden."""
    shown = {id(f) for f in result.findings}
    out = [f for f in result.hidden if id(f) not in shown]
    if not out:
        return []
    groups: dict[Hidden, Counter[str]] = {}
    for f in out:
        if f.hidden is not None:
            groups.setdefault(f.hidden, Counter())[f.code] += 1
    listed = "; ".join(
        f"{', '.join(f'{n} {code}' for code, n in sorted(groups[why].items()))} "
        f"({why_hidden(why, result.min_confidence)})"
        for why in sorted(groups, key=lambda why: (min(groups[why]), why.value))
    )
    return [f"Hidden: {listed}. `--show-hidden` shows {'it' if len(out) == 1 else 'them'}."]


def _objectives(result: Result) -> str:
    if not result.objectives:
        what = "what is reported is not seen to reach" if _of_signs(result) else "nothing reaches"
        return f"No objective was traced: {what} an optimiser that vaelint knows."
    return traced(result.objectives)


def _of_signs(result: Result) -> bool:
    return any(is_about_signs(f.code) for f in result.findings)


def traced(objectives: Sequence[ObjectiveReport]) -> str:
    count = Counter(o.status for o in objectives)
    parts = ", ".join(f"{count[status]} {status.value}" for status in Status)
    return f"Traced {plural(len(objectives), 'objective')}: {parts}."


def _without_a_finding(result: Result) -> list[str]:
    """Of what is wrong and has no finding that is shown: which are hidden, and why."""
    shown = {(f.code, f.filename, f.location) for f in result.findings}
    silent = [
        o
        for o in result.objectives
        if o.status is Status.WRONG and not any((c.code, c.filename, c.location) in shown for c in o.causes)
    ]
    groups = Counter(hidden_causes(o, result) for o in silent)
    return [f"{n} wrong: {why}." for why, n in groups.items()]


def hidden_causes(o: ObjectiveReport, result: Result) -> str:
    """``VL201 is not selected``, of all findings by which an objective is wrong."""
    causes = dict.fromkeys((c.code, c.hidden) for c in o.causes if c.hidden is not None)
    return "; ".join(_is_hidden(code, why, result) for code, why in causes if why is not None)


def _is_hidden(code: str, why: Hidden, result: Result) -> str:
    verb = {Hidden.BELOW_CONFIDENCE: "is hidden, ", Hidden.BEFORE: "was "}.get(why, "is ")
    return f"{code} {verb}{why_hidden(why, result.min_confidence)}"


def _suppressed(objectives: Iterable[ObjectiveReport]) -> list[str]:
    groups = Counter(
        o.reason for o in objectives if o.status is Status.INTENDED and any(c.hidden is not None for c in o.causes)
    )
    return [f"{n} intended: {reason}." for reason, n in groups.items()]


def _by_name(objectives: Iterable[ObjectiveReport]) -> list[str]:
    n = sum(o.status is Status.BY_NAME for o in objectives)
    which = "The by-name one fits" if n == 1 else f"The {n} by-name fit"
    return [f"{which} if the names are right: nothing contradicts them, and nothing proves them."] if n else []


def _unresolved(objectives: Iterable[ObjectiveReport]) -> list[str]:
    open_ = sum(o.status is Status.UNRESOLVED for o in objectives)
    if not open_:
        return []
    which = "The unresolved one was" if open_ == 1 else f"The {open_} unresolved were"
    return [f"{which} not judged, right or wrong: `vaelint objectives` says why."]
