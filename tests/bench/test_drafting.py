"""Drafts of rules from a package's own source."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent

import pytest

from bench.drafting import draft, publics

CODE = """
    \"\"\"Losses.\"\"\"
    import torch
    from torch.distributions import Normal

    raise SystemExit("nobody runs this")


    def evidence(x, mean, *, scale):
        \"\"\"How likely the data are.

        More.
        \"\"\"
        def inner():
            return "something else"
        return Normal(mean, scale).log_prob(x).sum()


    def shape(x):
        return x.shape


    def loss_by_name(x, criterion):
        loss = criterion(x)
        return loss


    def either(x, mean, flag):
        if flag:
            return Normal(mean, 1.0).log_prob(x).sum()
        return -Normal(mean, 1.0).log_prob(x).sum()


    def _private(x, mean):
        return Normal(mean, 1.0).log_prob(x).sum()


    class Criterion(torch.nn.Module):
        def forward(self, x, mean):
            return -Normal(mean, 1.0).log_prob(x).mean()

        def score(self, x, mean):
            return Normal(mean, 1.0).log_prob(x).mean()


    def fit(x, mean, optimizer):
        loss = -evidence(x, mean, scale=1.0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "acme"
    (folder / "tests").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "tests" / "test_losses.py").write_text("def loss(x): return -x.log_prob(1)\n")
    (folder / "broken.py").write_text("def (:\n")
    (folder / "losses.py").write_text(dedent(CODE).lstrip())
    return folder


def entry(text: str, name: str) -> str:
    (found,) = [block for block in text.split("\n\n") if f'names = ["{name}"]' in block]
    return found


def test_what_has_no_sense_is_no_entry(package: Path) -> None:
    text = draft(package)
    assert "acme.losses.shape" not in text
    assert "_private" not in text
    assert "test_losses" not in text


def test_what_a_function_returns_by_facts_is_drafted_with_where_it_was_seen(package: Path) -> None:
    drafted = entry(draft(package), "acme.losses.evidence")
    assert "# How likely the data are." in drafted
    assert "# losses.py:15 gain log_density by library: return Normal(mean, scale).log_prob(x).sum()" in drafted
    assert 'params = ["x", "mean", "scale"]' in drafted
    assert drafted.splitlines()[-2:] == ['sense = "gain"', 'kind = "log_density"']


def test_what_is_known_by_its_name_alone_is_a_remark(package: Path) -> None:
    lines = entry(draft(package), "acme.losses.loss_by_name").splitlines()
    assert lines[-1] == '# by names alone, or not on every way: sense = "cost"'


def test_ways_that_disagree_are_a_remark(package: Path) -> None:
    drafted = entry(draft(package), "acme.losses.either")
    assert "# by names alone, or not on every way: sense = " in drafted
    assert "gain log_density by library" in drafted
    assert "cost log_density by library" in drafted


def test_objects_that_are_called_and_methods_have_names_of_their_own(package: Path) -> None:
    text = draft(package, "acme_losses")
    assert 'makes = "loss"\nsense = "cost"' in entry(text, "acme_losses.losses.Criterion")
    assert 'sense = "gain"' in entry(text, "acme_losses.losses.Criterion.score")


def test_it_says_what_the_package_optimises_itself(package: Path) -> None:
    _, _, inside = draft(package).partition("# --- what the package optimises itself ---\n")
    assert inside.startswith("# losses.py:")
    assert "minimize" in inside


def test_results_of_inner_functions_are_not_those_of_the_outer_one() -> None:
    tree = ast.parse("def f(x):\n    def g():\n        return 1\n    return x\n")
    (found,) = publics(tree, "m")
    assert found.returned == [(4, 12)]
