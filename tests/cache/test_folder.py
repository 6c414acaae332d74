"""Where a cache lies, what it holds, and that it does not grow."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from tests.cache.conftest import OTHER, Tree
from vaelint.cache import folder


def test_it_is_marked_for_backups_and_for_git(tree: Tree) -> None:
    tree.run()
    assert (tree.cache / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    assert (tree.cache / ".gitignore").read_text() == "*\n"
    assert {p.name.partition("-")[0] for p in tree.entries()} == {"run", "parts", "index"}


def test_nothing_else_is_written(tree: Tree) -> None:
    before = {p: p.read_bytes() for p in tree.root.rglob("*") if p.is_file()}
    tree.run()
    tree.run()
    after = {p: p.read_bytes() for p in tree.root.rglob("*") if p.is_file() and tree.cache not in p.parents}
    assert after == before


def test_without_a_cache_nothing_is_written(tree: Tree) -> None:
    tree.run("check", "--no-cache")
    assert not tree.cache.exists() and not tree.user.exists()


def test_it_can_lie_elsewhere(tree: Tree, tmp_path: Path) -> None:
    tree.run("check", "--cache-dir", str(tmp_path / "a"))
    tree.run("check", VAELINT_CACHE_DIR=str(tmp_path / "b"))
    tree.write("pyproject.toml", "[tool.vaelint]\ncache-dir = 'build/kept'\n")
    tree.run("check")
    for place in (tmp_path / "a", tmp_path / "b", tree.root / "build" / "kept"):
        assert (place / "CACHEDIR.TAG").exists()
    assert not tree.cache.exists()
    assert tree.agrees("check").whole


@pytest.mark.parametrize("place", ["../kept", "/kept", ".", ""])
def test_a_configuration_names_no_folder_of_others(tree: Tree, place: str) -> None:
    tree.write("pyproject.toml", f"[tool.vaelint]\ncache-dir = '{place}'\n")
    run = tree.run("check")
    assert run.code == 2 and "cache-dir" in run.output


def test_what_lies_in_no_project_is_kept_with_the_user(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = tree.root.parent / "alone"
    alone.mkdir()
    (alone / "m.py").write_text(OTHER)
    monkeypatch.chdir(alone)
    tree.run()
    assert [p.name for p in alone.iterdir()] == ["m.py"]
    assert tree.agrees().whole and (tree.user / "vaelint" / "strays" / "CACHEDIR.TAG").exists()


def test_a_cache_is_no_place_to_look_for_code(tree: Tree) -> None:
    first = tree.run()
    tree.write(".vaelint_cache/m.py", OTHER)
    assert tree.agrees().output == first.output
    tree.run("check", "--output-format", "json", "--cache-dir", "kept")
    tree.write("kept/m.py", OTHER)
    assert tree.run("check", "--output-format", "json", "--cache-dir", "kept").output == first.output


def test_clean_removes_it(tree: Tree) -> None:
    tree.run()
    done = tree.run("clean")
    assert done.code == 0 and not tree.cache.exists() and str(tree.cache) in done.output
    assert tree.run("clean").output == "There is no cache to remove.\n"


def test_clean_leaves_what_vaelint_did_not_write(tree: Tree) -> None:
    tree.run()
    (tree.cache / "mine.txt").write_text("mine")
    assert tree.run("clean").code == 2 and (tree.cache / "mine.txt").exists()


def test_what_is_old_or_too_much_goes(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.run()
    old = tree.cache / "0.0.1"
    shutil.copytree(tree.entries()[0].parent, old)
    for path in old.iterdir():
        os.utime(path, (time.time() - 31 * 86_400,) * 2)
    tree.write("other.py", OTHER + "\n")
    tree.run()
    assert not old.exists() and tree.entries()
    monkeypatch.setattr(folder, "MOST_ANSWERS", 2)
    for code in ("VL1", "VL2", "VL3"):
        tree.run("check", "--select", code)
    assert len(tree.entries("run")) == 2
    monkeypatch.setattr(folder, "MOST_BYTES", 1)
    tree.write("other.py", OTHER + "\n\n")
    tree.run()
    assert not tree.entries()


def test_files_that_are_gone_are_forgotten(tree: Tree) -> None:
    for i in range(3):
        tree.write(f"m{i}.py", OTHER)
    tree.run()
    size = sum(p.stat().st_size for p in tree.entries("parts"))
    for i in range(3):
        (tree.root / f"m{i}.py").unlink()
    tree.write("other.py", OTHER + "\n")
    tree.run()
    assert sum(p.stat().st_size for p in tree.entries("parts")) < size
