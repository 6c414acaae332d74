"""A run of the command line against a stub of the engine: what is looked at here is the face, not the analysis."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from vaelint.cli import main
from vaelint.config import Config, Configured
from vaelint.finding import Result as Outcome

Run = Callable[..., Result]

CHECKS = (
    SimpleNamespace(
        code="VL101", name="likelihood-minimized", summary="a gain reaches a minimiser", doc="## What it does\nLooks."
    ),
    SimpleNamespace(code="VL201", name="mixed-signs", summary="terms of opposed sense", doc="## What it does\nAdds."),
    SimpleNamespace(code="VL301", name="misnamed-loss", summary="a loss by name alone", doc="## What it does\nReads."),
)


@dataclass
class Engine:
    """Answers with ``outcome`` and remembers what it was asked."""

    outcome: Outcome = field(default_factory=Outcome)
    paths: Sequence[Path] = ()
    config: Config = field(default_factory=Config)
    settings: Configured = field(default_factory=Config)
    stdin: tuple[str, str] | None = None
    traces: bool = False
    failure: BaseException | None = None

    def analyse(self, paths: Sequence[Path], config: Configured, *, stdin: Any = None, **more: Any) -> Outcome:
        if self.failure:
            raise self.failure
        self.paths, self.settings, self.config, self.stdin = paths, config, config.main, stdin
        self.traces = more.get("traces", False)
        return self.outcome


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engine:
    stub = Engine()
    monkeypatch.setitem(sys.modules, "vaelint.engine", module("vaelint.engine", analyse=stub.analyse))
    monkeypatch.setitem(sys.modules, "vaelint.checks", module("vaelint.checks", all_checks=lambda: CHECKS))
    monkeypatch.chdir(tmp_path)
    return stub


def module(name: str, **contents: Any) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(contents)
    return made


@pytest.fixture
def vaelint(engine: Engine) -> Run:
    return lambda *args, **kwargs: CliRunner().invoke(main, [str(a) for a in args], **kwargs)
