"""What an environment pays is a reward, by its library; what is computed from it rises with it, under its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Confidence, Status

EPISODE = """
import gymnasium as gym
import torch
from torch.distributions import Categorical


def train(net, steps):
    optimizer = torch.optim.Adam(net.parameters())
    env = {env}
    state = env.reset()
    distribution = Categorical(logits=net(state))
    action = distribution.sample()
    state, pay, *rest = env.step(action)
    loss = {loss}
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
ROLLOUT = """
import gymnasium as gym
import torch
from torch.distributions import Categorical

optimizer = torch.optim.Adam(net.parameters())
envs = gym.vector.SyncVectorEnv(makers)
rewards = torch.zeros((steps, 4))
values = torch.zeros((steps, 4))
for step in range(steps):
    with torch.no_grad():
        values[step] = critic(obs)
    obs, pay, *rest = envs.step(action)
    rewards[step] = torch.tensor(pay).view(-1)
with torch.no_grad():
    advantages = torch.zeros_like(rewards)
    last = 0
    for t in reversed(range(steps)):
        delta = {sign}rewards[t] + 0.99 * values[t + 1] - values[t]
        advantages[t] = last = delta + 0.95 * last
    returns = advantages + values
now = Categorical(logits=net(obs)).log_prob(actions)
ratio = torch.exp(now - before.detach())
policy = {policy}(advantages * ratio).mean()
error = (critic(obs) - returns) ** 2
loss = policy + 0.5 * error.mean()
optimizer.zero_grad()
loss.backward()
optimizer.step()
"""


def judged(text: str, folder: Path) -> tuple[Status, list[str]]:
    path = folder / "train.py"
    path.write_text(text, "utf-8")
    result = analyse([path], Config(min_confidence=Confidence.POSSIBLE))
    [objective] = result.objectives
    return objective.status, [finding.code for finding in result.findings]


ENVIRONMENTS = ["gym.make('CartPole-v1')", "gym.wrappers.RecordEpisodeStatistics(gym.make('CartPole-v1'))"]


@pytest.mark.parametrize("env", ["made()", "steps.env"])
def test_what_an_unknown_object_yields_is_known_by_its_name_at_most(env: str, tmp_path: Path) -> None:
    text = EPISODE.format(env=env, loss="-distribution.log_prob(action) * pay")
    assert judged(text, tmp_path)[0] is not Status.CONSISTENT


@pytest.mark.parametrize("env", ENVIRONMENTS)
@pytest.mark.parametrize("loss", ["-distribution.log_prob(action) * pay", "-(distribution.log_prob(action) * pay)"])
def test_the_score_times_what_an_environment_pays_is_to_go_up(env: str, loss: str, tmp_path: Path) -> None:
    assert judged(EPISODE.format(env=env, loss=loss), tmp_path) == (Status.CONSISTENT, [])


def test_without_the_minus_it_is_lowered(tmp_path: Path) -> None:
    text = EPISODE.format(env=ENVIRONMENTS[0], loss="distribution.log_prob(action) * pay")
    assert judged(text, tmp_path) == (Status.WRONG, ["VL101"])


def test_an_advantage_rises_with_the_reward_and_a_return_is_a_target(tmp_path: Path) -> None:
    assert judged(ROLLOUT.format(sign="", policy="-"), tmp_path) == (Status.CONSISTENT, [])


def test_a_surrogate_that_is_lowered_is_wrong(tmp_path: Path) -> None:
    status, codes = judged(ROLLOUT.format(sign="", policy=""), tmp_path)
    assert (status, "VL101" in codes or "VL201" in codes) == (Status.WRONG, True)


def test_of_an_advantage_that_falls_with_the_reward_nothing_is_a_fact(tmp_path: Path) -> None:
    assert judged(ROLLOUT.format(sign="-", policy="-"), tmp_path)[0] is not Status.CONSISTENT


STORED = """
from collections import namedtuple
from typing import NamedTuple

import gymnasium as gym
import torch
from torch.distributions import Categorical

{step}


class Kept:
    def __init__(self):
        self.steps = []


kept = Kept()


def act(net, env, state):
    distribution = Categorical(logits=net(state))
    action = distribution.sample()
    state, pay, *rest = env.step(action)
    kept.steps.append(Step(distribution.log_prob(action), pay))
    return state


def learn(optimizer):
    parts = []
    {read}
        parts.append(-score * amount)
    loss = torch.stack(parts).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def main(net):
    optimizer = torch.optim.Adam(net.parameters())
    env = gym.make("CartPole-v1").unwrapped
    state = env.reset()
    for _ in range(9):
        state = act(net, env, state)
    learn(optimizer)


main(made())
"""
STEPS = {
    "a list of names": 'Step = namedtuple("Step", ["score", "amount"])',
    "a text of names": 'Step = namedtuple("Step", "score, amount")',
    "typed": 'Step = NamedTuple("Step", [("score", float), ("amount", float)])',
    "a class": "class Step(NamedTuple):\n    score: float\n    amount: float\n",
}
READ = {
    "unpacked": "for score, amount in kept.steps:",
    "by its fields": "for x in kept.steps:\n        score, amount = x.score, x.amount",
    "column by column": "whole = Step(*zip(*kept.steps))\n    for score, amount in zip(whole.score, whole.amount):",
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
@pytest.mark.parametrize("read", READ.values(), ids=READ)
def test_what_is_kept_in_named_tuples_is_read_back(step: str, read: str, tmp_path: Path) -> None:
    assert judged(STORED.format(step=step, read=read), tmp_path) == (Status.CONSISTENT, [])


def test_fields_are_not_mixed_up(tmp_path: Path) -> None:
    text = STORED.format(step=STEPS["a list of names"], read="for amount, score in kept.steps:")
    assert judged(text.replace("-score * amount", "-score * 1.0"), tmp_path)[0] is not Status.CONSISTENT
