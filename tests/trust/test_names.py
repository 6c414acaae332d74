"""Names of files that are no plain words: nobody is misled by them, and no format breaks."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from click.testing import CliRunner, Result

from vaelint.cli import main

BUG = """\
from torch.distributions import Normal


def train(model, x, optimizer):
    loss = Normal(model(x), 1.0).log_prob(x).mean()
    loss.backward()
    optimizer.step()
"""
FORMATS = ("text", "concise", "github", "json", "sarif")
ODD = (
    "a\n::error file=x.py::bad.py",
    "::set-output name=x::y.py",
    "##[error]z.py",
    "\x1b[2Jclear.py",
    "\u202egnp.py",
    "tab\tand\rreturn.py",
    " space .py",
    "50%.py",
    "é-中.py",
)
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such names there")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str) -> Result:
    result = CliRunner().invoke(main, list(args))
    assert result.exit_code in (0, 1), result.output
    return result


@pytest.mark.parametrize("form", FORMATS)
def test_plain_names_are_shown_as_they_are(folder: Path, form: str) -> None:
    (folder / "é 中.py").write_text(BUG)
    out = run("check", "--output-format", form).stdout
    assert ("%C3%A9%20%E4%B8%AD.py" if form == "sarif" else "é 中.py") in out


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("command", [*(("check", "--output-format", f) for f in FORMATS), ("objectives",)])
def test_no_row_is_a_command_but_ours(folder: Path, name: str, command: tuple[str, ...]) -> None:
    (folder / name).write_text(BUG)
    out = run(*command).stdout
    for row in out.splitlines():
        assert not row.lstrip().startswith("##[")
        if row.lstrip().startswith("::"):
            assert command[-1] == "github" and row.startswith(("::error title=VL101", "::warning title=VL101"))
    assert not {"\x1b", "\u202e", "\r"} & set(out) or command[-1] == "json"
    assert "\x1b" not in out and "\r" not in out


@pytest.mark.parametrize("name", ODD)
def test_programs_get_the_name_itself(folder: Path, name: str) -> None:
    (folder / name).write_text(BUG)
    (found,) = json.loads(run("check", "--output-format", "json").stdout)
    assert found["filename"] == name
    (listed,) = json.loads(run("objectives", "--output-format", "json").stdout)
    assert listed["filename"] == name


@pytest.fixture
def undecodable(folder: Path) -> bytes:
    name = b"sur\xff\xfe.py"
    try:
        Path(os.fsdecode(name)).write_text(BUG)
    except OSError:
        pytest.skip("the file system takes UTF-8 alone")
    return name


def test_a_name_that_is_no_utf8_is_whole_in_json(undecodable: bytes) -> None:
    (found,) = json.loads(run("check", "--output-format", "json").stdout)
    assert os.fsencode(found["filename"]) == undecodable


@pytest.mark.parametrize("where", [".", "absolute"])
def test_and_in_sarif(undecodable: bytes, folder: Path, where: str) -> None:
    if where == "absolute":
        (folder / "elsewhere").mkdir()
        os.chdir(folder / "elsewhere")
        where = str(folder)
    (run_,) = json.loads(run("check", "--output-format", "sarif", where).stdout)["runs"]
    uri = run_["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.endswith("sur%FF%FE.py") and unquote_to_bytes(uri).endswith(undecodable)


@pytest.mark.parametrize("command", [("check",), ("check", "--output-format", "concise"), ("objectives",)])
def test_and_readable_for_people_beside_arrows(undecodable: bytes, command: tuple[str, ...]) -> None:
    out = run(*command).stdout
    assert r"sur\xff\xfe.py" in out and ("↑" in out)


def test_it_can_be_fixed(undecodable: bytes) -> None:
    assert run("check", "--fix", "--unsafe-fixes").exit_code == 0
    assert b"-Normal" in Path(os.fsdecode(undecodable)).read_bytes()


@pytest.mark.parametrize("form", ["text", "concise", "github"])
def test_what_a_setting_says_turns_no_text_round(folder: Path, form: str) -> None:
    (folder / "c.yaml").write_text("monitor: val_\u202eloss\u2066_loss\nmode: max\n", "utf-8")
    out = run("check", "--output-format", form).stdout
    assert "\u202e" not in out and "\u2066" not in out


def test_what_a_string_says_begins_no_row(folder: Path) -> None:
    text = 'keep = ModelCheckpoint(monitor="val\\n::error::_loss", mode="max")\n'
    (folder / "m.py").write_text("from pytorch_lightning.callbacks import ModelCheckpoint\n" + text)
    for form in ("text", "concise"):
        out = run("check", "--output-format", form).stdout
        assert "VL501" in out and not any(row.lstrip().startswith("::") for row in out.splitlines())


# --- what is no file -----------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
class TestPipes:
    @pytest.mark.parametrize("name", ["p.py", "p.ipynb", "p.yaml", "p"])
    def test_that_are_named_are_an_error(self, folder: Path, name: str) -> None:
        os.mkfifo(folder / name)
        (folder / "good.py").write_text(BUG)
        result = CliRunner().invoke(main, ["check", name, "good.py"])
        assert result.exit_code == 2 and f"error: {name}: no regular file: not read" in result.stderr

    @pytest.mark.parametrize("name", ["pipe.py", "pipe.ipynb", "pipe.yaml", "pyproject.toml", "vaelint.toml"])
    def test_in_a_folder_are_passed_by(self, folder: Path, name: str) -> None:
        os.mkfifo(folder / name)
        (folder / "good.py").write_text(BUG)
        (folder / "cfg.yaml").write_text("monitor: val_loss\nmode: max\n")
        out = run("check", "--output-format", "concise").stdout
        assert "good.py:5" in out and "cfg.yaml:2" in out

    def test_are_no_configuration(self, folder: Path) -> None:
        os.mkfifo(folder / "c.toml")
        result = CliRunner().invoke(main, ["check", "--config", "c.toml", "."])
        assert result.exit_code == 2 and "c.toml: cannot be read: no regular file" in result.stderr

    def test_are_no_rules(self, folder: Path) -> None:
        os.mkfifo(folder / "rules.toml")
        (folder / "vaelint.toml").write_text('extend-rules = ["rules.toml"]\n')
        (folder / "good.py").write_text(BUG)
        result = CliRunner().invoke(main, ["check"])
        assert result.exit_code == 2 and "no regular file" in result.stderr

    def test_can_be_written_to(self, folder: Path) -> None:
        (folder / "good.py").write_text(BUG)
        assert run("check", "-o", os.devnull).stdout == ""
        assert not Path(os.devnull).is_file()


def test_a_device_is_not_read(folder: Path) -> None:
    result = CliRunner().invoke(main, ["check", "/dev/zero"])
    assert result.exit_code == 2 and "/dev/zero: no regular file: not read" in result.stderr


# --- files that come and go ----------------------------------------------------------------------


def test_loops_of_links_end(folder: Path) -> None:
    (folder / "pkg").mkdir()
    (folder / "pkg" / "good.py").write_text(BUG)
    (folder / "pkg" / "again").symlink_to(folder / "pkg")
    (folder / "a.py").symlink_to("b.py")
    (folder / "b.py").symlink_to("a.py")
    assert run("check", "--output-format", "concise").stdout.count("VL101") == 1
    result = CliRunner().invoke(main, ["check", "a.py"])
    assert result.exit_code == 2 and result.stderr.startswith("error: a.py: ")


@pytest.mark.parametrize("name", ["gone.py", "gone.ipynb", "gone.yaml"])
def test_a_file_that_vanishes_is_named_and_the_others_are_checked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    from vaelint import engine
    from vaelint.source.discover import Discovery, discover

    def found_and_lost(*args: object) -> Discovery:
        found = discover(*args)  # type: ignore[arg-type]
        (folder / name).unlink()
        return found

    monkeypatch.setattr(engine, "discover", found_and_lost)
    (folder / "good.py").write_text(BUG)
    (folder / name).write_text("monitor: x\nmode: min\n")
    result = CliRunner().invoke(main, ["check", "--output-format", "concise"])
    assert "good.py:5" in result.stdout and f"{name}: cannot be read: No such file" in result.stderr


def test_a_working_directory_that_vanishes_is_an_error(folder: Path) -> None:
    (folder / "here").mkdir()
    (folder / "good.py").write_text(BUG)
    os.chdir(folder / "here")
    shutil.rmtree(folder / "here")
    result = CliRunner().invoke(main, ["check", str(folder)])
    assert result.exit_code == 2 and result.stderr.startswith("error: the working directory cannot be read")
