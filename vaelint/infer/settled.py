"""The observations of a file as the checks see them: better founded ones for poorer ones, alternatives one by one."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence

from vaelint.evidence import Basis, Context, settle, weakest
from vaelint.infer.events import Declared, Event, Handed, Named, Optimised, Summed
from vaelint.infer.quantities.algebra import overall
from vaelint.infer.quantities.volumes import beside_densities
from vaelint.infer.values import Quantity
from vaelint.records import replace


def settled(events: Sequence[Event]) -> list[Event]:
    """``events`` as the checks see them (`vaelint.evidence.settle`)."""
    return settle([*_on_each_way(map(_connected, events))], _place, _known, _context)


# --- alternatives --------------------------------------------------------------------------------


def _on_each_way(events: Iterable[Event]) -> Iterator[Event]:
    """The events, and after one of an objective that differs from way to way one for each of them."""
    for event in events:
        yield event
        if isinstance(event, Optimised) and event.quantity.parted >= 0 and not _disagree(event.quantity.ways):
            for way in event.quantity.ways:
                yield replace(event, quantity=replace(way, label=event.quantity.label), joined=event.quantity)


def _disagree(ways: Sequence[Quantity]) -> bool:
    """Whether facts say that one way goes up and another one down: which is meant, a condition decides."""
    verdicts = [overall(way, gradient=True) for way in ways]
    return len({v.sense for v in verdicts if v.is_evidence and v.sense.directed}) > 1


# --- places --------------------------------------------------------------------------------------


def _place(event: Event) -> Hashable | None:
    match event:
        case Named(node=node, name=name, how=how):
            return Named, node, name, how
        case Optimised(node=node, via=via, joined=None):
            return Optimised, node, via
        case Handed(node=node, api=api, parameter=parameter):
            return Handed, node, api, parameter
        case Declared(node=node, name=name):
            return Declared, node, name
        case Summed(node=node):
            return Summed, node
        case _:
            return None  # it is about no quantity, or about several; or it is one way of several, each of which counts


def _known(event: Event) -> dict[int, Basis]:
    return known(event.quantity) if isinstance(event, (Named, Optimised, Handed, Declared, Summed)) else {}


def known(q: Quantity) -> dict[int, Basis]:
    """By the node that gave a term its sense, on what that rests: the weakest where several terms have one node."""
    out: dict[int, Basis] = {}
    for t in q.terms:
        out[t.made] = weakest((t.meaning.basis, out[t.made])) if t.made in out else t.meaning.basis
    return out


def _connected(event: Event) -> Event:
    """The event with what only the whole of a sum tells of a term."""
    if not isinstance(event, (Named, Optimised)):
        return event
    q = beside_densities(event.quantity)
    return event if q is event.quantity else replace(event, quantity=q)


def _context(event: Event) -> Context:
    return event.context


__all__ = ["known", "settled"]
