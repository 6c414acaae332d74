from __future__ import annotations

import sys
from pathlib import Path

import pytest

from vaelint.config import Config, Pattern
from vaelint.source.discover import discover

links = pytest.mark.skipif(sys.platform == "win32", reason="not everybody may make links there")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in (
        "b.py", "a.py", "n.ipynb", "t.txt", "sub/c.py", "sub/deep/d.py", "build/x.py", ".venv/x.py", "__pycache__/x.py",
        "site-packages/p/e.py", "node_modules/x.py", ".ipynb_checkpoints/n.ipynb",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return tmp_path


def names(tree: Path, *paths: str, exclude: tuple[str, ...] = ()) -> list[str]:
    config = Config(exclude=tuple(Pattern(text, tree) for text in exclude))
    found = discover([tree / p for p in paths], lambda path, is_folder: config.excludes(path))
    assert not found.problems
    return [p.relative_to(tree).as_posix() for p in found.files]


def test_folders_are_walked_by_name(tree: Path) -> None:
    assert names(tree, ".") == ["a.py", "b.py", "n.ipynb", "sub/c.py", "sub/deep/d.py"]


def test_what_is_named_is_taken(tree: Path) -> None:
    assert names(tree, "t.txt", "build/x.py", exclude=("*.txt",)) == ["t.txt", "build/x.py"]
    assert names(tree, "site-packages") == ["site-packages/p/e.py"]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("sub", ["a.py", "b.py", "n.ipynb"]),
        ("sub/", ["a.py", "b.py", "n.ipynb"]),
        ("sub/*/d.py", ["a.py", "b.py", "n.ipynb", "sub/c.py"]),
        ("*.ipynb", ["a.py", "b.py", "sub/c.py", "sub/deep/d.py"]),
        ("c.py", ["a.py", "b.py", "n.ipynb", "sub/deep/d.py"]),
    ],
)
def test_patterns_leave_out(tree: Path, pattern: str, left: list[str]) -> None:
    assert names(tree, ".", exclude=(pattern,)) == left


def test_a_file_comes_once(tree: Path) -> None:
    assert names(tree, "sub/c.py", "sub", "sub/../sub/c.py") == ["sub/c.py", "sub/deep/d.py"]


@links
def test_the_order_of_the_paths_changes_nothing(tree: Path) -> None:
    (tree / "same.py").symlink_to("b.py")
    paths = ["sub/deep", "same.py", "sub/c.py", "b.py", "a.py"]
    assert names(tree, *paths) == names(tree, *reversed(paths)) == ["a.py", "b.py", "sub/c.py", "sub/deep/d.py"]


@links
def test_links_in_circles_end(tree: Path) -> None:
    (tree / "sub" / "up").symlink_to(tree, target_is_directory=True)
    assert names(tree, "sub") == ["sub/c.py", "sub/deep/d.py"]


def test_a_missing_path_is_a_problem(tree: Path) -> None:
    found = discover([tree / "none.py", tree / "a.py"])
    assert [p.filename for p in found.problems] == [str(tree / "none.py")] and len(found.files) == 1
