"""Proofs of ``rules/``: run where the libraries are installed (see requirements.txt), skipped where they are not."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

# Which names the tests here proved by running them, besides the proofs that stand in the rules: written, one a line, to
# the file that this variable names, for `python -m bench prove --tests`.
RECORD = os.environ.get("VAELINT_PROVED", "")
_NO_PROOF = ("test_names", "test_proofs", "test_the_")  # that a name or a parameter is there

# A tenth of the proofs, drawn by what this variable holds: `.ci/run` tries the libraries that are light.
SEED = os.environ.get("VAELINT_PROOFS_SEED", "")


def is_drawn(name: str, seed: str) -> bool:
    """Whether a proof is of the tenth that a seed draws."""
    return hashlib.sha256(f"{seed} {name}".encode()).digest()[0] < 256 / 10


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    drawn = [not SEED or here not in x.path.parents or is_drawn(x.nodeid, SEED) for x in items]
    config.hook.pytest_deselected(items=[x for x, kept in zip(items, drawn) if not kept])
    items[:] = [x for x, kept in zip(items, drawn) if kept]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, object, None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if not RECORD or report.when != "call" or not report.passed or any(word in item.nodeid for word in _NO_PROOF):
        return
    from tests.rules import proofs

    name = getattr(item, "callspec", None) and item.callspec.id  # type: ignore[attr-defined]
    names = {name.rpartition("-")[2], name.partition("-")[0]} if name else set()
    with Path(RECORD).open("a", encoding="utf-8") as file:
        file.writelines(f"{shown}\n" for shown in sorted(names | proofs.SHOWN) if "." in shown)
    proofs.SHOWN.clear()
