from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest

from tests.report.samples import FINDING, RESULT, SOURCE, finding, objective
from vaelint import report
from vaelint.evidence import Basis, Confidence
from vaelint.finding import Example, Finding, Hidden, Location, Problem, Related, Result, Side, Status, Step
from vaelint.report import View
from vaelint.report._view import width

EXAMPLE = Example((("mu", 0.3), ("logvar", 1.2)), -0.41, "a KL divergence is never below zero", "`- logvar`", 0.25)
TOLD = "with mu = 0.3, logvar = 1.2 it is -0.41; a KL divergence is never below zero. With `- logvar` it is 0.25"


@pytest.fixture
def view(tmp_path: Path) -> View:
    (tmp_path / "train.py").write_text(SOURCE, "utf-8")
    return View(cwd=tmp_path)


def shown(name: str, result: Result, view: View) -> str:
    return click.unstyle(report.load(name).render(result, view))


class TestFormats:
    def test_are_the_modules_of_the_package(self) -> None:
        there = {p.stem for p in Path(report.__file__).parent.glob("*.py") if not p.stem.startswith("_")}
        assert {name.replace("-", "_") for name in report.names()} == there
        ruffs = {"concise", "full", "json", "json-lines", "junit", "grouped", "github", "gitlab", "pylint", "rdjson"}
        assert {*ruffs, "azure", "sarif", "text", "markdown"} == set(report.names())

    @pytest.mark.parametrize("name", report.names())
    def test_render_any_result(self, name: str, view: View) -> None:
        assert report.load(name).render(RESULT, view).endswith("\n")
        empty = report.load(name).render(Result(), view)
        assert empty.endswith("\n") or name in ("json-lines", "pylint")

    def test_of_another_name_are_an_error(self) -> None:
        with pytest.raises(LookupError, match="concise"):
            report.load("_view")


class TestText:
    def test_shows_the_place_the_message_the_source_the_way_and_the_edit(self, view: View) -> None:
        quiet = replace(view, quiet=True)
        assert shown("text", RESULT, quiet) == (
            "train.py:8:1 VL101 likelihood-minimized (certain)\n"
            "  `loss(d, x)` is a log-likelihood ↑, and `optimizer` minimises it\n"
            "\n"
            "  7 │ optimizer = torch.optim.Adam(())\n"
            "  8 │ loss(d, x).backward()\n"
            "    │ ^^^^^^^^^^\n"
            "\n"
            "  because:\n"
            "    1. row 4  `log_prob` is a log density ↑\n"
            "              │ recon = dist.log_prob(x).sum()\n"
            "    2. row 5  `loss` returns it ↑\n"
            "              │ return recon\n"
            "\n"
            "  known from a library's documentation; contradicts the optimiser's direction, "
            "known from the code itself\n"
            "\n"
            "  help: negate it: `(-loss(d, x)).backward()`\n"
            "  8 + (-loss(d, x)).backward()\n"
        )

    def test_shows_numbers_where_they_decided(self, view: View) -> None:
        assert "example:" not in shown("text", RESULT, view)
        assert f"\n\n  example: {TOLD}\n\n" in shown("text", Result([finding(example=EXAMPLE)]), view)

    def test_names_the_file_of_a_step_elsewhere(self, view: View) -> None:
        step = Step("model.py", Location(4, 13, 4, 29), "a log density")
        assert "1. model.py:4:13  a log density" in shown("text", Result([finding(trace=(step,))]), view)

    def test_finds_the_source_in_the_cell_of_a_notebook(self, view: View) -> None:
        cells = [{"source": "text"}, {"source": ["import torch\n", "loss.backward()"]}]
        (view.cwd / "a.ipynb").write_text(json.dumps({"cells": cells}))
        found = finding(filename="a.ipynb", location=Location(2, 1, 2, 5, cell=2), trace=())
        out = shown("text", Result([found]), view)
        assert "a.ipynb:cell 2:2:1 VL101" in out
        assert "  2 │ loss.backward()\n    │ ^^^^\n" in out

    @pytest.mark.parametrize(
        ("text", "at", "mark"),
        [
            ("\tloss = x\n", Location(1, 2, 1, 6), "    loss = x\n    │     ^^^^"),
            ("损失 = x\n", Location(1, 6, 1, 7), "损失 = x\n    │        ^"),
            ("f(\n  a,\n)\n", Location(1, 1, 3, 2), "f(\n    │ ^^\n  2 │   a,\n    │   ^^\n  3 │ )\n    │ ^"),
        ],
        ids=["tab", "wide characters", "several rows"],
    )
    def test_puts_carets_under_what_is_meant(self, view: View, text: str, at: Location, mark: str) -> None:
        (view.cwd / "train.py").write_text(text, "utf-8")
        assert f"  1 │ {mark}\n" in shown("text", Result([finding(location=at, trace=())]), view)

    def test_cuts_a_long_finding_short(self, view: View) -> None:
        (view.cwd / "train.py").write_text("x\n" * 50)
        out = shown("text", Result([finding(location=Location(1, 1, 40, 2), trace=())]), view)
        assert "… to row 40" in out and " 9 │" not in out

    @pytest.mark.parametrize("name", ["gone.py", "binary.py", "not.ipynb"])
    def test_does_without_the_source_where_there_is_none(self, view: View, name: str) -> None:
        (view.cwd / "binary.py").write_bytes(b"\xff\x00\n" * 3)
        (view.cwd / "not.ipynb").write_text("{}")
        cell = 1 if name.endswith("ipynb") else None
        out = shown("text", Result([finding(filename=name, location=Location(7, 1, 7, 2, cell))]), view)
        assert "likelihood-minimized" in out and "help:" in out

    def test_reads_a_file_in_the_encoding_that_it_declares(self, view: View) -> None:
        (view.cwd / "train.py").write_bytes("# coding: latin-1\né = 1\n".encode("latin-1"))
        assert "2 │ é = 1" in shown("text", Result([finding(location=Location(2, 1, 2, 2))]), view)

    def test_takes_the_text_of_standard_input_for_its_file_however_that_is_spelled(self, tmp_path: Path) -> None:
        view = View(cwd=tmp_path, sources={"./train.py": SOURCE})
        assert "8 │ loss(d, x).backward()" in shown("text", Result([FINDING]), view)

    def test_lets_no_control_sequence_of_the_source_through(self, view: View) -> None:
        (view.cwd / "train.py").write_text("x = '\x1b[31m'\n")
        out = report.load("text").render(Result([finding(location=Location(1, 1, 1, 2), message="\x1b[2J")]), view)
        assert "\x1b[31m'" not in out and "\x1b[2J" not in out


class TestSummary:
    def last_lines(self, result: Result) -> str:
        return shown("text", result, View())

    def test_counts_files_findings_and_objectives(self) -> None:
        out = self.last_lines(RESULT)
        assert "Found 1 finding in 1 of 2 files (1 could not be analysed)." in out
        assert "Traced 3 objectives: 1 consistent, 0 by-name, 0 intended, 1 wrong, 1 unresolved." in out

    def test_does_not_let_silence_look_like_success(self) -> None:
        out = self.last_lines(Result(files=1, objectives=[objective(Status.UNRESOLVED, "why")]))
        assert "Found nothing in 1 file." in out
        assert "not judged, right or wrong: `vaelint objectives` says why." in out
        assert "No objective was traced" in self.last_lines(Result(files=1))

    def test_says_nothing_of_unresolved_objectives_where_there_are_none(self) -> None:
        assert "vaelint objectives" not in self.last_lines(Result(files=1, objectives=[objective(Status.CONSISTENT)]))


class TestConcise:
    def test_is_one_line_a_finding(self, view: View) -> None:
        found = finding(message="one\ntwo")
        assert shown("concise", Result([found]), replace(view, quiet=True)) == "train.py:8:1: VL101 one two [certain]\n"


class TestJson:
    def test_has_the_keys_of_ruff_and_the_trace(self, view: View) -> None:
        (listed,) = json.loads(shown("json", Result([FINDING]), view))
        assert listed == {
            "code": "VL101",
            "name": "likelihood-minimized",
            "message": "`loss(d, x)` is a log-likelihood ↑, and `optimizer` minimises it",
            "filename": "train.py",
            "location": {"row": 8, "column": 1},
            "end_location": {"row": 8, "column": 11},
            "cell": None,
            "noqa_row": 8,
            "severity": "error",
            "confidence": "certain",
            "help": "negate it: `(-loss(d, x)).backward()`",
            "trace": [
                {
                    "filename": "train.py",
                    "location": {"row": 4, "column": 13},
                    "cell": None,
                    "message": "`log_prob` is a log density ↑",
                },
                {
                    "filename": "train.py",
                    "location": {"row": 5, "column": 12},
                    "cell": None,
                    "message": "`loss` returns it ↑",
                },
            ],
            "sides": [
                {"what": "value", "basis": "library", "roles": None},
                {"what": "direction", "basis": "structure", "roles": None},
            ],
            "assumptions": [],
            "example": None,
            "related": [],
            "hidden": None,
            "fix": {
                "applicability": "unsafe",
                "message": "negate it",
                "edits": [
                    {
                        "content": "(-loss(d, x))",
                        "location": {"row": 8, "column": 1},
                        "end_location": {"row": 8, "column": 11},
                        "cell": None,
                    }
                ],
            },
            "url": "https://github.com/vaelint/vaelint/blob/main/docs/checks.md#vl101",
        }

    def test_has_the_numbers_of_an_example(self, view: View) -> None:
        (found,) = json.loads(shown("json", Result([finding(example=EXAMPLE)]), view))
        assert found["example"] == {
            "inputs": {"mu": 0.3, "logvar": 1.2},
            "value": -0.41,
            "expected": "a KL divergence is never below zero",
            "edit": "`- logvar`",
            "edited_value": 0.25,
        }

    def test_is_a_list_even_if_empty(self, view: View) -> None:
        assert shown("json", Result(), view) == "[]\n"

    @pytest.mark.parametrize(
        ("code", "confidence", "severity"),
        [
            ("VL101", Confidence.CERTAIN, "error"),
            ("VL101", Confidence.LIKELY, "warning"),
            ("VL301", Confidence.CERTAIN, "warning"),
            ("VL101", Confidence.POSSIBLE, "info"),
        ],
    )
    def test_grades_by_confidence_and_a_name_as_a_warning(
        self, view: View, code: str, confidence: Confidence, severity: str
    ) -> None:
        found = finding(code=code, confidence=confidence)
        assert json.loads(shown("json", Result([found]), view))[0]["severity"] == severity


class TestSarif:
    def run(self, result: Result, view: View) -> dict[str, Any]:
        log = json.loads(shown("sarif", result, view))
        assert log["version"] == "2.1.0"
        run: dict[str, Any] = log["runs"][0]
        return run

    def test_places_a_result_by_relative_uri_and_rule(self, view: View) -> None:
        run = self.run(Result([finding(filename="a b/train.py")]), view)
        (found,) = run["results"]
        assert (found["ruleId"], found["level"]) == ("VL101", "error")
        place = found["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "a%20b/train.py"
        assert place["region"] == {"startLine": 8, "startColumn": 1, "endLine": 8, "endColumn": 11}

    def test_carries_the_trace_as_a_code_flow(self, view: View) -> None:
        flow = self.run(RESULT, view)["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"]
        assert [step["location"]["message"]["text"] for step in flow] == [s.message for s in FINDING.trace]

    def test_shows_an_example_in_the_message_and_as_a_property(self, view: View) -> None:
        (plain,) = self.run(RESULT, view)["results"]
        assert "example" not in plain["properties"]
        (found,) = self.run(Result([finding(example=EXAMPLE)]), view)["results"]
        assert found["message"]["text"].split("\n")[1] == f"For example: {TOLD}"
        assert found["properties"]["example"]["edited_value"] == 0.25

    def test_explains_its_rules(self, view: View) -> None:
        rules = self.run(RESULT, view)["tool"]["driver"]["rules"]
        assert "VL101" in [rule["id"] for rule in rules]
        assert all(rule["help"]["markdown"] and rule["shortDescription"]["text"] for rule in rules)

    def test_tells_of_a_file_that_could_not_be_read(self, view: View) -> None:
        (said,) = self.run(RESULT, view)["invocations"][0]["toolExecutionNotifications"]
        assert said["level"] == "error" and said["message"]["text"].startswith("cannot be read")

    def test_carries_the_confidence_the_bases_and_the_assumptions_as_properties(self, view: View) -> None:
        (found,) = self.run(Result([finding(assumptions=("`beta` is positive",))]), view)["results"]
        assert found["properties"] == {
            "confidence": "certain",
            "sides": [{"what": "value", "basis": "library"}, {"what": "direction", "basis": "structure"}],
            "assumptions": ["`beta` is positive"],
        }

    def test_marks_what_a_comment_suppresses(self, view: View) -> None:
        (found,) = self.run(Result([finding(hidden=Hidden.SUPPRESSED)]), view)["results"]
        assert found["suppressions"] == [{"kind": "inSource"}]

    def test_knows_a_finding_again_when_rows_move_and_tells_like_ones_apart(self, view: View) -> None:
        def prints(*findings: Finding) -> list[str]:
            results = self.run(Result(list(findings)), View(cwd=view.cwd))["results"]
            return [r["partialFingerprints"]["vaelint/v1"] for r in results]

        before = prints(FINDING)
        (view.cwd / "train.py").write_text("# moved\n" + SOURCE, "utf-8")
        moved = finding(location=Location(9, 1, 9, 11))
        assert prints(moved) == before
        assert len(set(prints(moved, moved))) == 2


class TestGithub:
    def test_annotates_the_rows(self, view: View) -> None:
        line = shown("github", Result([FINDING]), view).splitlines()[0]
        assert line.startswith(
            "::error title=VL101 (likelihood-minimized),file=train.py,line=8,col=1,endLine=8,endColumn=11::"
        )
        assert line.endswith("%0Ahelp: negate it: `(-loss(d, x)).backward()`")

    def test_escapes_what_would_end_a_command(self, view: View) -> None:
        line = shown("github", Result([finding(filename="a,b:c.py", message="50%\nmore")]), view).splitlines()[0]
        assert "file=a%2Cb%3Ac.py," in line and "50%25%0Amore" in line

    def test_gives_no_rows_for_a_notebook_that_cannot_be_read(self, view: View) -> None:
        found = finding(filename="a.ipynb", location=Location(2, 1, 2, 5, cell=3))
        line = shown("github", Result([found]), view).splitlines()[0]
        assert "line=" not in line and "a.ipynb:cell 3:2:1" in line


class TestPaths:
    def test_are_relative_below_the_working_directory_and_absolute_elsewhere(self, tmp_path: Path) -> None:
        view = View(cwd=tmp_path / "a")
        assert view.path(str(tmp_path / "a/b.py")) == str(Path("b.py"))
        assert view.path("./sub/../b.py") == "b.py"
        assert view.path("../b.py") == str(tmp_path / "b.py")
        assert view.path(str(tmp_path / "ab/c.py")) == str(tmp_path / "ab/c.py")


class TestAFindingThatConcernsTwoFiles:
    OTHER = Related("model.py", Location(2, 5, 2, 9), "minimised here (step)")

    def test_has_a_second_excerpt(self, view: View) -> None:
        (view.cwd / "model.py").write_text("def f():\n    loss.backward()\n")
        out = shown("text", Result([finding(related=(self.OTHER,))]), view)
        assert "  model.py:2:5 minimised here (step)\n  2 │     loss.backward()\n    │     ^^^^\n" in out

    def test_has_a_related_location_in_json_and_sarif(self, view: View) -> None:
        result = Result([finding(related=(self.OTHER,))])
        (listed,) = json.loads(shown("json", result, view))
        assert listed["related"] == [
            {
                "filename": "model.py",
                "location": {"row": 2, "column": 5},
                "end_location": {"row": 2, "column": 9},
                "cell": None,
                "message": "minimised here (step)",
            }
        ]
        (found,) = json.loads(shown("sarif", result, view))["runs"][0]["results"]
        (place,) = found["relatedLocations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"] == "model.py"
        assert place["message"]["text"] == "minimised here (step)"

    def test_is_counted_where_it_stands_if_that_was_not_passed(self, view: View) -> None:
        result = Result([FINDING], files=1, elsewhere=frozenset({"train.py"}))
        assert "Found 1 finding in 0 of 1 file, and in 1 more that it uses." in shown("text", result, view)


class TestSides:
    @pytest.mark.parametrize(
        ("sides", "line"),
        [
            (
                (Side("value", Basis.DOCUMENTED), Side("name", Basis.NAME)),
                "known from a docstring or comment; contradicts the name",
            ),
            (
                (Side("value", Basis.PROOF), Side("law", Basis.NAME, (Basis.NAME, Basis.STRUCTURE))),
                "known from computed numbers; contradicts what such a formula should be, "
                "known from the code itself and names alone",
            ),
        ],
    )
    def test_are_named_in_one_line(self, view: View, sides: tuple[Side, ...], line: str) -> None:
        assert f"\n  {line}\n" in shown("text", Result([finding(sides=sides)]), view)

    def test_and_assumptions_are_left_out_where_there_are_none(self, view: View) -> None:
        out = shown("text", Result([finding(sides=())]), view)
        assert "known from" not in out and "taken for granted" not in out

    def test_come_with_what_is_taken_for_granted(self, view: View) -> None:
        out = shown("text", Result([finding(assumptions=("`beta` is positive",))]), view)
        assert "\n  taken for granted: `beta` is positive\n" in out


def test_a_problem_does_not_show_among_findings(view: View) -> None:
    result = Result(problems=[Problem("broken.py", "invalid syntax")], files=1)
    assert json.loads(shown("json", result, view)) == []


class TestANarrowTerminal:
    """Prose is wrapped and code is cut, so that no row is wider; what goes elsewhere stays whole."""

    LONG = "loss = " + " + ".join(f"term_{i}" for i in range(30))

    @pytest.mark.parametrize("columns", [60, 80])
    def test_has_no_row_that_is_too_wide(self, view: View, columns: int) -> None:
        (view.cwd / "train.py").write_text(f"{self.LONG}\n" * 9, "utf-8")
        at = finding(message="a long message " * 20, help="a long help " * 20, location=Location(8, 1, 8, 200))
        out = shown("text", Result([at]), replace(view, columns=columns))
        assert max(map(width, out.splitlines())) <= columns
        assert "…" in out and out.count("long") == 40

    def test_shows_all_of_a_row_whose_carets_would_fall_off(self, view: View) -> None:
        (view.cwd / "train.py").write_text(f"{self.LONG}\n" * 9, "utf-8")
        at = finding(location=Location(8, 100, 8, 107), trace=())
        assert self.LONG in shown("text", Result([at]), replace(view, columns=60))

    def test_is_not_assumed_of_what_is_written_elsewhere(self, view: View) -> None:
        (view.cwd / "train.py").write_text(f"{self.LONG}\n" * 9, "utf-8")
        assert self.LONG in shown("text", Result([FINDING]), view)
