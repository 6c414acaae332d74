"""What is made in the documents is up to date, and what they show can be done."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def make() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_make", ROOT / "docs/make.py")
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules["docs_make"] = made
    spec.loader.exec_module(made)
    return made


def test_what_is_made_is_as_the_command_makes_it(make: ModuleType) -> None:
    late = [path.name for path, text in make.documents() if path.read_text("utf-8") != text]
    assert late == [], "run `python docs/make.py`"
