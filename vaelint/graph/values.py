"""What a name may hold while an expression is read, and what libraries are called there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias, Union

from vaelint.graph.definitions import Density
from vaelint.graph.node import Node
from vaelint.knowledge.base import Knowledge
from vaelint.knowledge.loader import load


class Several(NamedTuple):
    items: tuple[Value, ...]


class Plain(NamedTuple):
    """Something that is no number: a string, None, a flag."""

    value: object


class Library(NamedTuple):
    dotted: str


class Law(NamedTuple):
    """A distribution with its parameters."""

    density: Density
    given: Mapping[str, Node]
    origin: int


Value: TypeAlias = Union[Node, Several, Plain, Library, Law]
NONE = Plain(None)


class File:
    """What names of libraries stand for, and the rules of these."""

    def __init__(self, imports: Mapping[str, str], knowledge: Knowledge | None = None) -> None:
        self.imports = imports
        self.knowledge = knowledge if knowledge is not None else load()
