"""The observations of a file, of which better founded ones stand for poorer ones of the same place."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from vaelint.evidence import Basis, Context, settle, weakest
from vaelint.infer.events import Event, Handed, Named, Optimised, Summed
from vaelint.infer.values import Quantity


def settled(events: Sequence[Event]) -> list[Event]:
    """``events`` as the checks see them (`vaelint.evidence.settle`)."""
    return settle(events, _place, _known, _context)


def _place(event: Event) -> Hashable | None:
    match event:
        case Named(node=node, name=name, how=how):
            return Named, node, name, how
        case Optimised(node=node, via=via):
            return Optimised, node, via
        case Handed(node=node, api=api, parameter=parameter):
            return Handed, node, api, parameter
        case Summed(node=node):
            return Summed, node
        case _:
            return None  # it is about no quantity, or about several


def _known(event: Event) -> dict[int, Basis]:
    return known(event.quantity) if isinstance(event, (Named, Optimised, Handed, Summed)) else {}


def known(q: Quantity) -> dict[int, Basis]:
    """By the node that gave a term its sense, on what that rests: the weakest where several terms have one node."""
    out: dict[int, Basis] = {}
    for t in q.terms:
        out[t.made] = weakest((t.meaning.basis, out[t.made])) if t.made in out else t.meaning.basis
    return out


def _context(event: Event) -> Context:
    return event.context


__all__ = ["known", "settled"]
