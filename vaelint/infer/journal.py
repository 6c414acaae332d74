"""What a call asks of what may change between two calls, and what it changes: what a summary of it has to know.

What the interpreter and those who watch it remember lives longer than a call. Who keeps such a thing notes here what is
asked of it (`asked`), what is done to it that may be done again at any time (`does`), and that something was changed in
any other way (`changed`): a call within which that happened is followed each time. Of objects it is noted which a call
has made, which it has changed, and of which others it has asked for the attributes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from vaelint.infer.events import Event
    from vaelint.infer.values import Frame, Instance, Value

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Observed(NamedTuple):
    """An event as it was observed; ``first``: its number, which it keeps when it is observed again by a summary."""

    event: Event
    foreign: bool
    site: int
    first: int


class Action(NamedTuple):
    """What may be done again at any time; done more than ``most`` times it changes nothing more."""

    do: Callable[[Any], object]
    key: Hashable
    most: int


@dataclass(slots=True, eq=False)
class Recording:
    """One call, while it is followed. ``depth``: how many calls are around it; ``site``: where it was reached from."""

    frame: Frame
    depth: int
    site: int
    discarded: int
    holds: bool = True  # nothing was changed that others will find changed
    answers: dict[tuple[Callable[[Any], object], Hashable], object] = field(default_factory=dict)
    made: dict[int, None] = field(default_factory=dict)  # objects
    written: dict[int, None] = field(default_factory=dict)  # objects that were there before, and were changed
    observed: list[tuple[int, Observed]] = field(default_factory=list)  # with the time, as a count
    mixed: bool = False  # they may not be in the order in which they were observed
    actions: dict[Action, int] = field(default_factory=dict)  # how often each was done, up to the number that counts
    wanted: set[int] = field(default_factory=set)  # functions that were called, or would have been but for the stack
    called: set[int] = field(default_factory=set)  # those that were run
    frames: list[Frame] = field(default_factory=list)  # of the calls inside
    deepest: int = 0  # calls around the innermost one inside
    limited: bool = False  # something was not followed because of the calls around it
    short: bool = False  # something was not followed because of what had been spent
    budget: int = 0  # steps that it had for what it calls

    def do(self, action: Action, times: int = 1) -> None:
        """It was done so often: without a bound, calls that double would do it exponentially often."""
        self.actions[action] = min(self.actions.get(action, 0) + times, action.most)

    def take(self, inner: Recording) -> None:
        """What a call inside asked and did, this one did."""
        for question, answer in inner.answers.items():
            if question[0] is not attributes_of or not self._has_own(question[1]):
                self.answers.setdefault(question, answer)
        self.made |= inner.made
        self.written |= {oid: None for oid in inner.written if oid not in self.made}
        self.observed += inner.observed
        if self.mixed:
            self.observed.sort(key=lambda o: o[0])
        for action, times in inner.actions.items():
            self.do(action, times)
        self.wanted |= inner.wanted
        self.called |= inner.called
        self.frames += (inner.frame, *inner.frames)
        self.deepest = max(self.deepest, inner.deepest)
        self.limited = self.limited or inner.limited
        self.short = self.short or inner.short

    def _has_own(self, base: Any) -> bool:
        return base.oid in self.made or base.oid in self.written


def attributes_of(base: Instance) -> dict[str, Value]:
    """The question for the attributes of an object, which who holds the objects now answers."""
    raise NotImplementedError


class Journal:
    """The calls that are being followed, the outermost first."""

    def __init__(self) -> None:
        self.recordings: list[Recording] = []
        self.standing: list[Callable[[], int]] = []  # what a call is made within: a number each
        self.followed = self.replayed = 0  # bodies of functions that were run, and those that a summary stood for
        self._live = 0  # calls of which nothing is known yet that forbids to summarise them
        self._numbers = self._times = 0

    # --- what those who remember something note ---

    def asked(self, question: Callable[[K], T], key: K, answer: T) -> T:
        """``question(key)`` was asked, and answered so: a call that would be answered otherwise may do otherwise."""
        if self._live:
            self.recordings[-1].answers.setdefault((question, key), answer)
        return answer

    def does(self, action: Action, times: int = 1) -> None:
        """Do it: now, and whenever the call is replayed."""
        for _ in range(times):
            action.do(action.key)
        if self._live:
            self.recordings[-1].do(action, times)

    def asked_attributes(self, base: Instance, answer: dict[str, Value]) -> None:
        """The attributes of an object were asked for: a question, unless the call has made or changed it itself.

        What is changed was asked for before, as it was found.
        """
        if self._live and base.oid not in (own := self.recordings[-1]).made and base.oid not in own.written:
            own.answers.setdefault((attributes_of, base), answer)

    def makes(self, oid: int) -> None:
        """An object is made."""
        if self._live:
            self.recordings[-1].made[oid] = None

    def writes(self, oid: int) -> None:
        """The attributes of an object are changed."""
        if self._live and oid not in (own := self.recordings[-1]).made:
            own.written[oid] = None

    @contextmanager
    def aside(self, oid: int = 0) -> Iterator[None]:
        """What is done now is no part of the calls that are being followed, but for those that have made this object.

        It is done once, whoever is the first to need it: a call that needs it again finds it done.
        """
        n = len(self.recordings)
        while n and oid not in self.recordings[n - 1].made:
            n -= 1
        apart = self.recordings[n:]
        del self.recordings[n:]
        self._live -= sum(r.holds for r in apart)
        try:
            yield
        finally:
            if self.recordings and apart:
                self.recordings[-1].mixed = True
            self.recordings += apart
            self._live += sum(r.holds for r in apart)

    def changed(self) -> None:
        """Something was changed that others will find changed: no call around this is the same a second time."""
        if self._live:
            self._live = 0
            for recording in self.recordings:
                recording.holds = False

    # --- what the interpreter notes ---

    def wants(self, node: int) -> None:
        """A function is called, or would be if it were not running already."""
        if self._live:
            self.recordings[-1].wanted.add(node)

    def runs(self, frame: Frame, node: int, depth: int) -> None:
        """The body of a function is run in a frame, with so many calls around it."""
        if not self._live:
            return
        inner = self.recordings[-1]
        inner.called.add(node)
        inner.frames.append(frame)
        inner.deepest = max(inner.deepest, depth)
        self.reads(frame.parent)

    def reads(self, around: Frame | None) -> None:
        """Variables of an enclosing function are read: a call that did not begin it may find them changed."""
        if not self._live or around is None or around is around.module.frame:
            return
        while around.parent is not None and around.parent is not around.module.frame:
            around = around.parent
        for recording in reversed(self.recordings):
            if around is recording.frame or any(around is f for f in recording.frames):
                return
            self._live -= recording.holds
            recording.holds = False

    def limited(self) -> None:
        """A call is not followed: there are too many around it."""
        if self._live:
            self.recordings[-1].limited = True

    def short(self) -> None:
        """A call is not followed: too much has been spent."""
        if self._live:
            self.recordings[-1].short = True

    def stands_for(self, wanted: Set[int], called: Set[int], deepest: int) -> None:
        """A summary stands for a call that wanted and ran these functions."""
        if self._live:
            inner = self.recordings[-1]
            inner.wanted |= wanted
            inner.called |= called
            inner.deepest = max(inner.deepest, deepest)

    def number(self) -> int:
        """Of an event that is observed for the first time."""
        self._numbers += 1
        return self._numbers

    def observes(self, observed: Observed) -> None:
        if self._live:
            self._times += 1
            self.recordings[-1].observed.append((self._times, observed))

    def begin(self, recording: Recording) -> None:
        self.recordings.append(recording)
        self._live += 1

    def end(self) -> Recording:
        """The innermost call is over."""
        done = self.recordings.pop()
        self._live -= done.holds
        if self._live:
            self.recordings[-1].take(done)
        return done


class Remembered:
    """What notes in the journal what is asked of it and done to it; whatever else is remembered counts as changed.

    What only saves time, because it answers the same whenever it is asked, has nothing to note.
    """

    journal: Journal

    def standing(self) -> int:
        """What a call is made within, as a number: it makes another call of it."""
        return 0
