"""The spent samples of unread code, run again: which of the judged findings still come, and which are new."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.corpus import Raw, analyse
from bench.packages import Package, fetch
from bench.places import HERE, RESULTS, cache_folder, enclosing, functions, read_json, stdout, tool_version, write_json

UNREAD = HERE / "unread.tsv"
SOURCES = HERE / "unread_sources.tsv"
RECORDED = RESULTS / "unread.json"

RIGHT = ("bug", "naming")
# What became of a judged finding. The last three say nothing of vaelint and are counted apart.
SHOWN, HIDDEN, GONE = "shown", "hidden", "gone"
NO_SOURCE, MOVED, CRASHED = "no source", "moved", "crashed"
OUTCOMES = (SHOWN, HIDDEN, GONE, NO_SOURCE, MOVED, CRASHED)
NEAR = 6  # rows: a finding this near, or in the same function, is the same one reported elsewhere


class Judged(NamedTuple):
    """A row of ``unread.tsv``; ``cell`` is that of a notebook.

    ``subject`` is what the message names first, where several findings of one code stand in one row.
    """

    round: str
    package: str
    code: str
    file: str
    cell: int | None
    row: int
    verdict: str
    value_basis: str
    against: str
    subject: str = ""


class Outcome(NamedTuple):
    """What became of a judged finding; ``found`` is the finding of this run that stands for it."""

    judged: Judged
    what: str
    found: dict[str, Any] | None = None


def read(path: Path = UNREAD) -> list[Judged]:
    with path.open(encoding="utf-8", newline="") as f:
        return [_judged(r) for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)]


def _judged(r: dict[str, str]) -> Judged:
    """Cells are written ``book.ipynb:cell 9:`` before the row, or ``9:30`` in its place."""
    file, row, cell = r["file"], r["row"], None
    if (named := re.fullmatch(r"(.+\.ipynb):cell (\d+):", file)) is not None:
        file, cell = named[1], int(named[2])
    elif ":" in row:
        first, _, row = row.partition(":")
        cell = int(first)
    rest = (r["verdict"], r["value_basis"], r["against"], r["subject"])
    return Judged(r["round"], r["package"], r["code"], file, cell, int(row), *rest)


def read_sources(path: Path = SOURCES) -> dict[str, Package]:
    """Package of ``unread.tsv`` → what is run. A version that is empty is not to be had."""
    with path.open(encoding="utf-8", newline="") as f:
        return {r["package"]: Package(r["name"], r["version"], "") for r in csv.DictReader(f, delimiter="\t")}


def source(package: str, pinned: Package, cache: Path, repositories: Path | None) -> Path | None:
    """The folder to run over: a wheel unpacked, or a repository that lies there already. None if there is none."""
    if not pinned.version:
        return None
    if "/" in package:
        folder = repositories / pinned.name if repositories is not None else None
        return folder if folder is not None and folder.is_dir() else None
    try:
        return fetch(pinned, cache)
    except RuntimeError as error:
        Console(stderr=True).print(str(error), markup=False)
        return None


# --- matching ------------------------------------------------------------------------------------


def match(judged: Sequence[Judged], raw: Raw, folder: Path) -> tuple[list[Outcome], list[dict[str, Any]]]:
    """What became of each judged finding of one package, and the findings that none of them stands for.

    The same code in the same row first, then the nearest of that code close by, then another code in the same row. Each
    finding stands for one. A file that is not there, or has not so many rows, is no loss: the source has moved.
    """
    free = list(raw["findings"])
    made: dict[Judged, list[Outcome]] = defaultdict(list)
    left = list(judged)
    for is_it in (_exactly, _near(folder), _otherwise):
        waiting = []
        for j in left:
            fitting = [f for f in free if is_it(j, f)]
            if not fitting:
                waiting.append(j)
                continue
            best = min(fitting, key=lambda f, row=j.row: abs(f["row"] - row))  # type: ignore[misc]
            free.remove(best)
            made[j].append(Outcome(j, HIDDEN if best["confidence"] == "possible" else SHOWN, best))
        left = waiting
    for j in left:
        made[j].append(Outcome(j, GONE if _is_there(j, folder) else MOVED))
    return [made[j].pop(0) for j in judged], free


def _may_be(j: Judged, f: dict[str, Any]) -> bool:
    """Whether ``f`` may stand for ``j`` at all: it is in that file, and speaks of the same where a row has several."""
    same = f["file"] == j.file and f["cell"] == j.cell
    return bool(same and (not j.subject or f["message"].partition("`")[2].partition("`")[0] == j.subject))


def _exactly(j: Judged, f: dict[str, Any]) -> bool:
    return bool(_may_be(j, f) and f["code"] == j.code and f["row"] == j.row)


def _otherwise(j: Judged, f: dict[str, Any]) -> bool:
    return bool(_may_be(j, f) and f["row"] == j.row)


def _near(folder: Path) -> Callable[[Judged, dict[str, Any]], bool]:
    spans: dict[str, list[tuple[int, int, str]]] = {}

    def function(j: Judged) -> str:
        if j.cell is not None:
            return "<module>"
        if j.file not in spans:
            spans[j.file] = functions(_text(folder / j.file))
        return enclosing(spans[j.file], j.row)

    def is_it(j: Judged, f: dict[str, Any]) -> bool:
        if not _may_be(j, f) or f["code"] != j.code:
            return False
        return bool(abs(f["row"] - j.row) <= NEAR or f["function"] == function(j) != "<module>")

    return is_it


def _is_there(j: Judged, folder: Path) -> bool:
    text = _text(folder / j.file)
    return bool(text) and (j.cell is not None or j.row <= text.count("\n") + 1)


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.is_file() else ""


# --- running -------------------------------------------------------------------------------------


def run(cache: Path | None, only: tuple[str, ...], sources: Path | None, vaelint: Path | None, record: bool) -> int:
    """``sources`` holds repositories as ``owner+name``; ``vaelint`` is another checkout to measure."""
    judged = [j for j in read() if not only or j.package in only]
    if unknown := set(only) - {j.package for j in judged}:
        raise SystemExit(f"not in {UNREAD.name}: {', '.join(sorted(unknown))}")
    console, place, pinned = stdout(), cache_folder(cache), read_sources()
    tool = tool_version(None if vaelint is None else vaelint / "vaelint")
    outcomes: list[Outcome] = []
    new: list[dict[str, Any]] = []
    crashes: list[str] = []
    by_package: dict[str, list[Judged]] = defaultdict(list)
    for j in judged:
        by_package[j.package].append(j)
    for package, its in track(by_package.items(), "unread", console=Console(stderr=True), transient=True):
        folder = source(package, pinned[package], place, sources)
        if folder is None:
            outcomes += (Outcome(j, NO_SOURCE) for j in its)
            continue
        raw = _kept(place / "runs" / tool / f"unread-{pinned[package].name}.json", folder, vaelint)
        if raw["crash"]:
            crashes.append(f"{package}: {raw['crash'][-200:]}")
            outcomes += (Outcome(j, CRASHED) for j in its)
            continue
        some, free = match(its, raw, folder)
        outcomes += some
        new += ({"package": package, **f} for f in free)
    made = summary(tool, outcomes, new)
    show(console, made, new, crashes)
    if not only:
        before = read_json(RECORDED)
        if before is not None:
            differ(console, before, made)
        if record:
            write_json(RECORDED, made)
    return 1 if crashes else 0


def _kept(file: Path, folder: Path, vaelint: Path | None) -> Raw:
    """Raw results are kept by the tool's version: a stopped run goes on."""
    if (made := read_json(file)) is None:
        made = analyse(folder, vaelint)
        write_json(file, made)
    return made


# --- summing up ----------------------------------------------------------------------------------


def summary(tool: str, outcomes: Sequence[Outcome], new: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What is committed. Of the code itself nothing is: no line, no message that quotes one."""
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in ("right", "arguable", "wrong")}
    for o in outcomes:
        counts[_kind(o.judged.verdict)][o.what] += 1
    right, wrong = counts["right"][SHOWN], counts["wrong"][SHOWN]
    return {
        "tool": tool,
        "counts": {kind: {what: n[what] for what in OUTCOMES} for kind, n in counts.items()},
        "new": {
            SHOWN: sum(f["confidence"] != "possible" for f in new),
            HIDDEN: sum(f["confidence"] == "possible" for f in new),
        },
        "precision": round(right / (right + wrong), 4) if right + wrong else None,
        "judged": [_row(o) for o in outcomes],
        "unjudged": [{k: f[k] for k in ("package", "code", "file", "cell", "row", "confidence")} for f in new],
    }


def _kind(verdict: str) -> str:
    return "right" if verdict in RIGHT else verdict


def _row(o: Outcome) -> dict[str, Any]:
    j = o.judged
    found = "" if o.found is None else f"{o.found['code']} in row {o.found['row']}"
    same = o.found is None or (o.found["code"], o.found["row"]) == (j.code, j.row)
    place = {"package": j.package, "code": j.code, "file": j.file, "cell": j.cell, "row": j.row}
    return {**place, "verdict": j.verdict, "outcome": o.what, "as": "" if same else found}


# --- showing -------------------------------------------------------------------------------------


def place_of(f: dict[str, Any]) -> str:
    cell = "" if f["cell"] is None else f"cell {f['cell']}:"
    return f"{f['code']} {f['package']} {f['file']}:{cell}{f['row']}"


def show(console: Console, made: dict[str, Any], new: Iterable[dict[str, Any]], crashes: Iterable[str]) -> None:
    def listed(title: str, some: Iterable[dict[str, Any]]) -> None:
        for r in some:
            also = f" ({r['as']})" if r["as"] else ""
            console.print(f"{title}: {r['verdict']} {place_of(r)}{also}", markup=False)

    judged = made["judged"]
    listed("lost", (r for r in judged if r["verdict"] in RIGHT and r["outcome"] == GONE))
    listed("hidden", (r for r in judged if r["verdict"] in RIGHT and r["outcome"] == HIDDEN))
    listed("elsewhere", (r for r in judged if r["as"]))
    listed("still wrong", (r for r in judged if r["verdict"] == "wrong" and r["outcome"] == SHOWN))
    listed("moved", (r for r in judged if r["outcome"] == MOVED))
    for f in new:
        console.print(f"no verdict: {f['confidence']} {place_of(f)}: {f['message']}", markup=False)
    for crash in crashes:
        console.print(f"crash: {crash}", markup=False)
    table = Table("judged", *OUTCOMES)
    for kind, n in made["counts"].items():
        table.add_row(kind, *(str(n[what]) for what in OUTCOMES))
    table.add_row("no verdict", str(made["new"][SHOWN]), str(made["new"][HIDDEN]), *[""] * (len(OUTCOMES) - 2))
    console.print(table)
    share = "not measured" if made["precision"] is None else f"{made['precision']:.1%}"
    console.print(f"precision of what is shown and judged: {share}")


def differ(console: Console, before: dict[str, Any], now: dict[str, Any]) -> None:
    """Findings whose outcome is not what was recorded."""
    console.print(f"Against the recorded run ({before['tool']} → {now['tool']}):")
    for old, new in zip(before["judged"], now["judged"], strict=False):
        if old["outcome"] != new["outcome"] and place_of(old) == place_of(new):
            told = f"  {old['outcome']} → {new['outcome']}: {new['verdict']} {place_of(new)}"
            console.print(told, markup=False)
    was, here = ({place_of(f) for f in some["unjudged"]} for some in (before, now))
    for mark, places in (("+", here - was), ("-", was - here)):
        for where in sorted(places):
            console.print(f"  {mark} no verdict {where}", markup=False)
