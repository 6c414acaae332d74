"""The tests that are made of the numbers of findings."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.runs import REPORTED, Runs, analyse
from vaelint import fix, witness
from vaelint.cli import main
from vaelint.config import Config

FORMULA = "import numpy as np\n\ndef kl_loss(mu, logvar{more}):\n{body}"
SUM = "-0.5 * np.sum(1 + logvar - mu**2 + np.exp(logvar))"


def made(text: str, tmp_path: Path) -> witness.Test | None:
    path = tmp_path / "kl.py"
    path.write_text(text)
    (found,) = analyse([path], Config()).findings
    assert found.example is not None
    return witness.of(found, text, "kl.py:4")


@pytest.mark.parametrize(
    ("more", "body"),
    [
        (", x", f"    return {SUM}\n"),
        ("", f"    kl = 2 * {SUM}\n    return 3 * kl\n"),
        ("", f"    kl = {SUM}\n    print(kl)\n    return kl\n"),
        ("", f"    mu = mu.mean()\n    kl = {SUM}\n    return kl\n"),
        ("", f"    kl = {SUM}\n    return kl, mu\n"),
    ],
    ids=["another parameter", "scaled", "another statement", "a parameter bound anew", "two results"],
)
def test_where_the_numbers_are_not_what_is_returned_there_is_no_test(tmp_path: Path, more: str, body: str) -> None:
    assert made(FORMULA.format(more=more, body=body), tmp_path) is None


def test_a_method_has_none(tmp_path: Path) -> None:
    assert (
        made(f"import numpy as np\n\nclass A:\n    def kl_loss(self, mu, logvar):\n        return {SUM}\n", tmp_path)
        is None
    )


@pytest.mark.parametrize(
    ("more", "body"),
    [
        ("", f"    return {SUM}\n"),
        (", scale=1.0", f'    """KL."""\n    kl = {SUM}\n    return kl\n'),
        (", *, eps=0", f"    kl = {SUM}\n    total = kl.mean()\n    return total\n"),
    ],
)
def test_a_test_fails_today_and_passes_after_the_edit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str, body: str
) -> None:
    text = FORMULA.format(more=more, body=body)
    test = made(text, tmp_path)
    assert test is not None and "a KL divergence is never below zero" in test.code
    monkeypatch.syspath_prepend(str(tmp_path))
    (found,) = analyse([tmp_path / "kl.py"], Config()).findings
    assert found.fix is not None
    with pytest.raises(AssertionError):
        run(test)
    (tmp_path / "kl.py").write_text(fix.edited_text(".py", text, found.fix.edits))
    run(test)


def run(test: witness.Test) -> None:
    """The test, with what it imports as it stands now."""
    sys.modules.pop(test.module, None)
    names: dict[str, object] = {}
    exec(witness.written([test]), names)
    sys.dont_write_bytecode = True
    call = names[f"test_{test.function}_with_numbers"]
    assert callable(call)
    call()


def test_no_test_is_no_file() -> None:
    assert witness.written([]) == ""


def test_of_the_fixtures_some_have_one(runs: Runs) -> None:
    tests = [
        test
        for path in sorted(REPORTED.glob("*.py"))
        for f in runs.found_in(REPORTED, path)
        if f.example is not None and (test := witness.of(f, path.read_text("utf-8"), path.name)) is not None
    ]
    text = witness.written(tests)
    assert len(ast.parse(text).body) > len(tests) > 4
    assert "torch.tensor" in text and "np.array" in text and "jnp.array" in text


def test_the_command_line_prints_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pkg").mkdir()
    Path("pkg/__init__.py").touch()
    Path("pkg/kl.py").write_text(FORMULA.format(more="", body=f"    return {SUM}\n"))
    kept = "    for loss in xs:\n        if loss < best_loss:\n            best_loss = loss\n"
    Path("best.py").write_text(f"def f(xs):\n    best_loss = 0\n{kept}    return best_loss\n")
    shown = CliRunner().invoke(main, ["check", "--print-test"])
    assert shown.exit_code == 1 and "from pkg.kl import kl_loss\n" in shown.stdout
    assert "1 finding has no test" in shown.stderr
    assert CliRunner().invoke(main, ["check", "--print-test", "best.py", "-q"]).output == ""
