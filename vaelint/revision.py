"""The files of a repository as they were at a revision: read with git, into a folder that is removed again.

Nothing of them is run: git is asked for its objects alone, without hooks, filters, pagers or the network.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ENVIRONMENT = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
_READ = (".py", ".pyi", ".ipynb", ".yaml", ".yml", ".toml", ".gitignore", ".ignore", ".cfg")


class RevisionError(Exception):
    """A revision that cannot be read; the message says why."""


def root_of(folder: Path) -> Path:
    """The repository that a folder is in."""
    return Path(_git(folder, "rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").rstrip("\n"))


@contextmanager
def checked_out(root: Path, revision: str) -> Iterator[Path]:
    """A folder with the files of a revision that vaelint reads. Raises `RevisionError`."""
    if revision.startswith("-"):
        raise RevisionError(f"`{revision}` is no revision")
    try:
        commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except RevisionError as e:
        raise RevisionError(f"`{revision}` is no revision of {root}") from e
    listed = dict(_listed(_git(root, "ls-tree", "-r", "-z", "--full-tree", commit.decode().strip())))
    wanted = list(dict.fromkeys(listed.values()))
    contents = dict(zip(wanted, _objects(_git(root, "cat-file", "--batch", given="\n".join(wanted).encode()))))
    with tempfile.TemporaryDirectory(prefix="vaelint-") as made:
        folder = Path(os.path.realpath(made))
        for name, content in listed.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(contents[content])
        (folder / ".git").mkdir()  # that .gitignore counts as it does in the repository
        yield folder


def _listed(tree: bytes) -> Iterator[tuple[str, str]]:
    """The regular files that vaelint reads, each with the id of its content."""
    for row in tree.split(b"\0"):
        head, _, raw = row.partition(b"\t")
        name = os.fsdecode(raw)
        if head.startswith(b"100") and name.endswith(_READ) and not {"..", ".git"} & {*name.split("/")}:
            yield name, head.split()[2].decode()


def _objects(batch: bytes) -> Iterator[bytes]:
    """What ``git cat-file --batch`` answers: for each a row with its size, then its content."""
    at = 0
    while at < len(batch):
        end = batch.index(b"\n", at)
        size = int(batch[at:end].split()[2])
        yield batch[end + 1 : end + 1 + size]
        at = end + size + 2


def _git(folder: Path, *command: str, given: bytes = b"") -> bytes:
    options = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.allow=never")
    try:
        made = subprocess.run(
            ("git", *options, "-C", str(folder), *command),
            capture_output=True,
            env={**os.environ, **_ENVIRONMENT},
            input=given,
            check=False,
        )
    except OSError as e:
        raise RevisionError(f"git cannot be run: {e.strerror or e}") from e
    if made.returncode:
        lines = made.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        raise RevisionError(f"git: {lines[-1].removeprefix('fatal: ')}")
    return made.stdout
