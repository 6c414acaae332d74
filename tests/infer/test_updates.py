"""Steps that are written by hand: which way they go is the sign of all that the gradient is multiplied by."""

from __future__ import annotations

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Status

pytestmark = pytest.mark.usefixtures("elsewhere")
DOWN = (
    "p.add_(p.grad, alpha=-lr)",
    "p.data.add_(p.grad, alpha=-lr)",
    "p.data.add_(p.grad.data, alpha=-0.1)",
    "p.sub_(p.grad, alpha=lr)",
    "p.add_(-lr, p.grad)",
    "p.data.add_(-p.grad, alpha=lr)",
    "p.sub_(-p.grad, alpha=-lr)",
)
UP = (
    "p.add_(p.grad, alpha=lr)",
    "p.data.add_(p.grad, alpha=lr)",
    "p.data.add_(p.grad.data, alpha=0.1)",
    "p.sub_(p.grad, alpha=-lr)",
    "p.add_(lr, p.grad)",
    "p.data.add_(-p.grad, alpha=-lr)",
    "p.sub_(-p.grad, alpha=lr)",
)


def told(step: str) -> tuple[list[str], list[Status]]:
    """The codes of the findings on an error that is optimised by this step, and what is said of the objective."""
    text = f"""\
import torch
import torch.nn.functional as F


def train(model, x, y, lr):
    value = F.mse_loss(model(x), y)
    value.backward()
    with torch.no_grad():
        for p in model.parameters():
            {step}
"""
    result = analyse([], Config(), stdin=("m.py", text))
    return [f.code for f in result.findings], [o.status for o in result.objectives]


@pytest.mark.parametrize("step", DOWN)
def test_an_error_is_lowered_by_a_step_against_its_gradient(step: str) -> None:
    assert told(step) == ([], [Status.CONSISTENT])


@pytest.mark.parametrize("step", UP)
def test_an_error_is_raised_by_a_step_along_its_gradient(step: str) -> None:
    assert told(step) == (["VL102"], [Status.WRONG])
