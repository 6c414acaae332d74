"""How far calls are followed: long functions are, to their end; what takes more than its share is named."""

from __future__ import annotations

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Result
from vaelint.infer.evaluate import interpreter

pytestmark = pytest.mark.usefixtures("elsewhere")


def behind(rows: int) -> Result:
    """A likelihood is minimised that a function returns after so many rows of other work."""
    text = f"""\
import torch
from torch.distributions import Normal


def likelihood(model, x):
    return Normal(model(x), 1.0).log_prob(x).mean()


def compute(model, x):
{"".join(f"    part_{i} = x + {i}{chr(10)}" for i in range(rows))}\
    return likelihood(model, x)


def train(model, x, optimizer):
    value = compute(model, x)
    value.backward()
    optimizer.step()
"""
    return analyse([], Config(), stdin=("m.py", text))


@pytest.mark.parametrize("rows", [0, 100, 1_000])
def test_a_call_behind_a_long_function_is_followed(rows: int) -> None:
    assert [f.code for f in behind(rows).findings] == ["VL101"]


def test_a_call_that_is_no_longer_followed_is_the_reason_that_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "CALLED_STEPS", 1_000)
    result = behind(1_000)
    assert result.findings == []
    (objective,) = result.objectives
    assert "budget spent: `likelihood(…)` was not followed" in objective.reason
