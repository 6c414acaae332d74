from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.report.samples import finding
from vaelint.finding import Finding, Location, Problem
from vaelint.suppress import apply


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


def run(found: Finding, comment: Comment) -> tuple[list[Finding], list[Problem]]:
    return apply([found], {"train.py": [comment]})


@pytest.mark.parametrize(
    ("found", "comment"),
    [
        (at(8), Comment(8)),
        (at(8), Comment(8, "noqa", ("E501", "VL101"))),
        (at(8, end_row=11), Comment(11)),
        (at(8), Comment(7, own_line=True)),
        (at(8), Comment(1, "ignore-file")),
        (at(8, cell=2), Comment(8, cell=2)),
    ],
    ids=["on its row", "as noqa", "where it ends", "on the row above", "for the file", "in its cell"],
)
def test_a_comment_with_the_code_takes_the_finding_out(found: Finding, comment: Comment) -> None:
    assert run(found, comment) == ([], [])


@pytest.mark.parametrize(
    ("found", "comment", "complaint"),
    [
        (at(8), Comment(9), "unused suppression of VL101"),
        (at(8), Comment(7), "unused suppression of VL101"),
        (at(8), Comment(8, codes=("VL201",)), "unused suppression of VL201"),
        (at(8, cell=2), Comment(8, cell=3), "unused suppression of VL101"),
        (at(8), Comment(8, codes=()), "`ignore` without a code suppresses nothing"),
    ],
    ids=["below", "above, behind code", "of another code", "in another cell", "without a code"],
)
def test_any_other_comment_leaves_it_and_is_reported(found: Finding, comment: Comment, complaint: str) -> None:
    kept, unused = run(found, comment)
    assert kept == [found]
    assert [p.location and p.location.row for p in unused] == [comment.row]
    assert complaint in unused[0].message and not unused[0].fatal


def test_a_bare_noqa_and_the_codes_of_other_tools_are_none_of_our_business() -> None:
    for codes in ((), ("E501",)):
        assert run(at(8), Comment(8, "noqa", codes)) == ([at(8)], [])


def test_statements_of_intent_are_no_suppressions() -> None:
    assert run(at(8), Comment(8, "gain", ())) == ([at(8)], [])


def test_nothing_is_said_of_codes_that_this_run_did_not_look_for() -> None:
    assert apply([], {"train.py": [Comment(8)]}, active={"VL201"}) == ([], [])


def test_comments_count_in_their_own_file_alone() -> None:
    kept, unused = apply([at(8)], {"other.py": [Comment(8)]})
    assert kept == [at(8)] and [p.filename for p in unused] == ["other.py"]
