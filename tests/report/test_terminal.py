"""What text has on a terminal besides its words: colours of code, links, a width."""

from __future__ import annotations

from pathlib import Path

import pytest
from click import unstyle

from tests.report.samples import FINDING
from vaelint.finding import Result
from vaelint.report import View, load
from vaelint.report._terminal import has_links, highlighted, linked
from vaelint.report._view import width

CODE = 'x = f"{a}"  # comment'


def test_where_nothing_is_said_of_the_terminal_there_are_neither_colours_of_code_nor_links(tmp_path: Path) -> None:
    view = View(tmp_path)
    assert view.code(CODE, "a.py") == CODE and view.link("here", "https://example.org") == "here"


def test_code_in_colours_is_the_same_code() -> None:
    painted = highlighted(CODE, "a.py")
    assert painted != CODE and unstyle(painted) == CODE
    assert unstyle(highlighted("mode: max", "a.yaml")) == "mode: max"


def test_a_link_is_around_its_text() -> None:
    assert linked("VL101", "https://example.org") == "\x1b]8;;https://example.org\x1b\\VL101\x1b]8;;\x1b\\"


@pytest.mark.parametrize(
    ("environ", "follows"),
    [
        ({}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM_PROGRAM": "vscode"}, True),
        ({"VTE_VERSION": "7600"}, True),
        ({"VTE_VERSION": "4900"}, False),
        ({"WT_SESSION": "1", "TMUX": "/x"}, False),
        ({"WT_SESSION": "1", "CI": "true"}, False),
        ({"WT_SESSION": "1", "FORCE_HYPERLINK": "0"}, False),
        ({"FORCE_HYPERLINK": "1", "TMUX": "/x"}, True),
    ],
)
def test_links_are_for_terminals_that_follow_them(environ: dict[str, str], follows: bool) -> None:
    assert has_links(environ) is follows


@pytest.mark.parametrize("columns", [60, 80])
def test_prose_keeps_to_the_width(columns: int, tmp_path: Path) -> None:
    out = unstyle(load("text").render(Result([FINDING], files=1), View(tmp_path, columns=columns)))
    prose = [row for row in out.splitlines() if not row.lstrip().startswith(("│", *"0123456789"))]
    assert prose and max(map(width, prose)) <= columns
