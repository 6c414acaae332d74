"""One file's mutants under vaelint, and whether a finding is about the mutated place."""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

from bench.corpus import general
from bench.mutants.choose import Mutant
from bench.mutants.sites import NEAR, OPERATORS
from bench.places import enclosing, functions

ROWS = 6  # a finding this near to the mutated row is about it
SECONDS = 120  # for one file
CRASH = "crash:"
Result = dict[str, Any]


class Slow(Exception):
    pass


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Slow


def judge_file(folder: str, mutants: list[Mutant]) -> list[Result]:
    """Runs in a worker: vaelint on the file as it is, then on each mutant of it, from memory.

    The working directory is the package's folder, so that what reads other files of the package finds them.
    """
    os.chdir(folder)
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _stop)
    path = mutants[0].file
    text = Path(path).read_text("utf-8")
    spans = functions(text)
    before = _analyse(path, text)
    out = []
    for mutant in mutants:
        mutated = text[: mutant.edit.start] + mutant.edit.text + text[mutant.edit.end :]
        after = _analyse(path, mutated)
        out.append({**_shown(mutant), **verdict(mutant, before, after, spans)})
    return out


def _analyse(path: str, text: str) -> Result:
    """Findings as (code, row, message), objectives as (function, status, reason); ``error`` if it failed."""
    from vaelint.config import Config
    from vaelint.engine import analyse

    try:
        if hasattr(signal, "SIGALRM"):
            signal.alarm(SECONDS)
        result = analyse([], Config(), stdin=(path, text))
    except Slow:
        return {"findings": [], "objectives": [], "error": f"not done after {SECONDS} s"}
    except Exception as error:  # whatever it is, it is a result
        return {"findings": [], "objectives": [], "error": f"{CRASH} {type(error).__name__}: {error}"[:200]}
    finally:
        if hasattr(signal, "SIGALRM"):
            signal.alarm(0)
    return {
        "findings": [(f.code, f.location.row, f.message) for f in result.findings if f.code.startswith("VL")],
        "objectives": [(o.function, o.location.row, o.status.value, o.reason) for o in result.objectives],
        "error": "; ".join(p.message for p in result.problems if p.fatal)[:200],
    }


def near(mutant: Mutant, row: int, spans: list[tuple[int, int, str]]) -> bool:
    """Within a few rows, or in the same function."""
    same = mutant.function != "<module>" and enclosing(spans, row) == mutant.function
    return same or abs(row - mutant.row) <= ROWS


def verdict(mutant: Mutant, before: Result, after: Result, spans: list[tuple[int, int, str]]) -> Result:
    """``killed``, ``survived`` with a reason, or ``void`` where vaelint reports on the place as it was.

    Mutants keep the number of rows above them, so (code, row) says whether a finding is new.
    """
    if any(abs(row - mutant.row) <= ROWS for _, row, _ in before["findings"]):
        return {"outcome": "void", "reason": "reported without the mutation", "codes": []}
    old = Counter((code, row) for code, row, _ in before["findings"])
    new = [f for f in after["findings"] if (f[0], f[1]) not in old]
    at = [f for f in new if near(mutant, f[1], spans)]
    where = OPERATORS[mutant.operator][1]
    counted = at if where == NEAR else new
    if counted:
        return {"outcome": "killed", "reason": "", "codes": sorted({f[0] for f in counted}), "near": bool(at)}
    return {"outcome": "survived", "reason": _reason(mutant, after, spans), "codes": []}


def _reason(mutant: Mutant, after: Result, spans: list[tuple[int, int, str]]) -> str:
    """What inference says of the objectives in the mutated function; else that it saw none."""
    if after["error"]:
        return str(after["error"])
    here = [o for o in after["objectives"] if near(mutant, o[1], spans)]
    if not here:
        seen = "others in the file" if after["objectives"] else "none in the file"
        return f"no objective seen there ({seen})"
    # The next objective below the place is the likeliest that it flows to.
    _, _, status, reason = min(here, key=lambda o: (o[1] < mutant.row, abs(o[1] - mutant.row)))
    return "judged consistent" if status == "consistent" else general(reason) or status


def _shown(mutant: Mutant) -> Result:
    made = mutant._asdict()
    del made["edit"]
    return made
