"""What is found in a cache is believed only if this user's runs have written it, whole, in this place."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from tests.cache.conftest import Tampering, Tree
from vaelint.cache.folder import Folder
from vaelint.cache.key import read

ROOT = Path(__file__).parents[2]


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-9] ^= 1
    path.write_bytes(bytes(data))


def _claim(path: Path) -> None:
    """Well formed, and marked by somebody else: what a repository could bring along."""
    data = path.read_bytes()
    value = json.loads(zlib.decompress(data[42:]))
    folder = Folder(str(path.parents[1]), path.parent.name, b"0" * 32, "")
    packed = zlib.compress(json.dumps(value).encode())
    path.write_bytes(data[:10] + folder._mark("run", "", packed) + packed)


def _unmark(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:10] + bytes(32) + data[42:])


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _link(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parent)


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("tamper", [_empty, _cut, _flip, _claim, _unmark, _folder, _link, _pipe])
def test_a_damaged_entry_is_no_entry(tree: Tree, tamper: Tampering) -> None:
    first = tree.run()
    for path in tree.entries():
        tamper(path)
    again = tree.agrees()
    assert again.output == first.output and again.examined == {"losses.py", "train.py", "other.py"}
    if tamper is not _folder:
        assert tree.agrees().whole  # it has been written anew


@pytest.mark.parametrize("value", [None, [], {}, 1, "x", [[], [], {}, "", []], {"other.py": 1}, {"other.py": [[1, 2]]}])
def test_an_entry_of_another_form_is_no_entry(tree: Tree, value: object) -> None:
    tree.run()
    own = Folder.read

    def other(self: Folder, kind: str, of: str) -> object:
        return value if own(self, kind, of) is not None else None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Folder, "read", other)
        tree.agrees()


def test_an_entry_is_of_its_place(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.run()
    copy = tree.root.parent / "copy"
    shutil.copytree(tree.root, copy)
    monkeypatch.chdir(copy)
    assert tree.agrees().examined == {"losses.py", "train.py", "other.py"}
    runs = tree.entries("run")
    parts = tree.entries("parts")
    shutil.copy(parts[0], runs[0])
    monkeypatch.chdir(tree.root)
    tree.agrees()


def test_a_cache_of_another_user_is_none(tree: Tree, tmp_path: Path) -> None:
    tree.run()
    tree.user = tmp_path / "another"
    assert tree.agrees().examined == {"losses.py", "train.py", "other.py"}


def test_the_key_is_this_users_alone_and_not_in_the_tree(tree: Tree) -> None:
    tree.run()
    key = tree.user / "vaelint" / "key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    secret = key.read_bytes()
    assert not any(secret in p.read_bytes() for p in tree.root.rglob("*") if p.is_file())
    key.chmod(0o644)
    assert read(str(key.parent)) is None
    shutil.rmtree(tree.cache)
    assert tree.agrees().examined == set() and not tree.cache.exists()  # nothing is kept, all is examined


def test_a_key_within_the_tree_is_none(tree: Tree) -> None:
    tree.user = tree.root / "cache"
    tree.agrees()
    assert not tree.cache.exists()


def test_a_link_in_place_of_the_cache_is_not_followed(tree: Tree, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    tree.cache.symlink_to(elsewhere)
    tree.agrees()
    tree.cache.unlink()
    tree.run()
    version = next(p for p in tree.cache.iterdir() if p.is_dir())
    shutil.rmtree(version)
    version.symlink_to(elsewhere)
    tree.agrees()
    assert not list(elsewhere.iterdir())


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _device(path: Path) -> None:
    path.symlink_to(os.devnull)


def _no_file(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.skipif(os.name == "nt", reason="pipes have no names in folders")
@pytest.mark.parametrize("put", [_no_file, _device, _loop])
@pytest.mark.parametrize("place", ["the folder", "its tag", "a version", "the key"])
def test_what_is_neither_file_nor_folder_is_not_waited_for(tree: Tree, put: Tampering, place: str) -> None:
    tree.run()
    version = next(p for p in tree.cache.iterdir() if p.is_dir())
    path = {
        "the folder": tree.cache,
        "its tag": tree.cache / "CACHEDIR.TAG",
        "a version": version,
        "the key": tree.user / "vaelint" / "key",
    }[place]
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    put(path)
    before = path.lstat().st_mode
    tree.agrees()
    assert path.lstat().st_mode == before


@pytest.mark.skipif(os.name == "nt", reason="sizes of files have no limit there")
@pytest.mark.parametrize("most", [0, 100])
def test_on_a_full_disk_the_answer_is_the_same_and_nothing_half_written_is_kept(tree: Tree, most: int) -> None:
    env = os.environ | {"PYTHONPATH": str(ROOT), "VAELINT_NO_CACHE": "", "XDG_CACHE_HOME": str(tree.user)}
    code = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)\n"
    code += "from vaelint.cli import main; main()"
    command = [sys.executable, "-c", code, str(most), "check", "--output-format", "json"]
    done = subprocess.run(command, cwd=tree.root, env=env, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == (tree.plain().output, 1), done.stderr
    assert not tree.entries() and not [p for p in tree.cache.rglob(".*") if p.name != ".gitignore"]
    tree.agrees()


def test_a_folder_of_somebody_is_not_filled(tree: Tree) -> None:
    tree.write("notes/mine.txt", "mine")
    tree.agrees("check", "--cache-dir", "notes")
    assert [p.name for p in (tree.root / "notes").iterdir()] == ["mine.txt"]
    done = tree.run("clean", "--cache-dir", "notes")
    assert done.code == 2 and (tree.root / "notes" / "mine.txt").exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is read-only for this user")
def test_a_tree_that_may_not_be_written_to(tree: Tree) -> None:
    tree.root.chmod(0o555)
    try:
        tree.agrees()
    finally:
        tree.root.chmod(0o755)


def test_where_nothing_can_be_written_a_run_goes_on(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.cache.write_text("a file in its place")
    run = tree.run("check", "--output-format", "json", "--debug")
    assert run.code == 1 and run.output.count("the next run begins anew") == 1
    assert tree.plain().output in run.output.replace("note: ", "")[-len(tree.plain().output) :]
    tree.cache.unlink()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vaelint.cache.folder.os.replace", full)
    tree.agrees()
    monkeypatch.undo()


def test_two_runs_at_once(tree: Tree) -> None:
    env = os.environ | {"PYTHONPATH": str(ROOT), "VAELINT_NO_CACHE": "", "XDG_CACHE_HOME": str(tree.user)}
    command = [sys.executable, "-m", "vaelint", "check", "--output-format", "json"]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, env=env, cwd=tree.root) for _ in range(3)]
    answers = {run.communicate()[0] for run in runs}
    assert len(answers) == 1
    assert tree.agrees().output.encode() in answers


def test_an_answer_without_changes_needs_no_parser(tree: Tree) -> None:
    code = (
        "import sys\nfrom vaelint.cli import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'libcst', 'rich', 'numpy', 'vaelint.engine', 'multiprocessing'} & {*sys.modules}))"
    )
    env = os.environ | {"PYTHONPATH": str(ROOT), "VAELINT_NO_CACHE": "", "XDG_CACHE_HOME": str(tree.user)}
    tree.run("check")
    for options in ((), ("--output-format", "json"), ("--output-format", "concise")):
        tree.run("check", *options)
        done = subprocess.run(
            [sys.executable, "-c", code, "check", *options], cwd=tree.root, env=env, capture_output=True, text=True
        )
        assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr
