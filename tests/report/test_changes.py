from __future__ import annotations

from dataclasses import replace

import pytest

from tests.report.samples import objective
from vaelint.changes import between
from vaelint.finding import Location, ObjectiveReport, ObjectiveTerm, Status
from vaelint.sense import Direction, Sense

WAS = objective(Status.CONSISTENT)
LOG_PX, KL = WAS.terms


def what(now: ObjectiveReport, was: ObjectiveReport = WAS) -> list[str]:
    return [text for c in between([was], [now]) for text in c.what]


def test_rows_that_moved_and_terms_in_another_order_change_nothing() -> None:
    assert what(replace(WAS, location=Location(9, 1, 9, 2), terms=(KL, LOG_PX))) == []


def test_a_name_that_changed_changes_nothing() -> None:
    assert what(replace(WAS, terms=(replace(LOG_PX, label="ll"), KL))) == []


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (replace(WAS, terms=(LOG_PX, replace(KL, sign=-1))), "this change negated `kl`: it has a minus now"),
        (replace(WAS, terms=(LOG_PX,)), "this change dropped `kl`"),
        (replace(WAS, terms=(LOG_PX, KL, KL)), "`kl` is in it twice, and was once"),
        (
            replace(WAS, terms=(LOG_PX, KL, ObjectiveTerm(-1, "bonus", Sense.GAIN, "reward"))),
            "this change added `bonus`, with a minus",
        ),
        (replace(WAS, direction=Direction.MAXIMIZE), "is maximised, and was minimised"),
        (
            replace(WAS, terms=(replace(LOG_PX, sense=Sense.COST, kind="nll"), KL)),
            "`log_px` is ↓ cost (nll) now, and was ↑ gain (log density)",
        ),
        (replace(WAS, status=Status.UNRESOLVED), "is unresolved, and was consistent"),
        (replace(WAS, terms=(replace(LOG_PX, label="ll", sign=1), KL)), "this change negated `ll`: it has a plus now"),
    ],
)
def test_each_change_is_one_sentence(now: ObjectiveReport, expected: str) -> None:
    assert what(now) == [expected]


def test_one_of_two_in_a_function_is_compared_with_its_like() -> None:
    other = replace(WAS, location=Location(20, 1, 20, 2), terms=(replace(KL, label="reg"),))
    (changed,) = between([WAS, other], [replace(other, terms=()), WAS])
    assert changed.what == ("this change dropped `reg`",)
