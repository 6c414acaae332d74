"""Runs over the corpus or over folders, and sums up: what is decided by what, and why the rest is not."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench import proved
from bench.coverage import callees
from bench.coverage.places import SORTS
from bench.packages import chosen, fetch
from bench.places import HERE, REPOSITORY, RESULTS, cache_folder, read_json, stdout, tool_version, write_json
from vaelint.knowledge import load

RECORDED = RESULTS / "coverage.json"
LIMIT = 3600  # seconds for one package
EXAMPLES = 5  # places to open, for each reason
BY = ("facts", "claim", "undecided")
Made = dict[str, Any]


def run(*, cache: Path | None, only: tuple[str, ...], folders: tuple[Path, ...], record: bool) -> int:
    console = stdout()
    raw = _of_folders(folders) if folders else _of_corpus(cache, only)
    made = summary(raw)
    show(console, made)
    if not folders and not only:
        before = read_json(RECORDED)
        if before is not None:
            differ(console, before, made)
        if record:
            write_json(RECORDED, made)
    for name, crash in made["crashes"].items():
        console.print(f"{name}: {crash}", markup=False)
    return 1 if made["crashes"] else 0


def _of_folders(folders: tuple[Path, ...]) -> dict[str, Made]:
    return {str(f): analyse(f.resolve()) for f in track(folders, "coverage", console=Console(stderr=True))}


def _of_corpus(cache: Path | None, only: tuple[str, ...]) -> dict[str, Made]:
    """Results are kept by the state of vaelint and of this bench: a stopped run goes on where it was."""
    place = cache_folder(cache)
    kept = place / "coverage" / f"{tool_version()}-{_digest(COUNTED + JUDGES)}"
    out: dict[str, Made] = {}
    for package in track(chosen(only), "coverage", console=Console(stderr=True), transient=True):
        file = kept / f"{package.name}-{package.version}.json"
        made = read_json(file)
        if made is None:
            made = analyse(fetch(package, place))
            write_json(file, made)
        out[package.name] = made
    return out


# What decides which places are counted, and (with the others) how they come out.
COUNTED = ("places.py", "words.py", "words.tsv")
JUDGES = ("child.py", "decided.py", "reasons.py", "callees.py")


def _digest(files: tuple[str, ...]) -> str:
    made = hashlib.sha256()
    for file in files:
        made.update((HERE / "coverage" / file).read_bytes())
    return made.hexdigest()[:12]


def analyse(folder: Path) -> Made:
    """One folder in a process of its own; a crash is a result. Nothing of the folder can be imported there."""
    nothing: Made = {"files": 0, "places": [], "seconds": 0.0}
    child = [sys.executable, str(HERE / "coverage" / "child.py")]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    try:
        done = subprocess.run(child, cwd=folder, env=env, capture_output=True, text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return {**nothing, "crash": f"not done after {LIMIT} s"}
    if done.returncode:
        return {**nothing, "crash": done.stderr.strip()[-1000:] or f"exit code {done.returncode}"}
    made: Made = json.loads(done.stdout)
    return {**made, "crash": ""}


# --- summing up ----------------------------------------------------------------------------------


def summary(raw: dict[str, Made]) -> Made:
    """Counts by sort and package, and the reasons ranked, each with places to open. No line of code is kept."""
    places = [{**p, "package": name} for name, r in raw.items() for p in r["places"]]
    reasons: dict[str, list[Made]] = defaultdict(list)
    for p in places:
        if p["by"] == "undecided":
            reasons[p["reason"]].append(p)
    return {
        "tool": tool_version(),
        "counted": _digest(COUNTED),
        "totals": {**counts(places), "files": sum(r["files"] for r in raw.values())},
        "sorts": {sort: counts([p for p in places if p["sort"] == sort]) for sort in SORTS},
        "packages": {name: counts(r["places"]) for name, r in raw.items()},
        "reasons": [
            {
                "n": len(some),
                "reason": reason,
                "sorts": dict(Counter(p["sort"] for p in some).most_common(4)),
                "examples": _examples(some),
            }
            for reason, some in sorted(reasons.items(), key=lambda x: (-len(x[1]), x[0]))
        ],
        "calls": {**callees.summary({name: r.get("calls", []) for name, r in raw.items()}), "library": _proved(raw)},
        "crashes": {name: r["crash"] for name, r in raw.items() if r["crash"]},
        "seconds": round(sum(r["seconds"] for r in raw.values()), 1),
    }


def _proved(raw: dict[str, Made]) -> list[int]:
    """Of all calls into libraries: see `callees.proved_share`."""
    called = sum((Counter(r.get("library", {})) for r in raw.values()), Counter[str]())
    known = load(())
    roots = {root for library in known.libraries() for root in library.roots}
    return callees.proved_share(called, roots, known.entries(), proved.names())


def counts(places: list[Made]) -> Made:
    by = Counter(p["by"] for p in places)
    return {"places": len(places), **{b: by[b] for b in BY}}


def _examples(some: list[Made]) -> list[str]:
    """Of as many packages as there are, the middle place of each, those that have most first."""
    of: dict[str, list[Made]] = defaultdict(list)
    for p in some:
        of[p["package"]].append(p)
    ranked = sorted(of.values(), key=lambda its: -len(its))[:EXAMPLES]
    return [
        f"{(p := its[len(its) // 2])['package']} {p['file']}:{p['row']} {p['sort']} `{p['name']}`" for its in ranked
    ]


# --- showing -------------------------------------------------------------------------------------


def show(console: Console, made: Made) -> None:
    if len(made["packages"]) > 1:
        console.print(_table("package", made["packages"], made["totals"]))
    console.print(_table("sort", made["sorts"], made["totals"]))
    console.print("Why places are undecided:")
    for r in made["reasons"][:40]:
        sorts = ", ".join(f"{sort} {n}" for sort, n in r["sorts"].items())
        console.print(f"{r['n']:6} {r['reason']} ({sorts})", markup=False)
        for example in r["examples"][:3]:
            console.print(f"         {example}", markup=False)
    for line in callees.in_lines(made["calls"]):
        console.print(line, markup=False)
    console.print(in_a_line(made), markup=False)


def _table(title: str, rows: dict[str, Made], totals: Made) -> Table:
    table = Table(title, "places", "by facts", "by claim", "undecided", "by facts, share")
    for name, t in [*rows.items(), ("all", totals)]:
        share = f"{t['facts'] / t['places']:.1%}" if t["places"] else ""
        table.add_row(name, *(str(t[k]) for k in ("places", *BY)), share)
    return table


def in_a_line(made: Made) -> str:
    t = made["totals"]
    shares = ", ".join(f"{b} {t[b]} ({t[b] / t['places']:.1%})" for b in BY) if t["places"] else "none"
    return f"{t['places']} places in {t['files']} files: {shares}"


def differ(console: Console, before: Made, now: Made) -> None:
    console.print(
        f"Against the recorded run ({before['tool']} → {now['tool']}): {in_a_line(before)} → {in_a_line(now)}"
    )
    for title in ("sorts", "packages"):
        for name, t in now[title].items():
            was = before[title].get(name)
            if was is not None and was != t:
                changed = ", ".join(f"{k} {was[k]} → {t[k]}" for k in t if was[k] != t[k])
                console.print(f"  {name}: {changed}", markup=False)
    reasons = {r["reason"]: r["n"] for r in before["reasons"]}
    for r in now["reasons"][:60]:
        if reasons.get(r["reason"], 0) != r["n"]:
            console.print(f"  {reasons.get(r['reason'], 0)} → {r['n']} {r['reason']}", markup=False)
