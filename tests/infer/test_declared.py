"""What a parameter is declared to be: a model of a library that yields its own loss, by name or forward reference."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Status

TEXT = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from transformers.modeling_utils import PreTrainedModel
class Base:
    def __init__(self, model):
        self.model = model.to("cuda")
class Trainer(Base):
    def __init__(self, model: {declared}):
        super().__init__(model)
    def fit(self, batches, optimizer):
        self.model.train()
        for batch in batches:
            out = self.model(**batch)
            loss = {sign}out.{entry}
            loss.backward()
            optimizer.step()
"""


def statuses(folder: Path, declared: str, entry: str = "loss", sign: str = "") -> list[Status]:
    path = folder / "code.py"
    path.write_text(TEXT.format(declared=declared, entry=entry, sign=sign), "utf-8")
    return [o.status for o in analyse([path], Config()).objectives]


@pytest.mark.parametrize("declared", ["object", "'Trainable'", "'Model[PreTrainedModel]'"])
def test_of_a_model_that_is_not_known_an_entry_is_known_by_its_name(declared: str, tmp_path: Path) -> None:
    assert statuses(tmp_path, declared) == [Status.BY_NAME]


def test_only_the_entry_that_is_documented_is_a_loss(tmp_path: Path) -> None:
    assert Status.CONSISTENT not in statuses(tmp_path, "PreTrainedModel", entry="other_loss")


@pytest.mark.parametrize("declared", ["PreTrainedModel", "'PreTrainedModel'"])
@pytest.mark.parametrize("entry", ["loss", "get('loss')"])
@pytest.mark.parametrize(("sign", "status"), [("", Status.CONSISTENT), ("-", Status.WRONG)])
def test_a_declared_model_yields_its_loss(declared: str, entry: str, sign: str, status: Status, tmp_path: Path) -> None:
    assert statuses(tmp_path, declared, entry, sign) == [status]


DENSITY = """
import torch

class Flow:
    def log_prob(self, x):
        return self.net(x)

def nll(dist: {declared}, x):
    return {sign}dist.log_prob(x)
"""


@pytest.mark.parametrize(
    "declared, sign, found",
    [
        ("object", "", []),  # it may be a flow of this file, of which nothing is known
        ("torch.distributions.Distribution", "-", []),
        ("torch.distributions.Distribution", "", ["VL301"]),
    ],
)
def test_a_parameter_that_is_declared_a_distribution_is_one(declared: str, sign: str, found: list[str]) -> None:
    text = DENSITY.format(declared=declared, sign=sign)
    assert [f.code for f in analyse([], Config(), stdin=("m.py", text)).findings] == found
