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
from vaelint.checks import all_checks
from vaelint.config import schema

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("signs-of-*.md"))
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


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
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
