"""Draws with their own density, and probabilities beside the logits of one distribution."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Status

VARIATIONAL = """
import torch
class Fit:
    def step(self, prior, optimizer):
        if hasattr(self.q, "sample_and_log_prob"):
            z, logq = self.q.sample_and_log_prob((32,))
        else:
            z = self.q.rsample((32,))
            logq = self.q.log_prob(z)
        loss = {sign}torch.mean(prior.log_prob(z) - logq)
        loss.backward()
        optimizer.step()
"""
TEMPERATURE = """
import torch
import torch.nn.functional as F
from torch.distributions import Categorical
def update(dist: Categorical, log_temp, entropy_target):
    temp_optim = torch.optim.Adam([log_temp])
    log_probs = F.log_softmax(dist.logits, dim=1)
    expected = ({other}.probs * log_probs).sum(dim=1, keepdim=True)
    loss = {sign}(log_temp.exp() * (expected + entropy_target).detach()).mean()
    loss.backward()
    temp_optim.step()
"""


def statuses(text: str, folder: Path) -> list[Status]:
    path = folder / "code.py"
    path.write_text(text, "utf-8")
    return [o.status for o in analyse([path], Config()).objectives]


@pytest.mark.parametrize(("sign", "status"), [("-", Status.CONSISTENT), ("", Status.WRONG)])
def test_a_draw_with_its_density_estimates_an_entropy(sign: str, status: Status, tmp_path: Path) -> None:
    assert statuses(VARIATIONAL.format(sign=sign), tmp_path) == [status]


@pytest.mark.parametrize(("sign", "status"), [("-", Status.CONSISTENT), ("", Status.WRONG)])
def test_probabilities_and_logits_of_one_distribution_make_its_entropy(
    sign: str, status: Status, tmp_path: Path
) -> None:
    assert statuses(TEMPERATURE.format(sign=sign, other="dist"), tmp_path) == [status]


def test_those_of_two_distributions_do_not(tmp_path: Path) -> None:
    assert statuses(TEMPERATURE.format(sign="-", other="teacher"), tmp_path) == [Status.UNRESOLVED]
