"""What is optimised, for people and for programs: a table, the flow of each objective, counts, JSON."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vaelint.finding import Location, ObjectiveReport, ObjectiveTerm, Result, Status, Step
from vaelint.report._summary import traced
from vaelint.report._view import View, clean, one_line, plural, wrapped
from vaelint.report._words import BASES, why_hidden

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from vaelint.changes import Changed

_COLOURS = {
    Status.CONSISTENT: "green",
    Status.BY_NAME: "cyan",
    Status.INTENDED: "blue",
    Status.WRONG: "red",
    Status.UNRESOLVED: "yellow",
}
_ARROWS = {"↑": "green", "↓": "magenta", "?": "yellow", "·": "dim"}
_UNWRAPPED = 100_000  # for a pipe: a fact that is broken over two lines cannot be searched for


# --- JSON ----------------------------------------------------------------------------------------


def as_json(o: ObjectiveReport, view: View, traces: bool = False) -> dict[str, Any]:
    return {
        "filename": view.exact(o.filename),
        "location": {"row": o.location.row, "column": o.location.column},
        "cell": o.location.cell,
        "function": o.function,
        "direction": o.direction.value,
        "direction_basis": o.direction_basis.value,
        "via": o.via or None,
        "sense": o.sense.value,
        "status": o.status.value,
        "reason": o.reason or None,
        "causes": [
            {
                "code": c.code,
                "filename": view.exact(c.filename),
                "location": {"row": c.location.row, "column": c.location.column},
                "cell": c.location.cell,
                "hidden": c.hidden.value if c.hidden is not None else None,
            }
            for c in o.causes
        ],
        "assumptions": list(o.assumptions),
        "terms": [_term_json(t, view, traces) for t in o.terms],
    }


def _term_json(t: ObjectiveTerm, view: View, traces: bool) -> dict[str, Any]:
    out: dict[str, Any] = {
        "sign": t.sign,
        "label": t.label,
        "sense": t.sense.value,
        "kind": t.kind,
        "basis": t.basis.value,
    }
    if traces:
        out["trace"] = [
            {
                "filename": view.exact(s.filename),
                "location": {"row": s.location.row, "column": s.location.column},
                "cell": s.location.cell,
                "message": s.message,
            }
            for s in t.trace
        ]
    return out


def summary_json(objectives: Sequence[ObjectiveReport]) -> dict[str, Any]:
    count = Counter(o.status for o in objectives)
    return {
        "objectives": len(objectives),
        **{s.value: count[s] for s in Status},
        "reasons": {reason: len(those) for reason, those in by_reason(objectives)},
    }


def change_json(c: Changed, root: Path, view: View) -> dict[str, Any]:
    """Names of files in a `Changed` are relative to ``root``."""
    return {
        "before": as_json(replace(c.before, filename=str(root / c.before.filename)), view) if c.before else None,
        "after": as_json(replace(c.after, filename=str(root / c.after.filename)), view) if c.after else None,
        "changes": list(c.what),
    }


def changes(found: Sequence[Changed], revision: str, root: Path, view: View, columns: int) -> str:
    """Each objective that a change altered, with what it altered."""
    if not found:
        return f"No objective has changed since {one_line(revision)}.\n"
    out = []
    for c in found:
        o = c.after or c.before
        assert o is not None
        where = view.place(str(root / o.filename), o.location) + ("" if c.after else f" at {one_line(revision)}")
        out.append(f"{click.style(where, bold=True)} {one_line(o.function)}")
        out += [wrapped(f"  {one_line(text)}", columns, "    ") for text in c.what]
    return "\n".join([*out, "", f"{plural(len(found), 'objective')} changed since {one_line(revision)}."]) + "\n"


# --- text ----------------------------------------------------------------------------------------


def table(result: Result, view: View, *, colour: bool, width: int | None) -> str:
    """Grouped by file; the last column takes what the width leaves, and is wrapped, never cut."""
    from rich.table import Table
    from rich.text import Text

    objectives = result.objectives
    blocks: list[RenderableType] = []
    for filename, those in _by_file(objectives):
        part = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        part.add_column(no_wrap=True, justify="right", min_width=_rows_width(objectives))
        part.add_column(no_wrap=True, min_width=len("minimize"))
        part.add_column(no_wrap=True, min_width=len("unresolved"))
        part.add_column(overflow="fold")
        for o in those:
            status = Text(o.status.value, style=_COLOURS[o.status])
            part.add_row(_row(o.location), o.direction.value, status, _objective(o, result, view))
        blocks += [Text(view.path(filename), style="bold"), part, Text()]
    return _printed([*blocks, Text(traced(objectives))], colour, width)


def tree(result: Result, view: View, *, colour: bool, width: int | None) -> str:
    """The flow of each objective: every term, the steps by which it got its sense, and the lines where they stand."""
    from rich.text import Text
    from rich.tree import Tree

    blocks: list[RenderableType] = []
    for o in result.objectives:
        head = Text(view.place(o.filename, o.location), style="bold")
        head.append(f"  {o.direction.value}  ", style="not bold").append(o.status.value, style=_COLOURS[o.status])
        head.append(f"  {one_line(o.function)}", style="not bold")
        root = Tree(head, guide_style="dim")
        for t in o.terms:
            branch = root.add(_term(t))
            before = None
            for s in t.trace:
                said = _step(s, o, view)
                here = (s.filename, s.location.cell, s.location.row)
                source = clean(view.line(s.filename, s.location).replace("\t", "    ")).strip()
                if source and here != before:
                    said.append(f"\n│ {source}", style="dim")
                before = here
                branch.add(said)
        end = Text(f"optimised by `{one_line(o.via)}`" if o.via else "optimised")
        source = clean(view.line(o.filename, o.location)).strip()
        if source:
            end.append(f"\n│ {source}", style="dim")
        root.add(end)
        for a in o.assumptions:
            root.add(Text(f"taken for granted: {one_line(a)}"))
        for line in _why(o, result, view):
            root.add(Text(one_line(line), style=_COLOURS[o.status]))
        blocks += [root, Text()]
    return _printed([*blocks, Text(traced(result.objectives))], colour, width)


def summary(result: Result, view: View, *, colour: bool, width: int | None) -> str:
    """How many of each status, and of those not settled by facts how many for each reason, with a place to look at."""
    from rich.table import Table
    from rich.text import Text

    objectives = result.objectives
    counts = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    counts.add_column(justify="right", no_wrap=True)
    counts.add_column(overflow="fold")
    for status in Status:
        those = [o for o in objectives if o.status is status]
        counts.add_row(str(len(those)), Text(status.value, style=_COLOURS[status]))
    reasons = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    reasons.add_column(justify="right", no_wrap=True)
    reasons.add_column(overflow="fold")
    for reason, some in by_reason(objectives):
        first = Text(f"\nsuch as {view.place(some[0].filename, some[0].location)}", style="dim")
        reasons.add_row(str(len(some)), Text(one_line(reason)).append_text(first))
    blocks: list[RenderableType] = [Text(traced(objectives), style="bold"), Text(), counts]
    if reasons.row_count:
        blocks += [Text("\nNot settled by facts because", style="bold"), reasons]
    return _printed(blocks, colour, width)


# Reasons that are the same but for names, by what they are about: the first that fits counts.
_REASONS = (
    ("branches disagree", "branches disagree"),
    ("budget spent", "budget spent: calls were not followed"),
    ("calls itself", "a function calls itself"),
    ("no optimiser steps", "no optimiser steps in the file"),
    ("sign of the step", "the sign of the step is not known"),
    ("by its name alone: ", "known by its name alone: it comes out of {}"),
    ("by its name alone", "known by its name alone"),
    ("pull in opposite", "terms pull in opposite directions"),
    ("not resolved", "not resolved: it comes out of {}"),
)
_FROM = (
    (" is a parameter", "a parameter"),
    ("(", "a call that is not resolved"),
    ("product", "a product of factors of unknown sign"),
    ("monotone", "a function that is not monotone"),
)


def by_reason(objectives: Iterable[ObjectiveReport]) -> list[tuple[str, list[ObjectiveReport]]]:
    """Objectives that no facts settle, by why they are so, most frequent first."""
    out: dict[str, list[ObjectiveReport]] = {}
    for o in objectives:
        if o.status in (Status.UNRESOLVED, Status.BY_NAME) and o.reason:
            out.setdefault(_category(o.reason), []).append(o)
    return sorted(out.items(), key=lambda item: -len(item[1]))


def _category(reason: str) -> str:
    for words, category in _REASONS:
        if words in reason:
            last = reason.rsplit(": ", 1)[-1]
            source = next((what for sign, what in _FROM if sign in last), "something that is not resolved")
            return category.format(source)
    return re.sub(r"`[^`]*`", "`…`", reason)


# --- parts ---------------------------------------------------------------------------------------


def _by_file(objectives: Sequence[ObjectiveReport]) -> list[tuple[str, list[ObjectiveReport]]]:
    out: dict[str, list[ObjectiveReport]] = {}
    for o in objectives:
        out.setdefault(o.filename, []).append(o)
    return list(out.items())


def _row(at: Location) -> str:
    return f"cell {at.cell}:{at.row}" if at.cell is not None else str(at.row)


def _rows_width(objectives: Sequence[ObjectiveReport]) -> int:
    return max(4, *(len(_row(o.location)) for o in objectives))


def _why(o: ObjectiveReport, result: Result, view: View) -> list[str]:
    """Why it has its status, where that does not speak for itself: the findings, with the reason of a hidden one."""
    out = [o.reason] if o.reason else []
    for c in o.causes if o.status is Status.WRONG else ():
        hidden = f", {why_hidden(c.hidden, result.min_confidence)}" if c.hidden is not None else ""
        out.append(f"{c.code} at {_place(c.filename, c.location, o, view)}{hidden}")
    return out


def _objective(o: ObjectiveReport, result: Result, view: View) -> Text:
    from rich.text import Text

    out = Text(one_line(o.function), style="bold")
    for t in o.terms:
        out.append("\n").append_text(_term(t))
    for line in _why(o, result, view):
        out.append("\n" + one_line(line), style="not bold dim")
    return out


def _term(t: ObjectiveTerm) -> Text:
    from rich.text import Text

    out = Text(f"{'+' if t.sign > 0 else '−'} {one_line(t.label)} (", style="not bold")
    out.append(t.sense.arrow, style=_ARROWS[t.sense.arrow])
    out.append(f" {t.kind.replace('_', ' ')}" if t.kind else "")
    return out.append(f", {BASES[t.basis]})" if t.basis.is_claim else ")")


def _place(filename: str, at: Location, o: ObjectiveReport, view: View) -> str:
    """Without the file where it is the objective's own."""
    same = filename == o.filename and at.cell == o.location.cell
    return f"row {at.row}" if same else view.place(filename, at)


def _step(s: Step, o: ObjectiveReport, view: View) -> Text:
    from rich.text import Text

    place = _place(s.filename, s.location, o, view)
    return Text(f"{place}  ", style="cyan").append(one_line(s.message), style="default")


def _printed(blocks: Iterable[RenderableType], colour: bool, width: int | None) -> str:
    out = StringIO()
    console = _console(out, colour, width)
    for block in blocks:
        console.print(block)
    return "\n".join(line.rstrip() for line in out.getvalue().strip("\n").split("\n")) + "\n"


def _console(out: StringIO, colour: bool, width: int | None) -> Console:
    from rich.console import Console

    return Console(
        file=out, force_terminal=colour, no_color=not colour, width=width or _UNWRAPPED, highlight=False, emoji=False
    )
