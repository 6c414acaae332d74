"""Building: no-op cases first, then what expressions and calls become."""

from __future__ import annotations

import random

import pytest

from vaelint.graph.calls import expression
from vaelint.graph.node import Graph, Kind, Node, below, leaves, show

from .samples import built, leaf, random_graph, returned


def names(node: Node) -> list[str]:
    return [n.leaf.name for n in leaves(node) if n.leaf is not None]


@pytest.mark.parametrize(
    "value",
    ["'text'", "{}", "(yield)", "f'{a}'", "lambda x: x", "(*a, a[b:c:d, ...])", "[x for x, y in a]", "a if b else 'c'"],
)  # fmt: skip
def test_what_is_no_arithmetic_is_read_without_an_error(value: str) -> None:
    built(f"def f(a, b, c, d):\n    return {value}\n")


def test_a_call_that_is_not_known_is_one_leaf_wherever_it_is_made_of_the_same() -> None:
    _, root = returned("def f(x, y):\n    return net(x + y) - net(x + y) + net(y)\n")
    assert names(root) == ["net(x + y)", "net(y)"]


def test_a_name_that_cannot_be_read_is_a_fresh_leaf_and_nothing_else_is_lost() -> None:
    _, root = returned("def f(x):\n    return torch.log({**x}) - x\n")
    assert show(root).startswith("log(") and len(leaves(root)) == 2


def test_the_same_node_made_again_is_that_node() -> None:
    graph = Graph()
    a = leaf(graph, "a")
    one = graph.apply("sum", a, origin=3, axis=0)
    assert graph.apply("sum", a, origin=3, axis=0) is one
    other = graph.apply("sum", a, origin=4, axis=0)
    assert other is not one and other.value == one.value  # written elsewhere, computing the same
    assert graph.apply("sum", a, origin=3, axis=1).value != one.value
    assert len(graph) == 4


def test_building_is_deterministic() -> None:
    for seed in range(20):
        (g, a), (h, b) = (random_graph(random.Random(seed)) for _ in range(2))
        assert len(g) == len(h)
        assert [(n.op, n.number, n.value, n.settings) for n in below([a])] == [
            (n.op, n.number, n.value, n.settings) for n in below([b])
        ]


def test_both_sides_of_a_choice_are_kept() -> None:
    _, root = returned("def f(a, b, flag):\n    return (-a if flag else a) + b\n")
    assert show(root) == "where(flag, -a, a) + b"


def test_what_is_bound_within_an_expression_is_known_behind_it() -> None:
    _, root = returned("def f(a):\n    return (b := a * a) + b\n")
    assert show(root) == "a * a + a * a"


def test_a_density_is_its_definition_and_a_draw_passes_its_gradient_only_if_it_is_one_by_noise() -> None:
    _, root = returned("def f(m, s, x):\n    return Normal(m, s).log_prob(x)\n")
    assert show(root).startswith("(-0.5) * square((x - m) / s) - log(s)")
    _, drawn = returned("def f(m, s):\n    return Normal(m, s).rsample()\n")
    assert show(drawn) == "m + s * Normal(m, s).rsample()" and Kind.DRAW in [
        n.leaf.kind for n in leaves(drawn) if n.leaf
    ]
    _, stopped = returned("def f(m, s):\n    return Normal(m, s).sample()\n")
    assert stopped.op == "stop"


def test_detach_is_a_stop_and_a_dtype_is_nothing() -> None:
    _, root = returned("def f(a):\n    return a.detach().float().to('cpu')\n")
    assert show(root) == "stop(a)"


def test_an_expression_that_was_typed_in_is_read_as_is_customary() -> None:
    from vaelint.source.quick import typed as parse

    made = expression(parse("-0.5 * torch.sum(1 + logvar - mu**2 - np.exp(logvar), dim=1) + log(2 * pi)"))
    assert isinstance(made, Node)
    assert names(made) == ["logvar", "mu"]


def test_a_long_expression_is_read_as_far_as_the_budget_goes() -> None:
    _, root = returned(f"def f(a, b):\n    return stack([{', '.join(f'{i} * b' for i in range(4000))}])\n")
    assert "…" in names(root) or root.leaf is not None
