"""Coverage: places are found by frozen words and syntax alone, and decided by what vaelint knows of their values."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from bench.coverage import child, reasons, run, words
from bench.coverage.places import Place, find
from bench.places import REPOSITORY, functions


def places(code: str) -> list[Place]:
    return find(dedent(code).strip() + "\n")


def found(code: str) -> list[tuple[str, str]]:
    return [(p.sort, p.name) for p in places(code)]


# --- what is counted is frozen -------------------------------------------------------------------


def test_the_words_are_those_of_the_first_count() -> None:
    digest = hashlib.sha256(words.WORDS.read_bytes()).hexdigest()
    assert digest == "d0df9eacb0cde596d829be54f90931848caf045bcdff02330146dc96d5b80e86", (
        "a smaller lexicon must not raise the figure: coverage counts by these words for good"
    )


def test_what_is_counted_does_not_ask_vaelint() -> None:
    for name in ("words", "places", "reasons"):
        tree = ast.parse((REPOSITORY / "bench" / "coverage" / f"{name}.py").read_text("utf-8"))
        imports = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        imports += [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
        assert not [i for i in imports if i.startswith("vaelint")], name


# --- names that claim nothing --------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["x", "kl_weight", "loss_fn", "num_losses", "lossless", "ValueError", "log_dir", "prepare_for_loss"]
)
def test_a_name_that_is_not_of_a_quantity_claims_nothing(name: str) -> None:
    assert not words.claims(name)


@pytest.mark.parametrize("name", ["loss", "neg_log_prob", "total_kl", "reconLoss", "elbo2", "train_losses", "loss_kl"])
def test_a_name_with_a_term_claims(name: str) -> None:
    assert words.claims(name)


@pytest.mark.parametrize("label, of_one", [("val/accuracy", True), ("best_f1", True), ("epoch", False)])
def test_labels_of_metrics_measure(label: str, of_one: bool) -> None:
    assert words.measures(label) is of_one


# --- no places -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "x = f(y)",
        "loss = 0.0",
        "losses = []",
        "loss = None",
        "loss = -1",
        "loss_fn = CrossEntropyLoss()",
        "loss = CrossEntropyLoss()",
        "nll = lambda x: x",
        "kl_weight = f(x)",
        "f(loss=True)",
        "if epoch < best_loss: pass",
        "def train(return_loss=False):\n    return_loss()",
        "def f(loss):\n    loss = 1\n    g(loss)",
        "def f(loss): ...",
        "print(f'epoch {epoch}: {x}')",
        "d['loss']",
        "open(path, mode='min')",
        "def f():\n    '''Return the value.'''\n    return x",
        "x = y  # a comment on something else",
        "x = y  # so that later on the loss that is logged is right",
        "StepReturn = tuple[float, int]",
        "J = torch.autograd.grad(out, x)",
        "print(f'unexpected shape of what is the loss: {x}')",
        "class Config:\n    loss: str = 'mse'",
    ],
)
def test_what_makes_no_claim_is_no_place(code: str) -> None:
    assert found(code) == []


# --- places --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code, place",
    [
        ("loss = f(x)", ("assignment", "loss")),
        ("loss += f(x)", ("assignment", "loss")),
        ("loss: Tensor = f(x)", ("assignment", "loss")),
        ("loss, kl = a, b", ("assignment", "kl")),
        ("loss, out = f(x)\ng(loss)", ("assignment", "loss")),
        ("f(log_prob=x)", ("keyword", "log_prob")),
        ("def f(log_prob):\n    return log_prob", ("parameter", "log_prob")),
        ("def log_prob(x):\n    return f(x)", ("return", "log_prob")),
        ("out = {'loss': x}", ("key", "loss")),
        ("out['loss'] = x", ("key", "loss")),
        ("self.loss = x", ("attribute", "loss")),
        ("class Out:\n    loss: float", ("field", "loss")),
        ("minimize(f, x0)", ("objective", "minimize")),
        ("self.log('val_loss', x)", ("label", "val_loss")),
        ("wandb.log({'train/accuracy': x})", ("label", "train/accuracy")),
        ("plt.plot(x, y, label='test loss')", ("label", "test loss")),
        ("bar.set_postfix(loss=x)", ("label", "loss")),
        ("print(f'epoch {i} loss: {x:.3f}')", ("label", "loss")),
        ("def f(x):\n    '''Returns the NLL.'''\n    return g(x)", ("docstring", "Returns the NLL")),
        ("y = f(x)  # log-likelihood of the data", ("comment", "log-likelihood of the data")),
        ("# the KL divergence\ny = f(x)", ("comment", "the KL divergence")),
        ("x.backward()", ("objective", "backward")),
        ("g = jax.grad(loss_fn)(x)", ("objective", "grad")),
        ("class A(pl.LightningModule):\n    def training_step(s, b): return f(b)", ("objective", "training_step")),
        ("ModelCheckpoint(monitor='val_loss', mode='min')", ("selection", "val_loss")),
        ("ReduceLROnPlateau(opt, 'min')", ("selection", "ReduceLROnPlateau")),
        ("c = {'monitor': 'val_acc', 'mode': 'max'}", ("selection", "val_acc")),
        ("if val_loss < best_loss: pass", ("comparison", "val_loss")),
        ("if a:\n    kl = f(x)\nelse:\n    kl = g(x)", ("siblings", "kl")),
        ("class A(B):\n    def nll(s): return f(s)\nclass C(B):\n    def nll(s): return g(s)", ("siblings", "nll")),
        ("def a_nll(x): return f(x)\ndef b_nll(x): return x\nT = {'a': a_nll, 'b': b_nll}", ("siblings", "a table")),
    ],
)  # fmt: skip
def test_a_place_is_found(code: str, place: tuple[str, str]) -> None:
    assert place in found(code)


def test_the_span_is_that_of_the_value_in_characters() -> None:
    (place,) = places("é = 1; loss = (ƒ(x))")
    assert place.spans == ((1, 16, 1, 20),)


# --- decisions -----------------------------------------------------------------------------------


def decided(tmp_path: Path, **files: str) -> dict[tuple[str, str], dict[str, Any]]:
    for name, code in files.items():
        (tmp_path / f"{name}.py").write_text(dedent(code).strip() + "\n")
    return {(p["sort"], p["name"]): p for p in child.folder(tmp_path)["places"]}


TRAINING = """
    import torch
    import torch.nn.functional as F

    def train(model, data, nll):
        optimizer = torch.optim.Adam(model.parameters())
        for x, y in data:
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            other_loss = model.penalty_of(x)
            total_loss = nll + 1
"""


def test_a_value_of_a_library_is_decided_by_facts(tmp_path: Path) -> None:
    made = decided(tmp_path, a=TRAINING)
    assert made["assignment", "loss"]["by"] == "facts"
    assert made["objective", "backward"]["by"] == "facts"


def test_a_value_known_by_a_name_alone_is_decided_by_claim(tmp_path: Path) -> None:
    assert decided(tmp_path, a=TRAINING)["assignment", "total_loss"]["by"] == "claim"


def test_the_name_of_a_place_does_not_decide_it(tmp_path: Path) -> None:
    made = decided(tmp_path, a=TRAINING)
    assert (made["parameter", "nll"]["by"], made["parameter", "nll"]["reason"]) == (
        "undecided",
        "parameter nobody passes",
    )
    assert made["assignment", "other_loss"]["by"] == "undecided"
    assert made["assignment", "other_loss"]["reason"] == "object of unknown class: a method"


def test_a_parameter_that_a_caller_passes_is_decided_by_what_is_passed(tmp_path: Path) -> None:
    made = decided(
        tmp_path,
        a="def scaled(nll):\n    return 2 * nll\n",
        b="""
            import torch
            from a import scaled

            def train(model, x, y):
                optimizer = torch.optim.Adam(model.parameters())
                scaled(torch.nn.functional.nll_loss(model(x), y)).backward()
                optimizer.step()
        """,
    )
    assert made["parameter", "nll"]["by"] == "facts"


def test_what_a_sum_begins_with_does_not_decide_it(tmp_path: Path) -> None:
    made = decided(
        tmp_path,
        a="""
            import torch

            def train(model, data):
                optimizer = torch.optim.Adam(model.parameters())
                total = 0.0
                for x in data:
                    total += model.thing(x)
                    out_loss = total
                out_loss.backward()
                optimizer.step()
        """,
    )
    assert made["assignment", "out_loss"]["by"] == "undecided"


def test_a_field_is_decided_by_what_calls_of_its_class_give_it(tmp_path: Path) -> None:
    code = """
        import torch.nn.functional as F

        class Out:
            logits: object
            loss: object

        def f(x, y):
            return Out({})
    """
    assert decided(tmp_path, a=code.format("x, F.mse_loss(x, y)"))["field", "loss"]["by"] == "facts"
    assert decided(tmp_path, a=code.format("x, loss=F.mse_loss(x, y)"))["field", "loss"]["by"] == "facts"
    assert decided(tmp_path, a=code.format("x"))["field", "loss"]["reason"] == reasons.NO_VALUE


def test_a_family_is_as_well_known_as_its_least_known_member(tmp_path: Path) -> None:
    code = """
        import torch.nn.functional as F

        def f(model, x, y, a):
            if a:
                loss = F.mse_loss(x, y)
            else:
                loss = {}
            return loss
    """
    known = decided(tmp_path, a=code.format("F.l1_loss(x, y)"))
    unknown = decided(tmp_path, a=code.format("model.thing(x)"))
    assert known["siblings", "loss"]["by"] == "facts"
    assert unknown["siblings", "loss"]["by"] == "undecided"


def test_a_function_that_is_not_interpreted_says_so(tmp_path: Path) -> None:
    made = decided(tmp_path, a="def compute_regret(x, y):\n    return float(area(x, y))\n")
    assert made["return", "compute_regret"]["by"] == "undecided"
    assert made["return", "compute_regret"]["reason"] == reasons.NOT_INTERPRETED


@pytest.mark.parametrize(
    "code, reason",
    [
        ("from lib import f\ny = f(x)", "callee unknown: of lib"),
        ("from own import f\ny = f(x)", "callee unknown: of the package itself"),
        ("def f(g):\n    y = g(x)", "parameter nobody passes: it is called"),
        ("y = a.b(x)", "object of unknown class: a method"),
        ("y = self.net(x)", "object of unknown class: self's attribute"),
        ("y = a['k']", "container: an item"),
        ("y = a if b else c", "condition: branches disagree, or not all are known"),
    ],
)
def test_a_reason_is_read_from_the_text(code: str, reason: str) -> None:
    value = next(n.value for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Assign))
    span = (value.lineno, value.col_offset + 1, value.end_lineno or 0, (value.end_col_offset or 0) + 1)
    assert reasons.Text(code, frozenset({"own"})).lost("`y` is not resolved", span) == reason


def test_the_summary_ranks_reasons_with_places_to_open() -> None:
    place = {"sort": "key", "name": "loss", "file": "a.py", "row": 3, "function": "f", "line": "", "reason": ""}
    lost = {**place, "by": "undecided", "reason": "budget"}
    raw = {"p": {"files": 2, "seconds": 1.0, "crash": "", "places": [{**place, "by": "facts"}, lost, lost]}}
    made = run.summary(raw)
    assert made["totals"] == {"places": 3, "facts": 1, "claim": 0, "undecided": 2, "files": 2}
    assert made["reasons"] == [{"n": 2, "reason": "budget", "sorts": {"key": 2}, "examples": ["p a.py:3 key `loss`"]}]
    assert made["sorts"]["key"]["undecided"] == 2


def test_nothing_of_the_folder_is_imported(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(dedent(TRAINING))
    for name in ("json", "libcst", "vaelint", "bench"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(1)\n")
    made = run.analyse(tmp_path)
    assert not made["crash"]
    assert functions(dedent(TRAINING)) and made["places"]
