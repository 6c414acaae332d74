"""What words are worth: which places count, for what, how many of one package, and how counts are written down."""

from __future__ import annotations

import json
import sys
from dataclasses import astuple
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from bench import ledger
from bench.words import child, run
from bench.words.count import MOST, Count, count, standing
from bench.words.edit import bare, written
from vaelint.knowledge import load
from vaelint.knowledge.schema import Counts

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def looked(tmp_path: Path, **files: str) -> list[dict[str, Any]]:
    for name, code in files.items():
        (tmp_path / f"{name}.py").write_text(dedent(code).strip() + "\n")
    return list(child.folder(tmp_path)["places"])


def verdicts(places: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    return {(p["sort"], p["name"]): p["verdict"] for p in places}


TRAINING = """
    import torch
    import torch.nn.functional as F

    def train(model, data, some_nll):
        optimizer = torch.optim.Adam(model.parameters())
        for x, y in data:
            {line}
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
"""


def of_line(tmp_path: Path, line: str) -> dict[tuple[str, str], str]:
    return verdicts(looked(tmp_path, a=TRAINING.format(line=line)))


# --- what is no place ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "x = F.mse_loss(x, y)",  # the name says nothing
        "loss = 0.0",
        "losses = [F.mse_loss(x, y), 1.0]",  # a list has no sense of its own
        "loss = model.loss_of if x else len",  # a function
        "loss -= F.mse_loss(x, y)",  # what is bound is not the value that stands there
        "loss *= F.mse_loss(x, y)",
    ],
)
def test_what_gives_no_quantity_a_name_that_claims_is_no_place(tmp_path: Path, line: str) -> None:
    counted = {key for key, verdict in of_line(tmp_path, line).items() if verdict != "undecided"}
    assert not counted


# --- what a place says of its word ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "name", "verdict"),
    [
        ("loss = F.mse_loss(x, y)", "loss", "agrees"),
        ("elbo = F.mse_loss(x, y)", "elbo", "against"),
        ("neg_elbo = F.mse_loss(x, y)", "neg_elbo", "agrees"),
        ("loss = -F.mse_loss(x, y)", "loss", "against"),
        ("loss += F.mse_loss(x, y)", "loss", "agrees"),
        ("loss = model.thing(x)", "loss", "undecided"),
        ("loss = 2 * some_nll", "loss", "undecided"),  # known by a name alone: a claim is no evidence of a claim
        ("loss = torch.softmax(model(x), -1)", "loss", "plain"),
        ("loss = F.mse_loss(x, y) - torch.distributions.Normal(model(x), 1.0).entropy()", "loss", "agrees"),
        ("loss = F.mse_loss(x, y) + torch.distributions.Normal(model(x), 1.0).log_prob(y)", "loss", "neither"),
    ],
)
def test_a_value_is_held_against_its_name(tmp_path: Path, line: str, name: str, verdict: str) -> None:
    assert of_line(tmp_path, line)["assignment", name] == verdict


@pytest.mark.parametrize("value", ["d.log_prob(z)", "d.log_prob(z) - torch.softmax(z, -1)"])
def test_the_log_density_of_a_draw_is_neither(tmp_path: Path, value: str) -> None:
    line = f"d = torch.distributions.Normal(model(x), 1.0); z = d.rsample(); log_prob = {value}"
    assert of_line(tmp_path, line)["assignment", "log_prob"] == "neither"


def test_the_log_density_of_a_draw_in_a_sum_has_the_sense_that_it_has_there(tmp_path: Path) -> None:
    line = "d = torch.distributions.Normal(model(x), 1.0); z = d.rsample(); loss = d.log_prob(z) + F.mse_loss(x, y)"
    assert of_line(tmp_path, line)["assignment", "loss"] == "agrees"


def test_every_way_of_giving_a_name_is_looked_at(tmp_path: Path) -> None:
    code = """
        import torch.nn.functional as F

        class Out:
            loss: object

        def nll(x, y):
            return F.cross_entropy(x, y)

        def f(log, x, y):
            out = {"nll": F.cross_entropy(x, y)}
            log("val_nll", F.cross_entropy(x, y))
            g(kl=F.kl_div(x, y))
            log.nll = F.cross_entropy(x, y)
            return Out(F.cross_entropy(x, y)), out

        def scaled(cost):
            return 2 * cost

        def h(x, y):
            return scaled(F.cross_entropy(x, y))
    """
    places = looked(tmp_path, a=code)
    assert {p["sort"] for p in places if p["verdict"] == "agrees"} >= {
        "return", "key", "label", "keyword", "attribute", "field", "parameter",
    }  # fmt: skip


def test_a_place_names_the_word_of_the_lexicon_and_what_the_fact_rests_on(tmp_path: Path) -> None:
    (place,) = (
        p for p in looked(tmp_path, a=TRAINING.format(line="val_losses2 = F.mse_loss(x, y)")) if "2" in p["name"]
    )
    assert (place["word"], place["negated"], place["basis"]) == ("losses", False, "library")
    assert (place["file"], place["function"]) == ("a.py", "train")


def test_a_claim_names_the_word_that_decides_which_way() -> None:
    known = load()
    said = {name: claim.term for name in ("kl_loss", "neg_elbo", "log_probs", "nll2") if (claim := known.claim(name))}
    assert said == {"kl_loss": "loss", "neg_elbo": "elbo", "log_probs": "log_prob", "nll2": "nll"}


def test_a_word_that_was_measured_to_mislead_is_measured_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    misleads = {"nll": Count(0, 90, 0, packages=9, contrary=9)}
    (rules / "names.toml").write_text(written(run.NAMES.read_text("utf-8"), misleads), "utf-8")
    monkeypatch.setattr(child, "rules_directory", lambda: rules)
    (tmp_path / "code").mkdir()
    line = "nll = F.cross_entropy(model(x), y)"
    assert verdicts(looked(tmp_path / "code", a=TRAINING.format(line=line)))["assignment", "nll"] == "agrees"


def test_a_file_that_is_not_python_costs_itself_alone(tmp_path: Path) -> None:
    places = looked(tmp_path, a=TRAINING.format(line="loss = F.mse_loss(x, y)"), b="def f(:")
    assert verdicts(places)["assignment", "loss"] == "agrees"


def test_nothing_of_the_folder_is_imported(tmp_path: Path) -> None:
    looked(tmp_path, a=TRAINING.format(line="loss = F.mse_loss(x, y)"))
    for name in ("json", "libcst", "vaelint", "bench"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(1)\n")
    made = run.analyse(tmp_path)
    assert not made["crash"] and made["places"]


# --- counting ------------------------------------------------------------------------------------


def place(word: str, verdict: str, row: int = 1, function: str = "f") -> dict[str, Any]:
    at = {"file": "a.py", "row": row, "function": function, "sort": "assignment", "name": word}
    return {"word": word, "verdict": verdict, **at}


def places(word: str, **verdicts: int) -> list[dict[str, Any]]:
    each = [v for v, n in verdicts.items() for _ in range(n)]
    return [place(word, v, row) for row, v in enumerate(each)]


def test_nothing_counts_nothing() -> None:
    assert count({"p": []}) == {}


def test_what_is_not_decided_is_in_no_package() -> None:
    assert count({"p": places("kl", undecided=3, plain=2)}) == {"kl": Count(undecided=3, plain=2)}


def test_places_are_counted_by_what_they_say() -> None:
    raw = {"p": places("kl", agrees=3, against=1), "q": places("kl", agrees=2, neither=1), "r": places("kl", plain=1)}
    assert count(raw) == {"kl": Count(5, 1, 1, packages=2, contrary=1, plain=1)}


def test_a_package_counts_for_a_word_at_most_so_often() -> None:
    raw = {"large": places("kl", agrees=1000), "small": places("kl", against=3)}
    assert count(raw) == {"kl": Count(MOST, 3, 0, packages=2, contrary=1)}


def test_the_cap_leaves_the_shares_of_a_package_what_they_are() -> None:
    made = count({"p": places("kl", agrees=900, against=100)})["kl"]
    assert made.agrees + made.against == MOST and made.agrees > 3 * made.against


def test_the_order_of_places_and_packages_does_not_matter() -> None:
    its, others = places("kl", agrees=50, against=20, neither=9), places("kl", agrees=3)
    assert count({"p": its, "q": others}) == count({"q": others[::-1], "p": its[::-1]})


def test_a_mistake_that_a_reader_found_is_no_evidence_against_a_word() -> None:
    raw = {"p": [place("kl", "against", 1, "wrong"), place("kl", "agrees", 2, "wrong"), place("kl", "against", 3)]}
    assert count(raw, {("p", "a.py", "wrong")}) == {"kl": Count(1, 1, 0, packages=1, contrary=1)}


def test_readers_findings_come_from_the_ledger() -> None:
    kept = [key for key, verdict in ledger.rows() if verdict.verdict in ("bug", "naming")]
    assert kept and {(k.package, k.file, k.function) for k in kept} == {*run._of_ledger()}


def test_readers_findings_in_folders_come_from_the_rounds_on_unread_code(tmp_path: Path) -> None:
    file = tmp_path / "ou_noise" / "ou_linmrl.py"
    file.parent.mkdir()
    file.write_text("\n" * 60 + "def est_mle_qv(x):\n" + "    x = x\n" * 20)
    assert ("jwergieluk+ou_noise", "ou_noise/ou_linmrl.py", "est_mle_qv") in {
        *run._of_unread({"jwergieluk+ou_noise": tmp_path})
    }


def test_words_are_listed_by_what_their_counts_say() -> None:
    counts = {
        "good": Count(10, 2, 0, packages=3, contrary=2),
        "bad": Count(6, 5, 0, packages=4, contrary=3),
        "bad_in_one": Count(6, 5, 0, packages=4, contrary=1),
        "rare": Count(9, 0, 0, packages=3),
        "of_one": Count(40, 0, 0, packages=2),
        "both": Count(0, 0, 4, packages=1),
        "dark": Count(undecided=7),
    }
    made = standing([*counts, "absent"], counts)
    assert made._asdict() == {
        "right": ["good"], "wrong": ["bad"], "doubtful": ["bad_in_one"], "few": ["rare", "of_one"], "nothing": ["both"],
        "without": ["dark"], "unmet": ["absent"],
    }  # fmt: skip


# --- writing them down ---------------------------------------------------------------------------

FILE = """\
# What names say.

# --- technical terms ---

[[term]]
words = [
    "kl", "kld",  # divergences
    "log_p",
]
sense = "cost"
strong = true

# --- looser words ---

[[term]]
words = ["score"]  # of anything
sense = "gain"
[[term]]
words = ["loss"]
sense = "cost"

[words]
negators = ["neg"]
"""
COUNTS = {
    "log_p": Count(1, 2, 3, 4, 2, 5, 6),
    "kl": Count(7, 0, 0, 1),
    "loss": Count(2, 0, 0, 2),
    "kld": Count(plain=3),
}


def test_without_counts_a_file_stays_as_it_is() -> None:
    assert written(FILE, {}) == FILE
    assert written(FILE, {"other": Count(1, 0, 0, 1), "score": Count(undecided=2)}) == FILE


def test_counts_stand_behind_their_row_in_its_order_and_no_line_else_changes() -> None:
    made = written(FILE, COUNTS)
    assert made == FILE.replace(
        "strong = true\n",
        "strong = true\n\n[term.counts]\n"
        "kl = { agrees = 7, against = 0, neither = 0, packages = 1, contrary = 0 }\n"
        "log_p = { agrees = 1, against = 2, neither = 3, packages = 4, contrary = 2 }\n",
    ).replace(
        'words = ["loss"]\nsense = "cost"\n',
        'words = ["loss"]\nsense = "cost"\n\n[term.counts]\n'
        "loss = { agrees = 2, against = 0, neither = 0, packages = 2, contrary = 0 }\n",
    )
    assert [term.get("counts", {}).keys() for term in tomllib.loads(made)["term"]] == [{"kl", "log_p"}, set(), {"loss"}]


def test_counts_are_replaced_and_taken_out_again() -> None:
    once = written(FILE, COUNTS)
    assert written(once, COUNTS) == once
    assert written(once, {"score": Count(1, 0, 0, 1)}) == written(FILE, {"score": Count(1, 0, 0, 1)})
    assert bare(once) == FILE


def test_the_shipped_file_is_one_that_can_be_written() -> None:
    text = run.NAMES.read_text("utf-8")
    plain = tomllib.loads(bare(text))
    for term in (read := tomllib.loads(text))["term"]:
        term.pop("counts", None)
    assert read == plain
    assert bare(bare(text)) == bare(text)
    assert written(bare(text), {t.word: Count(*astuple(t.counts)) for t in load().terms() if t.counts}) == text


def test_results_outlive_a_recording_of_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    before = run.state()
    plain = Path.read_text

    def counted(self: Path, *args: Any, **kwargs: Any) -> str:
        text = plain(self, *args, **kwargs)
        return written(text, {"kl": Count(9, 9, 9, 9, 9)}) if self.name == "names.toml" else text

    monkeypatch.setattr(Path, "read_text", counted)
    assert run.state() == before


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of its own, with an empty corpus and one folder of code."""
    (tmp_path / "names.toml").write_text(bare(run.NAMES.read_text("utf-8")), "utf-8")
    monkeypatch.setattr(run, "REPOSITORY", tmp_path)
    monkeypatch.setattr(run, "NAMES", tmp_path / "names.toml")
    monkeypatch.setattr(run, "RECORDED", tmp_path / "words.json")
    monkeypatch.setattr(run, "chosen", lambda only: [])
    monkeypatch.setattr(run, "state", lambda: "now")
    monkeypatch.setattr(run, "analyse", lambda folder: {**child.folder(folder), "seconds": 1.0, "crash": ""})
    (tmp_path / "code").mkdir()
    line = "kl = F.kl_div(x, y); nll = F.cross_entropy(model(x), y); reward = model.thing(x)"
    (tmp_path / "code" / "a.py").write_text(dedent(TRAINING.format(line=line)))
    return tmp_path


def ran(apart: Path, *, record: bool = False, word: str = "") -> int:
    return run.run(cache=apart / "cache", only=(), folders=(apart / "code",), word=word, record=record)


def test_without_record_nothing_is_written(apart: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = run.NAMES.read_text("utf-8")
    assert ran(apart) == 0
    assert run.NAMES.read_text("utf-8") == before and not run.RECORDED.exists()
    out = " ".join(capsys.readouterr().out.split())
    assert "without a count: their values are known by facts nowhere: reward" in out
    assert "2 with too few places to say: nll, kl" in out


def test_what_is_recorded_is_what_the_loader_reads(apart: Path) -> None:
    assert ran(apart, record=True) == 0
    known = load([run.NAMES])
    assert known.counts("nll") == Counts(1, 0, 0, 1, 0) and known.counts("reward") is None
    made = json.loads(run.RECORDED.read_text("utf-8"))
    assert made["words"]["nll"]["agrees"] == 1 and "reward" in made["standing"]["without"]
    assert str(apart) not in run.RECORDED.read_text("utf-8")


def test_a_run_that_was_stopped_goes_on_where_it_was(apart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran(apart)
    monkeypatch.setattr(run, "analyse", None)
    assert ran(apart) == 0
    (apart / "code" / "a.py").write_text("kl = 1\n")
    with pytest.raises(TypeError):
        ran(apart)  # another content is another folder


def test_the_places_of_a_word_are_listed_to_be_read(apart: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(apart, word="kl") == 0
    assert "agrees   code a.py:8 assignment `kl` (library)" in capsys.readouterr().out


def test_a_crash_fails_the_run(
    apart: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = {"files": 0, "places": [], "seconds": 0.0, "crash": "out of memory"}
    monkeypatch.setattr(run, "analyse", lambda folder: failed)
    assert ran(apart) == 1
    assert "code: out of memory" in capsys.readouterr().out
