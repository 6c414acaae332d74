"""Applies the fixes that findings offer: to the text of a file, to the cells of a notebook, on disk or as a diff."""

from __future__ import annotations

import difflib
import io
import json
import os
import re
import tempfile
import tokenize
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vaelint.finding import Edit, Finding, Fix, Location

_END = re.compile(r"\r\n|\r|\n")
_INDENT = re.compile(r"\{\r?\n([ \t]+)\"")
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Change:
    """A file's text before and after; ``applied`` counts the fixes."""

    filename: str
    before: str
    after: str
    encoding: str
    applied: int

    def diff(self) -> str:
        """Unified, with the name of the file on both sides."""
        old, new = self.before.splitlines(keepends=True), self.after.splitlines(keepends=True)
        lines = difflib.unified_diff(old, new, self.filename, self.filename)
        return "".join(x if x.endswith("\n") else f"{x}\n\\ No newline at end of file\n" for x in lines)

    def write(self) -> None:
        """In one step: whoever reads the file sees all of it or none. May raise OSError."""
        path = Path(self.filename).resolve()
        data = self.after.encode(self.encoding)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".vaelint-")
        fresh = Path(name)
        try:
            with os.fdopen(handle, "wb") as f:
                f.write(data)
            fresh.chmod(path.stat().st_mode & 0o7777)
            fresh.replace(path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise


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
    """What fixes make of a file (``text`` stands in for what it holds). May raise OSError or ValueError."""
    if text is None:
        data = Path(filename).read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data.replace(b"\r", b"\n")).readline)
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        text = data.decode(encoding)
    else:
        encoding = "utf-8"
    edits = [e for fix in fixes for e in fix.edits]
    after = _notebook(text, edits) if filename.endswith(".ipynb") else edited(text, edits)
    return Change(filename, text, after, encoding, len(fixes))


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits made; its line ends and its byte order mark are kept."""
    mark = _BOM if text.startswith(_BOM) else ""
    text = text.removeprefix(_BOM)
    ends = list(_END.finditer(text))
    newline = ends[0].group() if ends else "\n"
    starts = [0, *(m.end() for m in ends)]
    for e in sorted(edits, key=lambda e: (e.location.row, e.location.column), reverse=True):
        at = e.location
        begin, end = starts[at.row - 1] + at.column - 1, starts[at.end_row - 1] + at.end_column - 1
        text = text[:begin] + e.content.replace("\n", newline) + text[end:]
    return mark + text


def _notebook(text: str, edits: Sequence[Edit]) -> str:
    """The notebook with its cells edited, written as Jupyter writes it (with the indentation that it had)."""
    data = json.loads(text)
    cells = data.get("cells")
    if cells is None:  # nbformat 3
        cells = [c for sheet in data.get("worksheets", ()) for c in sheet.get("cells", ())]
    for number in {e.location.cell for e in edits if e.location.cell is not None}:
        cell = cells[number - 1]
        key = "source" if "source" in cell else "input"
        source = cell[key]
        joined = "".join(source) if isinstance(source, list) else source
        after = edited(joined, [e for e in edits if e.location.cell == number])
        cell[key] = after.splitlines(keepends=True) if isinstance(source, list) else after
    indent = _INDENT.match(text)
    plain = text.isascii() and "\\u" in text
    out = json.dumps(data, ensure_ascii=plain, indent=indent.group(1) if indent else None)
    return out + "\n" * text.endswith("\n")
