"""What an array is cut into is, part by part, what the whole is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Status

TRAIN = """
import torch
import torch.nn.functional as F


def train(model, optimizer, x, y):
    whole = {whole}
    first, second = {cut}
    value = first.mean()
    optimizer.zero_grad()
    value.backward()
    optimizer.step()
"""
KNOWN = 'F.cross_entropy(model(x), y, reduction="none")'
CUTS = ["whole.split(4)", "whole.chunk(2, dim=0)", "torch.split(whole, 4)", "torch.chunk(whole, 2)", "whole.unbind(0)"]


def status(text: str, folder: Path) -> Status:
    path = folder / "train.py"
    path.write_text(text, "utf-8")
    [objective] = analyse([path], Config()).objectives
    return objective.status


@pytest.mark.parametrize("cut", [*CUTS, "other(whole)"])
def test_of_parts_of_what_is_not_known_nothing_is(cut: str, tmp_path: Path) -> None:
    assert status(TRAIN.format(whole="model(x)", cut=cut), tmp_path) is Status.UNRESOLVED


def test_what_another_function_makes_of_it_is_not_known(tmp_path: Path) -> None:
    assert status(TRAIN.format(whole=KNOWN, cut="other(whole)"), tmp_path) is Status.UNRESOLVED


@pytest.mark.parametrize("cut", CUTS)
def test_parts_of_a_loss_are_losses(cut: str, tmp_path: Path) -> None:
    assert status(TRAIN.format(whole=KNOWN, cut=cut), tmp_path) is Status.CONSISTENT


@pytest.mark.parametrize("cut", CUTS)
def test_the_sign_stays(cut: str, tmp_path: Path) -> None:
    assert status(TRAIN.format(whole=f"-{KNOWN}", cut=cut), tmp_path) is Status.WRONG
