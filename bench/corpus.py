"""vaelint over real packages: what it finds, how much of that is right, how much it understands."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench import ledger, origins
from bench.differ import differ, objectives, place
from bench.packages import Package, chosen, fetch
from bench.places import REPOSITORY, RESULTS, cache_folder, read_json, stdout, tool_version, write_json

RECORDED = RESULTS / "corpus.json"
LIMIT = 1800  # seconds for one package
Raw = dict[str, Any]


def run(cache: Path | None, only: tuple[str, ...], local: Path | None, record: bool) -> int:
    console = stdout()
    raw = gather(cache, only, local)
    if local is not None:
        said = totals(raw)
        console.print(f"local run: {said}")
        return 1 if said["crashes"] else 0
    verdicts = ledger.read()
    made = summary(raw, verdicts)
    show(console, made, raw)
    if not only:
        before = read_json(RECORDED)
        if before is not None:
            differ(console, before, made)
            objectives(console, kept_runs(cache, before["tool"]), raw)
        if record:
            write_json(RECORDED, made)
    return 1 if made["totals"]["crashes"] else 0


# --- running -------------------------------------------------------------------------------------


def gather(cache: Path | None, only: tuple[str, ...], local: Path | None) -> dict[str, Raw]:
    """What vaelint says of each package. Raw results are kept by the tool's version: a stopped run goes on."""
    if local is not None:
        return {local.name: with_origins(analyse(local), local)}
    place = cache_folder(cache)
    kept = place / "runs" / tool_version()
    out: dict[str, Raw] = {}
    for package in track(chosen(only), "corpus", console=Console(stderr=True), transient=True):
        file = kept / f"{package.name}-{package.version}.json"
        made = read_json(file)
        if made is None:
            made = _one(package, place)
            write_json(file, made)
        out[package.name] = with_origins(made, fetch(package, place))
    return out


def with_origins(raw: Raw, folder: Path) -> Raw:
    """Tells of each unresolved objective where its value comes from (``bench.origins``)."""
    for o in raw["objectives"]:
        o["origin"] = ""
        if o["status"] == "unresolved" and o["cell"] is None and (name := origins.named(o["reason"])):
            o["origin"] = origins.origin((folder / o["file"]).read_text("utf-8", "replace"), o["row"], name)
    return raw


def kept_runs(cache: Path | None, tool: str) -> dict[str, Raw]:
    """Raw results of an earlier state, as far as this machine has them."""
    folder = cache_folder(cache) / "runs" / tool
    files = {p.name: folder / f"{p.name}-{p.version}.json" for p in chosen(())}
    return {name: made for name, file in files.items() if (made := read_json(file)) is not None}


def _one(package: Package, place: Path) -> Raw:
    try:
        return analyse(fetch(package, place))
    except RuntimeError as error:
        raise SystemExit(str(error)) from error


def analyse(folder: Path, checkout: Path | None = None, limit: float = LIMIT) -> Raw:
    """vaelint in a process of its own, with ``folder`` as its working directory; a crash is a result.

    ``checkout`` is a folder with another vaelint to run in place of this one; ``limit`` in seconds.
    """
    path = os.pathsep.join([str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])])
    began = time.perf_counter()
    why = ""
    try:
        child = subprocess.run(
            [sys.executable, "-m", "bench.child", *([] if checkout is None else [str(checkout.resolve())])],
            cwd=folder,
            # A module of the folder must not stand in for one that the child imports.
            env={**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"},
            capture_output=True,
            text=True,
            timeout=limit,
        )
        if child.returncode == 0:
            made: Raw = json.loads(child.stdout)
            return {**made, "crash": ""}
        why = child.stderr.strip()[-2000:] or f"exit code {child.returncode}"
    except subprocess.TimeoutExpired:
        why = f"not done after {limit} s"
    nothing: Raw = {"files": 0, "megabytes": 0, "findings": [], "objectives": [], "problems": []}
    return {**nothing, "seconds": round(time.perf_counter() - began, 2), "crash": why}


# --- summing up ----------------------------------------------------------------------------------


def general(reason: str) -> str:
    """A reason without the names in it, so that the like can be counted."""
    return re.sub(r"`[^`]*`", "`…`", reason)


STATUSES = ("consistent", "by-name", "intended", "wrong", "unresolved")
_CLAIMS = {"documented", "name"}  # bases by which no objective may be called consistent


def totals(raw: dict[str, Raw]) -> dict[str, Any]:
    listed = [o for r in raw.values() for o in r["objectives"]]
    status = Counter(o["status"] for o in listed)
    n = sum(status.values())
    return {
        "files": sum(r["files"] for r in raw.values()),
        "seconds": round(sum(r["seconds"] for r in raw.values()), 1),
        "megabytes": max((r["megabytes"] for r in raw.values()), default=0),
        "findings": sum(len(r["findings"]) for r in raw.values()),
        "objectives": n,
        **{name: status[name] for name in STATUSES},
        "resolved": round((n - status["unresolved"] - status["by-name"]) / n, 4) if n else None,
        "consistent by a claim": sum(
            o["status"] == "consistent" and bool(_CLAIMS & {*o.get("bases", ())}) for o in listed
        ),
        "problems": sum(len(r["problems"]) for r in raw.values()),
        "crashes": sum(bool(r["crash"]) for r in raw.values()),
    }


def summary(raw: dict[str, Raw], verdicts: dict[str, ledger.Verdict]) -> dict[str, Any]:
    """What is committed: counts, the findings with their verdicts, the reasons with an example each."""
    findings = []
    for package, r in raw.items():
        for f in r["findings"]:
            key = ledger.key_of(package, f)
            verdict = verdicts.get(key.fingerprint)
            judged = {"fingerprint": key.fingerprint, "verdict": verdict.verdict if verdict else None}
            findings.append({**judged, "package": package, **f, "line": key.line})
    reasons: dict[str, list[tuple[str, str]]] = defaultdict(list)  # reason → (package, example) each
    for package, r in raw.items():
        for o in r["objectives"]:
            if o["status"] == "unresolved":
                example = f"{package} {o['file']}:{o['row']} {o['line'][:120]} ({o['reason'][:200]})"
                reason = general(o["reason"])
                reasons[f"{reason}: {o['origin']}" if o["origin"] else reason].append((package, example))
    shown = [f for f in findings if f["confidence"] != "possible"]  # by default
    right, arguable, wrong, share = ledger.precision(f["verdict"] for f in shown if f["verdict"])
    return {
        "tool": tool_version(),
        "totals": totals(raw),
        "precision": {
            "right": right,
            "arguable": arguable,
            "wrong": wrong,
            "unjudged": sum(f["verdict"] is None for f in shown),
            "precision": None if share is None else round(share, 4),
        },
        "packages": {name: totals({name: r}) for name, r in raw.items()},
        "reasons": [
            {"n": len(some), "reason": reason, "example": _typical(some)}
            for reason, some in sorted(reasons.items(), key=lambda x: (-len(x[1]), x[0]))[:30]
        ],
        "findings": findings,
    }


def _typical(examples: list[tuple[str, str]]) -> str:
    """The middle one of the package that has the most."""
    most = Counter(package for package, _ in examples).most_common(1)[0][0]
    its = [shown for package, shown in examples if package == most]
    return its[len(its) // 2]


# --- showing -------------------------------------------------------------------------------------


def show(console: Console, made: dict[str, Any], raw: dict[str, Raw]) -> None:
    for f in (f for f in made["findings"] if f["verdict"] is None):
        console.print(f"[yellow]no verdict[/] {f['fingerprint']} {place(f)}", style=None)
        console.print(f"    {f['line']}\n    {f['message']}", markup=False)
    table = Table("package", "files", "s", "MB", "findings", *STATUSES, "problems", "crash")
    for name, t in made["packages"].items():
        cells = ("files", "seconds", "megabytes", "findings", *STATUSES, "problems")
        table.add_row(name, *(str(t[c]) for c in cells), raw[name]["crash"][-60:])
    console.print(table)
    by_check = Counter((f["code"], f["confidence"], f["verdict"] or "unjudged") for f in made["findings"])
    checks = Table("check", "confidence", "verdict", "findings")
    for (code, confidence, verdict), n in sorted(by_check.items()):
        checks.add_row(code, confidence, verdict, str(n))
    console.print(checks)
    console.print("Why objectives stay unresolved:")
    for reason in made["reasons"][:15]:
        console.print(f"{reason['n']:6} {reason['reason']}\n       {reason['example']}", markup=False)
    console.print(f"totals: {made['totals']}", markup=False)
    p = made["precision"]
    share = "not measured" if p["precision"] is None else f"{p['precision']:.1%}"
    console.print(
        f"precision {share}: {p['right']} right, {p['wrong']} wrong; {p['arguable']} arguable, {p['unjudged']} unjudged"
    )
