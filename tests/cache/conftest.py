"""A small project, and runs over it that say what they had to examine anew."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from vaelint.cache import answers, parts
from vaelint.cli import main
from vaelint.finding import Result

LOSSES = """\
import torch.nn.functional as F


def reconstruction(x, y):
    return F.mse_loss(x, y)
"""
TRAIN = """\
import torch
from losses import reconstruction


def train(model, x, y):
    optimizer = torch.optim.Adam(model.parameters())
    loss = -reconstruction(model(x), y)
    loss.backward()
    optimizer.step()
"""
OTHER = """\
import torch
from torch.distributions import Normal


def fit(model, x, optimizer):
    loss = Normal(model(x), 1.0).log_prob(x).mean()
    loss.backward()
    optimizer.step()
"""


@dataclass
class Run:
    """``whole``: the answer of an earlier run was taken as it was; else ``examined`` has what was examined anew."""

    output: str
    code: int
    whole: bool
    examined: set[str]


@dataclass
class Tree:
    root: Path
    user: Path
    seen: list[str] = field(default_factory=list)
    hits: list[bool] = field(default_factory=list)

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, *args: str, **env: str) -> Run:
        time.sleep(0.06)  # what is written while a run goes on is not kept; nor what may have been
        self.seen.clear()
        self.hits.clear()
        given = {"VAELINT_NO_CACHE": "", "XDG_CACHE_HOME": str(self.user), **env}
        done = CliRunner().invoke(main, list(args or ("check", "--output-format", "json")), env=given)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.output
        return Run(done.output, done.exit_code, any(self.hits), set(self.seen))

    def plain(self, *args: str) -> Run:
        """The same without a cache."""
        return self.run(*(args or ("check", "--output-format", "json")), VAELINT_NO_CACHE="1")

    def agrees(self, *args: str) -> Run:
        """A run, which has to answer as one without a cache does."""
        run = self.run(*args)
        plain = self.plain(*args)
        assert (run.output, run.code) == (plain.output, plain.code)
        return run

    @property
    def cache(self) -> Path:
        return self.root / ".vaelint_cache"

    def entries(self, kind: str = "") -> list[Path]:
        return sorted(self.cache.glob(f"*/{kind}*.entry"))


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    made = Tree(tmp_path / "project", tmp_path / "user")
    made.write("pyproject.toml", "[tool.vaelint]\n")
    made.write("losses.py", LOSSES)
    made.write("train.py", TRAIN)
    made.write("other.py", OTHER)
    monkeypatch.chdir(made.root)
    _watch(monkeypatch, made)
    return made


def _watch(monkeypatch: pytest.MonkeyPatch, tree: Tree) -> None:
    keep, find = parts.Parts.keep, answers.find

    def kept(self: parts.Parts, path: Path, *args: Any) -> None:
        tree.seen.append(path.name)
        keep(self, path, *args)

    def found(*args: Any) -> Result | None:
        result = find(*args)
        tree.hits.append(result is not None)
        return result

    monkeypatch.setattr(parts.Parts, "keep", kept)
    monkeypatch.setattr(answers, "find", found)


Tampering = Callable[[Path], None]
