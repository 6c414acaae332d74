"""Mutated real files and hostile ones, each beside a neighbour whose finding must stay: what breaks, and what it costs.

A mutation swaps, drops, doubles or breaks tokens, rows or bytes. Inputs follow from the seed, the number and the
folders that real files are taken from. Besides, programs are made that no text was parsed for (`bench.programs`).
"""

from __future__ import annotations

import ast
import random
import re
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench import hostile, programs, trust
from vaelint import engine, examine, fix
from vaelint.config import Config
from vaelint.finding import Finding, Result
from vaelint.processes import Died, Pool
from vaelint.source import vocabulary

ROOT = Path(__file__).parents[1]
NEIGHBOUR = """\
from torch.distributions import Normal


def train(model, x, optimizer):
    loss = Normal(model(x), 1.0).log_prob(x).mean()
    loss.backward()
    optimizer.step()
"""
HANG = 20.0  # seconds of processor time that no file may take
ENDED = 3 * HANG  # after which a file is not waited for any longer
TOGETHER = 40  # inputs in one folder
BETWEEN = 10  # folders after which new processes are begun
PROCESSES = 2
LARGEST = 60_000  # bytes of a real file that is mutated
_TOKEN = re.compile(r"\w+|[^\w\s]|\s+")
_ODD = (
    "(",
    ")",
    "'",
    '"""',
    "\\",
    "{",
    "f'{",
    "#",
    "\t",
    "\x0c",
    "\r",
    "\u202e",
    "lambda",
    "-",
    "**",
    ":",
    "async",
    "\0",
)


Input = tuple[str, str, bytes]  # name, suffix, content


@dataclass
class Tally:
    """What came of some inputs."""

    inputs: int = 0
    crashes: list[str] = field(default_factory=list)
    hangs: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    fixed: int = 0
    programs: int = 0
    longest: tuple[float, str] = (0.0, "-")

    def is_clean(self) -> bool:
        return not (self.crashes or self.hangs or self.lost or self.broken)

    def add(self, other: Tally) -> None:
        self.inputs += other.inputs
        self.crashes += other.crashes
        self.hangs += other.hangs
        self.lost += other.lost
        self.broken += other.broken
        self.fixed += other.fixed
        self.longest = max(self.longest, other.longest)


def _of_tokens(text: str, dice: random.Random) -> str:
    tokens = _TOKEN.findall(text)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(tokens)) if tokens else 0
        tokens[at : at + dice.randint(0, 2)] = dice.choice(
            ([], [dice.choice(_ODD)], [dice.choice(tokens or ["x"])] * 2)
        )
    return "".join(tokens)


def _of_rows(text: str, dice: random.Random) -> str:
    rows = text.splitlines(keepends=True)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(rows)) if rows else 0
        moved = rows[at : at + dice.randint(1, 5)]
        del rows[at : at + len(moved)]
        for _ in range(dice.choice((0, 1, 2, 40))):
            place = dice.randint(0, len(rows))
            rows[place:place] = [dice.choice(("", " ", "    ", "\t")) + row for row in moved]
    return "".join(rows)


def _of_bytes(text: str, dice: random.Random) -> bytes:
    data = bytearray(text.encode())
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(data)) if data else 0
        data[at : at + dice.randint(0, 3)] = dice.randbytes(dice.randint(0, 3))
    return bytes(data)


MUTATIONS: dict[str, Callable[[str, random.Random], str | bytes]] = {
    "tokens": _of_tokens,
    "rows": _of_rows,
    "bytes": _of_bytes,
}


def sources(folders: tuple[Path, ...]) -> list[Path]:
    """The real files that are mutated: the fixtures, or those of the folders that speak of losses."""
    if not folders:
        return sorted((ROOT / "tests" / "fixtures").rglob("*.py"))
    files = (p for folder in folders for p in sorted(folder.rglob("*.py")) if p.stat().st_size <= LARGEST)
    return [p for p in files if vocabulary.mentions(p.read_text("utf-8", "replace"))]


def inputs(count: int, seed: int, folders: tuple[Path, ...] = ()) -> Iterator[Input]:
    """So many of them: name, suffix, content. One in twenty is hostile by design, the others are mutated.

    Of those that are mutated one in six is taken from the folders, if there are any. Each hostile kind comes in its
    largest size first, then in others, of which small ones are as likely as large ones.
    """
    fixtures, others = sources(()), sources(folders) if folders else []
    made = [(n, s, g, z) for s, t in hostile.BY_SUFFIX.items() for n, (g, z) in t.items()]
    for number in range(count):
        dice = random.Random(f"{seed} {number}")
        if number % 20 == 19:
            again, which = divmod(number // 20, len(made))
            name, suffix, generator, size = made[which]
            size = size << 4 if not again else max(int((size << 3) ** dice.random()), 1)
            yield f"{name}, {size}", suffix, generator(size).encode("utf-8", "replace")
            continue
        source = dice.choice(others if others and number % 6 == 0 else fixtures)
        how = dice.choice(list(MUTATIONS))
        mutated = MUTATIONS[how](source.read_text("utf-8", "replace"), dice)
        data = mutated if isinstance(mutated, bytes) else mutated.encode("utf-8", "replace")
        yield f"{how} of {source.name}, seed {seed} {number}", ".py", data


def run(count: int, seed: int, record: bool, folders: tuple[Path, ...] = ()) -> int:
    """Try inputs; 1 if anything broke. With ``record`` the table goes to docs/TRUST.md."""
    tally = Tally()
    made = inputs(count, seed, folders)
    while some := list(islice(made, TOGETHER * BETWEEN)):
        batches = [some[i : i + TOGETHER] for i in range(0, len(some), TOGETHER)]
        with Pool(tried, PROCESSES) as pool:  # new ones now and then: what they remember is no cost of a file
            for batch, seen in zip(batches, pool.map(batches)):
                tally.add(seen if isinstance(seen, Tally) else _culprits(batch, seen))
        print(f"{tally.inputs} inputs", file=sys.stderr)  # noqa: T201
    tally.programs = max(count // 10, 20)
    broken = programs.failure(tally.programs, seed)
    tally.crashes += [broken] if broken else []
    text = _table(tally, seed)
    print(text)  # noqa: T201
    if record:
        trust.write("fuzz", text)
    return 0 if tally.is_clean() else 1


def _culprits(batch: list[Input], died: Died) -> Tally:
    """Of a folder over which the process died, the inputs that it dies of when they are alone."""
    tally = Tally()
    with Pool(tried, PROCESSES) as pool:
        for (name, _, _), seen in zip(batch, pool.map([[one] for one in batch])):
            if isinstance(seen, Tally):
                tally.add(seen)
            else:
                tally.inputs += 1
                (tally.hangs if seen.how == "SIGPROF" else tally.crashes).append(f"{name}: {seen.how}")
    if tally.is_clean():
        tally.crashes.append(f"{died.how} with {', '.join(name for name, _, _ in batch)}, with none of them alone")
    return tally


def tried(batch: list[Input]) -> Tally:
    """Analyse a folder of inputs and the neighbour, in this process, which may die of it; and make the edits."""
    tally = Tally(inputs=len(batch))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "neighbour.py").write_text(NEIGHBOUR)
        names = {}
        for i, (name, suffix, data) in enumerate(batch):
            (root / f"m{i}{suffix}").write_bytes(data)
            names[f"m{i}{suffix}"] = name
        costs: dict[str, float] = {}

        def examined(path: Path, *rest: Any) -> examine.Part:
            before = time.process_time()
            signal.setitimer(signal.ITIMER_PROF, ENDED)  # of processor time; the process ends there
            try:
                return examine.examine(path, *rest)
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
                costs[path.name] = time.process_time() - before

        try:
            with patch.object(engine, "examine", examined), patch.object(engine, "FEW", len(batch) + 2):
                result = engine.analyse([root], Config())
        except Exception as error:  # the very thing that is looked for
            tally.crashes.append(f"{', '.join(names.values())}: {error!r}")
            return tally
        if not any(Path(f.filename).name == "neighbour.py" and f.code == "VL101" for f in result.findings):
            tally.lost.append(", ".join(names.values()))
        tally.crashes += [f"{names.get(Path(p.filename).name)}: {p.message}" for p in result.problems if p.ours]
        tally.longest = max(((costs.get(n, 0.0), name) for n, name in names.items()), default=tally.longest)
        tally.hangs += [name for n, name in names.items() if costs.get(n, 0.0) > HANG]
        _fix(result, tally, names)
    return tally


def _fix(result: Result, tally: Tally, names: dict[str, str]) -> None:
    """Each file fixed parses as it did before, and its findings with an edit are gone."""
    by_file: dict[str, list[Finding]] = {}
    for f in result.findings:
        by_file.setdefault(f.filename, []).append(f)
    for filename, fixes in fix.chosen(result.findings, unsafe=True).items():
        name = names.get(Path(filename).name, filename)
        try:
            done = fix.change(filename, fixes)
        except fix.Refused:
            continue
        tally.fixed += len(fixes)
        if done.after == done.before or (_parses(done.held) and not _parses(done.made)):
            tally.broken.append(name)


def _parses(data: bytes) -> bool:
    try:
        ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _table(tally: Tally, seed: int) -> str:
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    rows = [
        ("inputs tried", f"{tally.inputs} (seed {seed})"),
        ("programs made of the inner language", str(tally.programs)),
        ("crashes, of the run or in a file", str(len(tally.crashes))),
        (f"hangs (more than {HANG:.0f} s of processor time)", str(len(tally.hangs))),
        ("findings of a neighbour that were lost", str(len(tally.lost))),
        ("edits tried", str(tally.fixed)),
        ("edits that broke a file", str(len(tally.broken))),
        ("peak memory of a process", f"{peak / 1024:.0f} MB"),
        ("longest file", f"{tally.longest[0]:.1f} s of processor time: {tally.longest[1]}"),
    ]
    out = "| | |\n|---|---|\n" + "".join(f"| {what} | {value} |\n" for what, value in rows)
    for title, those in (
        ("Crashes", tally.crashes),
        ("Hangs", tally.hangs),
        ("Lost", tally.lost),
        ("Broken", tally.broken),
    ):
        out += f"\n{title}:\n" + "".join(f"- {x}\n" for x in those) if those else ""
    return out
