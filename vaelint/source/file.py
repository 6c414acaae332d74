"""One file, parsed as far as somebody asks."""

from __future__ import annotations

import ast
import io
import itertools
import os
import re
import tokenize
from collections.abc import Iterator
from functools import cached_property, partial
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING

from vaelint import files, ir
from vaelint.finding import Location, Problem
from vaelint.source import comments, index, notebook, prose, quick, vocabulary
from vaelint.source.around import NOTHING, Around, words_of
from vaelint.source.index import Unit
from vaelint.source.parse import Rejected, TooDeep, is_too_deep, parse, with_room

if TYPE_CHECKING:
    import libcst as cst

    from vaelint.source.stated import Stated

MAX_BYTES = 10_000_000  # a longer file is generated
MAX_NODES = 1 << 20  # of one unit: an id holds no more
_UNIT_BITS, _FILE_BITS = 20, 44  # where the numbers of the unit and of the file stand in the id of a node
_numbers = itertools.count()
_SURROGATE = re.compile("[\ud800-\udfff]")


class SourceError(Exception):
    """The file cannot be analysed at all; ``content``: for what is in it, which is no Python."""

    def __init__(self, problem: Problem, content: bool = False) -> None:
        super().__init__(problem.message)
        self.problem, self.content = problem, content


class ScanUncertain(Exception):
    """A span does not parse though the whole file does: start again with the file as one unit."""

    def __init__(self, source: SourceFile) -> None:
        super().__init__(source.name)
        self.source = source


class SourceFile:
    """``text`` is Python (a notebook's cells joined); ``name`` is what users see."""

    def __init__(
        self, path: Path, name: str, text: str, cells: notebook.Notebook | None = None, digest: str = ""
    ) -> None:
        self.path, self.name, self.text = path, name, text
        self.digest = digest  # of the content of the file, where it was read
        self.number = next(_numbers)  # files of one process do not share the ids of their nodes
        self.problems: list[Problem] = []
        self.rejected: Problem | None = None  # where the parser of the analysis stopped
        self.unused: list[Problem] = []  # comments that state something of nothing
        self._cells = cells
        self._whole = False
        self._broken: bool | None = None
        self._module: cst.Module | None = None  # the file parsed whole, until it is lowered
        self._lowered: dict[int, ir.Block] = {}
        self._texts: dict[int, str] = {}
        self._around: dict[int, Around] = {}
        self._stated: dict[int, tuple[Stated, ...]] = {}
        self._stated_above: dict[int, tuple[Stated, ...]] = {}  # the methods of a class, by its number
        self._places: dict[int, dict[int, quick.Span]] = {}
        self._exact: dict[int, dict[int, quick.Span]] = {}

    @cached_property
    def absolute(self) -> str:
        return absolute(self.path)

    @cached_property
    def matters(self) -> bool:
        """Whether anything in the file is our business."""
        return vocabulary.mentions(self.text)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the vocabulary in the file."""
        return vocabulary.words(self.text)

    @cached_property
    def derives(self) -> bool:
        """Whether it may hold a function with its derivative: no other file is read for these."""
        return vocabulary.derives(self.text)

    @cached_property
    def redefines(self) -> bool:
        """Whether it may hold a function that has the name of a primitive."""
        return vocabulary.redefines(self.text)

    @cached_property
    def holds_gradients(self) -> bool:
        """Whether something that is called a gradient is bound in it."""
        return vocabulary.binds_gradients(self.text)

    @cached_property
    def flows(self) -> bool:
        """Whether it may hold two ways through a flow: no method of another is parsed for this."""
        return vocabulary.flows(self.text)

    @property
    def whole(self) -> bool:
        """Whether the file is one unit, the scan for spans having been given up."""
        _ = self.units
        return self._whole

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        if not self._whole:
            breaks = self._cells.firsts if self._cells is not None else ()
            try:
                return index.scan(self.text, breaks)
            except index.Uncertain:
                self._whole = self._parses_whole()
            if not self._whole:
                return index.scan(self.text, breaks, certain=False)
        return (Unit(0, "code", "", 1, self.text.count("\n") + 1, True, (), self.words),)

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def handlers(self) -> frozenset[int]:
        """The numbers of functions without a word of ours that matter for what they lead to.

        They hand one of ours to something else (`fit(p, nlml)`), or call one that optimises (`self.step(outputs)`).
        """
        units = self._all_units()
        ours = {u.name for u in units if u.matters and u.kind in ("function", "method") and not u.name.startswith("__")}
        others = [u for u in units if not u.matters and u.kind in ("function", "method")] if ours else []
        own = [u for u in units if u.name in ours]
        steps = {u.name for u in own if not u.words.isdisjoint(vocabulary.OPTIMISES)}
        steps |= {u.name for u in own if index.calls(self.text_in(u), steps)}  # `loop` calls `step`, and `run` calls it
        texts = {u.number: self.text_in(u) for u in others}
        return frozenset(
            number
            for number, text in texts.items()
            if not ours.isdisjoint(index.handed_over(text)) or index.calls(text, steps)
        )

    def read_whole(self) -> None:
        """Give up the scan: the file is one unit from here on."""
        self._whole = True
        self._lowered.clear()
        self._texts.clear()
        self._around.clear()
        self._stated.clear()
        self._stated_above.clear()
        self._places.clear()
        self._exact.clear()
        for derived in ("units", "_class_of"):
            self.__dict__.pop(derived, None)
        self.__dict__.pop("_by_number", None)

    def lower(self, unit: Unit) -> ir.Block:
        """The IR of a unit; () where it does not parse (then there is a problem). May raise `ScanUncertain`."""
        if unit.number not in self._lowered:
            self._lowered[unit.number] = self._lower(unit)
        return self._lowered[unit.number]

    def _lower(self, unit: Unit) -> ir.Block:
        try:
            block, nodes = self._lower_quickly(unit) or self._lower_parsed(unit)
        except Rejected as error:
            if not self._whole and self._parses_whole():
                raise ScanUncertain(self) from error
            self._report(error, self._shift(unit))
            return self._stub(unit)
        except (TooDeep, RecursionError):
            return self._give_up(unit, "too long or nested too deeply to be analysed")
        return block if nodes < MAX_NODES else self._give_up(unit, "too large to be analysed")

    def _lower_quickly(self, unit: Unit, spans: dict[int, quick.Span] | None = None) -> tuple[ir.Block, int] | None:
        """By Python's own parser; None where libcst's is needed. With ``spans``, it gets where the nodes stand."""
        lines = self._snippet(unit)
        text = "\n".join(lines)
        if is_too_deep(text):
            return None
        try:
            module = quick.parse(text)

            def lowered() -> tuple[ir.Block, quick.Lowering]:
                lowering = quick.Lowering(self._base(unit), lines, spans is not None)
                return lowering.block(self._body_of(unit, module)), lowering

            block, lowering = with_room(lowered)
        except (quick.Unclear, RecursionError):
            return None
        if spans is not None:
            spans |= lowering.spans
        return block, lowering.count

    @staticmethod
    def _body_of(unit: Unit, module: ast.Module) -> list[ast.stmt]:
        first = module.body[0] if module.body else None
        return first.body if unit.kind == "method" and isinstance(first, ast.ClassDef) else module.body

    def _lower_parsed(self, unit: Unit) -> tuple[ir.Block, int]:
        module = self._parsed(unit)
        return with_room(lambda: self._lower_module(unit, module))

    def _parsed(self, unit: Unit) -> cst.Module:
        if self._whole and self._module is not None:
            module, self._module = self._module, None
            return module
        return parse("\n".join(self._snippet(unit)))

    def _stub(self, unit: Unit) -> ir.Block:
        """A class whose own lines are broken still has its methods."""
        if not unit.methods:
            return ()
        name = unit.name if unit.name.isidentifier() and not iskeyword(unit.name) else "_"  # `class (Base):`
        return self._lower_module(unit, parse(f"class {name}:\n    pass\n"))[0]

    def _lower_module(self, unit: Unit, module: cst.Module) -> tuple[ir.Block, int]:
        from vaelint.source.lower import Lowering

        lowering = Lowering(self._base(unit))
        return lowering.block(self._body(unit, module)), lowering.count

    def _parses_whole(self) -> bool:
        """Whether the file parses as it stands; the first time it does not, that is reported."""
        if self._broken is None:
            self._broken = True
            try:
                if not self._takes(self.text):
                    self._module = parse(self.text)
                self._broken = False
            except Rejected as error:
                self._report(error, 0)
            except TooDeep:
                pass  # some unit of it is: that one reports it
        return not self._broken

    @staticmethod
    def _takes(text: str) -> bool:
        """Whether Python's own parser takes a text, which need not be looked at any more then."""
        if is_too_deep(text):
            return False
        try:
            quick.parse(text)
        except quick.Unclear:
            return False
        return True

    def _report(self, error: Rejected, shift: int) -> None:
        """One place for the syntax of a file: what follows the first mistake is often its echo."""
        if self.rejected is not None:
            return
        row = min(max(error.row + shift, 1), len(self._lines))
        place = self._place(row, error.column, row, error.column)
        self.rejected = Problem(self.name, f"syntax error: {error.reason}", place, fatal=False)
        self.problems.append(self.rejected)

    def _give_up(self, unit: Unit, reason: str) -> ir.Block:
        self.problems.append(Problem(self.name, reason, self._place(unit.start, 1, unit.start, 1), fatal=False))
        return ()

    # --- text of a unit ---

    def _snippet(self, unit: Unit) -> list[str]:
        """Its lines, as they can be parsed alone."""
        lines = self._lines[unit.start - 1 : unit.end]
        if unit.kind == "class" and unit.methods:
            for m in unit.methods:
                first = m.start - unit.start
                lines[first : m.end - unit.start + 1] = [""] * (m.end - m.start + 1)
            # A body must not be empty: `pass` where the first method stood.
            head = self._lines[unit.methods[0].start - 1]
            lines[unit.methods[0].start - unit.start] = head[: len(head) - len(head.lstrip())] + "pass"
        if unit.kind == "method":
            lines = ["class _:", *lines]  # columns stay, rows shift by one
        return [*lines, ""]

    @staticmethod
    def _shift(unit: Unit) -> int:
        return unit.start - (2 if unit.kind == "method" else 1)

    @staticmethod
    def _body(unit: Unit, module: cst.Module) -> list[cst.BaseStatement | cst.BaseSmallStatement]:
        import libcst as cst

        statements: list[cst.BaseStatement | cst.BaseSmallStatement] = list(module.body)
        if unit.kind == "method" and statements and isinstance(statements[0], cst.ClassDef):
            return list(statements[0].body.body)
        return statements

    def _base(self, unit: Unit) -> int:
        return self.number << _FILE_BITS | unit.number << _UNIT_BITS

    # --- positions ---

    def holds(self, node_id: int) -> bool:
        """Whether a node is one of this file's."""
        return node_id >> _FILE_BITS == self.number

    def locate(self, node_id: int) -> Location:
        """Where a node stands. The unit is lowered once more, with positions, the first time one is asked for."""
        unit = self.unit_of(node_id)
        span = self._span(unit, node_id) if unit is not None else None
        if span is None:
            row = unit.start if unit is not None else 1
            return self._place(row, 1, row, 1)
        return self._place(*span)

    def _span(self, unit: Unit, node_id: int) -> quick.Span | None:
        if unit.number not in self._places:
            found: dict[int, quick.Span] = {}
            self._lower_quickly(unit, found)
            self._places[unit.number] = found
        span = self._places[unit.number].get(node_id)
        if span is None:
            if unit.number not in self._exact:
                self._exact[unit.number] = self._find_places(unit)
            span = self._exact[unit.number].get(node_id)
        if span is None:
            return None
        shift = self._shift(unit)
        a, b, c, d = span
        return a + shift, b, c + shift, d

    def _find_places(self, unit: Unit) -> dict[int, quick.Span]:
        from vaelint.source import positions

        try:
            module = parse("\n".join(self._snippet(unit)))
            return with_room(lambda: positions.of(module, lambda m: self._body(unit, m), self._base(unit)))
        except (Rejected, TooDeep, RecursionError):
            return {}

    def _all_units(self) -> list[Unit]:
        return [x for u in self.units for x in (u, *u.methods)]

    def _place(self, row: int, column: int, end_row: int, end_column: int) -> Location:
        if self._cells is None:
            return Location(row, column, end_row, end_column)
        cell, first = self._cells.place(row)
        _, last = self._cells.place(end_row)
        return Location(first, column, last, end_column, cell)

    def placed(self, at: Location) -> Location:
        """A place in the text as one in the file: in the cell of a notebook, whose text is that of the cells joined."""
        return self._place(at.row, at.column, at.end_row, at.end_column)

    def pieces(self) -> Iterator[tuple[int | None, str]]:
        """The text, or that of each code cell of a notebook with its number."""
        if self._cells is None:
            yield None, self.text
            return
        for cell, first, behind in zip(self._cells.cells, self._cells.firsts, (*self._cells.firsts[1:], None)):
            yield cell, "\n".join(self._lines[first - 1 : behind - 1 if behind is not None else None])

    # --- what a report quotes ---

    def joined_row(self, row: int, cell: int | None) -> int:
        """The row of the text (of a notebook: as joined) that a row of a cell is."""
        return row + self._cells.first(cell) - 1 if self._cells is not None and cell is not None else row

    def unit_of(self, node_id: int) -> Unit | None:
        return self._by_number.get(node_id >> _UNIT_BITS & (1 << _FILE_BITS - _UNIT_BITS) - 1)

    @cached_property
    def _by_number(self) -> dict[int, Unit]:
        return {u.number: u for u in self._all_units()}

    def text_in(self, unit: Unit) -> str:
        """The text of one of its units."""
        if unit.number not in self._texts:
            self._texts[unit.number] = "\n".join(self._lines[unit.start - 1 : unit.end])
        return self._texts[unit.number]

    @cached_property
    def weighs_entropy_below_zero(self) -> bool:
        """Whether it says so of a bonus, in words."""
        return prose.weighs_entropy_below_zero(self.text)

    @cached_property
    def identifiers(self) -> frozenset[str]:
        """Whatever in the file could be an identifier, comments and strings included."""
        return words_of(self.text)

    def may_bind(self, name: str) -> bool:
        """Whether a name may be one of the file's, as far as its words tell: a star import may bring any."""
        return name in self.identifiers or "import *" in self.text

    def documented(self, node_id: int) -> list[tuple[Stated, bool]]:
        """The formulas that comments and docstrings state in the unit that a node stands in, its class's docstring
        included, and whether the comment stands beside it: in its row, or right above."""
        unit = self.unit_of(node_id) if self.holds(node_id) else None
        if unit is None:
            return []
        if unit.number not in self._stated:
            self._stated[unit.number] = self._stated_in(unit)
        found = self._stated[unit.number]
        if not found:
            return []
        at = self.locate(node_id)
        row = self.joined_row(at.row, at.cell) - unit.start + 1
        return [(s, s.stands_beside(row)) for s in found]

    def _stated_in(self, unit: Unit) -> tuple[Stated, ...]:
        from vaelint.source.stated import stated, stated_of_class

        around = self._class_of.get(unit.number)
        if around is None:
            return stated(self.text_in(unit))
        if around.number not in self._stated_above:
            head = "\n".join(self._lines[around.start - 1 : around.methods[0].start - 1])
            self._stated_above[around.number] = stated_of_class(head)
        return (*stated(self.text_in(unit)), *self._stated_above[around.number])

    @cached_property
    def _class_of(self) -> dict[int, Unit]:
        """The class of each method, by the method's number."""
        return {method.number: unit for unit in self.units for method in unit.methods}

    def around(self, node_id: int) -> Around:
        """The unit that a node stands in; `NOTHING` for another file's."""
        unit = self.unit_of(node_id) if self.holds(node_id) else None
        return self.around_unit(unit) if unit is not None else NOTHING

    def around_unit(self, unit: Unit) -> Around:
        if unit.number not in self._around:
            self._around[unit.number] = Around(words_of(self.text_in(unit)), partial(self.lower, unit))
        return self._around[unit.number]

    def speaking_of(self, identifier: str) -> Iterator[Around]:
        """The units of the file in which an identifier occurs."""
        if identifier in self.identifiers:
            around = map(self.around_unit, self._all_units())
            yield from (found for found in around if identifier in found.words)

    def lines(self, location: Location) -> list[str]:
        """The source lines that a location spans, of a notebook as joined (magics blanked)."""
        shift = self._cells.first(location.cell) - 1 if self._cells is not None and location.cell is not None else 0
        return self._lines[max(location.row - 1, 0) + shift : max(location.end_row, location.row) + shift]

    def line(self, location: Location) -> str:
        """The line on which a location begins."""
        return next(iter(self.lines(location)), "")

    @property
    def speaks_to_us(self) -> bool:
        """Whether a comment may speak to vaelint."""
        return "vaelint:" in self.text

    def directives(self) -> list[comments.Directive]:
        """The comments that speak to vaelint, by cell in a notebook."""
        found = comments.directives(self.text)
        return found if self._cells is None else [d.within(*self._cells.place(d.row)) for d in found]


def file_number(node_id: int) -> int:
    """The number of the file that a node stands in."""
    return node_id >> _FILE_BITS


def number_in_file(node_id: int) -> int:
    """The number of a node within its file, whose own number depends on how many were opened before it."""
    return node_id & (1 << _FILE_BITS) - 1


def absolute(path: Path) -> str:
    """The path from the root; links stay, since they are how the project names the file."""
    return os.path.abspath(path)  # noqa: PTH100


def shown(path: Path) -> str:
    """The path as a user reads it: relative to where they are, if it lies below."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def load(path: Path, name: str | None = None, text: str | None = None) -> SourceFile:
    """Read a file (or take ``text`` for it). Raises `SourceError` for what is no readable Python text."""
    called = name if name is not None else str(path)
    digest = ""
    if text is None:
        data = _read(path, called)
        text, digest = _decoded(data, called), files.digest(data)
    else:
        text = _checked(text, called)
    if path.suffix == ".ipynb":
        try:
            cells = notebook.read(text)
        except (ValueError, RecursionError) as error:
            raise SourceError(Problem(called, str(error)), content=True) from error
        return SourceFile(path, called, cells.text, cells, digest)
    return SourceFile(path, called, text.replace("\r\n", "\n").replace("\r", "\n"), None, digest)


def read_text(path: Path) -> str:
    """What a file holds, as its bytes decoded. Raises `SourceError`."""
    return _decoded(_read(path, str(path)), str(path))


def _checked(text: str, shown: str) -> str:
    if "\0" in text:
        raise SourceError(Problem(shown, "holds NUL bytes: not Python text"), content=True)
    return _SURROGATE.sub("?", text.removeprefix("\ufeff"))  # what standard input could not decode


def _read(path: Path, shown: str) -> bytes:
    try:
        data = files.read(path, MAX_BYTES + 1)
    except files.NotRegular as error:
        raise SourceError(Problem(shown, error.why)) from error
    except OSError as error:
        raise SourceError(Problem(shown, f"cannot be read: {error.strerror or error}")) from error
    if len(data) > MAX_BYTES:
        raise SourceError(Problem(shown, f"larger than {MAX_BYTES // 1_000_000} MB: not analysed"))
    return data


def _decoded(data: bytes, shown: str) -> str:
    if b"\0" in data:
        raise SourceError(Problem(shown, "holds NUL bytes: not Python text"), content=True)
    try:
        # Plain UTF-8 is nearly every file; a cookie can only stand in the first two lines.
        head = data[: data.find(b"\n", data.find(b"\n") + 1) + 1] or data
        if b"coding" not in head:
            return data.decode("utf-8-sig")
        # Only "\n" ends a line for `tokenize`: it must not take what a lone "\r" ends for a part of the cookie's line.
        encoding, _ = tokenize.detect_encoding(io.BytesIO(head.replace(b"\r", b"\n")).readline)
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise SourceError(Problem(shown, f"cannot be decoded: {error}"), content=True) from error
