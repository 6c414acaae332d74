from __future__ import annotations

from pathlib import Path

import pytest

from vaelint.source.gitignore import Ignored


def ignored(root: Path, path: str) -> bool:
    """As a search that goes down would: a folder that is ignored is not looked into."""
    ask = Ignored()
    parts = path.rstrip("/").split("/")
    above = [
        (str(root / "/".join(parts[: i + 1])), i + 1 < len(parts) or path.endswith("/")) for i in range(len(parts))
    ]
    return any(ask(full, is_folder) for full, is_folder in above)


@pytest.mark.parametrize(
    ("rules", "path", "expected"),
    [
        ("", "a.py", False),
        ("# a.py\n\n", "a.py", False),
        ("a.py", "a.py", True),
        ("a.py", "sub/a.py", True),
        ("/a.py", "sub/a.py", False),
        ("data/", "data/x.py", True),
        ("data/", "data", False),
        ("data", "sub/data/x.py", True),
        ("sub/data", "sub/data/x.py", True),
        ("sub/data", "other/sub/data/x.py", False),
        ("*.py", "a.py", True),
        ("sub/*.py", "sub/deep/a.py", False),
        ("sub/**/a.py", "sub/a.py", True),
        ("sub/**/a.py", "sub/x/y/a.py", True),
        ("**/gen", "a/b/gen/x.py", True),
        ("sub/**", "sub/x.py", True),
        ("*.py\n!a.py", "a.py", False),
        ("!a.py\n*.py", "a.py", True),
        ("a[0-9].py", "a7.py", True),
        ("a[!0-9].py", "a7.py", False),
        ("?.py", "ab.py", False),
        (r"\#a.py", "#a.py", True),
        (r"\!a.py", "!a.py", True),
        ("a.py   ", "a.py", True),
        ("[z-a].py", "b.py", False),
    ],
)
def test_patterns_mean_what_they_mean_to_git(tmp_path: Path, rules: str, path: str, expected: bool) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text(rules)
    assert ignored(tmp_path, path) is expected


def test_the_nearest_file_decides(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "sub").mkdir()
    (tmp_path / ".gitignore").write_text("*.py")
    (tmp_path / "sub/.gitignore").write_text("!a.py")
    assert ignored(tmp_path, "a.py") and not ignored(tmp_path, "sub/a.py") and ignored(tmp_path, "sub/b.py")


def test_outside_of_a_repository_only_dot_ignore_counts(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("a.py")
    (tmp_path / ".ignore").write_text("b.py")
    assert not ignored(tmp_path, "a.py") and ignored(tmp_path, "b.py")


def test_what_a_clone_excludes_for_itself_counts_too(tmp_path: Path) -> None:
    (tmp_path / ".git/info").mkdir(parents=True)
    (tmp_path / ".git/info/exclude").write_text("mine.py")
    assert ignored(tmp_path, "mine.py")
