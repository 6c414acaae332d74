"""``--time``: which stages and which files take how long. No second is compared with anything."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from vaelint import timing


@pytest.mark.parametrize("name", [x for functions in timing.STAGES.values() for x in functions])
def test_each_stage_is_a_function_that_there_is(name: tuple[str, str]) -> None:
    found: object = importlib.import_module(name[0])
    for part in name[1].split("."):
        found = getattr(found, part)
    assert callable(found)


def test_what_one_stage_does_within_another_counts_for_the_inner_one(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 1.0, 3.0, 6.0])
    monkeypatch.setattr("time.process_time", lambda: next(now))
    clock = timing.Clock()
    clock.enter("outer")
    clock.enter("inner")
    clock.leave()
    clock.leave()
    assert clock.taken() == {"outer": 4.0, "inner": 2.0}
    assert not clock.taken()


def test_the_slowest_files_are_named_first() -> None:
    files = {f"m{i}.py": {"interpret": float(i), "check": 1.0} for i in range(20)}
    lines = list(timing.Timing(files).lines())
    assert lines[0] == "20 files examined in 210.00 processor seconds"
    assert lines[1].split() == ["190.00", "90%", "interpret"]
    assert [line.split()[1] for line in lines[4:]] == [f"m{i}.py" for i in range(19, 9, -1)]


def test_nothing_is_replaced_where_nobody_asks() -> None:
    import vaelint.examine

    assert vaelint.examine.infer.__module__ == "vaelint.infer.run"
    assert not hasattr(vaelint.examine.infer, "__wrapped__")


def test_a_run_tells_on_standard_error_what_took_how_long(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("def step(loss, optimizer):\n    loss.backward()\n    optimizer.step()\n")
    command = (sys.executable, "-m", "vaelint", "check", "--no-cache", "--time", "--output-format", "json", ".")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert done.stderr.startswith("1 file examined in")
    assert {"interpret", "check", "read"} <= {line.split()[-1] for line in done.stderr.splitlines()}
    assert done.stderr.endswith("m.py\n")
