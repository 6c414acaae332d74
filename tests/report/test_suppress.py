from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.report.samples import finding
from vaelint.cli import main
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


class TestFixes:
    """Through `--fix`: what a user meets."""

    HEAD = "import torch\ndist = torch.distributions.Normal(0.0, 1.0)\n"

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("x = 1  # vaelint: ignore[VL101] why", "x = 1"),
            ("x = 1  # why  # noqa: VL101", "x = 1  # why"),
            ("x = 1  # noqa: E501, VL101", "x = 1  # noqa: E501"),
            ("x = 1  # noqa: VL101, E501", "x = 1  # noqa: E501"),
            (
                "recon_loss = dist.log_prob(x).sum()  # vaelint: ignore[VL101, VL301] why",
                "recon_loss = dist.log_prob(x).sum()  # vaelint: ignore[VL301] why",
            ),
            (
                "recon_loss = dist.log_prob(x).sum()  # vaelint: ignore[misnamed-loss] why",
                "recon_loss = dist.log_prob(x).sum()  # vaelint: ignore[VL301] why",
            ),
            (
                "recon_loss = dist.log_prob(x).sum()  # vaelint: disable=VL301",
                "recon_loss = dist.log_prob(x).sum()  # vaelint: ignore[VL301]",
            ),
            ("value = evidence(x)  # vaelint: gian", "value = evidence(x)  # vaelint: gain"),
        ],
    )
    def test_leave_what_is_of_use_with_the_word_that_was_meant(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str
    ) -> None:
        assert self.fixed(tmp_path, monkeypatch, before) == after

    @pytest.mark.parametrize(
        "row",
        [
            "recon_loss = dist.log_prob(x).sum()  # vaelint: ignore[VL301] why",
            "x = 1  # vaelint: ignore",
            "x = 1  # vaelint: ignore[VL3]",
            "x = 1  # vaelint: ignore[XYZ]",
            "x = 1  # vaelint: nothingness",
        ],
    )
    def test_are_not_made_where_nobody_knows_what_was_meant(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str
    ) -> None:
        assert self.fixed(tmp_path, monkeypatch, row) == row

    def fixed(self, folder: Path, monkeypatch: pytest.MonkeyPatch, row: str) -> str:
        (folder / "a.py").write_text(self.HEAD + row + "\n")
        monkeypatch.chdir(folder)
        result = CliRunner().invoke(main, ["check", "--fix", "a.py"])
        assert result.exit_code in (0, 1), result.output
        return (folder / "a.py").read_text().removeprefix(self.HEAD).rstrip("\n")
