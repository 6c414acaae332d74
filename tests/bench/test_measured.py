"""What `vaelint explain` says of precision is what the ledger and the labelled cases say."""

from __future__ import annotations

import json

import pytest

from bench import measured
from bench.places import RESULTS, read_json
from vaelint.checks import all_checks
from vaelint.report._measured import RECORD, section

CASES = {"clean": 100, "false_alarms": [], "by_code": {"VL301": 9}}


def corpus(*findings: tuple[str, str, str | None]) -> dict[str, object]:
    made = [{"code": code, "confidence": confidence, "verdict": verdict} for code, confidence, verdict in findings]
    return {"findings": made, "packages": {"a": {}, "b": {}}, "totals": {"files": 12}}


def test_a_check_that_found_nothing_has_no_row() -> None:
    assert measured.summary({**CASES, "by_code": {}}, corpus())["codes"] == {}


def test_verdicts_are_counted_by_check() -> None:
    made = measured.summary(
        CASES, corpus(("VL301", "likely", "naming"), ("VL301", "certain", "bug"), ("VL302", "likely", "wrong"))
    )
    assert made["codes"] == {"VL301": {"labelled": 9, "right": 2}, "VL302": {"wrong": 1}}


@pytest.mark.parametrize("confidence, verdict", [("possible", "wrong"), ("likely", None)])
def test_what_is_not_shown_or_not_judged_does_not_count(confidence: str, verdict: str | None) -> None:
    assert "wrong" not in measured.summary(CASES, corpus(("VL301", confidence, verdict)))["codes"]["VL301"]


def test_the_record_is_that_of_the_last_recorded_runs() -> None:
    cases, recorded = read_json(RESULTS / "cases.json"), read_json(RESULTS / "corpus.json")
    assert cases is not None and recorded is not None
    assert json.loads(RECORD.read_text("utf-8")) == measured.summary(cases, recorded)


@pytest.mark.parametrize("check", all_checks(), ids=lambda c: c.code)
def test_every_check_says_what_was_measured(check: object) -> None:
    assert section(check.code).startswith("## Measured\n")  # type: ignore[attr-defined]
