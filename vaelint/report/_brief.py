"""What somebody who reviews a file has to read: each objective in its smallest slice, and what is open about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vaelint.evidence import Basis
from vaelint.finding import Finding, ObjectiveReport, ObjectiveTerm, Result, Status, Step
from vaelint.report._view import View, clean, one_line, plural
from vaelint.report._words import BASES, why_hidden
from vaelint.sense import Sense
from vaelint.ways import done

WORDS = 2000  # in all: a reader's few minutes

_SHOULD = {
    Sense.GAIN: "should go up ↑",
    Sense.COST: "should go down ↓",
    Sense.NONE: "no direction ·",
    Sense.UNKNOWN: "not known ?",
}
_VERDICTS = {
    Status.CONSISTENT: "Every term and the direction are known by facts, and fit.",
    Status.BY_NAME: "Nothing contradicts, but some of it is known by its name or a docstring alone.",
    Status.INTENDED: "It goes against its direction on purpose, as the code says or shows.",
    Status.WRONG: "There is a finding about it.",
    Status.UNRESOLVED: "Something in it is not known, so that it was not judged, right or wrong.",
}
# What is read first: what is wrong, then what nobody knows.
_ORDER = (Status.WRONG, Status.UNRESOLVED, Status.BY_NAME, Status.INTENDED, Status.CONSISTENT)


def brief(result: Result, view: View, about: str) -> str:
    """Markdown, of at most `WORDS` words: of objectives for which there is no room only the places are listed."""
    objectives = sorted(result.objectives, key=lambda o: _ORDER.index(o.status))
    title = f"# What is optimised in {_code(about)}"
    if not objectives:
        text = f"{title}\n\nNothing there reaches an optimiser that vaelint knows.\n"
        return text + _others(result.findings, view)
    parts = [title, ""]
    room = WORDS - 150
    left: list[ObjectiveReport] = []
    for o in objectives:
        section = "\n".join(_objective(o, result, view))
        words = len(section.split())
        if words > room:
            left.append(o)
            continue
        room -= words
        parts += [section, ""]
    if left:
        parts += [f"## {plural(len(left), 'objective')} more, for which there is no room here", ""]
        places = [view.place(o.filename, o.location) for o in left]
        parts += [f"- `vaelint brief {place.rpartition(':')[0]}` ({o.status.value})" for place, o in zip(places, left)][
            :12
        ]
    causes = {(c.code, c.filename, c.location) for o in objectives for c in o.causes}
    others = [f for f in result.findings if (f.code, f.filename, f.location) not in causes]
    return "\n".join(parts).rstrip() + "\n" + _others(others, view)


def _others(findings: Sequence[Finding], view: View) -> str:
    if not findings:
        return ""
    rows = [
        f"- {_code(view.place(f.filename, f.location))} {f.code} ({f.confidence.value}): {one_line(f.message)}"
        for f in findings
    ]
    more = [f"- and {len(rows) - 10} more: `vaelint check`"] if len(rows) > 10 else []
    return "\n".join(["", "## Findings that are about no objective here", "", *rows[:10], *more]) + "\n"


def _objective(o: ObjectiveReport, result: Result, view: View) -> Iterator[str]:
    place = view.place(o.filename, o.location)
    yield f"## {_code(place)} in `{one_line(o.function)}`: {o.status.value}"
    yield ""
    via = f" by `{one_line(o.via)}`" if o.via else ""
    known = f" ({BASES[o.direction_basis]})" if o.direction.wants.directed else ""
    yield f"It is **{done(o.direction)}**{via}{known}. {_VERDICTS[o.status]}"
    yield ""
    if o.terms:
        yield "| term | what it is | by what that is known |"
        yield "| --- | --- | --- |"
        for t in o.terms:
            kind = f" ({t.kind.replace('_', ' ')})" if t.kind else ""
            yield f"| {'+' if t.sign > 0 else '−'} {_cell(t.label)} | {_SHOULD[t.sense]}{kind} | {BASES[t.basis]} |"
        yield ""
    yield from _slice(o, view)
    yield from _findings(o, result)
    questions = [*_questions(o)]
    if questions:
        yield "**To be decided by a reader:**"
        yield ""
        yield from (f"- {q}" for q in questions)
        yield ""


def _slice(o: ObjectiveReport, view: View) -> Iterator[str]:
    """The statements that decide the sign, in the order that the value takes, each once; files as they change."""
    steps: dict[tuple[str, int, int], list[Step]] = {}
    for t in o.terms:
        for s in t.trace:
            steps.setdefault((s.filename, s.location.cell or 0, s.location.row), []).append(s)
    steps.setdefault(
        (o.filename, o.location.cell or 0, o.location.row), [Step(o.filename, o.location, "optimised here")]
    )
    filename: tuple[str, int] | None = None
    yield "```python"
    for (name, cell, row), those in steps.items():
        if filename != (name, cell):
            filename = (name, cell)
            yield f"# {view.path(name)}" + (f", cell {cell}" if cell else "")
        source = clean(view.line(name, those[0].location).replace("\t", "    ")).strip().replace("```", "` ` `")
        why = "; ".join(dict.fromkeys(one_line(s.message) for s in those))
        yield f"{source}  # row {row}: {why}"
    yield "```"
    yield ""


def _findings(o: ObjectiveReport, result: Result) -> Iterator[str]:
    by_place = {(f.code, f.filename, f.location): f for f in (*result.findings, *result.hidden)}
    for c in o.causes:
        f = by_place.get((c.code, c.filename, c.location))
        if f is None:
            continue
        hidden = f"; hidden: {why_hidden(f.hidden, result.min_confidence)}" if f.hidden is not None else ""
        yield f"**{f.code} {f.name}** ({f.confidence.value}{hidden}), row {c.location.row}: {one_line(f.message)}."
        if f.help:
            yield f"Edit: {one_line(f.help)}."
        yield ""


def _questions(o: ObjectiveReport) -> Iterator[str]:
    if not o.direction.wants.directed:
        yield "Is it minimised or maximised? No optimiser that steps on it is in sight."
    for t in o.terms:
        yield from _of_term(t)
    if o.status is Status.UNRESOLVED and o.reason:
        yield f"vaelint stopped here: {one_line(o.reason)}."
    yield from (f"Taken for granted: {one_line(a)}. Is it so?" for a in o.assumptions)


def _of_term(t: ObjectiveTerm) -> Iterator[str]:
    label = f"`{one_line(t.label)}`"
    if t.sense is Sense.UNKNOWN:
        where = f" It comes from row {t.trace[0].location.row}." if t.trace else ""
        yield f"Should {label} go up or down? Nothing that vaelint follows says so.{where}"
    elif t.basis.is_claim:
        says = "go up" if t.sense is Sense.GAIN else "go down" if t.sense is Sense.COST else "have no direction"
        said = "its name" if t.basis is Basis.NAME else "a docstring or comment"
        yield f"Does {label} {says}, as {said} says? No fact does."


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(39))}`"


def _cell(text: str) -> str:
    return _code(one_line(text).replace("|", "\u2223"))
