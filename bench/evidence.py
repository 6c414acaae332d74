"""How often a finding was right, by what its two sides rested on: the table that confidence is to be read from.

The bases stand in ``unread.tsv`` (first runs on unread code) and ``ledger.tsv`` (the pinned corpus), as columns
``value_basis`` and ``against``.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import click

from bench import ledger, unread
from bench.places import HERE

REPORT = HERE / "UNREAD.md"

# What the value's sense rests on. ``roles 1/2``: a law, one of whose roles is known by fact and two by name.
VALUES = ("library", "proof", "structure", "method", "roles", "names", "negated name", "name")
FACTS = ("library", "proof", "structure")
# What it is held against. ``term library``: the other term of one sum, known by a library.
AGAINST = (
    "direction", "backward", "update", "parameter", "law", "sibling", "setting", "comparison", "term", "names", "name",
)  # fmt: skip
UNKNOWN = "?"


class Row(NamedTuple):
    """A judged finding. ``group`` is what bunches are counted by: findings of one package and check have one cause."""

    group: tuple[str, ...]
    code: str
    verdict: str
    value_basis: str
    against: str


def is_known(value_basis: str, against: str) -> bool:
    """Whether the cells are words of this table, or both ``?``."""
    if UNKNOWN in (value_basis, against):
        return value_basis == against
    value, _, roles = value_basis.partition(" ") if value_basis.startswith("roles") else (value_basis, "", "")
    held, _, basis = against.partition(" ")
    counted = [n.isdigit() for n in roles.split("/")] == [True, True]
    return (
        value in VALUES
        and held in AGAINST
        and counted == (value == "roles")
        and (basis in VALUES if held == "term" else not basis)
    )


def of_unread(judged: Iterable[unread.Judged]) -> list[Row]:
    return [Row((j.round, j.package, j.code), j.code, j.verdict, j.value_basis, j.against) for j in judged]


def of_corpus(path: Path = ledger.LEDGER) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [Row((r["package"], r["code"]), r["code"], r["verdict"], r["value_basis"], r["against"]) for r in rows]


# --- counting ------------------------------------------------------------------------------------


def strength(value_basis: str) -> str:
    """The basis, with facts as one: ``fact``, ``method``, ``roles``, ``names``, ``negated name``, ``name``, ``?``."""
    if value_basis.startswith("roles"):
        return "roles"
    return "fact" if value_basis in FACTS else value_basis


def cells(rows: Iterable[Row]) -> list[str]:
    """Right, arguable, wrong and the share that is right; then that of bunches counted once."""
    some = list(rows)
    right, arguable, wrong, share = ledger.precision(r.verdict for r in some)
    bunches: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for r in some:
        if r.verdict != "arguable":
            bunches[r.group].add(r.verdict)
    good = sum("wrong" not in verdicts for verdicts in bunches.values())
    shown = "" if share is None else f"{100 * share:.0f} %"
    return [str(right), str(arguable), str(wrong), shown, f"{good} of {len(bunches)}" if bunches else ""]


def by_bases(spent: list[Row], corpus: list[Row]) -> list[list[str]]:
    """A row for each pair of bases, strongest first; the two sources side by side."""
    keys = {(r.value_basis, r.against) for r in (*spent, *corpus)}

    def order(key: tuple[str, str]) -> tuple[int, str, int, str]:
        value, against = key
        first, held = value.split(" ")[0] if value.startswith("roles") else value, against.split(" ")[0]
        if value == UNKNOWN:
            return len(VALUES), "", 0, ""
        return VALUES.index(first), value, AGAINST.index(held), against

    out = []
    for key in sorted(keys, key=order):
        mine, theirs = ([r for r in rows if (r.value_basis, r.against) == key] for rows in (spent, corpus))
        out.append([*key, *cells(mine), *cells(theirs)[:3]])
    return out


def by_check(spent: list[Row], corpus: list[Row]) -> list[list[str]]:
    """A row for each check and strength of the value's side."""
    order = {s: i for i, s in enumerate(("fact", "method", "roles", "names", "negated name", "name", UNKNOWN))}
    keys = {(r.code, strength(r.value_basis)) for r in (*spent, *corpus)}
    out = []
    for key in sorted(keys, key=lambda k: (k[0], order[k[1]])):
        mine, theirs = ([r for r in rows if (r.code, strength(r.value_basis)) == key] for rows in (spent, corpus))
        out.append([*key, *cells(mine), *cells(theirs)[:3]])
    return out


COUNTS = ("right", "arguable", "wrong", "precision", "packages", "corpus: right", "arguable", "wrong")


def markdown(head: tuple[str, ...], rows: Iterable[list[str]]) -> str:
    titles = (*head, *COUNTS)
    lines = ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
    return "\n".join([*lines, *("| " + " | ".join(r) + " |" for r in rows)]) + "\n"


def tables() -> Mapping[str, str]:
    """The tables of UNREAD.md, by what they are ordered by."""
    spent, corpus = of_unread(unread.read()), of_corpus()
    return {
        "bases": markdown(("value", "held against"), by_bases(spent, corpus)),
        "checks": markdown(("check", "value"), by_check(spent, corpus)),
    }


def embedded(text: str) -> str:
    """The text with its tables counted anew: each stands between ``<!-- table: NAME -->`` and ``<!-- end -->``."""
    for name, made in tables().items():
        text = re.sub(rf"(<!-- table: {name} -->\n).*?(<!-- end -->)", rf"\g<1>{made}\g<2>", text, count=1, flags=re.S)
    return text


def run(record: bool) -> int:
    for made in tables().values():
        click.echo(made)
    if record:
        REPORT.write_text(embedded(REPORT.read_text("utf-8")), "utf-8")
    return 0
