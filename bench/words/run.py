"""Runs over the corpus and over folders, sums up by word, and writes the counts into ``rules/names.toml``."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench import ledger, unread
from bench.packages import canonical, chosen, fetch
from bench.places import (
    HERE,
    REPOSITORY,
    RESULTS,
    cache_folder,
    enclosing,
    functions,
    read_json,
    stdout,
    write_json,
)
from bench.words.count import DIRECTED, KNOWN, MOST, Count, Function, Standing, count, standing
from bench.words.edit import bare, written

RECORDED = RESULTS / "words.json"
NAMES = REPOSITORY / "rules" / "names.toml"
LIMIT = 3600  # seconds for one package
Made = dict[str, Any]


def run(*, cache: Path | None, only: tuple[str, ...], folders: tuple[Path, ...], word: str, record: bool) -> int:
    console = stdout()
    roots, raw = _gather(cache, only, folders)
    places = {name: r["places"] for name, r in raw.items()}
    if word:
        _show_places(console, places, word)
        return 0
    misnamed = {*_of_ledger(), *_of_unread(roots)}
    counts = count(places, misnamed)
    made = summary(raw, counts, standing(claims(), counts))
    show(console, made)
    if not only:
        differ(console, read_json(RECORDED), made)
    if record:
        write_json(RECORDED, made)
        NAMES.write_text(written(NAMES.read_text("utf-8"), counts), "utf-8")
        console.print(f"written: {RECORDED.relative_to(REPOSITORY)}, {NAMES.relative_to(REPOSITORY)}", markup=False)
    for name, crash in made["crashes"].items():
        console.print(f"{name}: {crash}", markup=False)
    return 1 if made["crashes"] else 0


def claims() -> dict[str, str]:
    """Every word of the lexicon → what it claims, in the order of the file."""
    from vaelint.knowledge import load

    return {term.word: term.sense.value for term in load(()).terms()}


# --- running -------------------------------------------------------------------------------------


def state() -> str:
    """A hash of all that decides what comes out: vaelint without its faces, its rules without counts, this bench.

    So recording the counts does not make the results stale that they were counted from.
    """
    import vaelint

    package = Path(vaelint.__file__).resolve().parent
    faces = ("cli", "report", "checks")
    code = [f for f in package.rglob("*.py") if f.relative_to(package).parts[0] not in faces]
    bench = [HERE / "words" / "child.py", HERE / "coverage" / "places.py", HERE / "coverage" / "decided.py"]
    digest = hashlib.sha256()
    for file in sorted([*code, *bench, *(REPOSITORY / "rules").glob("*.toml")]):
        text = file.read_text("utf-8")
        digest.update(f"{file.name}\0{bare(text) if file.name == NAMES.name else text}".encode())
    return digest.hexdigest()[:12]


def _gather(
    cache: Path | None, only: tuple[str, ...], folders: tuple[Path, ...]
) -> tuple[dict[str, Path], dict[str, Made]]:
    """Folder and result of each, by name. Results are kept by the state of vaelint: a stopped run goes on."""
    place = cache_folder(cache)
    kept = place / "words" / state()
    roots: dict[str, Path] = {}
    raw: dict[str, Made] = {}
    jobs = [(p.name, fetch(p, place), kept / f"{p.name}-{p.version}.json") for p in chosen(only)]
    jobs += [(f.name, f.resolve(), kept / f"{f.name}-{_content(f)}.json") for f in folders]
    for name, root, file in track(jobs, "words", console=Console(stderr=True), transient=True):
        made = read_json(file)
        if made is None:
            made = analyse(root)
            write_json(file, made)
        roots[name], raw[name] = root, made
    return roots, raw


def _content(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        if file.is_file():
            digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def analyse(folder: Path) -> Made:
    """One folder in a process of its own; a crash is a result. Nothing of the folder can be imported there."""
    nothing: Made = {"files": 0, "places": [], "seconds": 0.0}
    child = [sys.executable, str(HERE / "words" / "child.py")]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    try:
        done = subprocess.run(child, cwd=folder, env=env, capture_output=True, text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return {**nothing, "crash": f"not done after {LIMIT} s"}
    if done.returncode:
        return {**nothing, "crash": done.stderr.strip()[-1000:] or f"exit code {done.returncode}"}
    made: Made = json.loads(done.stdout)
    return {**made, "crash": ""}


# --- what readers found --------------------------------------------------------------------------


def _of_ledger() -> Iterator[Function]:
    """Functions of the corpus with a finding that is right: vaelint's facts and the names differ there rightly."""
    for key, verdict in ledger.rows():
        if verdict.verdict in ledger.RIGHT:
            yield key.package, key.file, key.function


def _of_unread(roots: dict[str, Path]) -> Iterator[Function]:
    """Those of the folders, of which ``unread.tsv`` has the rows."""
    named = {_judged_as(name): name for name in roots}
    for j in unread.read():
        name = named.get(_judged_as(j.package), "")
        file = roots[name] / j.file if name else None
        if j.verdict in ledger.RIGHT and file is not None and file.suffix == ".py" and file.is_file():
            yield name, j.file, enclosing(functions(file.read_text("utf-8", "replace")), j.row)


def _judged_as(name: str) -> str:
    """``owner/name`` lies in ``owner+name``, a package in ``name-1.0``."""
    base, _, version = name.rpartition("-")
    return canonical(base if version[:1].isdigit() else name).replace("/", "+")


# --- summing up ----------------------------------------------------------------------------------


def summary(raw: dict[str, Made], counts: dict[str, Count], how: Standing) -> Made:
    """No line of code is kept."""
    places = [p for r in raw.values() for p in r["places"]]
    return {
        "tool": state(),
        "most": MOST,
        "packages": sorted(raw),
        "totals": {
            "packages": len(raw),
            "files": sum(r["files"] for r in raw.values()),
            "places": len(places),
            **{
                v: sum(p["verdict"] == v for p in places)
                for v in ("agrees", "against", "neither", "plain", "undecided")
            },
        },
        "bases": _by(places, "basis"),
        "sorts": _by(places, "sort"),
        "negated": _by([p for p in places if p["negated"]], "negated"),
        "words": {word: c._asdict() for word, c in counts.items()},
        "standing": how._asdict(),
        "crashes": {name: r["crash"] for name, r in raw.items() if r["crash"]},
        "seconds": round(sum(r["seconds"] for r in raw.values()), 1),
    }


def _by(places: list[Made], key: str) -> dict[str, dict[str, int]]:
    """Of all places with a direction, without the cap of a package."""
    out: dict[str, dict[str, int]] = {}
    for p in places:
        if p["verdict"] in DIRECTED:
            its = out.setdefault(str(p[key]), {"agrees": 0, "against": 0})
            its[p["verdict"]] += 1
    return dict(sorted(out.items()))


# --- showing -------------------------------------------------------------------------------------


def show(console: Console, made: Made) -> None:
    said = claims()
    table = Table("word", "says", "agrees", "against", "right", "neither", "packages", "contrary", "plain", "undecided")
    for word, sense in said.items():
        if word in made["words"]:
            c = Count(**made["words"][word])
            directed = c.agrees + c.against
            share = f"{c.agrees / directed:.0%}" if directed else ""
            rest = (c.neither, c.packages, c.contrary, c.plain, c.undecided)
            table.add_row(word, sense, str(c.agrees), str(c.against), share, *map(str, rest))
    console.print(table)
    for what, meant in _MEANT.items():
        words = made["standing"][what]
        console.print(f"{len(words)} {meant}: {', '.join(words) or 'none'}", markup=False)
    for title in ("bases", "sorts", "negated"):
        parts = (f"{key} {n['agrees']} of {n['agrees'] + n['against']}" for key, n in made[title].items())
        console.print(f"{title}: {', '.join(parts)}", markup=False)
    console.print(f"{made['totals']}, {made['seconds']} s", markup=False)


_MEANT = {
    "right": "measured (10 values with a direction, 3 packages), and relied on",
    "wrong": "measured, and in several packages the opposite, so often that they claim nothing",
    "doubtful": "measured, and the opposite often, but in one or two packages",
    "few": "with too few places to say",
    "nothing": "whose places have no direction",
    "without": "without a count: their values are known by facts nowhere",
    "unmet": "without a count: nothing is named so",
}


def _show_places(console: Console, places: dict[str, list[Made]], word: str) -> None:
    for name, its in places.items():
        for p in its:
            if p["word"] == word and p["verdict"] in KNOWN:
                at = f"{name} {p['file']}:{p['row']} {p['sort']} `{p['name']}` ({p['basis']})"
                console.print(f"{p['verdict']:8} {at}\n    {p['line'][:140]}", markup=False)


def differ(console: Console, before: Made | None, now: Made) -> None:
    if before is None:
        return
    console.print(f"Against the recorded run ({before['tool']} → {now['tool']}):", markup=False)
    for word in sorted({*before["words"], *now["words"]}):
        was, is_ = (_shown(m["words"].get(word)) for m in (before, now))
        if was != is_:
            console.print(f"  {word}: {was} → {is_}", markup=False)


def _shown(count: Made | None) -> str:
    return "none" if count is None else "/".join(str(n) for n in asdict(Count(**count).kept).values())
