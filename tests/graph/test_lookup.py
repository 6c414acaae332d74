"""Of all arrangements of leaves, those alone are compared with each reference that lie near one."""

from __future__ import annotations

import numpy as np
import pytest

from vaelint.graph import lookup
from vaelint.graph.lookup import POINTS, TOLERANCE, Prints, Table, tables


def prints(rows: np.ndarray) -> Prints:
    n = len(rows)
    return Prints(rows / np.linalg.norm(rows, axis=1)[:, None], np.zeros(n), np.ones(n), np.ones(n, dtype=bool))


@pytest.mark.parametrize("sign", [1, -1])
def test_what_is_a_reference_is_near_it_as_far_as_values_may_differ(sign: int) -> None:
    rng = np.random.default_rng(3)
    for table in tables().values():
        off = rng.choice([-1.0, 1.0], size=table.units.shape) * TOLERANCE
        assert lookup._near(table, prints(sign * table.units + off)).all()


def test_what_is_none_is_not_near_one() -> None:
    table = next(iter(tables().values()))
    units = np.random.default_rng(4).normal(size=(50, POINTS))
    assert not lookup._near(table, prints(units)).any()


def test_what_has_no_place_is_near_nothing() -> None:
    table = Table((), np.eye(POINTS)[:1])
    nowhere = prints(np.full((1, POINTS), np.nan))
    assert not lookup._near(table, nowhere).any()
