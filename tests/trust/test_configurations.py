"""A configuration that is none is an error in one line: never a failure of ours, and nothing is waited for."""

from __future__ import annotations

from pathlib import Path

import pytest

from vaelint.baseline import Baseline, BaselineError
from vaelint.config import ConfigError
from vaelint.config.read import MOST_BYTES, MOST_PARTS, in_folder, inline
from vaelint.knowledge.library import RuleError, parse_toml

TEXTS = {
    "lists in lists": "a = " + "[" * 100_000,
    "tables in tables": "a = " + "{b = " * 100_000,
    "digits": "a = " + "9" * 100_000,
    "a key of many parts": "a" + ".a" * 500_000 + " = 1",
    "a table of many parts": "[a" + ".a" * 500_000 + "]",
}


def test_a_large_configuration_is_read(tmp_path: Path) -> None:
    rows = "".join(f'k{i} = "{"." * 2 * MOST_PARTS}"\n' for i in range(100))
    (tmp_path / "pyproject.toml").write_text(f"[tool.other]\n{rows}[tool.vaelint]\n")
    assert in_folder(tmp_path) == tmp_path / "pyproject.toml"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_the_parser_cannot_take_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(ConfigError, match="is not valid TOML: "):
        in_folder(tmp_path)
    with pytest.raises(ConfigError):
        inline(text)


def test_what_is_larger_than_a_configuration_is_none(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("#" * (MOST_BYTES + 1))
    with pytest.raises(ConfigError, match="larger than"):
        in_folder(tmp_path)


@pytest.mark.parametrize("name", ["lists in lists", "digits"])
def test_nor_is_it_a_file_of_rules(tmp_path: Path, name: str) -> None:
    (tmp_path / "rules.toml").write_text(TEXTS[name])
    with pytest.raises(RuleError, match="is not TOML"):
        parse_toml(tmp_path / "rules.toml")


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 100_000, "NaN", '{"version": []}'])
def test_nor_a_baseline(tmp_path: Path, text: str) -> None:
    (tmp_path / "baseline.json").write_text(text)
    with pytest.raises(BaselineError):
        Baseline.read(tmp_path / "baseline.json")
