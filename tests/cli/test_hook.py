"""The hook, by the real pre-commit, with the README's own configuration: a changed file whose error is in another."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
HAS_HISTORY = (ROOT / ".git").exists() and shutil.which("git") is not None

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("pre_commit") is None or not HAS_HISTORY,
    reason="pre-commit is not installed, or this is no clone",
)

LOSSES = """\
from torch.distributions import Normal, kl_divergence

def objective(x_hat, x, q):
    recon = Normal(x_hat, 1.0).log_prob(x).sum()
    kl = kl_divergence(q, Normal(0.0, 1.0)).sum()
    return recon + kl
"""
TRAIN = """\
import torch
from losses import objective

def train(model, x, optimizer: torch.optim.Adam):
    loss = objective(*model(x))
    loss.backward()
    optimizer.step()
"""


def git(folder: Path, *args: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *args], cwd=folder, check=True, capture_output=True)


def block(word: str) -> str:
    (found,) = [text for text in re.findall(r"```yaml\n(.*?)```", README, re.S) if word in text]
    return str(found)


def test_a_changed_file_is_reported_with_the_error_in_the_file_that_it_uses(tmp_path: Path) -> None:
    """The clone is of what is committed; the hook is installed from it as a user's would be."""
    git(tmp_path, "clone", "-q", str(ROOT), "vaelint")
    git(tmp_path / "vaelint", "checkout", "-q", "-B", "main")
    project = tmp_path / "project"
    (project / "old").mkdir(parents=True)
    git(project, "init", "-q")
    (project / ".pre-commit-config.yaml").write_text(block(".pre-commit-config.yaml"))
    (project / "pyproject.toml").write_text('[tool.vaelint]\nexclude = ["old"]\n')
    (project / "losses.py").write_text(LOSSES)
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "one", "--no-verify")
    (project / "train.py").write_text(TRAIN)
    (project / "old/train.py").write_text(
        "recon_loss = torch.distributions.Normal(0.0, 1.0).log_prob(x)\nimport torch\n"
    )
    git(project, "add", "-A")
    made = subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--color", "never"],
        cwd=project,
        env={**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "home"), "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 1, made.stdout + made.stderr
    assert "losses.py:6:12 VL201" in made.stdout and "train.py:6" in made.stdout
    assert "old" not in made.stdout
