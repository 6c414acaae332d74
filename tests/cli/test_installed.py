"""`--follow-installed`: calls into packages of the user's environment are followed into their sources, as text."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from click.testing import CliRunner, Result

from vaelint.cli import main

DENSITY = """
    import sys
    sys.exit("nobody may run this")

    from torch.distributions import Normal, kl_divergence


    def evidence(x, mean):
        return Normal(mean, 1.0).log_prob(x).sum()


    def mixed(x, q, p, mean):
        recon = Normal(mean, 1.0).log_prob(x).sum()
        kl = kl_divergence(q, p).sum()
        return -recon - kl


    def ascend(optimizer, x, mean):
        loss = Normal(mean, 1.0).log_prob(x).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""
TRAIN = """
    import torch
    from acme.density import ascend, evidence, mixed

    model = torch.nn.Linear(2, 2)
    optimizer = torch.optim.Adam(model.parameters())


    def step(x, q, p):
        loss = {loss}
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text).lstrip())
    return path


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def environment(folder: Path) -> Path:
    packages = folder / "lib" / "python3.12" / "site-packages"
    write(packages / "acme" / "__init__.py", "")
    write(packages / "acme" / "density.py", DENSITY)
    return packages


def run(*args: str, command: str = "check") -> Result:
    return CliRunner().invoke(main, [command, "train.py", "--output-format", "json", *args])


def codes(*args: str) -> list[str]:
    return [f["code"] for f in json.loads(run(*args).stdout)]


def finding(*args: str) -> dict[str, Any]:
    (found,) = json.loads(run(*args).stdout)
    assert isinstance(found, dict)
    return found


class TestWhatIsNotFollowed:
    def test_nothing_unless_it_is_asked_for(self, project: Path) -> None:
        environment(project / ".venv")
        write(project / "train.py", TRAIN.format(loss="evidence(x, model(x))"))
        assert codes() == []

    def test_a_package_that_is_not_named(self, project: Path) -> None:
        environment(project / ".venv")
        write(project / "train.py", TRAIN.format(loss="evidence(x, model(x))"))
        assert codes("--config", 'follow-installed = ["other"]') == []

    def test_what_is_wrong_in_a_package_and_concerns_nothing_here(self, project: Path) -> None:
        environment(project / ".venv")
        write(
            project / "train.py", TRAIN.format(loss="-evidence(x, model(x))") + "    ascend(optimizer, x, model(x))\n"
        )
        assert codes("--follow-installed") == []

    def test_a_library_that_the_rules_know(self, project: Path) -> None:
        packages = environment(project / ".venv")
        write(packages / "torch" / "__init__.py", "")
        write(packages / "torch" / "distributions.py", "def kl_divergence(q, p): return -(q - p) ** 2")
        write(project / "train.py", TRAIN.format(loss="torch.distributions.kl_divergence(q, p).sum()"))
        assert codes("--follow-installed") == []


class TestWhatIsFollowed:
    def test_a_density_that_is_minimised(self, project: Path) -> None:
        environment(project / ".venv")
        write(project / "train.py", TRAIN.format(loss="evidence(x, model(x))"))
        found = finding("--follow-installed")
        assert (found["code"], found["location"]["row"]) == ("VL101", 9)
        assert any("acme" in step["filename"] for step in found["trace"])

    def test_a_mistake_in_a_package_is_reported_where_it_is_reached(self, project: Path) -> None:
        environment(project / ".venv")
        write(project / "train.py", TRAIN.format(loss="mixed(x, q, p, model(x))"))
        found = finding("--follow-installed")
        assert found["code"] == "VL201"
        assert Path(found["filename"]).name == "train.py"
        assert [Path(r["filename"]).name for r in found["related"] if "package" in r["message"]] == ["density.py"]
        assert found["fix"] is None

    def test_the_objective_is_wrong_with_it(self, project: Path) -> None:
        environment(project / ".venv")
        write(project / "train.py", TRAIN.format(loss="mixed(x, q, p, model(x))"))
        (objective,) = json.loads(run("--follow-installed", command="objectives").stdout)
        assert objective["status"] == "wrong"
        assert [Path(c["filename"]).name for c in objective["causes"]] == ["train.py"]

    def test_one_that_was_installed_to_be_edited_is_ordinary_code(self, project: Path) -> None:
        packages = project / ".venv" / "lib" / "python3.12" / "site-packages"
        write(project / "elsewhere" / "acme" / "__init__.py", "")
        write(project / "elsewhere" / "acme" / "density.py", DENSITY)
        write(packages / "__editable__.acme.pth", f"# a remark\nimport this\n{project / 'elsewhere'}\n")
        write(project / "train.py", TRAIN.format(loss="evidence(x, model(x))"))
        assert codes("--follow-installed") == ["VL101"]


class TestTheEnvironment:
    def test_the_active_one_comes_before_that_of_the_folder(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        environment(project / "active")
        (project / ".venv" / "lib" / "python3.12" / "site-packages").mkdir(parents=True)
        write(project / "train.py", TRAIN.format(loss="evidence(x, model(x))"))
        assert codes("--follow-installed") == []
        monkeypatch.setenv("VIRTUAL_ENV", str(project / "active"))
        assert codes("--follow-installed") == ["VL101"]

    @pytest.mark.parametrize("named", ["named", "named/bin/python"])
    def test_the_one_that_is_named_comes_first(self, project: Path, named: str) -> None:
        environment(project / "named")
        write(project / "named" / "bin" / "python", "")
        write(project / "train.py", TRAIN.format(loss="evidence(x, model(x))"))
        assert codes("--follow-installed", "--python", named) == ["VL101"]
        write(project / "vaelint.toml", f'follow-installed = ["acme"]\npython = "{named}"')
        assert codes() == ["VL101"]

    def test_that_of_windows_has_another_folder(self, project: Path) -> None:
        packages = project / ".venv" / "Lib" / "site-packages"
        write(packages / "acme" / "__init__.py", "")
        write(packages / "acme" / "density.py", DENSITY)
        write(project / "train.py", TRAIN.format(loss="evidence(x, model(x))"))
        assert codes("--follow-installed") == ["VL101"]

    def test_where_there_is_none_it_says_so(self, project: Path) -> None:
        write(project / "train.py", TRAIN.format(loss="evidence(x, model(x))"))
        result = run("--follow-installed")
        assert result.exit_code == 2
        assert "no environment is active, and none lies in .venv or venv" in result.stderr

    def test_one_without_packages_is_none(self, project: Path) -> None:
        write(project / "train.py", TRAIN.format(loss="evidence(x, model(x))"))
        result = run("--follow-installed", "--python", str(project))
        assert result.exit_code == 2
        assert "no `site-packages` belong to" in result.stderr
