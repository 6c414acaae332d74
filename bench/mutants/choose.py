"""Which sites become mutants: a seeded, even sample, the same on every machine."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench.mutants.sites import OPERATORS, differs, find, order
from bench.mutants.text import Edit, Source

_WORDS = re.compile(r"loss|log_?prob|backward|\bkl|elbo|logpdf|\blr\b|mode=|direction=|logvar|log_var|optim|step_size")
TESTS = re.compile(r"(?:^|/)(?:tests?|testing|conftest\.py|test_[^/]*|[^/]*_test\.py)(?:/|$)")
FILES = 500  # files read per package at most
PER_FILE = 2  # mutants of one operator in one file, so that one file does not speak for a library


class Mutant(NamedTuple):
    """``file`` is relative to the package's folder."""

    id: str
    package: str
    operator: str
    file: str
    row: int
    function: str
    edit: Edit
    before: str
    after: str


def choose(package: str, folder: Path, limit: int, seed: int) -> Iterator[Mutant]:
    """At most ``limit`` mutants an operator."""
    taken: Counter[str] = Counter()
    seen: set[tuple[str, str, str]] = set()  # packages hold copies of their own files
    names = [p.relative_to(folder).as_posix() for p in folder.rglob("*.py")]
    read = 0
    for name in sorted(names, key=lambda n: order(seed, package, n)):
        if read >= FILES or all(taken[op] >= limit for op in OPERATORS):
            return
        if TESTS.search(name) or (text := _text(folder / name)) is None or not _WORDS.search(text):
            continue
        read += 1
        for mutant in _of_file(package, name, text, seed):
            copy = (mutant.operator, mutant.function, mutant.after)
            if taken[mutant.operator] < limit and copy not in seen:
                seen.add(copy)
                taken[mutant.operator] += 1
                yield mutant


def _of_file(package: str, name: str, text: str, seed: int) -> Iterator[Mutant]:
    try:
        source = Source(text)
        sites = sorted(find(source), key=lambda s: order(seed, name, s.operator, s.row, s.edit.start))
    except (SyntaxError, ValueError, RecursionError):
        return
    in_file: Counter[str] = Counter()
    used: set[tuple[str, str]] = set()
    for site in sites:
        if in_file[site.operator] >= PER_FILE or (site.operator, site.function) in used:
            continue
        if not differs(source, site.edit):
            continue
        in_file[site.operator] += 1
        used.add((site.operator, site.function))
        mutated = source.apply(site.edit)
        rows = (text.split("\n")[site.row - 1].strip(), mutated.split("\n")[site.row - 1].strip())
        identity = order(package, name, site.operator, site.edit.start, mutated)[:12]
        yield Mutant(identity, package, site.operator, name, site.row, site.function, site.edit, *rows)


def _text(path: Path) -> str | None:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return text if len(text) < 400_000 else None
