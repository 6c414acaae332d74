"""What the bench of speed shows of the seconds that it is given; it measures nothing here."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from bench.speed import Cost, lines, picture

COSTS = {"vaelint, warm": Cost(0.5, 0.4, 30), "flake8 (E9, F)": Cost(2.0, 3.9, 60)}


def test_a_table_compares_with_flake8() -> None:
    assert [*lines(COSTS)][2:] == [
        "| vaelint, warm | 0.50 | 0.40 | 30 | 0.25 |",
        "| flake8 (E9, F) | 2.00 | 3.90 | 60 | 1.00 |",
    ]


def test_without_flake8_the_first_is_what_others_are_compared_with() -> None:
    assert [*lines({"a": Cost(2, 2, 1), "b": Cost(1, 1, 1)})][-1].endswith("| 0.50 |")


def test_the_picture_has_a_bar_for_each_in_proportion() -> None:
    tree = ET.fromstring(picture([("a tree", COSTS), ("another", {"x": Cost(1, 1, 1)})]))
    widths = [int(x.get("width", "")) for x in tree if x.tag.endswith("rect")]
    assert widths[1] == 4 * widths[0] and widths[2] == widths[1]
