"""What several checks say of a sign in sight that the names on its sides contradict (`vaelint.infer.worded`)."""

from __future__ import annotations

from collections.abc import Iterable

from vaelint.checks.base import Candidate
from vaelint.finding import Confidence
from vaelint.infer.events import Event, Worded

_CODES = {"subtracted": "VL201", "negated": "VL302", "plain": "VL301"}


def decide(event: Event, code: str) -> Iterable[Candidate]:
    if not isinstance(event, Worded) or _CODES[event.how] != code:
        return
    message, edit, why, confidence = _says(event)
    yield Candidate(code, event.node, message, edit, event.made, ((event.whole, why),), confidence)


def _says(event: Worded) -> tuple[str, str, str, Confidence]:
    if event.how == "subtracted":
        return (
            f"`{event.part}` is taken off `{event.other}`: both are losses by their names, to be lowered together",
            f"add `{event.part}`, or give it a name that says that it is to be raised",
            f"this goes by `{event.name}`",
            Confidence.LIKELY,
        )
    if event.how == "negated":
        return (
            f"`{event.name}` says a log-density, but holds minus `{event.part}`",
            "drop the minus, or say so in the name (`nll`)",
            f"this goes by `{event.name}`",
            Confidence.LIKELY,
        )
    return (
        f"`{event.name}` says a loss, but holds `{event.part}`, which by its name is to be raised",
        "negate it, or give it the name of what it is",
        f"this goes by `{event.name}`",
        Confidence.POSSIBLE,
    )
