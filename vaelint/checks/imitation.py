"""Imitation rewards: what a discriminator says of the agent, paid the way that makes the agent look like the expert.

A discriminator that gives the expert 1 and the agent 0 pays by an increasing function of its output (``log D``,
``-log(1 - D)``); one that gives the labels the other way round, by a decreasing one (Ho & Ermon 2016, algorithm 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaelint import ir
from vaelint.checks.base import Against, Candidate
from vaelint.evidence import BY_NAMES, BY_STRUCTURE
from vaelint.infer.events import Event, Judged, Named, Optimised
from vaelint.infer.values import Source
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Direction

_EXPERT = Words("expert")
_AGENT = Words("agent")
_DISCRIMINATOR = Words("judge")


def reversed_rewards(events: Sequence[Event]) -> Iterable[Candidate]:
    """Rewards that fall as the discriminator takes the agent for the expert."""
    labels: dict[ir.Written, dict[int, Judged]] = {}
    for network, about, raised, node in _judgements(events):
        side = _EXPERT.within(*about) - _AGENT.within(*about)
        if side and _DISCRIMINATOR.within(network):
            labels.setdefault(network, {}).setdefault(side, Judged(network, about, raised, node))
    seen: set[int] = set()
    for event in events:
        if not isinstance(event, Named) or event.claim.kind != "reward" or len(event.quantity.terms) != 1:
            continue
        t = event.quantity.terms[0]
        sides = labels.get(t.source.network, {}) if t.source is not None else {}
        if len(sides) != 2 or sides[1].raised == sides[-1].raised or t.made in seen:
            continue
        if t.sign * t.source_sign == (1 if sides[1].raised else -1):
            continue
        seen.add(t.made)
        grows = "grows" if t.sign > 0 else "falls"
        to = "agent" if sides[-1].raised else "expert"
        yield Candidate(
            "VL302",
            event.node,
            f"`{event.name}` {grows} with `{t.label}`, which is trained towards 1 on the {to}: "
            "so the agent is rewarded for being recognised as the agent",
            "flip the sign of the reward, or swap the labels of expert and agent",
            frozenset({t.made}),
            tuple(
                (j.node, f"the label of the {'expert' if s > 0 else 'agent'} is {int(j.raised)}")
                for s, j in sides.items()
            ),
            BY_NAMES,
            Against("law", BY_STRUCTURE),
        )


def _judgements(events: Sequence[Event]) -> Iterable[tuple[ir.Written, tuple[ir.Node | ir.Written, ...], bool, int]]:
    """Network, what it is given, whether its output is raised there, and where."""
    for event in events:
        if isinstance(event, Judged):
            yield event.network, event.about, event.raised, event.node
        elif isinstance(event, Optimised) and event.direction is Direction.MINIMIZE:
            for t in event.quantity.terms:
                if isinstance(t.source, Source):
                    about = (t.label, *t.source.given)
                    yield t.source.network, about, t.sign * t.source_sign < 0, t.node if t.node >= 0 else event.node


__all__ = ["reversed_rewards"]
