"""The examples in each check's own file are its documentation and its first tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.checks import Check, all_checks
from vaelint.config import Config
from vaelint.finding import Finding

pytestmark = pytest.mark.usefixtures("elsewhere")
EXPECT = re.compile(r"#\s*expect:\s*(VL\d{3})")
BAD = [(c, text, f"{c.code}-bad-{i}") for c in all_checks() for i, text in enumerate(c.bad)]
GOOD = [(c, text, f"{c.code}-good-{i}") for c in all_checks() for i, text in enumerate(c.good)]


def findings(text: str) -> list[Finding]:
    result = analyse([], Config(), stdin=("example.py", text))
    assert not result.problems
    return result.findings


@pytest.mark.parametrize("check, text", [e[:2] for e in BAD], ids=[e[2] for e in BAD])
def test_bad_example_is_reported_where_it_says(check: Check, text: str) -> None:
    expected = {(row, m[1]) for row, line in enumerate(text.splitlines(), 1) if (m := EXPECT.search(line))}
    assert check.code in {code for _, code in expected}
    assert {(f.location.row, f.code) for f in findings(text)} == expected


@pytest.mark.parametrize("check, text", [e[:2] for e in GOOD], ids=[e[2] for e in GOOD])
def test_good_example_is_silent(check: Check, text: str) -> None:
    assert not EXPECT.search(text)
    assert findings(text) == []


@pytest.mark.parametrize("check, text", [e[:2] for e in BAD], ids=[e[2] for e in BAD])
def test_finding_explains_itself(check: Check, text: str) -> None:
    for finding in findings(text):
        assert finding.name == next(c.name for c in all_checks() if c.code == finding.code)
        assert finding.message and finding.help
        rows = len(text.splitlines())
        for step in finding.trace:
            assert step.message and 1 <= step.location.row <= rows


@pytest.mark.parametrize("check", all_checks(), ids=lambda c: c.code)
def test_check_is_documented(check: Check) -> None:
    assert re.fullmatch(r"VL\d{3}", check.code) and re.fullmatch(r"[a-z]+(-[a-z]+)*", check.name)
    assert check.code == "VL000" or (check.bad and check.good)  # no code makes vaelint fail on purpose
    for heading in ("What it does", "Why is this bad?", "Example", "Use instead", "Known limitations"):
        assert f"## {heading}" in check.doc


def test_codes_and_files_agree() -> None:
    codes = [c.code for c in all_checks()]
    assert codes == sorted(set(codes))
    folder = Path(__file__).parents[1] / "vaelint" / "checks"
    assert codes == sorted(p.stem.upper() for p in folder.glob("vl*.py"))
