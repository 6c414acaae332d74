"""The labelled fixtures: how many bugs are found, by kind, and how many clean files are not silent.

``# BUG: kind`` and ``# BUG-ALT`` mark the lines where a finding counts (``cases/``), ``# expect: VL101`` and
``# known-miss: VL101`` likewise (``reported/``). A file without such a mark must stay silent.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from bench.places import REPOSITORY, RESULTS, stdout, tool_version, write_json

FIXTURES = REPOSITORY / "tests" / "fixtures"
RECORDED = RESULTS / "cases.json"

# The codes that say what a label says.
KINDS = {
    "likelihood-minimized": {"VL203", "VL101", "VL102", "VL202"},
    "loss-maximized": {"VL203", "VL101", "VL102", "VL202"},
    "mixed-signs": {"VL203", "VL201", "VL401", "VL402", "VL101"},
    "misnamed": {"VL203", "VL301", "VL302"},
    "wrong-formula-sign": {"VL203", "VL401", "VL402", "VL201", "VL101", "VL301", "VL302"},
    "selection-direction": {"VL501", "VL502"},
    "double-negation": {"VL203", "VL202", "VL101", "VL102"},
}
_BUG = re.compile(r"#\s*BUG(?:-ALT)?\b:?\s*([\w-]*)")
_EXPECT = re.compile(r"#\s*(?:expect|known-miss):\s*(VL\d{3}(?:\|VL\d{3})*)")


class Case(NamedTuple):
    """``marks`` are (cell, row), cell 0 outside notebooks; ``codes`` those that name the bug rightly."""

    path: Path
    kind: str
    marks: frozenset[tuple[int, int]]
    codes: frozenset[str]


class Outcome(NamedTuple):
    case: Case
    hit: bool  # a finding on a marked line
    exact: bool  # of a code that says what the bug is
    others: int  # findings elsewhere in the file
    codes: frozenset[str] = frozenset()  # of what was found on marked lines


def numbered(path: Path) -> Iterator[tuple[int, int, str]]:
    """(cell, row, line) of the code; cells count from 1 and all of them count."""
    text = path.read_text("utf-8")
    if path.suffix != ".ipynb":
        yield from ((0, row, line) for row, line in enumerate(text.splitlines(), 1))
        return
    for number, cell in enumerate(json.loads(text)["cells"], 1):
        if cell["cell_type"] == "code":
            yield from ((number, row, line) for row, line in enumerate("".join(cell["source"]).splitlines(), 1))


def read_case(path: Path, granted: Iterable[str] = ()) -> Case:
    """``granted`` are kinds that are acceptable besides the label's."""
    marks, kind, codes = set(), "", set[str]()
    for cell, row, line in numbered(path):
        if m := _BUG.search(line):
            marks.add((cell, row))
            kind = kind or m[1]
        elif m := _EXPECT.search(line):
            marks.add((cell, row))
            codes.update(m[1].split("|"))
    if marks and not codes:
        codes = set().union(*(KINDS.get(k, set()) for k in (kind, *granted)))
    return Case(path, kind or ("reported" if marks else "clean"), frozenset(marks), frozenset(codes))


def judge(case: Case, findings: Iterable[tuple[int, int, str]]) -> Outcome:
    """``findings`` of the case's file are (cell, row, code)."""
    found = list(findings)
    at = [(cell, row, code) for cell, row, code in found if (cell, row) in case.marks]
    return Outcome(
        case,
        bool(at),
        any(code in case.codes for _, _, code in at),
        len(found) - len(at),
        frozenset(code for _, _, code in at),
    )


def gather() -> list[Case]:
    paths = (p for p in sorted(FIXTURES.rglob("*")) if p.suffix in (".py", ".ipynb"))
    return [read_case(path, _granted(path)) for path in paths]


def _granted(path: Path) -> list[str]:
    index = path.parent / "INDEX.tsv"
    if not index.exists():
        return []
    row = next((r for r in index.read_text("utf-8").splitlines() if r.split("\t")[0] == path.name), "")
    return [k.strip() for more in re.findall(r"also acceptable: ([\w, -]*)", row) for k in more.split(",")]


def known_misses() -> set[str]:
    with (FIXTURES / "cases" / "KNOWN_MISSES.tsv").open(encoding="utf-8", newline="") as f:
        return {r["file"] for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)}


def run(*, verbose: bool, record: bool) -> int:
    from vaelint.config import Config
    from vaelint.engine import analyse

    console = stdout()
    found: dict[Path, list[tuple[int, int, str]]] = defaultdict(list)
    for folder in sorted({c.path.parent for c in gather()}):
        for f in analyse([folder], Config()).findings:
            found[Path(f.filename).resolve()].append((f.location.cell or 0, f.location.row, f.code))
    outcomes = [judge(case, found.get(case.path.resolve(), [])) for case in gather()]
    made = summary(outcomes, known_misses())
    _show(console, made, outcomes, verbose)
    if record:
        write_json(RECORDED, {"tool": tool_version(), **made})
    return 1 if made["new_misses"] or made["false_alarms"] else 0


def _name(path: Path) -> str:
    return path.relative_to(FIXTURES).as_posix().removeprefix("cases/")


def summary(outcomes: list[Outcome], known: set[str]) -> dict[str, object]:
    bugs = [o for o in outcomes if o.case.marks]
    clean = [o for o in outcomes if not o.case.marks]
    n, hit, exact = Counter[str](), Counter[str](), Counter[str]()
    for o in bugs:
        n[o.case.kind] += 1
        hit[o.case.kind] += o.hit
        exact[o.case.kind] += o.exact
    cases = [o for o in bugs if o.case.kind != "reported"]
    missed = sorted(_name(o.case.path) for o in cases if not o.hit)
    return {
        "kinds": {k: {"cases": n[k], "found": hit[k], "right_kind": exact[k]} for k in sorted(n)},
        "cases": len(cases),
        "found": sum(o.hit for o in cases),
        "right_kind": sum(o.exact for o in cases),
        "by_code": dict(sorted(Counter(code for o in bugs for code in o.codes).items())),
        "clean": len(clean),
        "false_alarms": sorted(_name(o.case.path) for o in clean if o.others),
        "extra_findings": sum(o.others for o in bugs),
        "known_misses": sorted(known & set(missed)),
        "new_misses": sorted(set(missed) - known),
    }


def _show(console: Console, made: dict[str, object], outcomes: list[Outcome], verbose: bool) -> None:
    table = Table("kind", "cases", "found", "right kind")
    kinds = made["kinds"]
    assert isinstance(kinds, dict)
    for kind, t in kinds.items():
        table.add_row(kind, str(t["cases"]), str(t["found"]), str(t["right_kind"]))
    console.print(table)
    if verbose:
        for o in outcomes:
            if o.case.marks and not o.exact:
                how = "found as another kind" if o.hit else "missed"
                console.print(f"{how}: {_name(o.case.path)} ({o.case.kind})", markup=False)
    for name in ("false_alarms", "new_misses"):
        if made[name]:
            console.print(f"{name.replace('_', ' ')}: {made[name]}", markup=False)
    cases, found = made["cases"], made["found"]
    assert isinstance(cases, int) and isinstance(found, int)
    alarms, known = made["false_alarms"], made["known_misses"]
    assert isinstance(alarms, list) and isinstance(known, list)
    console.print(
        f"recall {found}/{cases} = {found / max(cases, 1):.1%}, of the right kind {made['right_kind']}; "
        f"false alarms {len(alarms)}/{made['clean']} clean files; extra findings in files with a bug "
        f"{made['extra_findings']}; known misses {len(known)}"
    )
