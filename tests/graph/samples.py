"""Code to read, and graphs at random."""

from __future__ import annotations

import random
from pathlib import Path

from vaelint.graph.build import function
from vaelint.graph.node import Graph, Kind, Node
from vaelint.graph.ops import PRIMITIVES
from vaelint.graph.values import Built, File
from vaelint.source.file import load

HEAD = (
    "import torch\nimport torch.nn.functional as F\nimport jax.numpy as jnp\nfrom torch.distributions import Normal\n"
)


def file_of(text: str) -> File:
    source = load(Path("sample.py"), text=HEAD + text)
    source.read_whole()
    return File(tuple(s for unit in source.units for s in source.lower(unit)))


def built(text: str, name: str = "f", owner: str = "") -> Built:
    file = file_of(text)
    method = file.method(owner, name) if owner else None
    return function(method[1] if method is not None else file.functions[name], file, owner)


def returned(text: str, name: str = "f", owner: str = "") -> tuple[Built, Node]:
    out = built(text, name, owner)
    held, _ = out.returned[-1]
    assert isinstance(held, Node)
    return out, held


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
