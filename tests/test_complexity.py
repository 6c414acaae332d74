"""No function of the core has more ways through it than a reader can hold; on the average they do not become more."""

from __future__ import annotations

from pathlib import Path
from statistics import mean

import pytest

cc_visit = pytest.importorskip("radon.complexity", reason="radon, of the `dev` extra").cc_visit

PACKAGE = Path(__file__).parents[1] / "vaelint"

# Cyclomatic complexity (McCabe 1976) on the average; the aim for all of them is 4.5.
MEANS = {
    "infer/evaluate": 5.55,
    "graph": 5.1,
    "infer/optimising": 7.4,
    "infer/selection": 6.75,
    "evidence.py": 4.5,
}
MOST = 25


def complexities(place: Path) -> dict[str, int]:
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    found = ((file, block) for file in files for block in cc_visit(file.read_text("utf-8")))
    return {
        f"{file.relative_to(PACKAGE)}:{block.lineno}: {block.fullname}": block.complexity
        for file, block in found
        if block.letter in "FM"
    }


@pytest.mark.parametrize("place", MEANS)
def test_no_function_is_a_maze(place: str) -> None:
    assert {name: n for name, n in complexities(PACKAGE / place).items() if n > MOST} == {}


@pytest.mark.parametrize(("place", "limit"), MEANS.items())
def test_functions_do_not_become_mazes(place: str, limit: float) -> None:
    assert mean(complexities(PACKAGE / place).values()) <= limit
