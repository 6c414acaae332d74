"""What a name may hold while a function is read, what the names of a file are, and what is built of a function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias, Union

from vaelint import ir
from vaelint.graph.definitions import Density
from vaelint.graph.language import Function
from vaelint.graph.node import Graph, Node
from vaelint.knowledge.base import Knowledge
from vaelint.knowledge.loader import load


class Several(NamedTuple):
    items: tuple[Value, ...]


class Plain(NamedTuple):
    """Something that is no number: a string, None, a flag."""

    value: object


class Library(NamedTuple):
    dotted: str


class Criterion(NamedTuple):
    """An object that is called as a loss."""

    loss: Function
    name: str
    reduction: object
    given: Mapping[str, Node]  # parameters that it was made with


class Code(NamedTuple):
    """A function of the file; ``env``: what its free names hold, ``owner``: the class that it is a method of."""

    params: tuple[ir.Param, ...]
    body: ir.Block | ir.Expr
    env: Mapping[str, Value]
    owner: str
    id: int


class Law(NamedTuple):
    """A distribution with its parameters."""

    density: Density
    given: Mapping[str, Node]
    origin: int


Value: TypeAlias = Union[Node, Several, Plain, Library, Criterion, Code, Law]
NONE = Plain(None)


# --- files ---------------------------------------------------------------------------------------


class File:
    """What the names of a file's top level are, and the rules of the libraries that it imports."""

    def __init__(self, block: ir.Block, knowledge: Knowledge | None = None) -> None:
        self.knowledge = knowledge if knowledge is not None else load()
        self.imports: dict[str, str] = {}
        self.functions: dict[str, ir.FunctionDef] = {}
        self.classes: dict[str, ir.ClassDef] = {}
        self.constants: dict[str, ir.Expr] = {}
        for s in _statements(block):
            match s:
                case ir.Import(names=names):
                    for dotted, alias in names:
                        self.imports[alias or dotted.partition(".")[0]] = dotted if alias else dotted.partition(".")[0]
                case ir.ImportFrom(module=module, names=names, level=level):
                    for name, alias in names:
                        self.imports[alias or name] = f"{'.' * level}{module}.{name}"
                case ir.FunctionDef(name=name):
                    self.functions[name] = s
                case ir.ClassDef(name=name):
                    self.classes[name] = s
                case ir.Assign(targets=(ir.Name(name=name),), value=bound) if bound is not None:
                    self.constants[name] = bound
                case _:
                    pass
        self.is_torch = any(d.partition(".")[0] == "torch" for d in self.imports.values())

    def method(self, owner: str, name: str, depth: int = 4) -> tuple[str, ir.FunctionDef] | None:
        """The method of a class of the file or of its bases there, with the class that has it."""
        cls = self.classes.get(owner)
        if cls is None or not depth:
            return None
        for s in cls.body:
            if isinstance(s, ir.FunctionDef) and s.name == name:
                return owner, s
        for base in cls.bases:
            found = self.method(base.name, name, depth - 1) if isinstance(base, ir.Name) else None
            if found is not None:
                return found
        return None


def _statements(block: ir.Block) -> Iterator[ir.Stmt]:
    """Those of the top level, conditions and attempts looked into."""
    for s in block:
        yield s
        match s:
            case ir.If(body=body, orelse=orelse):
                yield from _statements((*body, *orelse))
            case ir.Try(body=body):
                yield from _statements(body)
            case _:
                pass


# --- what is built -------------------------------------------------------------------------------


class Bound(NamedTuple):
    """What a name was bound to, by which expression."""

    name: str
    value: Value
    node: int


@dataclass(slots=True)
class Built:
    """``at``: the value of each expression by the id of its IR node; ``bound``: in order; ``names``: what leaves were
    bound to, by their key, for what their names say; ``stepped``: what a gradient is taken of; ``passed``: functions
    that are arguments of what is not looked into, with the call."""

    graph: Graph
    at: dict[int, Node] = field(default_factory=dict)
    bound: list[Bound] = field(default_factory=list)
    returned: list[tuple[Value, int]] = field(default_factory=list)
    stepped: list[tuple[Node, int]] = field(default_factory=list)
    passed: list[tuple[Code, int]] = field(default_factory=list)
    env: dict[str, Value] = field(default_factory=dict)
    names: dict[object, str] = field(default_factory=dict)
    steps: int = 0
    whole: bool = True  # False where the budget ended it
