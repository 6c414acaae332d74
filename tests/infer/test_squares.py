"""A square is least where what is squared is zero, and a square of what is above zero goes the way that it went."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Confidence, Status

STEP = """
import torch


def train(net, twin, optimizer, data, weight):
    for x, y in data:
        loss = {loss}
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""


def judged(loss: str, folder: Path) -> Status:
    path = folder / "train.py"
    path.write_text(STEP.format(loss=loss), "utf-8")
    [objective] = analyse([path], Config(min_confidence=Confidence.POSSIBLE)).objectives
    return objective.status


NOT_KNOWN = ["torch.sign(net(x)).mean()", "(net(x) ** 3).mean()", "(net(x) * twin(x)).mean()"]
LEAST = [
    "((net(x) - twin(x)) ** 2).mean()",  # neither is the target of the other
    "((net(x) - y) ** 2).mean()",
    "(torch.abs(net(x) - twin(x)) ** 2).mean()",
    "((weight.score + net(x)) ** 2).mean()",  # called a score, and no fact says that it is one
]


@pytest.mark.parametrize("loss", NOT_KNOWN)
def test_where_it_is_least_is_not_known_of_anything_else(loss: str, tmp_path: Path) -> None:
    assert judged(loss, tmp_path) is not Status.CONSISTENT


@pytest.mark.parametrize("loss", LEAST)
def test_a_square_is_lowered_in_order_and_raised_never(loss: str, tmp_path: Path) -> None:
    assert judged(loss, tmp_path) is Status.CONSISTENT
    assert judged(f"-{loss}", tmp_path) is not Status.CONSISTENT


def test_what_is_held_still_decides_which_way_a_square_is_moved(tmp_path: Path) -> None:
    """The gradient of `error * held` is that of the error, times what is held, whose sign nobody knows."""
    assert judged("((net(x) - y) ** 2 * (twin(x) - y).detach()).mean()", tmp_path) is not Status.CONSISTENT
