from __future__ import annotations

import codecs
import sys
from pathlib import Path

import pytest

from vaelint import ir
from vaelint.finding import Location
from vaelint.source.file import ScanUncertain, SourceError, SourceFile, load


def source(text: str) -> SourceFile:
    return load(Path("x.py"), text=text)


def units(s: SourceFile) -> list[ir.Block]:
    """All units lowered, as the interpreter does it."""
    try:
        return [s.lower(u) for u in s.units]
    except ScanUncertain:
        s.read_whole()
        return [s.lower(u) for u in s.units]


# --- reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        "x = 'é'\n".encode(),
        codecs.BOM_UTF8 + "x = 'é'\n".encode(),
        "# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"),
        "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = 'é'\n".encode("cp1252"),
        "x = 'é'\r\n".encode(),
        "# coding: latin-1\rx = 'é'\r".encode("latin-1"),
        b"#" * 500 + "\n# coding: latin-1\nx = 'é'\n".encode("latin-1"),
    ],
    ids=["UTF-8", "with a BOM", "with a cookie", "with a cookie on row 2", "CRLF", "CR", "behind a long row"],
)
def test_reads_what_python_reads(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.py"
    path.write_bytes(data)
    s = load(path)
    (block,) = units(s)
    (stmt,) = block
    assert isinstance(stmt, ir.Assign) and isinstance(stmt.value, ir.Const)
    assert stmt.value.value == "é" and "\r" not in s.text and not s.problems


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"x = '\xe9'\n", "decoded"),
        (b"# coding: nonsense\n", "decoded"),
        (b"# coding: rot13\n", "decoded"),
        (b"x = 1\0\n", "NUL"),
        (b"x = 1\n" * 2_000_000, "larger"),
    ],
    ids=["not UTF-8", "unknown encoding", "no text encoding", "NUL", "too large"],
)
def test_says_why_a_file_cannot_be_read(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "x.py"
    path.write_bytes(data)
    with pytest.raises(SourceError) as caught:
        load(path, "shown.py")
    assert reason in caught.value.problem.message and caught.value.problem.filename == "shown.py"


def test_a_missing_file_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        load(tmp_path / "none.py")


def test_text_from_elsewhere_is_checked_as_well() -> None:
    assert source("\ufeffx = '\udc80'\n").text == "x = '?'\n"
    with pytest.raises(SourceError):
        source("x\0")


def test_a_file_without_our_words_is_none_of_our_business() -> None:
    s = source("import os\nprint(os.name)\n")
    assert not s.matters and s.words == frozenset()


# --- syntax --------------------------------------------------------------------------------------

BROKEN = "def f():\n    return 1\n\n\ndef g(:\n    pass\n\n\ny = 2\n\n\ndef h(\n"


def test_what_parses_of_a_broken_file_is_kept() -> None:
    s = source(BROKEN)
    assert [len(b) for b in units(s)] == [1, 0, 1, 0]


def test_a_broken_file_is_reported_once_at_its_first_mistake() -> None:
    s = source(BROKEN)
    units(s)
    (problem,) = s.problems
    assert problem.location is not None and problem.location.row == 5
    assert problem.message.startswith("syntax error") and not problem.fatal


def test_python_2_is_a_problem() -> None:
    s = source("x = 1\nprint 'loss'\n")
    assert units(s) == [()] and len(s.problems) == 1


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    a = [\n        1\n    ]; b = (\na\n    )\n    return b\n",
        "def f(): pass\n\fdef g(): pass\n",
        "def f():\n    return (  # why\na + b\n)\n",
    ],
    ids=["bracket", "form feed", "bracket and comment"],
)
def test_what_the_index_gets_wrong_is_parsed_whole(text: str) -> None:
    s = source(text)
    (block,) = units(s)
    assert s.whole and not s.problems and all(isinstance(x, ir.FunctionDef) for x in block)


# --- depth ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "+".join(["a"] * 1200),
        "x = " + " or ".join(["a"] * 2000),
        "x = a" + ".b()" * 400,
        "x = " + "(" * 150 + "1" + ")" * 150,
        "if a: pass\n" + "elif b: pass\n" * 1000,
        "x = (" + "'a' " * 1000 + ")",
        "x = {\n" + "'a': [1, -2 * 3, f(x).b],\n" * 300 + "}",
    ],
    ids=["sum", "or", "calls", "brackets", "elif", "strings", "data"],
)
def test_long_code_is_lowered_and_located(text: str) -> None:
    s = source(text + "\n")
    limit = sys.getrecursionlimit()
    (block,) = units(s)
    assert len(block) == 1 and not s.problems
    at = s.locate(block[0].id)
    assert (at.row, at.column) == (1, 1) and (at.end_row, at.end_column) > (1, 1)
    assert sys.getrecursionlimit() == limit


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "(" * 5000 + "1" + ")" * 5000,
        "x = " + "+".join(["a"] * 50000),
        "x = a" + ".b()" * 50000,
        "x = " + "-" * 50000 + "1",
        "x = " + "lambda: " * 50000 + "1",
        "if a: pass\n" + "elif b: pass\n" * 50000,
        "".join(" " * i + "if a:\n" for i in range(300)) + " " * 300 + "pass",
    ],
    ids=["brackets", "sum", "calls", "signs", "lambdas", "elif", "blocks"],
)
def test_code_too_deep_for_the_parser_is_a_problem_and_no_crash(text: str) -> None:
    s = source(text + "\n")
    assert units(s) == [()]
    assert len(s.problems) == 1 and not s.problems[0].fatal


def test_what_is_found_does_not_depend_on_who_asks() -> None:
    s = source("x = a" + ".b()" * 100 + "\n")

    def ask(depth: int) -> ir.Block:
        return ask(depth - 1) if depth else s.lower(s.units[0])

    assert len(ask(sys.getrecursionlimit() - 250)) == 1 and not s.problems


# --- positions -----------------------------------------------------------------------------------


def test_positions_are_those_of_the_file() -> None:
    s = source(
        "x = 1\n\n\nclass A:\n    a = 1\n\n    @d\n    def f(self, b=2):\n        return g(-b, c=3)\n\n    z = 4\n"
    )
    (cls,) = s.lower(s.units[1])
    assert isinstance(cls, ir.ClassDef)
    assert s.locate(cls.body[-1].id) == Location(11, 5, 11, 10)
    (f,) = s.lower(s.units[1].methods[0])
    assert isinstance(f, ir.FunctionDef)
    assert s.locate(f.params[1].id) == Location(8, 17, 8, 18)  # a parameter's name
    (ret,) = f.body
    assert isinstance(ret, ir.Return) and isinstance(ret.value, ir.Call)
    assert s.locate(ret.value.id) == Location(9, 16, 9, 26)
    assert s.locate(ret.value.args[0].id) == Location(9, 18, 9, 20)


def test_columns_count_characters() -> None:
    s = source("x = 'é𝄞' + y\n")
    ((stmt,),) = units(s)
    assert isinstance(stmt, ir.Assign) and isinstance(stmt.value, ir.Binary)
    assert s.locate(stmt.value.right.id) == Location(1, 12, 1, 13)


def test_an_unknown_node_stands_at_the_start_of_its_unit() -> None:
    s = source("x = 1\n\n\ndef f(): pass\n")
    assert s.locate((1 << 20) + 999) == Location(4, 1, 4, 1)


def test_lines_for_excerpts() -> None:
    s = source("x = (1 +\n     2)\ny = 3\n")
    assert s.line(Location(3, 1, 3, 6)) == "y = 3"
    assert s.lines(Location(1, 5, 2, 8)) == ["x = (1 +", "     2)"]
    assert s.line(Location(99, 1, 99, 1)) == ""
