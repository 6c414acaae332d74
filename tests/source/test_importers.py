"""Which files import one: found by the words of their import statements, of which few are looked up."""

from __future__ import annotations

from pathlib import Path

import pytest

from vaelint.source.facts import Import, read
from vaelint.source.project import Project

OPTIMISES = "loss.backward()\n"
LOSSES = "def nll_loss(x):\n    return x\n"


def tree(root: Path, **files: str) -> None:
    (root / "setup.py").touch()
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize(
    "statement",
    ["import pkg.losses", "from pkg import losses", "from pkg.losses import nll_loss", "import os, pkg.losses as l"],
)
def test_a_file_that_imports_one_is_found_however_it_is_written(tmp_path: Path, statement: str) -> None:
    tree(tmp_path, pkg__losses=LOSSES, train=f"{statement}\n{OPTIMISES}")
    (tmp_path / "pkg" / "__init__.py").touch()
    assert Project().importers(str(tmp_path / "pkg" / "losses.py")) == [str(tmp_path / "train.py")]


@pytest.mark.parametrize(
    "statement", ["from . import losses", "from .losses import nll_loss", "from ..pkg import losses"]
)
def test_so_is_one_beside_it(tmp_path: Path, statement: str) -> None:
    tree(tmp_path, pkg__losses=LOSSES, pkg__train=f"{statement}\n{OPTIMISES}")
    (tmp_path / "pkg" / "__init__.py").touch()
    assert Project().importers(str(tmp_path / "pkg" / "losses.py")) == [str(tmp_path / "pkg" / "train.py")]


def test_a_folder_without_init_is_imported_from_by_who_names_what_it_has(tmp_path: Path) -> None:
    tree(tmp_path, pkg__losses=LOSSES, pkg__other="", train=f"from pkg import losses\n{OPTIMISES}")
    assert Project().importers(str(tmp_path / "pkg" / "losses.py")) == [str(tmp_path / "train.py")]
    assert Project().importers(str(tmp_path / "pkg" / "other.py")) == []


def test_who_lowers_nothing_is_asked_what_it_passes_to_who_does(tmp_path: Path) -> None:
    passes = "from {} import {}\nfit(nll_loss)\n"
    tree(tmp_path, losses=LOSSES, plain=passes.format("losses", "nll_loss"))
    tree(tmp_path, trainer=f"def fit(loss):\n    {OPTIMISES}", main=passes.format("trainer", "fit"))
    assert Project().importers(str(tmp_path / "losses.py")) == []
    assert Project().importers(str(tmp_path / "trainer.py")) == [str(tmp_path / "main.py")]


def test_a_package_is_imported_by_who_imports_from_it_and_by_who_stands_in_it(tmp_path: Path) -> None:
    tree(tmp_path, pkg__inner=f"from . import nll_loss\n{OPTIMISES}", train=f"from pkg import nll_loss\n{OPTIMISES}")
    (tmp_path / "pkg" / "__init__.py").write_text(LOSSES)
    found = Project().importers(str(tmp_path / "pkg" / "__init__.py"))
    assert sorted(found) == [str(tmp_path / "pkg" / "inner.py"), str(tmp_path / "train.py")]


def test_what_only_shares_a_word_is_none(tmp_path: Path) -> None:
    tree(tmp_path, pkg__losses=LOSSES, other__losses="", train=f"from other import losses\n{OPTIMISES}")
    assert Project().importers(str(tmp_path / "pkg" / "losses.py")) == []


def test_of_a_thousand_files_those_alone_are_looked_up_that_name_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree(tmp_path, losses=LOSSES, train=f"from losses import nll_loss\n{OPTIMISES}")
    for i in range(1_000):
        (tmp_path / f"m{i}.py").write_text(f"from m{(i + 1) % 1_000} import x\n{OPTIMISES}")
    looked: list[str] = []
    absolute = Project.absolute

    def counted(self: Project, dotted: str, importer: str) -> object:
        looked.append(importer)
        return absolute(self, dotted, importer)

    monkeypatch.setattr(Project, "absolute", counted)
    assert Project().importers(str(tmp_path / "losses.py")) == [str(tmp_path / "train.py")]
    assert set(looked) == {str(tmp_path / "train.py")}


@pytest.mark.parametrize(
    "line", ["loss.backward()", "Minimize(f)", "optimise(x)", "model.compile(loss='mse')", "mcmc = NUTS"]
)
def test_what_optimises_is_told_by_its_words(line: str) -> None:
    assert read(line.encode()).optimises


@pytest.mark.parametrize("line", ["re.compile('x')", "minimal = 1", "x = 2"])
def test_other_code_does_not(line: str) -> None:
    assert not read(line.encode()).optimises


def test_the_words_of_an_import_are_the_modules_that_it_may_lead_to() -> None:
    assert Import(0, "a.b", ("c", "d")).words == ("b", "c", "d")
    assert Import(1, "", ("c",)).words == ("", "c")
    assert Import(0, "a.b", None).words == ("b",)
