"""How the checks of selection speak of metrics and directions."""

from __future__ import annotations

from vaelint.infer.events import Reading
from vaelint.sense import Direction, Sense


def arrow(sense: Sense) -> str:
    return "is better when larger ↑" if sense is Sense.GAIN else "is better when smaller ↓"


def by_what(said: Reading, shown: object) -> str:
    """How it is known, for behind the metric as it is ``shown``: nothing for a fact."""
    if said.basis.is_fact:
        return ""
    return " (by its name)" if str(said.label) in str(shown) else f" (by the name of `{said.label}`)"


def selected(direction: Direction) -> str:
    return "keeps the largest" if direction is Direction.MAXIMIZE else "keeps the smallest"
