"""A first run: fresh packages in the order of a seed, each run once, until enough findings are there to be judged.

Nothing is taken back: each package that is drawn is entered in ``used.tsv``, whatever became of it. So the sample is
what stands there, and may be run again with any vaelint.
"""

from __future__ import annotations

import json
import math
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from rich.table import Table

from bench.corpus import Raw, analyse
from bench.flips import sample
from bench.flips.run import measure
from bench.flips.run import show as show_flips
from bench.mutants.sites import order
from bench.packages import READ, Package, canonical, fetch
from bench.places import cache_folder, read_json, stdout, tool_version, write_json

LIMIT = 120  # seconds for one package; one that takes longer is a result
WAITING = 4  # packages that are drawn ahead of those that are run
REASON = "drawn for the first run, seed {seed}: {became}"
NO_WHEEL, NO_PYTHON, RUN, TIMED_OUT, CRASHED = "no wheel", "no Python", "run", "timed out", "crashed"
OUTCOMES = (NO_WHEEL, NO_PYTHON, RUN, TIMED_OUT, CRASHED)


class Ran(NamedTuple):
    """A package that was drawn: what became of it, lines of its Python files and notebooks, what was said."""

    package: Package
    became: str
    lines: int
    raw: Raw


def draw(
    *, cache: Path | None, number: int, seed: int, apart: Path | None, enough: int, until: datetime | None, jobs: int
) -> int:
    """Take fresh packages in the order of the seed until ``enough`` findings are shown, ``number`` are drawn or it is
    ``until``; what was begun is brought to its end."""
    console, place, tool = stdout(), cache_folder(cache), tool_version()
    kept_apart = sample.read_apart(apart) if apart is not None else frozenset()
    names = iter([p for p, _ in zip(fresh(seed, kept_apart), range(number))])
    shown, gate = sum(len(of_signs(r.raw)) for r in kept(seed, place, tool)), threading.Semaphore(jobs)
    began: list[Future[Ran]] = []  # in the order of the seed
    with ThreadPoolExecutor(jobs + WAITING) as pool:
        while True:
            on_time = until is None or datetime.now() < until
            while on_time and shown < enough and len(began) < jobs + WAITING and (package := next(names, None)):
                began.append(pool.submit(_one, package, place, tool, gate))
            if not began:
                break
            done, _ = wait(began, return_when=FIRST_COMPLETED)
            began = [f for f in began if f not in done]
            for ran in (f.result() for f in done):
                shown += len(of_signs(ran.raw))
                reason = REASON.format(seed=seed, became=ran.became)
                sample.enter([sample.Used("package", ran.package.name, date.today().isoformat(), reason)])
                line = f"{shown:3} {ran.package.name} {ran.package.version}: {ran.became}, {ran.lines} lines"
                console.print(f"{line}, {ran.raw['seconds']} s, {len(of_signs(ran.raw))} shown", markup=False)
    return run(cache=cache, seed=seed, vaelint=None, jobs=jobs)


def fresh(seed: int, apart: Iterable[str]) -> Iterator[Package]:
    return sample.fresh(sample.read_pool(), sample.read_used(), frozenset(apart), seed)


def run(*, cache: Path | None, seed: int, vaelint: Path | None, jobs: int) -> int:
    """The sample of a seed; with ``vaelint`` another checkout runs it."""
    place = cache_folder(cache)
    tool = tool_version(None if vaelint is None else vaelint / "vaelint")
    gate = threading.Semaphore(jobs)
    with ThreadPoolExecutor(jobs + WAITING) as pool:
        ran = list(pool.map(lambda p: _one(p, place, tool, gate, vaelint), drawn(seed)))
    show(tool, seed, ran)
    return 1 if any(r.became == CRASHED for r in ran) else 0


def flip(*, cache: Path | None, seed: int, vaelint: Path | None, limit: int) -> int:
    """Signs flipped in the packages of a sample that were run: how many of the flips are found."""
    place, tool = cache_folder(cache), tool_version(None if vaelint is None else vaelint / "vaelint")
    packages = [r.package for r in kept(seed, place, tool) if r.became == RUN]
    made, results = measure(packages, place, vaelint, seed, limit)
    show_flips(stdout(), made, results)
    return 1 if made["totals"]["crashes"] or not results else 0


def drawn(seed: int) -> list[Package]:
    """What was drawn for the first run of a seed, in its order."""
    mine = {u.key[1] for u in sample.read_used() if u.reason.startswith(REASON.format(seed=seed, became=""))}
    packages = [p for p in sample.read_pool() if canonical(p.name) in mine]
    return sorted(packages, key=lambda p: order("flips", seed, canonical(p.name)))


def kept(seed: int, place: Path, tool: str) -> list[Ran]:
    """Those of the sample whose results are there."""
    held = ((p, read_json(_file(p, place, tool))) for p in drawn(seed))
    return [Ran(p, made["became"], made["lines"], made["raw"]) for p, made in held if made is not None]


def _file(package: Package, place: Path, tool: str) -> Path:
    return place / "firstrun" / tool / f"{canonical(package.name)}-{package.version}.json"


def _one(package: Package, place: Path, tool: str, gate: threading.Semaphore, vaelint: Path | None = None) -> Ran:
    """Results are kept by the tool's version: a stopped run goes on."""
    file = _file(package, place, tool)
    if (made := read_json(file)) is not None:
        return Ran(package, made["became"], made["lines"], made["raw"])
    ran = _fetched(package, place, gate, vaelint)
    write_json(file, {"became": ran.became, "lines": ran.lines, "raw": ran.raw})
    return ran


def _fetched(package: Package, place: Path, gate: threading.Semaphore, vaelint: Path | None) -> Ran:
    nothing: Raw = {"files": 0, "seconds": 0, "findings": [], "remarks": {}, "objectives": [], "problems": []}
    try:
        folder = fetch(package, place, pure=True)
    except RuntimeError:
        return Ran(package, NO_WHEEL, 0, nothing)
    n = lines(folder)
    if not n:
        return Ran(package, NO_PYTHON, 0, nothing)
    with gate:
        raw = analyse(folder, vaelint, LIMIT)
    if not raw["crash"]:
        return Ran(package, RUN, n, raw)
    return Ran(package, TIMED_OUT if raw["crash"].startswith("not done after") else CRASHED, n, {**nothing, **raw})


def lines(folder: Path) -> int:
    """Lines of Python files and of notebooks' cells of code."""
    files = (f for f in folder.rglob("*") if f.is_file() and f.suffix in READ)
    return sum(_cells(f) if f.suffix == ".ipynb" else f.read_bytes().count(b"\n") for f in files)


def _cells(notebook: Path) -> int:
    try:
        cells = json.loads(notebook.read_text("utf-8", "replace"))["cells"]
        return sum("".join(c["source"]).count("\n") + 1 for c in cells if c["cell_type"] == "code")
    except (ValueError, KeyError, TypeError):
        return 0


# --- summing up ----------------------------------------------------------------------------------


def of_signs(raw: Raw, hidden: bool = False) -> list[dict[str, Any]]:
    """The findings that are shown by default, or those that are below the bar."""
    return [f for f in raw["findings"] if (f["confidence"] == "possible") == hidden]


def show(tool: str, seed: int, ran: list[Ran]) -> None:
    console = stdout()
    console.print(f"vaelint {tool}, seed {seed}")
    became = Counter(r.became for r in ran)
    console.print(f"{len(ran)} drawn: " + ", ".join(f"{became[o]} {o}" for o in OUTCOMES if became[o]))
    read = [r for r in ran if r.became == RUN]
    files, seconds = sum(r.raw["files"] for r in read), sum(r.raw["seconds"] for r in read)
    console.print(f"read: {files} files, {sum(r.lines for r in read)} lines, {seconds:.0f} s")
    for r in ran:
        if r.became in (TIMED_OUT, CRASHED):
            console.print(f"{r.became}: {r.package.name} {r.package.version}, {r.lines} lines", markup=False)
    table = Table("check", "shown", "packages", "hidden")
    for code in sorted({f["code"] for r in ran for f in r.raw["findings"]}):
        its = [r for r in ran if any(f["code"] == code for f in of_signs(r.raw))]
        numbers = [sum(f["code"] == code for r in ran for f in of_signs(r.raw, h)) for h in (False, True)]
        table.add_row(code, str(numbers[0]), str(len(its)), str(numbers[1]))
    console.print(table)
    remarks = sum((Counter(r.raw["remarks"]) for r in ran), Counter[str]())
    console.print("of files and comments: " + (", ".join(f"{c} {n}" for c, n in sorted(remarks.items())) or "none"))
    statuses = Counter(o["status"] for r in ran for o in r.raw["objectives"])
    console.print("objectives: " + ", ".join(f"{s} {n}" for s, n in statuses.most_common()))
    for r in ran:
        for f in of_signs(r.raw):
            cell = "" if f["cell"] is None else f"cell {f['cell']}:"
            console.print(f"{f['code']} {r.package.name} {f['file']}:{cell}{f['row']} {f['confidence']}", markup=False)


def wilson(right: int, judged: int, z: float = 1.959964) -> tuple[float, float]:
    """The interval that holds a share of ``right`` in ``judged`` with 95 % (Wilson 1927)."""
    share, n = right / judged, judged
    middle = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)
