"""Markdown: the summary of a CI job, or a comment on a change."""

from __future__ import annotations

import re

from vaelint.finding import Finding, Result
from vaelint.report._links import url
from vaelint.report._summary import summary
from vaelint.report._view import View, one_line
from vaelint.report._words import rests_on, why_hidden

_TAKEN = re.compile(r"([|<>*_\\\[\]])")


def render(result: Result, view: View) -> str:
    first, *others = summary(result)
    out = [f"### vaelint: {_text(first)}", ""]
    if result.findings:
        out += ["| where | check | what is wrong | how sure |", "| --- | --- | --- | --- |"]
        out += [_row(f, result, view) for f in result.findings]
        out.append("")
        for f in result.findings:
            out += _details(f, view)
    out += [f"{_text(line)}  " for line in others]
    return "\n".join(out).rstrip() + "\n"


def _row(f: Finding, result: Result, view: View) -> str:
    sure = f.confidence.value
    if f.hidden is not None:
        sure += f"; hidden: {why_hidden(f.hidden, result.min_confidence)}"
    place = _code(view.place(f.filename, f.location))
    return f"| {place} | [{f.code}]({url(f.code)}) {f.name} | {_text(f.message)} | {sure} |"


def _details(f: Finding, view: View) -> list[str]:
    """The row of code, the way of the value and the edit, folded."""
    source = one_line(view.line(f.filename, f.location))
    out = [f"<details><summary>{_code(view.place(f.filename, f.location))}</summary>", ""]
    out += ["```python", source.replace("```", "` ` `"), "```", ""] if source else []
    out += [f"{n}. {_code(view.place(s.filename, s.location))} {_text(s.message)}" for n, s in enumerate(f.trace, 1)]
    out += [""] if f.trace else []
    rests = rests_on(f)
    out += [_text(rests), ""] if rests else []
    out += [f"**help:** {_text(f.help)}", ""] if f.help else []
    return [*out, "</details>", ""]


def _text(text: str) -> str:
    """What stands between backticks is code, and taken as it is; a bar would end the cell of a table even there."""
    parts = one_line(text).split("`")
    if len(parts) % 2 == 0:
        parts = ["'".join(parts)]
    return "".join(
        f"`{part.replace('|', '&#124;')}`" if i % 2 and "|" not in part else _TAKEN.sub(r"\\\1", part)
        for i, part in enumerate(parts)
    )


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(39)).replace('|', '/')}`"
