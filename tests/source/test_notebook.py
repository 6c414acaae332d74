from __future__ import annotations

import json
from pathlib import Path

import pytest

from vaelint import ir
from vaelint.source import notebook
from vaelint.source.file import SourceError, SourceFile, load


def cells(*sources: str | list[str] | None, **more: object) -> str:
    """A notebook of code cells; None is one of Markdown."""
    made = [{"cell_type": "markdown" if s is None else "code", "source": s or "# hi"} for s in sources]
    return json.dumps({"cells": made, "nbformat": 4, **more})


def text(*sources: str) -> str:
    return notebook.read(cells(*sources)).text


def opened(*sources: str | list[str] | None, **more: object) -> SourceFile:
    return load(Path("x.ipynb"), text=cells(*sources, **more))


@pytest.mark.parametrize(
    "cell",
    [
        "x = 1\ny = 2",
        "x = a % b",
        "x = (a\n     % b)",
        'print("%d"\n      % a)',
        's = """\n%d of\n!x\nwhat?\n"""',
        "x = a \\\n    % b",
        "x = a != b",
        "# what?\nx = 1",
        "x = 'why?'",
        "time = 1",
        "run (x)",
        "more + less",
        "cd data\nx = 1",
    ],
)
def test_python_is_left_alone(cell: str) -> None:
    assert text(cell) == cell + "\n"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("!pip install a\nx = 1", "pass\nx = 1"),
        ("!pip install a \\\n    b\nx = 1", "pass\n\nx = 1"),
        ("if a:\n    !ls", "if a:\n    pass"),
        ("?x", "pass"),
        ("x.y??", "pass"),
        ("x = !ls", "x = None"),
        ("x = %time f()", "x = None"),
        ("%%bash\necho $x", "\n"),
        ("%%html\n<a>\n", "\n\n"),
        ("%%time\nx = 1", "pass\nx = 1"),
        ("cd /content/project/", "pass"),
        ("pip install -q einops", "pass"),
        ("%%capture out\nx = 1", "pass\nx = 1"),
    ],
)
def test_magics_are_blanked_and_rows_kept(cell: str, expected: str) -> None:
    assert text(cell) == expected + "\n"


def test_nodes_are_located_by_cell_and_row_within_it() -> None:
    s = opened("a = 1\n", None, ["b = 2\n", "c = 3"])
    c = s.lower(s.units[-1])[-1]
    at = s.locate(c.id)
    assert (at.cell, at.row, at.column) == (3, 2, 1)
    assert s.line(at) == "c = 3"


def test_a_broken_cell_does_not_take_the_others_with_it() -> None:
    s = opened("a = 1", "b = (", "c = 3")
    assert [len(s.lower(u)) for u in s.units] == [1, 0, 1]
    (problem,) = s.problems
    assert problem.location is not None and problem.location.cell == 2


def test_directives_are_located_by_cell() -> None:
    (d,) = opened("a = 1", None, "b = 2\nc = 3  # vaelint: ignore[VL101] why").directives()
    assert (d.cell, d.row, d.codes, d.reason) == (3, 2, ("VL101",), "why")


def test_notebooks_of_other_languages_hold_nothing_for_us() -> None:
    assert opened("x <- 1", metadata={"language_info": {"name": "R"}}).text == ""
    assert opened("x = 1", metadata={"kernelspec": {"language": "python"}}).text == "x = 1\n"


def test_format_3_is_read() -> None:
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1\n", "y = 2"]}]}], "nbformat": 3}
    (block,) = [s for s in [load(Path("x.ipynb"), text=json.dumps(old))] for s in [s.lower(s.units[0])]]
    assert [type(x) for x in block] == [ir.Assign, ir.Assign]


@pytest.mark.parametrize("bad", ["", "{", "[]", '{"cells": 1}', "[" * 5000])
def test_what_is_no_notebook_is_a_source_error(bad: str) -> None:
    with pytest.raises(SourceError):
        load(Path("x.ipynb"), text=bad)


def test_a_notebook_that_was_cut_off_says_where() -> None:
    with pytest.raises(SourceError, match=r"not a notebook: Unterminated string at line 2$"):
        load(Path("x.ipynb"), text='{"cells": [\n"import')


@pytest.mark.parametrize(
    "odd", ["{}", '{"cells": [1, {}, null]}', '{"worksheets": null}', '{"worksheets": [{"cells": null}]}']
)
def test_odd_notebooks_are_empty(odd: str) -> None:
    assert load(Path("x.ipynb"), text=odd).text == ""


def test_odd_cells_do_not_crash() -> None:
    for source in (None, 5, [1, None], "\ud800", "\0"):
        raw = json.dumps({"cells": [{"cell_type": "code", "source": source}]})
        s = load(Path("x.ipynb"), text=raw)
        for unit in s.units:
            s.lower(unit)
