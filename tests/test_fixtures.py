"""The linter on whole files: what must be reported, and what must not.

``silent/``    one file a rule of what real code is like; nothing may be reported.
``reported/``  one bug a file, marked ``# expect: VL101`` (or ``VL101|VL201``) on its line, and its corrected twin.
               ``# known-miss: VL101 reason`` marks a line that is missed for a real limit.
``cases/``     reconstructions of public reports: ``# BUG: kind`` and ``# BUG-ALT`` mark acceptable lines. What is
               missed stands in ``KNOWN_MISSES.tsv``.

A known miss that is found fails the test, too: take it off the list.
"""

from __future__ import annotations

import csv
import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.runs import CASES, FIXTURES, REPORTED, SILENT, Runs, analyse, config
from vaelint.finding import Finding, Status

KNOWN_MISSES = CASES / "KNOWN_MISSES.tsv"

# The codes that say what a label of the cases says.
KINDS = {
    "likelihood-minimized": {"VL203", "VL101", "VL102", "VL202"},
    "loss-maximized": {"VL203", "VL101", "VL102", "VL202"},
    "mixed-signs": {"VL203", "VL201", "VL401", "VL402", "VL101"},
    "misnamed": {"VL203", "VL301", "VL302"},
    "wrong-formula-sign": {"VL203", "VL401", "VL402", "VL403", "VL201", "VL101", "VL301", "VL302"},
    "selection-direction": {"VL501", "VL502"},
    "double-negation": {"VL203", "VL202", "VL403", "VL101", "VL102"},
}


class Spot(NamedTuple):
    """A line; ``cell`` is 0 in a file that is no notebook."""

    cell: int
    row: int


def files(folder: Path) -> list[Path]:
    return sorted(f for f in folder.rglob("*") if f.suffix in (".py", ".ipynb"))


def name_of(path: Path) -> str:
    return path.relative_to(FIXTURES).as_posix()


def lines(path: Path) -> list[tuple[Spot, str]]:
    """The lines of code: of a notebook those of its code cells, numbered by cell."""
    text = path.read_text("utf-8")
    if path.suffix != ".ipynb":
        return [(Spot(0, row), line) for row, line in enumerate(text.splitlines(), 1)]
    out = []
    for number, cell in enumerate(json.loads(text)["cells"], 1):
        if cell["cell_type"] == "code":
            out += [(Spot(number, row), line) for row, line in enumerate("".join(cell["source"]).splitlines(), 1)]
    return out


def spot(finding: Finding) -> Spot:
    return Spot(finding.location.cell or 0, finding.location.row)


def told(found: list[Finding]) -> str:
    return "".join(f"\n  {f.filename}:{spot(f).row} {f.code} {f.message}" for f in found) or " nothing"


def claims_clean(path: Path) -> bool:
    first = next((line for _, line in lines(path)), "")
    return first.startswith("# CLEAN")


# --- silence -------------------------------------------------------------------------------------

CLEAN = [(folder, f) for folder in (SILENT, REPORTED, CASES) for f in files(folder) if claims_clean(f)]


@pytest.mark.parametrize("folder, path", CLEAN, ids=[name_of(f) for _, f in CLEAN])
def test_clean_file_is_silent(runs: Runs, folder: Path, path: Path) -> None:
    found = runs.found_in(folder, path)
    assert not found, f"a false alarm; {lines(path)[0][1]}{told(found)}"


def test_every_silent_file_names_its_rule() -> None:
    assert files(SILENT)
    assert not [name_of(f) for f in files(SILENT) if not re.match(r"# CLEAN: \S", lines(f)[0][1])]


# --- reports -------------------------------------------------------------------------------------

EXPECT = re.compile(r"#\s*expect:\s*(VL\d{3}(?:\|VL\d{3})*)")
KNOWN_MISS = re.compile(r"#\s*known-miss:\s*(VL\d{3}(?:\|VL\d{3})*)\s*(.*)")
BUGS = [f for f in files(REPORTED) if not claims_clean(f)]


def marked(path: Path, pattern: re.Pattern[str]) -> dict[Spot, set[str]]:
    return {at: set(m[1].split("|")) for at, line in lines(path) if (m := pattern.search(line))}


@pytest.mark.parametrize("path", BUGS, ids=name_of)
def test_bug_is_reported(runs: Runs, path: Path) -> None:
    expected, missed = marked(path, EXPECT), marked(path, KNOWN_MISS)
    assert expected or missed, "no line is marked"
    found = runs.found_in(REPORTED, path)
    for at, codes in expected.items():
        assert [f for f in found if spot(f) == at and f.code in codes], f"missed {codes} at {at}; found:{told(found)}"
    for at, codes in missed.items():
        assert not [f for f in found if spot(f) == at and f.code in codes], f"now found at {at}: mark it `# expect:`"
    others = [f for f in found if spot(f) not in expected]
    assert not others, f"reported on a line that is not marked:{told(others)}"


# The loss that was meant is one that the library is given the name of: that no objective is seen there, is a limit.
NAMED_BY_A_STRING = {"reported/wrapped_regressor_r_squared.py"}


@pytest.mark.parametrize("path", BUGS, ids=name_of)
def test_the_corrected_twin_is_silent_because_it_is_right_and_not_because_less_is_seen(runs: Runs, path: Path) -> None:
    twin = path.with_name(f"{path.stem}_fixed{path.suffix}")
    assert twin.exists() and claims_clean(twin)
    assert not runs.found_in(REPORTED, twin)
    before, after = runs.objectives_in(REPORTED, path), runs.objectives_in(REPORTED, twin)
    assert len(after) >= len(before) or name_of(path) in NAMED_BY_A_STRING
    assert Status.WRONG not in {o.status for o in after}


@pytest.mark.parametrize("path", BUGS, ids=name_of)
def test_one_mistake_is_one_finding(runs: Runs, path: Path) -> None:
    found = runs.found_in(REPORTED, path)
    assert len(found) <= len(marked(path, EXPECT)), told(found)


def test_known_misses_give_a_reason() -> None:
    for path in BUGS:
        for _, line in lines(path):
            m = KNOWN_MISS.search(line)
            assert m is None or len(m[2]) > 10, f"{name_of(path)}: {line}"


# --- cases ---------------------------------------------------------------------------------------

BUG = re.compile(r"#\s*BUG(?:-ALT)?\b:?\s*([\w-]*)")
CASE_BUGS = [f for f in files(CASES) if not claims_clean(f)]


def case_name(path: Path) -> str:
    return path.relative_to(CASES).as_posix()


def label(path: Path) -> tuple[str, set[Spot]]:
    """The kind of the bug, and the lines it may be reported on."""
    hits = [(at, m[1]) for at, line in lines(path) if (m := BUG.search(line))]
    return next(kind for _, kind in hits if kind), {at for at, _ in hits}


@cache
def index(folder: Path) -> dict[str, str]:
    """File → its row in the folder's INDEX.tsv, which may grant further kinds."""
    rows = (folder / "INDEX.tsv").read_text("utf-8").splitlines()
    return {row.split("\t")[0]: row for row in rows}


def acceptable(path: Path, kind: str) -> set[str]:
    granted = re.findall(r"also acceptable: ([\w, -]*)", index(path.parent).get(path.name, ""))
    kinds = {kind, *(k.strip() for more in granted for k in more.split(","))}
    return set().union(*(KINDS.get(k, set()) for k in kinds))


def known_misses() -> dict[str, tuple[str, str]]:
    with KNOWN_MISSES.open(encoding="utf-8", newline="") as f:
        return {r["file"]: (r["kind"], r["reason"]) for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)}


@pytest.mark.parametrize("path", CASE_BUGS, ids=case_name)
def test_case_is_reported_or_a_known_miss(runs: Runs, path: Path) -> None:
    kind, spots = label(path)
    found = runs.found_in(CASES, path)
    right = [f for f in found if spot(f) in spots and f.code in acceptable(path, kind)]
    if case_name(path) in known_misses():
        assert not right, f"now found: remove it from the list{told(right)}"
    else:
        assert right, f"{kind} at rows {sorted(s.row for s in spots)} is missed; found:{told(found)}"


def test_known_misses_are_cases() -> None:
    kinds = {case_name(f): label(f)[0] for f in CASE_BUGS}
    for file, (kind, reason) in known_misses().items():
        assert kinds.get(file) == kind, f"{file}: no such case, or not of this kind"
        assert reason and len(reason) > 10, f"{file}: give the reason"


# --- runs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", [SILENT, REPORTED, CASES], ids=lambda f: f.name)
def test_every_file_is_read(runs: Runs, folder: Path) -> None:
    result = runs.over(folder)
    assert result.files == len(files(folder))
    assert not result.problems


SAMPLE = [(folder, f) for folder in (SILENT, REPORTED, CASES) for f in files(folder)[::7]]


@pytest.mark.parametrize("folder, path", SAMPLE, ids=[name_of(f) for _, f in SAMPLE])
def test_verdict_does_not_depend_on_the_other_files(runs: Runs, folder: Path, path: Path) -> None:
    alone = analyse([path], config(folder), project=runs.surroundings)
    assert alone.findings == runs.found_in(folder, path)
    assert alone.objectives == runs.objectives_in(folder, path)
