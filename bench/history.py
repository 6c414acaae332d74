"""One row a change: what it did to the figures. Written from the recorded results, never by hand."""

from __future__ import annotations

from pathlib import Path

from bench import measured
from bench.places import HERE, RESULTS, read_json

HISTORY = HERE / "HISTORY.md"
HEAD = """# What each change did

Written by `python -m bench history "what changed"` from the recorded results. Recall: labelled cases with a finding
on a marked line, of the right kind in brackets. Mutants: seeded sign errors found. Precision: verdicts of the ledger on
the findings in the corpus, bug and naming right. Resolved: objectives in the corpus that were judged.

| change | recall | false alarms | mutants | precision | resolved |
|---|---|---|---|---|---|
"""


def row(change: str, results: Path = RESULTS) -> str:
    """A row of the table; a dash for what is not recorded. Raises ValueError if the records are of several tools."""
    cases, corpus, mutants = (read_json(results / f"{name}.json") for name in ("cases", "corpus", "mutants"))
    tools = {r["tool"] for r in (cases, corpus, mutants) if r is not None}
    if len(tools) > 1:
        raise ValueError(f"the records are of different states of vaelint: {', '.join(sorted(tools))}")
    cells = [change.replace("|", "/"), "–", "–", "–", "–", "–"]
    if cases is not None:
        cells[1] = f"{cases['found']}/{cases['cases']} ({cases['right_kind']})"
        cells[2] = f"{len(cases['false_alarms'])}/{cases['clean']}"
    if mutants is not None:
        t = mutants["totals"]
        cells[3] = f"{t['killed']}/{t['mutants']} = {t['rate']:.1%}"
    if corpus is not None:
        p, t = corpus["precision"], corpus["totals"]
        judged = p["right"] + p["wrong"]
        cells[4] = f"{p['right']}/{judged} = {p['precision']:.1%}" if judged else "no verdict"
        if p["arguable"] or p["unjudged"]:
            cells[4] += f"; {p['arguable']} arguable, {p['unjudged']} unjudged"
        cells[5] = f"{t['objectives'] - t['unresolved']}/{t['objectives']} = {t['resolved']:.1%}"
    return "| " + " | ".join(cells) + " |\n"


def add(change: str) -> None:
    """Add a row, and have `vaelint explain` say what was measured."""
    cases, corpus = (read_json(RESULTS / f"{name}.json") for name in ("cases", "corpus"))
    if cases is not None and corpus is not None:
        measured.write(cases, corpus)
    had = HISTORY.read_text("utf-8") if HISTORY.exists() else HEAD
    HISTORY.write_text(had + row(change), "utf-8")
