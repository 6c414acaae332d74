"""``pytest --vaelint``, run as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

WRONG = "import torch\ndist = torch.distributions.Normal(0.0, 1.0)\nrecon_loss = dist.log_prob(x).sum()\n"
ROOT = Path(__file__).parents[2]


def ran(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Without what the environment may have installed: the plugin is this checkout's."""
    environ = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""}
    command = [sys.executable, "-m", "pytest", "-p", "vaelint.pytest_plugin", "-p", "no:cacheprovider", *args]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)


def test_without_the_option_no_file_is_checked_and_nothing_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "losses.py").write_text(WRONG)
    (tmp_path / "test_it.py").write_text(
        "import sys\n\ndef test_it():\n    assert 'libcst' not in sys.modules and 'vaelint.engine' not in sys.modules\n"
    )
    done = ran(tmp_path)
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout


def test_a_file_with_a_wrong_sign_fails_and_shows_the_finding(tmp_path: Path) -> None:
    (tmp_path / "losses.py").write_text(WRONG)
    (tmp_path / "model.py").write_text("x = 1\n")
    done = ran(tmp_path, "--vaelint")
    assert done.returncode == 1 and "1 failed, 1 passed" in done.stdout
    assert "losses.py:3:14 VL301 misnamed-loss" in done.stdout and "Traceback" not in done.stdout


def test_it_can_be_selected_like_other_marks(tmp_path: Path) -> None:
    (tmp_path / "losses.py").write_text(WRONG)
    (tmp_path / "test_it.py").write_text("def test_it():\n    pass\n")
    done = ran(tmp_path, "--vaelint", "-m", "not vaelint")
    assert done.returncode == 0 and "1 passed, 2 deselected" in done.stdout
