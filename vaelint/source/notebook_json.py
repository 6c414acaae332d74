"""Where things stand in the JSON of a notebook: its cells, their sources, the rows of these."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


def line_of(text: str, cell: int, row: int) -> int | None:
    """The line of a notebook's file on which a row of a cell stands, both counted from 1; None where it has none."""
    try:
        spans = cells_of(text)
        begin, _ = source_of(text, spans[cell - 1])
        if text.startswith("[", begin):
            rows = [at for at, _ in elements(text, begin)]
            begin = rows[row - 1] if 0 < row <= len(rows) else begin
    except (ValueError, IndexError):
        return None
    return text.count("\n", 0, begin) + 1


def cells_of(text: str) -> list[tuple[int, int]]:
    """The spans of all cells, in order."""
    top = dict(_members(text, _skip(text, 0)))
    if "cells" in top:
        return list(elements(text, top["cells"][0]))
    sheets = elements(text, top["worksheets"][0]) if "worksheets" in top else iter(())  # nbformat 3
    found = [dict(_members(text, begin)).get("cells") for begin, _ in sheets]
    return [cell for span in found if span is not None for cell in elements(text, span[0])]


def source_of(text: str, cell: tuple[int, int]) -> tuple[int, int]:
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


def elements(text: str, at: int) -> Iterator[tuple[int, int]]:
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
