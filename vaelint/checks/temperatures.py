"""Temperatures whose loss is turned where it is named, though no optimiser is in sight for it alone.

``alpha * (log_pi + target_entropy)`` under the name of a loss is minus what is to be lowered (Haarnoja et al. 2018,
eq. 18), unless something in the file turns it round.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaelint.checks.base import Against, Candidate
from vaelint.checks.judgement import made, of_terms, story
from vaelint.evidence import BY_PROOF
from vaelint.infer.events import Event, Named, Optimised
from vaelint.infer.values import Term
from vaelint.sense import Sense


def turned_temperatures(events: Sequence[Event]) -> Iterable[Candidate]:
    """Losses of temperatures that are to be raised, as they stand, and that nobody negates."""
    seen: set[int] = set()
    for event in events:
        if not isinstance(event, Named) or event.claim.sense is not Sense.COST or len(event.quantity.terms) != 1:
            continue
        t = event.quantity.terms[0]
        if t.meaning.kind != "temperature" or t.value_sense is not Sense.GAIN or not t.live or t.made in seen:
            continue
        seen.add(t.made)
        if not _is_turned_elsewhere(t, events):
            yield Candidate(
                "VL102",
                event.node,
                f"`{event.name}` has the wrong sign: minimised like this, the temperature "
                "moves the entropy away from its target",
                "flip the sign: write alpha * (entropy - target), or -alpha * (log_pi + target)",
                made([t]),
                story(event.quantity, (event.node, f"bound to `{event.name}`")),
                of_terms([t]),
                Against("law", BY_PROOF),
            )


def _is_turned_elsewhere(t: Term, events: Sequence[Event]) -> bool:
    for other in events:
        if isinstance(other, (Named, Optimised)):
            for u in other.quantity.terms:
                if u.made == t.made and u.sign != t.sign:
                    return True
    return False


__all__ = ["turned_temperatures"]
