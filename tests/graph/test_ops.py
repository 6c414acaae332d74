"""Each primitive computes what it is called after, and its gradient is the slope of what it computes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vaelint.graph.execute import run
from vaelint.graph.gradient import gradients
from vaelint.graph.node import Graph, Node
from vaelint.graph.ops import LABEL, MATRIX, PRIMITIVES, Array, bessel0, digamma, erf, lgamma, trigamma

from .samples import leaf

RNG = np.random.default_rng(7)
MATRICES = RNG.normal(size=(5, 3, 3)) @ np.eye(3)
POSITIVE_DEFINITE = MATRICES @ np.swapaxes(MATRICES, -1, -2) + np.eye(3)
SETTINGS: dict[str, dict[str, object]] = {
    "item": {"index": ((None, None, None), 1)}, "stack": {"axis": 0}, "cat": {"axis": -1}, "softmax": {"axis": -1},
    "log_softmax": {"axis": -1}, "cumsum": {"axis": -1}, "flip": {"axis": 0}, "pick": {"axis": -1},
    "einsum": {"spec": "ij,jk->i"},    "expand": {"axis": 1}, "filled": {"value": 2.0},
}  # fmt: skip
WITHOUT_SLOPE = {"sign", "floor", "ceil", "round", "not"}


def arguments(name: str) -> list[Array]:
    """Samples within the domain of each argument, away from kinks."""
    primitive = PRIMITIVES[name]
    n = primitive.arity if primitive.arity >= 0 else 2
    needs = (*primitive.needs, *[""] * n)
    out: list[Array] = []
    for need in needs[:n]:
        if need == MATRIX:
            out.append(POSITIVE_DEFINITE)
        elif need == LABEL:
            out.append(np.asarray(RNG.integers(0, 3, (5, 3)), dtype=np.float64))
        elif name in ("trace", "diag", "tril", "swap", "matmul"):
            out.append(RNG.normal(size=(5, 3, 3)))
        else:
            out.append(RNG.uniform(0.15, 0.85, (5, 3, 3)))
    if name == "where":
        out[0] = np.asarray(RNG.integers(0, 2, (5, 3, 3)), dtype=np.float64)
    return out


def applied(name: str) -> tuple[Node, list[Node], dict[object, Array]]:
    graph = Graph()
    some = arguments(name)
    leaves = [leaf(graph, "abcdef"[i]) for i in range(len(some))]
    root = graph.apply(name, *leaves, origin=1, **SETTINGS.get(name, {}))
    return root, leaves, {node.leaf.key: x for node, x in zip(leaves, some) if node.leaf is not None}


@pytest.mark.parametrize("name", PRIMITIVES)
def test_every_primitive_runs_over_all_samples(name: str) -> None:
    root, _, at = applied(name)
    made = run([root], at)
    assert not made.failed
    assert np.isfinite(made.of(root)).all()


@pytest.mark.parametrize("name", [p.name for p in PRIMITIVES.values() if p.back is not None and p.name != "reverse"])
def test_a_gradient_is_the_slope_of_the_value(name: str) -> None:
    root, leaves, at = applied(name)
    found = gradients(root, run([root], at), leaves)
    for node, x in zip(leaves, at.values()):
        assert node.leaf is not None
        for place in ((0,) * (x.ndim - 1), (1,) * (x.ndim - 1)):
            step = np.zeros_like(x)
            step[(slice(None), *place)] = 1e-6
            high, low = (run([root], {**at, node.leaf.key: x + s}).of(root) for s in (step, -step))
            slope = ((high - low) / 2e-6).reshape(len(x), -1).sum(axis=1)
            along = (found[node.value] * step / 1e-6).reshape(len(x), -1).sum(axis=1)
            np.testing.assert_allclose(along, 0 if name in WITHOUT_SLOPE else slope, rtol=1e-4, atol=1e-5)


PLAIN = {
    "exp": math.exp, "log": math.log, "log1p": math.log1p, "expm1": math.expm1, "sqrt": math.sqrt, "tanh": math.tanh,
    "lgamma": math.lgamma, "erf": math.erf, "cosh": math.cosh, "atan": math.atan, "abs": abs,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)), "softplus": lambda x: math.log1p(math.exp(x)),
    "logsigmoid": lambda x: -math.log1p(math.exp(-x)), "logit": lambda x: math.log(x / (1 - x)),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_an_elementwise_primitive_is_the_function_of_one_number(name: str) -> None:
    root, _, at = applied(name)
    (x,) = at.values()
    expected = [PLAIN[name](float(v)) for v in x.flat]
    np.testing.assert_allclose(run([root], at).of(root).reshape(-1), expected, rtol=1e-12)


def test_special_functions_have_their_known_values() -> None:
    euler = 0.5772156649015329
    np.testing.assert_allclose(digamma(np.asarray([1.0, 0.5, 2.0])), [-euler, -euler - 2 * math.log(2), 1 - euler])
    np.testing.assert_allclose(trigamma(np.asarray([1.0, 0.5])), [math.pi**2 / 6, math.pi**2 / 2])
    np.testing.assert_allclose(bessel0(np.asarray([0.0, 1.0])), [1.0, 1.2660658777520084])
    assert np.isnan(lgamma(np.asarray([0.0]))).all() and erf(np.asarray([0.0])) == 0


def test_reductions_and_softmax_are_those_of_their_axis() -> None:
    graph = Graph()
    a = leaf(graph, "a")
    x = RNG.normal(size=(4, 2, 3))
    cases = {
        graph.apply("sum", a, axis=0): x.sum(1),
        graph.apply("mean", a, axis=-1, keepdim=True): x.mean(-1, keepdims=True),
        graph.apply("amax", a, axis=None): x.max((1, 2)),
        graph.apply("logsumexp", a, axis=1): np.log(np.exp(x).sum(-1)),
        graph.apply("softmax", a, axis=0): np.exp(x) / np.exp(x).sum(1, keepdims=True),
        graph.apply("log_softmax", a, axis=-1): x - np.log(np.exp(x).sum(-1, keepdims=True)),
    }
    made = run(cases, {"a": x})
    assert not made.failed
    for node, expected in cases.items():
        np.testing.assert_allclose(made.of(node), expected)


def test_what_broadcasts_is_never_the_samples() -> None:
    graph = Graph()
    a, b = leaf(graph, "a"), leaf(graph, "b")
    root = graph.apply("add", a, b)
    one, other = RNG.normal(size=(3, 3)), RNG.normal(size=(3, 2, 3))
    made = run([root], {"a": one, "b": other}).of(root)
    np.testing.assert_allclose(made[1], one[1] + other[1])


def test_an_index_picks_along_the_last_axis() -> None:
    graph = Graph()
    a, y = leaf(graph, "a"), leaf(graph, "y")
    root = graph.apply("pick", a, y, axis=-1)
    x, index = RNG.normal(size=(4, 2, 3)), np.asarray([[0.0, 2.0]] * 4)
    np.testing.assert_allclose(run([root], {"a": x, "y": index}).of(root), x[:, [0, 1], [0, 2]])


def test_a_gradient_through_what_has_none_is_not_known() -> None:
    graph = Graph()
    a = leaf(graph, "a")
    root = graph.apply("square", graph.apply("sum", a, axis=None))
    at = {"a": RNG.normal(size=(4, 3))}
    assert np.isnan(gradients(root, run([root], at), [a])[a.value]).all()


def test_a_stop_passes_no_gradient_and_a_reversal_passes_it_negated() -> None:
    graph = Graph()
    a = leaf(graph, "a")
    at = {"a": RNG.normal(size=(4, 3))}
    for op, factor in (("stop", 0.0), ("reverse", -1.0), ("same", 1.0)):
        root = graph.apply("square", graph.apply(op, a))
        made = run([root], at)
        np.testing.assert_allclose(made.of(root), at["a"] ** 2)
        np.testing.assert_allclose(gradients(root, made, [a])[a.value], factor * 2 * at["a"])
