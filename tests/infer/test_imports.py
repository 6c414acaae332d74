"""One mistake, its loss in one file and its optimiser in another, for every way in which the one comes to the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.examine import examine
from vaelint.knowledge import load
from vaelint.source.project import Project

LOSS = """\
from torch.distributions import Normal

def fit_term(mu, x):
    return Normal(mu, 1.0).log_prob(x).mean()
"""
STEP = "    {loss}.backward()\n    optimizer.step()\n"
CLASS = """\
from torch import nn
from torch.distributions import Normal

class Base(nn.Module):
    def term(self, x):
        return Normal(self.net(x), 1.0).log_prob(x).mean()
"""


def train(imports: str, loss: str) -> str:
    return f"{imports}\n\ndef train(model, x, optimizer):\n    value = {loss}\n" + STEP.format(loss="value")


LAYOUTS = {
    "beside it": {"losses.py": LOSS, "train.py": train("from losses import fit_term", "fit_term(model(x), x)")},
    "as a module": {"losses.py": LOSS, "train.py": train("import losses as L", "L.fit_term(model(x), x)")},
    "relative": {
        "p/__init__.py": "",
        "p/losses.py": LOSS,
        "p/train.py": train("from .losses import fit_term", "fit_term(model(x), x)"),
    },
    "from above": {
        "p/__init__.py": "",
        "p/losses.py": LOSS,
        "p/q/__init__.py": "",
        "p/q/train.py": train("from ..losses import fit_term as f", "f(model(x), x)"),
    },
    "absolute": {
        "p/__init__.py": "",
        "p/losses.py": LOSS,
        "p/train.py": train("import p.losses", "p.losses.fit_term(model(x), x)"),
    },
    "re-exported": {
        "p/__init__.py": "from .losses import fit_term\n",
        "p/losses.py": LOSS,
        "train.py": train("from p import fit_term", "fit_term(model(x), x)"),
    },
    "by a star": {
        "p/__init__.py": "from .losses import *\n",
        "p/losses.py": LOSS,
        "train.py": train("from p import *", "fit_term(model(x), x)"),
    },
    "from src": {
        "setup.py": "",
        "src/p/__init__.py": "",
        "src/p/losses.py": LOSS,
        "scripts/train.py": train("from p.losses import fit_term", "fit_term(model(x), x)"),
    },
    "from a namespace": {
        "setup.py": "",
        "lib/losses.py": LOSS,
        "train.py": train("from lib.losses import fit_term", "fit_term(model(x), x)"),
    },
    "if it is there": {
        "losses.py": LOSS,
        "train.py": train(
            "try:\n    from losses import fit_term\nexcept ImportError:\n    fit_term = None", "fit_term(model(x), x)"
        ),
    },
    "in a circle": {
        "a.py": "from b import fit_term\n" + train("", "fit_term(model(x), x)"),
        "b.py": "from a import train\n" + LOSS,
    },
    "inside a function": {
        "losses.py": LOSS,
        "train.py": "def train(model, x, optimizer):\n    from losses import fit_term\n"
        "    value = fit_term(model(x), x)\n" + STEP.format(loss="value"),
    },
    "from a registry": {
        "losses.py": LOSS + "\nLOSSES = {'fit': fit_term}\n",
        "train.py": train("from losses import LOSSES", "LOSSES[model.name](model(x), x)"),
    },
    "from a factory": {
        "losses.py": LOSS
        + "\ndef make(name):\n    if name == 'fit':\n        return fit_term\n    raise ValueError(name)\n",
        "train.py": train("from losses import make", "make(model.name)(model(x), x)"),
    },
    "inherited": {
        "base.py": CLASS,
        "model.py": "from base import Base\n\nclass Model(Base):\n    pass\n",
        "train.py": train("from model import Model", "Model().term(x)"),
    },
    "through super": {
        "base.py": CLASS,
        "model.py": "from base import Base\n\nclass Model(Base):\n"
        "    def term(self, x):\n        return super().term(x)\n",
        "train.py": train("from model import Model", "Model().term(x)"),
    },
    "by annotation": {
        "base.py": CLASS,
        "train.py": "from base import Base\n\ndef train(model: Base, x, optimizer):\n    value = model.term(x)\n"
        + STEP.format(loss="value"),
    },
    "by its method's name": {
        "base.py": CLASS,
        "train.py": "import base\n\ndef train(model, x, optimizer):\n    value = model.term(x)\n"
        + STEP.format(loss="value"),
    },
}

SILENT = {
    "a registry that disagrees": {
        "losses.py": LOSS
        + "\ndef nll(mu, x):\n    return -fit_term(mu, x)\n\nLOSSES = {'fit': fit_term, 'nll': nll}\n",
        "train.py": train("from losses import LOSSES", "LOSSES[model.name](model(x), x)"),
    },
    "scripts that are strangers": {
        "base.py": CLASS,
        "train.py": "def train(model, x, optimizer):\n    value = model.term(x)\n" + STEP.format(loss="value"),
    },
    "a name that is nowhere": {"train.py": train("from losses import fit_term", "fit_term(model(x), x)")},
    "a negation on the way": {
        "losses.py": LOSS,
        "more.py": "from losses import fit_term\n\ndef nll(mu, x):\n    return -fit_term(mu, x)\n",
        "train.py": train("from more import nll", "nll(model(x), x)"),
    },
}


def written(files: dict[str, str], folder: Path) -> Path:
    (folder / ".git").mkdir()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def codes(paths: list[Path]) -> list[str]:
    return [f.code for f in analyse(paths, Config()).findings]


@pytest.mark.parametrize("files", SILENT.values(), ids=SILENT)
def test_what_is_not_certain_is_not_reported(files: dict[str, str], tmp_path: Path) -> None:
    assert codes([written(files, tmp_path)]) == []


@pytest.mark.parametrize("files", LAYOUTS.values(), ids=LAYOUTS)
def test_a_likelihood_is_followed_to_the_optimiser(files: dict[str, str], tmp_path: Path) -> None:
    assert codes([written(files, tmp_path)]) == ["VL101"]


@pytest.mark.parametrize("files", LAYOUTS.values(), ids=LAYOUTS)
def test_each_file_alone_says_what_all_say_together(files: dict[str, str], tmp_path: Path) -> None:
    folder = written(files, tmp_path)
    alone = [f for name in files for f in analyse([folder / name], Config()).findings]
    together = analyse([folder], Config()).findings
    assert {(f.filename, f.location, f.code) for f in alone} == {(f.filename, f.location, f.code) for f in together}
    assert len(together) == 1


@pytest.mark.parametrize("files", LAYOUTS.values(), ids=LAYOUTS)
def test_the_file_that_optimises_shows_the_mistake_wherever_it_is_to_be_edited(
    files: dict[str, str], tmp_path: Path
) -> None:
    folder = written(files, tmp_path)
    train = next(name for name, text in files.items() if "optimizer.step()" in text)
    assert analyse([folder / train], Config()).findings == analyse([folder], Config()).findings


def test_a_trace_leads_through_both_files(tmp_path: Path) -> None:
    folder = written(LAYOUTS["beside it"], tmp_path)
    (finding,) = analyse([folder], Config()).findings
    assert {Path(step.filename).name for step in finding.trace} == {"losses.py", "train.py"}


def test_who_imports_a_file_sees_it_as_it_is_given(tmp_path: Path) -> None:
    folder = written(LAYOUTS["beside it"], tmp_path)
    mended = LOSS.replace("return Normal", "return -Normal")

    def said(project: Project) -> list[str]:
        return [f.finding.code for f in examine(folder / "train.py", None, load(()), Config(), project).findings]

    assert said(Project()) == ["VL101"]
    assert said(Project((str(folder / "losses.py"), mended))) == []


def test_what_a_run_has_read_does_not_outlive_it(tmp_path: Path) -> None:
    folder = written(LAYOUTS["beside it"], tmp_path)
    assert codes([folder]) == ["VL101"]
    (folder / "losses.py").write_text(LOSS.replace("return Normal", "return -Normal"), "utf-8")
    assert codes([folder]) == []


LOOP = """\
import torch
from torch.distributions import Normal

class Loop:
    def __init__(self, model, rate):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=rate)

    def run(self, batches):
        for x, y in batches:
            self.optimizer.zero_grad()
            value = Normal(self.model(x), 1.0).log_prob(y).mean()
            value.backward()
            self.optimizer.step()
"""
START = """\
from loop import Loop

def start(model, batches, loss=None):
    loop = Loop(model, 0.1)
    loop.run(batches)
    return loss
"""


@pytest.mark.parametrize("asked", [".", "start.py"])
def test_what_a_file_says_of_itself_is_not_said_again_where_it_is_called(asked: str, tmp_path: Path) -> None:
    (tmp_path / "loop.py").write_text(LOOP)
    (tmp_path / "start.py").write_text(START)
    found = [Path(f.filename).name for f in analyse([tmp_path / asked], Config()).findings]
    assert found == (["loop.py"] if asked == "." else [])


CRITERION = (
    "import torch.nn.functional as F\n\nclass Part:\n    def __call__(self, x, y):\n        return F.mse_loss(x, y)\n"
)
SCRIPT = """\
from torch.optim import SGD
from parts import Part

def main(model):
    train(model, Part(), SGD(model.parameters(), lr=0.1))

def train(model, part, optimizer):
    value = part(model(x), y)
    optimizer.zero_grad()
    value.backward()
    optimizer.step()

if __name__ == "__main__":
    main(made())
"""


def test_what_a_main_block_looks_up_is_imported_for_all(tmp_path: Path) -> None:
    (tmp_path / "parts.py").write_text(CRITERION, "utf-8")
    (tmp_path / "script.py").write_text(SCRIPT, "utf-8")
    [objective] = analyse([tmp_path / "script.py"], Config()).objectives
    assert objective.status.value == "consistent"
