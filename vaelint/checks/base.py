"""What a check is, and what it decides on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from typing import Any, NamedTuple

from vaelint.evidence import BY_NAME, Confidence, Support, confidence
from vaelint.finding import Example
from vaelint.infer.events import Event
from vaelint.records import record

Step = tuple[int, str]  # of a trace: the node, and what happened there


@record(frozen=True, slots=True)
class Against:
    """What a value is held against.

    ``what``: a ``direction`` (of an optimiser), a ``backward`` without one, an ``update`` by hand, a ``name``,
    ``declaration``, ``parameter``, ``law``, ``acceptance``, ``setting``, ``comparison``, ``sibling``, ``term``, or a
    ``formula`` that is written beside it.
    """

    what: str
    support: Support = BY_NAME


@record(frozen=True, slots=True)
class Candidate:
    """A finding before it has a position.

    ``made``: the expressions that gave the reported terms their sense; two candidates about the same ones are one
    mistake. ``steps``: oldest first. ``confidence`` follows from what the two sides rest on.
    """

    code: str
    node: int
    message: str
    help: str
    made: frozenset[int]
    steps: tuple[Step, ...]
    value: Support  # on what it rests that the value is what it is
    against: Against
    doubt: Confidence | None = None  # at most so sure, whatever its two sides rest on
    within: int = -1  # for a finding that rests on names: the expression about which a better founded one may speak
    yields: frozenset[int] = (
        frozenset()
    )  # of a law by names: it comes last, and not at all if any of these is spoken of
    optimised: int = -1  # the node of the objective it is about, if it is about one
    turn: str = ""  # the edit that mends it, a row of `vaelint.edits.EDITS`
    maker: int = -1  # of what optimises the value: the call that makes it, where that has a flag for the direction
    into: tuple[str, str] = ("", "")  # of an edit that writes something: the name that it is about, and what is written
    example: Example | None = None  # where numbers decided

    @property
    def confidence(self) -> Confidence:
        found = confidence(self.value, self.against.what, self.against.support)
        return found if self.doubt is None else max(found, self.doubt, key=list(Confidence).index)


class Saying(NamedTuple):
    """How one contradiction is put: texts with gaps, by their names, what the value is held against, and the edit."""

    code: str
    message: str
    edit: str
    against: Against = Against("name")
    doubt: Confidence | None = None
    turn: str = ""

    def of(
        self, node: int, made: frozenset[int], steps: tuple[Step, ...], value: Support, gaps: dict[str, Any],
        **more: Any,
    ) -> Candidate:  # fmt: skip
        """The finding at ``node``; ``gaps`` is what the texts speak of."""
        texts = self.message.format(**gaps), self.edit.format(**gaps)
        more = {"against": self.against, "doubt": self.doubt, "turn": self.turn} | more
        return Candidate(self.code, node, *texts, made, steps, value, **more)


@record(frozen=True, slots=True)
class Check:
    """One check: its documentation (Markdown), how it decides, and its examples, which are its tests."""

    code: str
    name: str
    summary: str
    doc: str
    decide: Callable[[Event], Iterable[Candidate]] = lambda event: ()
    bad: tuple[str, ...] = field(default=())
    good: tuple[str, ...] = field(default=())
    compare: Callable[[Sequence[Event]], Iterable[Candidate]] = lambda events: ()  # all events of a file at once
