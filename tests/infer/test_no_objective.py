"""Gradients that are taken and optimise nothing are no objectives; what may train somebody's network is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Status

NONE = {
    "the gradient of a loss, compared in a test": """
import jax, optax
def test_gradient_of_loss(x, y):
    grads = jax.grad(lambda p: optax.l2_loss(p, y).mean())(x)
    assert grads.sum() == 0
""",
    "the slope of a prediction, checked by a test that has stepped before": """
import torch
def test_slopes(model, x, y):
    optimizer = torch.optim.Adam(model.parameters())
    model.eval()
    optimizer.step()
    model(x).mean.sum().backward()
    assert x.grad is not None
""",
    "an output, squared, in a benchmark": """
import torch
def bench(net, x):
    x.grad = None
    out = net(x)
    out.square().mean().backward()
""",
}
SOME = {
    "a step in a test": (
        """
import jax, optax
def test_descends(x, y, opt, state):
    for _ in range(100):
        grads = jax.grad(lambda p: optax.l2_loss(p, y).mean())(x)
        updates, state = opt.update(grads, state)
        x = optax.apply_updates(x, updates)
""",
        Status.CONSISTENT,
    ),
    "a loss whose gradient is taken up by hand": (
        """
import torch.nn.functional as F
def sensitivity(net, x, y):
    F.mse_loss(net(x), y).backward()
    return x.grad
""",
        Status.UNRESOLVED,
    ),
    "an output, squared, under an optimiser": (
        """
import torch
def shrink(net, x):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    net(x).square().mean().backward()
    optimizer.step()
""",
        Status.CONSISTENT,
    ),
}


def statuses(text: str, folder: Path) -> list[Status]:
    path = folder / "code.py"
    path.write_text(text, "utf-8")
    return [o.status for o in analyse([path], Config()).objectives]


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_what_optimises_nothing_is_not_counted(text: str, tmp_path: Path) -> None:
    assert statuses(text, tmp_path) == []


@pytest.mark.parametrize(("text", "status"), SOME.values(), ids=SOME)
def test_what_may_be_optimised_is(text: str, status: Status, tmp_path: Path) -> None:
    assert statuses(text, tmp_path) == [status]
