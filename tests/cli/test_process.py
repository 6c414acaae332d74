"""What shows only in a process of its own: imports, pipes, encodings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# What a check of one plain file can do without: other parsers, faces and formats, whatever runs formulas.
UNNEEDED = {
    "libcst", "rich", "numpy", "vaelint.api", "vaelint.fix", "vaelint.baseline", "vaelint.report.sarif",
    "vaelint.report.junit", "vaelint.source.lower", "vaelint.source.positions",
    "vaelint.graph.execute", "vaelint.graph.ask", "vaelint.laws.forms",
}  # fmt: skip
STUB = """
import sys, types
sys.path.insert(0, {root!r})
from tests.report.samples import RESULT
from vaelint.finding import Result
engine = types.ModuleType("vaelint.engine")
engine.analyse = lambda *a, **k: Result(RESULT.findings * {times}, RESULT.objectives, files=1)
sys.modules["vaelint.engine"] = engine
from vaelint.cli import main
main({args!r})
"""


def python(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", cwd=ROOT, env=os.environ | env
    )


def loaded_after(*args: str) -> set[str]:
    code = f"""
import sys
from vaelint.cli import main
try:
    main({list(args)!r}, standalone_mode=False)
except SystemExit:
    pass
print("LOADED", *sys.modules)
"""
    return set(python(code).stdout.partition("LOADED")[2].split())


class TestImports:
    def test_of_version_are_few(self) -> None:
        loaded = loaded_after("--version")
        assert "vaelint.cli" in loaded
        assert not loaded & {"libcst", "rich", "vaelint.engine", "vaelint.cli.check"}

    def test_of_help_do_without_libcst_and_rich(self) -> None:
        loaded = loaded_after("check", "--help")
        assert "vaelint.cli.check" in loaded
        assert not loaded & {"libcst", "rich", "vaelint.engine"}

    def test_of_a_check_without_a_formula_do_without_numpy(self, tmp_path: Path) -> None:
        file = tmp_path / "train.py"
        file.write_text("import torch\n\ndef step(model, x, opt):\n    loss = model(x).mean()\n    loss.backward()\n")
        loaded = loaded_after("check", str(file))
        assert "vaelint.engine" in loaded
        assert "numpy" not in loaded

    def test_of_a_check_do_without_what_it_does_not_need(self, tmp_path: Path) -> None:
        file = tmp_path / "train.py"
        file.write_text("import torch\n\ndef step(model, x, opt):\n    loss = model(x).mean()\n    loss.backward()\n")
        loaded = loaded_after("check", str(file))
        assert "vaelint.infer.run" in loaded
        assert not loaded & UNNEEDED


class TestPipes:
    def test_that_close_early_end_the_run_quietly(self) -> None:
        code = STUB.format(root=str(ROOT), times=5000, args=["check", "--output-format", "concise"])
        with subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
        ) as process:
            assert process.stdout is not None and process.stderr is not None
            process.stdout.readline()
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode == 1

    def test_that_are_ascii_get_ascii(self) -> None:
        code = STUB.format(root=str(ROOT), times=1, args=["check"])
        done = python(code, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
        assert done.returncode == 1, done.stderr
        assert "is a log-likelihood ^, and" in done.stdout


def test_python_dash_m_works() -> None:
    done = subprocess.run([sys.executable, "-m", "vaelint", "--version"], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout.split()[0]) == (0, "vaelint")
