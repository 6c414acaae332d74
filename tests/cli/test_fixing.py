"""``--fix``, ``--unsafe-fixes`` and ``--diff``, on real files."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vaelint.cli import main

TEXT = """\
import torch
import torch.nn.functional as F
from torch.distributions import Normal


def likelihood(model, x, optimizer):
    loss = Normal(model(x), 1.0).log_prob(x).mean()
    loss.backward()
    optimizer.step()


def error(model, x, y, optimizer):
    loss = -F.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
"""
MENDED = TEXT.replace("= Normal(model(x), 1.0).log_prob(x)", "= (-Normal(model(x), 1.0).log_prob(x))").replace(
    "-F.", "F."
)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.py").write_text(TEXT)
    return tmp_path / "m.py"


def check(*options: str, text: str | None = None) -> Result:
    return CliRunner().invoke(main, ["check", *options], input=text)


def test_signs_are_not_turned_unasked(file: Path) -> None:
    assert check("--fix").exit_code == 1 and file.read_text() == TEXT


def test_a_diff_changes_nothing(file: Path) -> None:
    result = check("--diff", "--unsafe-fixes")
    assert result.exit_code == 1 and file.read_text() == TEXT
    assert "+    loss = F.mse_loss(model(x), y)" in result.stdout.splitlines()


def test_a_diff_without_edits_is_empty_and_says_which_findings_have_none(file: Path) -> None:
    result = check("--diff")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "2 findings have an edit that changes what is computed: --unsafe-fixes lets it in" in result.stderr
    file.write_text(TEXT.replace("loss = Normal", "model.nll = Normal").replace("loss.backward()", "", 1))
    result = check("--diff", "--unsafe-fixes")
    assert "1 finding has no edit that vaelint could make (1 VL301): see the help of each" in result.stderr
    assert check("--diff", "--quiet").stderr == ""


def test_unsafe_fixes_mend_the_findings(file: Path) -> None:
    result = check("--fix", "--unsafe-fixes")
    assert file.read_text() == MENDED
    assert result.exit_code == 0 and "fixed 2 findings" in result.stderr


def test_a_fixed_file_is_not_fixed_again(file: Path) -> None:
    file.write_text(MENDED)
    assert check("--fix", "--unsafe-fixes").exit_code == 0 and file.read_text() == MENDED


def test_standard_input_can_be_compared_but_not_fixed() -> None:
    assert check("-", "--fix", text=TEXT).exit_code == 2
    assert "+    loss = F.mse_loss" in check("-", "--diff", "--unsafe-fixes", text=TEXT).stdout


def test_the_json_tells_the_edit(file: Path) -> None:
    result = check("--output-format", "json")
    assert '"applicability": "unsafe"' in result.stdout and '"message": "Drop the minus"' in result.stdout
