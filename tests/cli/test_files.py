"""Which files a run looks at, and which configuration holds for each: as a user meets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vaelint.cli import main

WRONG = "recon_loss = dist.log_prob(x).sum()\n"
HEAD = "import torch\ndist = torch.distributions.Normal(0.0, 1.0)\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a.py", "tests/b.py", "data/c.py", "old/d.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(HEAD + WRONG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(*args: str) -> Result:
    return CliRunner().invoke(main, ["check", "--output-format", "concise", "-q", *args])


def found(*args: str) -> list[str]:
    return [line.split(":")[0] for line in check(*args).stdout.splitlines()]


def test_all_of_a_folder_by_default(folder: Path) -> None:
    assert found() == ["a.py", "data/c.py", "old/d.py", "tests/b.py"]


def test_not_what_a_repository_ignores_unless_asked_for(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / ".gitignore").write_text("data/\n*.txt\n!keep.txt\n")
    assert found() == ["a.py", "old/d.py", "tests/b.py"]
    assert found("--no-respect-gitignore") == ["a.py", "data/c.py", "old/d.py", "tests/b.py"]
    assert found("--config", "respect-gitignore = false") == ["a.py", "data/c.py", "old/d.py", "tests/b.py"]
    assert found("data") == found("data/c.py") == ["data/c.py"]


def test_a_named_file_that_is_excluded_only_without_force_exclude(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.vaelint]\nexclude = ["old", "data"]\n')
    assert found() == ["a.py", "tests/b.py"]
    assert found("old/d.py") == ["old/d.py"]
    assert found("old/d.py", "a.py", "--force-exclude") == ["a.py"]
    assert found("old/d.py", "--config", "force-exclude = true") == []
    assert found("--extend-exclude", "tests") == ["a.py"]
    assert found("--exclude", "tests") == ["a.py", "data/c.py", "old/d.py"]


def test_codes_are_ignored_in_the_files_of_a_pattern(folder: Path) -> None:
    (folder / "vaelint.toml").write_text('per-file-ignores = { "tests/*" = ["misnamed-loss"], "!*/*.py" = ["VL1"] }\n')
    assert found() == ["a.py", "data/c.py", "old/d.py"]


def test_the_closest_configuration_holds_for_each_file(folder: Path) -> None:
    (folder / "vaelint.toml").write_text('ignore = ["VL301"]\n')
    (folder / "tests/vaelint.toml").write_text("")
    assert found() == found("a.py", "tests/b.py") == ["tests/b.py"]
    (folder / "tests/vaelint.toml").write_text('extend = "../vaelint.toml"\n')
    assert found() == []
    assert found("--isolated") == ["a.py", "data/c.py", "old/d.py", "tests/b.py"]


def test_a_mistake_in_a_configuration_further_down_is_an_error_that_names_it(folder: Path) -> None:
    (folder / "tests/vaelint.toml").write_text('ignor = ["VL301"]\n')
    result = check()
    assert result.exit_code == 2 and "tests/vaelint.toml: unknown key `ignor` (did you mean `ignore`?)" in (
        result.stderr.replace("\\", "/")
    )


def test_the_words_of_a_project_claim_what_it_says(folder: Path) -> None:
    program = HEAD + "fidelity = -dist.log_prob(x).sum()\n"
    (folder / "a.py").write_text(program)
    assert found("a.py") == []
    assert found("a.py", "--config", 'names = { gain = ["fidelity"] }') == ["a.py"]
    (folder / "a.py").write_text(HEAD + WRONG)
    assert found("a.py", "--config", 'names = { none = ["recon_loss"] }') == []


def test_they_are_shown_and_so_are_the_settings(folder: Path) -> None:
    settings = 'exclude = ["old"]\nnames = { gain = ["fit"] }\nper-file-ignores = {"a.py"=["VL3"]}\n'
    (folder / "vaelint.toml").write_text(settings)
    shown = check("--show-files").stdout.splitlines()
    assert shown == [str(folder / name) for name in ("a.py", "data/c.py", "tests/b.py")]
    settings = check("--show-settings").stdout
    for row in (
        f"# of {folder / 'a.py'}",
        f"# configuration: {folder / 'vaelint.toml'}",
        'exclude = ["old"]',
        'names = { gain = ["fit"] }',
        "# extend is not set",
        'per-file-ignores = { "a.py" = ["VL3"] }',
        "# baseline is not set",
        "# ignored in this file: VL3",
    ):
        assert row in settings.splitlines()


def test_settings_that_are_shown_can_be_read_again(folder: Path) -> None:
    (folder / "vaelint.toml").write_text('exclude = ["old"]\nnames = { gain = ["fit"] }\nselect = ["VL3"]\n')
    shown = check("--show-settings").stdout
    (folder / "vaelint.toml").write_text(shown)
    assert check("--show-settings").stdout == shown


def test_standard_input_is_excluded_by_its_name_where_that_is_forced(folder: Path) -> None:
    def piped(*args: str) -> str:
        options = ["check", "-", "--stdin-filename", "old/d.py", "-q", "--output-format", "concise"]
        return CliRunner().invoke(main, [*options, *args], input=HEAD + WRONG).stdout

    (folder / "vaelint.toml").write_text('exclude = ["old"]\n')
    assert "VL301" in piped()
    assert piped("--force-exclude") == ""


def test_a_mistake_in_an_excluded_file_that_a_passed_one_uses_is_hidden_and_named(folder: Path) -> None:
    (folder / "train.py").write_text(
        "import torch\nfrom old.losses import objective\n\n"
        "def train(model, x, optimizer: torch.optim.Adam):\n    loss = objective(*model(x))\n"
        "    loss.backward()\n    optimizer.step()\n"
    )
    (folder / "old/losses.py").write_text(
        "from torch.distributions import Normal, kl_divergence\n\n"
        "def objective(x_hat, x, q):\n    recon = Normal(x_hat, 1.0).log_prob(x).sum()\n"
        "    kl = kl_divergence(q, Normal(0.0, 1.0)).sum()\n    return recon + kl\n"
    )
    (folder / "old/__init__.py").touch()
    assert [Path(name).as_posix() for name in found("train.py")] == ["old/losses.py"]
    (folder / "vaelint.toml").write_text('exclude = ["old"]\n')
    shown = CliRunner().invoke(main, ["check", "train.py"])
    assert shown.exit_code == 0 and "in a file that is excluded" in shown.stdout
