"""Flips: packages are drawn once, and everything but a new finding about a flip counts against vaelint."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from bench.flips import run, sample
from bench.flips.judge import outcome, share
from bench.flips.sample import Used
from bench.mutants.choose import Mutant, choose
from bench.mutants.text import Edit
from bench.packages import Package
from bench.places import REPOSITORY

# --- the sample ----------------------------------------------------------------------------------

POOL = [Package(name, "1.0", "losses") for name in ("a", "b", "C_c", "d", "e")]


def test_nothing_is_listed_as_used_twice() -> None:
    keys = [u.key for u in sample.read_used()]
    assert len(set(keys)) == len(keys) > 500
    assert all(u.what in ("package", "repository") and u.when and u.reason for u in sample.read_used())


def test_the_corpus_and_whatever_had_a_finding_is_listed_as_used() -> None:
    keys = {u.key for u in sample.read_used()}
    corpus = {Used("package", r["name"], "", "").key for r in sample.rows(REPOSITORY / "bench" / "corpus.tsv")}
    unread = {r["package"].split(" ")[0] for r in sample.rows(REPOSITORY / "bench" / "unread.tsv")}
    read = {Used("repository" if "/" in name else "package", name, "", "").key for name in unread}
    assert corpus | read <= keys


def test_the_pool_holds_nothing_that_was_used_before_it_was_made() -> None:
    drawn = {u.key for u in sample.read_used() if u.reason.startswith("drawn for ")}
    before = {u.key for u in sample.read_used()} - drawn
    assert not before & {Used("package", p.name, "", "").key for p in sample.read_pool()}


def test_what_is_pinned_was_drawn_with_that_seed() -> None:
    holding = {u.key: u.reason for u in sample.read_used()}
    for seed, packages in sample.read_drawn().items():
        assert len({p.name for p in packages}) == len(packages)
        for p in packages:
            assert holding["package", p.name] == f"drawn for bench flips, seed {seed}: sites"


def test_a_seed_draws_the_same_each_time_and_another_seed_another_order() -> None:
    orders = [[p.name for p in sample.fresh(POOL, [], (), seed)] for seed in (1, 1, 2, 3)]
    assert orders[0] == orders[1]
    assert len({tuple(o) for o in orders}) > 1
    assert all(sorted(o) == ["C_c", "a", "b", "d", "e"] for o in orders)


def test_what_was_used_or_is_kept_apart_is_never_drawn(tmp_path: Path) -> None:
    used = [Used("package", "A", "", ""), Used("repository", "somebody/b", "", "")]
    apart = tmp_path / "apart.tsv"
    apart.write_text("what\tname\trule\npackage\tc-c (d-core), x\tno\nrepository\tsomebody/e\tno\nreport\to/d#1\tno\n")
    assert [p.name for p in sample.fresh(POOL, used, sample.read_apart(apart), 1)] == ["d"]


def test_a_package_is_entered_once(tmp_path: Path) -> None:
    path = tmp_path / "used.tsv"
    sample.enter([Used("package", "b", "1", "first"), Used("package", "a", "1", "first")], path)
    sample.enter([Used("package", "B", "2", "second")], path)
    assert [(u.name, u.reason) for u in sample.read_used(path)] == [("a", "first"), ("b", "first")]


def test_a_second_draw_of_a_seed_adds_to_its_sample(tmp_path: Path) -> None:
    path = tmp_path / "flips.tsv"
    sample.pin(7, POOL[:1], path)
    sample.pin(7, POOL[1:2], path)
    assert [p.name for p in sample.read_drawn(path)[7]] == ["a", "b"]


# --- the verdict ---------------------------------------------------------------------------------

SPANS = [(1, 40, "train"), (50, 60, "other")]
OBJECTIVE = ("train", 20, "consistent", "")


def flip(operator: str = "negated-backward") -> Mutant:
    return Mutant("id", "package", operator, "a.py", 10, "train", Edit(0, 0, ""), "", "")


def result(*findings: tuple[str, int], objectives: tuple[tuple[str, int, str, str], ...] = ()) -> dict[str, object]:
    return {"findings": [(*f, "") for f in findings], "objectives": list(objectives), "error": ""}


def test_silence_is_a_miss() -> None:
    made = outcome(flip(), result(), result(), SPANS)
    assert (made["found"], made["status"]) == (False, "no objective")


def test_a_new_finding_finds_the_flip() -> None:
    made = outcome(flip(), result(), result(("VL101", 20)), SPANS)
    assert (made["found"], made["codes"], made["status"]) == (True, ["VL101"], "")


def test_a_finding_that_was_there_before_finds_nothing() -> None:
    assert not outcome(flip(), result(("VL101", 30)), result(("VL101", 30)), SPANS)["found"]


def test_a_site_that_is_reported_as_it_stands_counts_against() -> None:
    made = outcome(flip(), result(("VL101", 12)), result(("VL102", 12), objectives=(OBJECTIVE,)), SPANS)
    assert (made["found"], made["reported"]) == (False, True)
    assert share([{**flip()._asdict(), **made}])["false_consistent"] == 0


@pytest.mark.parametrize("status", ["consistent", "by-name", "intended", "unresolved"])
def test_a_miss_has_the_status_of_the_next_objective_below_it(status: str) -> None:
    after = result(objectives=(("train", 2, "wrong", ""), ("train", 20, status, ""), ("other", 55, "wrong", "")))
    made = {**flip()._asdict(), **outcome(flip(), result(), after, SPANS)}
    counted = share([made])
    assert counted["missed"] == {status: 1}
    assert counted["false_consistent"] == (status == "consistent")


def test_a_setting_has_no_objective_to_be_called_consistent() -> None:
    made = {
        **flip("flip-mode")._asdict(),
        **outcome(flip("flip-mode"), result(), result(objectives=(OBJECTIVE,)), SPANS),
    }
    counted = share([made])
    assert (counted["sites"], counted["values"], counted["false_share"]) == (1, 0, None)


def test_a_flip_on_which_vaelint_fails_is_a_miss() -> None:
    made = outcome(flip(), result(), {**result(), "error": "crash: KeyError: 1"}, SPANS)
    assert (made["found"], made["status"]) == (False, "failed")


# --- the whole -----------------------------------------------------------------------------------

TRAINING = """
    import torch
    import torch.nn.functional as F

    def train(model, data):
        optimizer = torch.optim.Adam(model.parameters())
        for x, y in data:
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
"""


def test_each_site_of_a_small_file_is_flipped_and_judged_by_itself(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(dedent(TRAINING))
    flips = list(choose("package", tmp_path, 3, 1))
    results = list(run.judge_package(tmp_path, {"a.py": flips}, REPOSITORY))
    assert {r["operator"] for r in results} == {"add-minus", "negated-backward", "maximize-true"}
    assert all(r["found"] and r["codes"] == ["VL102"] for r in results)
    made = run.summary(results)
    assert made["totals"]["share"] == 1.0
    assert made["totals"]["false_share"] == 0.0


def test_another_state_of_vaelint_is_judged_by_the_same_bench(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "a.py").write_text(dedent(TRAINING))
    other = tmp_path / "checkout" / "vaelint"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("")
    (other / "config.py").write_text("class Config: ...\n")
    (other / "engine.py").write_text(
        "from types import SimpleNamespace as N\n\n\ndef analyse(paths, config, stdin):\n"
        "    status = N(value='by-name')\n"
        "    objective = N(function='train', location=N(row=10), status=status, reason='')\n"
        "    return N(findings=[], objectives=[objective], problems=[])\n"
    )
    flips = list(choose("package", tmp_path / "package", 3, 1))
    results = list(run.judge_package(tmp_path / "package", {"a.py": flips}, other.parent))
    assert [r["status"] for r in results] == ["by-name"] * 3


def test_a_process_that_dies_costs_its_own_file_alone(tmp_path: Path) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(dedent(TRAINING))
    other = tmp_path / "checkout" / "vaelint"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("")
    (other / "config.py").write_text("class Config: ...\n")
    (other / "engine.py").write_text(
        "import os\nfrom types import SimpleNamespace as N\n\n\ndef analyse(paths, config, stdin):\n"
        "    if stdin[0] == 'a.py':\n        os._exit(9)\n"
        "    return N(findings=[N(code='VL102', location=N(row=10), message='')] if '-' in stdin[1] else [],\n"
        "             objectives=[], problems=[])\n"
    )
    site = Mutant("id", "package", "negated-backward", "", 10, "train", Edit(1, 1, "-"), "", "")
    files = {name: [site._replace(file=name)] for name in ("a.py", "b.py")}
    results = list(run.judge_package(tmp_path, files, other.parent))
    assert [(r["file"], r["found"], r["status"]) for r in results] == [("a.py", False, "failed"), ("b.py", True, "")]
    assert run.summary(results)["totals"]["crashes"] == 1


def test_nothing_of_the_package_is_imported(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(dedent(TRAINING))
    for name in ("click", "json", "libcst", "vaelint"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(1)\n")
    results = list(run.judge_package(tmp_path, {"a.py": list(choose("package", tmp_path, 1, 1))}, REPOSITORY))
    assert results and all(r["found"] for r in results)
