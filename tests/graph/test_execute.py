"""Running: nothing raises, what cannot be run is named, and leaves lie where operations need them to."""

from __future__ import annotations

import random

import numpy as np
import pytest

from vaelint.graph.domains import domains
from vaelint.graph.execute import (
    BASES,
    Budget,
    Exhausted,
    Situation,
    run,
    sampled,
    workable,
)
from vaelint.graph.gradient import gradients
from vaelint.graph.node import below, leaves

from .samples import random_graph, returned


@pytest.mark.parametrize("seed", range(150))
def test_running_never_raises(seed: int) -> None:
    _, root = random_graph(random.Random(seed))
    found = leaves(root)
    known = domains(below([root]))
    for base in BASES:
        at = sampled(found, Situation(base, known, ""), 4)
        made = run([root], at)
        assert made.of(root).shape[0] in (1, 4)
        grads = gradients(root, made, found)
        assert all(grads[n.value].dtype == np.float64 for n in found)


@pytest.mark.parametrize("seed", range(150))
def test_no_sample_knows_of_the_others(seed: int) -> None:
    _, root = random_graph(random.Random(seed))
    found = leaves(root)
    for base in BASES:
        at = sampled(found, Situation(base, {}, ""), 4)
        whole = run([root], at)
        alone = run([root], {key: x[:1] for key, x in at.items()})
        if not whole.failed and not alone.failed:
            np.testing.assert_allclose(whole.of(root)[:1], alone.of(root)[:1], rtol=1e-9, atol=1e-12)


def test_what_fails_is_a_fresh_leaf_and_named() -> None:
    _, root = returned("def f(a, b):\n    return torch.linalg.cholesky(a).sum() + b.sum()\n")
    at = {n.leaf.key: np.ones((4, 2, 3)) for n in leaves(root) if n.leaf is not None}
    made = run([root], at)
    assert list(made.failed.values()) == ["no square matrix"]
    assert np.isfinite(made.of(root)).all()
    np.testing.assert_array_equal(made.of(root), run([root], at).of(root))  # the same in each run


def test_the_budget_counts_evaluations() -> None:
    _, root = returned("def f(a):\n    return a + a * a\n")
    at = {n.leaf.key: np.ones((4, 2)) for n in leaves(root) if n.leaf is not None}
    budget = Budget(5)
    run([root], at, budget)
    assert budget.left == 2
    with pytest.raises(Exhausted):
        run([root], at, budget)


DOMAINS = {
    "a + b": {"a": "real", "b": "real"},
    "torch.log(a) + b": {"a": "positive", "b": "real"},
    "b / a": {"a": "positive", "b": "real"},
    "torch.log(1 - a) + torch.log(a)": {"a": "unit"},
    "torch.log1p(-a)": {"a": "unit"},
    "torch.log(a * b)": {"a": "positive", "b": "positive"},
    "torch.log(a ** 2 + b)": {"a": "real", "b": "positive"},
    "torch.log((b / a) ** 2)": {"a": "positive", "b": "positive"},
    "torch.log(((b - c) / a) ** 2 + 1)": {"a": "positive", "b": "real", "c": "real"},
    "torch.log(a.sum(-1, keepdim=True).clamp(min=1e-8))": {"a": "positive"},
    "torch.linalg.cholesky(a + 1e-6 * torch.eye(3)) @ b": {"a": "matrix", "b": "real"},
    "a.gather(1, b)": {"a": "real", "b": "label"},
    "F.cross_entropy(a, b)": {"a": "real", "b": "label"},
    "Normal(a, b).log_prob(c)": {"a": "real", "b": "positive", "c": "real"},
}


@pytest.mark.parametrize("text", DOMAINS)
def test_a_leaf_lies_where_operations_need_it(text: str) -> None:
    _, root = returned(f"def f(a, b, c):\n    return {text}\n")
    known = domains(below([root]))
    assert {n.leaf.name: known[n.leaf.key] for n in leaves(root) if n.leaf is not None} == DOMAINS[text]


RUNNABLE = {
    "F.mse_loss(a, b)": BASES,
    "a @ b": ((3,), (3, 3)),
    "0.5 * a @ torch.linalg.solve(k, a) + 0.5 * torch.logdet(k)": ((3,), (3, 3)),
    "-F.log_softmax(a, dim=1).gather(1, y.unsqueeze(1)).squeeze(1).mean()": ((2, 3), (3, 3)),
    "-F.log_softmax(a, -1)[torch.arange(len(y)), y].mean()": ((2, 3), (3,), (3, 3)),
    "torch.logsumexp(a, dim=0) - a[0]": ((2, 3), (3,), (3, 3)),
    "torch.stack([a, b]).mean(0)": BASES,
    "torch.cat([a, b], dim=-1).sum()": ((2, 3), (3,), (3, 3)),
}


@pytest.mark.parametrize("text", RUNNABLE)
def test_shapes_are_tried(text: str) -> None:
    _, root = returned(f"def f(a, b, k, y):\n    return {text}\n")
    found = leaves(root)
    known = domains(below([root]))
    assert tuple(s.base for s in workable([root], found, known, "", Budget())) == tuple(RUNNABLE[text])
