"""Draws, flips and sums up. Results are kept by flip and state of vaelint: a stopped run goes on where it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, track
from rich.table import Table

from bench.flips import sample
from bench.flips.judge import is_false_consistent, outcome, share
from bench.mutants.analysis import CRASH
from bench.mutants.choose import Mutant, choose
from bench.mutants.judge import Result
from bench.mutants.run import digest, seeded
from bench.mutants.sites import OPERATORS
from bench.packages import Package, fetch
from bench.places import (
    HERE,
    REPOSITORY,
    RESULTS,
    cache_folder,
    functions,
    read_json,
    stdout,
    tool_version,
    write_json,
)

RECORDED = RESULTS / "flips.json"
CHILD = HERE / "mutants" / "analysis.py"
JUDGES = ["analysis", "judge", "../flips/judge"]  # modules that decide on a kept result


def draw(*, cache: Path | None, number: int, seed: int, apart: Path | None) -> int:
    """Take the next fresh packages in the order of the seed; those that hold sites are its sample.

    Each one drawn is entered as used, whatever it holds, and at once: it was looked at. A sample that was measured
    is closed.
    """
    measured = read_json(RECORDED)
    if measured is not None and measured["seed"] == seed:
        raise SystemExit(f"the sample of seed {seed} is measured: draw for another seed")
    console = stdout()
    place = cache_folder(cache)
    kept_apart = sample.read_apart(apart) if apart is not None else frozenset()
    names = sample.fresh(sample.read_pool(), sample.read_used(), kept_apart, seed)
    drawn = [p for p, _ in zip(names, range(number))]
    holding: list[Package] = []
    for package in track(drawn, "drawing", console=Console(stderr=True), transient=True):
        holds = _holds(package, place, seed)
        if holds == "sites":
            holding.append(package)
        day = date.today().isoformat()
        sample.enter([sample.Used("package", package.name, day, f"drawn for bench flips, seed {seed}: {holds}")])
    sample.pin(seed, holding)
    console.print(f"seed {seed}: {len(drawn)} drawn, {len(holding)} hold sites")
    return 0 if holding else 1


def _holds(package: Package, place: Path, seed: int) -> str:
    try:
        folder = fetch(package, place, pure=True)
    except RuntimeError:
        return "no wheel"
    return "sites" if next(choose(package.name, folder, 1, seed), None) is not None else "no sites"


def run(
    *, cache: Path | None, only: tuple[str, ...], vaelint: Path | None, seed: int | None, limit: int, record: bool
) -> int:
    """``vaelint``: a checkout to be measured in place of this one."""
    console = stdout()
    drawn = sample.read_drawn()
    if seed is None and drawn:
        seed = list(drawn)[-1]
    if seed not in drawn:
        raise SystemExit(f"no sample of seed {seed} in {sample.DRAWN.name}; draw one with --draw")
    packages = [p for p in drawn[seed] if not only or p.name in only]
    made, results = measure(packages, cache_folder(cache), vaelint, seed, limit)
    show(console, made, results)
    if not only:
        before = read_json(RECORDED)
        if before is not None:
            differ(console, before, made)
        if record:
            write_json(RECORDED, made)
    return 1 if made["totals"]["crashes"] or not results else 0


def measure(
    packages: list[Package], place: Path, vaelint: Path | None, seed: int, limit: int
) -> tuple[dict[str, Any], list[Result]]:
    """The packages' sites, flipped one at a time: the summary, and what became of each."""
    checkout = (vaelint or REPOSITORY).resolve()
    tool = tool_version(checkout / "vaelint")
    kept = place / "flips" / f"{tool}-{digest(JUDGES)}.jsonl"
    folders = {p.name: fetch(p, place, pure=True) for p in packages}
    flips = [m for name, folder in folders.items() for m in seeded(name, folder, limit, seed, kept.parent)]
    results = judge_all(flips, folders, checkout, kept)
    return {"tool": tool, "seed": seed, "limit": limit, **summary(results)}, results


# --- running -------------------------------------------------------------------------------------


def judge_all(flips: list[Mutant], folders: dict[str, Path], checkout: Path, kept: Path) -> list[Result]:
    done: dict[str, Result] = {}
    if kept.exists():
        for line in kept.read_text("utf-8").splitlines():
            result = json.loads(line)
            done[result["id"]] = result
    waiting: dict[str, dict[str, list[Mutant]]] = defaultdict(lambda: defaultdict(list))
    for flip in flips:
        if flip.id not in done:
            waiting[flip.package][flip.file].append(flip)
    kept.parent.mkdir(parents=True, exist_ok=True)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("flips", total=sum(len(f) for files in waiting.values() for f in files.values()))
        for package, files in waiting.items():
            for result in judge_package(folders[package], files, checkout):
                done[result["id"]] = result
                with kept.open("a", encoding="utf-8") as f:
                    f.write(json.dumps(result, ensure_ascii=False) + "\n")
                progress.advance(bar)
    return [done[m.id] for m in flips if m.id in done]


def judge_package(folder: Path, files: dict[str, list[Mutant]], checkout: Path) -> Iterator[Result]:
    """Each file as it is and with each flip, by a vaelint of its own process. One that dies is started again after
    the file that it died of."""
    left = dict(files)
    while left:
        child = _start(folder, checkout)
        assert child.stdin is not None and child.stdout is not None
        for path, flips in list(left.items()):
            text = (folder / path).read_text("utf-8")
            del left[path]
            answered = _ask(child, path, [text, *(_flipped(text, flip) for flip in flips)])
            yield from _judged(flips, text, answered or [_failed()] * (len(flips) + 1))
            if answered is None:
                break
        child.stdin.close()
        child.wait()
        child.stdout.close()


def _start(folder: Path, checkout: Path) -> subprocess.Popen[str]:
    """One process of vaelint on this machine's one interpreter; nothing of ``folder`` can be imported there."""
    env = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONHASHSEED": "0"}
    return subprocess.Popen(
        [sys.executable, str(CHILD)], cwd=folder, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def _ask(child: subprocess.Popen[str], path: str, texts: list[str]) -> list[Result] | None:
    assert child.stdin is not None and child.stdout is not None
    try:
        child.stdin.write(json.dumps({"path": path, "texts": texts}) + "\n")
        child.stdin.flush()
    except BrokenPipeError:
        return None
    line = child.stdout.readline()
    if not line.endswith("\n"):
        return None
    made: list[Result] = json.loads(line)
    return made


def _failed() -> Result:
    return {"findings": [], "objectives": [], "error": f"{CRASH} the process ended"}


def _flipped(text: str, flip: Mutant) -> str:
    return text[: flip.edit.start] + flip.edit.text + text[flip.edit.end :]


def _judged(flips: list[Mutant], text: str, answers: list[Result]) -> Iterator[Result]:
    spans = functions(text)
    before, *after = answers
    for flip, answer in zip(flips, after):
        shown = flip._asdict()
        del shown["edit"]
        yield {**shown, **outcome(flip, before, answer, spans)}


# --- summing up ----------------------------------------------------------------------------------


def summary(results: list[Result]) -> dict[str, Any]:
    groups = Counter((r["operator"], r["status"], r["reason"]) for r in results if not r["found"])
    crashes = sum(r["reason"].startswith(CRASH) for r in results)
    return {
        "totals": {**share(results), "crashes": crashes},
        "operators": {op: share(some) for op in OPERATORS if (some := [r for r in results if r["operator"] == op])},
        "packages": {
            name: share(r for r in results if r["package"] == name)
            for name in dict.fromkeys(r["package"] for r in results)
        },
        "missed": [
            {"n": n, "operator": op, "status": status, "reason": why}
            for (op, status, why), n in sorted(groups.items(), key=lambda x: (-x[1], x[0]))
        ],
        "found": sorted(r["id"] for r in results if r["found"]),
        "false_consistent": sorted(r["id"] for r in results if is_false_consistent(r)),
    }


_COLUMNS = ("sites", "found", "share", "reported as it stands", "false consistent", "missed, by its objective")


def show(console: Console, made: dict[str, Any], results: list[Result]) -> None:
    for title in ("packages", "operators"):
        table = Table(title, *_COLUMNS)
        for name, t in made[title].items():
            table.add_row(name, *_cells(t))
        table.add_row("all", *_cells(made["totals"]))
        console.print(table)
    console.print("Missed, by the objective that the value flows to:")
    for group in made["missed"][:25]:
        r = next(
            x for x in results if not x["found"] and all(x[k] == group[k] for k in ("operator", "status", "reason"))
        )
        console.print(f"{group['n']:5} {group['operator']}: {group['reason']}", markup=False)
        console.print(f"      {r['package']} {r['file']}:{r['row']} {r['after'][:120]}", markup=False)
    console.print("False consistent:")
    for r in results:
        if is_false_consistent(r):
            console.print(f"  {r['operator']} {r['package']} {r['file']}:{r['row']} {r['after'][:120]}", markup=False)
    console.print(f"{in_a_line(made)}; crashes {made['totals']['crashes']}", markup=False)


def in_a_line(made: dict[str, Any]) -> str:
    """The two figures in a line."""
    t = made["totals"]
    return (
        f"found {t['found']}/{t['sites']} = {_percent(t['share'])}; "
        f"false consistent {t['false_consistent']}/{t['values']} = {_percent(t['false_share'])}"
    )


def _cells(t: dict[str, Any]) -> list[str]:
    statuses = ", ".join(f"{status} {n}" for status, n in t["missed"].items())
    false = f"{t['false_consistent']}/{t['values']}" if t["values"] else ""
    return [str(t["sites"]), str(t["found"]), _percent(t["share"]), str(t["reported"] or ""), false, statuses]


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def differ(console: Console, before: dict[str, Any], now: dict[str, Any]) -> None:
    if (before["seed"], before["limit"]) != (now["seed"], now["limit"]):
        console.print(f"The recorded run is of seed {before['seed']}, limit {before['limit']}: not compared.")
        return
    console.print(
        f"Against the recorded run ({before['tool']} → {now['tool']}): {in_a_line(before)} → {in_a_line(now)}"
    )
    for op, t in now["operators"].items():
        was = before["operators"].get(op)
        if was is not None and (was["found"], was["false_consistent"]) != (t["found"], t["false_consistent"]):
            console.print(
                f"  {op}: found {was['found']} → {t['found']} of {t['sites']}, "
                f"false consistent {was['false_consistent']} → {t['false_consistent']}"
            )
    for title in ("found", "false_consistent"):
        for mark, some, other in (("+", now, before), ("-", before, now)):
            if ids := sorted(set(some[title]) - set(other[title])):
                console.print(f"  {mark} {title}: {', '.join(ids)}", markup=False)
