"""However a run ends, it ends whole: no process is left, no file is half written, and the exit code is true."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUG = """\
from torch.distributions import Normal


def train(model, x, optimizer):
    loss = Normal(model(x), 1.0).log_prob(x).mean()
    loss.backward()
    optimizer.step()
"""
# Files on which a worker waits for ever, each after it has written its number down.
WAITS = """
import os, signal, sys, time
from pathlib import Path
from vaelint import engine

signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the tests run under
signal.signal(signal.SIGTERM, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.{hangup})

def waits(path, *rest):
    Path(path).with_suffix(".pid").write_text(str(os.getpid()))
    while True:
        time.sleep(0.01)

engine.examine = waits
from vaelint.cli import main
main(["check", "-q", sys.argv[1]])
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def until(true: object, tries: int = 1000) -> bool:
    for _ in range(tries):
        if true():  # type: ignore[operator]
            return True
        time.sleep(0.02)
    return False


@contextlib.contextmanager
def begun(code: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A run that ends with the test, also where that fails: else the test would wait for it for ever."""
    with subprocess.Popen([sys.executable, "-c", code, str(folder)], cwd=ROOT, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def numbers_in(folder: Path) -> list[int]:
    """Those that workers have written down; a file may be there before its number is."""
    return [int(text) for p in folder.glob("*.pid") if (text := p.read_text())]


@linux
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_no_process_outlives_the_one_that_began_it(tmp_path: Path, name: str) -> None:
    for i in range(12):
        (tmp_path / f"m{i}.py").write_text(BUG)
    number = getattr(signal, name)
    with begun(WAITS.replace("{hangup}", "SIG_DFL"), tmp_path) as process:
        assert until(lambda: numbers_in(tmp_path))
        workers = numbers_in(tmp_path)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == (130 if name == "SIGINT" else -number)
    assert until(lambda: not any(is_alive(w) for w in workers))
    assert b"Traceback" not in said


@linux
def test_a_hangup_is_ignored_where_it_is_to_be(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(BUG)
    waiting, going_on = (
        "    while True:\n        time.sleep(0.01)\n",
        "    os.kill(os.getppid(), signal.SIGHUP)\n    os.kill(os.getpid(), signal.SIGHUP)\n    os._exit(3)\n",
    )
    code = WAITS.replace("{hangup}", "SIG_IGN").replace(waiting, going_on)
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and "(exit code 3)" in done.stdout and done.stderr == ""


def vaelint(*args: str, shell: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A run of which the shell arranges the surroundings."""
    command = " ".join((sys.executable, "-m", "vaelint", *args))
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(["sh", "-c", shell.format(command)], cwd=cwd, env=env, capture_output=True, text=True)


COMMANDS = [
    ("check", "m.py"),
    ("objectives", "m.py"),
    ("rules",),
    ("explain", "VL101"),
    ("--version",),
    ("check", "-h"),
]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
def test_a_full_standard_output_is_one_line_and_an_error(tmp_path: Path, args: tuple[str, ...]) -> None:
    (tmp_path / "m.py").write_text(BUG)
    done = vaelint(*args, shell="{} > /dev/full", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "error: standard output cannot be written: No space left on device\n"


@pytest.mark.skipif(sys.platform == "win32", reason="no such shell there")
@pytest.mark.parametrize("args", COMMANDS[:4], ids=" ".join)
def test_so_is_a_closed_one(tmp_path: Path, args: tuple[str, ...]) -> None:
    (tmp_path / "m.py").write_text(BUG)
    done = vaelint(*args, shell="{} >&-", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "error: standard output is closed\n")


@pytest.mark.skipif(sys.platform == "win32", reason="no such shell there")
def test_nobody_has_to_hear_an_error(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(BUG)
    for where in ("2>&-", "2>/dev/full" if Path("/dev/full").exists() else "2>&-"):
        assert vaelint("check", "m.py", "nothing.py", shell="{} " + where, cwd=tmp_path).returncode == 2
        assert vaelint("check", "m.py", shell="{} " + where, cwd=tmp_path).returncode == 1


@linux
@pytest.mark.parametrize("args", ["-o out.json --output-format json", "--fix --unsafe-fixes"])
def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path: Path, args: str) -> None:
    (tmp_path / "m.py").write_text(BUG)
    (tmp_path / "out.json").write_text("the last run's\n")
    done = vaelint("check", "m.py", args, shell="ulimit -f 0; exec {}", cwd=tmp_path)
    assert done.returncode == 2 and "cannot be written: File too large" in done.stderr
    assert (tmp_path / "m.py").read_text() == BUG and (tmp_path / "out.json").read_text() == "the last run's\n"
    assert {p.name for p in tmp_path.iterdir()} == {"m.py", "out.json"}


def test_a_mistake_of_ours_is_one_line(tmp_path: Path) -> None:
    code = """
import sys
from vaelint import engine
engine.load = lambda *given: 1 / 0
from vaelint.cli import main
main(["check", *sys.argv[1:]])
"""
    run = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "ZeroDivisionError: division by zero" in done.stderr and "a bug in vaelint" in done.stderr
    assert "Traceback" in subprocess.run([*run, "--debug"], cwd=ROOT, capture_output=True, text=True).stderr
