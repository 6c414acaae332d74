"""Several implementations of one thing: what those that are resolved agree on holds for the others, under its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Status

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\nfrom unknown import measured\n"
RECORDS = """
class Output(dict):
    pass
class Model(nn.Module):
    def forward(self, x, y):
        raise NotImplementedError
class Plain(Model):
    def forward(self, x, y):
        return Output(loss={sign}F.mse_loss(self.net(x), y))
class Absolute(Model):
    def forward(self, x, y):
        return Output(loss={sign}F.l1_loss(self.net(x), y), state=x)
class Special(Model):
    def forward(self, x, y):
        return Output(loss=F.mse_loss(self.net(x), y) + measured(x))
class Sampler(Model):
    def forward(self, x, y):
        return Output(sample=self.net(x))
class Trainer:
    def __init__(self, model: Model):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters())
    def epoch(self, batches):
        for x, y in batches:
            out = self.model(x, y)
            out.loss.backward()
            self.optimizer.step()
"""
METHODS = """
class Base:
    def compute_loss(self, x, y):
        raise NotImplementedError
    def fit(self, batches, optimizer):
        for x, y in batches:
            loss = self.compute_loss(x, y)
            loss.backward()
            optimizer.step()
class Plain(Base):
    def compute_loss(self, x, y):
        return {sign}F.mse_loss(self.net(x), y)
class Absolute(Base):
    def compute_loss(self, x, y):
        return {sign}F.l1_loss(self.net(x), y)
class Special(Base):
    def compute_loss(self, x, y):
        return F.mse_loss(self.net(x), y) + measured(x)
"""
PROGRAMS = {"records": RECORDS, "methods": METHODS}


def statuses(text: str, folder: Path) -> list[Status]:
    path = folder / "model.py"
    path.write_text(HEAD + text, "utf-8")
    return [o.status for o in analyse([path], Config()).objectives]


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_implementations_that_agree_with_their_name_say_what_the_others_are(program: str, tmp_path: Path) -> None:
    assert statuses(program.format(sign=""), tmp_path) == [Status.BY_NAME]


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_against_their_name_they_say_nothing(program: str, tmp_path: Path) -> None:
    assert statuses(program.format(sign="-"), tmp_path) == [Status.UNRESOLVED]


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_one_that_says_otherwise_leaves_it_open(program: str, tmp_path: Path) -> None:
    assert statuses(program.format(sign="").replace("F.l1_loss", "-F.l1_loss"), tmp_path) == [Status.UNRESOLVED]


def test_one_implementation_alone_proves_nothing_of_the_others(tmp_path: Path) -> None:
    text = METHODS.format(sign="").replace("F.l1_loss(self.net(x), y)", "F.l1_loss(self.net(x), y) - measured(x)")
    assert statuses(text, tmp_path) == [Status.BY_NAME]


def test_what_they_agree_on_is_a_claim_and_blames_nobody_who_raises_it(tmp_path: Path) -> None:
    text = METHODS.format(sign="").replace("loss.backward()", "(-loss).backward()")
    assert statuses(text, tmp_path) == [Status.UNRESOLVED]


def test_what_all_of_them_prove_is_wrong_where_it_is_raised(tmp_path: Path) -> None:
    text = METHODS.format(sign="").replace("loss.backward()", "(-loss).backward()").replace(" + measured(x)", "")
    assert statuses(text, tmp_path) == [Status.WRONG]


def test_losses_that_are_documented_and_have_no_kind_confirm_as_well(tmp_path: Path) -> None:
    model = "from transformers import BertForMaskedLM\nMODEL = BertForMaskedLM.from_pretrained('m')\n"
    text = METHODS.format(sign="").replace("F.mse_loss(self.net(x), y)\n", "MODEL(x).loss\n")
    text = text.replace("F.l1_loss(self.net(x), y)", "2 * MODEL(y).loss")
    assert statuses(model + text, tmp_path) == [Status.BY_NAME]
