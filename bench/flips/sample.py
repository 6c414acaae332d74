"""Which packages: drawn by a published seed from a pool, each once and never again."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench.mutants.sites import order
from bench.packages import Package, canonical
from bench.places import HERE

POOL = HERE / "pool.tsv"  # names that may be drawn, with a version each
USED = HERE / "used.tsv"  # whatever was run with vaelint, or drawn for it
DRAWN = HERE / "flips.tsv"  # what was drawn and holds sites, by seed
_USED_FIELDS = ("what", "name", "when", "reason")
_DRAWN_FIELDS = ("seed", "name", "version")


class Used(NamedTuple):
    """``what``: package or repository. ``when``: a date, or a round of unread code."""

    what: str
    name: str
    when: str
    reason: str

    @property
    def key(self) -> tuple[str, str]:
        return self.what, canonical(self.name) if self.what == "package" else self.name.lower()


def rows(path: Path) -> list[dict[str, str]]:
    """A table whose first line names its columns; nothing where there is no file."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


def _write(path: Path, fields: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> None:
    path.write_text("".join("\t".join(line) + "\n" for line in (fields, *lines)), "utf-8")


def read_used(path: Path = USED) -> list[Used]:
    return [Used(r["what"], r["name"], r["when"], r["reason"]) for r in rows(path)]


def read_pool(path: Path = POOL) -> list[Package]:
    return [Package(r["name"], r["version"], r["words"]) for r in rows(path)]


def read_drawn(path: Path = DRAWN) -> dict[int, list[Package]]:
    """Seed → the packages that it drew, in their order."""
    out: dict[int, list[Package]] = {}
    for r in rows(path):
        out.setdefault(int(r["seed"]), []).append(Package(r["name"], r["version"], ""))
    return out


def read_apart(path: Path) -> frozenset[str]:
    """Names on a list of what is kept apart: packages by their names, repositories by the names of their last part."""
    out = set()
    for r in rows(path):
        if r["what"] == "package":
            out |= {canonical(word) for word in re.split(r"[ ,()]+", r["name"]) if word}
        elif r["what"] == "repository":
            out.add(canonical(r["name"].rsplit("/", 1)[-1]))
    return frozenset(out)


def fresh(pool: Iterable[Package], used: Iterable[Used], apart: Collection[str], seed: int) -> Iterator[Package]:
    """The pool in the order of the seed, without what was used or is kept apart, under its name or a repository's."""
    taken = {canonical(u.name.rsplit("/", 1)[-1]) for u in used} | set(apart)
    for package in sorted(pool, key=lambda p: order("flips", seed, canonical(p.name))):
        if canonical(package.name) not in taken:
            yield package


def enter(new: Iterable[Used], path: Path = USED) -> None:
    """Add to what was used; what is there already stays as it is."""
    held = {u.key: u for u in read_used(path)}
    for u in new:
        held.setdefault(u.key, u)
    made: list[Used] = sorted(held.values(), key=lambda u: (u.what, u.name.lower()))
    _write(path, _USED_FIELDS, made)


def pin(seed: int, packages: Iterable[Package], path: Path = DRAWN) -> None:
    """Add to the sample of a seed."""
    held = read_drawn(path)
    held.setdefault(seed, []).extend(packages)
    _write(path, _DRAWN_FIELDS, ((str(s), p.name, p.version) for s, some in held.items() for p in some))
