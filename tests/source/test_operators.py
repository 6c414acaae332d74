"""The sign in front of a term is found where it is plain to see, and nowhere else."""

from __future__ import annotations

import pytest

from vaelint.finding import Location
from vaelint.source.operators import sign_before


def place(text: str, term: str) -> Location:
    at = text.index(term)
    row = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return Location(row, column, row, column + len(term))


@pytest.mark.parametrize("text", ["x = a * b", "x = f(b)", "b", "x = a +# note\n    c", "x = 'é' * b"])
def test_no_sign_no_place(text: str) -> None:
    assert sign_before(text, place(text, text.split()[-1].strip("f()")), "+") is None


@pytest.mark.parametrize(
    "text, row, column",
    [("x = a + b", 1, 7), ("x = a + (b)", 1, 7), ("x = (\n    a\n    + b\n)", 3, 5), ("x = a +\\\n b", 1, 7)],
)
def test_the_sign_before_a_term(text: str, row: int, column: int) -> None:
    found = sign_before(text.replace("\\", " "), place(text, "b"), "+")
    assert found is not None
    assert (found.row, found.column) == (row, column)


def test_a_notebook_has_no_rows_of_its_own() -> None:
    assert sign_before("a + b", Location(1, 5, 1, 6, cell=3), "+") is None
