"""What several checks say of a sign in sight that the names on its sides contradict (`vaelint.infer.wording`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from vaelint.checks.base import Against, Candidate
from vaelint.checks.judgement import contradiction
from vaelint.evidence import BY_LIBRARY, BY_NAMES, BY_STRUCTURE, Confidence
from vaelint.infer.events import Event, Optimised, Worded


class Saying(NamedTuple):
    code: str
    message: Callable[[Worded], str]
    edit: Callable[[Worded], str]
    against: Against = Against("name")
    doubt: Confidence | None = None


def _by_name(w: Worded) -> str:
    return "" if w.value.basis.is_fact else " by its name"


_SAYINGS: dict[str, Saying] = {
    "subtracted": Saying(
        "VL201",
        lambda w: f"`{w.part}` is subtracted from `{w.other}`: both are losses by their names, so both should go down",
        lambda w: f"add `{w.part}` instead, or rename it to something that should go up",
    ),
    "decayed": Saying(
        "VL201",
        lambda w: (
            f"`{w.part}` is subtracted in `{w.name}`: a penalty should be added, so that it goes down with the loss"
        ),
        lambda w: f"add `{w.part}` instead",
    ),
    "squared": Saying(
        "VL302",
        lambda w: (
            f"`{w.name}` is named like a log-density, but holds a squared distance, which grows where the density falls"
        ),
        lambda w: "put a minus in front",
    ),
    "turned": Saying(
        "VL301",
        lambda w: f"`{w.name}` is named like a loss, but holds minus a loss: `{w.part}`",
        lambda w: "drop the minus, or rename it",
    ),
    "raised": Saying(
        "VL102",
        lambda w: f"`{w.part}` is a loss{_by_name(w)}, but minus it is backpropagated: it is maximised",
        lambda w: "drop the minus, or rename the value to what should go up",
        Against("direction", BY_STRUCTURE),
    ),
    "negated": Saying(
        "VL302",
        lambda w: f"`{w.name}` is named like a log-density, but holds minus `{w.part}`",
        lambda w: "drop the minus, or rename it (`nll`)",
    ),
    "plain": Saying(
        "VL301",
        lambda w: f"`{w.name}` is named like a loss, but holds `{w.part}`, which by its name should go up",
        lambda w: "negate it, or rename it to what it is",
    ),
    "relabelled": Saying(
        "VL301",
        lambda w: f"`{w.name}` is named like a loss, but holds `{w.part}`, which by its name should go up",
        lambda w: "one of the two names is wrong: check where the value comes from",
        doubt=Confidence.POSSIBLE,  # which of the two misleads is not in sight
    ),
    "given": Saying(
        "VL202",
        lambda w: f"minus `{w.part}` is passed to `{w.name}`, which needs logits or log-probabilities without a minus",
        lambda w: "drop the minus: the loss negates its input itself",
        Against("parameter", BY_LIBRARY),
    ),
    "stepped": Saying(
        "VL102",
        lambda w: (
            f"`{w.part}` is updated in the direction of the gradient `{w.name}`: gradient descent goes against it"
        ),
        lambda w: "flip the sign of the step: subtract the gradient",
        Against("update", BY_STRUCTURE),
    ),
    "maximizer": Saying(
        "VL102",
        lambda w: "this optimiser has `maximize=True`, but what this file backpropagates is named as a loss",
        lambda w: "drop `maximize=True`, or rename the objective to what should go up",
        Against("direction", BY_LIBRARY),
    ),
}


def decide(event: Event, code: str) -> Iterable[Candidate]:
    if isinstance(event, Worded) and event.how != "maximizer":
        yield from _said(event, code)


def maximizers(events: Sequence[Event]) -> Iterable[Candidate]:
    """Optimisers that maximise losses, where no objective is known to be a loss (then that one is reported)."""
    told = [e for e in events if isinstance(e, Worded) and e.how == "maximizer"]
    if told and not any(isinstance(e, Optimised) and contradiction(e) is not None for e in events):
        for event in told:
            yield from _said(event, "VL102")


def _said(event: Worded, code: str) -> Iterable[Candidate]:
    saying = _SAYINGS[event.how]
    if saying.code == code:
        steps = ((event.whole, f"bound to `{event.name}`"),) if event.name and event.whole != event.node else ()
        yield Candidate(
            code,
            event.node,
            saying.message(event),
            saying.edit(event),
            event.made,
            steps,
            event.value,
            # That the whole has the name of a loss, too, is one more that says the same.
            Against("name", BY_NAMES) if event.how == "subtracted" and event.name else saying.against,
            saying.doubt,
            within=event.whole,
        )
