"""Edits to a text, and to the cells of a notebook within its JSON: every character outside them stays."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from vaelint.finding import Edit
from vaelint.source.notebook_json import cells_of, elements, source_of

ROW_END = re.compile(r"\r\n|\r|\n")
_BOM = "\ufeff"


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits made; its line ends and its byte order mark are kept."""
    mark = _BOM if text.startswith(_BOM) else ""
    text = text.removeprefix(_BOM)
    ends = list(ROW_END.finditer(text))
    newline = ends[0].group() if ends else "\n"
    starts = [0, *(m.end() for m in ends)]
    for e in sorted(edits, key=lambda e: (e.location.row, e.location.column), reverse=True):
        at = e.location
        begin, end = starts[at.row - 1] + at.column - 1, starts[at.end_row - 1] + at.end_column - 1
        text = text[:begin] + e.content.replace("\n", newline) + text[end:]
    return mark + text


def in_cells(text: str, edits: Sequence[Edit]) -> tuple[str, list[str]]:
    """A notebook with its cells edited, and the code of the edited cells. Raises ValueError if it is none."""
    spans = cells_of(text)
    changes: list[tuple[int, int, str]] = []
    sources: list[str] = []
    for number in {e.location.cell for e in edits if e.location.cell is not None}:
        if not 0 < number <= len(spans):
            raise ValueError(f"there is no cell {number}")
        begin, end = source_of(text, spans[number - 1])
        raw = json.loads(text[begin:end])
        after = edited("".join(raw) if isinstance(raw, list) else raw, [e for e in edits if e.location.cell == number])
        sources.append(after)
        changes.append((begin, end, _written(text, begin, end, raw, after)))
    for begin, end, new in sorted(changes, reverse=True):
        text = text[:begin] + new + text[end:]
    return text, sources


def _written(text: str, begin: int, end: int, raw: object, after: str) -> str:
    """The new source of a cell, as the old one is written: rows that did not change to the letter."""
    plain = "\\u" in text and text.isascii()
    if not isinstance(raw, list):
        return json.dumps(after, ensure_ascii=plain)
    spans = list(elements(text, begin))
    known = {row: text[a:b] for row, (a, b) in zip(raw, spans)}
    rows = [known.get(row) or json.dumps(row, ensure_ascii=plain) for row in rows_of(after)]
    if not spans:
        return f"[{', '.join(rows)}]"
    gaps = [text[a:b] for (_, a), (b, _) in pairwise(spans)]
    if len(rows) != len(spans):
        gaps = (gaps[:1] or [", "]) * (len(rows) - 1)
    joined = "".join(x for row, gap in zip(rows, [*gaps, ""]) for x in (row, gap))
    return text[begin : spans[0][0]] + joined + text[spans[-1][1] : end]


def rows_of(text: str) -> list[str]:
    """With their ends: what is no end of a row for Python is none here."""
    ends = [0, *(m.end() for m in ROW_END.finditer(text)), len(text)]
    return [text[a:b] for a, b in pairwise(ends) if a < b]
