"""Calls that are leaves of a formula whatever they are given: they need not be read to know that."""

from __future__ import annotations

import pytest

from vaelint.graph.formula import is_opaque, opaque, read
from vaelint.graph.node import Graph
from vaelint.source.quick import typed as parse

LEAVES = ("model(x)", "self.encode(x)[0].forward(y)", "F.conv2d(x, w)", "net(x)(y)", "losses[k](x)", "f(*xs)", "_(x)")
READ = (
    "torch.exp(x)",
    "x.mean()",
    "x.log_()",
    "log(x)",
    "F.softplus(x)",
    "torch.add(a, b)",
    "x.clamp(min=0)",
    "x.to(d)",
)


@pytest.mark.parametrize("text", LEAVES)
def test_a_call_by_whose_name_nothing_is_computed_reads_as_a_leaf(text: str) -> None:
    graph, e = Graph(), parse(text)
    assert is_opaque(e)
    assert read(e, graph) is opaque(graph, e)


@pytest.mark.parametrize("text", READ)
def test_a_call_by_whose_name_something_is_computed_is_read(text: str) -> None:
    graph, e = Graph(), parse(text)
    assert not is_opaque(e)
    assert read(e, graph) is not opaque(graph, e)


@pytest.mark.parametrize("text", ["x", "x + model(y)", "-model(x)", "model(x)[0]", "model.loss"])
def test_what_is_no_call_is_read(text: str) -> None:
    assert not is_opaque(parse(text))
