"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.runs import Runs

# No deadline: the first example of a property pays for imports and caches, on a slow machine more than any limit.
settings.register_profile("vaelint", deadline=None, max_examples=200, derandomize=True)
settings.load_profile("vaelint")


os.environ["VAELINT_NO_CACHE"] = "1"  # of the runs that tests begin, too; those of the cache ask for one


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    own = tmp_path_factory.getbasetemp()
    return Runs(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has no file stands in an empty folder: in ours, those that import it would be looked for among thousands."""
    monkeypatch.chdir(tmp_path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Single files are run in this process: to start others takes longer."""
    single = config.args and all(".py" in x for x in config.args)
    return 0 if single else None
