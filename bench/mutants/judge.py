"""One file's mutants under vaelint, and whether a finding is about the mutated place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from bench.corpus import general
from bench.mutants.analysis import analyse_text
from bench.mutants.choose import Mutant
from bench.mutants.sites import NEAR, OPERATORS
from bench.places import enclosing, functions

ROWS = 6  # a finding this near to the mutated row is about it
Result = dict[str, Any]


def judge_file(folder: str, mutants: list[Mutant]) -> list[Result]:
    """Runs in a worker: vaelint on the file as it is, then on each mutant of it, from memory.

    The working directory is the package's folder, so that what reads other files of the package finds them.
    """
    os.chdir(folder)
    path = mutants[0].file
    text = Path(path).read_text("utf-8")
    spans = functions(text)
    before = analyse_text(path, text)
    out = []
    for mutant in mutants:
        mutated = text[: mutant.edit.start] + mutant.edit.text + text[mutant.edit.end :]
        after = analyse_text(path, mutated)
        out.append({**_shown(mutant), **verdict(mutant, before, after, spans)})
    return out


def near(mutant: Mutant, row: int, spans: list[tuple[int, int, str]]) -> bool:
    """Within a few rows, or in the same function."""
    same = mutant.function != "<module>" and enclosing(spans, row) == mutant.function
    return same or abs(row - mutant.row) <= ROWS


def reported(mutant: Mutant, before: Result) -> bool:
    """Whether vaelint reports on the place as it stands."""
    return any(abs(row - mutant.row) <= ROWS for _, row, _ in before["findings"])


def new_codes(
    mutant: Mutant, before: Result, after: Result, spans: list[tuple[int, int, str]]
) -> tuple[set[str], bool]:
    """Codes of the new findings that are about the mutant, and whether one of them stands near it.

    Mutants keep the number of rows above them, so (code, row) says whether a finding is new.
    """
    old = {(code, row) for code, row, _ in before["findings"]}
    new = [f for f in after["findings"] if (f[0], f[1]) not in old]
    at = [f for f in new if near(mutant, f[1], spans)]
    counted = at if OPERATORS[mutant.operator][1] == NEAR else new
    return {f[0] for f in counted}, bool(at)


def next_objective(mutant: Mutant, after: Result, spans: list[tuple[int, int, str]]) -> tuple[str, str] | None:
    """(status, reason) of the next objective below the place: the likeliest that its value flows to."""
    here = [o for o in after["objectives"] if near(mutant, o[1], spans)]
    if not here:
        return None
    _, _, status, reason = min(here, key=lambda o: (o[1] < mutant.row, abs(o[1] - mutant.row)))
    return status, reason


def verdict(mutant: Mutant, before: Result, after: Result, spans: list[tuple[int, int, str]]) -> Result:
    """``killed``, ``survived`` with a reason, or ``void`` where vaelint reports on the place as it was."""
    if reported(mutant, before):
        return {"outcome": "void", "reason": "reported without the mutation", "codes": []}
    codes, at = new_codes(mutant, before, after, spans)
    if codes:
        return {"outcome": "killed", "reason": "", "codes": sorted(codes), "near": at}
    return {"outcome": "survived", "reason": reason(mutant, after, spans), "codes": []}


def reason(mutant: Mutant, after: Result, spans: list[tuple[int, int, str]]) -> str:
    """What inference says of the objectives in the mutated function; else that it saw none."""
    if after["error"]:
        return str(after["error"])
    objective = next_objective(mutant, after, spans)
    if objective is None:
        seen = "others in the file" if after["objectives"] else "none in the file"
        return f"no objective seen there ({seen})"
    status, why = objective
    return "judged consistent" if status == "consistent" else general(why) or status


def _shown(mutant: Mutant) -> Result:
    made = mutant._asdict()
    del made["edit"]
    return made
