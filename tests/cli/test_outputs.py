"""Several formats in one run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Engine, Run
from tests.report.samples import FINDING
from vaelint.finding import Result


@pytest.fixture(autouse=True)
def _found(engine: Engine) -> None:
    engine.outcome = Result([FINDING], files=1)


def test_each_goes_where_it_is_asked_to_go(vaelint: Run, tmp_path: Path) -> None:
    result = vaelint(
        "check", "--output-format", "concise", "--output-format", "sarif:out.sarif", "--output-format", "json:out.json"
    )
    assert result.exit_code == 1 and result.stdout.startswith("train.py:8:1: VL101")
    assert json.loads((tmp_path / "out.sarif").read_text())["version"] == "2.1.0"
    assert json.loads((tmp_path / "out.json").read_text())[0]["code"] == "VL101"


def test_only_one_goes_to_standard_output(vaelint: Run) -> None:
    result = vaelint("check", "--output-format", "concise", "--output-format", "json")
    assert result.exit_code == 2 and "FORMAT:FILE" in result.stderr


def test_an_unknown_one_is_an_error_with_a_suggestion(vaelint: Run) -> None:
    result = vaelint("check", "--output-format", "gitlub")
    assert result.exit_code == 2 and "did you mean `gitlab`?" in result.stderr


def test_the_configuration_and_the_environment_may_name_it(
    vaelint: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vaelint.toml").write_text('output-format = "pylint"')
    assert vaelint("check").stdout.startswith("train.py:8: [VL101]")
    monkeypatch.setenv("VAELINT_OUTPUT_FORMAT", "concise")
    assert vaelint("check").stdout.startswith("train.py:8:1: VL101")
    assert vaelint("check", "--output-format", "json").stdout.startswith("[")


def test_an_output_file_takes_what_has_no_file_of_its_own(vaelint: Run, tmp_path: Path) -> None:
    result = vaelint("check", "--output-format", "json", "-o", "out.json", "--output-format", "pylint:out.txt")
    assert result.stdout == ""
    assert json.loads((tmp_path / "out.json").read_text()) and (tmp_path / "out.txt").read_text().startswith("train")
