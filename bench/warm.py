"""The cache: after each change to a copy of real code, the same bytes as without one; and the time that it spares."""

from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import trust
from bench.places import REPOSITORY

COMMAND = ("check", "--min-confidence", "possible", "--show-hidden", "--output-format", "json")
_COLUMNS = (
    "folder", "files", "answers compared", "different", "cold, CPU s", "without, CPU s", "warm, CPU s",
    "one file changed, CPU s", "cache, kB",
)  # fmt: skip


class Copy:
    """A copy of a folder, a git repository of its own, and runs over it with the keys of a user of its own."""

    def __init__(self, source: Path, place: Path) -> None:
        self.root, self._user = place / "tree", place / "user"
        shutil.copytree(source, self.root, symlinks=True)
        (self.root / ".git").mkdir(exist_ok=True)
        self.files = sorted(self.root.rglob("*.py"))
        self.compared = self.different = 0

    def run(self, cached: bool = True, user: str = "") -> tuple[bytes, float]:
        """What a run answers, and the seconds of processor time that it and its processes took."""
        time.sleep(0.1)  # what is written while a run goes on is not kept
        env = os.environ | {"PYTHONPATH": str(REPOSITORY), "VAELINT_NO_CACHE": "" if cached else "1"}
        env["XDG_CACHE_HOME"] = f"{self._user}{user}"
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([sys.executable, "-m", "vaelint", *COMMAND], cwd=self.root, env=env, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode not in (0, 1, 2):
            raise SystemExit(done.stderr.decode("utf-8", "replace")[-2000:])
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return done.stdout + done.stderr + b"\nexit code %d" % done.returncode, spent

    def compare(self, expected: bytes, user: str = "") -> float:
        answer, spent = self.run(user=user)
        self.compared += 1
        self.different += answer != expected
        return spent

    def size(self) -> int:
        return sum(p.stat().st_size for p in (self.root / ".vaelint_cache").rglob("*") if p.is_file()) // 1000

    def damage(self, pick: random.Random) -> None:
        """A third of the entries is cut, emptied or changed."""
        entries = sorted((self.root / ".vaelint_cache").rglob("*.entry"))
        for path in pick.sample(entries, len(entries) // 3):
            data = bytearray(path.read_bytes())
            at = pick.randrange(len(data))
            path.write_bytes(pick.choice((b"", bytes(data[:at]), bytes(data[:at]) + b"x" + bytes(data[at + 1 :]))))
        for path in (self.root / ".vaelint_cache").rglob("run-*"):
            path.unlink()  # that the others are asked


def run(folders: tuple[Path, ...], record: bool) -> int:
    """A row for each folder; 1 if any answer differed."""
    rows = []
    for folder in folders:
        with tempfile.TemporaryDirectory() as place:
            rows.append(_row(folder, Copy(folder, Path(place))))
        print(*rows[-1], flush=True)  # noqa: T201
    table = "".join(f"| {' | '.join(map(str, row))} |\n" for row in (_COLUMNS, ["---"] * len(_COLUMNS), *rows))
    if record:
        trust.write("warm", table)
    return int(any(row[3] for row in rows))


def _row(folder: Path, copy: Copy) -> list[object]:
    pick = random.Random(7)
    plain, without = copy.run(cached=False)
    cold = copy.compare(plain)
    warm = copy.compare(plain)
    size = copy.size()
    changed = pick.choice(copy.files)
    changed.write_bytes(changed.read_bytes() + b"\n_unused_value = 1\n")
    plain, _ = copy.run(cached=False)
    one = copy.compare(plain)
    copy.compare(plain)
    for path in pick.sample(copy.files, len(copy.files) // 4):  # a quarter of the code is otherwise, some of it gone
        if pick.random() < 0.2:
            path.unlink()
        else:
            path.write_bytes(b"import os\n" + path.read_bytes())
    plain, _ = copy.run(cached=False)
    copy.compare(plain)
    copy.damage(pick)
    copy.compare(plain)
    copy.compare(plain)
    copy.compare(plain, user=" another")
    figures = [f"{x:.2f}" for x in (cold, without, warm, one)]
    return [folder.name, len(copy.files), copy.compared, copy.different, *figures, size]
