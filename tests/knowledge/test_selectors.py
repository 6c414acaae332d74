"""Tables of what selects by a metric: what they may say, and how they are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from vaelint.knowledge import RuleError, load
from vaelint.knowledge.library import read

HEAD = 'library = "ours"\nroots = ["ours"]\n\n'
GOOD = """\
[[selector]]
names = ["ours.Keeper"]
params = ["folder", "watch"]
metric = "watch"
mode = "way"
minimize = ["down"]
maximize = ["up"]
default = { "*loss" = "minimize", "*" = "maximize" }
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "ours.toml"
    path.write_text(HEAD + text, "utf-8")
    return path


def test_a_selector_is_found_by_its_name(tmp_path: Path) -> None:
    found = load([written(tmp_path, GOOD)]).selector("ours.Keeper")
    assert found is not None and found.name == "ours.Keeper"
    assert found.default == (("*loss", "minimize"), ("*", "maximize"))


def test_one_word_is_the_default_for_every_metric(tmp_path: Path) -> None:
    text = GOOD.replace('{ "*loss" = "minimize", "*" = "maximize" }', '"minimize"')
    assert read(written(tmp_path, text)).selectors["ours.Keeper"].default == (("*", "minimize"),)


def test_what_is_unknown_is_no_selector() -> None:
    assert load().selector("torch.optim.Adam") is None
    assert load().selector("nowhere.EarlyStopping") is None


@pytest.mark.parametrize(
    "path",
    [
        "pytorch_lightning.callbacks.ModelCheckpoint",
        "lightning.pytorch.callbacks.early_stopping.EarlyStopping",
        "tensorflow.keras.callbacks.EarlyStopping",
        "tf_keras.callbacks.ModelCheckpoint",
        "optuna.study.create_study",
        "ignite.handlers.early_stopping.EarlyStopping",
        "ray.tune.tune.run",
    ],
)
def test_a_selector_is_found_under_the_paths_that_people_import(path: str) -> None:
    assert load().selector(path) is not None


def test_a_method_that_a_framework_selects_by_is_found_by_its_base() -> None:
    found = load().override("sklearn.base.BaseEstimator", "score")
    assert found is not None and found.direction == "maximize"
    assert load().override("sklearn.base.BaseEstimator", "predict") is None


BAD = {
    "no metric": (GOOD.replace('metric = "watch"\n', ""), "selects by nothing"),
    "no way": (GOOD.replace('mode = "way"\n', ""), "does not say which way"),
    "a mode without values": (GOOD.replace('maximize = ["up"]\n', ""), "not the values"),
    "an unknown direction": (GOOD.replace('"*" = "maximize"', '"*" = "up"'), "unknown word `up`"),
    "an unknown key": (GOOD + 'modes = "x"\n', "did you mean `mode`"),
    "another root": (GOOD.replace("ours.Keeper", "theirs.Keeper"), "does not begin with one of the file's `roots`"),
    "twice": (GOOD + GOOD, "duplicate"),
    "a position that is none": (GOOD + 'takes = { step = "first" }\n', "positions"),
    "an override without direction": ('[[override]]\nnames = ["ours.Base"]\nmethod = "score"\n', "has no `direction`"),
}


@pytest.mark.parametrize("text, reason", BAD.values(), ids=BAD)
def test_a_bad_table_is_rejected_with_path_entry_and_reason(tmp_path: Path, text: str, reason: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(RuleError) as error:
        read(path)
    assert error.value.path == path and reason in error.value.reason
    assert error.value.entry.startswith(("selector", "override"))
