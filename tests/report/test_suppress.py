from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.report.samples import finding
from vaelint.finding import Finding, Location
from vaelint.suppress import Parted, apply


@dataclass(frozen=True)
class Comment:
    row: int
    kind: str = "ignore"
    codes: tuple[str, ...] = ("VL101",)
    reason: str = ""
    cell: int | None = None
    own_line: bool = False


def at(row: int, end_row: int | None = None, cell: int | None = None) -> Finding:
    return finding(location=Location(row, 1, end_row or row, 9, cell))


def run(found: Finding, *comments: Comment) -> Parted:
    return apply([found], {"train.py": comments})


@pytest.mark.parametrize(
    ("found", "comment"),
    [
        (at(8), Comment(8)),
        (at(8), Comment(8, "noqa", ("VL101",))),
        (at(8, end_row=11), Comment(11)),
        (at(8), Comment(7, own_line=True)),
        (at(8), Comment(1, "ignore-file")),
        (at(8, cell=2), Comment(8, cell=2)),
    ],
    ids=["on its row", "as noqa", "where it ends", "on the row above", "for the file", "in its cell"],
)
def test_a_comment_with_the_code_suppresses_the_finding(found: Finding, comment: Comment) -> None:
    parted = run(found, comment)
    assert parted == Parted(suppressed=[found])


@pytest.mark.parametrize(
    ("found", "comment", "complaint"),
    [
        (at(8), Comment(9), "unused suppression of VL101"),
        (at(8), Comment(7), "unused suppression of VL101"),
        (at(8), Comment(8, codes=("VL201",)), "unused suppression of VL201"),
        (at(8, cell=2), Comment(8, cell=3), "unused suppression of VL101"),
        (at(8), Comment(8, codes=()), "`ignore` without a code suppresses nothing"),
        (at(8), Comment(8, codes=("VL999",)), "no check has the code `VL999`"),
        (at(8), Comment(8, codes=("VL1010",)), "no check has the code `VL1010` (did you mean `VL101`?)"),
        (at(8), Comment(8, codes=("vl101",)), "no check has the code `vl101` (did you mean `VL101`?)"),
        (at(8), Comment(8, codes=("misnamed-loss",)), "`misnamed-loss` is `VL301` (did you mean `VL301`?)"),
        (at(8), Comment(8, codes=("misnamed-los",)), "did you mean `VL301`?"),
        (at(8), Comment(8, codes=("VL3",)), "`VL3` is the beginning of VL301, VL302"),
        (at(8), Comment(8, "misspelt", (), "gian"), "`gian` is no word that vaelint knows (did you mean `gain`?)"),
        (at(8), Comment(8, "misspelt", (), "disable=VL301"), "did you mean `ignore[VL301]`?"),
        (at(8), Comment(8, "misspelt", ("VL101",), "ingore"), "did you mean `ignore[VL101]`?"),
        (at(8), Comment(8, "misspelt", (), "on"), "it knows ignore, ignore-file, gain, cost, maximize, minimize"),
    ],
)
def test_any_other_comment_leaves_it_and_is_reported(found: Finding, comment: Comment, complaint: str) -> None:
    parted = run(found, comment)
    assert (parted.kept, parted.suppressed) == ([found], [])
    (reported,) = parted.complaints
    assert (reported.code, reported.filename) == ("VL002", "train.py")
    assert (reported.location.row, reported.location.cell) == (comment.row, comment.cell)
    assert complaint in reported.message


def test_a_bare_noqa_is_none_of_our_business() -> None:
    assert run(at(8), Comment(8, "noqa", ())) == Parted(kept=[at(8)])


def test_statements_of_intent_are_no_suppressions() -> None:
    assert run(at(8), Comment(8, "gain", ())) == Parted(kept=[at(8)])


def test_nothing_is_reported_of_codes_that_this_run_did_not_look_for() -> None:
    assert apply([], {"train.py": [Comment(8)]}, active={"VL201"}) == Parted()


def test_comments_count_in_their_own_file_alone() -> None:
    parted = apply([at(8)], {"other.py": [Comment(8)]})
    assert parted.kept == [at(8)] and [f.filename for f in parted.complaints] == ["other.py"]


def test_a_complaint_can_be_suppressed_in_its_turn() -> None:
    parted = run(at(8), Comment(3, codes=("VL201", "VL002")))
    assert parted.complaints == [] and [f.code for f in parted.suppressed] == ["VL002"]
