"""Findings that are known already: baselines, revisions, comments that are written. As a user meets them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vaelint.cli import main

HEAD = "import torch\ndist = torch.distributions.Normal(0.0, 1.0)\n"
WRONG = "recon_loss = dist.log_prob(x).sum()\n"
TRAINED = """\
import torch
from torch.distributions import Normal, kl_divergence

def train_step(decoder, q, x, optimizer: torch.optim.Adam):
    recon_loss = -Normal(decoder(q.rsample()), 1.0).log_prob(x).sum()
    kl = kl_divergence(q, Normal(0.0, 1.0)).sum()
    loss = recon_loss + kl
    loss.backward()
    optimizer.step()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "a.py").write_text(HEAD + WRONG)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/b.py").write_text(HEAD + WRONG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(main, [*args])


def found(*args: str) -> list[str]:
    out = run("check", "-q", "--output-format", "concise", *args)
    assert out.exit_code in (0, 1), out.output
    return [":".join(line.split(":")[:2]) for line in out.stdout.splitlines()]


class TestABaseline:
    def test_hides_what_was_found_when_it_was_made(self, folder: Path) -> None:
        assert run("baseline").exit_code == 0
        assert found("--baseline", "vaelint-baseline.json") == []
        assert found() == ["a.py:3", "sub/b.py:3"]

    def test_may_be_configured(self, folder: Path) -> None:
        (folder / "vaelint.toml").write_text('baseline = "known.json"')
        assert run("baseline").exit_code == 0
        assert found() == [] and (folder / "known.json").exists()

    def test_survives_moved_rows_and_another_working_directory(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run("baseline")
        (folder / "sub/b.py").write_text("# one\n\n" + HEAD + WRONG)
        monkeypatch.chdir(folder / "sub")
        assert found("--baseline", "../vaelint-baseline.json") == []

    def test_does_not_hide_a_second_finding_of_the_same_row_of_code(self, folder: Path) -> None:
        run("baseline")
        (folder / "a.py").write_text(HEAD + WRONG + WRONG)
        assert found("--baseline", "vaelint-baseline.json") == ["a.py:4"]

    def test_says_what_is_stale_and_prunes_it(self, folder: Path) -> None:
        run("baseline")
        (folder / "a.py").write_text(HEAD)
        shown = run("check", "--baseline", "vaelint-baseline.json")
        assert "1 entry is no longer found: --prune removes it" in shown.stderr and shown.exit_code == 0
        run("check", "--baseline", "vaelint-baseline.json", "--prune")
        kept = json.loads((folder / "vaelint-baseline.json").read_text())["findings"]
        assert [e["filename"] for e in kept] == ["sub/b.py"]

    def test_says_nothing_of_files_that_were_not_checked(self, folder: Path) -> None:
        run("baseline")
        (folder / "sub/b.py").write_text(HEAD)
        assert "no longer found" not in run("check", "a.py", "--baseline", "vaelint-baseline.json").stderr
        (folder / "sub/b.py").unlink()
        assert "no longer found" in run("check", "a.py", "--baseline", "vaelint-baseline.json").stderr

    def test_is_named_by_the_summary_as_the_reason(self, folder: Path) -> None:
        run("baseline")
        out = run("check", "--baseline", "vaelint-baseline.json").stdout
        assert "Hidden: 2 VL301 (in the baseline). `--show-hidden` shows them." in out

    @pytest.mark.parametrize("text", ["", "[]", '{"version": 1}', '{"version": 7, "findings": []}'])
    def test_that_cannot_be_read_is_an_error(self, folder: Path, text: str) -> None:
        (folder / "known.json").write_text(text)
        result = run("check", "--baseline", "known.json")
        assert result.exit_code == 2 and "known.json" in result.stderr and result.stdout == ""
        assert run("check", "--baseline", "gone.json").exit_code == 2
        assert run("check", "--prune").exit_code == 2


class TestAddIgnore:
    def test_suppresses_what_is_shown_with_the_reason(self, folder: Path) -> None:
        result = run("check", "--add-ignore", "known since v1", "a.py")
        assert result.exit_code == 0 and "suppressed 1 finding" in result.stderr
        assert (folder / "a.py").read_text() == HEAD + WRONG.rstrip() + "  # vaelint: ignore[VL301] known since v1\n"
        assert found() == ["sub/b.py:3"]

    def test_writes_into_the_cells_of_a_notebook(self, folder: Path) -> None:
        cells = [{"cell_type": "code", "source": [*(HEAD + WRONG).splitlines(keepends=True)]}]
        (folder / "n.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4, "metadata": {}}))
        assert len(found("n.ipynb")) == 1
        assert run("check", "--add-ignore", "why", "n.ipynb").exit_code == 0
        assert found("n.ipynb") == []

    def test_adds_to_a_comment_that_is_there(self, folder: Path) -> None:
        (folder / "a.py").write_text(HEAD + WRONG.rstrip() + "  # summed\n")
        run("check", "--add-ignore", "why", "a.py")
        assert (folder / "a.py").read_text().endswith("# summed  # vaelint: ignore[VL301] why\n")
        assert found("a.py") == []

    def test_leaves_a_row_that_no_comment_can_end(self, folder: Path) -> None:
        text = HEAD + "recon_loss = dist \\\n    .log_prob(x) \\\n    .sum()\n"
        (folder / "a.py").write_text(text)
        run("check", "--add-ignore", "why", "a.py")
        assert found("a.py") == [] or (folder / "a.py").read_text() == text


@pytest.fixture
def git(folder: Path) -> Callable[..., None]:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")

    def call(*args: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *args], cwd=folder, check=True, capture_output=True)

    (folder / "train.py").write_text(TRAINED)
    call("init", "-q")
    call("add", "-A")
    call("commit", "-q", "-m", "one")
    return call


class TestARevision:
    def test_hides_what_was_there_before(self, folder: Path, git: Callable[..., None]) -> None:
        assert found("--diff-base", "HEAD") == []
        (folder / "a.py").write_text("# moved\n" + HEAD + WRONG + "log_likelihood = -dist.log_prob(x).sum()\n")
        assert found("--diff-base", "HEAD") == ["a.py:5"]

    def test_shows_what_a_change_elsewhere_made_wrong(self, folder: Path, git: Callable[..., None]) -> None:
        (folder / "train.py").write_text(TRAINED.replace("recon_loss + kl", "recon_loss - kl"))
        assert found("--diff-base", "HEAD", "train.py") == ["train.py:7"]

    def test_that_is_none_is_an_error(self, folder: Path, git: Callable[..., None]) -> None:
        for revision in ("nothing", "--output=x"):
            result = run("check", f"--diff-base={revision}")
            assert result.exit_code == 2 and "is no revision" in result.stderr

    def test_says_which_objectives_a_change_altered(self, folder: Path, git: Callable[..., None]) -> None:
        assert run("objectives", "--diff", "HEAD").stdout == "No objective has changed since HEAD.\n"
        (folder / "train.py").write_text("# moved\n" + TRAINED.replace("recon_loss + kl", "recon_loss - kl"))
        out = run("objectives", "--diff", "HEAD").stdout
        assert "train.py:9:5 train_step\n  this change negated `kl`: it has a minus now\n" in out
        listed = json.loads(run("objectives", "--diff", "HEAD", "--output-format", "json").stdout)
        assert [c["changes"] for c in listed] == [
            ["this change negated `kl`: it has a minus now", "is wrong, and was consistent"]
        ]

    def test_says_what_is_optimised_no_more_and_what_is_new(self, folder: Path, git: Callable[..., None]) -> None:
        (folder / "train.py").write_text(TRAINED.replace("train_step", "fit"))
        out = run("objectives", "--diff", "HEAD").stdout
        assert "fit\n  is optimised, and was not\n" in out and "train_step\n  is optimised no more\n" in out


def test_a_repository_that_would_run_something_runs_nothing(folder: Path, git: Callable[..., None]) -> None:
    """What git can be made to run by the settings of a repository: hooks, monitors, filters."""
    acted = folder / "acted"
    for key in ("core.fsmonitor", "core.pager", "filter.x.smudge", "diff.external", "core.sshCommand"):
        git("config", key, f"touch '{acted}'")
    (folder / ".gitattributes").write_text("*.py filter=x diff=x\n")
    acted.unlink(missing_ok=True)
    found("--diff-base", "HEAD")
    run("objectives", "--diff", "HEAD")
    assert not acted.exists()
