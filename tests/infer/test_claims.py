"""What a name adds to what is known of a value: nothing that contradicts it."""

from __future__ import annotations

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Status

pytestmark = pytest.mark.usefixtures("elsewhere")


def status(name: str, value: str) -> Status:
    text = f"""\
import torch
import torch.nn.functional as F
from torch.distributions import Normal


def train(model, x, y, optimizer, extra):
    {name} = {value}
    {name}.backward()
    optimizer.step()
"""
    (objective,) = analyse([], Config(), stdin=("m.py", text)).objectives
    return objective.status


MISNAMED = {
    "nll": "Normal(model(x), 1.0).log_prob(x).mean() + extra(x)",
    "neg_log_likelihood": "extra(x) + Normal(model(x), 1.0).log_prob(x).sum()",
    "kl": "Normal(model(x), 1.0).log_prob(x).mean() - extra(x)",
    "negative_elbo": "extra(x) - F.mse_loss(model(x), y)",
}


@pytest.mark.parametrize("name, value", MISNAMED.items(), ids=MISNAMED)
def test_a_sum_whose_known_part_goes_the_other_way_is_not_consistent_by_its_name(name: str, value: str) -> None:
    assert status(name, value) in (Status.WRONG, Status.UNRESOLVED)
