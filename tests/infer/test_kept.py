"""What one method leaves on its object is what another finds there, if nobody else may have changed it between."""

from __future__ import annotations

import pytest

from tests.runs import analyse
from vaelint.config import Config

pytestmark = pytest.mark.usefixtures("elsewhere")
CLASS = """\
import torch
from torch.distributions import Normal


class Agent:
    def __init__(self, model, optimizer):
        self.model, self.optimizer = model, optimizer
        self.score = None

"""
ACT = """\
    def act(self, x):
        self.score = Normal(self.model(x), 1.0).log_prob(x).mean()

"""
LEARN = """\
    def learn(self):
        self.score.backward()
        self.optimizer.step()

"""
NEGATE = """\
    def prepare(self):
        self.score = -self.score

"""
READ = """\
    def show(self):
        print(self.score == 0)

"""


def codes(*methods: str) -> list[str]:
    text = CLASS + "".join(methods)
    return [f.code for f in analyse([], Config(), stdin=("m.py", text)).findings]


@pytest.mark.parametrize("methods", [(ACT, LEARN, NEGATE), (NEGATE, ACT, LEARN), (ACT, NEGATE, LEARN)])
def test_what_another_method_may_have_negated_is_not_judged_as_it_was_left(methods: tuple[str, ...]) -> None:
    assert codes(*methods) == []


@pytest.mark.parametrize("methods", [(ACT, LEARN), (ACT, LEARN, READ), (READ, ACT, LEARN)])
def test_what_only_one_method_writes_is_what_the_others_find(methods: tuple[str, ...]) -> None:
    assert codes(*methods) == ["VL101"]
