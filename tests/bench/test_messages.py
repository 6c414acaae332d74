"""Every row that a check speaks by has an example to read: a fixture in which it is said, or a reason why none has."""

from __future__ import annotations

import pytest

from bench.messages import FIXTURES, examples, sayings, spoken
from vaelint.checks.base import Saying
from vaelint.config import Config
from vaelint.engine import analyse
from vaelint.finding import Confidence

ROWS = {saying.message: saying for _, saying in sayings()}


def test_no_other_rows_are_listed() -> None:
    assert set(examples()) == set(ROWS)


@pytest.mark.parametrize("saying", ROWS.values(), ids=lambda x: f"{x.code} {x.message[:40]}")
def test_each_row_is_said_of_its_fixture_or_has_a_reason_for_none(saying: Saying) -> None:
    where = examples()[saying.message]
    if not where.endswith((".py", ".ipynb")):
        assert len(where.split()) > 3, "say why no fixture has it"
        return
    found = analyse([FIXTURES / where], Config(min_confidence=Confidence.POSSIBLE), apart=False).findings
    said = [f for f in found if spoken(saying.message).fullmatch(f.message)]
    assert said and all("{" not in f.help for f in said)
