"""The shipped rules as one file: it says what the TOML says, and is believed as long as that is what it was made of."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from vaelint.knowledge import compiled
from vaelint.knowledge.loader import rules_directory

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

RULES = {"torch.toml": 'library = "torch"\nroots = ["torch"]\n', "any.toml": '[[method]]\nnames = ["f"]\n'}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Rules of a checkout."""
    folder = tmp_path / "rules"
    folder.mkdir()
    for name, text in RULES.items():
        (folder / name).write_text(text)
    monkeypatch.setattr(compiled, "CHECKOUT", folder)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return folder


def of(folder: Path) -> compiled.Compiled | None:
    compiled.of.cache_clear()  # as another run
    return compiled.of(folder)


def test_each_shipped_file_says_the_same_compiled() -> None:
    folder = rules_directory()
    made = compiled.Compiled({}, b"")
    first, text = compiled.for_a_wheel(folder).split(b"\n", 1)
    made = compiled.Compiled({n: compiled.Head(*h) for n, h in json.loads(first)[1].items()}, text)
    names = sorted(p.name for p in folder.glob("*.toml"))
    assert sorted(made.heads) == names
    for name in names:
        table = tomllib.loads((folder / name).read_text("utf-8"))
        assert made.table(name) == table
        assert list(made.heads[name].roots) == table.get("roots", [])
        assert made.heads[name].has_methods == ("method" in table)


def test_the_first_run_in_a_checkout_makes_it_and_the_next_one_reads_it(folder: Path) -> None:
    assert of(folder) is not None
    written = folder / "__pycache__" / compiled.NAME
    before = written.stat().st_mtime_ns
    made = of(folder)
    assert made is not None and made.table("torch.toml") == {"library": "torch", "roots": ["torch"]}
    assert written.stat().st_mtime_ns == before
    assert made.heads["any.toml"].has_methods and not made.heads["torch.toml"].has_methods


def test_a_rule_that_was_changed_added_or_removed_is_read_anew(folder: Path) -> None:
    of(folder)
    path = folder / "torch.toml"
    path.write_text('library = "t0rch"\nroots = ["t0rch"]\n')
    os.utime(path, ns=(1, 1))
    assert (made := of(folder)) is not None and made.table("torch.toml")["library"] == "t0rch"
    (folder / "new.toml").write_text('library = "new"\n')
    assert (made := of(folder)) is not None and made.table("new.toml") == {"library": "new"}
    path.unlink()
    assert (made := of(folder)) is not None and "torch.toml" not in made.heads


def test_what_is_damaged_is_made_anew(folder: Path) -> None:
    of(folder)
    written = folder / "__pycache__" / compiled.NAME
    for damaged in (b"", b"[1, {", b"[2, {}]\n", b'[1, {"torch.toml": [1]}]\n', b"[1, []]\n"):
        written.write_bytes(damaged)
        assert (made := of(folder)) is not None and made.heads.keys() == RULES.keys()


def test_nothing_is_written_where_python_is_to_write_no_bytecode(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert of(folder) is None and not (folder / "__pycache__").exists()


def test_nothing_is_written_beside_the_rules_of_an_installed_package(tmp_path: Path) -> None:
    (tmp_path / "torch.toml").write_text(RULES["torch.toml"])
    assert of(tmp_path) is None and not (tmp_path / "__pycache__").exists()


def test_what_a_wheel_brings_holds_whenever_its_files_were_written(folder: Path) -> None:
    (folder / compiled.NAME).write_bytes(compiled.for_a_wheel(folder))
    os.utime(folder / "torch.toml", ns=(5, 5))
    assert (made := of(folder)) is not None and made.table("torch.toml")["library"] == "torch"
    assert not (folder / "__pycache__").exists()


def test_files_of_a_user_are_never_compiled(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "torch.toml"
    path.write_text(RULES["torch.toml"])
    (tmp_path / compiled.NAME).write_bytes(compiled.for_a_wheel(folder))
    assert compiled.table(path) is None


def test_a_rule_that_is_no_toml_is_left_to_its_reader(folder: Path) -> None:
    (folder / "torch.toml").write_text("x = [\n")
    assert of(folder) is None
