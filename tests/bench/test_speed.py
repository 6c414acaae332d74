"""What the bench of speed shows of the seconds that it is given; it measures nothing here."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from bench.speed import Cost, exponent, grown, lines, picture

COSTS = {"vaelint, warm": Cost(0.5, 0.4, 30, 50), "flake8 (E9, F)": Cost(2.0, 3.9, 60, 80)}


def test_a_table_compares_with_flake8() -> None:
    assert [*lines(COSTS)][2:] == [
        "| vaelint, warm | 0.50 | 0.40 | 30 | 50 | 0.25 |",
        "| flake8 (E9, F) | 2.00 | 3.90 | 60 | 80 | 1.00 |",
    ]


def test_without_flake8_the_first_is_what_others_are_compared_with() -> None:
    assert [*lines({"a": Cost(2, 2, 1, 1), "b": Cost(1, 1, 1, 1)})][-1].endswith("| 0.50 |")


def test_the_picture_has_a_bar_for_each_in_proportion() -> None:
    tree = ET.fromstring(picture([("a tree", COSTS), ("another", {"x": Cost(1, 1, 1, 1)})]))
    widths = [int(x.get("width", "")) for x in tree if x.tag.endswith("rect")]
    assert widths[1] == 4 * widths[0] and widths[2] == widths[1]


@pytest.mark.parametrize("power", [1.0, 1.5, 2.0])
def test_the_power_of_a_growth_is_found(power: float) -> None:
    assert exponent([(n, 3 * n**power) for n in (10, 100, 1_000)]) == pytest.approx(power)


def test_a_growth_is_a_row_for_each_share_and_a_sentence() -> None:
    shown = [*grown([(1_000, Cost(1, 1, 30, 40)), (10_000, Cost(9, 10, 50, 90))])]
    assert shown[2:4] == ["| 1,000 | 1.00 | 40 |", "| 10,000 | 10.00 | 90 |"]
    assert shown[-1] == "Processor time grows as rows to the power of 1.00."
