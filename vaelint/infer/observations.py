"""What was observed of a file, in the order in which it was seen. What is another file's to report is left to it."""

from __future__ import annotations

from vaelint.infer.events import Event, Handed, Monitored, Named, Optimised
from vaelint.records import replace
from vaelint.sense import Sense


class Observations:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self._misnamed: set[tuple[int, Sense]] = set()  # terms that came from other files under a name of that sense

    def add(self, event: Event, foreign: bool, site: int) -> bool:
        """Whether it is kept. ``foreign``: it is about a place in another file, which was reached from ``site``."""
        if isinstance(event, Named):
            # What another file calls by a wrong name is that file's to report, not also where a name repeats it.
            said = {(t.made, event.claim.sense) for t in event.quantity.terms}
            if foreign:
                self._misnamed |= said
            if foreign or said <= self._misnamed:
                return False
        elif foreign and isinstance(event, (Optimised, Handed)):
            event = replace(event, site=site)
        elif foreign and not isinstance(event, Monitored):
            return False  # what is wrong with a formula of another file is that file's to report
        self.events.append(event)
        return True
