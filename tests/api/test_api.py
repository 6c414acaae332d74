"""What a program gets of vaelint."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import vaelint
from vaelint.finding import Hidden, Status

WRONG = "import torch\ndist = torch.distributions.Normal(0.0, 1.0)\nrecon_loss = dist.log_prob(x).sum()\n"
TRAINED = """\
import torch

def train(model, x, optimizer: torch.optim.Adam):
    loss = torch.nn.functional.mse_loss(model(x), x)
    loss.backward()
    optimizer.step()
"""


def test_importing_it_loads_nothing() -> None:
    program = (
        "import sys, vaelint; vaelint.__version__; vaelint.Gain, vaelint.Cost\n"
        "print(*sorted(n for n in sys.modules if n.split('.')[0] in ('vaelint', 'libcst', 'click', 'rich', 'numpy')))"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["vaelint", "vaelint.markers"]


def test_a_text_is_checked_as_if_it_were_a_file(elsewhere: None) -> None:
    (finding,) = vaelint.check_source(WRONG, "model.py").findings
    assert (finding.code, finding.filename, finding.location.row) == ("VL301", "model.py", 3)
    assert vaelint.check_source("x = 1\n").findings == []


def test_files_and_folders_are_checked(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(WRONG)
    (tmp_path / "b.py").write_text(TRAINED)
    for paths in (tmp_path, str(tmp_path), [tmp_path / "a.py", tmp_path / "b.py"]):
        result = vaelint.check_paths(paths)
        assert [f.code for f in result.findings] == ["VL301"]
        assert [o.status for o in result.objectives] == [Status.CONSISTENT]


def test_objectives_say_how_they_came_about(tmp_path: Path) -> None:
    (tmp_path / "b.py").write_text(TRAINED)
    (objective,) = vaelint.objectives(tmp_path)
    assert [t.trace for t in objective.terms] != [()]


def test_the_configuration_may_be_a_file_or_its_keys(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(WRONG)
    (tmp_path / "mine.toml").write_text('ignore = ["VL3"]')
    for config in (tmp_path / "mine.toml", {"ignore": ["misnamed-loss"]}):
        result = vaelint.check_paths(tmp_path / "a.py", config=config)
        assert [f.hidden for f in result.hidden] == [Hidden.NOT_SELECTED] and not result.findings
    with pytest.raises(vaelint.ConfigError, match="unknown key `ignor`"):
        vaelint.check_paths(tmp_path, config={"ignor": []})


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        vaelint.check_paths(tmp_path / "none.py")


def test_what_it_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        vaelint.nothing
    assert set(vaelint.__all__) <= set(dir(vaelint))
