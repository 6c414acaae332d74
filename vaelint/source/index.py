"""Finds the spans of definitions without parsing.

A line that starts at column 0, outside strings, starts a top-level statement; so does, inside a class, one that
starts at the indentation of the class's body. What that gets wrong (code at column 0 inside brackets) leaves a closing
bracket without its opening one in a span that is always parsed: it is rejected there, and the whole file is parsed
instead (`vaelint.source.file`). What can be seen to be doubtful here raises `Uncertain` at once.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from vaelint.records import record
from vaelint.source.vocabulary import matter, places, words

# Strings and comments; of the strings only those over several lines are kept. An open triple quote reaches to the end.
_STRING = re.compile(
    r"""\#[^\n]*"""
    r"""|(\"{3}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:\"{3}|\Z)|'{3}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*(?:'{3}|\Z))"""
    r"""|"[^"\\\n]*(?:(?:(\\\n)|\\.)[^"\\\n]*)*"|'[^'\\\n]*(?:(?:(\\\n)|\\.)[^'\\\n]*)*'""",
    re.S,
)
_TOP = re.compile(r"\n[^\s#)\]}]")
_DEFINITION = re.compile(r"(?:async[ \t]+)?(def|class)[ \t]+([^\W\d]\w*)")
_HEADER = re.compile(r"""\#[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[()\[\]{}:]""")
_BODY = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n[ \t]*(?:#[^\n]*)?)*\n([ \t]+)(?=[^\s#])")
_FORM_FEED = re.compile(r"^[ \t]*[\f\v][^\S\n]*[^\s#]", re.M)
_OPEN_END = frozenset("([{,+-/%|&=")  # no statement ends so; `x = 1,` does, but seldom (`import *` often)


class Uncertain(Exception):
    """The file has to be parsed whole."""


@record(frozen=True, slots=True)
class Unit:
    """A span of a file: a function, a class, a method, or a run of plain statements (``code``).

    ``start`` and ``end`` are its first and last line, from 1, decorators included. ``words`` are those of the
    vocabulary in it, outside strings over several lines (for a class: outside its methods, too); ``matters``: some
    of them are of the kind that makes code our business.
    """

    number: int
    kind: str
    name: str
    start: int
    end: int
    matters: bool
    methods: tuple[Unit, ...] = ()
    words: frozenset[str] = frozenset()


@record(frozen=True, slots=True)
class _Span:
    """Offsets and rows of one definition or run of statements; ``body`` is behind the name of a definition."""

    kind: str
    name: str
    begin: int
    end: int
    first: int
    last: int
    body: int


def long_strings(text: str) -> list[tuple[int, int]]:
    """The spans of the strings over several lines, in order."""
    if '"""' not in text and "'''" not in text and "\\\n" not in text:
        return []
    return [m.span() for m in _STRING.finditer(text) if m.lastindex is not None and "\n" in m.group()]


def comments(text: str) -> list[tuple[int, int]]:
    """The spans of the comments, in order."""
    return [m.span() for m in _STRING.finditer(text) if text[m.start()] == "#"]


class _Text:
    """The text with its strings over several lines and the places of the vocabulary outside them."""

    def __init__(self, text: str, fresh: frozenset[int] = frozenset(), certain: bool = True) -> None:
        self.text, self._fresh = text, fresh  # where a cell begins, and with it a statement
        self.certain = certain  # whether what looks doubtful is to raise
        self._strings = long_strings(text)
        self._begins = [a for a, _ in self._strings]
        found = [x for x in places(text) if not self.in_string(x[0])]
        self._places = [x[0] for x in found]
        self._words = [x[1] for x in found]

    def in_string(self, offset: int) -> bool:
        i = bisect_right(self._begins, offset) - 1
        return i >= 0 and self._strings[i][0] < offset < self._strings[i][1]

    def words(self, begin: int, end: int) -> frozenset[str]:
        return frozenset(self._words[bisect_left(self._places, begin) : bisect_left(self._places, end)])

    def starts(self, pattern: re.Pattern[str], begin: int, end: int) -> list[int]:
        """Offsets of the statements that start behind a newline as ``pattern`` says."""
        out = []
        for m in pattern.finditer(self.text, begin, end):
            at = m.end() - 1
            if self._strings and self.in_string(at):
                continue
            before = self.text[m.start() - 1] if m.start() and at not in self._fresh else "\n"
            if self.certain and before in _OPEN_END and not self._in_comment(m.start()):
                raise Uncertain
            if before == "\\":  # a continued line, unless the backslash ends a comment
                if self.certain and "#" in self.text[self.text.rfind("\n", 0, m.start()) + 1 : m.start()]:
                    raise Uncertain
                continue
            out.append(at)
        return out

    def _in_comment(self, end: int) -> bool:
        """Whether the line that ends here has a comment (or a string with ``#``: then parsing will tell)."""
        return "#" in self.text[self.text.rfind("\n", 0, end) + 1 : end]


def scan(text: str, breaks: Sequence[int] = (), certain: bool = True) -> tuple[Unit, ...]:
    """The units of a file, in order; methods are numbered after their class.

    At the rows ``breaks`` (the cells of a notebook) a new run of plain statements begins. Raises `Uncertain`, unless
    the scan need not be ``certain``: of a file that does not parse the likeliest spans are better than none.
    """
    if certain and ("\f" in text or "\v" in text) and _FORM_FEED.search(text):
        raise Uncertain  # a form feed sets the column back: no telling by eye what is indented
    whole = _Text(text, _offsets(text, breaks), certain)
    starts = whole.starts(_TOP, 0, len(text))
    if text and (text[0] in "@_\"'([{" or text[0].isalnum()):
        starts.insert(0, 0)
    units: list[Unit] = []
    number = 0
    for span in _spans(whole, starts, len(text), 1, breaks):
        methods: tuple[Unit, ...] = ()
        if span.kind == "class":
            found = list(_methods(whole, span))
            methods = tuple(
                Unit(number + i, "method", m.name, m.first, m.last, matter(w) or _is_result(span.name, m.name), (), w)
                for i, m in enumerate(found, 1)
                for w in (whole.words(m.begin, m.end),)
            )
            words = frozenset[str]().union(*(whole.words(a, b) for a, b in _between(span, found)))
        else:
            words = whole.words(span.begin, span.end)
        units.append(Unit(number, span.kind, span.name, span.first, span.last, matter(words), methods, words))
        number += 1 + len(methods)
    return tuple(units)


def _is_result(owner: str, method: str) -> bool:
    """Whether a method computes what its class is named after: the `forward` of a loss, whatever its words."""
    return method in ("forward", "__call__", "call") and matter(words(owner))


def _spans(
    whole: _Text, starts: list[int], end: int, row: int, breaks: Sequence[int] = (), at: int = 0
) -> Iterator[_Span]:
    """What begins at ``starts``, up to ``end``; plain statements are merged. ``row`` is that of the offset ``at``."""
    text, rows = whole.text, []
    for start in starts:
        row += text.count("\n", at, start)
        rows.append(row)
        at = start
    last_row = row + text.count("\n", at, end) - (1 if text.endswith("\n", at, end) else 0)
    code: int | None = None  # which start a run of plain statements began with
    i = 0
    while i < len(starts):
        first = i
        while i < len(starts) - 1 and text[starts[i]] == "@":
            i += 1
        m = _DEFINITION.match(text, starts[i])
        if m is None and i > first and whole.certain:
            raise Uncertain  # a decorator of nothing: its arguments stand where statements begin
        parted = code is not None and bisect_right(breaks, rows[code]) != bisect_right(breaks, rows[first])
        if code is not None and (m is not None or parted):
            yield _Span("code", "", starts[code], starts[first], rows[code], rows[first] - 1, 0)
            code = None
        if m is not None:
            more = i + 1 < len(starts)
            until, last = (starts[i + 1], rows[i + 1] - 1) if more else (end, last_row)
            kind = "function" if m.group(1) == "def" else "class"
            yield _Span(kind, m.group(2), starts[first], until, rows[first], last, m.end())
        elif code is None:
            code = first
        i += 1
    if code is not None:
        yield _Span("code", "", starts[code], end, rows[code], last_row, 0)


def _methods(whole: _Text, span: _Span) -> Iterator[_Span]:
    colon = _colon(whole.text, span)
    if colon is None:
        return  # its header is broken, or odd: the class is one span
    m = _BODY.match(whole.text, colon, span.end)
    if m is None:
        return  # its body stands behind the colon
    indent = m.group(1)
    starts = whole.starts(re.compile("\n" + indent + r"[^\s#)\]}]"), colon, span.end)
    row = span.first + whole.text.count("\n", span.begin, colon)
    for found in _spans(whole, starts, span.end, row, (), colon):
        if found.kind == "function":
            yield found


def _colon(text: str, span: _Span) -> int | None:
    """The offset behind the colon that ends a class's header; None if there is none."""
    depth = 0
    for m in _HEADER.finditer(text, span.body, span.end):
        token = m.group()
        if token in "([{":
            depth += 1
        elif token in ")]}":
            depth -= 1
        elif token == ":" and depth == 0:
            return m.end()
    return None


def _offsets(text: str, rows: Sequence[int]) -> frozenset[int]:
    """Where these rows begin."""
    if not rows:
        return frozenset()
    starts = [0, *(m.end() for m in re.finditer("\n", text))]
    return frozenset(starts[row - 1] for row in rows)


def _between(span: _Span, methods: list[_Span]) -> Iterator[tuple[int, int]]:
    """The runs of a class's text that belong to none of its methods."""
    at = span.begin
    for m in methods:
        yield at, m.begin
        at = m.end
    yield at, span.end


# What is handed over without being called: `fit(params, objective, data)`, `minimize(self.cost, x0)`, `fn=score`.
_HANDED = re.compile(r"[(,=]\s*(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*)\s*(?=[,)])")


def handed_over(text: str) -> frozenset[str]:
    """The names that a piece of code hands to something else as they are."""
    return frozenset(_HANDED.findall(text))


def calls(text: str, names: Iterable[str]) -> bool:
    """Whether a piece of code calls one of these with something."""
    return any(f"{name}(" in text and re.search(rf"\b{name}\((?!\s*\))", text) is not None for name in names)
