"""One answer: the output over real code, byte by byte, with files in other orders, by other numbers of processes."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench import trust
from bench.places import REPOSITORY, cache_folder, read_json, tool_version, write_json

# How a run is made: the seed of hashes, the number of processes, the seed of the order of files (0: the folder itself).
WAYS = (("0", 1, 0), ("1", 2, 1), ("4711", 5, 2), ("random", 8, 3))
COMMANDS = (
    ("check", "--min-confidence", "possible", "--output-format", "json"),
    ("check", "--output-format", "sarif"),
    ("objectives", "--tree"),
)
_RUN = """
import os, sys
from vaelint import engine
engine.MOST_PROCESSES = int(sys.argv[1])
os.cpu_count = lambda: engine.MOST_PROCESSES
from vaelint.cli import main
main(sys.argv[2:])
"""
_COLUMNS = ("folder", "files", "command", "bytes", "ways", "different answers")


def run(folders: tuple[Path, ...], cache: Path | None, record: bool) -> int:
    """A row for each folder and command; 1 if any two ways gave different bytes.

    Rows are kept by the version of the tool and the name of the folder: a stopped run goes on.
    """
    kept = cache_folder(cache) / "same" / tool_version()
    rows: list[list[Any]] = []
    for folder in folders:
        files = sorted(str(p.relative_to(folder)) for p in folder.rglob("*.py"))
        for command in COMMANDS:
            file = kept / f"{folder.name} {' '.join(command)}.json"
            known = read_json(file)
            if known is None:
                answers = [_answer(folder, files, command, *way) for way in WAYS]
                known = {"bytes": len(answers[0]), "kinds": len({hashlib.sha256(a).digest() for a in answers})}
                write_json(file, known)
            command_line = " ".join(command)
            rows.append([folder.name, len(files), command_line, known["bytes"], len(WAYS), known["kinds"] - 1])
            print(*rows[-1], flush=True)  # noqa: T201
    table = "".join(f"| {' | '.join(map(str, row))} |\n" for row in (_COLUMNS, ["---"] * len(_COLUMNS), *rows))
    if record:
        trust.write("same", table)
    return int(any(row[-1] for row in rows))


def _answer(folder: Path, files: list[str], command: tuple[str, ...], seed: str, processes: int, order: int) -> bytes:
    """Standard output and exit code of one run with the folder as its working directory."""
    given = random.Random(order).sample(files, len(files)) if order else ["."]
    env = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(REPOSITORY), "PYTHONSAFEPATH": "1"}
    run = [sys.executable, "-c", _RUN, str(processes), *command, *given]
    done = subprocess.run(run, cwd=folder, env=env, capture_output=True)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr.decode("utf-8", "replace")[-2000:])
    return done.stdout + b"\nexit code %d" % done.returncode
