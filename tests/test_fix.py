"""Making the edits that findings offer."""

from __future__ import annotations

import codecs
import json
import sys
from pathlib import Path

import pytest

from vaelint.evidence import Confidence
from vaelint.files import Changed, digest
from vaelint.finding import Edit, Finding, Fix, Location
from vaelint.fix import Change, Refused, change, chosen
from vaelint.splice import edited, in_cells

links = pytest.mark.skipif(sys.platform == "win32", reason="not everybody may make links there")


def at(row: int, column: int, end_row: int, end_column: int, cell: int | None = None) -> Location:
    return Location(row, column, end_row, end_column, cell)


def finding(*edits: Edit, safe: bool = True, filename: str = "m.py") -> Finding:
    place = edits[0].location if edits else at(1, 1, 1, 2)
    fix = Fix("mend it", edits, safe) if edits else None
    return Finding("VL101", "likelihood-minimized", "…", filename, place, Confidence.LIKELY, fix=fix)


def changed(path: Path, *edits: Edit) -> Change:
    """What edits make of a file as it is now."""
    return change(str(path), [Fix("…", edits, digest=digest(path.read_bytes()))])


# --- which ---------------------------------------------------------------------------------------


def test_findings_without_a_fix_change_nothing() -> None:
    assert chosen([finding()], unsafe=True) == {}


def test_what_is_unsafe_has_to_be_asked_for() -> None:
    f = finding(Edit(at(1, 1, 1, 2), "x"), safe=False)
    assert chosen([f], unsafe=False) == {} and chosen([f], unsafe=True) == {"m.py": [f.fix]}


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        (at(1, 1, 1, 5), at(1, 5, 1, 9), True),
        (at(1, 1, 1, 5), at(2, 1, 2, 2), True),
        (at(1, 1, 1, 5, 1), at(1, 1, 1, 5, 2), True),
        (at(1, 1, 1, 5), at(1, 4, 1, 9), False),
        (at(1, 1, 3, 1), at(2, 1, 2, 2), False),
        (at(2, 1, 2, 2), at(1, 1, 3, 1), False),
        (at(1, 1, 1, 1), at(1, 1, 1, 1), False),
    ],
)
def test_of_two_that_touch_the_first_wins(first: Location, second: Location, both: bool) -> None:
    found = [finding(Edit(first, "x")), finding(Edit(second, "y"))]
    assert chosen(found, unsafe=False) == {"m.py": [f.fix for f in found[: 2 if both else 1]]}


# --- texts ---------------------------------------------------------------------------------------


def test_no_edit_changes_nothing() -> None:
    assert edited("a\r\nb\rc\n", []) == "a\r\nb\rc\n"


def test_edits_do_not_disturb_each_other() -> None:
    edits = [Edit(at(1, 1, 1, 2), "long"), Edit(at(1, 3, 1, 4), ""), Edit(at(2, 1, 2, 1), "-")]
    assert edited("a b c\nd\n", edits) == "long  c\n-d\n"


def test_line_ends_and_the_byte_order_mark_are_kept() -> None:
    assert edited("\ufeffa\r\nb\r\n", [Edit(at(1, 1, 2, 2), "(a\nb)")]) == "\ufeff(a\r\nb)\r\n"


@pytest.mark.parametrize(
    "data",
    [
        b"# \xc3\xa9\r\nx = 1\r\n",
        codecs.BOM_UTF8 + b"# \xc3\xa9\nx = 1\n",
        b"# coding: latin-1\nx = 1  # \xe9\n",
        b"# no end\nx = 1",
        b"# coding: cp932\nx = 1  # \x93\xfa\x96\x7b\n",
        b"# coding: iso2022_jp\nx = 1  # \x1b$BF|K\\\x1b(B\n",
        b"# a row\x0c\x1c with odd ends\xc2\x85\nx = 1\n",
    ],
)
def test_a_file_keeps_its_encoding_and_mode(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "m.py"
    path.write_bytes(data)
    path.chmod(0o640)
    mode = path.stat().st_mode  # on Windows another one
    changed(path, Edit(at(2, 5, 2, 6), "-1")).write()
    assert path.read_bytes() == data.replace(b"x = 1", b"x = -1")
    assert path.stat().st_mode == mode and list(tmp_path.iterdir()) == [path]


@links
def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("x = 1\n")
    (tmp_path / "link.py").symlink_to("m.py")
    changed(tmp_path / "link.py", Edit(at(1, 5, 1, 6), "2")).write()
    assert (tmp_path / "link.py").is_symlink() and (tmp_path / "m.py").read_text() == "x = 2\n"


@pytest.mark.parametrize("indent", [None, 1, 4])
@pytest.mark.parametrize("source", [["x = 1\n", "y = 2"], "x = 1\ny = 2"])
def test_a_notebook_is_edited_in_its_cells(tmp_path: Path, source: object, indent: int | None) -> None:
    def text(source: object) -> str:
        cells = [{"cell_type": "markdown", "source": "é"}, {"cell_type": "code", "source": source}]
        return json.dumps({"cells": cells, "nbformat": 4}, indent=indent, ensure_ascii=False) + "\n"

    path = tmp_path / "m.ipynb"
    path.write_text(text(source), "utf-8")
    changed(path, Edit(at(2, 5, 2, 6, 2), "3")).write()
    wanted = ["x = 1\n", "y = 3"] if isinstance(source, list) else "x = 1\ny = 3"
    assert path.read_text("utf-8") == text(wanted)


# What other programs write, json.dumps would write in another way.
ODD = r"""{ "metadata": {"x": 1E-7, "y": 0.10, "é": "\u00e9\/", "x": 2},
  "cells" : [ {"source" : "", "cell_type":"raw"},
   {"cell_type":"code", "source": ["a = \u0031\n",
      "b = 1\u000a",    "# \ud83d\ude00"], "outputs": [{"cells": [1e400, NaN]}]} ] ,"nbformat":4}

"""


def test_of_a_notebook_only_the_row_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "m.ipynb"
    path.write_text(ODD, "utf-8")
    changed(path, Edit(at(2, 5, 2, 6, 2), "-1")).write()
    assert path.read_text("utf-8") == ODD.replace(r'"b = 1\u000a"', r'"b = -1\n"')


def test_a_notebook_in_one_row_stays_in_one_row(tmp_path: Path) -> None:
    path = tmp_path / "m.ipynb"
    path.write_text('{"worksheets":[{"cells":[{"cell_type":"code","input":["a = 1\\n","b = 2"]}]}]}')
    changed(path, Edit(at(1, 5, 2, 6, 1), "(\n3)")).write()
    assert path.read_text() == '{"worksheets":[{"cells":[{"cell_type":"code","input":["a = (\\n","3)"]}]}]}'


# --- refused -------------------------------------------------------------------------------------


def test_a_file_that_has_changed_since_it_was_read_is_not_edited(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text("x = 1\n")
    fix = Fix("…", (Edit(at(1, 5, 1, 6), "2"),), digest=digest(b"x = 1\n"))
    path.write_text("# a row more\nx = 1\n")
    with pytest.raises(Refused, match=r"^it has changed since it was read$"):
        change(str(path), [fix])


def test_nor_is_one_that_changes_while_it_is_fixed(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text("x = 1\n")
    done = changed(path, Edit(at(1, 5, 1, 6), "2"))
    path.write_text("x = 3\n")
    with pytest.raises(Changed):
        done.write()
    assert path.read_text() == "x = 3\n" and list(tmp_path.iterdir()) == [path]


def test_edits_that_nobody_made_for_this_content_are_not_made(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("x = 1\n")
    with pytest.raises(Refused):
        change(str(tmp_path / "m.py"), [Fix("…", (Edit(at(1, 5, 1, 6), "2"),))])


@pytest.mark.parametrize(
    ("content", "reason"),
    [("(", r"'\(' was never closed"), ("1 +", "invalid syntax"), ("\n  2", "(unexpected indent|invalid syntax)")],
)
def test_what_would_not_parse_is_not_written(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "m.py"
    path.write_text("x = 1\n")
    with pytest.raises(Refused, match=rf"^it would not parse: row \d: {reason}$"):
        changed(path, Edit(at(1, 5, 1, 6), content))


def test_what_would_be_nested_too_deeply_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text("x = 1\n")
    with pytest.raises(Refused, match=r"^it is nested too deeply to be parsed again$"):
        changed(path, Edit(at(1, 5, 1, 6), "(" * 2000 + "1" + ")" * 2000))


@pytest.mark.parametrize("place", [at(3, 1, 3, 2), at(1, 1, 9, 1), at(1, 5, 1, 6, 7)])
def test_what_is_not_there_is_not_edited(tmp_path: Path, place: Location) -> None:
    path = tmp_path / ("m.py" if place.cell is None else "m.ipynb")
    path.write_text("x = 1" if place.cell is None else '{"cells": []}')
    with pytest.raises(Refused):
        changed(path, Edit(place, "2"))


@pytest.mark.parametrize(
    "data",
    [
        b"# coding: unicode_escape\nx = 1\n",
        b"# coding: raw_unicode_escape\nx = 1  # \\u4e2d \\u0041\n",
        b"# coding: raw_unicode_escape\nx = 1\n",
        b"# coding: utf-7\nx = 1  # +AOk- +AGEAYg-\n",
        b"# coding: utf-7\nx = 1\n",
        b"# coding: cp932\nx = 1  # \xfa\x5c \x87\x9a\n",
        b"# coding: klingon\nx = 1\n",
        b"x = 1  # \xe9\n",
    ],
)
def test_bytes_that_would_not_come_back_are_left_alone(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "m.py"
    path.write_bytes(data)
    with pytest.raises(Refused):
        changed(path, Edit(at(2, 5, 2, 6), "2"))
    assert path.read_bytes() == data


def test_it_says_which_encoding_does_not_keep_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_bytes(b"# coding: utf-7\nx = 1\n")
    said = "^it would not keep its bytes: they are not the only way to write its text in utf-7$"
    with pytest.raises(Refused, match=said):
        changed(path, Edit(at(2, 5, 2, 6), "2"))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_whatever_ends_its_rows_what_is_python_is_written(tmp_path: Path, end: str) -> None:
    rows = ["x = 1", "def f():", "    return 2 + \\", "        3", *["y = -1"] * 3100, ""]
    path = tmp_path / "m.py"
    path.write_bytes(end.join(rows).encode())
    changed(path, Edit(at(1, 5, 1, 6), "2")).write()
    assert path.read_bytes() == end.join(["x = 2", *rows[1:]]).encode()


def test_a_change_is_a_value() -> None:
    done = change("m.py", [Fix("…", (Edit(at(1, 5, 1, 6), "2"),))], "x = 1")
    assert done == change("m.py", [Fix("…", (Edit(at(1, 5, 1, 6), "2"),))], "x = 1")
    assert not hasattr(done, "__dict__")


# --- diffs ---------------------------------------------------------------------------------------


def test_a_diff_names_the_file() -> None:
    done = change("m.py", [Fix("…", (Edit(at(1, 5, 1, 6), "2"),))], "x = 1\n")
    assert done.diff() == "--- m.py\n+++ m.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"
    assert (done.filename, done.before, done.after, done.applied) == ("m.py", "x = 1\n", "x = 2\n", 1)
    assert (done.held, done.made) == (b"x = 1\n", b"x = 2\n")


def test_a_diff_says_where_a_file_has_no_last_row_end() -> None:
    done = change("m.py", [Fix("…", (Edit(at(1, 5, 1, 6), "2"),))], "x = 1")
    end = "\\ No newline at end of file\n"
    assert done.diff() == f"--- m.py\n+++ m.py\n@@ -1 +1 @@\n-x = 1\n{end}+x = 2\n{end}"


def test_a_diff_keeps_the_ends_of_rows() -> None:
    done = change("m.py", [Fix("…", (Edit(at(1, 5, 1, 6), "2"),))], "x = 1\r\ny = 1\r")
    assert "-x = 1\r\n+x = 2\r\n y = 1\r" in done.diff() and "No newline" not in done.diff()


@pytest.mark.parametrize("name", ["m.yaml", "m.yml"])
def test_settings_need_not_be_python(name: str) -> None:
    assert change(name, [Fix("…", (Edit(at(1, 7, 1, 10), "min"),))], "mode: max\nx: {\n").after == "mode: min\nx: {\n"


def test_what_stands_in_for_a_file_is_utf_8() -> None:
    done = change("m.py", [Fix("…", (Edit(at(1, 5, 1, 6), "2"),))], "x = 1  # é\n")
    assert (done.held, done.made) == ("x = 1  # é\n".encode(), "x = 2  # é\n".encode())
    with pytest.raises(Refused):
        change("m.py", [Fix("…", (Edit(at(1, 5, 1, 6), "2"),))], "x = 1  # \udc80\n")


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        ("[]", Edit(at(1, 1, 1, 1, 1), "x = 1"), '["x = 1"]'),
        ('["x = 1\\n",  "y = 2"]', Edit(at(1, 1, 2, 1, 1), ""), '["y = 2"]'),
        ('["x = 1\\n",  "y = 2"]', Edit(at(1, 6, 1, 6, 1), "\nz = 3"), '["x = 1\\n",  "z = 3\\n",  "y = 2"]'),
        ('["x = 1"]', Edit(at(1, 6, 1, 6, 1), "\nz = 3"), '["x = 1\\n", "z = 3"]'),
        ('["x = 1\\n",\n "y = 2"]', Edit(at(1, 5, 1, 6, 1), "3"), '["x = 3\\n",\n "y = 2"]'),
    ],
)
def test_rows_of_a_cell_that_come_and_go_are_listed_as_the_others(before: str, edit: Edit, after: str) -> None:
    text = '{"cells": [{"cell_type": "code", "source": §}]}'
    assert in_cells(text.replace("§", before), [edit])[0] == text.replace("§", after)
