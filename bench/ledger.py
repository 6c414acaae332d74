"""Verdicts on findings in the corpus, by what the code says and never by rows, so that they survive new versions."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bench.places import HERE

LEDGER = HERE / "ledger.tsv"
VERDICTS = ("bug", "naming", "arguable", "wrong")
RIGHT = ("bug", "naming")


class Key(NamedTuple):
    """A finding: ``line`` has its white space normalised, ``n`` counts the like in one function."""

    package: str
    code: str
    file: str
    function: str
    line: str
    n: int

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256("\0".join(map(str, self)).encode("utf-8", "replace")).hexdigest()[:12]


class Verdict(NamedTuple):
    """``value_basis`` and ``against``: on what the finding rested (``bench.evidence``); ``?`` where it is not known."""

    verdict: str
    reason: str
    value_basis: str = "?"
    against: str = "?"


FIELDS = [
    "fingerprint",
    "verdict",
    "package",
    "code",
    "file",
    "function",
    "n",
    "line",
    "reason",
    "value_basis",
    "against",
]


def key_of(package: str, finding: Mapping[str, Any]) -> Key:
    line = str(finding["line"]).replace("\t", " ").replace('"', "'")
    return Key(package, finding["code"], finding["file"], finding["function"], line, int(finding["n"]))


def read(path: Path = LEDGER) -> dict[str, Verdict]:
    """Fingerprint → verdict. Raises ValueError for a row that has no known verdict, or no reason."""
    return dict(_fingerprinted(path))


def rows(path: Path = LEDGER) -> list[tuple[Key, Verdict]]:
    """Every finding with its verdict. Raises as ``read`` does."""
    verdicts = read(path)
    with path.open(encoding="utf-8", newline="") as f:
        given = [*csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)]
    return [(key_of(r["package"], r), verdicts[r["fingerprint"]]) for r in given]


def _fingerprinted(path: Path) -> Iterator[tuple[str, Verdict]]:
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["verdict"] not in VERDICTS or not row["reason"]:
                raise ValueError(f"{path.name}: {row['fingerprint']}: needs a verdict of {VERDICTS} and a reason")
            bases = (row["value_basis"] or "?", row["against"] or "?")
            yield row["fingerprint"], Verdict(row["verdict"], row["reason"], *bases)


def write(rows: Iterable[tuple[Key, Verdict]], path: Path = LEDGER) -> None:
    with path.open("w", encoding="utf-8", newline="") as f:
        f.write("\t".join(FIELDS) + "\n")
        for key, verdict in sorted(rows):
            cells = [key.fingerprint, verdict.verdict, key.package, key.code, key.file, key.function, str(key.n)]
            told = [key.line, verdict.reason, verdict.value_basis, verdict.against]
            f.write("\t".join([*cells, *told]) + "\n")


def precision(verdicts: Iterable[str]) -> tuple[int, int, int, float | None]:
    """(right, arguable, wrong, right / (right + wrong)); the last is None without either."""
    given = list(verdicts)
    right = sum(v in RIGHT for v in given)
    arguable, wrong = given.count("arguable"), given.count("wrong")
    return right, arguable, wrong, right / (right + wrong) if right + wrong else None
