"""The table of first runs on unread code says what the verdicts say."""

from __future__ import annotations

import csv
import re
from collections import Counter

from bench.places import REPOSITORY

TEXT = (REPOSITORY / "bench" / "UNREAD.md").read_text("utf-8")
with (REPOSITORY / "bench" / "unread.tsv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
VERDICTS = ("bug", "naming", "arguable", "wrong")


def test_every_finding_has_a_verdict_and_a_reason() -> None:
    assert all(r["verdict"] in VERDICTS and r["reason"] for r in ROWS)


def test_the_table_counts_them() -> None:
    for line in re.findall(r"^\| (\d+) \| (.+) \|$", TEXT, re.M):
        cells = line[1].split(" | ")
        mine = Counter(r["verdict"] for r in ROWS if r["round"] == line[0])
        right = mine["bug"] + mine["naming"]
        share = f"{100 * right / (right + mine['wrong']):.0f} %"
        assert cells[2:] == [str(mine.total()), *(str(mine[v]) for v in VERDICTS), share]
    assert {r["round"] for r in ROWS} == {m[0] for m in re.findall(r"^\| (\d+) \| (.+) \|$", TEXT, re.M)}


def test_bunches_are_counted_once_for_each_package_and_check() -> None:
    groups: dict[tuple[str, str, str], set[str]] = {}
    for r in ROWS:
        groups.setdefault((r["round"], r["package"], r["code"]), set()).add(r["verdict"])
    judged = [g for g in groups.values() if g != {"arguable"}]
    said = re.search(r"(\d+) of (\d+) are right", TEXT)
    assert said is not None
    assert said.groups() == (str(sum("wrong" not in g for g in judged)), str(len(judged)))
