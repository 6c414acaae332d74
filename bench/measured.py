"""What `vaelint explain` says of each check's precision, written from the recorded results."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from bench.places import REPOSITORY, write_json

TARGET = REPOSITORY / "vaelint" / "report" / "measured.json"
_COUNTS_AS = {"bug": "right", "naming": "right", "arguable": "arguable", "wrong": "wrong"}


def summary(cases: dict[str, Any], corpus: dict[str, Any]) -> dict[str, Any]:
    """By check: verdicts on its findings in the corpus (those shown by default), and labelled cases that it finds."""
    codes: dict[str, Counter[str]] = defaultdict(Counter)
    for f in corpus["findings"]:
        if f["confidence"] != "possible" and f["verdict"]:
            codes[f["code"]][_COUNTS_AS[f["verdict"]]] += 1
    for code, n in cases["by_code"].items():
        codes[code]["labelled"] += n
    return {
        "corpus": {"packages": len(corpus["packages"]), "files": corpus["totals"]["files"]},
        "cases": {"clean": cases["clean"], "false_alarms": len(cases["false_alarms"])},
        "codes": {code: dict(sorted(n.items())) for code, n in sorted(codes.items())},
    }


def write(cases: dict[str, Any], corpus: dict[str, Any]) -> None:
    write_json(TARGET, summary(cases, corpus))
