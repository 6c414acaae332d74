"""docs/TRUST.md has a part for each bench; recording one leaves the others as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import trust

TABLE = "| | |\n|---|---|\n| inputs tried | {} |\n"


@pytest.fixture
def document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "TRUST.md"
    monkeypatch.setattr(trust, "DOCUMENT", path)
    return path


def test_a_part_that_was_never_recorded_is_not_there(document: Path) -> None:
    trust.write("read", TABLE.format(1))
    assert document.read_text("utf-8").removesuffix(trust.KNOWN).count("\n## ") == 1


def test_the_parts_stand_in_one_order_however_they_were_recorded(document: Path) -> None:
    trust.write("read", TABLE.format(1))
    trust.write("fuzz", TABLE.format(2))
    first = document.read_text("utf-8")
    document.unlink()
    trust.write("fuzz", TABLE.format(2))
    trust.write("read", TABLE.format(1))
    assert document.read_text("utf-8") == first


def test_a_part_recorded_again_leaves_the_other_as_it_was(document: Path) -> None:
    trust.write("fuzz", TABLE.format(2))
    trust.write("read", TABLE.format(1) + "\nCrashes:\n- one\n")
    trust.write("fuzz", TABLE.format(3))
    text = document.read_text("utf-8")
    assert TABLE.format(3) in text and TABLE.format(2) not in text
    assert text.endswith(TABLE.format(1) + "\nCrashes:\n- one\n" + trust.KNOWN)
