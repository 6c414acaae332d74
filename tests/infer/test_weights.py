"""The size of what is trained is a penalty by fact, and so is that of a critic's gradient."""

from __future__ import annotations

import pytest

from tests.runs import analyse
from vaelint.config import Config

pytestmark = pytest.mark.usefixtures("elsewhere")
HEAD = """\
import torch
import torch.nn.functional as F

def step(model, other, optimizer, x, y, lam):
"""
TAIL = """\
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
SLOPE = """\
    out = model(x)
    grads = torch.autograd.grad(out, x, grad_outputs=torch.ones_like(out), create_graph=True)[0]
"""


def codes(*rows: str) -> list[str]:
    text = HEAD + "".join(row if row.endswith("\n") else f"    {row}\n" for row in rows) + TAIL
    return [f.code for f in analyse([], Config(), stdin=("m.py", text)).findings]


SIZES = [
    "size = sum(p.pow(2).sum() for p in model.parameters())",
    "size = sum((p ** 2).sum() for _, p in model.named_parameters())",
    "size = torch.stack([torch.norm(p, 1) for p in model.parameters()]).sum()",
    "size = torch.cat([p.view(-1).abs() for p in model.parameters()]).mean()",
    SLOPE + "    size = ((grads.norm(2, dim=1) - 1) ** 2).mean()\n",
    SLOPE + "    size = torch.mean((torch.sqrt((grads ** 2).sum(1) + 1e-12) - 1) ** 2)\n",
]


@pytest.mark.parametrize("size", SIZES)
def test_a_size_goes_with_what_is_lowered(size: str) -> None:
    assert codes(size, "loss = F.mse_loss(model(x), y) + lam * size") == []
    assert codes(size, "loss = measured(model(x), y) + lam * size") == []
    assert codes(size, "loss = F.mse_loss(model(x), y) - lam * size") == ["VL201"]
    assert codes(size, "loss = measured(model(x), y) - lam * size") == ["VL201"]


@pytest.mark.parametrize("size", SIZES)
def test_a_size_is_taken_off_what_is_raised(size: str) -> None:
    assert codes(size, "gained = -F.mse_loss(model(x), y) - lam * size", "loss = -gained") == []
    assert "VL201" in codes(size, "gained = -F.mse_loss(model(x), y) + lam * size", "loss = -gained")


def test_a_distance_between_two_models_may_be_raised() -> None:
    apart = "gap = sum(((p - q) ** 2).sum() for p, q in zip(model.parameters(), other.parameters()))"
    assert codes(apart, "loss = F.mse_loss(model(x), y) - lam * gap") == []


def test_a_log_prior_is_minus_a_size() -> None:
    prior = "log_prior = sum(-0.5 * (p ** 2).sum() for p in model.parameters())"
    assert codes(prior, "loss = F.mse_loss(model(x), y, reduction='sum') - log_prior") == []


def test_a_volume_of_the_weights_is_no_size() -> None:
    assert (
        codes("logs = sum(p.abs().log().sum() for p in model.parameters())", "loss = F.mse_loss(model(x), y) - logs")
        == []
    )


def test_a_size_that_no_gradient_reaches_is_let_be() -> None:
    size = "size = sum((p.detach() ** 2).sum() for p in model.parameters())"
    assert codes(size, "loss = F.mse_loss(model(x), y) - lam * size") == []


def test_a_size_that_is_raised_alone_is_what_is_wanted() -> None:
    for size in SIZES:
        assert codes(size, "loss = -size") == []
