"""A tenth of the proofs, drawn by a seed."""

from __future__ import annotations

from tests.rules.conftest import is_drawn

NAMES = [f"tests/rules/test_values.py::test_a_value[library.f{i}]" for i in range(2000)]


def test_a_seed_draws_the_same_proofs_again() -> None:
    assert [is_drawn(x, "one") for x in NAMES] == [is_drawn(x, "one") for x in NAMES]


def test_it_is_about_a_tenth_and_another_one_for_another_seed() -> None:
    drawn = {seed: {x for x in NAMES if is_drawn(x, seed)} for seed in ("one", "two")}
    assert all(150 < len(x) < 250 for x in drawn.values())
    assert len(drawn["one"] & drawn["two"]) < 60
