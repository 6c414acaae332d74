"""A critic and a generator whose steps fit together are consistent, though neither score has a direction of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Status

GAME = """\
def train(critic, generator, loader, critic_optimizer, generator_optimizer):
    for x, z in loader:
        critic_loss = {critic}
        critic_loss.backward()
        critic_optimizer.step()
        generator_loss = {generator}
        generator_loss.backward()
        generator_optimizer.step()
"""
REAL, FAKE = "critic(x).mean()", "critic(generator(z)).mean()"


def statuses(critic: str, generator: str, folder: Path) -> list[Status]:
    path = folder / "gan.py"
    path.write_text(GAME.format(critic=critic, generator=generator), "utf-8")
    return [o.status for o in analyse([path], Config()).objectives]


@pytest.mark.parametrize(
    ("critic", "generator"),
    [(f"{FAKE} - {REAL}", f"-{FAKE}"), (f"{REAL} - {FAKE}", FAKE)],
    ids=["real is raised", "real is lowered"],
)
def test_three_signs_that_fit(critic: str, generator: str, tmp_path: Path) -> None:
    assert statuses(critic, generator, tmp_path) == [Status.INTENDED] * 2


def test_a_generator_that_helps_its_critic_is_wrong(tmp_path: Path) -> None:
    assert Status.WRONG in statuses(f"{FAKE} - {REAL}", FAKE, tmp_path)


def test_a_critic_alone_is_not_resolved(tmp_path: Path) -> None:
    assert statuses(f"{FAKE} - {REAL}", "critic.other(x)", tmp_path)[0] is Status.UNRESOLVED


def test_a_step_is_wrong_where_it_asks_its_network_not_where_that_answers(tmp_path: Path) -> None:
    critic = "import torch.nn as nn\nclass Critic(nn.Module):\n    def forward(self, x):\n        return self.last(x)\n"
    text = critic + GAME.format(critic=f"{FAKE} - {REAL}", generator=FAKE).replace(
        "    for x", "    critic = Critic()\n    for x"
    )
    path = tmp_path / "gan.py"
    path.write_text(text, "utf-8")
    found = analyse([path], Config()).findings
    row = text.splitlines().index(f"        generator_loss = {FAKE}") + 1
    assert [(f.code, f.location.row) for f in found] == [("VL203", row)]
