"""One run of vaelint over the working directory, in a process of its own: JSON on standard output.

An argument names a checkout whose vaelint is run.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from bench.places import enclosing, functions


def main() -> None:
    sys.path[:0] = sys.argv[1:2]  # before what is installed, and behind this bench, which is imported by now
    from vaelint.config import Config
    from vaelint.engine import analyse
    from vaelint.finding import Confidence
    from vaelint.report._view import View

    began = time.perf_counter()
    # Those that are held back by default are measured, too: that is what decides which are.
    result = analyse([Path()], Config(min_confidence=Confidence.POSSIBLE))
    seconds = time.perf_counter() - began
    view = View(Path.cwd())
    spans: dict[str, list[tuple[int, int, str]]] = {}

    def place(filename: str, location: Any) -> dict[str, Any]:
        if filename not in spans:
            spans[filename] = functions("\n".join(view.lines(filename))) if location.cell is None else []
        line = " ".join(view.line(filename, location).split())
        return {
            "file": Path(view.path(filename)).as_posix(),
            "row": location.row,
            "cell": location.cell,
            "function": enclosing(spans[filename], location.row),
            "line": line,
        }

    findings, seen = [], defaultdict[tuple[str, ...], int](int)
    remarks = Counter[str]()
    for f in result.findings:
        if f.code.startswith("VL0"):
            remarks[f.code] += 1
            continue  # of the file or a comment, not of a sign: there is nothing to judge
        made = {"code": f.code, **place(f.filename, f.location), "confidence": f.confidence.value, "message": f.message}
        key = (made["code"], made["file"], made["function"], made["line"])
        seen[key] += 1
        sides = [[s.what, s.basis.value, [b.value for b in s.roles]] for s in f.sides]
        findings.append(
            {**made, "sides": sides, "n": seen[key]}
        )  # the like in one function are told apart by their order
    objectives = [
        {
            **place(o.filename, o.location),
            "status": o.status.value,
            "reason": o.reason,
            "direction": o.direction.value,
            "bases": sorted({t.basis.value for t in o.terms}),
        }
        for o in result.objectives
    ]
    problems = [
        {"file": p.filename, "message": p.message, "fatal": p.fatal, "ours": getattr(p, "ours", False)}
        for p in result.problems
    ]
    json.dump(
        {
            "files": result.files,
            "seconds": round(seconds, 2),
            "megabytes": _peak(),
            "findings": findings,
            "remarks": remarks,
            "objectives": objectives,
            "problems": problems,
        },
        sys.stdout,
    )


def _peak() -> int:
    """The largest resident set of one process of the run, in MB; 0 where the platform does not say."""
    try:
        import resource
    except ImportError:
        return 0
    kilobytes = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return kilobytes // (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
