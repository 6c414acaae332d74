"""What is computed without gradients is data: the target that a prediction is pulled to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.evidence import Basis
from vaelint.finding import Status

TRAIN = """
import torch


def estimate(net, batch):
    return batch.a + 0.9 * net(batch.b)


def train(net, other, batch, optimizer):
{target}
    value = net(batch.x)
    loss = {sign}((value - aim) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
BARE = "    aim = batch.a + 0.9 * other(batch.b)"
BLOCK = "    with torch.no_grad():\n        aim = batch.a + 0.9 * other(batch.b)"
ENABLED = "    with torch.enable_grad():\n        aim = batch.a + 0.9 * other(batch.b)"
INFERENCE = "    with torch.inference_mode():\n        aim = batch.a + 0.9 * other(batch.b)"
CALLED = "    aim = estimate(other, batch)"
DETACHED = "    aim = (batch.a + 0.9 * other(batch.b)).detach()"


def status(text: str, folder: Path) -> Status:
    path = folder / "train.py"
    path.write_text(text, "utf-8")
    [objective] = analyse([path], Config()).objectives
    return objective.status


def sided(text: str, folder: Path) -> Basis:
    """On what it rests, where the loss is raised, that it was to be lowered."""
    path = folder / "train.py"
    path.write_text(text, "utf-8")
    [finding] = analyse([path], Config()).findings
    return next(side.basis for side in finding.sides if side.what == "value")


@pytest.mark.parametrize("target", [BARE, ENABLED, CALLED])
def test_of_two_values_that_both_move_neither_is_known_to_be_the_target(target: str, tmp_path: Path) -> None:
    """Their square is least where they meet, for a fact; that it is an error is known by what they are called."""
    assert status(TRAIN.format(target=target, sign=""), tmp_path) is Status.CONSISTENT
    assert sided(TRAIN.format(target=target, sign="-"), tmp_path) is Basis.NAME


@pytest.mark.parametrize("target", [BLOCK, INFERENCE, DETACHED])
def test_what_is_pulled_to_a_value_without_gradient_is_an_error(target: str, tmp_path: Path) -> None:
    assert status(TRAIN.format(target=target, sign=""), tmp_path) is Status.CONSISTENT
    assert sided(TRAIN.format(target=target, sign="-"), tmp_path) is Basis.STRUCTURE


def test_a_function_that_is_decorated_so_yields_a_target(tmp_path: Path) -> None:
    text = TRAIN.replace("def estimate", "@torch.no_grad()\ndef estimate")
    assert status(text.format(target=CALLED, sign=""), tmp_path) is Status.CONSISTENT


def test_what_is_pushed_away_from_its_target_is_reported(tmp_path: Path) -> None:
    assert status(TRAIN.format(target=BLOCK, sign="-"), tmp_path) is Status.WRONG


JAX = """
import jax


def train(state, batch, other):
    aim = batch.a + 0.9 * state.apply_fn(other, batch.b)

    def loss_fn({params}):
        value = state.apply_fn(params, batch.x)
        return {sign}((value - {aim}) ** 2).mean()

    grads = jax.grad(loss_fn{options})({given})
    return state.apply_gradients(grads=grads)
"""
HELD = {
    "from the function around": {"params": "params", "aim": "aim", "options": "", "given": "state.params"},
    "as a further argument": {"params": "params, y", "aim": "y", "options": "", "given": "state.params, aim"},
}
MOVING = {
    "the variable itself": {"params": "y, params", "aim": "y", "options": "", "given": "aim, state.params"},
    "another one that was asked for": {
        "params": "y, params",
        "aim": "y",
        "options": ", argnums=(0, 1)",
        "given": "aim, state.params",
    },
}


@pytest.mark.parametrize("where", HELD.values(), ids=HELD)
def test_in_a_gradient_in_the_first_argument_all_else_is_held_still(where: dict[str, str], tmp_path: Path) -> None:
    assert sided(JAX.format(**where, sign="-"), tmp_path) is Basis.STRUCTURE


@pytest.mark.parametrize("where", MOVING.values(), ids=MOVING)
def test_what_the_gradient_is_taken_in_moves(where: dict[str, str], tmp_path: Path) -> None:
    assert sided(JAX.format(**where, sign="-"), tmp_path) is Basis.NAME
