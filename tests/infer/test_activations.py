"""An activation that a library makes as an object does what its function does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Status

PROGRAM = """\
import torch
import torch.nn as nn
import torch.nn.functional as F


def train(model, x, y):
    opt = torch.optim.Adam(model.parameters())
    value = {sign}nn.{activation}(F.mse_loss(model(x), y)).mean()
    value.backward()
    opt.step()
"""


def status(tmp_path: Path, activation: str, sign: str = "") -> Status:
    (tmp_path / "a.py").write_text(PROGRAM.format(activation=activation, sign=sign))
    made = analyse([tmp_path], Config())
    return next(o.status for o in made.objectives)


@pytest.mark.parametrize("activation", ["ReLU()", "Softplus(beta=2)", "Tanh()", "Identity()", "Flatten()"])
def test_what_rises_hands_on_a_loss(tmp_path: Path, activation: str) -> None:
    assert status(tmp_path, activation) is Status.CONSISTENT
    assert status(tmp_path, activation, "-") is Status.WRONG


def test_what_turns_hands_on_nothing(tmp_path: Path) -> None:
    assert status(tmp_path, "GELU()") is Status.UNRESOLVED


def test_where_a_parameter_begins_says_nothing_of_where_it_goes(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "import torch\n\n\ndef train():\n"
        "    scale = torch.nn.Parameter(torch.zeros(1))\n"
        "    opt = torch.optim.Adam([scale])\n"
        "    scale.backward()\n    opt.step()\n"
    )
    assert [o.status for o in analyse([tmp_path], Config()).objectives] == [Status.UNRESOLVED]
