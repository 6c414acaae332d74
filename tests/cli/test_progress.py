"""The bar: on a terminal, for whoever waits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vaelint.cli import _progress
from vaelint.cli._progress import Bar

ROOT = Path(__file__).parents[2]
RUN = "from vaelint.cli import _progress as p; p.PATIENCE = 0; bar = p.Bar(); bar(3, 7); bar.end()"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_progress, "is_terminal", lambda: True)
    monkeypatch.setenv("TERM", "xterm")


def test_nothing_is_shown_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_progress, "PATIENCE", 0.0)
    monkeypatch.setattr(_progress, "is_terminal", lambda: False)
    show(Bar())
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("terminal")
def test_nothing_is_shown_of_a_short_run(capsys: pytest.CaptureFixture[str]) -> None:
    show(Bar())
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("terminal")
def test_nothing_is_shown_to_who_wants_quiet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_progress, "PATIENCE", 0.0)
    show(Bar(quiet=True))
    assert capsys.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_long_run_shows_files_on_standard_error() -> None:
    import pty

    ours, theirs = pty.openpty()
    done = subprocess.run([sys.executable, "-c", RUN], stdout=subprocess.PIPE, stderr=theirs, cwd=ROOT, check=True)
    shown = os.read(ours, 100_000).decode()
    assert done.stdout == b"" and "checking" in shown and "3/7" in shown and "files" in shown


def show(bar: Bar) -> None:
    bar(3, 7)
    bar.end()
