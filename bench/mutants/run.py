"""Seeds, runs and sums up. Results are kept by mutant and tool version: a stopped run goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, track
from rich.table import Table

from bench.mutants.analysis import CRASH
from bench.mutants.choose import Mutant, choose
from bench.mutants.judge import Result, judge_file
from bench.mutants.sites import OPERATORS
from bench.mutants.text import Edit
from bench.packages import chosen, fetch
from bench.places import HERE, RESULTS, cache_folder, read_json, stdout, tool_version, write_json

RECORDED = RESULTS / "mutants.json"
SURVIVORS = RESULTS / "survivors.tsv"
PROCESSES = 2


def run(*, cache: Path | None, only: tuple[str, ...], local: Path | None, record: bool, limit: int, seed: int) -> int:
    console = stdout()
    if local is not None:
        folders = {local.name: local.resolve()}
        kept = None
    else:
        place = cache_folder(cache)
        folders = {p.name: fetch(p, place) for p in chosen(only)}
        kept = place / "mutants" / f"{tool_version()}-{digest(['analysis', 'judge'])}.jsonl"
    keep = repeat(kept.parent if kept else None)
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        made_of = pool.map(seeded, folders, folders.values(), repeat(limit), repeat(seed), keep)
        bar = track(made_of, "seeding", len(folders), console=Console(stderr=True), transient=True)
        work = dict(zip(folders, bar))
    results = judge_all(work, folders, kept)
    made = summary(results)
    show(console, made, results)
    if local is None and not only:
        before = read_json(RECORDED)
        if before is not None:
            differ(console, before, made)
        if record:
            write_json(RECORDED, {"tool": tool_version(), "limit": limit, "seed": seed, **made})
            _write_survivors(results)
    return 1 if made["totals"]["crashes"] or not results else 0


def seeded(name: str, folder: Path, limit: int, seed: int, kept: Path | None) -> list[Mutant]:
    """The package's mutants, kept by all that decides on them."""
    if kept is None:
        return list(choose(name, folder, limit, seed))
    by = digest(["text", "words", "formulas", "sites", "choose"], str(limit), str(seed), folder.name)
    file = kept / "seeded" / f"{folder.name}-{by}.json"
    held = read_json(file)
    if held is None:
        held = {"mutants": [[*m[:6], list(m.edit), *m[7:]] for m in choose(name, folder, limit, seed)]}
        write_json(file, held)
    return [Mutant._make([*m[:6], Edit(*m[6]), *m[7:]]) for m in held["mutants"]]


def digest(modules: list[str], *words: str) -> str:
    """Of the code that a kept result depends on."""
    made = hashlib.sha256("\0".join(words).encode())
    for module in modules:
        made.update((HERE / "mutants" / f"{module}.py").read_bytes())
    return made.hexdigest()[:12]


def judge_all(work: dict[str, list[Mutant]], folders: dict[str, Path], kept: Path | None) -> list[Result]:
    done: dict[str, Result] = {}
    if kept is not None and kept.exists():
        for line in kept.read_text("utf-8").splitlines():
            result = json.loads(line)
            done[result["id"]] = result
    wanted = [m for mutants in work.values() for m in mutants]
    files: dict[tuple[str, str], list[Mutant]] = defaultdict(list)
    for mutant in wanted:
        if mutant.id not in done:
            files[mutant.package, mutant.file].append(mutant)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
    with (
        Progress(console=Console(stderr=True), transient=True) as progress,
        ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool,
    ):
        bar = progress.add_task("mutants", total=sum(map(len, files.values())))
        waiting = [pool.submit(judge_file, str(folders[package]), m) for (package, _), m in files.items()]
        for future in as_completed(waiting):
            for result in future.result():
                done[result["id"]] = result
                if kept is not None:
                    with kept.open("a", encoding="utf-8") as f:
                        f.write(json.dumps(result, ensure_ascii=False) + "\n")
                progress.advance(bar)
    return [done[m.id] for m in wanted if m.id in done]


def _share(results: list[Result]) -> dict[str, Any]:
    counted = [r for r in results if r["outcome"] != "void"]
    killed = sum(r["outcome"] == "killed" for r in counted)
    return {"mutants": len(counted), "killed": killed, "rate": round(killed / len(counted), 4) if counted else None}


def _ends(results: list[Result]) -> dict[str, int]:
    return {
        "void": sum(r["outcome"] == "void" for r in results),
        "crashes": sum(r["reason"].startswith(CRASH) for r in results),
    }


def summary(results: list[Result]) -> dict[str, Any]:
    groups = Counter((r["operator"], r["reason"]) for r in results if r["outcome"] == "survived")
    return {
        "totals": {**_share(results), **_ends(results)},
        "operators": {op: _share([r for r in results if r["operator"] == op]) for op in OPERATORS},
        "packages": {
            name: _share([r for r in results if r["package"] == name])
            for name in dict.fromkeys(r["package"] for r in results)
        },
        "survivors": [{"n": n, "operator": op, "reason": why} for (op, why), n in groups.most_common()],
        "killed": sorted(r["id"] for r in results if r["outcome"] == "killed"),
    }


def show(console: Console, made: dict[str, Any], results: list[Result]) -> None:
    for title in ("operators", "packages"):
        table = Table(title, "mutants", "killed", "rate")
        for name, t in made[title].items():
            rate = "" if t["rate"] is None else f"{t['rate']:.0%}"
            table.add_row(name, str(t["mutants"]), str(t["killed"]), rate)
        console.print(table)
    console.print("Survivors by what inference said:")
    for group in made["survivors"][:25]:
        r = next(
            x
            for x in results
            if (x["outcome"], x["operator"], x["reason"]) == ("survived", group["operator"], group["reason"])
        )
        console.print(f"{group['n']:5} {group['operator']}: {group['reason']}", markup=False)
        console.print(f"      {r['package']} {r['file']}:{r['row']} {r['after'][:120]}", markup=False)
    t = made["totals"]
    rate = "none seeded" if t["rate"] is None else f"{t['rate']:.1%}"
    console.print(f"killed {t['killed']}/{t['mutants']} = {rate}; void {t['void']}, crashes {t['crashes']}")


def differ(console: Console, before: dict[str, Any], now: dict[str, Any]) -> None:
    console.print(f"Against the recorded run: {before['totals']} → {now['totals']}", markup=False)
    for op, t in now["operators"].items():
        was = before["operators"].get(op)
        if was != t:
            console.print(f"  {op}: {was} → {t}", markup=False)
    lost = set(before["killed"]) - set(now["killed"])
    if lost:
        console.print(f"  no longer killed: {', '.join(sorted(lost))}", markup=False)


def _write_survivors(results: list[Result]) -> None:
    fields = ("operator", "reason", "package", "file", "row", "function", "before", "after", "id")
    rows = sorted(tuple(str(r[f]).replace("\t", " ") for f in fields) for r in results if r["outcome"] == "survived")
    SURVIVORS.write_text("".join("\t".join(row) + "\n" for row in [fields, *rows]), "utf-8")
