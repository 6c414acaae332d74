"""Records come back from plain JSON as they were."""

from __future__ import annotations

import json

import pytest

from tests.report.samples import finding, objective
from vaelint.cache.plain import from_plain, to_plain
from vaelint.finding import Confidence, Example, Finding, Location, Problem, Result, Status


def test_a_result_comes_back_as_it_was() -> None:
    made = Result([finding()], [objective(Status.WRONG)], [Problem("a", "b")], 3, elsewhere=frozenset({"b", "a"}))
    assert from_plain(Result, json.loads(json.dumps(to_plain(made)))) == made


def test_numbers_and_halves_of_characters_come_back() -> None:
    example = Example((("\udc80", float("inf")), ("y", 1)), -0.0, "never", "z", None)
    finding = Finding("VL401", "x", "m\u2028", "f", Location(1, 2, 3, 4, 5), Confidence.LIKELY, example=example)
    assert repr(from_plain(Finding, json.loads(json.dumps(to_plain(finding))))) == repr(finding)


@pytest.mark.parametrize(
    "plain", [None, [], {}, "x", [1, 2, 3], [1, 2, "3", 4, None], [1, 2, 3, 4, None, 5], [True] * 5]
)
def test_what_has_another_form_is_refused(plain: object) -> None:
    with pytest.raises(ValueError):
        from_plain(Location, plain)
