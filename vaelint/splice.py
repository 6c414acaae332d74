"""Edits to a text, and to the cells of a notebook within its JSON: every character outside them stays."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from vaelint.finding import Edit

ROW_END = re.compile(r"\r\n|\r|\n")
_BOM = "\ufeff"
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


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
    spans = _cells(text)
    changes: list[tuple[int, int, str]] = []
    sources: list[str] = []
    for number in {e.location.cell for e in edits if e.location.cell is not None}:
        if not 0 < number <= len(spans):
            raise ValueError(f"there is no cell {number}")
        begin, end = _source(text, spans[number - 1])
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
    spans = list(_elements(text, begin))
    known = {row: text[a:b] for row, (a, b) in zip(raw, spans)}
    rows = [known.get(row) or json.dumps(row, ensure_ascii=plain) for row in rows_of(after)]
    if not spans:
        return json.dumps(rows)
    gaps = [text[a:b] for (_, a), (b, _) in pairwise(spans)]
    if len(rows) != len(spans):
        gaps = (gaps[:1] or [", "]) * (len(rows) - 1)
    joined = "".join(x for row, gap in zip(rows, [*gaps, ""]) for x in (row, gap))
    return text[begin : spans[0][0]] + joined + text[spans[-1][1] : end]


def rows_of(text: str) -> list[str]:
    """With their ends: what is no end of a row for Python is none here."""
    ends = [0, *(m.end() for m in ROW_END.finditer(text)), len(text)]
    return [text[a:b] for a, b in pairwise(ends) if a < b]


# --- where things stand in the JSON ---


def _cells(text: str) -> list[tuple[int, int]]:
    """The spans of all cells, in order."""
    top = dict(_members(text, _skip(text, 0)))
    if "cells" in top:
        return list(_elements(text, top["cells"][0]))
    sheets = _elements(text, top["worksheets"][0]) if "worksheets" in top else iter(())  # nbformat 3
    found = [dict(_members(text, begin)).get("cells") for begin, _ in sheets]
    return [cell for span in found if span is not None for cell in _elements(text, span[0])]


def _source(text: str, cell: tuple[int, int]) -> tuple[int, int]:
    members = dict(_members(text, cell[0]))
    span = members.get("source") or members.get("input")
    if span is None:
        raise ValueError("the cell has no source")
    return span


def _members(text: str, at: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """The keys of the object that begins there, each with the span of its value."""
    at = _skip(text, _expect(text, at, "{"))
    while not text.startswith("}", at):
        key, at = _DECODER.raw_decode(text, _expect(text, at, '"') - 1)
        begin = _skip(text, _expect(text, _skip(text, at), ":"))
        _, end = _DECODER.raw_decode(text, begin)
        yield key, (begin, end)
        at = _next(text, end)


def _elements(text: str, at: int) -> Iterator[tuple[int, int]]:
    """The spans of the elements of the array that begins there."""
    at = _skip(text, _expect(text, at, "["))
    while not text.startswith("]", at):
        _, end = _DECODER.raw_decode(text, at)
        yield at, end
        at = _next(text, end)


def _next(text: str, at: int) -> int:
    at = _skip(text, at)
    return _skip(text, at + 1) if text.startswith(",", at) else at


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found is not None else at


def _expect(text: str, at: int, token: str) -> int:
    if not text.startswith(token, at):
        raise ValueError("its JSON is not that of a notebook")
    return at + len(token)
