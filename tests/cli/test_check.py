from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Engine, Run
from tests.report.samples import FINDING, RESULT, SOURCE, cause, finding, objective
from vaelint import report
from vaelint.evidence import Confidence
from vaelint.finding import Hidden, ObjectiveReport, Problem, Result, Status
from vaelint.knowledge import RuleError

CLEAN = Result(files=1, objectives=[objective(Status.CONSISTENT)])


class TestExitCodes:
    def test_0_when_nothing_is_wrong(self, vaelint: Run, engine: Engine) -> None:
        engine.outcome = CLEAN
        assert vaelint("check").exit_code == 0

    def test_1_for_findings(self, vaelint: Run, engine: Engine) -> None:
        engine.outcome = Result(findings=[FINDING], files=1)
        assert vaelint("check").exit_code == 1

    def test_0_for_findings_with_exit_zero(self, vaelint: Run, engine: Engine) -> None:
        engine.outcome = Result(findings=[FINDING], files=1)
        assert vaelint("check", "--exit-zero").exit_code == 0

    def test_2_for_a_file_that_cannot_be_read_whatever_else_was_found(self, vaelint: Run, engine: Engine) -> None:
        engine.outcome = RESULT
        for options in ((), ("--exit-zero",)):
            result = vaelint("check", *options)
            assert result.exit_code == 2
            assert "broken.py: cannot be read: it is closed" in result.stderr and "VL101" in result.stdout

    def test_0_for_a_remark_that_is_not_fatal(self, vaelint: Run, engine: Engine) -> None:
        engine.outcome = Result(problems=[Problem("a.py", "not followed to its end", fatal=False)], files=1)
        result = vaelint("check")
        assert (result.exit_code, "a.py: not followed to its end" in result.stderr) == (0, True)

    def test_0_for_findings_that_are_hidden_and_1_where_they_are_shown(self, vaelint: Run, engine: Engine) -> None:
        engine.outcome = Result(hidden=[finding(hidden=Hidden.SUPPRESSED)], files=1)
        assert vaelint("check").exit_code == 0
        assert vaelint("check", "--show-hidden").exit_code == 1

    def test_2_for_a_missing_path(self, vaelint: Run) -> None:
        result = vaelint("check", "nowhere.py")
        assert result.exit_code == 2
        assert "nowhere.py: no such file or directory" in result.stderr

    def test_2_for_an_unknown_option(self, vaelint: Run) -> None:
        assert vaelint("check", "--no-such-option").exit_code == 2

    def test_2_for_a_crash_which_must_not_look_like_a_finding(self, vaelint: Run, engine: Engine) -> None:
        engine.failure = RuntimeError("boom")
        result = vaelint("check")
        assert result.exit_code == 2
        assert "boom" in result.stderr and "bug in vaelint" in result.stderr

    def test_2_for_a_rule_file_that_cannot_be_followed(self, vaelint: Run, engine: Engine) -> None:
        engine.failure = RuleError(Path("mine.toml"), "my.loss", "unknown key `sens`")
        result = vaelint("check")
        assert result.exit_code == 2
        assert "mine.toml" in result.stderr and "unknown key `sens`" in result.stderr
        assert "Traceback" not in result.stderr

    def test_130_for_an_interruption(self, vaelint: Run, engine: Engine) -> None:
        engine.failure = KeyboardInterrupt()
        assert vaelint("check").exit_code == 130

    def test_0_and_a_warning_when_no_file_was_found(self, vaelint: Run) -> None:
        result = vaelint("check")
        assert result.exit_code == 0
        assert "no Python file, notebook or YAML file was found" in result.stderr

    def test_2_when_no_file_was_found_where_files_are_required(self, vaelint: Run) -> None:
        result = vaelint("check", "--require-files")
        assert result.exit_code == 2
        assert "no Python file, notebook or YAML file was found" in result.stderr


class TestSelection:
    def test_reaches_the_engine(self, vaelint: Run, engine: Engine) -> None:
        vaelint("check", "--select", "VL1,vl201", "--select", "VL3", "--ignore", "VL301")
        assert engine.config.select == ("VL1", "VL201", "VL3")
        assert engine.config.ignore == ("VL301",)

    def test_shows_what_is_likely_unless_told_otherwise(self, vaelint: Run, engine: Engine) -> None:
        vaelint("check")
        assert engine.config.min_confidence is Confidence.LIKELY
        vaelint("check", "--min-confidence", "possible")
        assert engine.config.min_confidence is Confidence.POSSIBLE

    def test_looks_for_what_is_in_preview_only_where_that_is_asked_for(self, vaelint: Run, engine: Engine) -> None:
        vaelint("check")
        assert not engine.config.preview
        vaelint("check", "--preview")
        assert engine.config.preview

    @pytest.mark.parametrize("option", ["--select", "--ignore", "--extend-select"])
    def test_of_an_unknown_code_is_an_error_that_names_the_option(self, vaelint: Run, option: str) -> None:
        result = vaelint("check", option, "VL102")
        assert result.exit_code == 2
        assert f"{option}: unknown code `VL102` (did you mean `VL101`?)" in result.stderr

    def test_in_the_file_is_checked_as_well(self, vaelint: Run, tmp_path: Path) -> None:
        (tmp_path / "vaelint.toml").write_text('ignore = ["XX"]')
        result = vaelint("check")
        assert result.exit_code == 2
        assert "vaelint.toml: key `ignore` names an unknown code `XX`" in result.stderr


class TestInput:
    def test_is_the_working_directory_by_default(self, vaelint: Run, engine: Engine) -> None:
        vaelint("check")
        assert engine.paths == (Path(),)

    def test_can_be_standard_input(self, vaelint: Run, engine: Engine) -> None:
        vaelint("check", "-", "--stdin-filename", "model.py", input="loss = 1\n")
        assert engine.paths == ()
        assert engine.stdin == ("model.py", "loss = 1\n")

    def test_from_standard_input_is_quoted_in_the_report(self, vaelint: Run, engine: Engine) -> None:
        engine.outcome = Result(findings=[FINDING], files=1)
        result = vaelint("check", "-", "--stdin-filename", "train.py", input=SOURCE)
        assert "loss(d, x).backward()" in result.stdout

    def test_cannot_be_both(self, vaelint: Run, tmp_path: Path) -> None:
        (tmp_path / "a.py").touch()
        assert vaelint("check", "-", "a.py").exit_code == 2
        assert vaelint("check", "a.py", "--stdin-filename", "b.py").exit_code == 2

    def test_leaves_out_what_is_excluded(self, vaelint: Run, engine: Engine, tmp_path: Path) -> None:
        (tmp_path / "vaelint.toml").write_text('exclude = ["old"]')
        vaelint("check")
        assert [p.text for p in engine.config.exclude] == ["old"]
        vaelint("check", "--exclude", "vendor")
        assert [p.text for p in engine.config.exclude] == ["vendor"]


class TestConfiguration:
    def test_may_be_named(self, vaelint: Run, engine: Engine, tmp_path: Path) -> None:
        (tmp_path / "mine.toml").write_text('select = ["VL2"]')
        vaelint("check", "--config", "mine.toml")
        assert engine.config.select == ("VL2",)

    def test_that_is_missing_is_an_error(self, vaelint: Run) -> None:
        result = vaelint("check", "--config", "mine.toml")
        assert result.exit_code == 2
        assert "mine.toml: cannot be read" in result.stderr

    def test_of_a_project_elsewhere_is_found_there(self, vaelint: Run, engine: Engine, tmp_path: Path) -> None:
        project, here = tmp_path / "project", tmp_path / "here"
        for folder in (project, here):
            folder.mkdir()
        (project / "vaelint.toml").write_text('select = ["VL3"]')
        with pytest.MonkeyPatch.context() as m:
            m.chdir(here)
            vaelint("check", "../project")
            assert engine.settings.of("../project/a.py").select == ("VL3",)

    def test_is_for_each_file_the_closest_one(self, vaelint: Run, engine: Engine, tmp_path: Path) -> None:
        (tmp_path / "vaelint.toml").write_text('select = ["VL2"]')
        (tmp_path / "sub").mkdir()
        (tmp_path / "sub/vaelint.toml").write_text('select = ["VL3"]')
        vaelint("check")
        assert engine.settings.of(tmp_path / "sub/a.py").select == ("VL3",)
        assert engine.settings.of(tmp_path / "a.py").select == ("VL2",)

    def test_is_not_read_where_it_is_to_be_isolated(self, vaelint: Run, engine: Engine, tmp_path: Path) -> None:
        (tmp_path / "vaelint.toml").write_text('selct = ["VL2"]')
        assert vaelint("check").exit_code == 2
        assert vaelint("check", "--isolated").exit_code == 0

    def test_may_be_a_key_with_its_value(self, vaelint: Run, engine: Engine, tmp_path: Path) -> None:
        (tmp_path / "vaelint.toml").write_text('select = ["VL2"]\nignore = ["VL3"]')
        vaelint("check", "--config", 'select = ["mixed-signs"]', "--config", "force-exclude = true")
        assert (engine.config.select, engine.config.ignore, engine.config.force_exclude) == (("VL201",), ("VL3",), True)
        result = vaelint("check", "--config", "selct = []")
        assert result.exit_code == 2 and "unknown key `selct` (did you mean `select`?)" in result.stderr


class TestOutput:
    def test_as_json_is_a_list_and_nothing_else(self, vaelint: Run, engine: Engine) -> None:
        engine.outcome = RESULT
        assert [f["code"] for f in json.loads(vaelint("check", "--output-format", "json").stdout)] == ["VL101"]

    def test_may_go_to_a_file(self, vaelint: Run, engine: Engine, tmp_path: Path) -> None:
        engine.outcome = RESULT
        result = vaelint("check", "--output-file", "out.txt", env={"FORCE_COLOR": "1"})
        assert (result.exit_code, result.stdout) == (2, "")
        assert "VL101" in (tmp_path / "out.txt").read_text("utf-8")
        assert "\x1b" not in (tmp_path / "out.txt").read_text("utf-8")

    def test_to_a_file_that_cannot_be_written_is_an_error(self, vaelint: Run, engine: Engine) -> None:
        engine.outcome = RESULT
        result = vaelint("check", "--output-file", "no/such/folder.txt")
        assert result.exit_code == 2 and "cannot be written" in result.stderr

    def test_counts_on_request(self, vaelint: Run, engine: Engine) -> None:
        other = finding(code="VL201", name="mixed-signs")
        engine.outcome = Result(findings=[FINDING, other, FINDING], files=1)
        assert (
            vaelint("check", "--statistics").stdout
            == "2  VL101  likelihood-minimized\n1  VL201  mixed-signs\n3  in all\n"
        )
        listed = json.loads(vaelint("check", "--statistics", "--output-format", "json").stdout)
        assert listed[0] == {"code": "VL101", "name": "likelihood-minimized", "count": 2}

    def test_that_is_quiet_has_no_summary(self, vaelint: Run, engine: Engine) -> None:
        engine.outcome = CLEAN
        assert vaelint("check", "--quiet").output == ""

    def test_has_colours_only_where_they_are_wanted(self, vaelint: Run, engine: Engine) -> None:
        engine.outcome = RESULT
        assert "\x1b" not in vaelint("check").output
        assert "\x1b" in vaelint("check", env={"FORCE_COLOR": "1"}, color=True).output
        assert "\x1b" not in vaelint("check", env={"FORCE_COLOR": "1", "NO_COLOR": "1"}, color=True).output

    def test_of_an_unknown_format_is_an_error_that_lists_the_known(self, vaelint: Run) -> None:
        result = vaelint("check", "--output-format", "xml")
        assert result.exit_code == 2 and "concise" in result.stderr


class TestHiddenFindings:
    HIDDEN = (
        finding(hidden=Hidden.BELOW_CONFIDENCE),
        finding(code="VL301", name="misnamed-loss", hidden=Hidden.NOT_SELECTED),
        finding(code="VL301", name="misnamed-loss", hidden=Hidden.NOT_SELECTED),
        finding(code="VL201", name="mixed-signs", hidden=Hidden.SUPPRESSED),
    )

    def test_are_not_spoken_of_where_there_are_none(self, vaelint: Run, engine: Engine) -> None:
        engine.outcome = CLEAN
        assert "idden" not in vaelint("check").stdout

    def test_are_counted_by_code_and_reason(self, vaelint: Run, engine: Engine) -> None:
        engine.outcome = Result(files=1, hidden=list(self.HIDDEN))
        out = vaelint("check").stdout
        assert "1 VL101 (below --min-confidence likely)" in out
        assert "2 VL301 (not selected)" in out and "1 VL201 (suppressed by a comment)" in out
        assert "VL101 likelihood" not in out

    @pytest.mark.parametrize("name", report.names())
    def test_are_shown_with_their_reason_in_every_format_when_asked_for(
        self, vaelint: Run, engine: Engine, name: str
    ) -> None:
        engine.outcome = Result(files=1, hidden=list(self.HIDDEN))
        out = vaelint("check", "--show-hidden", "--output-format", name).stdout
        for code in ("VL101", "VL201", "VL301"):
            assert code in out
        reasons = ("suppressed", "not-selected", "below-min-confidence")
        assert all(reason in out or reason.replace("-", " ", 1) in out for reason in reasons[:2])

    def test_are_not_counted_as_hidden_where_they_are_shown(self, vaelint: Run, engine: Engine) -> None:
        engine.outcome = Result(files=1, hidden=list(self.HIDDEN))
        out = vaelint("check", "--show-hidden").stdout
        assert "Found 4 findings in 1 of 1 file." in out and "Hidden:" not in out

    def test_are_not_fixed(self, vaelint: Run, engine: Engine) -> None:
        engine.outcome = Result(files=1, hidden=list(self.HIDDEN))
        assert vaelint("check", "--diff", "--unsafe-fixes", "--show-hidden").stdout == ""


class TestTheVerdictAndItsFindings:
    """What the summary calls wrong has a finding, shown or hidden; if it is hidden, the summary says why."""

    def out(self, vaelint: Run, engine: Engine, *objectives: ObjectiveReport, **more: Any) -> str:
        engine.outcome = Result(objectives=list(objectives), files=1, **more)
        out: str = vaelint("check").stdout
        return out

    def test_nothing_is_added_where_the_finding_is_shown(self, vaelint: Run, engine: Engine) -> None:
        out = self.out(vaelint, engine, objective(Status.WRONG, "", cause()), findings=[FINDING])
        assert "1 wrong:" not in out

    @pytest.mark.parametrize(
        ("hidden", "line"),
        [
            (Hidden.NOT_SELECTED, "1 wrong: VL101 is not selected."),
            (Hidden.BELOW_CONFIDENCE, "1 wrong: VL101 is hidden, below --min-confidence likely."),
        ],
    )
    def test_a_wrong_objective_without_a_finding_names_code_and_reason(
        self, vaelint: Run, engine: Engine, hidden: Hidden, line: str
    ) -> None:
        found = finding(hidden=hidden)
        assert line in self.out(vaelint, engine, objective(Status.WRONG, "", cause(hidden)), hidden=[found])

    def test_what_a_comment_suppresses_is_intended_and_said_to_be(self, vaelint: Run, engine: Engine) -> None:
        meant = objective(Status.INTENDED, "VL101 is suppressed by a comment", cause(Hidden.SUPPRESSED))
        out = self.out(vaelint, engine, meant, hidden=[finding(hidden=Hidden.SUPPRESSED)])
        assert "1 intended: VL101 is suppressed by a comment." in out

    def test_each_status_is_counted(self, vaelint: Run, engine: Engine) -> None:
        out = self.out(vaelint, engine, *(objective(s) for s in Status if s is not Status.WRONG))
        assert "Traced 4 objectives: 1 consistent, 1 by-name, 1 intended, 0 wrong, 1 unresolved." in out
        assert "The by-name one fits if the names are right" in out
