"""The processes that share the work: what one of them does to itself costs nobody else anything."""

from __future__ import annotations

import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from vaelint import engine, processes
from vaelint.config import Config
from vaelint.finding import Result
from vaelint.processes import Died, Pool, are_cheap

BUG = """\
from torch.distributions import Normal


def train(model, x, optimizer):
    loss = Normal(model(x), 1.0).log_prob(x).mean()
    loss.backward()
    optimizer.step()
"""


def double(n: int) -> int:
    return 2 * n


def die_at_three(n: int) -> int:
    if n == 3:
        os._exit(7)
    return 2 * n


def fail_at_three(n: int) -> int:
    if n == 3:
        raise KeyError("three")
    return 2 * n


def unpicklable_at_three(n: int) -> object:
    return (lambda: n) if n == 3 else 2 * n


def noted(log: Path, n: int) -> int:
    with log.open("a") as f:
        f.write(f"{n} ")
    return 2 * n


def which_process(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


class TestPool:
    def test_of_nothing_makes_nothing(self) -> None:
        with Pool(double, 2) as pool:
            assert list(pool.map([])) == []

    @pytest.mark.parametrize("most", [1, 2, 5])
    def test_keeps_the_order(self, most: int) -> None:
        with Pool(double, most) as pool:
            assert list(pool.map(range(20))) == [2 * n for n in range(20)]

    def test_may_be_asked_again(self) -> None:
        with Pool(double, 2) as pool:
            assert [*pool.map([1, 2]), *pool.map([3])] == [2, 4, 6]

    def test_begins_with_what_costs_most_and_keeps_the_order(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        with Pool(partial(noted, log), 1) as pool:
            assert list(pool.map([1, 2, 3], [5, 30, 20])) == [2, 4, 6]
        assert log.read_text().split() == ["2", "3", "1"]

    @pytest.mark.parametrize(("worth", "begun"), [(1, 4), (10, 2), (100, 1)])
    def test_begins_no_process_that_is_not_worth_it(self, worth: int, begun: int) -> None:
        with Pool(which_process, 4) as pool:
            assert len(set(pool.map([0.2] * 4, [5] * 4, worth))) == begun

    @pytest.mark.parametrize("most", [1, 2])
    def test_loses_only_what_a_process_died_of(self, most: int) -> None:
        with Pool(die_at_three, most) as pool:
            assert list(pool.map([1, 2, 3, 4, 3, 5])) == [2, 4, Died("exit code 7"), 8, Died("exit code 7"), 10]

    def test_raises_what_the_task_raises(self) -> None:
        with Pool(fail_at_three, 2) as pool, pytest.raises(KeyError, match="three"):
            list(pool.map([1, 2, 3, 4]))

    def test_loses_only_what_cannot_be_pickled(self) -> None:
        with Pool(unpicklable_at_three, 2) as pool:
            first, second, third = pool.map([1, 3, 2])
        assert (first, third) == (2, 4) and isinstance(second, Died)

    def test_works_alone_where_no_process_begins(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with Pool(double, 2) as pool:

            class Refused:
                def __init__(self, **_: object) -> None: ...
                def start(self) -> None:
                    raise OSError("no more processes")

            monkeypatch.setattr(pool._context, "Process", Refused)
            assert list(pool.map([1, 2, 3])) == [2, 4, 6]

    def test_ends_its_processes(self) -> None:
        with Pool(double, 2) as pool:
            list(pool.map(range(4)))
            begun = [w.process for w in pool._workers]
        assert begun and all(p.exitcode is not None for p in begun)


class TestSpawnedProcesses:
    """As on Windows and macOS: a process does not begin as a copy of this one, it imports what it needs."""

    @pytest.fixture(autouse=True)
    def spawned(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(processes, "are_cheap", lambda: False)
        monkeypatch.setattr(engine, "are_cheap", lambda: False)

    def test_do_as_copies_do(self) -> None:
        with Pool(die_at_three, 2) as pool:
            assert pool._context.get_start_method() == "spawn"
            assert list(pool.map([1, 2, 3, 4])) == [2, 4, Died("exit code 7"), 8]

    def test_raise_what_the_task_raises(self) -> None:
        with Pool(fail_at_three, 1) as pool, pytest.raises(KeyError, match="three"):
            list(pool.map([1, 3]))

    def test_give_the_answer_that_copies_give(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for i in range(engine.FEW + 1):
            (tmp_path / f"m{i}.py").write_text(BUG if i % 2 else BUG.replace("Normal", "Laplace"))
        (tmp_path / "broken.py").write_text("def f(:\n")
        begun, begin = set[str](), Pool._begun
        monkeypatch.setattr(Pool, "_begun", lambda self: (begun.add(self._context.get_start_method()), begin(self))[1])
        made = engine.analyse([tmp_path], Config())
        assert begun == {"spawn"} and len(made.findings) == engine.FEW + 2
        monkeypatch.undo()
        assert repr(made) == repr(engine.analyse([tmp_path], Config()))


@pytest.mark.skipif(not are_cheap(), reason="a few files are examined in this process here")
@pytest.mark.parametrize("others", [0, 1, 9])
def test_a_file_whose_examination_kills_its_process_costs_itself_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    examine = engine.examine

    def dies(path: Path, *rest):  # type: ignore[no-untyped-def]
        if path.name == "deadly.py":
            os.kill(os.getpid(), signal.SIGKILL)
        return examine(path, *rest)

    monkeypatch.setattr(engine, "examine", dies)
    for i in range(others):
        (tmp_path / f"m{i}.py").write_text(BUG)
    (tmp_path / "deadly.py").write_text(BUG)
    result: Result = engine.analyse([tmp_path], Config())
    (lost,) = [f for f in result.findings if f.filename.endswith("deadly.py")]
    assert lost.code == "VL000" and "(SIGKILL)" in lost.message
    assert len(result.findings) == others + 1
    (problem,) = result.problems
    assert problem.filename.endswith("deadly.py") and problem.fatal and problem.ours
