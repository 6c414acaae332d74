"""What is made in the documents is up to date, and what they show is so.

The answers themselves are compared by `python docs/make.py --check`, which `.ci/run` runs.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

import vaelint
from vaelint import report
from vaelint.checks import all_checks
from vaelint.cli import main
from vaelint.config import KEYS, load, schema
from vaelint.report import _links

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("signs-of-*.md"))
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
# Sign errors that a page shows and says are not found.
NOT_FOUND = {"flow_log_det.py"}


def _make() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_make", ROOT / "docs/make.py")
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules["docs_make"] = made
    spec.loader.exec_module(made)
    return made


MAKE = _make()


def test_the_schema_and_the_page_of_keys_are_as_the_command_makes_them() -> None:
    late = "run `python docs/make.py`"
    assert json.loads(schema.FILE.read_text("utf-8")) == schema.made(), late
    assert schema.page() in (ROOT / "docs/configuration.md").read_text("utf-8"), late


def test_the_page_of_checks_has_a_place_for_each_code_that_findings_link_to() -> None:
    page = (ROOT / "docs/checks.md").read_text("utf-8")
    assert [c.code for c in all_checks() if f'<a id="{c.code.lower()}"></a>' not in page] == []


@pytest.mark.parametrize("page", [*PAGES, *READMES], ids=lambda p: p.stem)
def test_every_command_of_a_page_has_its_answer(page: Path) -> None:
    text = page.read_text("utf-8")
    commands = re.findall(r"<!-- answer: (.*?) -->", text)
    answered = re.findall(r"<!-- answer: (.*?) -->\n```console\n\$ \1\n(?:.+\n|\n)+?```\n<!-- end -->", text)
    assert commands and answered == commands


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_right_programs_have_no_finding_and_wrong_ones_have(page: Path, elsewhere: None) -> None:
    text = page.read_text("utf-8")
    wrong = set(re.findall(r"<!-- file: (\S+) from: ", text))
    programs = MAKE.programs(text)
    found = {name for name, program in programs.items() if vaelint.check_source(program, name).findings}
    assert wrong - NOT_FOUND <= found <= wrong


def test_a_page_in_another_language_shows_the_same_programs() -> None:
    chinese = MAKE.programs((ROOT / "docs/signs-of-a-vae.zh-CN.md").read_text("utf-8"))
    assert chinese == MAKE.programs((ROOT / "docs/signs-of-a-vae.md").read_text("utf-8"))


def test_links_between_documents_lead_somewhere() -> None:
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")):
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def block(page: Path, language: str, word: str) -> str:
    """The block of a page in that language that has the word in it, as it stands."""
    found = re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.S)
    (one,) = [text for text in found if word in text]
    return str(one)


def test_the_configuration_in_the_readme_can_be_read(tmp_path: Path) -> None:
    text = block(ROOT / "README.md", "toml", "per-file-ignores")
    (tmp_path / "project").mkdir()
    (tmp_path / "pyproject.toml").write_text("[tool.vaelint]\n")
    (tmp_path / "project/our_losses.toml").write_text('library = "ours"\nroots = ["ours"]\n')
    source = tmp_path / "project/pyproject.toml"
    source.write_text(text)
    assert load(source).source == source


def test_every_example_of_a_key_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.vaelint]\n")
    (tmp_path / "project").mkdir()
    (tmp_path / "project/our_losses.toml").write_text('library = "ours"\nroots = ["ours"]\n')
    for key in KEYS:
        source = tmp_path / "project/vaelint.toml"
        source.write_text(key.example)
        assert load(source), key.name


def test_the_program_in_the_readme_runs(elsewhere: None) -> None:
    exec(compile(block(ROOT / "README.md", "python", "check_source"), "README.md", "exec"), {})


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "docs/ci.md"], ids=lambda p: p.name)
def test_commands_that_are_shown_have_options_that_exist(page: Path) -> None:
    shown = re.findall(r"vaelint (check|objectives|baseline|brief)((?: +[^\s`|#]+)*)", page.read_text("utf-8"))
    for command, rest in shown:
        loaded = main.get_command(main.make_context("vaelint", ["config"]), command)
        assert loaded is not None
        known = {o for p in loaded.params for o in (*p.opts, *p.secondary_opts)}
        assert set(re.findall(r"(?<!\S)--[\w-]+", rest)) <= known, (command, rest)


def test_the_action_calls_what_there_is() -> None:
    text = (ROOT / "action.yml").read_text("utf-8")
    formats = re.findall(r'--output-format "?(\w+)', text)
    assert formats and set(formats) <= set(report.names())
    for name in re.findall(r"inputs\.([\w-]+)", text):
        assert f"\n  {name}:\n" in text, name


def test_urls_of_the_package_and_of_its_reports_are_the_same() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert f'Repository = "{_links.HOME}"' in project and (ROOT / "docs/checks.md").is_file()


def test_the_readme_in_chinese_has_what_the_one_in_english_has() -> None:
    """Its sections, commands, checks and options; of the configuration it shows the keys that are asked for most."""
    english, chinese = (page.read_text("utf-8") for page in READMES)
    for pattern in (r"^#{1,3} ", r"^\| `?(?:vaelint|VL)[^|]*\|", r"^```\w*$"):
        assert len(re.findall(pattern, chinese, re.M)) == len(re.findall(pattern, english, re.M)), pattern
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", english))
    assert options - set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", chinese)) <= {"--absolute-paths", "--preview"}
