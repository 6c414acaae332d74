"""A run that uses what an earlier one kept answers as one that does not: first where nothing has changed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cache.conftest import LOSSES, OTHER, TRAIN, Tree
from vaelint.cache import answers, tree
from vaelint.cache.folder import Folder
from vaelint.finding import Result

ALL = {"losses.py", "train.py", "other.py"}


# --- nothing has changed -------------------------------------------------------------------------


def test_the_second_run_says_the_same_and_examines_nothing(tree: Tree) -> None:
    first = tree.agrees()
    assert first.examined == ALL and not first.whole and first.output.count('"code"') == 2
    again = tree.agrees()
    assert again.whole and again.output == first.output


@pytest.mark.parametrize("form", ["text", "full", "concise", "sarif", "json-lines", "github"])
def test_all_formats_are_the_same(tree: Tree, form: str) -> None:
    command = ("check", "--output-format", form, "--show-hidden")
    first = tree.agrees(*command)
    again = tree.agrees(*command)
    assert again.whole and again.output == first.output


@pytest.mark.parametrize("command", [("objectives",), ("objectives", "--tree"), ("brief",), ("check", "--statistics")])
def test_all_commands_are_the_same(tree: Tree, command: tuple[str, ...]) -> None:
    first = tree.agrees(*command)
    again = tree.agrees(*command)
    assert again.whole and again.output == first.output


def test_a_file_that_was_only_touched_is_not_examined(tree: Tree) -> None:
    first = tree.run()
    os.utime(tree.root / "other.py", (1, 1))
    again = tree.agrees()
    assert not again.examined and again.output == first.output


def test_runs_over_single_files_share_what_is_known_of_them(tree: Tree) -> None:
    tree.run()
    one = tree.agrees("check", "other.py")
    assert not one.whole and not one.examined
    assert tree.agrees("check", "other.py").whole


def test_notebooks_and_settings_in_yaml_are_kept_too(tree: Tree) -> None:
    cell = {"cell_type": "code", "source": OTHER}
    tree.write("n.ipynb", json.dumps({"cells": [cell]}))
    tree.write("c.yaml", "checkpoint:\n  monitor: val_loss\n  mode: max\n")
    tree.write("load.py", "open('c.yaml')\n")
    first = tree.agrees()
    assert {"n.ipynb", "c.yaml"} <= first.examined and "c.yaml" in first.output and "load.py" in first.output
    assert tree.agrees().whole
    tree.write("load.py", "\nopen('c.yaml')\n")
    again = tree.agrees()
    assert again.examined == {"load.py", "c.yaml"} and again.output != first.output
    tree.write("n.ipynb", json.dumps({"cells": [cell, cell]}))
    assert tree.agrees().examined == {"n.ipynb"}


# --- something has -------------------------------------------------------------------------------


def test_a_changed_file_alone_is_examined(tree: Tree) -> None:
    first = tree.run()
    tree.write("other.py", OTHER.replace("loss = ", "loss = -"))
    again = tree.agrees()
    assert again.examined == {"other.py"} and again.output != first.output
    assert tree.agrees().whole


def test_a_changed_dependency_has_those_examined_that_ask_for_it(tree: Tree) -> None:
    first = tree.run()
    tree.write("losses.py", LOSSES.replace("return ", "return -"))
    again = tree.agrees()
    assert again.examined == {"losses.py", "train.py"} and again.output != first.output


def test_a_changed_importer_counts_for_a_file_that_is_asked_for_alone(tree: Tree) -> None:
    first = tree.agrees("check", "--output-format", "json", "losses.py")
    tree.write("train.py", TRAIN.replace("-reconstruction", "reconstruction"))
    again = tree.agrees("check", "--output-format", "json", "losses.py")
    assert again.examined == {"train.py"} and not again.whole
    tree.write("second.py", TRAIN.replace("train(", "again("))
    assert tree.agrees("check", "--output-format", "json", "losses.py").examined == {"second.py"}
    assert first.code == 0


def test_a_dependency_that_is_gone(tree: Tree) -> None:
    first = tree.run()
    (tree.root / "losses.py").unlink()
    again = tree.agrees()
    assert again.examined == {"train.py"} and again.output != first.output
    tree.write("losses.py", LOSSES)
    assert tree.agrees().output == first.output


def test_a_new_file_that_shadows_an_import(tree: Tree) -> None:
    tree.write("app/train.py", TRAIN)
    first = tree.run()
    tree.write("app/losses.py", LOSSES.replace("return ", "return -"))
    again = tree.agrees()
    assert again.examined == {"losses.py", "train.py"} and again.output != first.output


def test_a_package_beside_a_module_of_its_name(tree: Tree) -> None:
    first = tree.run()
    tree.write("losses/__init__.py", LOSSES.replace("return ", "return -"))
    again = tree.agrees()
    assert {"__init__.py", "train.py"} <= again.examined and again.output != first.output


def test_a_class_that_derives_from_one_elsewhere(tree: Tree) -> None:
    tree.write("base.py", BASE)
    first = tree.run()
    tree.write("derived.py", DERIVED)
    again = tree.agrees()
    assert {"base.py", "derived.py"} <= again.examined and again.output != first.output


BASE = """\
import torch.nn as nn


class Task(nn.Module):
    def objective(self, x):
        raise NotImplementedError

    def fit(self, x, optimizer):
        loss = self.objective(x)
        loss.backward()
        optimizer.step()
"""
DERIVED = """\
from torch.distributions import Normal

from base import Task


class Density(Task):
    def objective(self, x):
        return Normal(0.0, 1.0).log_prob(x).mean()
"""


# --- other questions -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [("--select", "VL1"), ("--ignore", "VL101"), ("--config", 'names = { gain = ["reconstruction"] }'), ("--preview",)],
)
def test_other_settings_have_answers_of_their_own(tree: Tree, options: tuple[str, ...]) -> None:
    command = ("check", "--output-format", "json")
    tree.run()
    assert tree.agrees(*command, *options).examined == ALL
    assert tree.agrees(*command, *options).whole
    assert tree.agrees().whole


def test_another_confidence_needs_no_examination(tree: Tree) -> None:
    tree.run()
    assert not tree.agrees("check", "--output-format", "json", "--min-confidence", "possible").examined


def test_changed_configuration(tree: Tree) -> None:
    tree.run()
    tree.write("pyproject.toml", "[tool.vaelint]\nignore = ['VL101']\n")
    assert tree.agrees().examined == ALL
    tree.write("app/vaelint.toml", "ignore = ['VL1']\n")
    tree.write("app/other.py", OTHER)
    first = tree.agrees()
    tree.write("app/vaelint.toml", "extend = '../more.toml'\n")
    tree.write("more.toml", "ignore = ['VL2']\n")
    second = tree.agrees()
    tree.write("more.toml", "ignore = ['VL1']\n")
    assert second.output != first.output == tree.agrees().output


def test_rules_of_the_project(tree: Tree) -> None:
    rule = '[[function]]\nnames = ["ours.value"]\nsense = "{}"\nkind = "error"\n'
    head = 'library = "ours"\nroots = ["ours"]\ndocs = "https://example.org"\n\n'
    tree.write("pyproject.toml", "[tool.vaelint]\nextend-rules = ['ours.toml']\n")
    tree.write("ours.toml", head + rule.format("cost"))
    tree.write(
        "other.py", OTHER.replace("Normal(model(x), 1.0).log_prob(x)", "ours.value(x)").replace("torch\n", "ours\n")
    )
    tree.run()
    assert tree.agrees().whole
    tree.write("ours.toml", head + rule.format("gain"))
    assert tree.agrees().examined == ALL


def test_what_git_leaves_out(tree: Tree) -> None:
    (tree.root / ".git" / "info").mkdir(parents=True)
    first = tree.run()
    tree.write(".gitignore", "other.py\n")
    assert tree.agrees().output != first.output
    tree.write(".gitignore", "")
    tree.write(".git/info/exclude", "other.py\n")
    assert tree.agrees().output != first.output
    assert tree.agrees().whole


def test_another_working_directory(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.write("app/m.py", OTHER)
    tree.run()
    monkeypatch.chdir(tree.root / "app")
    there = tree.agrees("check", "--output-format", "json", "..")
    assert there.examined == {*ALL, "m.py"}


def test_another_version_of_the_program(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.run()
    monkeypatch.setattr("vaelint.cache.place.stamp", lambda: "of other rules")
    assert tree.agrees().examined == ALL


def test_fixes_are_made_once(tree: Tree) -> None:
    tree.run("check", "--fix", "--unsafe-fixes")
    fixed = (tree.root / "other.py").read_text()
    assert fixed != OTHER
    tree.run("check", "--fix", "--unsafe-fixes")
    assert (tree.root / "other.py").read_text() == fixed
    tree.agrees()


def test_a_baseline_is_read_each_time(tree: Tree, tmp_path: Path) -> None:
    first = tree.run()
    tree.run("baseline", "-o", str(tmp_path / "known.json"))
    hidden = tree.agrees("check", "--output-format", "json", "--baseline", str(tmp_path / "known.json"))
    assert hidden.code == 0 and first.code == 1
    assert tree.agrees().code == 1


def test_comments_that_are_added_hide_what_was_found(tree: Tree) -> None:
    tree.run()
    tree.run("check", "--add-ignore", "known")
    assert tree.agrees().code == 0


def test_what_installed_packages_hold_is_looked_at_each_time(tree: Tree) -> None:
    package = tree.root.parent / "env" / "site-packages" / "ours.py"
    package.parent.mkdir(parents=True)
    package.write_text(LOSSES)
    tree.write("app.py", TRAIN.replace("from losses", "from ours"))
    command = ("check", "--output-format", "json", "--follow-installed", "--python", str(package.parents[1]))
    first = tree.agrees(*command)
    package.write_text(LOSSES.replace("return ", "return -"))
    again = tree.agrees(*command)
    assert not again.whole and again.output != first.output


def test_where_the_file_that_was_named_has_changed_the_others_are_not_looked_at_to_know_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, named = tmp_path / "root", tmp_path / "root" / "m.py"
    root.mkdir()
    named.write_text("x = 1\n")
    monkeypatch.setattr("vaelint.cache.tree.RECENT", 0)
    folder = Folder(str(tmp_path / "cache"), "1", b"k" * 32, "")
    assert folder.prepare()
    folder.now = time.time_ns() + tree.SECOND
    answers.keep(folder, "asked", [str(root)], [str(named)], Result())
    assert answers.find(folder, "asked") is not None
    looked: list[str] = []

    def listed(self: tree.Look, name: str) -> Iterator[str]:
        looked.append(name)
        yield name

    monkeypatch.setattr(tree.Look, "_folder", listed)
    named.write_text("x = 22\n")
    assert answers.find(folder, "asked") is None
    assert not looked
