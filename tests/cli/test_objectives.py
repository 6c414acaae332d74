from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cli.conftest import Engine, Run
from tests.report.samples import RESULT, objective
from vaelint.cli import main
from vaelint.finding import Result, Status
from vaelint.report._objectives import table
from vaelint.report._view import View


def test_the_table_shows_direction_signed_terms_status_and_reason(vaelint: Run, engine: Engine) -> None:
    engine.outcome = RESULT
    result = vaelint("objectives")
    for part in (
        "train.py\n",
        "   8  minimize",
        "− log_px (↑ log density)",
        "+ kl (↓ kl, by name)",
        "consistent",
        "wrong",
        "VL101 at row 8",
    ):
        assert part in result.stdout
    assert "unresolved" in result.stdout and "`criterion` is a parameter" in result.stdout


def test_json_has_an_object_for_each_objective(vaelint: Run, engine: Engine) -> None:
    engine.outcome = RESULT
    listed = json.loads(vaelint("objectives", "--output-format", "json").stdout)
    assert [o["status"] for o in listed] == ["consistent", "wrong", "unresolved"]
    assert listed[0] == {
        "filename": "train.py",
        "location": {"row": 8, "column": 1},
        "cell": None,
        "function": "train",
        "direction": "minimize",
        "direction_basis": "structure",
        "via": None,
        "sense": "cost",
        "status": "consistent",
        "reason": None,
        "causes": [],
        "assumptions": ["`beta` is positive"],
        "terms": [
            {"sign": -1, "label": "log_px", "sense": "gain", "kind": "log_density", "basis": "library"},
            {"sign": 1, "label": "kl", "sense": "cost", "kind": "kl", "basis": "name"},
        ],
    }


def test_a_wrong_objective_is_no_failure_of_the_listing(vaelint: Run, engine: Engine) -> None:
    engine.outcome = Result(objectives=RESULT.objectives, files=1)
    assert vaelint("objectives").exit_code == 0


def test_no_objective_is_said_in_words(vaelint: Run, engine: Engine) -> None:
    engine.outcome = Result(files=3)
    assert vaelint("objectives").stdout == "No objective was traced in 3 files.\n"


def test_brackets_in_the_code_are_not_taken_for_markup(vaelint: Run, engine: Engine) -> None:
    from dataclasses import replace

    odd = replace(RESULT.objectives[2], reason="`losses[bold]` is opaque", function="f[red]")
    engine.outcome = Result(objectives=[odd], files=1)
    assert "`losses[bold]` is opaque" in vaelint("objectives").stdout


LONG = "`loss` is known by its name alone: `model.compute(batch, targets, weights, masks)` is not resolved"


def test_what_is_piped_is_neither_coloured_nor_broken_over_lines(vaelint: Run, engine: Engine) -> None:
    engine.outcome = Result(objectives=[objective(Status.UNRESOLVED, LONG)], files=1)
    out = vaelint("objectives").stdout
    assert LONG in out and "\x1b" not in out


def test_a_narrow_terminal_gets_every_word() -> None:
    out = table(Result(objectives=[objective(Status.UNRESOLVED, LONG)]), View(), colour=False, width=80)
    assert max(map(len, out.splitlines())) <= 80
    assert "".join(LONG.split()) in "".join(out.split())


def test_a_file_is_named_once(vaelint: Run, engine: Engine) -> None:
    engine.outcome = RESULT
    assert vaelint("objectives").stdout.count("train.py") == 1


def test_the_flow_is_traced_only_when_asked_for(vaelint: Run, engine: Engine) -> None:
    engine.outcome = RESULT
    vaelint("objectives")
    assert not engine.traces
    vaelint("objectives", "--tree")
    assert engine.traces


TRAIN = """\
import torch

def fit(model, dist, x, y):
    optimizer = torch.optim.Adam(model.parameters())
    log_px = dist.log_prob(x)
    recon = -log_px.mean()
    recon.backward()
    optimizer.step()

def other(model, x, optimizer):
    loss = model.compute(x)
    loss.backward()
    optimizer.step()
"""


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command with the analysis itself behind it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(TRAIN)
    return lambda *args: CliRunner().invoke(main, ["objectives", *args])


def test_the_tree_quotes_the_rows_that_gave_a_term_its_sense(real: Run) -> None:
    out = real("train.py", "--tree").stdout
    flow = ["− log_px (↑ log density)", "row 5", "log_px = dist.log_prob(x)", "negated", "recon = -log_px.mean()"]
    at = [out.index(part) for part in flow]
    assert at == sorted(at)


def test_a_path_with_a_row_shows_the_objective_there_alone(real: Run) -> None:
    out = real("train.py:7", "--tree").stdout
    assert "train.py:7:" in out and "train.py:12:" not in out


def test_a_row_without_an_objective_is_told_where_there_are_some(real: Run) -> None:
    assert "train.py:5: nothing is optimised in this row; in the file it is in rows 7, 12" in real("train.py:5").stderr


def test_a_row_of_a_file_that_does_not_exist_is_an_error(real: Run) -> None:
    assert real("nowhere.py:7").exit_code == 2


def test_the_reason_names_the_call_that_is_not_resolved(real: Run) -> None:
    assert "`loss` is known by its name alone: `model.compute(x)` is not resolved" in real("train.py").stdout


def test_json_has_the_trace_of_each_term_when_asked_for(real: Run) -> None:
    first = json.loads(real("train.py:7", "--tree", "--output-format", "json").stdout)[0]
    assert first["via"] == "step"
    steps = first["terms"][0]["trace"]
    assert steps[0]["location"]["row"] == 5 and "negated" in [s["message"] for s in steps]
    plain = json.loads(real("train.py:7", "--output-format", "json").stdout)[0]
    assert "trace" not in plain["terms"][0]


def test_the_summary_counts_by_reason(real: Run) -> None:
    out = real("train.py", "--summary").stdout
    assert "1  known by its name alone: it comes out of a call that is not resolved" in out
    counted = json.loads(real("train.py", "--summary", "--output-format", "json").stdout)
    assert counted["consistent"] == counted["by-name"] == 1
    assert counted["intended"] == counted["wrong"] == counted["unresolved"] == 0


CHECKED = """\
def test_gradient(layer, x):
    {} = layer(x)
    {}.sum().backward()
    assert x.grad is not None
"""


def test_a_gradient_that_nobody_steps_by_is_no_objective(real: Run, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(CHECKED.format("out", "out"))
    assert "No objective was traced" in real("train.py").stdout


def test_what_is_named_like_a_loss_stays_one(real: Run, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(CHECKED.format("loss", "loss"))
    assert "no optimiser steps in this file" in real("train.py").stdout


DISAGREE = """\
import torch

def fit(model, dist, x, flag, optimizer):
    if flag:
        value = dist.log_prob(x)
    else:
        value = torch.nn.functional.mse_loss(model(x), x)
    value.backward()
    optimizer.step()
"""


def test_branches_that_disagree_are_said_to(real: Run, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(DISAGREE)
    assert "branches disagree" in real("train.py").stdout
