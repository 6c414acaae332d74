"""Applies the fixes that findings offer: to the text of a file, to the cells of a notebook, on disk or as a diff."""

from __future__ import annotations

import codecs
import difflib
import io
import tokenize
from collections.abc import Iterable, Sequence
from pathlib import Path

from vaelint import files
from vaelint.finding import Edit, Finding, Fix, Location
from vaelint.records import record
from vaelint.source import notebook, yaml
from vaelint.source.parse import Rejected, TooDeep, parse
from vaelint.splice import edited, in_cells, rows_of

# One text has many spellings in these: what was read is not what would be written.
_ESCAPING = frozenset({"raw-unicode-escape", "utf-7"})


class Refused(Exception):
    """A file that cannot be fixed without harm; the message says why."""


@record(frozen=True, slots=True)
class Change:
    """A file's text before and after, and the bytes that they are; ``applied`` counts the fixes."""

    filename: str
    before: str
    after: str
    held: bytes
    made: bytes
    applied: int

    def diff(self) -> str:
        """Unified, with the name of the file on both sides."""
        lines = difflib.unified_diff(rows_of(self.before), rows_of(self.after), self.filename, self.filename)
        return "".join(x if x.endswith(("\n", "\r")) else f"{x}\n\\ No newline at end of file\n" for x in lines)

    def write(self) -> None:
        """In one step, if the file still holds what the fixes were made for. May raise OSError."""
        files.write(Path(self.filename), self.made, self.held)


def chosen(findings: Iterable[Finding], unsafe: bool) -> dict[str, list[Fix]]:
    """The fixes to apply, by file. Of two that touch the same text the first one wins, and the other is left out."""
    out: dict[str, list[Fix]] = {}
    for f in findings:
        if f.fix is None or not f.fix.edits or not (f.fix.safe or unsafe):
            continue
        taken = [e for fix in out.get(f.filename, ()) for e in fix.edits]
        if not any(_overlap(a.location, b.location) for a in taken for b in f.fix.edits):
            out.setdefault(f.filename, []).append(f.fix)
    return out


def _overlap(a: Location, b: Location) -> bool:
    if a.cell != b.cell:
        return False
    first, second = sorted((a, b), key=lambda x: (x.row, x.column))
    # Two insertions at one place have no order either.
    start, end = (second.row, second.column), (first.end_row, first.end_column)
    return start < end or (first.row, first.column) == start


def change(filename: str, fixes: Sequence[Fix], text: str | None = None) -> Change:
    """What fixes make of a file (``text`` stands in for what it holds).

    May raise OSError, or `Refused`: nothing is edited but the content that the fixes were made for, and only into what
    parses and differs from it in the edits alone.
    """
    if text is None:
        held = files.read(filename)
        if any(fix.digest != files.digest(held) for fix in fixes):
            raise Refused("it has changed since it was read")
        text, encoding = _decoded(held)
    else:
        held, encoding = text.encode("utf-8", "replace"), "utf-8"
    after = edited_text(Path(filename).suffix, text, [e for fix in fixes for e in fix.edits])
    try:
        made = _encoded(after, encoding)
    except ValueError as error:
        raise Refused(str(error)) from error
    return Change(filename, text, after, held, made, len(fixes))


def edited_text(suffix: str, text: str, edits: Sequence[Edit]) -> str:
    """A file's text with edits made. May raise `Refused`."""
    try:
        after, sources = _edited(suffix, text, edits)
    except (ValueError, IndexError, RecursionError) as error:
        raise Refused(str(error)) from error
    for source in sources:
        _require_python(source)
    return after


def _edited(suffix: str, text: str, edits: Sequence[Edit]) -> tuple[str, list[str]]:
    """The text edited, and the Python in it that has to parse."""
    if suffix == ".ipynb":
        after, cells = in_cells(text, edits)
        return after, [notebook.python(cell) for cell in cells]
    after = edited(text, edits)
    return after, [] if suffix in yaml.SUFFIXES else [after]


def _require_python(text: str) -> None:
    try:
        parse(text.replace("\r\n", "\n").replace("\r", "\n"))
    except Rejected as error:
        raise Refused(f"it would not parse: row {error.row}: {error.reason}") from error
    except TooDeep as error:
        raise Refused("it is nested too deeply to be parsed again") from error


def _decoded(data: bytes) -> tuple[str, str]:
    """The text and its encoding. Raises `Refused` where the text, written again, would not be these bytes."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data.replace(b"\r", b"\n")).readline)
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        text = data.decode(encoding)
        known = codecs.lookup(encoding).name not in _ESCAPING and _encoded(text, encoding) == data
    except (SyntaxError, LookupError, ValueError) as error:
        raise Refused(str(error)) from error
    if not known:
        raise Refused(f"it would not keep its bytes: they are not the only way to write its text in {encoding}")
    return text, encoding


def _encoded(text: str, encoding: str) -> bytes:
    """Row by row: what an edit makes of one is nothing to the others."""
    return b"".join(row.encode(encoding) for row in rows_of(text))
