"""Losses that are handed over: by a constructor, a derived class, a default, an annotation, an inherited method.

Each program is consistent as it stands, and wrong where the loss that is handed over has the other sign.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Status

TORCH = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
# The loss of each program, and its negation: a class whose `forward` is right, and one that takes its minus.
RIGHT = "class Loss(nn.Module):\n    def forward(self, p, y):\n        return {sign}F.mse_loss(p, y)\n"
TRAINS = """
    def training(self, x, y, optimizer):
        out = self.loss(self.net(x), y)
        out.backward()
        optimizer.step()
"""
PROGRAMS = {
    "derived classes hand on what they have by default": f"""\
class Base(nn.Module):
    def __init__(self, size, loss):
        self.loss = loss
        self.net = nn.Linear(size, 1)
{TRAINS}
class Small(Base):
    def __init__(self, size, loss=Loss()):
        super().__init__(size=size, loss=loss)
class Large(Base):
    def __init__(self, size, loss=Loss()):
        super().__init__(size=size, loss=loss)
""",
    "derived classes put theirs in the place of None": f"""\
class Base(nn.Module):
    def __init__(self, loss):
        self.loss = loss
{TRAINS}
class Small(Base):
    def __init__(self, loss=None):
        if loss is None:
            loss = Loss()
        super().__init__(loss=loss)
""",
    "what stands in for None is what a call that says nothing gets": f"""\
class Model(nn.Module):
    def __init__(self, loss=None):
        if loss is None:
            loss = Loss()
        self.loss = loss
{TRAINS}
""",
    "so does a conditional expression": f"""\
class Model(nn.Module):
    def __init__(self, loss=None):
        self.loss = loss if loss is not None else Loss()
{TRAINS}
""",
    "another method than the constructor sets it": f"""\
class Model:
    def fit(self, x, y, optimizer, loss=None):
        if loss is None:
            self.loss = self._default_loss
        else:
            self.loss = loss
        self.training(x, y, optimizer)
    def prepare(self):
        self._default_loss = Loss()
{TRAINS}
""",
    "a class of the project inside a union": f"""\
from typing import Callable, Optional, Union
class Model:
    def __init__(self, loss: Union[Loss, Callable, None]):
        self.loss = loss
{TRAINS}
""",
    "a class by its name in quotes": f"""\
class Model:
    def __init__(self, loss: "Loss | None" = None):
        self.loss = loss
{TRAINS}
""",
    "a wrapper that is not known computes what it wraps": """\
def train(net, x, y, optimizer, compiled):
    loss = Loss()
    if compiled:
        loss = compile_with_warmup(loss, 3)
    value = loss(net(x), y)
    value.backward()
    optimizer.step()
""",
    "a setting and one less it are weights": """\
def train(net, x, y, optimizer, share=0.5):
    value = share * Loss()(net(x), y) + (1 - share) * Loss()(net(x), x)
    value.backward()
    optimizer.step()
""",
    "a method without a word of ours hands a record to the one that steps": """\
class Output(dict):
    pass
class Model(nn.Module):
    def forward(self, x, y):
        return Output(value=Loss()(x, y))
class Trainer:
    def __init__(self, model: Model):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters())
    def epoch(self, batches):
        for x, y in batches:
            self.apply(self.model(x, y))
    def apply(self, out):
        out.value.backward()
        self.optimizer.step()
""",
    "with its gradient, to a minimiser": """\
import jax
from scipy.optimize import minimize
def train(net, x, y, start):
    minimize(jax.value_and_grad(lambda w: Loss()(net(w, x), y)), start, jac=True)
""",
    "as an item of a list": """\
def train(net, batches, optimizer, which):
    values = []
    for x, y in batches:
        values.append(Loss()(net(x), y))
    values[which].backward()
    optimizer.step()
""",
    "a setting has no direction": """\
def train(net, x, y, optimizer, allowance=0.03):
    value = Loss()(net(x), y) - allowance
    value.backward()
    optimizer.step()
""",
}


def statuses(text: str, folder: Path) -> list[Status]:
    path = folder / "model.py"
    path.write_text(text, "utf-8")
    return [o.status for o in analyse([path], Config()).objectives]


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_loss_that_is_handed_over_is_followed(program: str, tmp_path: Path) -> None:
    assert statuses(TORCH + RIGHT.format(sign="") + program, tmp_path) == [Status.CONSISTENT]


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_its_negation_is_not_consistent(program: str, tmp_path: Path) -> None:
    text = TORCH + RIGHT.format(sign="-").replace("Loss(nn", "Score(nn") + program.replace("Loss", "Score")
    assert statuses(text, tmp_path) == [Status.WRONG]
