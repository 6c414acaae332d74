"""What an environment pays stays a reward on its way to an objective: in queues, lists and arrays, less a baseline."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Confidence, Status

AGENT = """
import torch
from collections import deque
from torch import nn
from torch.distributions import Categorical


class Agent:
    def __init__(self, n, m):
        self.net = nn.Sequential(nn.Linear(n, 64), nn.ReLU(), nn.Linear(64, m){last})
        self.judge = nn.Linear(n, 1)
        self.optimizer = torch.optim.Adam(self.net.parameters())
        self.scores, self.paid, self.guesses = [], [], []

    def act(self, state):
        out = self.net(state)
        {score}
        self.guesses.append(self.judge(state))
        return action

    def follow(self):
        held, so_far = {empty}, 0
        for x in self.paid[::-1]:
            so_far = x + 0.99 * so_far
            held.{add}so_far)
        {kept}
        return {standard}

    def learn(self):
        held, count, losses = self.follow(), 0, []
        for score, after, guess in zip(self.scores, held, self.guesses):
            losses.append({loss})
        for seen in self.paid:
            count += len(seen)
        total = {total}
        self.optimizer.zero_grad()
        total.backward()
        self.optimizer.step()


def train(env, n, m, steps):
    agent = Agent(n, m)
    state = env.reset()
    for _ in range(steps):
        {step}
        agent.paid.append(x)
        agent.learn()
"""
DRAWN = "d = Categorical(logits=out); action = d.sample(); self.scores.append(d.log_prob(action))"
PICKED = "action = torch.multinomial(out, 1); self.scores.append(torch.log(out[0, action]))"
PLAIN = {
    "last": "",
    "score": DRAWN,
    "empty": "[]",
    "add": "append(",
    "kept": "held = torch.tensor(held)",
    "standard": "held",
    "loss": "-score * after",
    "total": "torch.stack(losses).sum()",
    "step": "state, x, done, info = env.step(agent.act(state))",
}


def judged(folder: Path, **parts: str) -> Status:
    path = folder / "train.py"
    path.write_text(AGENT.format(**PLAIN | parts), "utf-8")
    return analyse([path], Config(min_confidence=Confidence.POSSIBLE)).objectives[-1].status


NOT_PAID = [
    {"step": "state, y, x = env.step(agent.act(state))"},  # three parts, and none of them is called a reward
    {"loss": "-score * guess"},
    {"score": PICKED},  # the logarithm of what nobody knows to be a probability
]


@pytest.mark.parametrize("parts", NOT_PAID)
def test_what_is_not_known_to_be_paid_or_chosen_decides_nothing(parts: dict[str, str], tmp_path: Path) -> None:
    assert judged(tmp_path, **parts) not in (Status.CONSISTENT, Status.WRONG)


FOLLOWED = [
    {},
    {"empty": "deque()", "add": "appendleft("},
    {"add": "insert(0, "},
    {"standard": "(held - held.mean()) / (held.std() + 1e-8)"},
    {"kept": "held = torch.tensor(held) if not isinstance(held, torch.Tensor) else held"},
    {"kept": "if self.scores:\n            held = torch.stack(held)"},
    {"kept": "import numpy as np", "standard": "[np.dot(0.9 ** np.arange(len(held)), held)]"},
    {"loss": "-score * (after - guess.item())"},
    {"loss": "score * (guess.detach() - after)"},
    {"loss": "score * after", "total": "(-1 / count) * torch.stack(losses).sum()"},
    {"last": ", nn.Softmax(dim=-1)", "score": PICKED},
    {"last": ", nn.LogSoftmax(dim=-1)", "score": PICKED.replace("torch.log(out[0, action])", "out[0, action]")},
    {"step": "state, reward, done = env.step(agent.act(state)); x = reward"},
]


@pytest.mark.parametrize("parts", FOLLOWED)
def test_what_is_paid_is_followed_to_the_objective(parts: dict[str, str], tmp_path: Path) -> None:
    assert judged(tmp_path, **parts) is Status.CONSISTENT


@pytest.mark.parametrize("parts", FOLLOWED)
def test_with_the_sign_flipped_it_is_wrong(parts: dict[str, str], tmp_path: Path) -> None:
    total = parts.get("total", PLAIN["total"])
    assert judged(tmp_path, **{**parts, "total": f"-({total})"}) is Status.WRONG


OWN = """
import gym


class Walk:
    def __init__(self):
        self.at, self.pays = 0, -1

    def reset(self):
        return self.at

    def step(self, action):
        if action > 2:
            return self.at, self.pays, True, {{}}
        return self.at, {pays}, False, {{}}
"""


@pytest.mark.parametrize("pays", ["0", "self.pays", "self.at"])
def test_an_environment_of_the_project_pays_what_its_step_returns(pays: str, tmp_path: Path) -> None:
    (tmp_path / "walk.py").write_text(OWN.format(pays=pays), "utf-8")
    code = (
        AGENT.format(**PLAIN)
        .replace("def train(env,", "from walk import Walk\n\n\ndef train(")
        .replace("    state = env.reset()", "    env = Walk()\n    state = env.reset()")
    )
    (tmp_path / "train.py").write_text(code, "utf-8")
    result = analyse([tmp_path / "train.py"], Config(min_confidence=Confidence.POSSIBLE))
    assert result.objectives[-1].status is Status.CONSISTENT
