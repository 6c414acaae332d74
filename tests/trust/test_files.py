"""A file is written whole or left as it was, and stays the file that it was."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from vaelint import files

posix = pytest.mark.skipif(sys.platform == "win32", reason="no owners, modes and links there")
root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
no_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everything")


def names(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


def test_a_new_file_is_made(tmp_path: Path) -> None:
    files.write(tmp_path / "new", b"x")
    assert (tmp_path / "new").read_bytes() == b"x" and names(tmp_path) == {"new"}


@posix
def test_its_mode_is_that_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    files.write(tmp_path / "new", b"x")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "plain").stat().st_mode


@posix
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o666])
def test_the_mode_is_kept(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")
    path.chmod(mode)
    files.write(path, b"new")
    assert path.read_bytes() == b"new" and stat.S_IMODE(path.stat().st_mode) == mode


@root
def test_the_owner_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")
    os.chown(path, 1234, 1235)
    files.write(path, b"new")
    assert path.read_bytes() == b"new" and (path.stat().st_uid, path.stat().st_gid) == (1234, 1235)


@posix
def test_where_the_owner_cannot_be_kept_the_file_is_written_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old, and longer")
    before = path.stat()
    monkeypatch.setattr(files, "_made_alike", lambda *_: False)
    files.write(path, b"new")
    assert path.read_bytes() == b"new" and path.stat().st_ino == before.st_ino and names(tmp_path) == {"f"}


@posix
def test_all_names_of_a_file_get_the_new_content(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"old, and longer")
    (tmp_path / "g").hardlink_to(tmp_path / "f")
    files.write(tmp_path / "f", b"new")
    assert (tmp_path / "g").read_bytes() == b"new" and (tmp_path / "g").stat().st_nlink == 2


@posix
def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"old")
    (tmp_path / "link").symlink_to("f")
    files.write(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "f").read_bytes() == b"new"


@pytest.mark.parametrize("links", [1, 2])
def test_what_changed_meanwhile_is_left_alone(tmp_path: Path, links: int) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"another's")
    if links == 2:
        (tmp_path / "g").hardlink_to(path)
    before = names(tmp_path)
    with pytest.raises(files.Changed):
        files.write(path, b"new", before=b"old")
    assert path.read_bytes() == b"another's" and names(tmp_path) == before


@pytest.mark.parametrize("links", [1, 2])
def test_on_a_full_disk_the_old_content_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: int) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"the old content")
    if links == 2:
        (tmp_path / "g").hardlink_to(path)
    before = names(tmp_path)
    calls = []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.write(path, b"new, and longer than the old content")
    assert path.read_bytes() == b"the old content" and names(tmp_path) == before


@no_root
def test_a_file_that_may_not_be_written_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(PermissionError):
        files.write(path, b"new")


def test_only_so_much_is_read_as_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"12345")
    assert files.read(tmp_path / "f", 3) == b"123" and files.read(tmp_path / "f") == b"12345"


@pytest.mark.parametrize("name", ["nothing", "."])
def test_what_is_no_file_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(OSError):
        files.read(tmp_path / name)
