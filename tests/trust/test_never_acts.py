"""Files given are data: whatever stands in them, nothing of them is run, and nothing but the answer is written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Each would leave a mark if it were imported or run.
MARK = "open({mark!r}, 'a').write('run')\n"
BUG = """\
import torch, helper, conftest, sitecustomize
from torch.distributions import Normal
from helper import score
from package import *


def train(model, x, optimizer):
    loss = Normal(model(x), 1.0).log_prob(x).mean()
    helper.note(score)
    loss.backward()
    optimizer.step()


exec("import helper"); eval("__import__('helper')"); __import__("os").system("touch ran")
"""
# What the interpreter reports of a run, of its workers as well: one line an event that acts.
HOOK = """
import os, sys
log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
checked = sys.argv[2]
acts = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "urllib.", "ftplib.", "ctypes.",
        "webbrowser.", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.chmod", "os.chown", "os.link",
        "os.symlink", "os.truncate", "shutil.", "winreg.")

def hook(event, args):
    if event == "open":
        path, mode, flags = args
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        if writes and isinstance(path, (str, bytes)) and os.fsdecode(path) != os.devnull:
            os.write(log, f"open {os.fsdecode(path)}\\n".encode())
    elif event.startswith(acts):
        os.write(log, f"{event} {args!r}\\n".encode())
    elif event == "exec" and getattr(args[0], "co_filename", "").startswith(checked):
        os.write(log, f"exec {args[0].co_filename}\\n".encode())
    elif event == "import" and args[1] and str(args[1]).startswith(checked):
        os.write(log, f"import {args[1]}\\n".encode())

sys.dont_write_bytecode = True
sys.addaudithook(hook)
sys.argv = ["vaelint", *sys.argv[3:]]
if sys.argv[1] == "pytest":
    import pytest
    sys.exit(pytest.main(sys.argv[2:]))
from vaelint.cli import main
main()
"""


@pytest.fixture
def checked(tmp_path: Path) -> Path:
    folder = tmp_path / "checked"
    mark = MARK.format(mark=str(tmp_path / "mark"))
    for name in ("helper.py", "conftest.py", "sitecustomize.py", "setup.py", "package/__init__.py", "vaelint.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(mark + "def score(x): return x\nloss = 1\n")
    for i in range(10):
        (folder / f"m{i}.py").write_text(BUG)
    cell = {"cell_type": "code", "source": "%run helper.py\n!touch ran\n" + BUG}
    (folder / "n.ipynb").write_text(json.dumps({"cells": [cell]}))
    (folder / "c.yaml").write_text(
        "_target_: helper.score\nx: !!python/object/apply:os.system [touch ran]\nmonitor: loss\n"
    )
    (folder / "pyproject.toml").write_text("[tool.vaelint]\n")
    return folder


def events(checked: Path, *args: str, **env: str) -> set[str]:
    """What a run does besides reading and writing its answer."""
    log = checked.parent / "log"
    (checked.parent / "run.py").write_text(HOOK)
    command = [sys.executable, str(checked.parent / "run.py"), str(log), str(checked), *args]
    env = os.environ | {"PYTHONPATH": str(ROOT)} | env
    done = subprocess.run(command, cwd=checked, env=env, capture_output=True, text=True)
    assert done.returncode == (0 if "--fix" in args or args[0] in ("objectives", "clean") else 1), done.stderr
    assert not (checked.parent / "mark").exists() and not list(checked.rglob("ran"))
    return set(log.read_text().splitlines())


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("command", [("check",), ("objectives", "--tree"), ("check", "--diff", "--unsafe-fixes")])
def test_a_run_acts_on_nothing(checked: Path, command: tuple[str, ...]) -> None:
    before = files(checked)
    assert events(checked, *command) == set()
    assert files(checked) == before


def test_only_the_answer_is_written(checked: Path) -> None:
    before = files(checked)
    seen = events(checked, "check", "-o", "out.txt")
    assert {e.split()[0] for e in seen} <= {"open", "os.rename", "os.remove"} and seen
    assert all(".vaelint-" in e for e in seen)  # the file beside it, which is renamed
    after = files(checked)
    assert after.pop("out.txt") and after == before


def test_a_fix_writes_the_fixed_files_alone(checked: Path) -> None:
    before = files(checked)
    seen = events(checked, "check", "--fix", "--unsafe-fixes", "--select", "VL101,VL3")
    assert all(".vaelint-" in e or e.startswith("os.ch") for e in seen) and seen
    changed = {name for name, data in files(checked).items() if before.get(name) != data}
    assert changed and all(name.startswith(("m", "n.ipynb")) for name in changed)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the user's cache folder is no setting there")
def test_a_cache_is_written_in_its_two_folders_alone(checked: Path) -> None:
    before = files(checked)
    user = checked.parent / "user"
    for whole in (False, True):
        seen = events(checked, "check", VAELINT_NO_CACHE="", XDG_CACHE_HOME=str(user))
        elsewhere = {e for e in seen if str(user / "vaelint") not in e and ".vaelint_cache" not in e}
        assert elsewhere <= {f"os.mkdir {(str(user), 511, -1)!r}"} and seen
        assert len([e for e in seen if "entry" in e]) > 3 or whole
    assert {n: d for n, d in files(checked).items() if not n.startswith(".vaelint_cache")} == before
    (checked / "m0.py").write_text(BUG + "\n")
    events(checked, "clean", VAELINT_NO_CACHE="", XDG_CACHE_HOME=str(user))
    assert files(checked) == before | {"m0.py": (BUG + "\n").encode()}


def test_of_an_installed_package_only_the_text_is_read(checked: Path, tmp_path: Path) -> None:
    site = tmp_path / "env" / "lib" / "python3.12" / "site-packages"
    (site / "acme").mkdir(parents=True)
    (site.parents[2] / "pyvenv.cfg").write_text("home = /usr/bin\n")
    mark = MARK.format(mark=str(tmp_path / "mark"))
    (site / "acme.pth").write_text(f"import os; {mark}")
    (site / "sitecustomize.py").write_text(mark)
    density = (
        "from torch.distributions import Normal\n\n\ndef evidence(x, m):\n    return Normal(m, 1.0).log_prob(x).sum()\n"
    )
    (site / "acme" / "__init__.py").write_text(f"{mark}{density}")
    (checked / "m0.py").write_text(
        "import torch\nfrom acme import evidence\n\n\ndef train(m, x, optimizer):\n"
        "    loss = evidence(x, m)\n    loss.backward()\n    optimizer.step()\n"
    )
    before = files(checked)
    command = ("check", "--follow-installed", "--python", str(tmp_path / "env"), "--select", "VL101")
    assert events(checked, *command, "m0.py") == set()  # and it finds what the package returns: its code is 1
    assert files(checked) == before


def test_the_plugin_for_pytest_imports_nothing_that_it_checks(checked: Path) -> None:
    (checked / "conftest.py").unlink()  # pytest itself runs it
    before = files(checked)
    command = ("-p", "vaelint.pytest_plugin", "--vaelint", "-p", "no:cacheprovider", "--capture=no", "-q")
    assert events(checked, "pytest", *command, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1") == set()
    assert files(checked) == before


@pytest.mark.parametrize("name", ["click", "libcst", "rich", "tomllib", "concurrent", "sitecustomize"])
def test_what_lies_in_the_working_directory_is_not_imported(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.py").write_text(MARK.format(mark=str(tmp_path / "mark")))
    (tmp_path / "m.py").write_text(BUG)
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "vaelint", "check", "--select", "VL101"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert not (tmp_path / "mark").exists() and done.returncode == 1, done.stderr
