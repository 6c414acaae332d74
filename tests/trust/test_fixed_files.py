"""Whatever a file looks like: fixed, it parses, differs in the edit alone, and the finding is gone."""

from __future__ import annotations

import ast
import codecs
import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from vaelint import fix
from vaelint.config import Config
from vaelint.engine import analyse
from vaelint.examine import examine
from vaelint.knowledge import load
from vaelint.source.project import Project

HEAD = """\
import numpy as np
import torch.nn.functional as F
from pytorch_lightning.callbacks import ModelCheckpoint
from torch.distributions import Normal, kl_divergence
"""
STEP = "    loss.backward()\n    opt.step()\n"
# Functions with a mistake that has an edit, with the row of the mistake behind a `>`.
WRONG = (
    "def {0}(model, x, opt):\n>    loss = Normal(model(x), 1.0).log_prob(x).mean()\n" + STEP,
    "def {0}(m, x, opt):\n    x = x[0]\n>    loss = Normal(m(x), 1.0).log_prob(x).sum()  # {1}\n" + STEP,
    "def {0}(model, x, y, opt):\n>    loss = -F.mse_loss(model(x), y)\n" + STEP,
    "def {0}(model, x, y, opt):\n>    loss = - F.cross_entropy(model(x), y)\n" + STEP,
    "class {0}:\n  def fit(self, x, opt):\n>    loss = Normal(self.f(x), 1.0).log_prob(x).mean()\n" + STEP,
    "def {0}(m, x, y, ps):\n    F.mse_loss(m(x), y).backward()\n    for p in ps:\n>        p.data.add_(0.1 * p.grad)\n",
    "def {0}(m, q, p, x, y, opt):\n    kl = kl_divergence(q, p)\n>    loss = F.mse_loss(m(x), y) - kl.sum()  # {1}\n"
    + STEP,
    "def {0}():\n>    return ModelCheckpoint(monitor='val_acc', mode='min')  # {1}\n",
    "def {0}(xs, y):\n    losses = [F.mse_loss(x, y) for x in xs]\n>    best = np.argmax(losses)\n    return best\n",
)
RIGHT = (
    "def {0}(x):\n    return x  # {1}\n",
    '{0} = """\n{1}\n   text\n"""\n',
    "if {0}_is_set:\n    y = '{1}'\n",
    "\n\n# {1}\n",
)
comments = st.text(
    st.characters(codec="latin-1", exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="'\"\\{}"),
    max_size=12,
)
parts = st.lists(st.tuples(st.sampled_from([*WRONG, *RIGHT]), comments), min_size=1, max_size=6)
ENCODINGS = ("utf-8", "utf-8-sig", "latin-1")


def written(chosen: list[tuple[str, str]]) -> tuple[str, set[int]]:
    """The text, and the rows of its mistakes."""
    text = HEAD + "".join(part.format(f"part{i}", said) for i, (part, said) in enumerate(chosen))
    rows = text.split("\n")
    return "\n".join(r.removeprefix(">") for r in rows), {i for i, r in enumerate(rows) if r.startswith(">")}


def mended(path: Path) -> list[str]:
    """The codes that are left when the edits were made."""
    part = examine(path, None, load(()), Config(), Project())
    fixes = fix.chosen([f.finding for f in part.findings], unsafe=True)
    for name, those in fixes.items():
        fix.change(name, those).write()
    return [f.finding.code for f in examine(path, None, load(()), Config(), Project()).findings if f.finding.fix]


@settings(max_examples=40)
@given(parts, st.sampled_from(ENCODINGS), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_a_fixed_file_differs_in_the_edit_alone(
    chosen: list[tuple[str, str]], encoding: str, end: str, ends: bool
) -> None:
    text, wrong = written(chosen)
    if encoding == "latin-1":
        text, wrong = "# coding: latin-1\n" + text, {row + 1 for row in wrong}
    text = text if ends else text.rstrip("\n")
    data = text.replace("\n", end).encode(encoding)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "m.py")
        path.write_bytes(data)
        assert mended(path) == []
        after = path.read_bytes()
    before_rows, after_rows = data.split(b"\n"), after.split(b"\n")
    assert len(before_rows) == len(after_rows)
    assert {i for i, (a, b) in enumerate(zip(before_rows, after_rows)) if a != b} == wrong
    ast.parse(after)
    assert after.startswith(codecs.BOM_UTF8) == (encoding == "utf-8-sig")


@settings(max_examples=15)
@given(parts, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_so_does_a_notebook(chosen: list[tuple[str, str]], indent: int | str | None, plain: bool) -> None:
    text, wrong = written(chosen)
    lines = text.splitlines(keepends=True)
    cells = [{"cell_type": "markdown", "source": "é"}, {"cell_type": "code", "metadata": {"x": 1e-7}, "source": lines}]
    before = json.dumps({"cells": cells, "nbformat": 4}, indent=indent, ensure_ascii=plain)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "m.ipynb")
        path.write_text(before, "utf-8")
        assert mended(path) == []
        after = path.read_text("utf-8")
    mended_lines = json.loads(after)["cells"][1]["source"]
    assert {i for i, (a, b) in enumerate(zip(lines, mended_lines)) if a != b} == wrong
    for row in wrong:
        after = after.replace(
            json.dumps(mended_lines[row], ensure_ascii=plain), json.dumps(lines[row], ensure_ascii=plain)
        )
    assert after == before


def test_the_whole_run_says_so_as_well(tmp_path: Path) -> None:
    text, wrong = written([(part, "") for part in WRONG])
    (tmp_path / "m.py").write_text(text)
    assert len(analyse([tmp_path], Config()).findings) == len(wrong)
