"""Code to read, and graphs at random."""

from __future__ import annotations

import random
from pathlib import Path

from vaelint import ir
from vaelint.graph.calls import Reader
from vaelint.graph.node import Graph, Kind, Node
from vaelint.graph.ops import PRIMITIVES
from vaelint.graph.values import File, Value
from vaelint.source.file import load

HEAD = (
    "import torch\nimport torch.nn.functional as F\nimport jax.numpy as jnp\nfrom torch.distributions import Normal\n"
)


def built(text: str) -> tuple[Graph, Value]:
    """What a function of one statement returns, its parameters as leaves."""
    source = load(Path("sample.py"), text=HEAD + text)
    source.read_whole()
    block = [s for unit in source.units for s in source.lower(unit)]
    imports: dict[str, str] = {}
    graph = Graph()
    for s in block:
        match s:
            case ir.Import(names=names):
                imports |= {alias or dotted.partition(".")[0]: dotted for dotted, alias in names}
            case ir.ImportFrom(module=module, names=names):
                imports |= {alias or x: f"{module}.{x}" for x, alias in names}
            case ir.FunctionDef(params=params, body=(ir.Return(value=value),)) if value is not None:
                reader = Reader(graph, File(imports), {p.name: leaf(graph, p.name) for p in params})
                return graph, reader.value(value)
    raise AssertionError(text)


def returned(text: str) -> tuple[Graph, Node]:
    graph, found = built(text)
    assert isinstance(found, Node)
    return graph, found


def leaf(graph: Graph, name: str) -> Node:
    return graph.leaf(Kind.PARAMETER, name, name)


def random_graph(rng: random.Random, size: int = 12) -> tuple[Graph, Node]:
    """Any primitives over any arguments, with settings that need not fit."""
    graph = Graph()
    nodes = [leaf(graph, name) for name in "abc"] + [graph.constant(rng.choice((0.0, 1.0, -2.0, 0.5)))]
    for i in range(size):
        primitive = rng.choice(list(PRIMITIVES.values()))
        n = primitive.arity if primitive.arity >= 0 else rng.randint(1, 3)
        settings: dict[str, object] = {}
        if rng.random() < 0.6:
            settings["axis"] = rng.choice((None, 0, 1, -1, -2, (0, 1)))
        if rng.random() < 0.2:
            settings["keepdim"] = True
        if primitive.name == "item":
            settings["index"] = rng.choice(((0,), (Ellipsis, 1), (None, (None, None, None)), ((None, -1, None),), (5,)))
        nodes.append(graph.apply(primitive.name, *(rng.choice(nodes) for _ in range(n)), origin=i, **settings))
    return graph, nodes[-1]
