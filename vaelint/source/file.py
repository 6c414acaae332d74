"""One file, parsed as far as somebody asks."""

from __future__ import annotations

import io
import tokenize
from functools import cached_property
from pathlib import Path

import libcst as cst

from vaelint import ir
from vaelint.finding import Location, Problem
from vaelint.source import index, notebook, positions
from vaelint.source.index import Unit
from vaelint.source.lower import Lowering
from vaelint.source.vocabulary import mentions

MAX_BYTES = 10_000_000  # a longer file is generated


class SourceError(Exception):
    """The file cannot be analysed at all."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class ScanUncertain(Exception):
    """A span does not parse though the whole file does: start again with the file as one unit."""


class SourceFile:
    """``text`` is Python (a notebook's cells joined); ``name`` is what users see."""

    def __init__(self, path: Path, name: str, text: str, cells: notebook.Notebook | None = None) -> None:
        self.path, self.name, self.text = path, name, text
        self.problems: list[Problem] = []
        self._cells = cells
        self._whole = False
        self._broken: bool | None = None
        self._lowered: dict[int, ir.Block] = {}
        self._places: dict[int, dict[int, positions.Span]] = {}

    @cached_property
    def matters(self) -> bool:
        """Whether anything in the file is our business."""
        return mentions(self.text)

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        if self._whole:
            return (Unit(0, "code", "", 1, self.text.count("\n") + 1, True),)
        return index.scan(self.text)

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    def read_whole(self) -> None:
        """Give up the scan: the file is one unit from here on."""
        self._whole = True
        self._lowered.clear()
        self._places.clear()
        del self.units

    def lower(self, unit: Unit) -> ir.Block:
        """The IR of a unit; () where it does not parse (then there is a problem). May raise `ScanUncertain`."""
        if unit.number not in self._lowered:
            self._lowered[unit.number] = self._lower(unit)
        return self._lowered[unit.number]

    def _lower(self, unit: Unit) -> ir.Block:
        text = self._snippet(unit)
        try:
            module = cst.parse_module(text)
            return Lowering(unit.number << 20).block(self._body(unit, module))
        except cst.ParserSyntaxError as error:
            if not self._whole and self._parses_whole():
                raise ScanUncertain from error
            self._report(unit, error)
        except RecursionError:
            message = "nested too deeply to be analysed"
            self.problems.append(Problem(self.name, message, self._place(unit.start, 1, unit.start, 1), fatal=False))
        return ()

    def _parses_whole(self) -> bool:
        if self._broken is None:
            try:
                cst.parse_module(self.text)
                self._broken = False
            except (cst.ParserSyntaxError, RecursionError):
                self._broken = True
        return not self._broken

    def _report(self, unit: Unit, error: cst.ParserSyntaxError) -> None:
        row = error.raw_line + self._shift(unit)
        column = error.raw_column + 1
        reason = error.message.splitlines()[0] if error.message else "it does not parse"
        place = self._place(row, column, row, column)
        self.problems.append(Problem(self.name, f"syntax error: {reason}", place, fatal=False))

    # --- text of a unit ---

    def _snippet(self, unit: Unit) -> str:
        lines = self._lines[unit.start - 1 : unit.end]
        if unit.kind == "class" and unit.methods:
            lines = list(lines)
            for m in unit.methods:
                first = m.start - unit.start
                indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
                lines[first : m.end - unit.start + 1] = [f"{indent}pass"] + [""] * (m.end - m.start)
        if unit.kind == "method":
            lines = ["class _:", *lines]  # columns stay, rows shift by one
        return "\n".join(lines) + "\n"

    @staticmethod
    def _shift(unit: Unit) -> int:
        return unit.start - (2 if unit.kind == "method" else 1)

    @staticmethod
    def _body(unit: Unit, module: cst.Module) -> list[cst.BaseStatement | cst.BaseSmallStatement]:
        statements: list[cst.BaseStatement | cst.BaseSmallStatement] = list(module.body)
        if unit.kind == "method" and statements and isinstance(statements[0], cst.ClassDef):
            return list(statements[0].body.body)
        return statements

    # --- positions ---

    def locate(self, node_id: int) -> Location:
        """Where a node stands. The unit is lowered once more, with positions, the first time one is asked for."""
        number = node_id >> 20
        if number not in self._places:
            unit = next((u for u in self._all_units() if u.number == number), None)
            self._places[number] = self._find_places(unit) if unit is not None else {}
        span = self._places[number].get(node_id)
        if span is None:
            return self._place(1, 1, 1, 1)
        return self._place(*span)

    def _find_places(self, unit: Unit) -> dict[int, positions.Span]:
        text, shift = self._snippet(unit), self._shift(unit)
        found = positions.of(text, lambda module: self._body(unit, module), unit.number << 20)
        return {i: (a + shift, b, c + shift, d) for i, (a, b, c, d) in found.items()}

    def _all_units(self) -> list[Unit]:
        return [x for u in self.units for x in (u, *u.methods)]

    def _place(self, row: int, column: int, end_row: int, end_column: int) -> Location:
        if self._cells is None:
            return Location(row, column, end_row, end_column)
        cell, first = self._cells.place(row)
        _, last = self._cells.place(end_row)
        return Location(first, column, last, end_column, cell)


def load(path: Path, name: str | None = None, text: str | None = None) -> SourceFile:
    """Read a file (or take ``text`` for it). Raises `SourceError` for what is no readable Python text."""
    shown = name if name is not None else str(path)
    if text is None:
        text = _read(path, shown)
    if path.suffix == ".ipynb":
        try:
            cells = notebook.read(text)
        except (ValueError, RecursionError) as error:
            raise SourceError(Problem(shown, str(error))) from error
        return SourceFile(path, shown, cells.text, cells)
    return SourceFile(path, shown, text.replace("\r\n", "\n").replace("\r", "\n"))


def _read(path: Path, shown: str) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SourceError(Problem(shown, f"larger than {MAX_BYTES // 1_000_000} MB: not analysed"))
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(Problem(shown, f"cannot be read: {error.strerror or error}")) from error
    if b"\0" in data:
        raise SourceError(Problem(shown, "holds NUL bytes: not Python text"))
    try:
        # Plain UTF-8 is nearly every file; a cookie can only stand in the first two lines.
        if b"coding" not in data[:400]:
            return data.decode("utf-8-sig")
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise SourceError(Problem(shown, f"cannot be decoded: {error}")) from error
