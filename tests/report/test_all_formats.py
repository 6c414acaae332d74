"""The same three findings in every format: one of a file, one of a notebook's cell, one of two files."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import click
import pytest

from tests.report.samples import FINDING, SOURCE, finding
from vaelint import report
from vaelint.evidence import Confidence
from vaelint.finding import Finding, Location, Related, Result
from vaelint.report import View

NOTEBOOK = """\
{
 "cells": [
  {"cell_type": "markdown", "source": ["about"]},
  {
   "cell_type": "code",
   "source": [
    "import torch\\n",
    "loss = ll"
   ]
  }
 ]
}
"""
IN_CELL = finding(filename="a.ipynb", location=Location(2, 1, 2, 5, cell=2), trace=(), fix=None)
ACROSS = finding(
    filename="model.py",
    message="50% | <b> & `a | b`",
    location=Location(2, 5, 2, 9),
    confidence=Confidence.LIKELY,
    related=(Related("train.py", Location(8, 1, 8, 11), "minimised here"),),
    fix=None,
)
FINDINGS = [FINDING, IN_CELL, ACROSS]


@pytest.fixture
def view(tmp_path: Path) -> View:
    (tmp_path / "train.py").write_text(SOURCE, "utf-8")
    (tmp_path / "a.ipynb").write_text(NOTEBOOK, "utf-8")
    (tmp_path / "model.py").write_text("def f():\n    loss = ll\n", "utf-8")
    return View(cwd=tmp_path)


def shown(name: str, view: View, findings: list[Finding] | None = None) -> str:
    result = Result(FINDINGS if findings is None else findings, files=3)
    return click.unstyle(report.load(name).render(result, view))


def parsed(name: str, view: View) -> Any:
    return json.loads(shown(name, view))


@pytest.mark.parametrize("name", report.names())
def test_each_names_every_finding_with_its_file_and_how_sure_it_is(view: View, name: str) -> None:
    out = shown(name, view)
    for f in FINDINGS:
        assert f.code in out and f.filename.removesuffix(".py") in out
    assert out.count("certain") >= 2 and "likely" in out


@pytest.mark.parametrize("name", ["azure", "github", "gitlab", "junit", "pylint", "rdjson", "sarif"])
def test_each_gives_the_line_of_the_file_for_a_cell_of_a_notebook(view: View, name: str) -> None:
    line = {
        "azure": "sourcepath=a.ipynb;linenumber=8;",
        "github": "file=a.ipynb,line=8:",
        "gitlab": '"begin": 8',
        "junit": 'line="8"',
        "pylint": "a.ipynb:8: [VL101]",
        "rdjson": '"line": 8',
        "sarif": '"startLine": 8',
    }[name]
    assert line in shown(name, view, [IN_CELL])


def test_what_is_for_people_ends_with_how_many_can_be_fixed(view: View) -> None:
    for name in ("text", "full", "concise", "grouped", "markdown"):
        assert "1 fixable with `--fix --unsafe-fixes`" in shown(name, view).replace("\\", "")
    assert "fixable" not in shown("concise", view, [IN_CELL])


def test_gitlab_knows_each_by_a_fingerprint(view: View) -> None:
    listed = parsed("gitlab", view)
    assert len({issue["fingerprint"] for issue in listed}) == 3
    assert {issue["severity"] for issue in listed} <= {"info", "minor", "major", "critical", "blocker"}
    assert listed[0]["location"] == {"path": "train.py", "lines": {"begin": 8}}


def test_gitlab_gives_paths_as_the_project_has_them(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_PROJECT_DIR", str(view.cwd.parent))
    assert parsed("gitlab", view)[0]["location"]["path"] == f"{view.cwd.name}/train.py"


def test_junit_is_one_suite_a_file_and_one_failure_a_finding(view: View) -> None:
    root = ElementTree.fromstring(shown("junit", view))
    assert [suite.get("name") for suite in root] == ["train.py", "a.ipynb", "model.py"]
    failures = [case.find("failure") for case in root.iter("testcase")]
    assert [f is not None for f in failures] == [True] * 3
    assert failures[2] is not None and failures[2].get("message") == ACROSS.message
    empty = ElementTree.fromstring(shown("junit", view, []))
    assert [case.get("name") for case in empty.iter("testcase")] == ["No findings"]


def test_azure_escapes_what_would_end_a_command(view: View) -> None:
    (line,) = [row for row in shown("azure", view).splitlines() if "model.py" in row]
    assert line == (
        "##vso[task.logissue type=warning;sourcepath=model.py;linenumber=2;columnnumber=5;code=VL101;]"
        "50%AZP25 | <b> & `a | b` [likely]"
    )


def test_rdjson_offers_the_edit(view: View) -> None:
    first = parsed("rdjson", view)["diagnostics"][0]
    assert first["suggestions"][0]["text"] == "(-loss(d, x))"
    assert first["code"]["url"].endswith("#vl101")


def test_json_lines_are_the_entries_of_the_json(view: View) -> None:
    assert [json.loads(line) for line in shown("json-lines", view).splitlines()] == parsed("json", view)


def test_paths_are_absolute_where_a_program_wants_those_of_ruff(view: View) -> None:
    from dataclasses import replace

    assert parsed("json", replace(view, absolute=True))[0]["filename"] == str(view.cwd / "train.py")


def test_markdown_keeps_a_row_of_its_table_a_row(view: View) -> None:
    rows = [line for line in shown("markdown", view).splitlines() if line.startswith("| `")]
    assert len(rows) == 3 and all(row.replace("\\|", "").count("|") == 5 for row in rows)
    assert "\\<b\\>" in rows[2]


def test_sarif_offers_the_edit_and_describes_its_rules(view: View) -> None:
    run = parsed("sarif", view)["runs"][0]
    driver = run["tool"]["driver"]
    assert driver["version"] and driver["informationUri"].startswith("https://")
    for rule in driver["rules"]:
        assert (
            rule["fullDescription"]["text"]
            and rule["helpUri"]
            and rule["name"][0].isupper()
            and "-" not in rule["name"]
        )
    (change,) = run["results"][0]["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"] == {"text": "(-loss(d, x))"}
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"]["snippet"]["text"] == "loss(d, x).backward()"


@pytest.mark.skipif(shutil.which("sarif-multitool") is None, reason="Microsoft's sarif-multitool is not installed")
def test_microsofts_multitool_finds_no_fault_with_sarif(view: View, tmp_path: Path) -> None:
    """`npm install --global @microsoft/sarif-multitool`; its notes ask for what is optional."""
    (tmp_path / "out.sarif").write_text(shown("sarif", view), "utf-8")
    command = ["sarif-multitool", "validate", "out.sarif", "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert said.returncode == 0 and not re.findall(r"\b(?:error|warning) \w+\d+", said.stdout), said.stdout


def test_a_fingerprint_survives_moved_rows_and_knows_the_function_around_it(view: View) -> None:
    from vaelint.report._fingerprint import fingerprints

    at = finding(filename="b.py", location=Location(2, 5, 2, 9))
    source = "def f():\n    loss = ll\n"
    (view.cwd / "b.py").write_text(source)
    before = fingerprints([at], View(cwd=view.cwd))
    (view.cwd / "b.py").write_text("import torch\n\n\n" + source)
    moved = finding(filename="b.py", location=Location(5, 5, 5, 9))
    assert fingerprints([moved], View(cwd=view.cwd)) == before
    (view.cwd / "b.py").write_text(source.replace("def f", "def g"))
    assert fingerprints([at], View(cwd=view.cwd)) != before
