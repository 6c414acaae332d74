"""Records: plain data that is compared by what it holds, and made like another one."""

from __future__ import annotations

import dataclasses
import pickle
from dataclasses import field

import pytest

from vaelint.records import record, replace


@record(frozen=True, slots=True)
class Point:
    x: int
    y: int = 0
    name: str = field(default="", compare=False)


@record(frozen=True, slots=True, eq=False)
class Node:
    of: int
    more: int = 0


@dataclasses.dataclass(frozen=True)
class Guarded:
    x: int
    y: int


def test_records_of_the_same_fields_are_equal_and_of_one_hash() -> None:
    assert Point(1, 2) == Point(1, 2, "other") and hash(Point(1, 2)) == hash(Point(1, 2, "other"))
    assert Point(1, 2) != Point(1, 3)


def test_records_without_equality_are_themselves_alone() -> None:
    node = Node(1)
    assert node != Node(1) and {node: 1}[node] == 1


@record(frozen=True, slots=True)
class Bag:
    of: str
    held: list[int] = field(default_factory=list, hash=False)


def test_a_field_that_is_made_anew_is_made_for_each_record() -> None:
    one, other = Bag("a"), Bag("a")
    one.held.append(1)
    assert other.held == [] and one != other and hash(one) == hash(other)


def test_records_that_were_never_made_here_are_compared_as_others() -> None:
    @record(frozen=True, slots=True)
    class Sent:
        x: int

    one, other = object.__new__(Sent), object.__new__(Sent)
    for made in (one, other):
        object.__setattr__(made, "x", 1)
    assert hash(one) == hash(other) and one == other


def test_a_record_asks_for_its_fields() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'of'"):
        Bag()  # type: ignore[call-arg]


def test_a_record_has_no_other_fields() -> None:
    with pytest.raises(AttributeError):
        Point(1).z = 1  # type: ignore[attr-defined]


def test_a_record_is_shown_by_its_fields() -> None:
    assert repr(Point(1, 2, "a")) == "Point(x=1, y=2, name='a')"


def test_a_record_is_sent_to_another_process_as_it_is() -> None:
    sent = pickle.loads(pickle.dumps(Point(1, 2, "a")))
    assert (sent.x, sent.y, sent.name) == (1, 2, "a")


def test_a_record_like_another_one_leaves_that_as_it_is() -> None:
    point = Point(1, 2, "a")
    assert repr(replace(point)) == repr(point) and replace(point) is not point
    assert repr(replace(point, y=5)) == "Point(x=1, y=5, name='a')" and point.y == 2


def test_what_is_guarded_is_replaced_as_well() -> None:
    assert replace(Guarded(1, 2), y=3) == Guarded(1, 3)


def test_an_unknown_field_is_an_error() -> None:
    with pytest.raises(AttributeError):
        replace(Point(1), z=1)
