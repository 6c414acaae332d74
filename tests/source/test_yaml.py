"""The reader of settings: mappings by indentation, and nothing that it does not understand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.source.yaml import blocks, read, readers


def values(text: str) -> list[dict[str, str | None]]:
    return [{k: v.text for k, v in b.values.items()} for b in blocks(text) if b.values]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only: a comment\n",
        "- a\n- b\n",
        "just text\n",
        "\tmonitor: x\n",
        "{{ template }}\n",
        "a: |\n  monitor: x\n",
    ],
)
def test_nothing_is_made_of_what_is_no_mapping(text: str) -> None:
    assert not any("monitor" in v for v in values(text))


def test_keys_of_one_indentation_are_one_mapping() -> None:
    assert values("a: 1\nb:\n  c: 2\n  d: 3\ne: 4\n") == [{"a": "1", "e": "4"}, {"c": "2", "d": "3"}]


def test_an_item_of_a_list_is_a_mapping_of_its_own() -> None:
    text = "cbs:\n- monitor: x\n  mode: min\n- monitor: y\nafter: 1\n"
    assert values(text) == [{"after": "1"}, {"monitor": "x", "mode": "min"}, {"monitor": "y"}]


def test_a_mapping_in_braces_on_one_line_is_read() -> None:
    assert values('metric: {name: "val loss", goal: minimize}\n') == [{"name": "val loss", "goal": "minimize"}]


def test_a_value_that_is_no_plain_scalar_is_unknown() -> None:
    text = "a: ${other}\nb: *anchor\nc: [1, 2]\nd: !tag x\ne: '{{ x }}'\nf: plain  # comment\ng: 'a # b'\n"
    plain = {"f": "plain", "g": "a # b"}
    assert values(text) == [dict.fromkeys("abcde") | plain]


def test_documents_of_one_file_are_apart() -> None:
    assert values("a: 1\n---\na: 2\n") == [{"a": "1"}, {"a": "2"}]


def test_rows_and_columns_count_from_one() -> None:
    found = next(b.values["mode"] for b in blocks("x:\n  mode: max\n") if b.values)
    assert (found.row, found.column) == (2, 3)


def test_only_files_that_speak_of_selection_are_looked_into(tmp_path: Path) -> None:
    dull, ours = tmp_path / "a.yaml", tmp_path / "b.yml"
    dull.write_text("layers: 3\n")
    ours.write_text("monitor: val_loss\nmode: min\n")
    assert read(dull) is None and read(ours) == ours.read_bytes()
    assert analyse([tmp_path], Config()).files == 1


WRONG = "method: bayes\nmetric:\n  name: val_loss\n  goal: maximize\n"


def test_a_wrong_goal_is_reported_with_the_file_that_reads_it(tmp_path: Path) -> None:
    sweep, train = tmp_path / "sweep.yaml", tmp_path / "train.py"
    sweep.write_text(WRONG)
    train.write_text("import yaml\nc = yaml.safe_load(open('sweep.yaml'))\n")
    (found,) = analyse([sweep], Config()).findings
    assert (found.code, found.location.row) == ("VL501", 4)
    assert found.trace[-1].filename.endswith("train.py") and found.trace[-1].location.row == 2
    assert list(readers(sweep)) == [(train, 2)]


def test_a_finding_in_yaml_is_suppressed_by_a_comment(tmp_path: Path) -> None:
    path = tmp_path / "sweep.yaml"
    path.write_text(WRONG.replace("maximize", "maximize  # vaelint: ignore[VL501] an adversary's"))
    result = analyse([path], Config())
    assert not result.findings and not result.problems


REPORTED = {
    "a mode beside a monitor": "early:\n  monitor: val_loss\n  mode: max\n",
    "a default of Lightning": "_target_: lightning.pytorch.callbacks.ModelCheckpoint\nmonitor: val/acc\n",
    "arguments of a class path": (
        "- class_path: pytorch_lightning.callbacks.EarlyStopping\n  init_args:\n    monitor: val_f1\n    mode: min\n"
    ),
    "a sweep's default": "method: random\nmetric:\n  name: accuracy\nparameters:\n  a: 1\n",
    "a flag": "metric_for_best_model: eval_loss\ngreater_is_better: true\n",
    "one metric both ways": "a:\n  monitor: obj\n  mode: max\nb:\n  monitor: obj\n  mode: min\n",
}
SILENT = {
    "right": "monitor: val_loss\nmode: min\n",
    "not clear": "monitor: val_score\nmode: min\n",
    "not beside each other": "mode: max\ninner:\n  monitor: val_loss\n",
    "resolved elsewhere": "monitor: ${metric}\nmode: max\n",
    "another mode": "monitor: val_loss\nmode: online\n",
    "no sweep": "metric:\n  name: accuracy\n",
}


@pytest.mark.parametrize("text", REPORTED.values(), ids=REPORTED)
def test_settings_that_contradict_are_reported(tmp_path: Path, text: str) -> None:
    path = tmp_path / "conf.yaml"
    path.write_text(text)
    assert [f.code for f in analyse([path], Config()).findings] == ["VL501"]


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_settings_that_do_not_are_not(tmp_path: Path, text: str) -> None:
    path = tmp_path / "conf.yaml"
    path.write_text(text)
    assert not analyse([path], Config()).findings
