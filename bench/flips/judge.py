"""What became of one flip: of everything but a new finding about it, it counts as missed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from bench.mutants.choose import Mutant
from bench.mutants.judge import Result, new_codes, next_objective, reason, reported
from bench.mutants.sites import FILE, OPERATORS

NO_OBJECTIVE = "no objective"
FAILED = "failed"
CONSISTENT = "consistent"


def outcome(flip: Mutant, before: Result, after: Result, spans: list[tuple[int, int, str]]) -> dict[str, Any]:
    """``found``: a new finding about it. ``reported``: there is one about the place as it stands; such a site is never
    found, since a report on right code must not pay.

    ``status``: of a missed flip, that of the next objective below it; for a setting, which no objective holds, "".
    """
    as_it_stands = reported(flip, before)
    codes, _ = new_codes(flip, before, after, spans)
    found = bool(codes) and not as_it_stands
    return {
        "found": found,
        "reported": as_it_stands,
        "codes": sorted(codes) if found else [],
        "status": "" if found else _status(flip, after, spans),
        "reason": "" if found else reason(flip, after, spans),
    }


def _status(flip: Mutant, after: Result, spans: list[tuple[int, int, str]]) -> str:
    if after["error"]:
        return FAILED
    if OPERATORS[flip.operator][1] != FILE:
        return ""
    objective = next_objective(flip, after, spans)
    return NO_OBJECTIVE if objective is None else objective[0]


def share(results: Iterable[Result]) -> dict[str, Any]:
    """The figures over some flips. A flip is *false consistent* if nothing is reported with or without it, and
    its objective is called consistent."""
    made = list(results)
    values = [r for r in made if OPERATORS[r["operator"]][1] == FILE]
    false = sum(is_false_consistent(r) for r in values)
    found = sum(r["found"] for r in made)
    return {
        "sites": len(made),
        "found": found,
        "share": _ratio(found, len(made)),
        "reported": sum(r["reported"] for r in made),
        "values": len(values),
        "false_consistent": false,
        "false_share": _ratio(false, len(values)),
        "missed": dict(Counter(r["status"] for r in values if not r["found"]).most_common()),
    }


def is_false_consistent(r: Result) -> bool:
    return not r["found"] and not r["reported"] and r["status"] == CONSISTENT


def _ratio(some: int, of: int) -> float | None:
    return round(some / of, 4) if of else None
