"""Comments that say what a value is, or which way an objective is meant to go."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Result, Status

pytestmark = pytest.mark.usefixtures("elsewhere")
HEAD = """\
import torch
import torch.nn.functional as F


def train(model, x, y, beta, optimizer, helper, lr):
"""
STEP = "    optimizer.step()\n"
ASCENT = "    loss = F.mse_loss(model(x), y)\n    (-loss).backward(){}\n" + STEP
DESCENT = "    loss = F.mse_loss(model(x), y)\n    loss.backward(){}\n" + STEP
HELPER = "    value = helper(model(x), y){}\n    value.backward()\n" + STEP


def of(body: str) -> Result:
    return analyse([], Config(), stdin=("m.py", HEAD + body))


def codes(body: str) -> list[tuple[str, int]]:
    """The codes of the findings, with their rows in the body."""
    return [(f.code, f.location.row - HEAD.count("\n")) for f in of(body).findings]


def complaints(body: str) -> list[str]:
    """What is reported of comments."""
    return [f.message for f in of(body).findings if f.code == "VL002"]


# --- nothing to say ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        DESCENT.format("  # vaelint: minimize"),
        ASCENT.format("  # vaelint: maximize"),
        ASCENT.replace("    (-", "    # vaelint: maximize\n    (-").format(""),
        HELPER.format("  # vaelint: cost"),
        "    reward = helper(x)  # vaelint: gain\n    (-reward).backward()\n" + STEP,
        "    total = 0\n    total += helper(x)  # vaelint: cost\n    total.backward()\n" + STEP,
    ],
    ids=["consistent", "meant", "row above", "cost", "gain", "augmented"],
)
def test_what_agrees_with_its_statement_is_no_finding(body: str) -> None:
    assert codes(body) == [] and complaints(body) == []


def test_without_the_statement_the_ascent_is_one() -> None:
    assert [code for code, _ in codes(ASCENT.format(""))] == ["VL102"]


def test_a_statement_in_a_string_is_none() -> None:
    assert complaints(DESCENT.format("") + '    print("# vaelint: gain")\n') == []


# --- facts ---------------------------------------------------------------------------------------


def test_a_stated_gain_that_is_minimised_is_a_finding() -> None:
    (finding,) = of(HELPER.format("  # vaelint: gain")).findings
    assert finding.code == "VL101"
    assert any("stated: `# vaelint: gain`" in step.message for step in finding.trace)


def test_a_stated_cost_resolves_an_objective() -> None:
    assert [o.status for o in of(HELPER.format("")).objectives] == [Status.UNRESOLVED]
    assert [o.status for o in of(HELPER.format("  # vaelint: cost")).objectives] == [Status.CONSISTENT]


def test_a_statement_counts_for_its_own_row_alone() -> None:
    assert codes(HELPER.format("  # vaelint: gain").replace("value.b", "other = -helper(x)\n    other.b")) == []


def test_a_statement_in_a_function_without_our_words_counts() -> None:
    text = "def make(x, helper):\n    out = helper(x)  # vaelint: gain\n    return out\n\n\n"
    result = analyse([], Config(), stdin=("m.py", text))
    assert result.findings == []


# --- directions ----------------------------------------------------------------------------------


def test_a_statement_of_the_other_direction_leaves_the_finding() -> None:
    assert [code for code, _ in codes(ASCENT.format("  # vaelint: minimize"))] == ["VL102"]


def test_an_update_by_hand_may_be_meant() -> None:
    update = "    g = torch.autograd.grad(F.mse_loss(model(x), y), model.w)[0]{}\n    model.w = model.w + lr * g\n"
    assert [code for code, _ in codes(update.format(""))] == ["VL102"]
    assert codes(update.format("  # vaelint: maximize")) == []


# --- statements without effect -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (DESCENT.format("") + "    print(x)  # vaelint: gain\n", "unused `# vaelint: gain`: nothing is bound here"),
        (DESCENT.format("") + "    x = y  # vaelint: maximize\n", "unused `# vaelint: maximize`: nothing is optimised"),
        (DESCENT.format("  # vaelint: cost"), "unused `# vaelint: cost`: nothing is bound here"),
    ],
)
def test_a_statement_without_effect_is_reported(body: str, message: str) -> None:
    (complaint,) = complaints(body)
    assert complaint.startswith(message)


def test_it_is_reported_at_its_place_in_a_notebook(tmp_path: Path) -> None:
    import json

    cells = [{"cell_type": "code", "source": s} for s in ("import torch", "x = 1\nprint(x)  # vaelint: cost")]
    path = tmp_path / "m.ipynb"
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}))
    (finding,) = analyse([path], Config()).findings
    assert (finding.code, finding.location.cell, finding.location.row) == ("VL002", 2, 2)
