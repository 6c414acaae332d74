"""Rule files: what is found, and how a bad one is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from vaelint.knowledge import RuleError, load
from vaelint.knowledge.loader import rules_directory
from vaelint.knowledge.schema import Counts
from vaelint.sense import Pass, Sense

HEAD = 'library = "mine"\nroots = ["mine"]\n'


def file(tmp_path: Path, text: str, head: str = HEAD) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(head + text, encoding="utf-8")
    return path


def function(text: str) -> str:
    return f'[[function]]\nnames = ["mine.f"]\n{text}\n'


BAD = [
    (function('sense = "gian"'), "function 1 (mine.f)", "`sense` has an unknown word `gian` (did you mean `gain`?)"),
    (function('sens = "gain"'), "function 1 (mine.f)", "unknown key `sens` (did you mean `sense`?)"),
    (function("sense = 3"), "function 1 (mine.f)", "`sense` must be a string, not a int"),
    (function('sense = "cost"\nkind = "losss"'), "function 1 (mine.f)", "`kind` has an unknown word `losss`"),
    (function('params = ["x"]\npasses = { x = "kep" }'), "function 1 (mine.f)", "`passes` has an unknown word `kep`"),
    (function('params = ["x"]\npasses = "keep"'), "function 1 (mine.f)", "`passes` must be a table of strings"),
    (function('makes = "optimiser"'), "function 1 (mine.f)", "(did you mean `optimizer`?)"),
    (function('params = "x"\nsense = "cost"'), "function 1 (mine.f)", "`params` must be a list of strings"),
    (function('params = ["x"]\nminimizes = "fun"'), "function 1 (mine.f)", "speaks of the parameter `fun`"),
    (function(""), "function 1 (mine.f)", "says nothing"),
    (function('makes = "function"'), "function 1 (mine.f)", '`makes = "function"` and `calls` go together'),
    (function('sense = "cost"\ncalls = "mine.g"'), "function 1 (mine.f)", "and `calls` go together"),
    (function('sense = "gain"') * 2, "function 2 (mine.f)", "`mine.f` is a duplicate"),
    ('[[function]]\nsense = "gain"\n', "function 1", "has no `names`"),
    ('[[function]]\nnames = []\nsense = "gain"\n', "function 1", "has no `names`"),
    ('[[function]]\nnames = ["yours.f"]\nsense = "gain"\n', "function 1 (yours.f)", "does not begin with one of"),
    ('[[function]]\nnames = ["mine.{f"]\nsense = "gain"\n', "function 1 (mine.{f)", "has an open brace"),
    ('[[function]]\nnames = ["mine.{@l}"]\nsense = "gain"\n', "function 1 (mine.{@l})", "uses a list `l`"),
    ('[function]\nnames = ["mine.f"]\n', "top level", "`function` must be written [[function]]"),
    ('[[method]]\nnames = ["f"]\nsense = "gain"\n', "method 1 (f)", "has no `on`"),
    ('[[method]]\non = "tensr"\nnames = ["f"]\n', "method 1 (f)", "(did you mean `tensor`?)"),
    ('[[method]]\non = "any"\nnames = ["f"]\n', "method 1 (f)", "says nothing"),
    ('[[methd]]\nnames = ["f"]\n', "top level", "unknown key `methd`"),
    ("x = [\n", "file", "is not TOML"),
]


@pytest.mark.parametrize(("text", "entry", "reason"), BAD, ids=[reason for *_, reason in BAD])
def test_a_bad_file_is_told_with_path_entry_and_reason(tmp_path: Path, text: str, entry: str, reason: str) -> None:
    path = file(tmp_path, text)
    with pytest.raises(RuleError) as e:
        load([path])
    assert e.value.path == path
    assert e.value.entry == entry
    assert reason in e.value.reason
    assert str(e.value) == f"{path}: {entry}: {e.value.reason}"


def test_a_file_without_library_or_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="has no `library`"):
        load([file(tmp_path, "", head="")])
    with pytest.raises(RuleError, match="cannot be read"):
        load([tmp_path / "none.toml"])


BAD_COUNTS = [
    ("nll = { agrees = 1, against = 0, neither = 0, packages = 1, contrary = 0 }", "term 1", "has counts of `nll`"),
    ("badness = 3", "term 1", "the counts of `badness` must be a table"),
    ("badness = { agrees = 1, against = 0, packages = 1, contrary = 0 }", "term 1, counts of `badness`",
     "has no `neither`"),
    ("badness = { agrees = 1, agains = 0, neither = 0, packages = 1, contrary = 0 }", "term 1, counts of `badness`",
     "unknown key `agains` (did you mean `against`?)"),
    ("badness = { agrees = -1, against = 0, neither = 0, packages = 1, contrary = 0 }", "term 1, counts of `badness`",
     "`agrees` must be a whole number, from 0"),
    ("badness = { agrees = true, against = 0, neither = 0, packages = 1, contrary = 0 }", "term 1, counts of `badness`",
     "`agrees` must be a whole number, from 0"),
    ("badness = { agrees = 1, against = 1, neither = 0, packages = 3, contrary = 0 }", "term 1, counts of `badness`",
     "3 packages cannot have 2 values"),
    ("badness = { agrees = 0, against = 0, neither = 0, packages = 0, contrary = 0 }", "term 1, counts of `badness`",
     "0 packages cannot have 0 values"),
    ("badness = { agrees = 1, against = 1, neither = 0, packages = 2, contrary = 2 }", "term 1, counts of `badness`",
     "`contrary` is 2: more than"),
]  # fmt: skip


@pytest.mark.parametrize(("counts", "entry", "reason"), BAD_COUNTS, ids=[reason for *_, reason in BAD_COUNTS])
def test_counts_that_cannot_be_are_told_with_file_and_row(tmp_path: Path, counts: str, entry: str, reason: str) -> None:
    path = tmp_path / "names.toml"
    path.write_text(f'[[term]]\nwords = ["badness"]\nsense = "cost"\n\n[term.counts]\n{counts}\n', encoding="utf-8")
    with pytest.raises(RuleError) as e:
        load([path])
    assert (e.value.path, e.value.entry) == (path, entry)
    assert reason in e.value.reason


def test_a_word_has_the_counts_of_the_file_that_defines_it_last(tmp_path: Path) -> None:
    counted = "[term.counts]\nbadness = { agrees = 4, against = 1, neither = 2, packages = 3, contrary = 1 }\n"
    row = '[[term]]\nwords = ["badness", "evil"]\nsense = "cost"\n'
    (tmp_path / "names.toml").write_text(row + counted, encoding="utf-8")
    known = load([tmp_path / "names.toml"])
    claim = known.claim("mean_badnesses")  # a plural is another spelling of the word
    assert claim is not None and claim.term == "badness"
    assert known.counts("badness") == Counts(4, 1, 2, 3, 1)
    assert known.counts("evil") is None
    later = tmp_path / "later" / "names.toml"
    later.parent.mkdir()
    later.write_text(row, encoding="utf-8")
    assert load([tmp_path / "names.toml", later]).counts("badness") is None


def test_every_word_is_listed_once_and_as_it_stands_in_the_file() -> None:
    words = [term.word for term in load().terms()]
    assert len(words) == len({*words})
    assert {"log_prob", "losses", "elbo"} <= {*words} and "log_probs" not in words


def test_names_of_the_user(tmp_path: Path) -> None:
    path = tmp_path / "names.toml"
    path.write_text('[[term]]\nwords = ["badness"]\nsense = "cost"\n', encoding="utf-8")
    claim = load([tmp_path]).claim("mean_badness")
    assert claim is not None
    assert claim.sense is Sense.COST
    path.write_text('[[term]]\nwords = ["badness"]\n', encoding="utf-8")
    with pytest.raises(RuleError, match="term 1: has no `sense`"):
        load([tmp_path, tmp_path])  # another key than before: nothing is kept of what was read


def test_rules_of_the_user_go_before_the_shipped_ones(tmp_path: Path) -> None:
    text = '[[function]]\nnames = ["torch.mean", "mine.f"]\nparams = ["x"]\npasses = { x = "flip" }\n'
    head = 'library = "mine"\nroots = ["torch", "mine"]\n[aliases]\n"mine.g" = "torch.sum"\n'
    mine = load([file(tmp_path, text, head)])
    for name, how in [("torch.mean", Pass.FLIP), ("mine.f", Pass.FLIP)]:
        entry = mine.lookup(name)
        assert entry is not None
        assert entry.passes == {"x": how}
    aliased = mine.lookup("mine.g")
    assert aliased is not None
    assert aliased.name == "torch.sum"
    shipped = load().lookup("torch.mean")
    assert shipped is not None
    assert shipped.passes == {"input": Pass.KEEP}


def test_lookup_and_aliases() -> None:
    known = load()
    for name, canonical in [
        ("torch.nn.functional.nll_loss", "torch.nn.functional.nll_loss"),
        ("torch.optim.adam.Adam", "torch.optim.Adam"),
        ("tensorflow_probability.substrates.jax.distributions.Normal", "tensorflow_probability.distributions.Normal"),
        ("autograd.numpy.mean", "numpy.mean"),
        ("autograd.scipy.stats.norm.logpdf", "scipy.stats.norm.logpdf"),
        ("tensorflow.keras.losses.MeanSquaredError", "keras.losses.MeanSquaredError"),
        ("pytorch_lightning.Trainer", "lightning.pytorch.Trainer"),
        ("gensim.models.ldamodel.LdaModel", "gensim.models.LdaModel"),
    ]:
        entry = known.lookup(name)
        assert entry is not None, name
        assert entry.name == canonical
    for name in ("torch", "torch.", "", "nothing.at.all", "torch.nn.functional", "torch.no_such", "mean"):
        assert known.lookup(name) is None


def test_methods() -> None:
    known = load()
    detach = known.method("detach", "tensor")
    assert detach is not None
    assert (detach.passes, detach.makes) == (Pass.KEEP, "detached")
    for on in ("any", "distribution", "tensor"):
        log_prob = known.method("log_prob", on)
        assert log_prob is not None
        assert log_prob.sense is Sense.GAIN
    assert known.method("mean", "any") is None
    mean = known.method("mean", "distribution")
    assert mean is not None
    assert mean.sense is Sense.NONE


def test_every_shipped_file_is_sound() -> None:
    known = load()
    assert len(known.libraries()) >= 30
    entries = known.entries()
    assert all(entry.name == name for name, entry in entries.items())
    assert len(known.methods()) > 200
    assert all(entry.url.startswith("https://") for entry in entries.values())


def test_no_circle_of_aliases(tmp_path: Path) -> None:
    head = 'library = "mine"\nroots = ["mine"]\n[aliases]\n"mine.a" = "mine.b"\n"mine.b" = "mine.a"\n'
    assert load([file(tmp_path, "", head)]).lookup("mine.a.f") is None


def test_the_same_rules_are_loaded_once() -> None:
    assert load() is load()


def test_the_rules_are_found_from_anywhere(tmp_path: Path) -> None:
    code = "from vaelint.knowledge import load; assert load().lookup('torch.mean') and load().claim('elbo')"
    root = str(rules_directory().parent)
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": root}, check=True)


def test_a_class_is_known_in_the_module_of_its_package_too() -> None:
    known = load()
    found = known.lookup("timm.loss.cross_entropy.LabelSmoothingCrossEntropy")
    assert found is not None
    assert found == known.lookup("timm.loss.LabelSmoothingCrossEntropy")
    assert known.selector("torch.optim.lr_scheduler.inner.ReduceLROnPlateau") is not None


def test_a_function_of_that_name_may_be_another_one() -> None:
    assert load().lookup("torch.nn.functional.inner.nll_loss") is None
    assert load().lookup("timm.loss.Inner.LabelSmoothingCrossEntropy") is None
