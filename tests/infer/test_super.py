"""``super().method()`` across files: the base's own method runs, not that of another class derived from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config

CLIPPED = """\
import torch
from agents.base import Agent


class Policy(Agent):
    def learn(self, **batch):
        super().learn(**batch)
        ratio = torch.exp(self.new_log_probs - self.old_log_probs)
        surr1 = ratio * self.advantages
        surr2 = torch.clamp(ratio, 0.8, 1.2) * self.advantages
        loss = self.coef * self.dist.entropy().mean() - torch.mean(torch.min(surr1, surr2))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
"""
VALUED = """\
import torch.nn as nn
from agents.base import Agent


class Policy(Agent):
    def learn(self, **batch):
        super().learn(**batch)
        loss = nn.MSELoss()(self.q, self.target)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
"""


@pytest.mark.parametrize("body", ["self.take(**batch)", "raise NotImplementedError", "pass"])
def test_a_sibling_does_not_stand_in_for_the_base(tmp_path: Path, body: str) -> None:
    base = f"class Agent:\n    def learn(self, **batch):\n        {body}\n"
    for name, text in {"__init__": "", "base": base, "clipped": CLIPPED, "valued": VALUED}.items():
        path = tmp_path / "agents" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    found = analyse([str(tmp_path)], Config()).findings
    assert [(Path(f.filename).name, f.code) for f in found] == [("clipped.py", "VL201")]
