"""What facts deny of a name is not concluded from it: of two losses one is none, and is negated rightly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config

TRAIN = """
from torch.distributions import Normal, kl_divergence


def recon_loss(x_hat, x):
    return {sign}Normal(x_hat, 1.0).log_prob(x).sum()


def train(model, x, optimizer):
    x_hat, q = model(x)
    kl = kl_divergence(q, Normal(0.0, 1.0)).sum()
    loss = -recon_loss(x_hat, x) + kl
    loss.backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    "sign, codes",
    [("", ["VL301"]), ("-", ["VL201"])],
    ids=["a gain under the name of a loss is to be renamed alone", "a loss that is taken off is told"],
)
def test_a_name_is_held_against_what_a_call_yields(sign: str, codes: list[str], tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(TRAIN.format(sign=sign), "utf-8")
    assert sorted({f.code for f in analyse([path], Config()).findings}) == codes
