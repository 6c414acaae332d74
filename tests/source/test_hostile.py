"""Input that nobody wrote to be analysed: it may cost its own findings, with a problem that says so, but no others'."""

from __future__ import annotations

import codecs
import json
import os
import socket
from pathlib import Path

import pytest

from tests.counting import counted
from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Finding, Problem, Result
from vaelint.infer.evaluate import interpreter
from vaelint.remarks import SYNTAX

BUDGET = 10_000  # steps of an entry point; what holds with few of them holds with more
# Of Python functions, in what is analysed for one step, and in what is read for one character. Ordinary code takes some
# fifty and ten; whatever grows faster than the text without being charged for it takes more than this.
CALLS_A_STEP = 300
CALLS_A_CHARACTER = 90
BUG = """\
import torch
from torch.distributions import Normal


def {name}(model, x, optimizer):
    loss = Normal(model(x), 1.0).log_prob(x).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
GOOD = BUG.format(name="train")
BUG_ROW = 6


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file before and one behind ours, each with a bug."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a_before.py").write_text(GOOD)
    (tmp_path / "z_behind.py").write_text(GOOD)
    return tmp_path


def run(folder: Path) -> Result:
    """The neighbours' findings are there whatever stands in our file."""
    result = analyse([folder], Config())
    for name in ("a_before.py", "z_behind.py"):
        assert [f.location.row for f in result.findings if f.filename == name] == [BUG_ROW], name
    return result


def run_counted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    """The same, and what is done is in proportion to the text and to the steps that are charged for it."""
    monkeypatch.setattr(interpreter, "MAX_STEPS", BUDGET)
    analyse([folder / "a_before.py"], Config())  # what is loaded once is not counted
    with counted(monkeypatch) as work:
        result = run(folder)
    files = list(folder.glob("*.py"))
    size = sum(len(f.read_bytes()) for f in files)
    assert 0 < work.steps < 2 * BUDGET * len(files)  # with a finding, once more with its edit made
    assert work.calls < CALLS_A_STEP * work.steps + CALLS_A_CHARACTER * size
    return result


def ours(result: Result, name: str = "m.py") -> tuple[list[int], list[Problem]]:
    """The rows of the findings in our file, and its problems."""
    rows = [f.location.row for f in result.findings if f.filename == name and f.code != SYNTAX]
    return rows, [p for p in result.problems if p.filename == name]


def broken(folder: Path, text: str | bytes, name: str = "m.py") -> tuple[list[int], Finding]:
    """The rows of the findings in a text that does not parse, and the first of the findings about that."""
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    result = run(folder)
    rows, problems = ours(result, name)
    mistakes = [f for f in result.findings if f.code == SYNTAX]
    assert {f.filename for f in mistakes} == {name} and problems == []
    return rows, mistakes[0]


def of_text(folder: Path, text: str | bytes) -> tuple[list[int], list[Problem]]:
    (folder / "m.py").write_bytes(text if isinstance(text, bytes) else text.encode())
    return ours(run(folder))


# --- nothing to say ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "\n", "# loss\n", "# loss", "\n\n\n# the loss\n# is minimised\n", '"""loss"""', "\ufeff", "pass"]
)
def test_hardly_anything_is_no_problem(folder: Path, text: str) -> None:
    assert of_text(folder, text) == ([], [])


# --- bytes ---------------------------------------------------------------------------------------

LATIN = GOOD.replace("\n\n\n", "\n# é\n\n", 1)


@pytest.mark.parametrize(
    "data",
    [
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("\n", "\r").encode(),
        codecs.BOM_UTF8 + GOOD.encode(),
        codecs.BOM_UTF8 + GOOD.replace("\n", "\r\n").encode(),
        GOOD.rstrip("\n").encode(),
        LATIN.encode(),
        LATIN.replace("import torch\n", "import torch  # coding: latin-1\n").encode(),
        LATIN.replace("import torch\n", "# coding: latin-1\n").encode("latin-1"),
        GOOD.replace("    ", "\t").encode(),
    ],
    ids=["CRLF", "CR", "BOM", "BOM and CRLF", "no last newline", "UTF-8", "no cookie", "latin-1 with cookie", "tabs"],
)
def test_findings_do_not_depend_on_how_the_text_is_written(folder: Path, data: bytes) -> None:
    assert of_text(folder, data) == ([BUG_ROW], [])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (LATIN.encode("latin-1"), "cannot be decoded"),
        (GOOD.encode() + b"\0", "NUL"),
        (GOOD.encode("utf-16"), "NUL"),
    ],
    ids=["latin-1 without a cookie", "NUL", "UTF-16"],
)
def test_what_is_no_python_text_is_a_finding(folder: Path, data: bytes, reason: str) -> None:
    rows, mistake = broken(folder, data)
    assert rows == [] and reason in mistake.message


def test_what_is_not_read_is_a_fatal_problem(folder: Path) -> None:
    rows, (problem,) = of_text(folder, GOOD.encode() + b"# filler\n" * 1_400_000)
    assert rows == [] and problem.fatal and "larger" in problem.message


def indented(text: str, by: int) -> str:
    return "".join(" " * by + line for line in text.splitlines(keepends=True))


# --- syntax --------------------------------------------------------------------------------------


BROKEN = {
    "header": ("def f(loss:\n    pass\n", 11),
    "open bracket": ("def f(loss):\n    return (\n", 12),
    "Python 2": ("print 'loss'\n", 11),
    "method": ("class A:\n    def f(self, loss):\n        return 1 +\n", 13),
    "class header": ("class Loss(:\n    def f(self):\n        return 1\n", 11),
    "indentation": ("if x:\nloss = 1\n", 12),
    "open string": ("x = 'loss\n", 11),
    "operator before a definition": ("loss = 1 +\ndef f():\n    pass\n", 11),
    "decorator of nothing": ("@loss\nx = 1\n", 12),
}


@pytest.mark.parametrize(("span", "row"), BROKEN.values(), ids=BROKEN)
def test_a_broken_span_costs_only_itself(folder: Path, span: str, row: int) -> None:
    before = f"{GOOD}\n{span}\n\n"
    rows, mistake = broken(folder, before + BUG.format(name="more"))
    assert mistake.location.row == row and mistake.message
    assert rows == [BUG_ROW, before.count("\n") + BUG_ROW]


METHOD = "    def train(self, model, x):\n" + indented("".join(GOOD.splitlines(keepends=True)[5:]), 4)


@pytest.mark.parametrize(
    "head",
    ["class A(nn.Module):\n    loss = = 1\n\n", "class A:\n    def f(self, loss):\n        return 1 +\n"],
    ids=["attribute", "method"],
)
def test_methods_of_a_class_with_a_broken_span_are_analysed(folder: Path, head: str) -> None:
    imports = "import torch\nfrom torch.distributions import Normal\n\n\n"
    rows, _ = broken(folder, imports + head + METHOD)
    assert rows == [(imports + head).count("\n") + 2]


def test_a_function_that_is_replaced_by_a_later_one_is_analysed(folder: Path) -> None:
    assert of_text(folder, GOOD + "\n\ndef train(model, loss):\n    return loss\n") == ([BUG_ROW], [])


def test_an_open_string_of_three_quotes_is_a_problem(folder: Path) -> None:
    rows, mistake = broken(folder, f'{GOOD}\nx = """loss\n\n{GOOD}')
    assert rows == [BUG_ROW] and mistake.location.row == 11


# --- depth and length ----------------------------------------------------------------------------

LOSS = "loss = nll(x)\n"
LONG = {
    "a sum of 800 terms": "loss = " + " + ".join(f"loss{i}" for i in range(800)) + "\nloss.backward()\n",
    "a difference of 400 terms": "loss = " + " - ".join(["nll(x)"] * 400) + "\nloss.backward()\n",
    "500 brackets": "loss = " + "(" * 500 + "nll(x)" + ")" * 500 + "\nloss.backward()\n",
    "150 brackets": "loss = " + "(" * 150 + "nll(x)" + ")" * 150 + "\nloss.backward()\n",
    "150 nested calls": "loss = " + "-f(" * 150 + "nll(x)" + ")" * 150 + "\nloss.backward()\n",
    "2,000 nested lists": "loss = " + "[" * 2000 + "]" * 2000 + "\n",
    "300 chained calls": "loss = nll(x)" + ".mean()" * 300 + "\nloss.backward()\n",
    "500 chained attributes": "loss = nll" + ".a" * 500 + "\nloss.backward()\n",
    "300 subscripts": "loss = nll" + "[0]" * 300 + "\nloss.backward()\n",
    "a chain of 400 elifs": "if a:\n    loss = nll(x)\n"
    + "".join(f"elif b == {i}:\n    loss = loss + kl_{i}\n" for i in range(400))
    + "loss.backward()\n",
    "400 ifs": "".join(f"if a{i}:\n    loss = -loss\n" for i in range(400)) + "loss.backward()\n",
    "400 statements": LOSS + "loss = loss - elbo\n" * 400 + "loss.backward()\n",
    "2,000 signs": "loss = " + "-" * 2000 + "nll(x)\nloss.backward()\n",
    "500 lambdas": "loss = " + "lambda: " * 500 + "nll(x)\n",
    "2,000 comparisons": "loss = nll(x)" + " < loss" * 2000 + "\n",
    "500 conditional expressions": "loss = " + "elbo if a else " * 500 + "nll(x)\nloss.backward()\n",
    "500 `or`s": "loss = " + "loss or " * 500 + "nll(x)\nloss.backward()\n",
    "2,000 pieces of a string": "loss = " + "'loss' " * 2000 + "\n",
    "a dict of 1,000": "losses = {" + "".join(f"'loss{i}': -{i}, " for i in range(1000)) + "}\n",
    "2,000 targets": "loss = " * 2000 + "nll(x)\n",
    "a row of 200,000 characters": "loss = '" + "x" * 200_000 + "'\n",
}
LONG |= {
    f"60 nested {word}s": "".join("  " * i + f"{head}:\n" for i in range(60))
    + "  " * 60 + "loss = loss - nll(x)\n" + "  " * 60 + "loss.backward()\n"
    for word, head in {
        "for": "for x in loss", "while": "while loss", "if": "if loss", "with": "with loss as a", "def": "def loss(x)",
        "class": "class Loss",
    }.items()
}  # fmt: skip
LONG["60 nested tries"] = (
    "".join("  " * i + "try:\n" for i in range(60))
    + "  " * 60 + "loss = -nll(x)\n"
    + "".join("  " * i + "except E:\n" + "  " * i + "  loss.backward()\n" for i in reversed(range(60)))
)  # fmt: skip


PLACES = {
    "at the top": lambda text: text,
    "in a function": lambda text: "def go(x, loss, a, b):\n" + indented(text, 4),
    "in a method": lambda text: "class A:\n    def go(self, x, loss, a, b):\n" + indented(text, 8),
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_and_deep_code_neither_crashes_nor_hangs(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for i, wrapped in enumerate(PLACES.values()):
        (folder / f"m{i}.py").write_text(GOOD + "\n\n" + wrapped(text))
    result = run_counted(folder, monkeypatch)
    for i in range(len(PLACES)):
        rows, problems = ours(result, f"m{i}.py")
        assert BUG_ROW in rows
        assert not any(p.fatal for p in problems)


@pytest.mark.parametrize(
    "text", [LONG["a chain of 400 elifs"], LONG["a sum of 800 terms"], LONG["500 `or`s"], LONG["400 statements"]]
)
def test_chains_are_followed_to_their_end(folder: Path, text: str) -> None:
    assert of_text(folder, GOOD + "\n\n" + PLACES["in a function"](text)) == ([BUG_ROW], [])


def test_a_wrong_sign_behind_a_chain_of_elifs_is_found(folder: Path) -> None:
    chain = "".join(f"    {'el' if i else ''}if m == {i}:\n        x = {i} * x\n" for i in range(400))
    text = GOOD.replace("    optimizer.zero_grad()\n", chain)
    assert of_text(folder, text) == ([BUG_ROW], [])


def test_what_takes_too_long_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "MAX_STEPS", BUDGET)
    _, (problem,) = of_text(folder, PLACES["in a function"](LONG["60 nested fors"]))
    assert "`go` was not followed to its end: it takes too long" in problem.message and not problem.fatal


# --- names that lead back to themselves ----------------------------------------------------------

CIRCLES = {
    "a function": "def loss(x):\n    return -loss(x - 1) + nll(x)\n\nloss(1).backward()\n",
    "two functions": "def loss(x):\n    return -elbo(x)\n\ndef elbo(x):\n    return -loss(x)\n\nloss(1).backward()\n",
    "a function of itself": "def loss(x):\n    return loss(loss(loss(x)))\n\nloss(loss).backward()\n",
    "many calls": "def loss(x):\n    return " + " + ".join(["loss(x)"] * 20) + "\n\nloss(1).backward()\n",
    "a lambda": "loss = lambda x: -loss(x)\nloss(1).backward()\n",
    "a class that inherits from itself": "class Loss(Loss):\n    def forward(self, x):\n        return -self.nll(x)\n\n"
    "Loss()(x).backward()\n",
    "classes that inherit from each other": "class A(B):\n    def loss(self):\n        return super().loss()\n\n"
    "class B(A):\n    def loss(self):\n        return super().loss()\n\nA().loss().backward()\nB().nll().backward()\n",
    "three classes in a circle": "class A(B): elbo = 1\nclass B(C): pass\nclass C(A): pass\n\nA().loss.backward()\n",
    "every class inherits from every other": "".join(
        f"class A{i}({', '.join(f'A{j}' for j in range(12))}):\n    def loss{i}(self): return -self.nll()\n"
        for i in range(12)
    )
    + "A0().elbo().backward()\n",
    "two classes that make each other": "class A:\n    def __init__(self):\n        self.loss = B()\n\n"
    "class B:\n    def __init__(self):\n        self.loss = A()\n\nA().loss.loss.loss.backward()\n",
    "a class that makes itself": "class Loss:\n    def __init__(self):\n        self.nll = Loss()\n\n"
    "    def __call__(self, x):\n        return self(x) - self.nll(x)\n\nLoss()(1).backward()\n",
    "a class in itself": "class Loss:\n    loss = Loss()\n    def nll(self): return self.loss.nll()\n\nLoss().nll()\n",
    "a decorator of itself": "@loss\ndef loss(f):\n    return loss(f)\n\nloss(1).backward()\n",
    "decorators in a circle": "@elbo\ndef loss(f):\n    return -elbo(f)\n\n@loss\ndef elbo(f):\n    return -loss(f)\n\n"
    "loss(1).backward()\n",
    "a property of itself": "class A:\n    @property\n    def loss(self):\n        return -self.loss\n\n"
    "    @loss.setter\n    def loss(self, x):\n        self.loss = x\n\nA().loss.backward()\n",
    "an import of itself": "from m import *\nimport m\nfrom . import m as n\nloss = m.n.m.loss\nloss.backward()\n",
    "a variable": "loss = loss\nloss.loss = loss\nloss = -loss\nloss.backward()\n",
    "a list in itself": "loss = [nll(x)]\nloss.append(loss)\nsum(loss).backward()\nsum(sum(loss)).backward()\n",
    "a dict in itself": "loss = {}\nloss['loss'] = loss\nloss['loss']['loss'].backward()\n"
    "sum(loss.values()).backward()\n",
    "an object in itself": "class A: pass\na = A()\na.a = a\na.loss = -a.a.a.nll\na.a.loss.backward()\n",
    "a default": "def loss(x=loss, y=lambda: loss()):\n    return x() - y()\n\nloss().backward()\n",
    "a closure": "def loss(x):\n    def nll():\n        return -loss(nll)\n    return nll() - loss(nll)\n\n"
    "loss(1).backward()\n",
}  # fmt: skip


def test_names_that_hang_on_each_other_cost_as_much_as_they_are(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def calls(names: int) -> int:
        chain = "".join(f"    a{i} = a{i - 1} * 2 + torch.log(x)\n" for i in range(1, names))
        text = f"import torch\n\ndef loss(x):\n    a0 = torch.exp(x)\n{chain}    a{names - 1}.backward()\n"
        (folder / "m.py").write_text(text)
        with counted(monkeypatch) as work:
            run(folder)
        return work.calls

    calls(20)  # what is loaded once is not counted
    few, more, most = calls(20), calls(40), calls(60)
    assert most - more < 1.3 * (more - few)


@pytest.mark.parametrize("text", CIRCLES.values(), ids=CIRCLES)
def test_circles_end(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "m.py").write_text(GOOD + "\n\n" + text)
    rows, problems = ours(run_counted(folder, monkeypatch))
    assert BUG_ROW in rows
    assert not any(p.fatal for p in problems)


# --- files and folders ---------------------------------------------------------------------------


def test_a_folder_by_a_files_name_is_walked(folder: Path) -> None:
    (folder / "x.py").mkdir()
    (folder / "x.py" / "m.py").write_text(GOOD)
    assert ours(run(folder), "x.py/m.py") == ([BUG_ROW], [])


def test_links_that_lead_nowhere_are_passed_by(folder: Path) -> None:
    (folder / "loop.py").symlink_to(folder / "loop.py")
    (folder / "none.py").symlink_to(folder / "nothing.py")
    (folder / "up").symlink_to(folder, target_is_directory=True)
    (folder / "self").symlink_to("self", target_is_directory=True)
    result = run(folder)
    assert result.files == 2 and result.problems == []


def test_a_link_that_is_named_and_leads_nowhere_is_a_problem(folder: Path) -> None:
    (folder / "loop.py").symlink_to(folder / "loop.py")
    result = analyse([folder / "loop.py", folder / "a_before.py"], Config())
    assert len(result.problems) == 1 and len(result.findings) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_in_a_folder_is_passed_by(folder: Path) -> None:
    os.mkfifo(folder / "m.py")
    (folder / "n.py").write_text("import m\n" + GOOD)
    assert run(folder).files == 3


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_that_is_named_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "m.py")
    result = analyse([folder / "m.py", folder / "a_before.py"], Config())
    assert [p.message for p in result.problems] == ["no regular file: not read"] and len(result.findings) == 1


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no sockets here")
def test_a_socket_in_a_folder_is_passed_by(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as s:
        s.bind("m.py")
        assert run(folder).files == 2


def test_three_thousand_functions(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"def loss_{i}(x):\n    return -x\n\n\n" for i in range(3_000)) + GOOD
    (folder / "m.py").write_text(text)
    assert ours(run_counted(folder, monkeypatch)) == ([12_000 + BUG_ROW], [])


def test_a_row_of_a_million_characters(folder: Path) -> None:
    assert of_text(folder, GOOD + "name = '" + "x" * 1_000_000 + "'\nloss = name\n") == ([BUG_ROW], [])


def test_a_list_of_a_hundred_thousand_numbers_costs_only_itself(folder: Path) -> None:
    rows, (problem,) = of_text(folder, GOOD + "losses = [" + "1, " * 120_000 + "]\n")
    assert rows == [BUG_ROW] and "too long" in problem.message and problem.location is not None


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_a_problem(folder: Path) -> None:
    (folder / "m.py").write_text(GOOD)
    (folder / "m.py").chmod(0)
    rows, (problem,) = ours(run(folder))
    assert rows == [] and problem.fatal and "cannot be read" in problem.message


# --- notebooks -----------------------------------------------------------------------------------


def notebook(*cells: str) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": c} for c in cells], "nbformat": 4})


def of_notebook(folder: Path, text: str) -> tuple[list[int], list[Problem]]:
    (folder / "m.ipynb").write_text(text)
    return ours(run(folder), "m.ipynb")


@pytest.mark.parametrize("text", ["{}", '{"cells": []}', notebook(), notebook(""), notebook("%matplotlib", "!ls")])
def test_notebooks_without_code_are_no_problem(folder: Path, text: str) -> None:
    assert of_notebook(folder, text) == ([], [])


@pytest.mark.parametrize("text", ["", "loss", '{"cells": [', "[]", '{"cells": {}}', notebook(GOOD)[:-1], "[" * 100_000])
def test_a_broken_notebook_is_a_finding(folder: Path, text: str) -> None:
    rows, mistake = broken(folder, text, "m.ipynb")
    assert rows == [] and mistake.location.cell is None


@pytest.mark.parametrize(
    "cell",
    ["%matplotlib inline\n!pip install loss", "%%bash\nloss = (", "loss?", "%load_ext loss\nx = !ls", "%%time\nx = 1"],
)
def test_magics_are_no_problem(folder: Path, cell: str) -> None:
    (folder / "m.ipynb").write_text(notebook(cell, GOOD))
    result = run(folder)
    (finding,) = (f for f in result.findings if f.filename == "m.ipynb")
    assert (finding.location.cell, finding.location.row) == (2, BUG_ROW) and result.problems == []


def test_cells_that_parse_are_analysed_in_a_broken_notebook(folder: Path) -> None:
    rows, mistake = broken(folder, notebook("loss = (", GOOD, "for loss"), "m.ipynb")
    assert rows == [BUG_ROW] and mistake.location.cell == 1
