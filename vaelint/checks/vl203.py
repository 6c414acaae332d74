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
  three signs differs from what the other two imply, it is reported;
- a critic that unlearns its own answers: where both logarithms (`log D(x)`, `log(1 - D(y))`), both softplus or both
  hinges are in sight in a step that moves the critic alone, its log-likelihood is to be raised, its loss lowered.

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

from vaelint.checks import critics, siblings
from vaelint.checks.base import Candidate, Check
from vaelint.infer.events import Event


def compare(events: Sequence[Event]) -> Iterable[Candidate]:
    yield from siblings.compare(events)
    yield from critics.compare(events)


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

_CRITIC = """\
import torch

def train(D, G, loader, noise):
    d_optim = torch.optim.Adam(D.parameters())
    for x in loader:
        d_loss = {sign}(torch.log(D(x)) + torch.log(1 - D(G(noise())))).mean(){mark}
        d_optim.zero_grad()
        d_loss.backward()
        d_optim.step()
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
        _CRITIC.format(sign="", mark="  # expect: VL203"),
        _BRANCHES.format(sign="", mark="  # expect: VL203"),
        _ENTROPY.format(sign="-", mark="  # expect: VL203"),
    ),
    good=(
        _GAME.format(sign="-", mark=""),
        _CRITIC.format(sign="-", mark=""),
        _BRANCHES.format(sign="-", mark=""),
        _ENTROPY.format(sign="", mark=""),
        _BRANCHES.format(sign="", mark="").replace("robust", "maximize"),
    ),
    compare=compare,
)
