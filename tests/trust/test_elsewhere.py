"""Systems that lack what this one has, as far as that can be taken away here: users, links that are not followed,
signals, attributes of files, and processes that begin as copies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUG = """\
from torch.distributions import Normal


def train(model, x, optimizer):
    loss = Normal(model(x), 1.0).log_prob(x).mean()
    loss.backward()
    optimizer.step()
"""
POOR = """\
import os, signal, sys
for module, names in (
    (os, ("geteuid", "getuid", "chown", "listxattr", "getxattr", "setxattr", "O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY")),
    (signal, ("SIGHUP", "pthread_sigmask")),
):
    for name in names:
        if hasattr(module, name):
            delattr(module, name)
if __name__ == "__main__":
    from vaelint import engine, processes
    from vaelint.cli import main
    processes.are_cheap = engine.are_cheap = lambda: False
    engine.MOST_PROCESSES, engine.FEW = 2, 0
    main()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run.py").write_text(POOR)
    (tmp_path / "checked").mkdir()
    (tmp_path / "checked" / "pyproject.toml").write_text("[tool.vaelint]\n")
    for i in range(6):
        (tmp_path / "checked" / f"m{i}.py").write_text(BUG)
    return tmp_path


def ran(folder: Path, *args: str, poor: bool) -> tuple[str, int]:
    how = [str(folder / "run.py")] if poor else ["-m", "vaelint"]
    env = os.environ | {"PYTHONPATH": str(ROOT), "VAELINT_NO_CACHE": "", "XDG_CACHE_HOME": str(folder / "user")}
    done = subprocess.run(
        [sys.executable, *how, *args], cwd=folder / "checked", env=env, capture_output=True, text=True
    )
    assert "Traceback" not in done.stderr and "bug in vaelint" not in done.stderr, done.stderr
    return done.stdout, done.returncode


def test_the_answer_is_the_same_with_less(folder: Path) -> None:
    command = ("check", "--output-format", "json", "--no-cache")
    assert ran(folder, *command, poor=True) == ran(folder, *command, poor=False)


def test_a_cache_is_kept_and_used_with_less(folder: Path) -> None:
    command = ("check", "--output-format", "json")
    first = ran(folder, *command, poor=True)
    assert list((folder / "checked" / ".vaelint_cache").rglob("*.entry"))
    assert first == ran(folder, *command, poor=True) == ran(folder, *command, "--no-cache", poor=False)


def test_files_are_fixed_with_less(folder: Path) -> None:
    ran(folder, "check", "--fix", "--unsafe-fixes", poor=True)
    texts = {p.read_text() for p in (folder / "checked").glob("*.py")}
    assert len(texts) == 1 and "-Normal(model(x), 1.0).log_prob(x)" in texts.pop()
    assert ran(folder, "check", "--no-cache", poor=False)[1] == 0
