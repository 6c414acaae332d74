"""Plain numbers go through functions as what these make of them; what is trained is no plain number."""

from __future__ import annotations

import math

import pytest

from vaelint.infer.libraries import numbers


@pytest.mark.parametrize("name", ["tensor", "asarray", "float32", "mean", "reshape", "item"])
def test_what_stores_or_reshapes_a_number_keeps_it(name: str) -> None:
    assert numbers.applied(name, -0.5) == -0.5


@pytest.mark.parametrize(
    ("name", "x", "result"),
    [("log", 0.5, math.log(0.5)), ("exp", -1.0, math.exp(-1)), ("square", -2.0, 4.0), ("negative", 3.0, -3.0)],
)
def test_a_function_may_change_the_sign(name: str, x: float, result: float) -> None:
    assert numbers.applied(name, x) == pytest.approx(result)


@pytest.mark.parametrize(("name", "x"), [("log", 0.0), ("sqrt", -1.0), ("exp", 1e6)])
def test_what_has_no_value_is_none(name: str, x: float) -> None:
    assert numbers.applied(name, x) is None
