"""What counts: a killed mutant, a case that is found, a finding that is right."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from bench import cases, corpus, differ, history, ledger, origins, packages, peers
from bench.mutants.choose import Mutant, choose
from bench.mutants.judge import verdict
from bench.mutants.text import Edit
from bench.places import enclosing, functions, write_json

# --- mutants -------------------------------------------------------------------------------------

SPANS = [(1, 40, "train"), (50, 60, "other")]


def mutant(operator: str = "flip-mode", row: int = 10, function: str = "train") -> Mutant:
    return Mutant("id", "package", operator, "a.py", row, function, Edit(0, 0, ""), "", "")


def said(*findings: tuple[str, int], objectives: tuple[tuple[str, int, str, str], ...] = ()) -> dict[str, object]:
    return {"findings": [(*f, "") for f in findings], "objectives": list(objectives), "error": ""}


def test_a_finding_that_was_there_before_kills_nothing() -> None:
    old = said(("VL101", 30))
    assert verdict(mutant(), old, old, SPANS)["outcome"] == "survived"


def test_a_place_that_is_reported_as_it_stands_is_no_test() -> None:
    assert verdict(mutant(), said(("VL101", 12)), said(), SPANS)["outcome"] == "void"


@pytest.mark.parametrize("row, outcome", [(10, "killed"), (38, "killed"), (55, "survived")])
def test_a_setting_is_found_at_its_place_or_in_its_function(row: int, outcome: str) -> None:
    assert verdict(mutant(), said(), said(("VL501", row)), SPANS)["outcome"] == outcome


def test_a_value_that_flows_is_found_anywhere_in_the_file() -> None:
    made = verdict(mutant("drop-minus"), said(), said(("VL101", 55)), SPANS)
    assert (made["outcome"], made["near"]) == ("killed", False)


def test_a_survivor_says_what_inference_saw() -> None:
    unresolved = said(objectives=(("train", 20, "unresolved", "`loss` is not resolved"),))
    consistent = said(objectives=(("train", 20, "consistent", ""),))
    elsewhere = said(objectives=(("other", 55, "consistent", ""),))
    reasons = [
        verdict(mutant(), said(), after, SPANS)["reason"] for after in (unresolved, consistent, elsewhere, said())
    ]
    assert reasons == [
        "`…` is not resolved",
        "judged consistent",
        "no objective seen there (others in the file)",
        "no objective seen there (none in the file)",
    ]


def test_the_sample_is_the_same_each_time_and_kept_small(tmp_path: Path) -> None:
    body = "".join(f"def f{i}(a, b):\n    loss = F.mse_loss(a, b)\n    return loss{i}\n" for i in range(9))
    for name in ("a.py", "b.py", "c.py", "tests/test_d.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(body.replace("def f", f"def {name[0]}"))
    first = list(choose("package", tmp_path, limit=5, seed=1))
    assert first == list(choose("package", tmp_path, limit=5, seed=1))
    assert first != list(choose("package", tmp_path, limit=5, seed=2))
    assert len(first) == 5
    assert {m.file for m in first} == {"a.py", "b.py", "c.py"}, "two a file at most, and none in tests"


# --- ledger --------------------------------------------------------------------------------------

SEEN = {"file": "a.py", "line": "x", "origin": ""}
FINDING = {"code": "VL101", "file": "p/a.py", "function": "f", "line": "return x", "n": 1, "row": 3}


def test_a_verdict_survives_moved_rows_and_nothing_else() -> None:
    one = ledger.key_of("p", FINDING).fingerprint
    assert ledger.key_of("p", {**FINDING, "row": 99}).fingerprint == one
    for change in ({"code": "VL102"}, {"file": "b.py"}, {"function": "g"}, {"line": "return y"}, {"n": 2}):
        assert ledger.key_of("p", {**FINDING, **change}).fingerprint != one


def test_a_ledger_reads_back_what_was_written(tmp_path: Path) -> None:
    key = ledger.key_of("p", {**FINDING, "line": 'a = "b\tc"'})
    ledger.write([(key, ledger.Verdict("naming", "why"))], tmp_path / "l.tsv")
    assert ledger.read(tmp_path / "l.tsv") == {key.fingerprint: ledger.Verdict("naming", "why")}


def test_a_verdict_needs_a_known_word_and_a_reason(tmp_path: Path) -> None:
    for bad in (ledger.Verdict("fine", "why"), ledger.Verdict("bug", "")):
        ledger.write([(ledger.key_of("p", FINDING), bad)], tmp_path / "l.tsv")
        with pytest.raises(ValueError, match="needs a verdict"):
            ledger.read(tmp_path / "l.tsv")


def test_the_ledger_of_the_repository_reads() -> None:
    assert ledger.read()


def test_precision_leaves_the_arguable_out() -> None:
    assert ledger.precision(["bug", "naming", "arguable", "wrong"]) == (2, 1, 1, 2 / 3)
    assert ledger.precision(["arguable"])[3] is None


# --- corpus --------------------------------------------------------------------------------------


def test_a_row_belongs_to_the_innermost_function() -> None:
    spans = functions("class A:\n    @staticmethod\n    def f():\n        def g():\n            pass\nx = 1\n")
    assert [enclosing(spans, row) for row in (1, 2, 3, 5, 6)] == ["A", "A.f", "A.f", "A.f.g", "<module>"]
    assert functions("def (") == []


def test_reasons_are_counted_without_their_names() -> None:
    assert corpus.general("what `f(x)` returns is not resolved") == "what `…` returns is not resolved"


def test_the_summary_counts_what_has_no_verdict() -> None:
    raw = {
        "p": {
            "files": 1, "seconds": 0.1, "megabytes": 1, "problems": [], "crash": "",
            "findings": [{**FINDING, "confidence": "likely", "message": ""}],
            "objectives": [
                {**SEEN, "row": 1, "status": "unresolved", "reason": "`x` is not resolved"},
                {**SEEN, "row": 2, "status": "consistent", "reason": ""},
            ],
        }
    }  # fmt: skip
    made = corpus.summary(raw, {})
    assert made["precision"]["unjudged"] == 1
    assert made["totals"]["resolved"] == 0.5
    assert made["reasons"][0]["n"] == 1
    known = {ledger.key_of("p", FINDING).fingerprint: ledger.Verdict("wrong", "why")}
    assert corpus.summary(raw, known)["precision"]["precision"] == 0.0


def test_objectives_are_followed_through_moved_rows() -> None:
    def raw(*objectives: tuple[int, str, str]) -> dict[str, object]:
        made = [
            {"file": "a.py", "function": "f", "row": r, "line": x, "status": s, "reason": ""} for r, x, s in objectives
        ]
        return {"p": {"objectives": made}}

    old = raw((1, "l.backward()", "unresolved"), (2, "l.backward()", "consistent"), (3, "gone()", "wrong"))
    assert differ.changes(old, old) == []
    new = raw((8, "l.backward()", "consistent"), (9, "l.backward()", "consistent"))
    assert [c[:2] for c in differ.changes(old, new)] == [("unresolved", "consistent"), ("wrong", "unseen")]


def test_an_archive_cannot_write_outside_its_folder(tmp_path: Path) -> None:
    wheel = tmp_path / "bad.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("../evil.py", "x = 1")
    with pytest.raises(RuntimeError, match="leads out"):
        packages.unpack(wheel, tmp_path / "out" / "bad")
    assert not (tmp_path / "out" / "evil.py").exists()


def test_only_source_is_unpacked(tmp_path: Path) -> None:
    wheel = tmp_path / "good.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("p/a.py", "x = 1")
        archive.writestr("p/b.so", "")
    packages.unpack(wheel, tmp_path / "good")
    assert [f.name for f in (tmp_path / "good").rglob("*") if f.is_file()] == ["a.py"]


def test_every_package_is_pinned_once() -> None:
    read = packages.read_corpus()
    assert len({p.name for p in read}) == len(read) >= 40
    assert all(p.version and p.area for p in read)


# --- cases ---------------------------------------------------------------------------------------


def case(tmp_path: Path, text: str) -> cases.Case:
    (tmp_path / "a.py").write_text(text)
    return cases.read_case(tmp_path / "a.py")


def test_a_finding_counts_on_a_marked_line_alone(tmp_path: Path) -> None:
    bug = case(tmp_path, "x = 1\ny = 2  # BUG: misnamed\nz = 3  # BUG-ALT\n")
    assert (bug.kind, bug.marks) == ("misnamed", frozenset({(0, 2), (0, 3)}))
    assert cases.judge(bug, [(0, 1, "VL301")]).hit is False
    assert cases.judge(bug, [(0, 3, "VL301")])[1:] == (True, True, 0, frozenset({"VL301"}))
    assert cases.judge(bug, [(0, 2, "VL101"), (0, 1, "VL101")])[1:4] == (True, False, 1)


def test_a_miss_is_new_unless_it_is_known(tmp_path: Path) -> None:
    path = cases.FIXTURES / "cases" / "somewhere" / "a.py"
    outcome = cases.Outcome(case(tmp_path, "x  # BUG: misnamed\n")._replace(path=path), False, False, 0)
    assert cases.summary([outcome], set())["new_misses"] == ["somewhere/a.py"]
    assert cases.summary([outcome], {"somewhere/a.py"})["new_misses"] == []


# --- peers and history ---------------------------------------------------------------------------


def test_peers_count_on_marked_lines_and_for_signs_apart() -> None:
    hits = [("a.py", 2, "E501"), ("a.py", 2, "B002"), ("a.py", 3, "E501"), ("b.py", 2, "E501")]
    made = peers.score(hits, {"a.py": {2}}, frozenset({"B002"}))
    assert (made["findings"], made["on_marked_lines"], made["not_about_length"], made["about_signs"]) == (4, 2, 1, 1)


def test_lines_of_linters_are_read() -> None:
    text = "./a/b.py:3:1: E501 too long\na.py:7: TOR101 old\nnoise\n"
    assert list(peers.parse_lines(text)) == [("a/b.py", 3, "E501"), ("a.py", 7, "TOR101")]


def test_a_row_of_history_is_of_one_state(tmp_path: Path) -> None:
    write_json(
        tmp_path / "cases.json", {"tool": "a", "found": 1, "cases": 2, "right_kind": 1, "false_alarms": [], "clean": 3}
    )
    assert history.row("x", tmp_path, "a") == "| x | 1/2 (1) | 0/3 | – | – | – | – | – |\n"
    write_json(tmp_path / "mutants.json", {"tool": "b", "totals": {"killed": 1, "mutants": 4, "rate": 0.25}})
    assert history.row("x", tmp_path, "a") == "| x | 1/2 (1) | 0/3 | – | – | – | – | – |\n"
    assert history.row("x", tmp_path, "b") == "| x | – | – | 1/4 = 25.0% | – | – | – | – |\n"
    with pytest.raises(ValueError, match="nothing is recorded"):
        history.row("x", tmp_path, "c")


def test_every_row_of_history_has_a_cell_for_each_column() -> None:
    lines = [x for x in history.HISTORY.read_text("utf-8").splitlines() if x.startswith("|")]
    assert {x.count(" |") for x in lines if not x.startswith("|---")} == {history.HEAD.splitlines()[-2].count(" |")}


_PART = "a part of a call of a function or class of the file"
_FIELD = "class A:\n    def f(self):\n        out = self.net(1)\n        out.loss.backward()"


@pytest.mark.parametrize(
    "code, name, said",
    [
        ("def f(loss):\n    loss.backward()", "loss", "a parameter"),
        ("from x import g\ndef f():\n    loss = g()\n    loss.backward()", "loss", "a call of an imported name"),
        ("def f():\n    loss, _ = g()\n    loss.backward()\ndef g(): ...", "loss", _PART),
        (_FIELD, "out.loss", "an attribute of a call of self's attribute"),
        ("def f(d):\n    d['loss'].backward()", "d['loss']", "an item of a parameter"),
        ("def f():\n    x = (", "x", ""),
    ],
)  # fmt: skip
def test_an_origin_is_told_from_the_text(code: str, name: str, said: str) -> None:
    assert origins.origin(code, len(code.split("def g")[0].strip().splitlines()), name) == said
