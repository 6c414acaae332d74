"""## What it does
Reports the odd one out among values that must agree:

- branches that bind one name, or returns of one function, where facts give densities, divergences or errors of opposite
  sense, and the optimiser that the value goes to, or two against one, tell which is odd;
- an entropy on one branch, and its estimate from a sample with the wrong sign on the other;
- overrides of one method: three or more classes with a common base of the project, one of which returns the opposite;
- two ways through one flow, one of which multiplies by `exp(s)`, the other by `exp(-s)`, whose log-determinants have
  one sign (a hint: a flow may return that of the other way on purpose);
- the three steps of an adversarial pair. A critic moves its score of data and its score of generated samples in
  opposite directions; the generator moves the score of its samples the way the critic moves that of data. If one of the
  three signs differs from what the other two imply, it is reported.

## Why is this bad?
One configuration of several learns the opposite. Two networks that should compete cooperate: the critic loses its
grip, or the generator learns to be recognised.

## Example
```python
critic_real.backward(mone)   # the critic raises the score of data
critic_fake.backward(one)    # and lowers that of samples
...
score = critic(generator(z)).mean()
score.backward(one)          # the generator lowers it, too
```

## Use instead
```python
score.backward(mone)
```

## Known limitations
Only critics whose score enters the objectives through increasing or decreasing functions; a loss of two arguments
(`BCELoss(D(x), ones)`) is not followed. All that is compared must stand in one file. Where a condition, a parameter or
a name speaks of a sign or of what is asked for (`maximize`, `reverse`, `nll`), branches are taken to differ on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vaelint.checks import siblings
from vaelint.checks.base import Candidate, Check
from vaelint.infer.events import Event, Optimised
from vaelint.infer.values import Term
from vaelint.sense import Direction


@dataclass(frozen=True, slots=True)
class Push:
    """A step moves the score that a network gives: ``sign`` 1 raises it, -1 lowers it."""

    network: str
    generated: bool
    sign: int
    event: Optimised
    term: Term


def _pushes(events: Iterable[Event]) -> list[Push]:
    out = []
    for e in events:
        if not isinstance(e, Optimised) or e.direction is Direction.UNKNOWN or e.step < 0:
            continue
        up = 1 if e.direction is Direction.MAXIMIZE else -1
        for t in e.quantity.terms:
            if t.source is not None and t.live:
                sign = up * t.sign * t.source_sign * t.grad_sign
                out.append(Push(t.source.network, t.source.generated, sign, e, t))
    return out


_ROLES = ("data", "samples, in the critic's step", "samples, in the generator's step")


def compare(events: Sequence[Event]) -> Iterable[Candidate]:
    yield from siblings.compare(events)
    for groups, signs in _games(events):
        if abs(sum(signs)) == 1:
            odd = next(i for i, s in enumerate(signs) if s == -sum(signs))
            yield _report(groups[odd][0], _ROLES[odd], [g[0] for i, g in enumerate(groups) if i != odd])


def agreeing(events: Sequence[Event]) -> frozenset[tuple[int, str]]:
    """The steps of games whose three signs fit together: the node of the objective with the label of the score."""
    return frozenset(
        (p.event.node, p.term.label)
        for groups, signs in _games(events)
        if abs(sum(signs)) == 3
        for group in groups
        for p in group
    )


def _games(events: Iterable[Event]) -> Iterable[tuple[tuple[list[Push], list[Push], list[Push]], tuple[int, int, int]]]:
    """What the steps do to a critic's scores: of data, of samples in its own step, of samples in the generator's step.

    With the signs of the three, turned so that a game in order has three of one sign.
    """
    pushes = _pushes(events)
    for network in dict.fromkeys(p.network for p in pushes):
        mine = [p for p in pushes if p.network == network]
        critic_steps = {p.event.step for p in mine if not p.generated}
        data = [p for p in mine if not p.generated]
        samples = [p for p in mine if p.generated and p.event.step in critic_steps]
        generator = [p for p in mine if p.generated and p.event.step not in critic_steps]
        if _agree(data) and _agree(samples) and _agree(generator):  # else a role is missing, or plays both ways
            yield (data, samples, generator), (data[0].sign, -samples[0].sign, generator[0].sign)


def _agree(pushes: list[Push]) -> bool:
    return bool(pushes) and len({p.sign for p in pushes}) == 1


def _verb(p: Push) -> str:
    return "raises" if p.sign > 0 else "lowers"


def _report(odd: Push, role: str, others: list[Push]) -> Candidate:
    steps = [(p.event.node, f"this step {_verb(p)} the score of `{p.term.label}`") for p in (*others, odd)]
    place = odd.event.node if odd.event.explicit or odd.event.quantity.origin < 0 else odd.event.quantity.origin
    return Candidate(
        "VL203",
        place,
        f"this step {_verb(odd)} `{odd.network}`'s score of {role}, against what the other two steps of the game imply",
        "turn its sign round",
        frozenset((odd.term.made,)),
        tuple(steps),
        optimised=odd.event.node,
    )


_GAME = """\
import torch

def train(critic, generator, loader, noise, c_optim, g_optim):
    for x in loader:
        fake = generator(noise()).detach()
        c_optim.zero_grad()
        c_loss = critic(fake).mean() - critic(x).mean()
        c_loss.backward()
        c_optim.step()

        g_optim.zero_grad()
        g_loss = {sign}critic(generator(noise())).mean(){mark}
        g_loss.backward()
        g_optim.step()
"""

_BRANCHES = """\
from torch.distributions import Laplace, Normal

def fit(mu, x, robust, optimizer):
    if robust:
        value = {sign}Laplace(mu, 1.0).log_prob(x).mean(){mark}
    else:
        value = -Normal(mu, 1.0).log_prob(x).mean()
    value.backward()
    optimizer.step()
"""

_ENTROPY = """\
def entropy_term(dist, action, analytic):
    log_prob = dist.log_prob(action)
    if analytic:
        entropy_loss = -dist.entropy().mean()
    else:
        entropy_loss = {sign}log_prob.mean(){mark}
    return entropy_loss
"""

CHECK = Check(
    "VL203",
    "odd-one-out",
    "among siblings that must agree one has the opposite sense",
    __doc__,
    bad=(
        _GAME.format(sign="", mark="  # expect: VL203"),
        _BRANCHES.format(sign="", mark="  # expect: VL203"),
        _ENTROPY.format(sign="-", mark="  # expect: VL203"),
    ),
    good=(
        _GAME.format(sign="-", mark=""),
        _BRANCHES.format(sign="-", mark=""),
        _ENTROPY.format(sign="", mark=""),
        _BRANCHES.format(sign="", mark="").replace("robust", "maximize"),
    ),
    compare=compare,
)
