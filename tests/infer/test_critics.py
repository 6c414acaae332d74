"""An actor raises the value of what it does: a network is a critic by what it is fitted to, whatever it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Confidence, Status

AGENT = """
import torch
import torch.nn.functional as F


def train(env, actor, thing, other, past, steps):
    actor_optimizer = torch.optim.Adam(actor.parameters())
    critic_optimizer = torch.optim.Adam([*thing.parameters(), *other.parameters()])
    state = env.reset()
    for _ in range(steps):
        action = actor(state)
        later, pay, done, info = env.step(action)
        with torch.no_grad():
            target = {target}
        fit = {fit}
        critic_optimizer.zero_grad()
        fit.backward()
        critic_optimizer.step()
        actor_loss = {loss}
        actor_optimizer.zero_grad()
        actor_loss.backward()
        actor_optimizer.step()
"""
TARGET = "pay + 0.99 * past(later, actor(later))"
FITTED = "F.mse_loss(thing(state, action), target) + F.mse_loss(other(state, action), target)"
LOSS = "-thing(state, actor(state)).mean()"


def actors(folder: Path, target: str = TARGET, fit: str = FITTED, loss: str = LOSS) -> Status:
    path = folder / "train.py"
    path.write_text(AGENT.format(target=target, fit=fit, loss=loss), "utf-8")
    return analyse([path], Config(min_confidence=Confidence.POSSIBLE)).objectives[-1].status


NO_TARGETS = ["past(later, actor(later))", "-pay + 0.99 * past(later, actor(later))"]


@pytest.mark.parametrize("target", NO_TARGETS)
def test_what_is_fitted_to_no_reward_is_no_critic(target: str, tmp_path: Path) -> None:
    assert actors(tmp_path, target) is not Status.CONSISTENT


def test_what_is_fitted_to_nothing_is_no_critic(tmp_path: Path) -> None:
    assert actors(tmp_path, fit="F.mse_loss(other(state, action), target)") is not Status.CONSISTENT


def test_an_error_that_is_raised_fits_nothing(tmp_path: Path) -> None:
    assert actors(tmp_path, fit="-F.mse_loss(thing(state, action), target)") is not Status.CONSISTENT


def test_a_value_that_is_lowered_is_not_in_order(tmp_path: Path) -> None:
    assert actors(tmp_path, loss="thing(state, actor(state)).mean()") is not Status.CONSISTENT


FITS = [
    FITTED,
    "((thing(state, action) - target) ** 2).mean()",
    "(target - thing(state, action).view(-1)).pow(2).mean() + F.mse_loss(other(state, action), target)",
]


@pytest.mark.parametrize("fit", FITS)
def test_what_a_critic_answers_is_to_be_raised(fit: str, tmp_path: Path) -> None:
    assert actors(tmp_path, fit=fit) is Status.CONSISTENT


def test_the_lesser_of_two_answers_is_one(tmp_path: Path) -> None:
    loss = "-torch.min(thing(state, actor(state)), other(state, actor(state))).mean()"
    assert actors(tmp_path, loss=loss) is Status.CONSISTENT
    assert actors(tmp_path, loss=loss.replace("-torch", "torch")) is not Status.CONSISTENT
