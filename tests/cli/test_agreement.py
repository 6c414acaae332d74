"""On real files, through the command line: verdict, summary, exit code and every format say the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from vaelint import report
from vaelint.cli import main

LOSSES = """\
from torch.distributions import Normal, kl_divergence


def vae_loss(x, x_hat, q, p, beta=1.0):
    kl = kl_divergence(q, p).mean()
    recon = Normal(x_hat, 1.0).log_prob(x).mean()
    return recon + beta * kl{comment}
"""
TRAIN = """\
from losses import vae_loss


def train(model, x, prior, optimizer):
    x_hat, q = model(x)
    loss = vae_loss(x, x_hat, q, prior)
    loss.backward(){comment}
    optimizer.step()
"""
WRONG = """\
from torch.distributions import Normal


def train(model, x, optimizer):
    loss = Normal(model(x), 1.0).log_prob(x).mean(){comment}
    loss.backward()
    optimizer.step()
"""
MISNAMED = """\
from torch.distributions import Normal


def f(mu, x):
    some_loss = Normal(mu, 1.0).log_prob(x).sum()
    return some_loss
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(*options: str, form: str = "concise") -> Result:
    return CliRunner().invoke(main, ["check", "--output-format", form, *options])


def listed(*options: str) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = json.loads(check(*options, form="json").stdout)
    return out


def objectives(*paths: str) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = json.loads(
        CliRunner().invoke(main, ["objectives", "--output-format", "json", *paths]).stdout
    )
    return out


class TestAMistakeInAnImportedFile:
    @pytest.fixture(autouse=True)
    def files(self, folder: Path) -> None:
        (folder / "losses.py").write_text(LOSSES.format(comment=""))
        (folder / "train.py").write_text(TRAIN.format(comment=""))

    def test_is_shown_where_the_file_that_optimises_is_passed(self) -> None:
        result = check("train.py")
        assert result.exit_code == 1
        assert "losses.py:7:12: VL201" in result.stdout
        assert "Found 1 finding in 0 of 1 file, and in 1 more that it uses." in result.stdout
        assert "1 wrong" in result.stdout and "1 wrong:" not in result.stdout

    def test_is_one_finding_at_the_place_to_edit_whichever_file_is_passed(self) -> None:
        found = [listed(*paths) for paths in ((), ("train.py",), ("losses.py",), ("losses.py", "train.py"))]
        assert [[(f["filename"], f["location"]["row"], f["code"]) for f in those] for those in found] == [
            [("losses.py", 7, "VL201")]
        ] * 4
        assert all(those == found[0] for those in found)

    def test_has_the_place_where_it_is_optimised_beside_it(self) -> None:
        (found,) = listed("train.py")
        assert [(r["filename"], r["location"]["row"]) for r in found["related"]] == [("train.py", 7)]
        (place,) = json.loads(check("train.py", form="sarif").stdout)["runs"][0]["results"][0]["relatedLocations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"] == "train.py"
        assert "  7 │     loss.backward()\n" in check("train.py", form="text").stdout

    def test_is_traced_from_the_term_that_is_wrong_to_the_optimiser(self) -> None:
        (found,) = listed("train.py")
        first, last = found["trace"][0], found["trace"][-1]
        assert (first["filename"], first["location"]["row"]) == ("losses.py", 6)
        assert (last["filename"], last["location"]["row"]) == ("train.py", 7)

    def test_is_the_cause_of_the_wrong_objective(self) -> None:
        (objective,) = objectives("train.py")
        assert objective["status"] == "wrong"
        (cause,) = objective["causes"]
        assert (cause["code"], cause["filename"], cause["location"]["row"]) == ("VL201", "losses.py", 7)

    def test_is_suppressed_in_the_file_to_edit_whichever_file_is_passed(self, folder: Path) -> None:
        (folder / "losses.py").write_text(LOSSES.format(comment="  # vaelint: ignore[VL201] on purpose"))
        for paths in ((), ("train.py",), ("losses.py",)):
            result = check(*paths)
            assert result.exit_code == 0 and "1 VL201 (suppressed by a comment)" in result.stdout
        assert "1 intended: VL201 is suppressed by a comment." in check("train.py").stdout

    def test_is_not_suppressed_where_it_is_optimised(self, folder: Path) -> None:
        (folder / "train.py").write_text(TRAIN.format(comment="  # vaelint: ignore[VL201]"))
        assert [(f["filename"], f["code"]) for f in listed("train.py")] == [
            ("train.py", "VL002"),
            ("losses.py", "VL201"),
        ]

    def test_is_not_shown_where_another_file_is_passed(self, folder: Path) -> None:
        (folder / "other.py").write_text("import losses\n")
        assert listed("other.py") == []


def test_of_an_imported_file_only_what_is_optimised_in_a_passed_one_is_shown(folder: Path) -> None:
    named = (
        LOSSES.format(comment="")
        + """

def logged(mu, x):
    some_loss = Normal(mu, 1.0).log_prob(x).sum()
    return some_loss
"""
    )
    (folder / "losses.py").write_text(named)
    (folder / "train.py").write_text(TRAIN.format(comment=""))
    assert [f["code"] for f in listed("losses.py")] == ["VL201", "VL301"]
    assert [f["code"] for f in listed("train.py")] == ["VL201"]


class TestSelection:
    @pytest.fixture(autouse=True)
    def files(self, folder: Path) -> None:
        (folder / "m.py").write_text(WRONG.format(comment=""))

    def test_hides_the_finding_and_leaves_the_verdict(self) -> None:
        for options in (("--ignore", "VL1,VL3"), ("--select", "VL2")):
            result = check(*options)
            assert result.exit_code == 0 and "1 wrong, 0 unresolved" in result.stdout
            assert "1 wrong: VL101 is not selected." in result.stdout
            assert "Hidden: 1 VL101 (not selected)" in result.stdout

    def test_of_one_check_is_not_changed_by_what_another_would_report(self) -> None:
        (alone,) = listed("--select", "VL301")
        assert (alone["code"], alone["location"]["row"]) == ("VL301", 5)
        assert [f["code"] for f in listed()] == ["VL101"]

    def test_of_confidence_hides_the_finding_and_leaves_the_verdict(self, folder: Path) -> None:
        (folder / "m.py").write_text(MISNAMED)
        shown = check()
        assert shown.exit_code == 1 and "[likely]" in shown.stdout
        hidden = check("--min-confidence", "certain")
        assert hidden.exit_code == 0 and "Hidden: 1 VL301 (below --min-confidence certain)" in hidden.stdout

    def test_shows_all_when_asked_to(self) -> None:
        result = check("--select", "VL2", "--show-hidden")
        assert result.exit_code == 1 and "hidden: not selected]" in result.stdout
        assert "Hidden:" not in result.stdout

    def test_by_a_comment_makes_the_objective_intended(self, folder: Path) -> None:
        (folder / "m.py").write_text(WRONG.format(comment="  # vaelint: ignore[VL101] gradient ascent"))
        result = check()
        assert result.exit_code == 0 and "1 intended, 0 wrong" in result.stdout
        assert "1 intended: VL101 is suppressed by a comment." in result.stdout


class TestBrokenSyntax:
    @pytest.fixture(autouse=True)
    def files(self, folder: Path) -> None:
        (folder / "bare.py").write_text("def f(:\n")
        cells = [{"cell_type": "code", "source": s} for s in ("%time x = 1", "y = (")]
        (folder / "n.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4}))

    @pytest.mark.parametrize("form", report.names())
    def test_is_a_finding_in_every_format(self, form: str) -> None:
        result = check("--quiet", form=form)
        assert result.exit_code == 1
        assert "VL001" in result.stdout and "bare.py" in result.stdout and "n.ipynb" in result.stdout

    def test_is_found_whatever_words_the_file_has_and_in_its_cell(self) -> None:
        places = [(f["filename"], f["cell"], f["location"]["row"], f["location"]["column"]) for f in listed()]
        assert places == [("bare.py", None, 1, 7), ("n.ipynb", 2, 1, 5)]

    def test_is_reported_once_where_the_file_has_words_of_losses(self, folder: Path) -> None:
        (folder / "bare.py").write_text(WRONG.format(comment="") + "\n\ndef broken_loss(:\n")
        result = check("bare.py")
        assert result.stdout.count("VL001") == 1 and "VL101" in result.stdout and result.stderr == ""

    def test_is_shown_whatever_is_selected_unless_it_is_ignored(self) -> None:
        assert check("--select", "VL3").exit_code == 1
        result = check("--ignore", "VL001")
        assert result.exit_code == 0 and "2 VL001 (not selected)" in result.stdout


class TestCommentsInVain:
    @pytest.fixture(autouse=True)
    def files(self, folder: Path) -> None:
        (folder / "m.py").write_text(
            "x = 1  # vaelint: ignore[VL101]\ny = 2  # vaelint: gian\nz = 3  # vaelint: gain\n"
        )

    @pytest.mark.parametrize("form", report.names())
    def test_are_findings_in_every_format(self, form: str) -> None:
        result = check("--quiet", form=form)
        assert result.exit_code == 1 and "VL002" in result.stdout and result.stderr == ""

    def test_are_named_each(self) -> None:
        found = [(f["location"]["row"], f["code"]) for f in listed()]
        assert found == [(1, "VL002"), (2, "VL002")]

    def test_can_be_left_out(self) -> None:
        assert check("--ignore", "VL002").exit_code == 0


class TestAFindingThatIsHidden:
    """does not stand for one that is shown, in the same file or in another."""

    def test_leaves_a_surer_one_of_another_file_in_its_row(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from vaelint.config import Config
        from vaelint.examine import Found, Part
        from vaelint.finding import Confidence, Finding, Location
        from vaelint.finding import Result as Outcome
        from vaelint.gather import gather
        from vaelint.source.project import Project

        (folder / "a.py").write_text("x_loss = 1\n")
        (folder / "b.py").write_text("import a\n")
        a, b = str(folder / "a.py"), str(folder / "b.py")

        def found(code: str, column: int, confidence: Confidence) -> Found:
            return Found(a, Finding(code, "", "", "a.py", Location(1, column, 1, column), confidence))

        parts = [
            Part(a, "a.py", [found("VL301", 1, Confidence.POSSIBLE)]),
            Part(b, "b.py", [found("VL101", 9, Confidence.LIKELY)]),
        ]
        result = Outcome()
        gather(parts, [a, b], Project(), Config(), result)
        assert [f.code for f in result.findings] == ["VL101"] and [f.code for f in result.hidden] == ["VL301"]
