"""How long runs take, beside other linters on the same tree in the same run: docs/SPEED.md and its picture.

Each command runs as a process of its own, several times in turn with the others, so that what else the machine does
falls on all of them. Shown are medians; seconds are of this machine, ratios are what is compared.
"""

from __future__ import annotations

import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import NamedTuple

from bench.places import REPOSITORY

DOCUMENT, PICTURE = REPOSITORY / "docs" / "SPEED.md", REPOSITORY / "docs" / "speed.svg"
LIMIT = 1800  # seconds that a run may take
SMALL = "import torch\n\n\ndef step(model, x, y, optimizer):\n    loss = torch.nn.functional.mse_loss(model(x), y)\n"
SMALL += "    optimizer.zero_grad()\n    loss.backward()\n    optimizer.step()\n"
_VAELINT = (sys.executable, "-m", "vaelint", "check", "-q", "--output-format", "concise")
_IDLE = 2.5  # seconds: what has just been written counts by content


class Cost(NamedTuple):
    """``wall`` and ``cpu`` in seconds, of all its processes; ``peak``: MB of the largest of them, ``all``: of all."""

    wall: float
    cpu: float
    peak: float
    all: float


@dataclass(frozen=True)
class Runner:
    """``before`` is done each time in the folder of the run, and not timed."""

    name: str
    command: tuple[str, ...]
    before: Callable[[Path], None] = lambda root: None


def run(trees: tuple[Path, ...], tools: Path | None, times: int, record: bool) -> int:
    """``tools``: the ``bin`` folder of an environment with flake8 and Ruff."""
    sections, growths = [], []
    for tree in trees:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / tree.name
            shutil.copytree(tree, root, ignore=shutil.ignore_patterns("*.pyc", ".vaelint_cache"))
            files = list(root.rglob("*.py"))
            rows = sum(f.read_bytes().count(b"\n") for f in files)
            costs = measured(runners(root, tools), root, times)
            growths.append((tree.name, growth(root)))
        sections.append((f"{tree.name}: {len(files):,} files, {rows:,} rows", costs))
        print(sections[-1][0], *lines(costs), sep="\n", flush=True)  # noqa: T201
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "train.py").write_text(SMALL)
        costs = measured(_of_one_file(root, tools), root, times)
    sections.append(("one file of eight rows", costs))
    print(sections[-1][0], *lines(costs), sep="\n", flush=True)  # noqa: T201
    if record:
        DOCUMENT.write_text(_document(sections, growths, times), "utf-8")
        PICTURE.write_text(picture(sections), "utf-8")
    return 0


# --- what is run ---------------------------------------------------------------------------------


def runners(root: Path, tools: Path | None) -> list[Runner]:
    largest = max(root.rglob("*.py"), key=lambda p: (p.stat().st_size < 40_000, p.stat().st_size))

    def cleaned(root: Path) -> None:
        shutil.rmtree(root / ".vaelint_cache", ignore_errors=True)

    def warmed(root: Path) -> None:
        if not (root / ".vaelint_cache").exists():
            time.sleep(_IDLE)
            _done((*_VAELINT, "--cache-dir", ".vaelint_cache", "."), root)

    def changed(root: Path) -> None:
        warmed(root)
        with largest.open("a") as file:
            file.write("# a row more\n")

    return [
        Runner("vaelint, no cache", (*_VAELINT, "--no-cache", ".")),
        Runner("vaelint, cold", (*_VAELINT, "--cache-dir", ".vaelint_cache", "."), cleaned),
        Runner("vaelint, warm", (*_VAELINT, "--cache-dir", ".vaelint_cache", "."), warmed),
        Runner("vaelint, one file changed", (*_VAELINT, "--cache-dir", ".vaelint_cache", "."), changed),
        *_others(tools, "."),
    ]


def _of_one_file(root: Path, tools: Path | None) -> list[Runner]:
    def once(root: Path) -> None:
        """What other tools leave in the folder is something new there."""
        time.sleep(_IDLE)
        _done((*_VAELINT, "--cache-dir", ".vaelint_cache", "train.py"), root)

    return [
        Runner("vaelint, no cache", (*_VAELINT, "--no-cache", "train.py")),
        Runner("vaelint, warm", (*_VAELINT, "--cache-dir", ".vaelint_cache", "train.py"), once),
        Runner("python -c 'import click'", (sys.executable, "-c", "import click")),
        *_others(tools, "train.py"),
    ]


def _others(tools: Path | None, what: str) -> Iterator[Runner]:
    if tools is None:
        return
    if (tools / "flake8").exists():
        yield Runner("flake8 (E9, F)", (str(tools / "flake8"), "--isolated", "--select", "E9,F", what))
    if (tools / "ruff").exists():
        select = (str(tools / "ruff"), "check", "-q", "--isolated", "--select", "E9,F")
        yield Runner("Ruff (E9, F), no cache", (*select, "--no-cache", what))
        yield Runner("Ruff (E9, F), warm", (*select, "--cache-dir", ".ruff_cache", what))


Growth = list[tuple[int, Cost]]  # rows, and what a run over so many takes
_SHARES = (8, 4, 2, 1)  # of the files of a tree every eighth, fourth, …


def growth(root: Path) -> Growth:
    """Runs without a cache over more and more of a tree, the files of each share being spread over all of it."""
    files = sorted(root.rglob("*.py"))
    out = []
    for share in _SHARES:
        with tempfile.TemporaryDirectory() as folder:
            rows = 0
            for path in files[::share]:
                to = Path(folder) / path.relative_to(root)
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, to)
                rows += path.read_bytes().count(b"\n")
            out.append((rows, _done((*_VAELINT, "--no-cache", "."), Path(folder))))
    return out


def exponent(points: list[tuple[int, float]]) -> float:
    """The power of the first number as which the second one grows, by least squares of the logarithms."""
    xs, ys = ([math.log(p[i]) for p in points] for i in (0, 1))
    mean_x, mean_y = statistics.fmean(xs), statistics.fmean(ys)
    return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys)) / sum((x - mean_x) ** 2 for x in xs)


# --- how it is measured --------------------------------------------------------------------------


def measured(runners: list[Runner], root: Path, times: int) -> dict[str, Cost]:
    """The medians of each, in turn; the first round, in which caches and byte code are made, does not count."""
    costs: dict[str, list[Cost]] = {r.name: [] for r in runners}
    for round_ in range(times + 1):
        for r in runners:
            r.before(root)
            cost = _done(r.command, root)
            if round_:
                costs[r.name].append(cost)
    return {name: Cost(*map(statistics.median, zip(*several))) for name, several in costs.items()}


# Where the system tells of processes, the pages of each are summed up while they run: twice those that two share.
_CHILD = """
import os, resource, subprocess, sys, threading, time

def below(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            inner = f.read().split()
        with open(f"/proc/{pid}/statm") as f:
            return int(f.read().split()[1]) + sum(map(below, inner))
    except (OSError, IndexError):
        return 0

begun = time.perf_counter()
run = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
most, over = 0, threading.Event()

def watch():
    global most
    while not over.wait(0.05):
        most = max(most, below(run.pid))

watcher = threading.Thread(target=watch)
watcher.start()
run.wait()
wall = time.perf_counter() - begun
over.set()
watcher.join()
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(wall, used.ru_utime + used.ru_stime, used.ru_maxrss, most * resource.getpagesize())
"""


def _done(command: tuple[str, ...], root: Path) -> Cost:
    """In a process of its own, which knows what its children took."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("VAELINT_")}
    env |= {"PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": ""}
    child = (sys.executable, "-c", _CHILD, *command)
    done = subprocess.run(child, cwd=root, env=env, capture_output=True, text=True, timeout=LIMIT, check=True)
    wall, cpu, largest, several = map(float, done.stdout.split())
    peak = largest / (1024**2 if sys.platform == "darwin" else 1024)  # bytes there, KB elsewhere
    return Cost(wall, cpu, peak, max(several / 1024**2, peak))


# --- how it is shown -----------------------------------------------------------------------------


def lines(costs: dict[str, Cost]) -> Iterator[str]:
    """A row of a table for each, with its time by that of flake8, or of the first one without flake8."""
    base = next((c for name, c in costs.items() if name.startswith("flake8")), next(iter(costs.values())))
    yield "| | wall, s | CPU, s | largest process, MB | all processes, MB | wall, times flake8 |"
    yield "|---|---|---|---|---|---|"
    for name, c in costs.items():
        yield f"| {name} | {c.wall:.2f} | {c.cpu:.2f} | {c.peak:.0f} | {c.all:.0f} | {c.wall / base.wall:.2f} |"


def _document(sections: list[tuple[str, dict[str, Cost]]], growths: list[tuple[str, Growth]], times: int) -> str:
    made = [f"## {title}\n\n" + "\n".join(lines(costs)) + "\n" for title, costs in sections]
    made += [f"## Growth: {name}\n\n" + "\n".join(grown(growth)) + "\n" for name, growth in growths]
    return _HEAD.format(times=times, processors=os.cpu_count()) + "\n".join(made)


def grown(growth: Growth) -> Iterator[str]:
    yield "| rows | CPU, s | all processes, MB |"
    yield "|---|---|---|"
    for rows, cost in growth:
        yield f"| {rows:,} | {cost.cpu:.2f} | {cost.all:.0f} |"
    yield ""
    yield f"Processor time grows as rows to the power of {exponent([(n, c.cpu) for n, c in growth]):.2f}."


_HEAD = """# Speed

Made by `python -m bench speed --record FOLDER…` with {processors} processors, as medians of {times} runs in turn.
Seconds are of one machine; what can be compared are the ratios. *Cold* writes the cache, *warm* finds nothing changed,
*one file changed* has a row added to one file.

![Seconds by tool](speed.svg)

"""
_ROW, _LEFT, _WIDE = 18, 210, 380


def picture(sections: list[tuple[str, dict[str, Cost]]]) -> str:
    """Bars, one group a tree, each group on a scale of its own."""
    out, y = [], 0
    for title, costs in sections:
        y += _ROW + 8
        out.append(f'<text x="0" y="{y}" font-weight="bold">{escape(title)}</text>')
        longest = max(c.wall for c in costs.values())
        for name, c in costs.items():
            y += _ROW
            width = max(1, round(_WIDE * c.wall / longest))
            colour = "#3b6ea5" if name.startswith("vaelint") else "#b0b0b0"
            out.append(f'<text x="{_LEFT - 8}" y="{y}" text-anchor="end">{escape(name)}</text>')
            out.append(f'<rect x="{_LEFT}" y="{y - 11}" width="{width}" height="13" fill="{colour}"/>')
            out.append(f'<text x="{_LEFT + width + 6}" y="{y}">{c.wall:.2f} s</text>')
    style = 'font-family="sans-serif" font-size="12" fill="currentColor"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDE + 80}" height="{y + _ROW}" {style}>'
    return "\n".join([head, *out, "</svg>"]) + "\n"
