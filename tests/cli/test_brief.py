"""What a reviewer is given to read."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from vaelint.cli import main

LOSSES = """\
from torch.distributions import Normal

def reconstruction(x_hat, x):
    return Normal(x_hat, 1.0).log_prob(x).sum()
"""
TRAIN = """\
import torch
from losses import reconstruction

def train(decoder, z, x, penalty, optimizer: torch.optim.Adam):
    recon = reconstruction(decoder(z), x)
    loss = -recon + penalty
    loss.backward()
    optimizer.step()

def other(model, x, optimizer: torch.optim.Adam):
    error = torch.nn.functional.mse_loss(model(x), x)
    error.backward()
    optimizer.step()
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "losses.py").write_text(LOSSES)
    (tmp_path / "train.py").write_text(TRAIN)
    monkeypatch.chdir(tmp_path)


def brief(*paths: str) -> str:
    result = CliRunner().invoke(main, ["brief", *paths])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_each_objective_has_its_terms_with_what_they_rest_on() -> None:
    out = brief("train.py")
    assert "## `train.py:7:5` in `train`" in out and "## `train.py:12:5` in `other`: consistent" in out
    assert "| − `recon` | should go up ↑ (log density) | library documentation |" in out


def test_the_statements_that_decide_come_in_the_order_of_the_value_across_files() -> None:
    out = brief("train.py:7")
    rows = out[out.index("```python\n") :]
    places = [rows.index(text) for text in ("# losses.py", "log_prob(x)", "# train.py", "recon = ", "loss.backward()")]
    assert places == sorted(places)
    assert "`other`" not in out


def test_what_nobody_knows_is_a_question() -> None:
    out = brief("train.py:7")
    questions = out[out.index("**To be decided by a reader:**") :]
    assert "`penalty`" in questions and "?" in questions


def test_it_stays_short_and_names_what_it_leaves_out(tmp_path: Path) -> None:
    many = "".join(TRAIN[TRAIN.index("def train") :].replace("def train(", f"def train_{i}(") for i in range(60))
    (tmp_path / "many.py").write_text("import torch\nfrom losses import reconstruction\n\n" + many)
    out = brief("many.py")
    assert len(out.split()) <= 2000
    assert "more, for which there is no room here" in out and "`vaelint brief many.py:" in out


def test_what_is_reported_apart_from_objectives_is_named(tmp_path: Path) -> None:
    (tmp_path / "named.py").write_text(
        "import torch\ndist = torch.distributions.Normal(0.0, 1.0)\nrecon_loss = dist.log_prob(x).sum()\n"
    )
    out = brief("named.py")
    assert "Nothing there reaches an optimiser" in out and "`named.py:3:14` VL301 (likely)" in out
