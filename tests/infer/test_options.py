"""Options of the command line are settings: of numbers that they have by default the sign is taken for granted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Status

TRAIN = """
import argparse

import torch.nn.functional as F


def train(net, critic, optimizer, x, y, z, args):
    scale_weight = 1 / (1 + args.amount * x.size(0))
    loss = F.cross_entropy(net(x), y) + {factor} * F.mse_loss(critic(x), z)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument({option})
    parser.add_argument("--amount", type=float, default=2.0)
    args = parser.parse_args()
    train(*made(args), args)
"""
UNKNOWN = {
    "no default": '"--part", type=float',
    "off by default": '"--part", type=float, default=0.0',
    "a plain sign": '"--part", type=int, default=1',
    "a text": '"--part", default="some"',
}
KNOWN = {
    "a number": '"--part", type=float, default=0.1',
    "one of a weight": '"--part", type=float, default=1.0',
    "one, read as a float": '"--part", default=1, type=float',
    "under a name of its own": '"-p", "--share-of-it", dest="part", default=0.5',
    "the long one of two names": '"-p", "--part", default=0.5',
}


def objective(text: str, folder: Path) -> tuple[Status, tuple[str, ...]]:
    path = folder / "train.py"
    path.write_text(text, "utf-8")
    [found] = analyse([path], Config()).objectives
    return found.status, tuple(found.assumptions)


@pytest.mark.parametrize("option", UNKNOWN.values(), ids=UNKNOWN)
def test_of_other_options_nothing_is_known(option: str, tmp_path: Path) -> None:
    assert objective(TRAIN.format(factor="args.part", option=option), tmp_path)[0] is Status.UNRESOLVED


@pytest.mark.parametrize("option", KNOWN.values(), ids=KNOWN)
def test_a_number_by_default_is_a_weight_and_that_is_said(option: str, tmp_path: Path) -> None:
    status, assumed = objective(TRAIN.format(factor="args.part", option=option), tmp_path)
    assert status is Status.CONSISTENT
    assert any("part" in x for x in assumed)


def test_an_attribute_of_anything_else_is_none(tmp_path: Path) -> None:
    text = TRAIN.format(factor="critic.part", option=KNOWN["a number"])
    assert objective(text, tmp_path)[0] is Status.UNRESOLVED


def test_a_weight_that_is_made_of_settings_is_one_by_its_name(tmp_path: Path) -> None:
    text = TRAIN.format(factor="scale_weight", option=KNOWN["a number"])
    assert objective(text, tmp_path)[0] is Status.CONSISTENT
