"""The edits that findings offer: what they change in the text, and that the finding is gone afterwards."""

from __future__ import annotations

import ast
import json
from collections import Counter
from pathlib import Path

import pytest

from tests.runs import CASES, REPORTED, Runs, analyse, config
from vaelint import edits, fix
from vaelint.checks import all_checks
from vaelint.config import Config
from vaelint.edits import names, rows, settings, signs
from vaelint.edits.code import Code
from vaelint.edits.code import code as read
from vaelint.finding import Confidence, Edit, Finding, Fix, Location, is_about_signs
from vaelint.source import notebook
from vaelint.source.project import Project
from vaelint.splice import edited, rows_of


def at(code: str, part: str) -> Location:
    """Where a part of one row stands in it."""
    column = code.index(part) + 1
    return Location(1, column, 1, column + len(part))


def made(code: str, edit: Fix | None) -> str:
    return code if edit is None else edited(code, edit.edits)


def parsed(text: str) -> Code:
    found = read(text)
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
    assert signs.flipped(parsed(code), place) is None


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
    assert names.renamed(parsed(code), Location(row, column, row, column + 3), "loss", "gain") is None


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
    assert made(code, signs.flipped(parsed(code), at(code, part))) == after


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
        ("f(*given)", "f(*given)"),
        ("f()", 'f(mode="max")'),
        ("f( )", "f( )"),
    ],
)
def test_a_setting_is_written_where_it_is_a_literal(code: str, after: str) -> None:
    assert made(code, settings.setting(parsed(code), at(code, code), "mode", '"max"')) == after


@pytest.mark.parametrize(
    ("code", "after"), [("a > b", "a < b"), ("a <= b", "a >= b"), ("a < b < c", "a < b < c"), ("a == b", "a == b")]
)
def test_a_comparison_is_reversed(code: str, after: str) -> None:
    assert made(code, settings.reversed_comparison(parsed(code), at(code, code))) == after


@pytest.mark.parametrize(
    ("code", "after"),
    [
        ("best(a)", "best(a)"),
        ("sorted(a, reverse=way)", "sorted(a, reverse=way)"),
        ("max(a, b)", "min(a, b)"),
        ("x.argmin(1)", "x.argmax(1)"),
        ("np.argsort(a)[:3]", "np.argsort(-a)[:3]"),
        ("np.argsort(-a)[:3]", "np.argsort(a)[:3]"),
        ("sorted(a)[0]", "sorted(a, reverse=True)[0]"),
        ("sorted(a, reverse=True)[0]", "sorted(a, reverse=False)[0]"),
        ('t.sort_values("a").iloc[0]', 't.sort_values("a", ascending=False).iloc[0]'),
    ],
)
def test_the_other_end_is_picked(code: str, after: str) -> None:
    assert made(code, settings.other_end(parsed(code), at(code, code))) == after


def test_a_local_name_is_replaced_all_through_its_function() -> None:
    code = "def f(x):\n    loss = g()\n    print(loss.loss, [loss for _ in x])\n    return loss\n"
    edit = names.renamed(parsed(code), Location(2, 12, 2, 15), "loss", "gain")
    assert edit is not None and edit.safe
    assert made(code, edit) == "def f(x):\n    gain = g()\n    print(gain.loss, [gain for _ in x])\n    return gain\n"


# --- whole expressions, steps --------------------------------------------------------------------


@pytest.mark.parametrize("code", ['"name"', "{'loss': a}", "[a]", "a, b", "a < b", "lambda: a", "f'{a}'", "x = 1"])
def test_what_has_no_sign_is_not_negated(code: str) -> None:
    assert signs.flipped_alone(parsed(code), at(code, code)) is None


@pytest.mark.parametrize(
    ("code", "part", "after"),
    [
        ("-f(x)", "-f(x)", "f(x)"),
        ("- f(x)", "- f(x)", "f(x)"),
        ("f(x)", "f(x)", "-f(x)"),
        ("f(x).mean()", "f(x)", "(-f(x)).mean()"),
        ("f(x) ** 2", "f(x)", "(-f(x)) ** 2"),
        ("a + b", "a + b", "-(a + b)"),
        ("a - b", "a - b", "b - a"),
        ("2 * a - b / 2", "2 * a - b / 2", "b / 2 - 2 * a"),
        ("(a - b).mean()", "a - b", "(b - a).mean()"),
        ("a - b - d", "a - b - d", "-(a - b - d)"),
        ("a - (b + d)", "a - (b + d)", "-(a - (b + d))"),
        ("-a - b", "-a - b", "-(-a - b)"),
        ("a if b else d", "a if b else d", "-(a if b else d)"),
    ],
)
def test_a_whole_expression_is_negated(code: str, part: str, after: str) -> None:
    assert made(code, signs.flipped_alone(parsed(code), at(code, part))) == after


@pytest.mark.parametrize(
    ("code", "after"),
    [
        ("p = q", "p = q"),
        ("f(a + b, a - b)", "f(a + b, a - b)"),
        ("p += lr * g", "p -= lr * g"),
        ("p -= lr * g", "p += lr * g"),
        ("p + lr * g", "p - lr * g"),
        ("p.data.add_(g, alpha=lr)", "p.data.sub_(g, alpha=lr)"),
        ("map(lambda p, g: p + lr * g, a, b)", "map(lambda p, g: p - lr * g, a, b)"),
    ],
)
def test_the_sign_of_a_step_is_flipped(code: str, after: str) -> None:
    assert made(code, signs.step(parsed(code), at(code, code))) == after


@pytest.mark.parametrize(
    ("code", "after"),
    [
        ("loss.backward(retain_graph=True)", "loss.backward(retain_graph=True)"),
        ("f(loss)", "f(loss)"),
        ("elbo.backward()", "(-elbo).backward()"),
        ("(-elbo).backward()", "(elbo).backward()"),
        ("score.backward(one)", "score.backward(-one)"),
        ("scaler.scale(elbo).backward()", "scaler.scale(-elbo).backward()"),
    ],
)
def test_what_is_backpropagated_is_negated_there(code: str, after: str) -> None:
    assert made(code, signs.at_the_sink(parsed(code), at(code, code))) == after


@pytest.mark.parametrize(
    ("code", "after"),
    [
        ("f(a, lr=1)", "f(a, lr=1)"),
        ("f(maximize=True)", "f(maximize=True)"),
        ("f((a), maximize=True)", "f((a), maximize=True)"),
        ("f(a, maximize=True)", "f(a)"),
        ("f(a, maximize = True, lr=1)", "f(a, lr=1)"),
    ],
)
def test_a_setting_is_dropped(code: str, after: str) -> None:
    assert made(code, settings.without_setting(parsed(code), at(code, code), "maximize")) == after


# --- what a best starts from ---------------------------------------------------------------------


def kept(start: str, op: str = ">") -> str:
    return f"def f(xs):\n    best, n = {start}, 0\n    for x in xs:\n        if x {op} best:\n            best = x\n"


COMPARED = Location(4, 12, 4, 20)


@pytest.mark.parametrize(
    ("start", "after"),
    [
        ('float("inf")', 'float("inf")'),
        ("g()", "g()"),
        ("1e10", "1e10"),
        ("0", 'float("inf")'),
        ('float("-inf")', 'float("inf")'),
        ("-np.inf", "np.inf"),
        ("-math.inf", "math.inf"),
    ],
)
def test_with_a_comparison_the_start_is_reversed_that_would_let_nothing_pass(start: str, after: str) -> None:
    edit = settings.reversed_comparison(parsed(kept(start)), COMPARED, "best", "inf")
    assert made(kept(start), edit) == kept(after, "<")


@pytest.mark.parametrize(
    ("start", "wanted", "after"),
    [
        ("g()", "inf", "g()"),
        ("np.inf", "inf", "np.inf"),
        ("0.0", "inf", 'float("inf")'),
        ("np.inf", "-inf", "-np.inf"),
    ],
)
def test_a_start_is_set(start: str, wanted: str, after: str) -> None:
    assert made(kept(start), settings.started(parsed(kept(start)), COMPARED, "best", wanted)) == kept(after)


def test_of_two_starts_none_is_set() -> None:
    code = kept("0").replace("    for", "    best = 1\n    for")
    assert settings.started(parsed(code), Location(5, 12, 5, 20), "best", "inf") is None


# --- YAML, notebooks -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "row", "after"),
    [
        ("mode: ${way}\n", 1, "mode: ${way}\n"),
        ("{mode: min, best: {mode: min}}\n", 1, "{mode: min, best: {mode: min}}\n"),
        ("{monitor: x}\n", 1, "{monitor: x}\n"),
        ("mode: min  # mode\n", 1, "mode: max  # mode\n"),
        ("  'mode' : \"min\"\n", 1, "  'mode' : \"max\"\n"),
        ("es: {monitor: x, mode: min}\n", 1, "es: {monitor: x, mode: max}\n"),
        ("  - monitor: x\n    k: 1\n", 1, "  - monitor: x\n    mode: max\n    k: 1\n"),
    ],
)
def test_a_setting_of_a_yaml_file_is_changed_on_its_row(text: str, row: int, after: str) -> None:
    assert made(text, rows.setting(text, Location(row, 1, row, 2), "mode", "max")) == after


def test_in_a_notebook_the_row_of_the_cell_is_edited(tmp_path: Path) -> None:
    code = ["import torch.nn.functional as F\n", "def f(m, x, y, opt):\n", "    loss = -F.mse_loss(m(x), y)\n"]
    code += ["    loss.backward()\n", "    opt.step()\n"]
    cells = [{"cell_type": "markdown", "source": "# one\n"}, {"cell_type": "code", "source": ["%pip install x\n"]}]
    text = json.dumps({"cells": [*cells, {"cell_type": "code", "source": code}], "nbformat": 4})
    (tmp_path / "m.ipynb").write_text(text)
    (found,) = analyse([tmp_path], Config()).findings
    assert found.fix is not None and found.fix.edits[0].location == Location(3, 12, 3, 13, cell=3)
    assert fix.edited_text(".ipynb", text, found.fix.edits) == text.replace("-F.mse", "F.mse")


# --- which is kept -------------------------------------------------------------------------------


def edit(name: str) -> Fix:
    return Fix(name, (Edit(Location(1, 1, 1, 1), name),))


@pytest.mark.parametrize(
    ("left", "wanted"),
    [
        ({}, None),
        ({"a": ["VL101", "VL102"]}, None),
        ({"a": ["VL102"]}, None),
        ({"a": ["VL302"]}, "a"),
        ({"a": ["VL302"], "b": []}, "b"),
        ({"a": [], "b": []}, "a"),
    ],
)
def test_the_first_edit_that_leaves_nothing_is_kept(left: dict[str, list[str]], wanted: str | None) -> None:
    offers = [edits.Offers("VL101", (edit("a"), edit("b")))]
    (chosen,) = edits.kept(offers, lambda tried: left.get(tried.message))
    assert (chosen.message if chosen is not None else None) == wanted


def test_an_edit_of_another_file_is_not_looked_at_again() -> None:
    offers = [edits.Offers("VL101", (edit("a"),), here=False)]
    assert edits.kept(offers, lambda tried: None) == [edit("a")]


OBJECTIVE = """\
import torch
from torch.distributions import Normal

def fit(model, x, make):
    optimizer = {maker}(model.parameters())
    elbo = Normal(model(x), 1.0).log_prob(x).mean()
    {sink}
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("maker", "sink", "after"),
    [
        ("torch.optim.Adam", "elbo.backward()", "(-elbo).backward()"),
        ("torch.optim.Adam", "elbo.backward(retain_graph=True)", "Adam(model.parameters(), maximize=True)"),
    ],
)
def test_what_is_named_a_gain_keeps_its_value(maker: str, sink: str, after: str) -> None:
    """Negated where it is bound, it would have the wrong name."""
    text = OBJECTIVE.format(maker=maker, sink=sink)
    (found,) = analyse([], Config(), stdin=("m.py", text)).findings
    assert found.code == "VL101" and after in made(text, found.fix)


def test_nobody_is_told_to_maximise_by_a_flag_that_the_optimiser_has_not() -> None:
    text = OBJECTIVE.replace("import torch\n", "import torch\nfrom their_optimisers import Muon\n")
    (found,) = analyse([], Config(), stdin=("m.py", text.format(maker="Muon", sink="elbo.backward()"))).findings
    assert "maximize" not in made(text, found.fix)


# --- afterwards ----------------------------------------------------------------------------------

YAML = {
    "a mode": "early:\n  monitor: val_loss\n  mode: max  # of epochs\n",
    "in braces": "early: {monitor: val_loss, mode: 'max'}\n",
    "a default of Lightning": "_target_: lightning.pytorch.callbacks.ModelCheckpoint\nmonitor: val/acc\n",
    "a sweep": "method: bayes\nmetric:\n  name: val_loss\n  goal: maximize\nparameters:\n  a: 1\n",
    "a sweep's default": "method: random\nmetric:\n  name: accuracy\nparameters:\n  a: 1\n",
}


PARTS = 6  # of the fixtures, for the processes of a session


def _fixed(runs: Runs, part: int) -> list[tuple[Path, Finding]]:
    files = [(d, p) for d in (REPORTED, CASES) for p in sorted(d.rglob("*")) if p.suffix in (".py", ".ipynb")]
    return [(p, f) for d, p in files[part::PARTS] for f in runs.found_in(d, p) if f.fix is not None]


def _outside(text: str, edit: Fix, suffix: str) -> list[str]:
    """The rows of a file that an edit does not touch."""
    spans = {(e.location.cell, r) for e in edit.edits for r in range(e.location.row, e.location.end_row + 1)}
    if suffix != ".ipynb":
        return [row for r, row in enumerate(rows_of(text), 1) if (None, r) not in spans]
    cells = json.loads(text)["cells"]
    return [
        row
        for number, cell in enumerate(cells, 1)
        for r, row in enumerate("".join(cell["source"]).splitlines(), 1)
        if (number, r) not in spans
    ]


def _codes(found: list[Finding], code: str) -> Counter[str]:
    """Names aside, unless the finding is about one: one that was wrong all along is the next to be reported."""
    names_too = code.startswith("VL3")
    return Counter(f.code for f in found if is_about_signs(f.code) and (names_too or not f.code.startswith("VL3")))


def mended(
    path: Path, text: str, f: Finding, before: list[Finding], shown: Config, project: Project | None = None
) -> str:
    """What is wrong with a file after an edit; empty if nothing is."""
    assert f.fix is not None
    after = fix.edited_text(path.suffix, text, f.fix.edits)
    if path.suffix != ".yaml":
        ast.parse(notebook.read(after).text if path.suffix == ".ipynb" else after)
    added = sum(e.content.count("\n") for e in f.fix.edits)
    if not added and _outside(text, f.fix, path.suffix) != _outside(after, f.fix, path.suffix):
        return "it differs in other rows"
    found = analyse([], shown, stdin=(str(path), after), project=project).findings
    had, left = _codes(before, f.code), _codes(found, f.code)
    return "" if left[f.code] < had[f.code] and left <= had else f"it leaves {[x.message for x in found]}"


@pytest.mark.parametrize("part", range(PARTS))
def test_after_each_edit_its_finding_is_gone_and_no_other_has_come(runs: Runs, part: int) -> None:
    """Of every fixture: the file parses, differs in the edit alone, and has one finding less and none more."""
    wrong = []
    for path, f in _fixed(runs, part):
        folder = REPORTED if path.is_relative_to(REPORTED) else CASES
        if Path(f.filename).resolve() == path:
            why = mended(
                path, path.read_text("utf-8"), f, runs.found_in(folder, path), config(folder), runs.surroundings
            )
            wrong += [f"{path.name}:{f.location.row} {f.code} {f.fix and f.fix.message}: {why}"] if why else []
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("text", YAML.values(), ids=YAML)
def test_so_it_is_in_yaml(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sweep.yaml"
    path.write_text(text)
    (found,) = analyse([path], Config()).findings
    assert found.fix is not None and found.fix.digest
    assert mended(path, text, found, [found], Config()) == ""


def test_most_examples_of_the_checks_have_an_edit() -> None:
    shown = Config(min_confidence=Confidence.POSSIBLE)
    bad = [(c.code, code) for c in all_checks() if is_about_signs(c.code) for code in c.bad]
    with_one = {
        code for code, text in bad for f in analyse([], shown, stdin=("m.py", text)).findings if f.fix is not None
    }
    assert with_one == {code for code, _ in bad}
