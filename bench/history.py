"""One row a change: what it did to the figures. Written from the recorded results, never by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import measured
from bench.places import HERE, RESULTS, read_json, tool_version

HISTORY = HERE / "HISTORY.md"
HEAD = """# What each change did

Written by `python -m bench history "what changed"` from what is recorded of the state as it is. Recall: labelled cases
with a finding on a marked line, of the right kind in brackets. Mutants: seeded sign errors found. Precision: verdicts
of the ledger on the findings in the corpus, bug and naming right. Resolved: objectives in the corpus that were judged.
Flips: signs flipped in packages that nobody had read, found of all; and of those whose value flows on, how many are
missed under an objective that is called consistent. Coverage: places that claim, optimise or select in the corpus,
decided by facts, and by claims alone.

| change | recall | false alarms | mutants | precision | resolved | flips | coverage |
|---|---|---|---|---|---|---|---|
"""
Record = dict[str, Any]


def row(change: str, results: Path = RESULTS, tool: str | None = None) -> str:
    """A row of the table; a dash for what is not recorded of this state of vaelint.

    Raises ValueError if nothing is.
    """
    tool = tool_version() if tool is None else tool
    records = {name: read_json(results / f"{name}.json") for name in CELLS}
    mine = {name: r for name, r in records.items() if r is not None and r["tool"] == tool}
    if not mine:
        raise ValueError(f"nothing is recorded of this state of vaelint ({tool}); run the benches with --record")
    cells = [change.replace("|", "/")]
    for name, (width, cells_of) in CELLS.items():
        cells += cells_of(mine[name]) if name in mine else ["–"] * width
    return "| " + " | ".join(cells) + " |\n"


def _cases(r: Record) -> list[str]:
    return [f"{r['found']}/{r['cases']} ({r['right_kind']})", f"{len(r['false_alarms'])}/{r['clean']}"]


def _mutants(r: Record) -> list[str]:
    return [_share(r["totals"]["killed"], r["totals"]["mutants"])]


def _corpus(r: Record) -> list[str]:
    p, t = r["precision"], r["totals"]
    right = _share(p["right"], p["right"] + p["wrong"]) if p["right"] + p["wrong"] else "no verdict"
    if p["arguable"] or p["unjudged"]:
        right += f"; {p['arguable']} arguable, {p['unjudged']} unjudged"
    return [right, _share(t["objectives"] - t["unresolved"] - t.get("by-name", 0), t["objectives"])]


def _flips(r: Record) -> list[str]:
    t = r["totals"]
    found, false = _share(t["found"], t["sites"]), _share(t["false_consistent"], t["values"])
    return [f"seed {r['seed']}: {found}; {false} called consistent"]


def _coverage(r: Record) -> list[str]:
    t = r["totals"]
    return [f"{_share(t['facts'], t['places'])}; {_share(t['claim'], t['places'])} by claim"]


def _share(some: int, of: int) -> str:
    return f"{some}/{of} = {some / of:.1%}" if of else f"{some}/{of}"


# record → (columns, what they say), in the order of the table
CELLS: dict[str, tuple[int, Callable[[Record], list[str]]]] = {
    "cases": (2, _cases),
    "mutants": (1, _mutants),
    "corpus": (2, _corpus),
    "flips": (1, _flips),
    "coverage": (1, _coverage),
}


def add(change: str) -> None:
    """Add a row, and have `vaelint explain` say what was measured."""
    cases, corpus = (read_json(RESULTS / f"{name}.json") for name in ("cases", "corpus"))
    if cases is not None and corpus is not None:
        measured.write(cases, corpus)
    had = HISTORY.read_text("utf-8") if HISTORY.exists() else HEAD
    HISTORY.write_text(had + row(change), "utf-8")
