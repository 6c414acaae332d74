"""One answer: whatever the order of the files, the number of processes, the seed of hashes."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vaelint import engine
from vaelint.config import Config
from vaelint.examine import examine
from vaelint.knowledge import load as load_rules
from vaelint.report import View, load
from vaelint.source.project import Project

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "tests" / "fixtures").rglob("*.py"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some real files under one root, in folders that are packages to each other."""
    root = tmp_path_factory.mktemp("project")
    (root / "pyproject.toml").touch()  # a project of its own, whatever stands in the folders above
    for i, source in enumerate(random.Random(3).sample(SOURCES, 48)):
        place = root / f"part{i % 3}"
        place.mkdir(exist_ok=True)
        shutil.copy(source, place / f"m{i}_{source.name}")
    (root / "c.yaml").write_text("checkpoint:\n  monitor: val_loss\n  mode: max\n")
    return root


def shown(folder: Path, paths: list[Path]) -> str:
    result = engine.analyse(paths, Config())
    return load("json").render(result, View(folder)) + repr(result.objectives) + repr(result.problems)


def test_the_order_of_the_files_changes_nothing(folder: Path) -> None:
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.suffix != ".toml"]
    first = shown(folder, files)
    assert first.count('"code"') > 5
    for seed in range(2):
        random.Random(seed).shuffle(files)
        assert shown(folder, files) == first


def test_the_number_of_processes_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = []
    for workers in (1, 2, 5):
        monkeypatch.setattr(engine, "MOST_PROCESSES", workers)
        monkeypatch.setattr(os, "cpu_count", lambda: 8)
        result = engine.analyse([folder], Config())
        answers.append(load("json").render(result, View(folder)) + repr(result.objectives) + repr(result.problems))
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize("form", ["json", "sarif", "text"])
def test_the_seed_of_hashes_changes_nothing(folder: Path, form: str) -> None:
    answers = set()
    for seed in ("0", "1", "4711"):
        env = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "vaelint", "check", "--output-format", form]
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True)
        assert done.returncode == 1, done.stderr
        answers.add(done.stdout)
    assert len(answers) == 1


STEPS = "def step(optimizer, loss):\n    loss.backward()\n    optimizer.step()\n"
LOSS = "import torch.nn.functional as F\n\n\ndef loss(x, y):\n    return {}F.mse_loss(x, y)\n"
SCRIPT = """\
import torch
from a import loss as first_loss
from b import loss as second_loss
from steps import step


def train(x, y, model):
    optimizer = torch.optim.Adam(model.parameters())
    step(optimizer, first_loss(model(x), y))
    step(optimizer, second_loss(model(x), y))
"""


@pytest.mark.parametrize("sign", ["", "-"])
def test_which_file_was_read_first_changes_nothing(tmp_path: Path, sign: str) -> None:
    (tmp_path / "pyproject.toml").touch()
    files = {"steps": STEPS, "a": LOSS.format(sign), "b": LOSS.format(sign), "script": SCRIPT}
    for name, text in files.items():
        (tmp_path / f"{name}.py").write_text(text)
    answers = []
    for first in (("a", "b"), ("b", "a")):
        project = Project()
        for name in first:
            project.source(str(tmp_path / f"{name}.py"))
        part = examine(tmp_path / "script.py", None, load_rules(()), Config(), project, traces=True)
        answers.append(repr((part.findings, part.objectives)))
    assert answers[0] == answers[1] and answers[0].count("mse_loss") > 3
