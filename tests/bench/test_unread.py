"""First runs on unread code: the tables say what the verdicts say; a run again finds each judged finding's place."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from bench import evidence, unread
from bench.places import REPOSITORY
from bench.unread import GONE, HIDDEN, MOVED, SHOWN, Judged, match

TEXT = (REPOSITORY / "bench" / "UNREAD.md").read_text("utf-8")
with (REPOSITORY / "bench" / "unread.tsv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
VERDICTS = ("bug", "naming", "arguable", "wrong")


def test_every_finding_has_a_verdict_and_a_reason() -> None:
    assert all(r["verdict"] in VERDICTS and r["reason"] for r in ROWS)


def test_the_table_counts_them() -> None:
    for line in re.findall(r"^\| (\d+) \| (.+) \|$", TEXT, re.M):
        cells = line[1].split(" | ")
        mine = Counter(r["verdict"] for r in ROWS if r["round"] == line[0])
        right = mine["bug"] + mine["naming"]
        share = f"{100 * right / (right + mine['wrong']):.0f} %"
        assert cells[2:] == [str(mine.total()), *(str(mine[v]) for v in VERDICTS), share]
    assert {r["round"] for r in ROWS} == {m[0] for m in re.findall(r"^\| (\d+) \| (.+) \|$", TEXT, re.M)}


def test_bunches_are_counted_once_for_each_package_and_check() -> None:
    groups: dict[tuple[str, str, str], set[str]] = {}
    for r in ROWS:
        groups.setdefault((r["round"], r["package"], r["code"]), set()).add(r["verdict"])
    judged = [g for g in groups.values() if g != {"arguable"}]
    said = re.search(r"(\d+) of (\d+) are right", TEXT)
    assert said is not None
    assert said.groups() == (str(sum("wrong" not in g for g in judged)), str(len(judged)))


# --- run again -----------------------------------------------------------------------------------

TEXT_OF_A = "def f():\n" + "    x = 1\n" * 30 + "def g():\n" + "    y = 1\n" * 30


def judged(row: int = 10, code: str = "VL301", file: str = "a.py", cell: int | None = None) -> Judged:
    return Judged("1", "p", code, file, cell, row, "bug", "library", "name")


def finding(
    row: int,
    code: str = "VL301",
    file: str = "a.py",
    confidence: str = "likely",
    function: str = "f",
    says: str = "`x` is",
) -> dict:
    place = {"code": code, "file": file, "cell": None, "row": row, "function": function}
    return {**place, "confidence": confidence, "message": says}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text(TEXT_OF_A, "utf-8")
    return tmp_path


def outcomes(some: list[Judged], found: list[dict], folder: Path) -> tuple[list[str], list[int]]:
    made, free = match(some, {"findings": found}, folder)
    return [o.what for o in made], [f["row"] for f in free]


def test_a_finding_in_its_row_is_still_there(folder: Path) -> None:
    assert outcomes([judged(10)], [finding(10)], folder) == ([SHOWN], [])


def test_one_below_the_bar_is_hidden(folder: Path) -> None:
    assert outcomes([judged(10)], [finding(10, confidence="possible")], folder) == ([HIDDEN], [])


@pytest.mark.parametrize("row", [14, 28])
def test_one_close_by_or_in_the_same_function_is_the_same(folder: Path, row: int) -> None:
    assert outcomes([judged(10)], [finding(row)], folder) == ([SHOWN], [])


@pytest.mark.parametrize("other", [finding(50, function="g"), finding(10, file="b.py"), finding(12, code="VL302")])
def test_one_elsewhere_is_new_and_the_judged_one_gone(folder: Path, other: dict) -> None:
    assert outcomes([judged(10)], [other], folder) == ([GONE], [other["row"]])


def test_another_code_in_the_same_row_is_the_same_mistake(folder: Path) -> None:
    assert outcomes([judged(10)], [finding(10, code="VL401")], folder) == ([SHOWN], [])


def test_a_finding_stands_for_one_judged_finding(folder: Path) -> None:
    assert outcomes([judged(10), judged(12)], [finding(12)], folder) == ([GONE, SHOWN], [])


def test_of_two_in_one_row_the_one_that_speaks_of_the_same_is_meant(folder: Path) -> None:
    two = [judged(10)._replace(subject=name) for name in ("surrogate", "entropy")]
    found = finding(10, says="`entropy` pulls against `surrogate`")
    assert outcomes(two, [found], folder) == ([GONE, SHOWN], [])


def test_findings_of_one_code_in_one_row_are_told_apart() -> None:
    places = Counter((j.package, j.code, j.file, j.cell, j.row, j.subject) for j in unread.read())
    assert [place for place, n in places.items() if n > 1] == []


@pytest.mark.parametrize("lost", [judged(10, file="not_there.py"), judged(500)])
def test_a_row_that_is_not_there_is_no_loss(folder: Path, lost: Judged) -> None:
    assert outcomes([lost], [], folder) == ([MOVED], [])


def test_cells_are_read_in_both_spellings() -> None:
    cells = {(j.package, j.file, j.cell, j.row) for j in unread.read() if j.cell is not None}
    assert ("neverix/micrlhf-progress", "sprint/aft.ipynb", 9, 59) in cells
    assert ("pyro-ppl/pyro", "tutorial/source/scanvi.ipynb", 25, 82) in cells


def test_every_package_says_where_its_source_is() -> None:
    assert {j.package for j in unread.read()} == {*unread.read_sources()}


# --- what findings rested on ---------------------------------------------------------------------


def test_bases_are_words_of_the_table() -> None:
    rows = evidence.of_unread(unread.read()) + evidence.of_corpus()
    assert [r for r in rows if not evidence.is_known(r.value_basis, r.against)] == []


@pytest.mark.parametrize(
    "value, against, known",
    [
        ("library", "name", True),
        ("roles 1/2", "term roles", True),
        ("?", "?", True),
        ("roles", "law", False),
        ("name 1/1", "law", False),
        ("library", "term", False),
        ("library", "?", False),
    ],
)
def test_a_word_of_the_table(value: str, against: str, known: bool) -> None:
    assert evidence.is_known(value, against) is known


@pytest.mark.parametrize("table", ["bases", "checks"])
def test_the_tables_of_evidence_count_the_verdicts(table: str) -> None:
    assert evidence.tables()[table] in TEXT
