from __future__ import annotations

import json

from tests.cli.conftest import Engine, Run
from tests.report.samples import RESULT
from vaelint.finding import Result


def test_the_table_shows_direction_signed_terms_status_and_reason(vaelint: Run, engine: Engine) -> None:
    engine.outcome = RESULT
    result = vaelint("objectives")
    for part in ("train.py:8:1", "minimize", "− log_px (↑ log_density)", "+ kl (↓ kl)", "consistent", "wrong"):
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
        "sense": "cost",
        "status": "consistent",
        "reason": None,
        "terms": [
            {"sign": -1, "label": "log_px", "sense": "gain", "kind": "log_density"},
            {"sign": 1, "label": "kl", "sense": "cost", "kind": "kl"},
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
