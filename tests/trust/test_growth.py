"""What a file costs grows as the file does: over four doublings as n log n at most, or it is given up by name.

Counted are calls of functions. The budgets are small here, so that they are reached by small files.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench import hostile, steps
from vaelint import examine
from vaelint.infer.evaluate import interpreter
from vaelint.infer.laws import slips, tails
from vaelint.infer.quantities import formulas

GIVEN_UP = ("it takes too long", "the file takes too long", "it is nested too deeply", "too long or nested too deeply")
SHARE = 5  # of the size that the bench begins with
CASES = [(name, suffix, *case) for suffix, cases in hostile.BY_SUFFIX.items() for name, case in cases.items()]


@pytest.mark.parametrize(("suffix", "generator", "size"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_the_cost_of_a_file_grows_as_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, generator: hostile.Generator, size: int
) -> None:
    monkeypatch.setattr(interpreter, "MAX_STEPS", 4000)
    monkeypatch.setattr(interpreter, "CALLED_STEPS", 1000)
    monkeypatch.setattr(interpreter, "FILE_STEPS", 8000)
    monkeypatch.setattr(interpreter, "LEAST_STEPS", 50)
    monkeypatch.setattr(interpreter, "REST_STEPS", 500)
    monkeypatch.setattr(formulas, "WORK", 60)
    monkeypatch.setattr(slips, "WORK", 60)
    monkeypatch.setattr(tails, "WORK", 60)
    monkeypatch.setattr(examine, "TRIED_STEPS", 4000)
    size = max(size // SHARE, 4)
    (tmp_path / f"m{suffix}").write_text(generator(max(size, 16) + 1), "utf-8")
    steps.of(tmp_path / f"m{suffix}")  # what is imported and remembered the first time is no cost of a file
    costs = []
    for doubling in (0, 4):
        (tmp_path / f"m{suffix}").write_text(generator(size << doubling), "utf-8")
        cost, part = steps.of(tmp_path / f"m{suffix}")
        assert not any(p.ours for p in part.problems)
        costs.append(cost)
    given_up = any(reason in p.message for p in part.problems for reason in GIVEN_UP)
    assert given_up or costs[-1] <= 16 * 1.5 * max(costs[0], 2000), costs


def test_what_is_given_up_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "MAX_STEPS", 500)
    generator, _ = hostile.PYTHON["one name reduced again and again"]
    (tmp_path / "m.py").write_text(generator(200))
    _, part = steps.of(tmp_path / "m.py")
    assert [p.message.partition(":")[0] for p in part.problems] == ["`f` was not followed to its end"]
    assert part.findings  # what was found by then counts


def test_what_is_cut_because_the_file_has_taken_its_share_is_named_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreter, "FILE_STEPS", 2000)
    generator, _ = hostile.PYTHON["classes in a chain"]
    (tmp_path / "m.py").write_text(generator(60))
    _, part = steps.of(tmp_path / "m.py")
    (problem,) = part.problems
    assert re.fullmatch(
        r"\d+ functions from `L\d+.loss` on were not followed to their end: the file takes too long; .*",
        problem.message,
    )
    assert part.objectives


def test_the_functions_behind_one_that_took_all_are_followed_a_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreter, "FILE_STEPS", 1000)
    generator, _ = hostile.PYTHON["one name reduced again and again"]
    bug = "from torch.distributions import Normal\n\n\ndef train(model, x, optimizer):\n"
    bug += "    loss = Normal(model(x), 1.0).log_prob(x).mean()\n    loss.backward()\n    optimizer.step()\n"
    (tmp_path / "m.py").write_text(generator(500) + "\n\n" + bug)
    _, part = steps.of(tmp_path / "m.py")
    assert any(f.finding.location.row > 500 for f in part.findings)


def test_what_calls_that_double_do_is_not_done_exponentially_often(tmp_path: Path) -> None:
    generator, _ = hostile.PYTHON["properties that double"]
    costs = []
    for size in (10, 11, 20):  # the first one is not counted: what is remembered the first time
        (tmp_path / "m.py").write_text(generator(size))
        costs.append(steps.of(tmp_path / "m.py")[0])
    assert costs[2] < 4 * costs[1], costs


def test_a_file_with_many_findings_is_not_looked_at_once_more_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator, _ = hostile.PYTHON["mistakes"]
    (tmp_path / "m.py").write_text(generator(6))
    _, part = steps.of(tmp_path / "m.py")
    assert [f.finding.fix is not None for f in part.findings] == [True] * 6
    monkeypatch.setattr(examine, "TRIED_STEPS", 0)
    _, part = steps.of(tmp_path / "m.py")
    assert [f.finding.fix is not None for f in part.findings] == [False] * 6


def test_behind_what_has_taken_the_share_of_the_file_no_formula_is_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreter, "FILE_STEPS", 1000)
    generator, _ = hostile.PYTHON["one name reduced again and again"]
    kl = "import torch\n\n\ndef kl_loss(mu, logvar):\n"
    kl += "    return 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())\n"
    (tmp_path / "m.py").write_text(kl + "\n\n" + generator(500))
    assert len(steps.of(tmp_path / "m.py")[1].findings) >= 1
    (tmp_path / "m.py").write_text(generator(500) + "\n\n" + kl)
    _, part = steps.of(tmp_path / "m.py")
    assert not any(f.finding.location.row > 500 for f in part.findings)
    assert any("2 functions from `f` on" in p.message for p in part.problems), part.problems
