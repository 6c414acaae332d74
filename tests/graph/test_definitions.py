"""What the rules say that libraries compute: no definition first, then what calls become."""

from __future__ import annotations

import pytest

from tests.questions import least_at, sign
from vaelint.graph import spellings
from vaelint.graph.ask import Judge, Verdict
from vaelint.graph.definitions import DRAWS, ENTROPIES
from vaelint.graph.language import Unreadable, function, names, written
from vaelint.graph.node import Graph, below, show
from vaelint.graph.ops import PRIMITIVES

from .samples import leaf, returned


def test_a_table_names_only_what_there_is() -> None:
    spoken = {**spellings.UNARY, **spellings.BINARY, **spellings.REDUCTIONS, **spellings.ALONG, **spellings.TOGETHER}
    assert {*spoken.values(), *spellings.OPERATORS.values(), *spellings.COMPARED.values()} <= PRIMITIVES.keys()


@pytest.mark.parametrize("text", [*ENTROPIES.values(), *DRAWS.values()])
def test_a_definition_is_made_of_primitives(text: str) -> None:
    graph = Graph()
    made = below([written(graph, text, {n: leaf(graph, n) for n in names(text)})])
    assert {n.op for n in made} <= {*PRIMITIVES, "leaf", "constant"}


@pytest.mark.parametrize("text", ["a +", "a[0]", "nothing(a)", "True", "a if b else c", "a, b=x: a"])
def test_what_is_no_definition_is_said_to_be_none(text: str) -> None:
    graph = Graph()
    with pytest.raises(Unreadable):
        written(graph, function(text).text, {n: leaf(graph, n) for n in "ab"})


def test_a_definition_may_name_its_parameters_and_what_they_are_by_default() -> None:
    fn = function("a, b=2, *, c=0.5: mean(a * b - c)", ("x", "y"))
    assert (fn.params, fn.places, fn.defaults, fn.is_mean) == (("a", "b", "c"), 2, {"b": 2.0, "c": 0.5}, True)
    assert function("sum(x - y)", ("x", "y", "weight")).params == ("x", "y")


@pytest.mark.parametrize("call", ["F.mse_loss(x, y)", "F.l1_loss(x, y)", "F.smooth_l1_loss(x, y)"])
def test_an_error_is_least_at_its_target(call: str) -> None:
    out, root = returned(f"def f(x, y):\n    return {call}\n")
    x, y = (leaf(out, n) for n in "xy")
    assert least_at(Judge(out, below([root])), root, {x: y}).verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    "call", ["F.cross_entropy(x, y)", "F.binary_cross_entropy(x, y)", "F.binary_cross_entropy_with_logits(x, y)"]
)
def test_a_cross_entropy_is_never_below_zero(call: str) -> None:
    out, root = returned(f"def f(x, y):\n    return {call}\n")
    assert sign(Judge(out, below([root])), root).verdict is Verdict.HOLDS


def test_an_argument_that_makes_it_another_formula_leaves_a_call_unread() -> None:
    _, root = returned("def f(x, y):\n    return F.kl_div(x, y, log_target=True)\n")
    assert root.leaf is not None


REDUCED = {
    "F.mse_loss(x, y)": "mean(square(x - y))",
    "F.mse_loss(x, y, reduction='sum')": "sum(square(x - y))",
    "F.mse_loss(x, y, reduction='none')": "square(x - y)",
    "F.kl_div(x, y, reduction='batchmean')": "sum(xlogy(y, y) - y * x) / size(xlogy(y, y) - y * x)",
    "F.margin_ranking_loss(x, y, x, margin=2)": "mean(relu((-x) * (x - y) + 2))",
}


@pytest.mark.parametrize("call", REDUCED)
def test_a_loss_is_reduced_as_the_call_says(call: str) -> None:
    _, root = returned(f"def f(x, y):\n    return {call}\n")
    assert show(root) == REDUCED[call]
