"""Through the command line: input and settings that are no good end in a message and an exit code, never in a trace."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vaelint.cli import main

BUG = """\
from torch.distributions import Normal


def train(model, x, optimizer):
    loss = Normal(model(x), 1.0).log_prob(x).mean()
    loss.backward()
    optimizer.step()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.py").write_text(BUG)
    return tmp_path


def check(*options: str) -> Result:
    return CliRunner().invoke(main, ["check", "--output-format", "concise", *options])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("m.py", b"x = 1\0\n"),
        ("m.py", BUG.encode("utf-16")),
        ("m.py", "# \xe9 loss\n".encode("latin-1")),
        ("m.py", b"# coding: klingon\nloss = 1\n"),
        ("m.ipynb", b'{"cells": ['),
        ("m.ipynb", b"[]"),
    ],
    ids=["NUL", "UTF-16", "latin-1", "wrong cookie", "truncated notebook", "list at the top"],
)
def test_what_is_no_python_is_a_finding_and_the_others_are_checked(folder: Path, name: str, data: bytes) -> None:
    (folder / name).write_bytes(data)
    result = check()
    assert result.exit_code == 1 and f"{name}:1:1: VL001 " in result.stdout and "good.py:5" in result.stdout
    assert result.stderr == ""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_named(folder: Path) -> None:
    (folder / "closed").mkdir(mode=0)
    result = check()
    assert result.exit_code == 2 and "closed: cannot be read" in result.stderr and "good.py:5" in result.stdout


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = [", "is not valid TOML"),
        ("frobnicate = 1", "unknown key `frobnicate`"),
        ("select = 3", "key `select`"),
        ('select = ["VL999"]', "unknown code `VL999`"),
        ('extend-rules = ["nothing.toml"]', "nothing.toml"),
        ('extend-rules = ["vaelint.toml"]', "vaelint.toml"),
    ],
)
def test_a_configuration_that_cannot_be_followed_is_an_error(folder: Path, text: str, reason: str) -> None:
    (folder / "vaelint.toml").write_text(text)
    result = check()
    assert result.exit_code == 2 and reason in result.stderr and result.stdout == ""


def test_a_mistake_of_ours_in_one_file_costs_that_file_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaelint import examine

    followed = examine.infer

    def stumbles(source, *rest, **more):  # type: ignore[no-untyped-def]
        if source.name == "odd.py":
            raise IndexError("no such term")
        return followed(source, *rest, **more)

    monkeypatch.setattr(examine, "infer", stumbles)
    (folder / "odd.py").write_text(BUG)
    result = check()
    assert result.exit_code == 2 and "good.py:5" in result.stdout and "odd.py:5" not in result.stdout
    (line,) = [x for x in result.stdout.splitlines() if x.startswith("odd.py")]
    assert "VL000 vaelint failed here" in line and "IndexError: no such term" in line and result.stderr == ""
    assert check("--exit-zero").exit_code == 2
    assert check("--ignore", "VL000").exit_code == 2
    assert "Traceback" in check("--debug").stderr
