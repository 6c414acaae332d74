"""Each row of `rules/laws` is proved by its numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.laws.properties import keeps
from vaelint.knowledge.loader import load
from vaelint.laws import rows
from vaelint.laws.forms import numbers
from vaelint.laws.rows import Law

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

HEADS = rows.shipped().heads
LAWS = [h.whole() for h in HEADS]
by_field = pytest.mark.parametrize("field", sorted({law.field for law in LAWS}))


def of(field: str) -> list[Law]:
    return [law for law in LAWS if law.field == field]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@by_field
def test_right_and_silent_forms_keep_all_properties_and_wrong_ones_break_one(field: str) -> None:
    for law in of(field):
        for text in (law.right, *law.silent):
            broken = [p for p in law.properties if not keeps(p, text, law)]
            assert not broken, f"{law.id}: {text} breaks {broken}"
        for text in law.wrong:
            assert not all(keeps(p, text, law) for p in law.properties), f"{law.id}: {text} keeps all properties"


@by_field
def test_no_wrong_form_has_the_numbers_of_a_right_one(field: str) -> None:
    for law in of(field):
        run = numbers(law, 64)
        for text, x in zip(law.wrong, run.wrong):
            assert not run.is_right(x), f"{law.id}: {text}"


@pytest.mark.parametrize("path", rows.files(), ids=lambda p: p.name)
def test_reading_rows_by_their_heads_reads_what_is_written(path: Path) -> None:
    text = path.read_text("utf-8")
    written = tomllib.loads(text)["law"]
    read = [h.whole() for h in rows.made([text], {}).heads]
    assert len(read) == len(written)
    for law, row in zip(read, written):
        assert {r.name: r.what for r in law.roles} == row["roles"]
        assert {r.name: r.domain for r in law.roles} == row["domains"]
        for key in ("holder", "wrong", "silent", "properties"):
            assert list(getattr(law, key)) == row[key]
        for key in ("id", "field", "says", "right", "sense", "source"):
            assert getattr(law, key) == row[key]


def test_roles_are_read_as_they_are_written() -> None:
    path = rows.rules_directory() / rows.ROLES
    assert rows.roles() == tomllib.loads(path.read_text("utf-8"))


def test_every_role_of_a_law_is_in_the_vocabulary_and_every_word_of_it_is_used() -> None:
    used = {what for h in HEADS for what in h.what}
    assert used == set(rows.roles())


def test_no_law_is_there_twice_or_both_taken_in_and_left_out() -> None:
    lines = (rows.rules_directory() / rows.FOLDER / "LEFT_OUT.tsv").read_text("utf-8").splitlines()[1:]
    ids = [h.id for h in HEADS] + [line.split("\t")[0] for line in lines]
    assert len(ids) == len(set(ids))


def test_laws_and_roles_are_no_libraries() -> None:
    assert not {"roles", "laws"} & {library.name for library in load().libraries()}
