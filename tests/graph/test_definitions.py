"""Definitions of libraries: a density integrates to one, a loss is never lowest away from its target."""

from __future__ import annotations

import math

import pytest

from vaelint.graph import spellings
from vaelint.graph.ask import Judge, Verdict
from vaelint.graph.definitions import ALIASES, CLASSES, DENSITIES, LOSSES
from vaelint.graph.language import written
from vaelint.graph.node import NOWHERE, Graph, below
from vaelint.graph.ops import PRIMITIVES

from .samples import leaf, returned

CONTINUOUS = (
    "Normal", "Laplace", "Exponential", "Gamma", "Beta", "LogNormal", "Cauchy", "HalfNormal",
)  # fmt: skip


def test_a_table_names_only_what_there_is() -> None:
    spoken = {**spellings.UNARY, **spellings.BINARY, **spellings.REDUCTIONS, **spellings.ALONG, **spellings.TOGETHER}
    assert {*spoken.values(), *spellings.OPERATORS.values(), *spellings.COMPARED.values()} <= PRIMITIVES.keys()
    assert set(CLASSES.values()) <= LOSSES.keys()
    assert set(ALIASES.values()) <= DENSITIES.keys()


@pytest.mark.parametrize("name", [*LOSSES, *DENSITIES])
def test_a_definition_is_made_of_primitives(name: str) -> None:
    graph = Graph()
    row = LOSSES.get(name) or DENSITIES[name]
    texts = (LOSSES[name].text,) if name in LOSSES else (DENSITIES[name].log_prob,)
    given = {p: leaf(graph, p) for p in (*row.params, "x")}
    for text in texts:
        made = below([written(graph, text, given, NOWHERE)])
        assert {n.op for n in made} <= {*PRIMITIVES, "leaf", "constant"}


@pytest.mark.parametrize("name", CONTINUOUS)
def test_a_density_integrates_to_one(name: str) -> None:
    graph = Graph()
    density = DENSITIES[name]
    x = leaf(graph, "x")
    root = written(graph, density.log_prob, {**{p: leaf(graph, p) for p in density.params}, "x": x}, NOWHERE)
    answer = Judge(graph, below([root])).normalised(root, x)
    assert answer.verdict is Verdict.HOLDS
    assert math.isclose(float(answer.why.rpartition(" ")[2]), 1.0, rel_tol=2e-3)


@pytest.mark.parametrize("call", ["F.mse_loss(x, y)", "F.l1_loss(x, y)", "F.smooth_l1_loss(x, y)"])
def test_an_error_is_least_at_its_target(call: str) -> None:
    out, root = returned(f"def f(x, y):\n    return {call}\n")
    x, y = (out.env[n] for n in "xy")
    assert Judge(out.graph, below([root])).least_at(root, {x: y}).verdict is Verdict.HOLDS  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "call", ["F.cross_entropy(x, y)", "F.binary_cross_entropy(x, y)", "F.binary_cross_entropy_with_logits(x, y)"]
)
def test_a_cross_entropy_is_never_below_zero(call: str) -> None:
    out, root = returned(f"def f(x, y):\n    return {call}\n")
    assert Judge(out.graph, below([root])).sign(root).verdict is Verdict.HOLDS


def test_an_argument_that_makes_it_another_formula_leaves_a_call_unread() -> None:
    _, root = returned("def f(x, y):\n    return F.kl_div(x, y, log_target=True)\n")
    assert root.leaf is not None
