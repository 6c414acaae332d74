"""Multipliers: what their optimiser raises, and what a name alone does not tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Status

TEXT = """
import torch
import torch.nn.functional as F
from unknown import measured
class Agent:
    def __init__(self, net):
        self.log_lam = torch.zeros(1, requires_grad=True)
        self.optim = torch.optim.Adam(net.parameters())
        self.lam_optim = torch.optim.Adam({moved})
    def update(self, x, y, threshold):
        lam = self.log_lam.exp()
        excess = {excess}
        weighed = lam * {weighed}
        self.lam_optim.zero_grad()
        {handed}.backward(retain_graph=True)
        self.lam_optim.step()
        self.optim.zero_grad()
        ({lowered}).backward()
        self.optim.step()
"""
CONSTRAINT = {
    "moved": "[self.log_lam]",
    "excess": "measured(x)",
    "weighed": "(excess - threshold)",
    "handed": "(-weighed)",
    "lowered": "F.mse_loss(x, y)",
}
PROVED = {**CONSTRAINT, "excess": "F.mse_loss(x, y)"}


def multiplier(folder: Path, **parts: str) -> Status:
    path = folder / "agent.py"
    path.write_text(TEXT.format(**parts), "utf-8")
    return analyse([path], Config()).objectives[0].status


RIGHT = {
    "a loss less its threshold": PROVED,
    "a loss without a threshold": {**PROVED, "weighed": "excess"},
    "raised by it, lowered by the parameters": {
        **CONSTRAINT,
        "weighed": "excess",
        "lowered": "F.mse_loss(x, y) + weighed",
    },
    "a violation by name, less its threshold": {**CONSTRAINT, "weighed": "(self.violation - threshold)"},
}
OPEN = {
    "what is weighed is not known": CONSTRAINT,
    "a loss by its name, without a threshold": {**CONSTRAINT, "weighed": "self.violation"},
    "lowered": {**CONSTRAINT, "weighed": "(self.violation - threshold)", "handed": "weighed"},
    "the threshold beside what is weighed": {**PROVED, "weighed": "(excess + threshold)"},
    "a gain": {**PROVED, "excess": "-F.mse_loss(x, y)"},
    "parameters that lower it as well": {**PROVED, "moved": "[self.log_lam, *net.parameters()]"},
    "lowered by nobody": {**CONSTRAINT, "weighed": "excess"},
    "raised by both": {**CONSTRAINT, "weighed": "excess", "lowered": "F.mse_loss(x, y) - weighed"},
}


@pytest.mark.parametrize("parts", RIGHT.values(), ids=RIGHT)
def test_a_multiplier_rises_by_what_is_above_its_threshold(parts: dict[str, str], tmp_path: Path) -> None:
    assert multiplier(tmp_path, **parts) is Status.BY_NAME


@pytest.mark.parametrize("parts", OPEN.values(), ids=OPEN)
def test_anything_else_is_left_open(parts: dict[str, str], tmp_path: Path) -> None:
    assert multiplier(tmp_path, **parts) is Status.UNRESOLVED


@pytest.mark.parametrize(("sign", "status"), [("-", Status.BY_NAME), ("", Status.WRONG)])
def test_a_temperature_is_moved_by_entropy_and_target(sign: str, status: Status, tmp_path: Path) -> None:
    text = """
import torch
def update(policy, s, target_entropy):
    log_alpha = torch.zeros(1, requires_grad=True)
    alpha_optim = torch.optim.Adam([log_alpha])
    action, log_prob = policy.sample(s)
    alpha_optim.zero_grad()
    alpha_loss = SIGN(log_alpha * (log_prob + target_entropy).detach()).mean()
    alpha_loss.backward()
    alpha_optim.step()
"""
    path = tmp_path / "sac.py"
    path.write_text(text.replace("SIGN", sign), "utf-8")
    assert [o.status for o in analyse([path], Config()).objectives] == [status]
