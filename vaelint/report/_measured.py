"""How often each check is right, as measured on released packages and labelled cases (see ``bench/``)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

# Written by `python -m bench history` from the recorded results, so that the figures are those of this code.
RECORD = Path(__file__).with_name("measured.json")


@cache
def _record() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(RECORD.read_text("utf-8"))
    return made


def section(code: str) -> str:
    """Markdown: what the check found, and how much of that was right."""
    record = _record()
    corpus, cases = record["corpus"], record["cases"]
    found = record["codes"].get(code, {})
    right, wrong, arguable = (found.get(key, 0) for key in ("right", "wrong", "arguable"))
    where = f"In {corpus['files']:,} files of {corpus['packages']} released packages it reports"
    if right + wrong + arguable == 0:
        real = f"{where} nothing: how often it is right on real code is not known from them."
    else:
        doubtful = f", {arguable} could be defended" if arguable else ""
        real = f"{where} {right + wrong + arguable}: {right} right, {wrong} wrong{doubtful}."
    alarms = cases["false_alarms"] or "none"
    labelled = f"It finds {found.get('labelled', 0)} of the labelled bugs; all checks together speak"
    return f"## Measured\n{real} {labelled} in {alarms} of {cases['clean']} clean files."
