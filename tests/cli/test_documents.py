"""What the documents promise is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from vaelint.checks import all_checks
from vaelint.cli import COMMANDS, main
from vaelint.config import KEYS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_readme_lists_every_check_by_code_and_name() -> None:
    listed = dict(re.findall(r"^\| (VL\d+) \| ([\w-]+) \|", README, re.MULTILINE))
    assert {check.code: check.name for check in all_checks()}.items() <= listed.items()


def test_the_readme_names_every_command_and_every_key_of_the_configuration() -> None:
    for word in (f"vaelint {command}" for command in COMMANDS):
        assert word in README
    for key in KEYS:
        assert f"{key.name} = " in README


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    result = CliRunner().invoke(main, [command, "--help"])
    assert result.exit_code == 0 and "Usage" in result.output


@pytest.mark.parametrize(
    "file", ["README.md", "CONTRIBUTING.md", "pyproject.toml", ".ci/run", ".pre-commit-hooks.yaml"]
)
def test_no_document_names_a_place_of_one_machine(file: str) -> None:
    assert not re.search(r"/(tmp|work|home|root|Users)/", (ROOT / file).read_text("utf-8"))
