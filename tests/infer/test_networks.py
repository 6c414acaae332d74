"""A network is whatever yields a probability when it is called; what becomes of its gradient on two paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Confidence, Status

GAME = """
import torch
from torch import nn, optim

W, V = torch.randn(4, 1, requires_grad=True), torch.randn(4, 4, requires_grad=True)
{network}


def G(z):
    return torch.sigmoid(z @ V)


D_solver, G_solver = optim.Adam([W]), optim.Adam([V])


def train(batches):
    for x in batches:
        z = torch.randn(8, 4)
        real, fake = D(x), D(G(z))
        cost = -torch.mean(torch.log(real) + torch.log(1 - fake))
        cost.backward()
        D_solver.step()

        cost = {sign}torch.mean(torch.log(D(G(z))))
        cost.backward()
        G_solver.step()
"""
WRITTEN_OUT = "def D(x):\n    return torch.sigmoid(x @ W)"
A_CLASS = "class Net(nn.Module):\n    def forward(self, x):\n        return torch.sigmoid(x @ W)\n\n\nD = Net()"
A_CHAIN = "D = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())"
NO_PROBABILITY = "def D(x):\n    return x @ W"


def statuses(folder: Path, code: str) -> list[Status]:
    path = folder / "train.py"
    path.write_text(code, "utf-8")
    return [o.status for o in analyse([path], Config(min_confidence=Confidence.POSSIBLE)).objectives]


def test_what_yields_no_probability_is_not_seen_to_answer(tmp_path: Path) -> None:
    assert Status.INTENDED not in statuses(tmp_path, GAME.format(network=NO_PROBABILITY, sign="-"))


@pytest.mark.parametrize("network", [WRITTEN_OUT, A_CLASS, A_CHAIN])
def test_a_game_is_known_by_what_yields_its_probabilities(network: str, tmp_path: Path) -> None:
    assert statuses(tmp_path, GAME.format(network=network, sign="-")) == [Status.INTENDED] * 2
    assert statuses(tmp_path, GAME.format(network=network, sign=""))[-1] is not Status.INTENDED


SCALED = """
import jax
import optax


def loss_fn(params, x, y):
    return optax.softmax_cross_entropy_with_integer_labels(x @ params, y).mean()


def train_step(state, x, y):
    scale = state.dynamic_scale
    if scale:
        scale, is_finite, loss, grads = scale.value_and_grad(loss_fn)(state.params, x, y)
    else:
        loss, grads = jax.value_and_grad(loss_fn)(state.params, x, y)
    return state.apply_gradients(grads={sign}grads)
"""


@pytest.mark.parametrize(("sign", "status"), [("", Status.CONSISTENT), ("-1 * ", Status.WRONG)])
def test_a_gradient_is_one_on_a_path_that_takes_it_otherwise(sign: str, status: Status, tmp_path: Path) -> None:
    assert statuses(tmp_path, SCALED.format(sign=sign)) == [status]


LOGS = """
import torch
from torch import optim
from torch.distributions import Normal


def train(net: torch.nn.Module, mean: torch.nn.Module, batches):
    optimizer = optim.Adam([*net.parameters(), *mean.parameters()])
    for x, y in batches:
        shares = torch.log(torch.softmax(net(x), 1))
        loss = -(shares{more}).mean() + sum((p**2).sum() for p in net.parameters())
        loss.backward()
        optimizer.step()
"""


def test_a_log_probability_that_no_label_picks_leaves_an_objective_by_name(tmp_path: Path) -> None:
    assert statuses(tmp_path, LOGS.format(more="")) == [Status.BY_NAME]


def test_the_log_weights_of_a_mixture_go_with_the_densities_of_its_parts(tmp_path: Path) -> None:
    assert statuses(tmp_path, LOGS.format(more=" + Normal(mean(x), 1.0).log_prob(y)")) == [Status.CONSISTENT]
    assert statuses(tmp_path, LOGS.format(more=" - Normal(mean(x), 1.0).log_prob(y)")) != [Status.CONSISTENT]
