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


_SAYINGS: dict[str, Saying] = {
    "subtracted": Saying(
        "VL201",
        lambda w: f"`{w.part}` is taken off `{w.other}`: both are losses by their names, to be lowered together",
        lambda w: f"add `{w.part}`, or give it a name that says that it is to be raised",
    ),
    "decayed": Saying(
        "VL201",
        lambda w: f"`{w.part}` is subtracted in `{w.name}`: a penalty is to be lowered with the loss",
        lambda w: f"add `{w.part}`",
    ),
    "squared": Saying(
        "VL302",
        lambda w: f"`{w.name}` says a log-density, but holds a squared distance, which grows as the density falls",
        lambda w: "put a minus in front",
    ),
    "turned": Saying(
        "VL301",
        lambda w: f"`{w.name}` says a loss, but holds minus one: `{w.part}`",
        lambda w: "drop the minus, or say so in the name",
    ),
    "raised": Saying(
        "VL102",
        lambda w: f"`{w.part}` is a loss by its name, and is negated where it is backpropagated",
        lambda w: "drop the minus, or give the value the name of what is to be raised",
        Against("direction", BY_STRUCTURE),
    ),
    "negated": Saying(
        "VL302",
        lambda w: f"`{w.name}` says a log-density, but holds minus `{w.part}`",
        lambda w: "drop the minus, or say so in the name (`nll`)",
    ),
    "plain": Saying(
        "VL301",
        lambda w: f"`{w.name}` says a loss, but holds `{w.part}`, which by its name is to be raised",
        lambda w: "negate it, or give it the name of what it is",
    ),
    "relabelled": Saying(
        "VL301",
        lambda w: f"`{w.name}` says a loss, but holds `{w.part}`, which by its name is to be raised",
        lambda w: "one of the two names is wrong: look at where the value comes from",
        doubt=Confidence.POSSIBLE,  # which of the two misleads is not in sight
    ),
    "given": Saying(
        "VL202",
        lambda w: f"minus `{w.part}` is given to `{w.name}`, which needs logits or log-probabilities as they are",
        lambda w: "drop the minus: the loss negates by itself",
        Against("parameter", BY_LIBRARY),
    ),
    "stepped": Saying(
        "VL102",
        lambda w: f"`{w.part}` is moved along `{w.name}`: an optimiser goes against the gradient",
        lambda w: "put a minus in front of the step size",
        Against("update", BY_STRUCTURE),
    ),
    "maximizer": Saying(
        "VL102",
        lambda w: "this optimiser maximises, but what this file backpropagates it calls losses",
        lambda w: "drop `maximize=True`, or give the objective the name of what is to be raised",
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
        steps = ((event.whole, f"this goes by `{event.name}`"),) if event.name and event.whole != event.node else ()
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
