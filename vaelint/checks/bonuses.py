"""Sums of a policy's surrogate with an entropy, a divergence or an error of the wrong sign, wherever they lead.

Where an optimiser is in sight it says which of the two is wrong; else the one that may be meant otherwise is: an
entropy or a divergence beside a surrogate, but a surrogate beside an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaelint.checks.base import Against, Candidate
from vaelint.checks.judgement import made, of_terms
from vaelint.infer.events import Beside, Event, Optimised
from vaelint.infer.quantities.policies import is_entropy
from vaelint.infer.values import Term
from vaelint.sense import noun


def opposed_companions(events: Sequence[Event]) -> Iterable[Candidate]:
    """One finding for each surrogate or companion whose sign is turned."""
    beside = [e for e in events if isinstance(e, Beside)]
    errors = {t for e in beside if e.other.meaning.kind == "error" for t in made([e.surrogate])}
    for event in beside:
        if is_entropy(event.other) and made([event.surrogate]) & errors:
            continue  # it pulls with the error: the surrogate is the one that is turned, and is told beside that
        wrong, other = _blamed(event, events)
        kind = noun("entropy" if is_entropy(wrong) else wrong.meaning.kind)
        yield Candidate(
            "VL201",
            wrong.node if wrong.node >= 0 else event.node,
            f"`{wrong.label}` ({kind}) has the wrong sign beside `{other.label}`: one "
            "of the two is maximised and the other minimised",
            f"flip the sign of `{wrong.label}`",
            made([wrong]),
            ((event.node, "added here"),),
            of_terms([wrong]),
            Against("term", of_terms([other])),
            turn="flip",
        )


def _blamed(event: Beside, events: Sequence[Event]) -> tuple[Term, Term]:
    """The term that is wrong, and the one that it pulls against."""
    of = made([event.surrogate])
    for other in events:
        if isinstance(other, Optimised) and other.direction.wants.directed:
            for t in other.quantity.terms:
                if t.made in of and t.gradient_sense.directed:
                    right = t.gradient_sense is other.direction.wants
                    return (event.other, event.surrogate) if right else (event.surrogate, event.other)
    if event.other.meaning.kind == "error":
        return event.surrogate, event.other
    return event.other, event.surrogate


__all__ = ["opposed_companions"]
