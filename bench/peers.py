"""What other linters say of the labelled cases, with every rule on. Each runs in a virtual environment of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from rich.table import Table

from bench.cases import FIXTURES, gather
from bench.places import RESULTS, cache_folder, stdout, write_json

RECORDED = RESULTS / "peers.json"
CASES = FIXTURES / "cases"
LIMIT = 600  # seconds for installing, and for a run
LENGTH = frozenset({"E501", "B950", "C0301", "W505"})  # the labels make their lines long
Hit = tuple[str, int, str]  # file relative to CASES, row, code


class NotRun(Exception):
    """Why a peer could not be asked."""


class Peer(NamedTuple):
    """``command`` follows the venv's ``bin``; ``signs`` are the codes that have to do with the sign of a value."""

    packages: tuple[str, ...]
    command: str
    parse: Callable[[str], Iterator[Hit]]
    signs: frozenset[str] = frozenset()


def parse_ruff(text: str) -> Iterator[Hit]:
    for f in json.loads(text):
        if f.get("cell") is None:
            yield Path(f["filename"]).as_posix(), f["location"]["row"], f["code"] or "syntax"


def parse_pylint(text: str) -> Iterator[Hit]:
    for f in json.loads(text):
        yield f["path"], f["line"], f["message-id"]


def parse_lines(text: str) -> Iterator[Hit]:
    """``path:row:column: CODE message``."""
    for m in re.finditer(r"^(.+?):(\d+):(?:\d+:)? ?([A-Z]+\d+)\b", text, re.M):
        yield m[1].removeprefix("./"), int(m[2]), m[3]


def parse_semgrep(text: str) -> Iterator[Hit]:
    made = json.loads(text)
    if not made["results"] and made["errors"]:
        raise NotRun(str(made["errors"][0].get("message", "no rules"))[:200])
    for f in made["results"]:
        yield f["path"], f["start"]["line"], f["check_id"]


# The nearest that each has to signs: `++x` and `--x`, and a minus before what has none.
_RUFF = "ruff check --isolated --no-cache --preview --select ALL --output-format json --exit-zero ."
_PYLINT = "pylint --rcfile /dev/null --enable all --disable import-error -f json --recursive y --exit-zero ."
_FLAKE8 = "flake8 --isolated --extend-select B,B9 --exit-zero ."
_SEMGREP = "semgrep scan --config p/python --json --metrics off --disable-version-check ."
PEERS = {
    "ruff": Peer(("ruff",), _RUFF, parse_ruff, frozenset({"B002", "PLE0107"})),
    "pylint": Peer(("pylint",), _PYLINT, parse_pylint, frozenset({"E0107", "E1130"})),
    "flake8 + bugbear": Peer(("flake8", "flake8-bugbear"), _FLAKE8, parse_lines, frozenset({"B002"})),
    "torchfix": Peer(("torchfix",), "torchfix --select ALL .", parse_lines),
    "semgrep": Peer(("semgrep",), _SEMGREP, parse_semgrep),
}


def install(name: str, peer: Peer, place: Path) -> Path:
    """The ``bin`` of the peer's environment, made if need be."""
    venv = place / "peers" / re.sub(r"\W+", "-", name)
    scripts = venv / ("Scripts" if sys.platform == "win32" else "bin")
    if not (venv / "installed").exists():
        pip = [str(scripts / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        for command in ([sys.executable, "-m", "venv", str(venv)], [*pip, *peer.packages]):
            done = _ask(command, venv.parent.parent)
            if done.returncode:
                raise NotRun(f"cannot be installed: {done.stderr.strip()[-200:]}")
        (venv / "installed").touch()
    return scripts


def _ask(command: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired as error:
        raise NotRun(f"not done after {LIMIT} s") from error


def ask(name: str, place: Path) -> list[Hit]:
    peer = PEERS[name]
    scripts = install(name, peer, place)
    done = _ask([str(scripts / peer.command.split()[0]), *peer.command.split()[1:]], CASES)
    try:
        found = list(peer.parse(done.stdout))
    except (ValueError, KeyError) as error:
        raise NotRun(f"exit code {done.returncode}: {(done.stderr or done.stdout).strip()[-200:]}") from error
    if done.returncode and not found:
        raise NotRun(f"exit code {done.returncode}: {done.stderr.strip()[-200:]}")
    return [(_inside(file), row, code) for file, row, code in found]


def _inside(file: str) -> str:
    path = Path(file)
    return (path.relative_to(CASES) if path.is_absolute() else path).as_posix()


def score(hits: list[Hit], marks: dict[str, set[int]], signs: frozenset[str]) -> dict[str, object]:
    """``marks`` are the marked rows of each file with a bug."""
    at = [h for h in hits if h[1] in marks.get(h[0], ())]
    return {
        "findings": len(hits),
        "on_marked_lines": len(at),
        "not_about_length": sum(h[2] not in LENGTH for h in at),
        "files_with_one_on_a_marked_line": len({h[0] for h in at}),
        "about_signs": len({h[0] for h in at if h[2] in signs}),
        "commonest_on_marked_lines": Counter(h[2] for h in at).most_common(8),
    }


def run(*, cache: Path | None, record: bool) -> int:
    console = stdout()
    marks = {
        c.path.relative_to(CASES).as_posix(): {row for _, row in c.marks}
        for c in gather()
        if c.marks and c.path.suffix == ".py" and CASES in c.path.parents
    }
    made: dict[str, dict[str, object]] = {}
    for name in PEERS:
        made[name] = _scored(name, cache_folder(cache), marks)
    table = Table(
        "linter", "version", "findings", "on marked lines", "not about length", "in bugs", "bugs found as signs"
    )
    for name, r in made.items():
        if "not_run" in r:
            table.add_row(name, f"not run: {r['not_run']}")
        else:
            keys = (
                "version",
                "findings",
                "on_marked_lines",
                "not_about_length",
                "files_with_one_on_a_marked_line",
                "about_signs",
            )
            table.add_row(name, *(str(r[k]) for k in keys))
    console.print(table)
    console.print(f"of {len(marks)} bugs in .py files")
    if record:
        write_json(RECORDED, {"bugs": len(marks), "peers": made})
    return 0


def _scored(name: str, place: Path, marks: dict[str, set[int]]) -> dict[str, object]:
    try:
        return {"version": _version(name, place), **score(ask(name, place), marks, PEERS[name].signs)}
    except NotRun as error:
        return {"not_run": str(error)}


def _version(name: str, place: Path) -> str:
    peer = PEERS[name]
    scripts = install(name, peer, place)
    done = _ask([str(scripts / "python"), "-m", "pip", "list", "--format", "json"], place)
    have = {p["name"].lower(): p["version"] for p in json.loads(done.stdout)}
    return ", ".join(have.get(p.lower(), "?") for p in peer.packages)
