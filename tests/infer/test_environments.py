"""What is stepped and reset as an environment is pays a reward, whoever made it, and wherever it is kept meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Confidence, Status

EPISODE = """
import random
import torch
from collections import deque, namedtuple
from torch.distributions import Categorical

Step = namedtuple("Step", field_names=["seen", "paid"])


class Kept:
    def __init__(self, size):
        self.steps = deque(maxlen=size)
        self.paid = torch.zeros(size)
        self.at = 0

    def add(self, seen, paid):
        self.steps.append(Step(seen, paid))
        self.paid[self.at] = paid
        self.at += 1

    def drawn(self):
        seen, paid = zip(*random.sample(self.steps, 8))
        return seen, torch.tensor(paid)

    def entries(self):
        batch = dict(at=self.at, paid=self.paid)
        return {{key: torch.as_tensor(value) for key, value in batch.items()}}


def train(net, env, kept, steps):
    optimizer = torch.optim.Adam(net.parameters())
    kept = Kept(steps)
    state = {reset}
    for _ in range(steps):
        distribution = Categorical(logits=net(state))
        action = distribution.sample()
        {step}
        kept.add(state, pay)
        loss = {sign}distribution.log_prob(action) * {weight}
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""
RESET, GYM = "env.reset()", "state, pay, done, info = env.step(action)"


def judged(folder: Path, step: str = GYM, weight: str = "pay", sign: str = "-", reset: str = RESET) -> Status:
    path = folder / "train.py"
    path.write_text(EPISODE.format(step=step, weight=weight, sign=sign, reset=reset), "utf-8")
    [objective] = analyse([path], Config(min_confidence=Confidence.POSSIBLE)).objectives
    return objective.status


STEPS = [
    GYM,
    "state, pay, ended, cut, info = env.step(action)",
    "seen, state, pay, done, info = env.step(key, state, action, options)",
    "seen, state, pay, done, info = jax.vmap(env.step, in_axes=(0, 0, 0))(key, state, action)",
]
NO_STEPS = [
    "state, pay = env.step(action)",
    "state, pay, done, info = env.advance(action)",
    "state, pay, done, info = env.step(action, state, 3)",
    "seen, other, pay, done, info = env.step(key, state, action, options)",
    "state, cost, done, info = env.step(action); pay = cost",
]


@pytest.mark.parametrize("step", NO_STEPS)
def test_what_is_not_taken_apart_as_a_step_pays_nothing(step: str, tmp_path: Path) -> None:
    assert judged(tmp_path, step) is not Status.CONSISTENT


def test_what_is_never_reset_is_no_environment(tmp_path: Path) -> None:
    assert judged(tmp_path, reset="env.begin()") is not Status.CONSISTENT


@pytest.mark.parametrize("step", STEPS)
def test_a_step_of_an_environment_pays_a_reward(step: str, tmp_path: Path) -> None:
    assert judged(tmp_path, step) is Status.CONSISTENT


def test_what_is_paid_is_to_be_raised(tmp_path: Path) -> None:
    assert judged(tmp_path, sign="") is Status.WRONG


@pytest.mark.parametrize("read", ["kept.drawn()[1]", "kept.entries()['paid']", "kept.paid"])
def test_a_reward_is_read_back_from_where_it_is_kept(read: str, tmp_path: Path) -> None:
    assert judged(tmp_path, weight=read) is Status.CONSISTENT
    assert judged(tmp_path, weight=read, sign="") is Status.WRONG


def test_another_entry_of_the_record_is_none(tmp_path: Path) -> None:
    assert judged(tmp_path, weight="kept.entries()['at']") is not Status.CONSISTENT


ROLLOUT = """
import jax
import jax.numpy as jnp
import optax
from typing import NamedTuple


class Transition(NamedTuple):
    seen: jnp.ndarray
    value: jnp.ndarray
    paid: jnp.ndarray
    density: jnp.ndarray


def update(network, env, state, params, key, tx, opt_state):
    seen, state = env.reset(key)

    def step(carry, _):
        seen, state, key = carry
        policy, value = network.apply(params, seen)
        action = policy.sample(seed=key)
        density = policy.log_prob(action)
        seen, state, paid, done, info = jax.vmap(env.step)(key, state, action, None)
        return (seen, state, key), Transition(seen, value, paid, density)

    carry, batch = jax.lax.scan(step, (seen, state, key), None, 128)

    def back(later, now):
        advantage = {sign}now.paid + 0.99 * later - now.value
        return advantage, advantage

    _, advantages = jax.lax.scan(back, jnp.zeros(4), batch, reverse=True)
    targets = advantages + batch.value
    mixed = jax.tree_util.tree_map(lambda x: jnp.take(x, key, axis=0), (batch, advantages, targets))

    def train(opt_state, given):
        batch, advantages, targets = given

        def objective(params, batch, advantages, targets):
            policy, value = network.apply(params, batch.seen)
            ratio = jnp.exp(policy.log_prob(batch.action) - batch.density)
            return -(ratio * advantages).mean() + jnp.square(value - targets).mean()

        grads = jax.grad(objective)(params, batch, advantages, targets)
        updates, opt_state = tx.update(grads, opt_state)
        return opt_state, optax.apply_updates(params, updates)

    return jax.lax.scan(train, opt_state, mixed)
"""


def test_trees_are_scanned_and_mapped_leaf_by_leaf(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(ROLLOUT.format(sign=""), "utf-8")
    [objective] = analyse([path], Config()).objectives
    assert objective.status is Status.CONSISTENT
    path.write_text(ROLLOUT.format(sign="-"), "utf-8")
    [objective] = analyse([path], Config()).objectives
    assert objective.status is not Status.CONSISTENT
