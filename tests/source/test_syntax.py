"""Whether a file is Python: asked of every file, whatever it is about."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

from vaelint.config import Config
from vaelint.examine import examine
from vaelint.finding import Location
from vaelint.knowledge import load
from vaelint.source import file, syntax
from vaelint.source.project import Project


def mistakes(text: str, name: str = "m.py") -> list[tuple[Location, str]]:
    return list(syntax.mistakes(file.load(Path(name), name, text)))


def notebook(*cells: str | None) -> str:
    """Cells of code; None for one of text."""
    made = [
        {"cell_type": "markdown", "source": "# text ("}
        if text is None
        else {"cell_type": "code", "source": text.splitlines(keepends=True)}
        for text in cells
    ]
    return json.dumps({"cells": made, "nbformat": 4, "metadata": {}})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = 1",
        "# coding: klingon\nx = 1\n",
        "await x\nreturn 3\n",  # of a cell: not of the syntax
        "x = '\\d'\n",
        "def f():\n\treturn 1\n",
        "x = 1\r\ny = 2\r\n",
        "type Pair = tuple[int, int]\n",
        "try:\n    pass\nexcept* ValueError:\n    pass\n",
    ],
    ids=["empty", "no end", "cookie", "outside", "escape", "tab", "ends of Windows", "of 3.12", "of 3.11"],
)
def test_python_is_no_mistake(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert mistakes(text) == []


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("def f(:\n", (1, 7)),
        ("é = 1\né = (\n", (2, 5)),
        ("if x:\n", (1, 6)),
        ("x = 1\n  y = 2\n", (2, 2)),
        ('x = """\n', (1, 5)),
        ("print 'x'\n", (1, 1)),
        ("def f(x, x): pass\n", (1, 10)),
    ],
)
def test_the_first_mistake_is_found_where_python_sees_it(text: str, at: tuple[int, int]) -> None:
    ((place, message),) = mistakes(text)
    assert (place.row, place.column) == at and message
    assert (place.end_row, place.end_column) >= at


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "-" * 100_000 + "1\n",
        "x = " + "+".join(["a"] * 50_000) + "\n",
        "x = " + "lambda: " * 5_000 + "1\n",
        "x = a" + "[0]" * 20_000 + "\n",
    ],
    ids=["signs", "sum", "lambdas", "indices"],
)
def test_of_what_is_nested_too_deeply_nothing_is_said(text: str) -> None:
    assert mistakes(text) == []


def test_each_cell_is_asked_for_itself() -> None:
    found = mistakes(notebook("def f(:\n", None, "x = 1", "y = (\n", "z = 3"), "m.ipynb")
    assert [(at.cell, at.row, at.column) for at, _ in found] == [(1, 1, 7), (4, 1, 5)]


def test_a_statement_does_not_go_on_in_the_next_cell() -> None:
    assert len(mistakes(notebook("x = (1,\n", "2)\n"), "m.ipynb")) == 2


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline\nimport torch\n",
        "!pip install torch\nimport torch",
        "files = !ls\n",
        "%%bash\necho (\n",
        "%%time\nx = 1\n",
        "torch.nn?\n",
        "?torch\n",
        "for x in y:\n    %time f(x)\n",
        "await fetch()\n",
    ],
)
def test_what_only_a_notebook_understands_is_no_mistake(cell: str) -> None:
    assert mistakes(notebook(cell), "m.ipynb") == []


@pytest.mark.parametrize("name", ["async", "None", "lambda", ""])
def test_a_class_whose_name_is_none_costs_a_finding_and_nothing_else(tmp_path: Path, name: str) -> None:
    path = tmp_path / "m.py"
    path.write_text(f"loss = 1\n\n\nclass {name}(Base):\n    def loss(self, x):\n        return x\n")
    part = examine(path, None, load(()), Config(), Project())
    assert [f.finding.code for f in part.findings] == ["VL001"] and part.problems == []
