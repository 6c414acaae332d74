"""What every format needs to show a finding to a person: paths as they typed them, source lines, safe text."""

from __future__ import annotations

import json
import os
import re
import tokenize
import unicodedata
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from click import unstyle

from vaelint import files
from vaelint.evidence import Confidence
from vaelint.finding import Finding, Location

_NEWLINE = re.compile(r"\r\n|\r|\n")  # not splitlines(): a form feed does not end a row
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_COMMANDS = ("::", "##[")  # what makes a row of a CI job's output a command to the CI


@dataclass
class View:
    """``sources`` holds texts that stand in for files (standard input), by file name."""

    cwd: Path = field(default_factory=Path.cwd)
    sources: dict[str, str] = field(default_factory=dict)
    quiet: bool = False
    absolute: bool = False  # paths for programs: as Ruff's are
    unsafe: bool = False  # whether fixes that change what is computed are let in
    columns: int = 0  # of the terminal; 0 where text is not to be wrapped
    colour: bool = False  # whether what is shown is shown in colours
    links: bool = False  # whether the terminal follows links
    _lines: dict[tuple[str, int | None], list[str]] = field(default_factory=dict, repr=False)

    def exact(self, filename: str) -> str:
        """Relative to the working directory where it lies below it, else absolute; for programs."""
        full = self.full(filename)
        if self.absolute:
            return full
        inside = full.startswith(str(self.cwd).rstrip(os.sep) + os.sep)
        return os.path.relpath(full, self.cwd) if inside else full

    def path(self, filename: str) -> str:
        """The same for people: in one row, which nobody can take for anything but a path."""
        path = escaped(self.exact(filename))
        return f"./{path}" if path.startswith(_COMMANDS) else path

    def place(self, filename: str, at: Location) -> str:
        cell = f"cell {at.cell}:" if at.cell is not None else ""
        return f"{self.path(filename)}:{cell}{at.row}:{at.column}"

    def code(self, text: str, filename: str) -> str:
        """A row of code as it is shown: in colours, where there are any."""
        if not self.colour or not text:
            return text
        from vaelint.report._terminal import highlighted

        return highlighted(text, filename)

    def link(self, text: str, url: str) -> str:
        if not self.links:
            return text
        from vaelint.report._terminal import linked

        return linked(text, url)

    def lines(self, filename: str, cell: int | None = None) -> list[str]:
        """The rows of a file, or of a notebook's cell; none where they cannot be read."""
        key = (filename, cell)
        if key not in self._lines:
            self._lines[key] = _NEWLINE.split(self._text(filename, cell))
        return self._lines[key]

    def physical(self, filename: str, at: Location) -> int | None:
        """The line of the file itself: of a row of a notebook's cell, where that stands in the JSON."""
        if at.cell is None:
            return at.row
        from vaelint.source.notebook_json import line_of

        return line_of(self._text(filename, None), at.cell, at.row)

    def line(self, filename: str, at: Location, row: int | None = None) -> str:
        lines = self.lines(filename, at.cell)
        row = at.row if row is None else row
        return lines[row - 1] if 0 < row <= len(lines) else ""

    def full(self, filename: str) -> str:
        """Absolute."""
        return os.path.normpath(self.cwd / filename)

    def _text(self, filename: str, cell: int | None) -> str:
        full = self.full(filename)
        text = next((text for name, text in self.sources.items() if self.full(name) == full), None)
        try:
            if text is None:
                text = decode(files.read(full))
            return text if cell is None else _cell(text, cell)
        except (OSError, ValueError, LookupError, TypeError):
            return ""  # a report is better without its excerpt than not at all


def decode(data: bytes) -> str:
    """Python source as text, by its byte order mark or coding comment; what does not fit becomes U+FFFD."""
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(data).readline)
        return data.decode(encoding, "replace")
    except (SyntaxError, LookupError):
        return data.decode("utf-8", "replace")


def _cell(text: str, number: int) -> str:
    source = json.loads(text)["cells"][number - 1]["source"]
    return source if isinstance(source, str) else "".join(source)


def clean(text: str) -> str:
    """Without what would move a terminal's cursor, change its colours or turn its reading direction."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    """Clean, and in one row: what stands in a file must not begin one of ours."""
    return clean(" ".join(text.split()))


def escaped(name: str) -> str:
    """A name with an escape for what cannot be seen or would do more than that, and for bytes that are no text."""
    return re.sub(r"[\t\n]|" + _CONTROL.pattern, _escape, name)


def _escape(m: re.Match[str]) -> str:
    code = ord(m.group())
    if 0xDC80 <= code <= 0xDCFF:  # how Python keeps a byte of a name that is no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return m.group().encode("unicode_escape").decode()


def as_json(data: object) -> str:
    """Text that any encoding can hold what names of files may not: half a character is written as an escape."""
    return without_surrogates(json.dumps(data, indent=2, ensure_ascii=False)) + "\n"


def without_surrogates(text: str) -> str:
    return _SURROGATE.sub(lambda m: f"\\u{ord(m.group()):04x}", text)


def width(text: str) -> int:
    """In columns of a terminal."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def wrapped(text: str, columns: int, indent: str = "") -> str:
    """Text broken at spaces to fit the columns, rows after the first behind ``indent``; all in one row without columns.

    Colours count for nothing; what is longer than a row stays whole: code and paths are to be copied.
    """
    if not columns:
        return text
    begin = len(text) - len(text.lstrip(" "))
    first, *others = text[begin:].split(" ")
    rows = [text[:begin] + first]
    used = width(unstyle(rows[0]))
    for word in others:
        size = width(unstyle(word))
        if word and used + 1 + size > columns:
            rows.append(indent + word)
            used = width(indent) + size
        else:
            rows[-1] += f" {word}"
            used += 1 + size
    return "\n".join(rows)


def clipped(text: str, columns: int) -> str:
    """Cut to the columns, with a mark where it is; whole without columns."""
    if columns <= 0 or width(text) <= columns:
        return text
    out, used = "", 0
    for c in text:
        used += width(c)
        if used >= columns:
            break
        out += c
    return out + "…"


def severity(finding: Finding) -> str:
    """A name or a comment that lies is a warning, a sign that is certainly wrong an error, a hint a note."""
    if finding.confidence is Confidence.POSSIBLE:
        return "info"
    mild = finding.code.startswith(("VL3", "VL002"))
    return "error" if finding.confidence is Confidence.CERTAIN and not mild else "warning"


def plural(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"
