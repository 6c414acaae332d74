"""For people: the finding, the source it is in, the way it took, and the edit that mends it."""

from __future__ import annotations

import re
from pathlib import Path

from click import style, unstyle

from vaelint.finding import Finding, Location, Related, Result, Step, is_about_signs
from vaelint.report._links import url
from vaelint.report._summary import is_clean, summary
from vaelint.report._view import View, clean, clipped, one_line, severity, width, wrapped
from vaelint.report._words import COLOURS, rests_on, why_hidden
from vaelint.splice import edited

_MOST_EDITED = 2  # rows that an edit is shown of
_CONTEXT = 2  # rows shown above the finding
_LONGEST = 8  # rows of one finding shown before the rest is left out
_ARROWS = {"↑": "green", "↓": "magenta"}
_QUOTED = re.compile(r"`[^`]*`|[↑↓]")


def render(result: Result, view: View) -> str:
    blocks = [_finding(f, result, view) for f in result.findings]
    if not view.quiet:
        lines = (wrapped(line, view.columns, "  ") for line in summary(result))
        blocks.append("\n".join(_summary_line(i, line, result) for i, line in enumerate(lines)))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _summary_line(i: int, line: str, result: Result) -> str:
    if i == 0:
        return style(line, bold=True, fg="red" if result.findings else "green" if is_clean(result) else None)
    return line if line.startswith(("Traced", "No objective")) else style(line, fg="yellow")


def _finding(f: Finding, result: Result, view: View) -> str:
    colour = COLOURS[severity(f)]
    sure = style(f" ({f.confidence.value})", dim=True) if is_about_signs(f.code) else ""
    place = style(view.place(f.filename, f.location), bold=True)
    if view.links:
        place = view.link(place, Path(view.full(f.filename)).as_uri())
    code = view.link(style(f.code, fg=colour, bold=True), url(f.code))
    out = [f"{place} {code} {f.name}{sure}"]
    if f.hidden is not None:
        out.append("  " + style(f"hidden: {why_hidden(f.hidden, result.min_confidence)}", fg="yellow"))
    out.append(_wrapped("  ", f.message, view))
    out += _block(_excerpt(f.filename, f.location, view, colour))
    for other in f.related:
        out += _block(_related(other, view))
    out += _block(_example(f, view))
    out += _block(_trace(f, view))
    out += _block(_evidence(f, view))
    out += _block([_wrapped(f"  {style('help:', fg='cyan', bold=True)} ", f.help, view)] if f.help else [])
    out += _edited(f, view)
    return "\n".join(out)


def _related(r: Related, view: View) -> list[str]:
    """Another place that the finding is about, with its source."""
    head = f"  {style(view.place(r.filename, r.location), bold=True)} {_prose(one_line(r.message))}"
    return [head, *_excerpt(r.filename, r.location, view, "blue", above=0)]


def _example(f: Finding, view: View) -> list[str]:
    """Numbers that show what is wrong."""
    shown = f.example.told() if f.example is not None else ""
    return [_wrapped(f"  {style('example:', fg='cyan', bold=True)} ", shown, view)] if shown else []


def _wrapped(head: str, text: str, view: View) -> str:
    """Prose behind a head, its further rows below its first."""
    return wrapped(head + _prose(one_line(text)), view.columns, " " * (width(unstyle(head)) if head.strip() else 2))


def _evidence(f: Finding, view: View) -> list[str]:
    """On what its two sides rest, and what is taken for granted."""
    rests = rests_on(f)
    lines = [rests] if rests else []
    lines += [f"taken for granted: {'; '.join(map(one_line, f.assumptions))}"] if f.assumptions else []
    return [wrapped(f"  {line}", view.columns, "    ") for line in lines]


def _edited(f: Finding, view: View) -> list[str]:
    """The rows as they read after the edit, where that is in a few of them."""
    edits = f.fix.edits if f.fix is not None else ()
    rows = {e.location.row for e in edits}
    lines = view.lines(f.filename, f.location.cell)
    places = {(e.location.cell, e.location.end_row - e.location.row, e.content.count("\n")) for e in edits}
    if not 0 < len(rows) <= _MOST_EDITED or places != {(f.location.cell, 0, 0)} or max(rows) > len(lines):
        return []
    lines = edited("\n".join(lines), edits).split("\n")
    gutter = len(str(max(rows)))
    return [
        f"  {style(f'{row:>{gutter}} +', fg='green')} "
        + view.code(clipped(_visible(lines[row - 1]).rstrip(), view.columns - gutter - 5), f.filename)
        for row in sorted(rows)
    ]


def _block(lines: list[str]) -> list[str]:
    return ["", *lines] if lines else []


def _prose(text: str) -> str:
    return _QUOTED.sub(lambda m: style(m.group(), fg=_ARROWS.get(m.group()), bold=True), text)


def _trace(f: Finding, view: View) -> list[str]:
    if not f.trace:
        return []
    where = [_step_place(step, f, view) for step in f.trace]
    room = max(map(width, where))
    out = ["  " + style("because:", fg="cyan", bold=True)]
    before: tuple[str, int | None, int] | None = None
    for n, (step, place) in enumerate(zip(f.trace, where, strict=True), 1):
        out.append(_wrapped(f"  {n:>3}. {style(place.ljust(room), dim=True)}  ", step.message, view))
        here = (step.filename, step.location.cell, step.location.row)
        text = _visible(view.line(step.filename, step.location)).strip()
        if text and here != before:
            text = view.code(clipped(text, view.columns - room - 11), step.filename)
            out.append(f"         {' ' * room}{style('│', dim=True)} {text}")
        before = here
    return out


def _step_place(step: Step, f: Finding, view: View) -> str:
    """Without the file, and without the cell, where they are the finding's own."""
    if step.filename != f.filename:
        return view.place(step.filename, step.location)
    at = step.location
    return f"row {at.row}" if at.cell == f.location.cell else f"cell {at.cell}, row {at.row}"


def _excerpt(filename: str, at: Location, view: View, colour: str, above: int = _CONTEXT) -> list[str]:
    lines = view.lines(filename, at.cell)
    if not 0 < at.row <= len(lines):
        return []
    last = min(max(at.row, at.end_row), len(lines))
    first = max(1, at.row - above)
    while first < at.row and not lines[first - 1].strip():
        first += 1
    shown = range(first, min(last, at.row + _LONGEST - 1) + 1)
    gutter = len(str(shown[-1]))
    out = []
    for row in shown:
        text = lines[row - 1]
        start, length = _caret(text, row, at) if row >= at.row else (0, 0)
        seen = _visible(text)
        if start < view.columns - gutter - 8:  # where the carets would fall off, the row is left whole
            seen = clipped(seen, view.columns - gutter - 5)
            length = min(length, width(seen) - start)
        out.append(f"  {style(f'{row:>{gutter}} │', dim=True)} {view.code(seen.rstrip(), filename)}".rstrip())
        if row >= at.row:
            mark = " " * start + style("^" * length, fg=colour, bold=True)
            out.append(f"  {' ' * gutter} {style('│', dim=True)} {mark}")
    if shown[-1] < last:
        out.append(f"  {' ' * gutter} {style('│', dim=True)} … to row {last}")
    return out


def _caret(text: str, row: int, at: Location) -> tuple[int, int]:
    """Where the carets under a row begin and how many they are, in columns of the terminal."""
    indent = len(text) - len(text.lstrip())
    begin = at.column - 1 if row == at.row else indent
    end = at.end_column - 1 if row == at.end_row else len(text.rstrip())
    start = width(_visible(text[:begin]))
    return start, max(1, width(_visible(text[begin:end])))


def _visible(text: str) -> str:
    return clean(text.replace("\t", "    "))
