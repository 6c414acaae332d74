"""First runs: fresh packages in the order of a seed; every one that is drawn is entered, whatever became of it."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from bench import firstrun
from bench.firstrun import NO_WHEEL, RUN, Ran
from bench.flips import sample
from bench.packages import Package

POOL = [Package(name, "1.0", "losses") for name in ("a", "b", "c", "d", "e", "f")]


def raw(*confidences: str) -> dict[str, Any]:
    findings = [{"code": "VL301", "file": "a.py", "cell": None, "row": 1, "confidence": c} for c in confidences]
    return {
        "files": 1,
        "seconds": 0.1,
        "findings": findings,
        "remarks": {},
        "objectives": [],
        "problems": [],
        "crash": "",
    }


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Ran]:
    """What becomes of each package of a pool of six, of which none was used."""
    monkeypatch.setattr(sample, "read_pool", lambda: POOL)
    used, enter = tmp_path / "used.tsv", sample.enter
    read = sample.read_used
    monkeypatch.setattr(sample, "read_used", lambda path=used: read(path))
    monkeypatch.setattr(sample, "enter", lambda new: enter(new, used))
    made = {p.name: Ran(p, RUN, 10, raw("likely")) for p in POOL}

    def fetched(package: Package, place: Path, gate: threading.Semaphore, vaelint: Path | None) -> Ran:
        return made[package.name]

    monkeypatch.setattr(firstrun, "_fetched", fetched)
    return made


def drawn(tmp_path: Path, number: int = 6, enough: int = 60) -> list[str]:
    firstrun.draw(cache=tmp_path, number=number, seed=3, apart=None, enough=enough, until=None, jobs=1)
    return [p.name for p in firstrun.drawn(3)]


def test_no_package_is_drawn_where_enough_was_found_before(said: dict[str, Ran], tmp_path: Path) -> None:
    first = drawn(tmp_path, number=2, enough=2)
    assert len(first) == 2
    assert drawn(tmp_path, number=6, enough=2) == first


def test_packages_are_drawn_in_the_order_of_the_seed_and_go_on_where_they_stopped(
    said: dict[str, Ran], tmp_path: Path
) -> None:
    order = [p.name for p in firstrun.fresh(3, ())]
    assert drawn(tmp_path, number=2) == order[:2]
    assert drawn(tmp_path, number=2) == order[:4]


def test_what_has_no_wheel_is_entered_as_used_with_the_reason(said: dict[str, Ran], tmp_path: Path) -> None:
    for name in said:
        said[name] = said[name]._replace(became=NO_WHEEL, raw=raw())
    assert len(drawn(tmp_path)) == 6
    assert {u.reason for u in sample.read_used()} == {"drawn for the first run, seed 3: no wheel"}
    assert list(firstrun.fresh(4, ())) == []


def test_a_finding_below_the_bar_is_counted_apart() -> None:
    made = raw("likely", "possible", "certain")
    assert [f["confidence"] for f in firstrun.of_signs(made)] == ["likely", "certain"]
    assert [f["confidence"] for f in firstrun.of_signs(made, hidden=True)] == ["possible"]


def test_lines_are_those_of_python_files_and_of_cells_of_code(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\ny = 2\n")
    (tmp_path / "b.txt").write_text("x\n" * 9)
    cells = [
        {"cell_type": "code", "source": ["x = 1\n", "y = 2"]},
        {"cell_type": "markdown", "source": ["words\n"] * 5},
    ]
    (tmp_path / "c.ipynb").write_text(json.dumps({"cells": cells}))
    (tmp_path / "d.ipynb").write_text("no notebook")
    assert firstrun.lines(tmp_path) == 4


@pytest.mark.parametrize(
    "right, judged, low, high", [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0)]
)
def test_an_interval_holds_what_tables_of_wilsons_say(right: int, judged: int, low: float, high: float) -> None:
    assert firstrun.wilson(right, judged) == pytest.approx((low, high), abs=5e-5)
