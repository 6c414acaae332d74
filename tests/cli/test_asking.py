"""explain, rules, about: the commands that answer questions."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.cli.conftest import Run
from vaelint.knowledge import load
from vaelint.knowledge.lexicon import Term
from vaelint.knowledge.metrics import Metric
from vaelint.knowledge.schema import Claim, Counts, Entry, Method, Proof, Selector
from vaelint.sense import Pass, Sense

NLL = Entry(
    "torch.nn.functional.nll_loss",
    "torch",
    params=("input", "target"),
    sense=Sense.COST,
    kind="nll",
    passes={"input": Pass.FLIP},
    needs={"input": Sense.GAIN},
    url="https://pytorch.org/docs/stable/generated/torch.nn.functional.nll_loss.html",
)


@pytest.fixture
def knows(monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = Selector(
        "ours.Keeper",
        "ours",
        metric="watch",
        mode="mode",
        minimize=("min",),
        maximize=("max",),
        default=(("*", "minimize"),),
    )
    metrics = {"val/psnr": Metric(Sense.GAIN, term="psnr")}
    claims = {
        "recon_loss": Claim(Sense.COST, "nll", False, "loss", "loss"),
        "neg_elbo": Claim(Sense.COST, "elbo", True, "neg_elbo", "elbo"),
        "badness": Claim(Sense.COST, "", False, "badness", "badness"),
    }
    counts = {
        "loss": Counts(41, 1, 3, 12, 1),
        "elbo": Counts(0, 0, 2, 1, 0),
        "badness": None,
        "bound": Counts(1, 20, 0, 5, 4),
    }
    gains = frozenset({"elbo"})
    known = SimpleNamespace(
        entries=lambda: {NLL.name: NLL},
        lookup={NLL.name: NLL}.get,
        claim=claims.get,
        counts=counts.get,
        terms=lambda: tuple(
            Term(w, Sense.GAIN if w in gains else Sense.COST, "", True, False, True, frozenset(), c)
            for w, c in counts.items()
        ),
        selector={keeper.name: keeper}.get,
        metrics=SimpleNamespace(metric=metrics.get),
        knows=lambda root: root == "torch",
        spelt_out=lambda name: (f"torch.nn.functional{name[1:]}",) if name.startswith("F.") else (),
        near=lambda name: (NLL.name,) if name.endswith("_loss") and name.startswith("torch") else (),
        proof={NLL.name: Proof(unproved="nobody has the time")}.get,
        methods=lambda: (Method("log_prob", "distribution", "torch", sense=Sense.GAIN, kind="log_density"),),
    )
    monkeypatch.setattr("vaelint.knowledge.load", lambda extra=(), words=(): known)


class TestExplain:
    def test_prints_the_documentation_of_a_code(self, vaelint: Run) -> None:
        out = vaelint("explain", "VL101").stdout
        assert out.startswith("# likelihood-minimized (VL101)\n\n## What it does\nLooks.\n\n## Measured\n")

    @pytest.mark.parametrize("spelling", ["vl101", "likelihood-minimized"])
    def test_takes_other_spellings(self, vaelint: Run, spelling: str) -> None:
        assert "(VL101)" in vaelint("explain", spelling).stdout

    def test_renders_it_where_colours_are_wanted(self, vaelint: Run) -> None:
        out = vaelint("explain", "VL101", env={"FORCE_COLOR": "1"}, color=True).stdout
        assert "\x1b" in out and "What it does" in out

    def test_of_an_unknown_code_is_an_error(self, vaelint: Run) -> None:
        result = vaelint("explain", "VL102")
        assert result.exit_code == 2
        assert "there is no check `VL102` (did you mean `VL101`?)" in result.stderr


class TestRules:
    def test_lists_the_checks(self, vaelint: Run) -> None:
        lines = vaelint("rules").stdout.splitlines()
        assert lines[0] == "VL101  likelihood-minimized  a gain reaches a minimiser"
        assert len(lines) == 3

    @pytest.mark.usefixtures("knows")
    def test_lists_the_libraries_with_the_number_of_their_entries(self, vaelint: Run) -> None:
        assert vaelint("rules", "--libraries").stdout.split() == ["torch", "1", "in", "all", "1"]

    @pytest.mark.usefixtures("knows")
    def test_lists_the_words_with_what_they_were_worth(self, vaelint: Run) -> None:
        assert [line.split() for line in vaelint("rules", "--words").stdout.splitlines()] == [
            ["loss", "cost", "41", "of", "42", "values,", "12", "packages"],
            ["elbo", "gain", "0", "of", "0", "values,", "1", "packages"],
            ["badness", "cost", "not", "measured"],
            ["bound", "cost", "1", "of", "21", "values,", "5", "packages,", "claims", "nothing"],
        ]

    def test_lists_one_thing_at_a_time(self, vaelint: Run) -> None:
        result = vaelint("rules", "--words", "--libraries")
        assert result.exit_code == 2 and "ask for one" in result.stderr


@pytest.mark.usefixtures("knows")
class TestAbout:
    def test_a_qualified_name_says_what_is_believed_and_who_says_so(self, vaelint: Run) -> None:
        out = vaelint("about", NLL.name).stdout
        assert "torch.nn.functional.nll_loss(input, target)  [torch]" in out
        assert "its result is something that should go down ↓ (nll)" in out
        assert "`input`: turns its sense round (decreasing)" in out
        assert "`input`: must be something that should go up ↑" in out
        assert NLL.url in out

    def test_an_identifier_says_what_its_name_claims(self, vaelint: Run) -> None:
        out = vaelint("about", "recon_loss").stdout
        assert "`loss` in it says: something that should go down ↓ (nll)" in out

    def test_an_identifier_says_how_often_values_of_that_name_were_what_it_says(self, vaelint: Run) -> None:
        out = vaelint("about", "recon_loss").stdout
        assert "measured: 41 of 42 values named `loss`, in 12 packages, were what the name says" in out
        assert "none of 2 values named `elbo`, in 1 package, had a single" in vaelint("about", "neg_elbo").stdout

    def test_of_a_word_without_counts_it_says_so(self, vaelint: Run) -> None:
        assert "not measured: no released package" in vaelint("about", "badness").stdout

    def test_a_method_is_known_whoever_it_belongs_to(self, vaelint: Run) -> None:
        for name in ("log_prob", "dist.log_prob"):
            out = vaelint("about", name).stdout
            assert ".log_prob()  method of a distribution  [torch]" in out
            assert "its result is something that should go up ↑ (log density)" in out

    def test_what_selects_by_a_metric_says_which_way(self, vaelint: Run) -> None:
        out = vaelint("about", "ours.Keeper").stdout
        assert "what `watch` names" in out and "without it: minimizes every metric" in out

    def test_a_metric_says_which_way_it_goes(self, vaelint: Run) -> None:
        assert "should go up" in vaelint("about", "val/psnr").stdout

    def test_it_says_what_an_entry_rests_on(self, vaelint: Run) -> None:
        assert "not proved by running it: nobody has the time" in vaelint("about", NLL.name).stdout

    def test_a_function_is_known_by_the_name_that_people_import_it_by(self, vaelint: Run) -> None:
        out = vaelint("about", "F.nll_loss").stdout
        assert f"`F.nll_loss` is `{NLL.name}` as people import it:" in out
        assert "its result is something that should go down ↓ (nll)" in out

    def test_of_a_misspelt_function_of_a_library_it_says_what_may_be_meant(self, vaelint: Run) -> None:
        assert f"did you mean {NLL.name}?" in vaelint("about", "torch.nll_loss").stdout

    def test_of_a_function_that_no_rule_has_it_says_how_to_write_one(
        self, vaelint: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        out = vaelint("about", "acme.recon_loss").stdout
        _, _, rows = out.partition("`extend-rules`:\n")
        (tmp_path / "acme.toml").write_text(rows)
        monkeypatch.undo()
        entry = load((tmp_path / "acme.toml",)).lookup("acme.recon_loss")
        assert entry is not None and entry.sense is Sense.COST

    def test_an_unknown_name_is_an_error(self, vaelint: Run) -> None:
        result = vaelint("about", "frobnicate")
        assert result.exit_code == 2 and "nothing is known of `frobnicate`" in result.stderr


class TestMore:
    def test_all_checks_are_explained_at_once(self, vaelint: Run) -> None:
        out = vaelint("explain", "--all").stdout
        assert "(VL101)" in out and "(VL301)" in out
        assert vaelint("explain").exit_code == 2 and vaelint("explain", "VL101", "--all").exit_code == 2

    def test_programs_are_answered_in_json(self, vaelint: Run) -> None:
        assert json.loads(vaelint("explain", "mixed-signs", "--output-format", "json").stdout)["code"] == "VL201"
        listed = json.loads(vaelint("rules", "--output-format", "json").stdout)
        assert [c["code"] for c in listed] == ["VL101", "VL201", "VL301"]

    def test_rows_fit_a_narrow_terminal(self, vaelint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("VAELINT_WIDTH", "40")
        assert max(map(len, vaelint("rules").stdout.splitlines())) <= 40

    def test_a_file_in_place_of_a_command_was_meant_to_be_checked(self, vaelint: Run, tmp_path: Path) -> None:
        (tmp_path / "train.py").touch()
        result = vaelint("train.py", "-q")
        assert result.exit_code == 2 and "Did you mean `vaelint check train.py -q`?" in result.stderr
        assert "Did you mean" not in vaelint("gone.py").stderr
