"""## What it does
Reports a name that says log-likelihood, ELBO or the like and holds a quantity to be lowered; the label of a log or a
message as well, and a value whose annotation declares `vaelint.Gain`.

## Why is this bad?
Whoever reads `elbo` raises it, compares it, or selects the model where it is largest: the worst one.

## Example
```python
elbo = F.binary_cross_entropy(x_hat, x) + kl_divergence(q, p).sum()
```

## Use instead
```python
negative_elbo = F.binary_cross_entropy(x_hat, x) + kl_divergence(q, p).sum()
```

## Known limitations
A name against a name counts only with a minus in sight (`elbo = -loglike`): one of the two is wrong, and it may be the
other one. Weak names (`reward`, `score`, `return`) are not judged: anything may be a reward. Two rewards are: the one
of a class that is a loss where its siblings are minus such a loss, and an imitation reward made of a discriminator's
output that falls as the agent is taken for the expert, where both labels are in sight.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

from vaelint import ir
from vaelint.checks.base import Against, Candidate, Check, Saying
from vaelint.checks.claims import misdeclared, misnamings, worded
from vaelint.checks.objective import directed, finding_about
from vaelint.evidence import BY_NAMES, BY_STRUCTURE
from vaelint.infer.events import Event, Judged, Named, Optimised
from vaelint.infer.quantities.algebra import overall
from vaelint.infer.values import Source
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Direction, Sense, family

EDIT = "negate the value, or rename it (`{true_name}`)"


def decide(event: Event) -> Iterable[Candidate]:
    yield from worded(event, "VL302")
    yield from misdeclared(event, Sense.GAIN, "VL302")


def compare(events: Sequence[Event]) -> Iterable[Candidate]:
    yield from reversed_rewards(events)
    yield from reversed_siblings(events)
    yield from misnamings(events, Sense.GAIN, "VL302", EDIT)


# --- methods of one class ------------------------------------------------------------------------------


def reversed_siblings(events: Sequence[Event]) -> Iterable[Candidate]:
    """A method called after a reward or a score that yields a cost, where its siblings yield minus such a cost.

    Alone such a name says little. That the class has others of that name which turn the sign shows what it means by it.
    """
    families: dict[Hashable, list[Named]] = {}
    for event in events:
        if isinstance(event, Named) and _yields_weakly(event):
            families.setdefault(_family(event), []).append(event)
    for members in families.values():
        yield from _odd_costs(members)


_ODD_COST = Saying(
    "VL302",
    "`{name}` returns a cost ↓ ({held}), but `{other}` beside it returns minus a cost",
    "put a minus in front, as `{other}` does",
    Against("sibling", BY_STRUCTURE),
    turn="whole",
)


def _odd_costs(members: Sequence[Named]) -> Iterable[Candidate]:
    """Of the methods of one family those that yield a cost, where more of the others yield gains."""
    gains, costs = ([e for e in members if overall(e.quantity).sense is way] for way in (Sense.GAIN, Sense.COST))
    own_gains, own_costs = (Counter(e.name for e in side) for side in (gains, costs))
    seen: set[int] = set()
    for event in costs:
        left = len(gains) - own_gains[event.name]
        if left == 0 or len(costs) - own_costs[event.name] > left or event.node in seen:
            continue
        right = next(e for e in gains if e.name != event.name)
        seen.add(event.node)
        steps = [(right.node, f"`{right.name}` negates it"), (event.node, "returned as it is")]
        gaps = {"name": event.name, "other": right.name}
        yield finding_about(_ODD_COST, event.node, event.quantity, steps, gaps=gaps)


def _yields_weakly(event: Named) -> bool:
    """Whether a method returns what is known for a fact under a name that says little of which way it goes."""
    if event.how != "return" or not event.owner or event.claim.strong or event.claim.sense is not Sense.GAIN:
        return False
    verdict = overall(event.quantity)
    return verdict.is_evidence and verdict.sense.directed


def _family(event: Named) -> Hashable:
    """Methods of one class that are called after one thing, and hold it of one kind, are siblings."""
    return event.owner, event.claim.kind, frozenset(family(t.meaning.kind) for t in directed(event.quantity))


# --- imitation rewards ---------------------------------------------------------------------------------

# Imitation rewards: what a discriminator says of the agent, paid the way that makes the agent look like the expert.
#
# A discriminator that gives the expert 1 and the agent 0 pays by an increasing function of its output (``log D``,
# ``-log(1 - D)``); one that gives the labels the other way round, by a decreasing one (Ho & Ermon 2016, algorithm 1).

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
        gaps = {
            "name": event.name, "grows": "grows" if t.sign > 0 else "falls", "output": t.label,
            "to": "agent" if sides[-1].raised else "expert",
        }  # fmt: skip
        steps = tuple(
            (j.node, f"the label of the {'expert' if s > 0 else 'agent'} is {int(j.raised)}") for s, j in sides.items()
        )
        yield _RECOGNISED.of(event.node, frozenset({t.made}), steps, BY_NAMES, gaps)


_RECOGNISED = Saying(
    "VL302",
    "`{name}` {grows} with `{output}`, which is trained towards 1 on the {to}: so the agent is rewarded for being "
    "recognised as the agent",
    "flip the sign of the reward, or swap the labels of expert and agent",
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


CHECK = Check(
    "VL302",
    "misnamed-gain",
    "a name that says log-likelihood, ELBO or reward holds a cost",
    __doc__,
    decide,
    bad=(
        """\
import torch.nn.functional as F
from torch.distributions import kl_divergence

def step(x_hat, x, q, p):
    elbo = F.binary_cross_entropy(x_hat, x) + kl_divergence(q, p).sum()  # expect: VL302
    return elbo
""",
    ),
    good=(
        """\
import torch.nn.functional as F
from torch.distributions import kl_divergence

def step(x_hat, x, q, p):
    elbo = -F.binary_cross_entropy(x_hat, x) - kl_divergence(q, p).sum()
    return elbo
""",
    ),
    compare=compare,
)
