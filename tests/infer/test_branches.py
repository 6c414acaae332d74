"""Quantities on their way to an update: of one of two branches, through a compiled update, cleared, masked, gathered.

Each program is consistent as it stands, and wrong with its sign turned.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Result, Status

JAX = "import jax\nimport jax.numpy as jnp\nimport optax\n\n\n"
PROGRAMS = {
    "each of two branches takes a gradient of its own": JAX
    + """\
def step(params, state, x, y, opt, several):
    def error(p, x):
        return {sign}jnp.mean((x @ p - y) ** 2)

    if several:
        values, grads = jax.vmap(jax.value_and_grad(error), (None, 0))(params, x)
    else:
        value, grads = jax.value_and_grad(error)(params, x)
    updates, state = opt.update(grads, state)
    return optax.apply_updates(params, updates), state
""",
    "by hand, too": JAX
    + """\
def step(params, x, y, several, lr=0.1):
    def error(p, x):
        return {sign}jnp.mean((x @ p - y) ** 2)

    if several:
        grads = jax.grad(error)(params, x)
    else:
        grads = jax.grad(error)(params, x[0])
    return params - lr * grads
""",
    "the update of the project's own is compiled where it is called": JAX
    + """\
class Momentum:
    def update(self, grads, state):
        return self.rescale(grads, state), state


def step(params, state, x, y):
    def error(p):
        return {sign}jnp.mean((x @ p - y) ** 2)

    optimizer = Momentum()
    grads = jax.grad(error)(params)
    updates, state = jax.jit(optimizer.update)(grads, state)
    return apply(params, updates), state
""",
    "some gradients are cleared before the step": """\
import torch.nn.functional as F


def step(policy, frozen, x, y):
    value = {sign}F.mse_loss(policy(x), y)
    policy.optimizer.zero_grad()
    value.backward()
    for param in frozen:
        param.grad = None
    policy.optimizer.step()
""",
    "two masks are one": """\
import torch.nn.functional as F


def step(net, x, y, position, n, optimizer):
    shared = (position > 0) & (position <= n)
    value = {sign}(F.mse_loss(net(x), y, reduction="none") * shared).sum()
    value.backward()
    optimizer.step()
""",
    "what all processes have is gathered": """\
import torch
import torch.nn.functional as F


def step(net, x, y, optimizer):
    values = torch.distributed.nn.functional.all_gather(F.mse_loss(net(x), y))
    value = {sign}sum(values)
    value.backward()
    optimizer.step()
""",
}


def examined(name: str, sign: str, folder: Path) -> Result:
    path = folder / "train.py"
    path.write_text(PROGRAMS[name].format(sign=sign), "utf-8")
    return analyse([path], Config())


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_gradient_is_followed(name: str, tmp_path: Path) -> None:
    result = examined(name, "", tmp_path)
    # What is squared by hand is known for an error by the names of what is compared.
    assert {o.status for o in result.objectives} <= {Status.CONSISTENT, Status.BY_NAME}
    assert result.objectives
    assert not result.findings


@pytest.mark.parametrize("name", PROGRAMS)
def test_with_the_other_sign_it_is_wrong(name: str, tmp_path: Path) -> None:
    assert {o.status for o in examined(name, "-", tmp_path).objectives} == {Status.WRONG}


def test_each_branch_is_an_objective_of_its_own(tmp_path: Path) -> None:
    assert len(examined("by hand, too", "", tmp_path).objectives) == 2
