"""What a round of a loop leaves is what the next one finds."""

from __future__ import annotations

import pytest

from tests.runs import analyse
from vaelint.config import Config

pytestmark = pytest.mark.usefixtures("elsewhere")
HEAD = """\
import torch
from torch.distributions import Normal


def train(model, data, optimizer):
    held = None
"""
BODY = """\
        if held is not None:
            optimizer.zero_grad()
            held.backward()
            optimizer.step()
        held = {}Normal(model(x), 1.0).log_prob(x).mean()
"""
LOOPS = {
    "for": "    for x in data:\n" + BODY,
    "while": "    while data:\n        x = data.pop()\n" + BODY,
    "for in for": "    for part in data:\n"
    + "\n".join(f"    {r}" for r in ("    for x in part:\n" + BODY).split("\n")),
}


def codes(text: str) -> list[str]:
    return [f.code for f in analyse([], Config(), stdin=("m.py", HEAD + text)).findings]


@pytest.mark.parametrize("text", LOOPS.values(), ids=LOOPS)
def test_what_the_round_before_negated_is_silent(text: str) -> None:
    assert codes(text.format("-")) == []


@pytest.mark.parametrize("text", LOOPS.values(), ids=LOOPS)
def test_what_the_round_before_left_is_optimised_in_the_next(text: str) -> None:
    assert codes(text.format("")) == ["VL101"]
