"""Finds the spans of definitions without parsing.

A line that starts at column 0, outside strings, starts a top-level statement; so does, inside a class, one that
starts at the indentation of the class's body. Where that fails (a bracket closed at column 0 with code behind it, odd
indentation) the span does not parse, and the whole file is parsed instead (`vaelint.source.file`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from vaelint.source.vocabulary import any_between, offsets

_TRIPLE = re.compile(
    r"""\#[^\n]*|\"{3}(?:[^\\"]|\\.|"(?!""))*\"{3}|'{3}(?:[^\\']|\\.|'(?!''))*'{3}"""
    r"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""",
    re.S,
)
_TOP = re.compile(r"^[^\s#)\]}]", re.M)
_DEFINITION = re.compile(r"(?:async[ \t]+)?(def|class)[ \t]+([^\W\d]\w*)")
_BODY = re.compile(r"^([ \t]+)(?=[^\s#])", re.M)


@dataclass(frozen=True, slots=True)
class Unit:
    """A span of a file: a function, a class, a method, or a run of plain statements (``code``).

    ``start`` and ``end`` are its first and last line, from 1, decorators included. ``matters``: a word of the
    vocabulary stands in it, outside docstrings (for a class: outside its methods, too).
    """

    number: int
    kind: str
    name: str
    start: int
    end: int
    matters: bool
    methods: tuple[Unit, ...] = ()


class _Lines:
    """Offsets of lines, and which of them start inside a string."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(m.end() for m in re.finditer("\n", text))]
        self._strings = [m.span() for m in _TRIPLE.finditer(text) if text[m.start()] != "#" and "\n" in m.group()]
        self._string_starts = [a for a, _ in self._strings]
        self._places = [i for i in offsets(text) if not self.in_string(i)]

    def row(self, offset: int) -> int:
        return bisect_right(self.starts, offset)

    def in_string(self, offset: int) -> bool:
        i = bisect_right(self._string_starts, offset) - 1
        return i >= 0 and self._strings[i][0] < offset < self._strings[i][1]

    def matter(self, first: int, last: int) -> bool:
        """Whether the vocabulary occurs in these rows."""
        end = self.starts[last] if last < len(self.starts) else len(self.text)
        return any_between(self._places, self.starts[first - 1], end)

    @property
    def count(self) -> int:
        return len(self.starts) - (1 if self.text.endswith("\n") else 0)


def scan(text: str) -> tuple[Unit, ...]:
    """The units of a file, in order; methods are numbered after their class."""
    lines = _Lines(text)
    starts = [m.start() for m in _TOP.finditer(text) if not lines.in_string(m.start())]
    units: list[Unit] = []
    number = 0
    for kind, name, first, last in _spans(lines, starts, lines.count):
        if kind == "class":
            methods = tuple(_methods(lines, first, last, number + 1))
            own = any(lines.matter(a, b) for a, b in _between(first, last, methods))
            units.append(Unit(number, kind, name, first, last, own, methods))
            number += 1 + len(methods)
        else:
            units.append(Unit(number, kind, name, first, last, lines.matter(first, last)))
            number += 1
    return tuple(units)


def _spans(lines: _Lines, starts: list[int], end: int) -> Iterator[tuple[str, str, int, int]]:
    """(kind, name, first, last) of the statements that start at ``starts``; plain ones are merged."""
    code_from: int | None = None
    i = 0
    while i < len(starts):
        first = i
        while i < len(starts) - 1 and lines.text[starts[i]] == "@":
            i += 1
        m = _DEFINITION.match(lines.text, starts[i])
        row = lines.row(starts[first])
        if m is not None:
            if code_from is not None:
                yield "code", "", code_from, row - 1
                code_from = None
            last = lines.row(starts[i + 1]) - 1 if i + 1 < len(starts) else end
            yield "function" if m.group(1) == "def" else "class", m.group(2), row, last
        elif code_from is None:
            code_from = row
        i += 1
    if code_from is not None:
        yield "code", "", code_from, end


def _methods(lines: _Lines, first: int, last: int, number: int) -> Iterator[Unit]:
    begin = lines.starts[first - 1]
    end = lines.starts[last] if last < len(lines.starts) else len(lines.text)
    header = _DEFINITION.search(lines.text, begin, end)
    if header is None:
        return
    body = next((m for m in _BODY.finditer(lines.text, header.end(), end) if not lines.in_string(m.start())), None)
    if body is None:
        return
    # The body's indentation is that of its first line behind the colon; a header over several lines indents deeper or
    # not at all, so the first definition in the class tells better where there is one.
    m = re.compile(r"^([ \t]+)(?:async[ \t]+def|def|@)", re.M).search(lines.text, header.end(), end)
    indent = m.group(1) if m is not None else body.group(1)
    pattern = re.compile("^" + indent + r"(?=[^\s#)\]}])", re.M)
    starts = [x.end() for x in pattern.finditer(lines.text, header.end(), end) if not lines.in_string(x.start())]
    for kind, name, a, b in _spans(lines, starts, last):
        if kind == "function":
            yield Unit(number, "method", name, a, b, lines.matter(a, b))
            number += 1


def _between(first: int, last: int, methods: tuple[Unit, ...]) -> Iterator[tuple[int, int]]:
    """The runs of a class's lines that belong to none of its methods."""
    row = first
    for m in methods:
        if m.start > row:
            yield row, m.start - 1
        row = m.end + 1
    if row <= last:
        yield row, last
