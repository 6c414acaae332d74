"""What a library documents of its classes: in its own files, in what derives from them, in records of one of several.

And what the project's own optimisers and actors do: each objective is consistent, and wrong with its sign turned.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.evidence import Confidence
from vaelint.finding import Result, Status

Files = dict[str, str]

RECORDS = """\
from torchrl.objectives import DiscreteSACLoss, SACLoss


def train(actor, critic, data, optimizer, discrete):
    if discrete:
        module = DiscreteSACLoss(actor, critic)
    else:
        module = SACLoss(actor, critic)
    out = module(data)
    loss = {sign}(out["loss_actor"] + out["loss_qvalue"])
    loss.backward()
    optimizer.step()
"""
INHERITED = """\
from pyro.infer import SVI, Trace_ELBO


class Particles(Trace_ELBO):
    def loss(self, model, guide, *args):
        return {sign}self.differentiable_loss(model, guide, *args)


def fit(model, guide, optim, data):
    svi = SVI(model, guide, optim, Particles())
    for x in data:
        svi.step(x)
"""
ABSTRACT = """\
class LossModule:
    def forward(self, data):
        raise NotImplementedError
"""
TRAINER = """\
from torchrl.objectives.common import LossModule


class Trainer:
    def __init__(self, loss_module: LossModule, optimizer):
        self.loss_module, self.optimizer = loss_module, optimizer

    def step(self, batch):
        losses = self.loss_module(batch)
        loss = {sign}sum([v for k, v in losses.items() if k.startswith("loss")])
        loss.backward()
        self.optimizer.step()
"""
BOUND = """\
class VariationalELBO:
    def __call__(self, output, target):
        return self._combine(output, target)
"""
FITTED = """\
from gpytorch.mlls.variational_elbo import VariationalELBO


def fit(likelihood, model, optimizer, x, y):
    mll = VariationalELBO(likelihood, model)
    loss = {sign}mll(model(x), y)
    loss.backward()
    optimizer.step()
"""
OWN_OPTIMISER = """\
import jax
import jax.numpy as jnp


class Momentum:
    def update(self, grads, state):
        return self.rescale(grads, state), state


def fit(params, x, y, state):
    def loss_fn(params):
        return {sign}jnp.mean((x @ params - y) ** 2)

    optimizer = Momentum()
    value, grads = jax.value_and_grad(loss_fn)(params)
    updates, state = optimizer.update(grads, state)
    return apply(params, updates), state, value
"""
ACTOR = """\
class Ensemble:
    def expected(self, x, action):
        return [forwarder.compute_expected_q(x, action) for forwarder in self.forwarders]


class Agent:
    def __init__(self, ensemble: Ensemble, policy, optim):
        self.ensemble, self.policy, self.optim = ensemble, policy, optim

    def update_actor(self, x):
        value = self.ensemble.expected(x, self.policy(x))[0]
        loss = {sign}value.mean()
        loss.backward()
        self.optim.step()
"""
NEGATED = """\
def train(old_neglogp, neglog_probs, advantages, optimizer):
    loss = {sign}(neglog_probs * advantages).mean()
    loss.backward()
    optimizer.step()
"""
PARTS = """\
import torch
import torch.nn.functional as F
from torch.distributions import Normal


def masked(losses, mask):
    return [(x * mask).mean() for x in losses]


def train(net, x, y, mask, optimizer):
    d = Normal(net(x), 1.0)
    parts = masked([-d.log_prob(y), F.mse_loss(net(x), y), d.entropy()], mask)
    loss = {sign}(parts[0] + parts[1])
    loss.backward()
    optimizer.step()
"""
LONGER = """\
def update_actor(critic, actor, x, adapt, alpha, target_entropy, actor_optimizer):
    action, log_prob = actor(x)
    q_pi = critic.q_value(x, action)
    actor_loss = (alpha * log_prob {sign} q_pi).mean()
    if adapt:
        loss = actor_loss + (alpha * (-log_prob - target_entropy).detach()).mean()
    else:
        loss = actor_loss
    loss.backward()
    actor_optimizer.step()
"""
STEPPED = """\
import pyro
import pytorch_lightning as pl


class Plan(pl.LightningModule):
    def __init__(self, model, guide, optim, loss_fn: pyro.infer.ELBO | None = None):
        self.svi = pyro.infer.SVI(model, guide, optim, loss=loss_fn)

    def training_step(self, batch, index):
        return {sign}self.svi.step(batch)
"""
NAMESPACE = """\
from spaces.errors import reconstruction


def train(net, x, optimizer):
    value = {sign}reconstruction(net(x), x)
    value.backward()
    optimizer.step()
"""
ERRORS = """\
import torch.nn.functional as F


def reconstruction(a, b):
    return F.mse_loss(a, b)
"""
# The files, the one that optimises, the sign with which it is right, the other one.
CASES: dict[str, tuple[Files, str, str, str]] = {
    "records of one of two modules": ({"train.py": RECORDS}, "train.py", "", "-"),
    "a method inherited from a library's class": ({"train.py": INHERITED}, "train.py", "", "-"),
    "an abstract class in the library's own files": (
        {
            "torchrl/__init__.py": "",
            "torchrl/objectives/__init__.py": "",
            "torchrl/objectives/common.py": ABSTRACT,
            "torchrl/trainers.py": TRAINER,
        },
        "torchrl/trainers.py",
        "",
        "-",
    ),
    "a class in the library's own files that is not resolved": (
        {
            "gpytorch/__init__.py": "",
            "gpytorch/mlls/__init__.py": "",
            "gpytorch/mlls/variational_elbo.py": BOUND,
            "gpytorch/fitted.py": FITTED,
        },
        "gpytorch/fitted.py",
        "-",
        "",
    ),
    "an optimiser of the project's own": ({"fit.py": OWN_OPTIMISER}, "fit.py", "", "-"),
    "an actor's value out of a method": ({"agent.py": ACTOR}, "agent.py", "-", ""),
    "each of a list of losses": ({"train.py": PARTS}, "train.py", "", "-"),
    "an objective with a term more on one branch": ({"train.py": LONGER}, "train.py", "-", "+"),
    "the loss that a step of inference yields": ({"plan.py": STEPPED}, "plan.py", "", "-"),
    "a package without a file of its own": (
        {"spaces/train.py": NAMESPACE, "spaces/errors.py": ERRORS},
        "spaces/train.py",
        "",
        "-",
    ),
}


def examined(files: Files, about: str, sign: str, folder: Path) -> Result:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(sign=sign) if name == about else text, "utf-8")
    return analyse([folder / about], Config(min_confidence=Confidence.POSSIBLE))


@pytest.mark.parametrize(("files", "about", "right", "wrong"), CASES.values(), ids=CASES)
def test_what_is_documented_is_judged(files: Files, about: str, right: str, wrong: str, tmp_path: Path) -> None:
    result = examined(files, about, right, tmp_path)
    assert {o.status for o in result.objectives} <= {Status.CONSISTENT, Status.BY_NAME}
    assert result.objectives
    assert not result.findings


@pytest.mark.parametrize(("files", "about", "right", "wrong"), CASES.values(), ids=CASES)
def test_the_other_sign_is_wrong(files: Files, about: str, right: str, wrong: str, tmp_path: Path) -> None:
    assert examined(files, about, wrong, tmp_path).findings


@pytest.mark.parametrize(("sign", "status"), [("", Status.BY_NAME), ("-", Status.UNRESOLVED)])
def test_names_alone_convict_nobody(sign: str, status: Status, tmp_path: Path) -> None:
    result = examined({"train.py": NEGATED}, "train.py", sign, tmp_path)
    assert [o.status for o in result.objectives] == [status]
