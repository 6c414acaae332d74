"""The edits that findings offer: what they change in the text, and that the finding is gone afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import REPORTED, Runs, analyse, config
from vaelint import edits
from vaelint.finding import Finding, Fix, Location
from vaelint.splice import edited


def at(code: str, part: str) -> Location:
    """Where a part of one row stands in it."""
    column = code.index(part) + 1
    return Location(1, column, 1, column + len(part))


def made(code: str, fix: Fix | None) -> str:
    return code if fix is None else edited(code, fix.edits)


def parsed(text: str) -> edits.Code:
    found = edits.code(text)
    assert found is not None
    return found


# --- what is left as it is -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("loss = a + b", "a + "),
        ("loss = (yield)", "(yield)"),
        ("loss = (a  # the\n + b)", "nowhere"),
    ],
)
def test_what_is_no_expression_is_not_edited(code: str, part: str) -> None:
    place = at(code, part) if part in code else Location(9, 1, 9, 2)
    assert edits.flipped(parsed(code), place) is None


@pytest.mark.parametrize(
    "code",
    [
        "def f(loss):\n    loss = g()\n    return loss",
        "def f():\n    loss = g()\n    loss = h()\n    return loss",
        "def f():\n    global loss\n    loss = g()\n    return loss",
        "def f():\n    loss = g()\n    return locals()",
        "def f():\n    loss = g()\n    return lambda loss: loss",
        "def f(gain):\n    loss = g()\n    return loss + gain",
        "loss = g()",
        "class A:\n    loss = g()",
    ],
)
def test_a_name_that_others_may_see_is_not_replaced(code: str) -> None:
    row = next(i for i, line in enumerate(code.split("\n"), 1) if line.strip() == "loss = g()" or line == "loss = g()")
    column = code.split("\n")[row - 1].index("g()") + 1
    assert edits.renamed(parsed(code), Location(row, column, row, column + 3), "loss", "gain") is None


# --- signs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "part", "after"),
    [
        ("loss = a - kl", "kl", "loss = a + kl"),
        ("loss = a + kl", "kl", "loss = a - kl"),
        ("loss = a - beta * kl", "kl", "loss = a + beta * kl"),
        ("loss = a - (beta * kl)", "kl", "loss = a + (beta * kl)"),
        ("loss = a - (kl + b)", "kl", "loss = a - (-kl + b)"),
        ("loss = -kl + a", "kl", "loss = kl + a"),
        ("loss = -beta * kl + a", "kl", "loss = beta * kl + a"),
        ("loss = kl + a", "kl", "loss = -kl + a"),
        ("loss = a - kl.mean()", "kl", "loss = a + kl.mean()"),
        ("loss = f(a - kl)", "kl", "loss = f(a + kl)"),
        ("loss = f(kl)", "kl", "loss = f(-kl)"),
        ("loss = kl.exp()", "kl", "loss = (-kl).exp()"),
        ("loss = é - kl", "kl", "loss = é + kl"),
    ],
)
def test_a_sign_is_flipped_where_it_stands(code: str, part: str, after: str) -> None:
    assert made(code, edits.flipped(parsed(code), at(code, part))) == after


# --- settings, comparisons, names ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "after"),
    [
        ('f(m="x", mode="min")', 'f(m="x", mode="max")'),
        ('f(m="x")', 'f(m="x", mode="max")'),
        ('f(m="x",)', 'f(m="x", mode="max",)'),
        ('{"mode": "min"}', '{"mode": "max"}'),
        ("f(mode=chosen)", "f(mode=chosen)"),
        ("f(**given)", "f(**given)"),
        ("f()", "f()"),
    ],
)
def test_a_setting_is_written_where_it_is_a_literal(code: str, after: str) -> None:
    assert made(code, edits.setting(parsed(code), at(code, code), "mode", '"max"')) == after


@pytest.mark.parametrize(
    ("code", "after"), [("a > b", "a < b"), ("a <= b", "a >= b"), ("a < b < c", "a < b < c"), ("a == b", "a == b")]
)
def test_a_comparison_is_reversed(code: str, after: str) -> None:
    assert made(code, edits.reversed_comparison(parsed(code), at(code, code))) == after


@pytest.mark.parametrize(
    ("code", "after"), [("max(a, b)", "min(a, b)"), ("x.argmin(1)", "x.argmax(1)"), ("best(a)", "best(a)")]
)
def test_the_other_end_is_picked(code: str, after: str) -> None:
    assert made(code, edits.other_end(parsed(code), at(code, code))) == after


def test_a_local_name_is_replaced_all_through_its_function() -> None:
    code = "def f(x):\n    loss = g()\n    print(loss.loss, [loss for _ in x])\n    return loss\n"
    fix = edits.renamed(parsed(code), Location(2, 12, 2, 15), "loss", "gain")
    assert fix is not None and fix.safe
    assert made(code, fix) == "def f(x):\n    gain = g()\n    print(gain.loss, [gain for _ in x])\n    return gain\n"


# --- afterwards ----------------------------------------------------------------------------------


def _fixed(runs: Runs) -> list[tuple[Path, Finding]]:
    return [(p, f) for p in sorted(REPORTED.glob("*.py")) for f in runs.found_in(REPORTED, p) if f.fix is not None]


def test_after_each_edit_its_finding_is_gone_and_no_other_has_come(runs: Runs) -> None:
    """Of every fixture of one file: the finding is not reported again, at any place, and nothing new is."""
    left = []
    for path, f in _fixed(runs):
        assert f.fix is not None
        before = runs.found_in(REPORTED, path)
        after = edited(path.read_text("utf-8"), f.fix.edits)
        found = analyse([], config(REPORTED), stdin=(str(path), after)).findings
        if not f.code.startswith("VL3"):  # a name that was wrong all along is the next to be reported
            before, found = ([x for x in said if not x.code.startswith("VL3")] for said in (before, found))
        if len(found) >= len(before) or {x.code for x in found} - {x.code for x in before}:
            left.append(f"{path.name}:{f.location.row} {f.code} {f.fix.message}: {[x.message for x in found]}")
    assert not left, "\n".join(left)
