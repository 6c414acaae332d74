"""Functions as closed formulas of what they are given: straight code, helpers of the project put in.

Shapes are gone, as everywhere in a form: a matrix is read in one dimension, which is one of the cases that the code has
to be right in. A leaf whose key begins with ``$`` is given (a parameter, a local of a loop, an attribute); any other is
something that could not be read, and a form with one of those is not `complete`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from vaelint import ir
from vaelint.graph.node import Kind, leaves
from vaelint.infer.expression import targets
from vaelint.infer.values import Class, ClassInfo, Function, Module

if TYPE_CHECKING:
    from vaelint.graph.node import Graph, Node

DEPTH = 3  # of helpers within helpers
Lookup = Callable[[ir.Expr], "Function | None"]  # the function of the project that a call's function names


class Reading:
    """What the names of a function hold after its statements, and what it returns."""

    def __init__(self, graph: Graph, lookup: Lookup, depth: int = DEPTH) -> None:
        self.graph, self.lookup, self.depth = graph, lookup, depth
        self.env: dict[str, Node] = {}
        self.bound: dict[str, tuple[Node, ir.Expr]] = {}  # what a name was bound to last, wherever
        self.returned: list[ir.Expr] = []
        self.straight = True  # no branch, no loop: what is returned is the one formula

    def block(self, block: ir.Block) -> None:
        for s in block:
            self.statement(s)

    def statement(self, s: ir.Stmt) -> None:
        match s:
            case ir.Assign(targets=targets, value=value) if value is not None:
                for target in targets:
                    self.bind(target, value)
            case ir.AugAssign(op=op, target=target, value=value):
                self.bind(target, ir.Binary(s.id, op, target, value))
            case ir.Return(value=value):
                if value is not None:
                    self.returned.append(value)
            case ir.For(target=target, body=body) | ir.While(test=target, body=body):
                self.straight = False
                for name in _assigned(body) | ({target.name} if isinstance(target, ir.Name) else set()):
                    self.given(name)
                self.block(body)
                for name in _assigned(body):
                    self.lose(name)
            case ir.With(body=body):
                self.block(body)
            case ir.If() | ir.Try() | ir.Match():
                self.straight = False
                for name in _assigned((s,)):
                    self.lose(name)
            case _:
                pass

    def bind(self, target: ir.Expr, value: ir.Expr) -> None:
        if isinstance(target, ir.Tuple):
            if isinstance(value, ir.Tuple) and len(value.items) == len(target.items):
                for t, v in zip(target.items, value.items):
                    self.bind(t, v)
                return
            sizes = isinstance(value, ir.Attr) and value.name == "shape"
            for place in map(_place, target.items):
                self.count(place) if sizes else self.lose(place)
            return
        name = _place(target)
        if not name:
            while isinstance(target, ir.Subscript):
                target = target.base
            self.lose(_place(target))  # a part of it is another now
            return
        form = self.read(value)
        if form is None:
            self.lose(name)
            return
        self.env[name] = form
        self.bound[name] = form, value

    def given(self, name: str) -> None:
        self.env[name] = self.graph.leaf(Kind.PARAMETER, name, f"${name}")

    def count(self, name: str) -> None:
        if name:
            self.env[name] = self.graph.constant(1.0)

    def lose(self, name: str) -> None:
        if name:
            self.env[name] = self.graph.leaf(Kind.OPAQUE, name, f"?{name}")

    # --- expressions ---

    def read(self, e: ir.Expr) -> Node | None:
        from vaelint.graph.formula import read

        return read(e, self.graph, self.resolve)

    def resolve(self, e: ir.Expr) -> Node | None:
        if isinstance(e, (ir.Name, ir.Attr)):
            name = _place(e)
            if name in self.env:
                return self.env[name]
            if name.startswith("self."):
                return self.graph.leaf(Kind.PARAMETER, name, f"${name}")
            return None
        return self.called(e) if isinstance(e, ir.Call) else None

    def called(self, e: ir.Call) -> Node | None:
        """What a helper of the project returns; None where it is none, or is more than one formula."""
        fn = self.lookup(e.func) if self.depth else None
        if fn is None or any(a.star or a.name for a in e.args):
            return None
        forms = [self.read(a.value) for a in e.args]
        names = parameters(fn)
        if len(forms) > len(names) or any(x is None for x in forms):
            return None
        given = dict(zip(names, (x for x in forms if x is not None)))
        return result(self.graph, fn, given, self.lookup, self.depth - 1)


class Company(NamedTuple):
    """The functions that stand beside one: the methods of its class, or those of its file. ``get`` yields one."""

    names: Sequence[str]
    get: Callable[[str], Function | None]
    lookup: Lookup  # what a call there is of: a method by ``self``, or a function of the file

    def others(self, fn: Function) -> Iterator[Function]:
        held = map(self.get, self.names)
        return (x for x in held if x is not None and x.node != fn.node)


def beside(fn: Function) -> Company:
    info = fn.module.class_info(fn.owner) if fn.owner is not None else None
    return of_module(fn.module) if info is None or fn.owner is None else of_class(info, fn.owner)


def of_class(info: ClassInfo, cls: Class) -> Company:
    module = of_module(cls.module)

    def lookup(e: ir.Expr) -> Function | None:
        if isinstance(e, ir.Attr) and isinstance(e.base, ir.Name) and e.base.name in ("self", "cls", cls.name):
            return info.method(e.name, cls)
        return info.method("__call__", cls) if isinstance(e, ir.Name) and e.name == "self" else module.lookup(e)

    return Company(info.method_names, lambda name: info.own_method(name, cls), lookup)


def of_module(module: Module) -> Company:
    def get(name: str) -> Function | None:
        held = module.lookup(name)
        return held if isinstance(held, Function) else None

    names = [*dict.fromkeys(u.name for u in module.source.units if u.kind == "function")]
    return Company(names, get, lambda e: get(e.name) if isinstance(e, ir.Name) else None)


def parameters(fn: Function) -> list[str]:
    """What it is given, without ``self``."""
    names = [p.name for p in fn.params if not p.star]
    return names[1:] if names and names[0] in ("self", "cls") else names


def reading(graph: Graph, fn: Function, given: dict[str, Node], lookup: Lookup, depth: int = DEPTH) -> Reading:
    """The body of a function, with forms for what it is given (by name) and leaves for the rest."""
    out = Reading(graph, lookup, depth)
    for p in fn.params:
        out.given(p.name)
    out.env.update(given)
    if isinstance(fn.body, tuple):
        out.block(fn.body)
    else:
        out.returned.append(fn.body)
    return out


def result(graph: Graph, fn: Function, given: dict[str, Node], lookup: Lookup, depth: int = DEPTH) -> Node | None:
    """The one formula that a function returns; None where there are several, or none."""
    made = reading(graph, fn, given, lookup, depth)
    return made.read(made.returned[0]) if made.straight and len(made.returned) == 1 else None


def complete(form: Node | None) -> bool:
    return form is not None and all(str(x.leaf.key).startswith("$") for x in leaves(form) if x.leaf is not None)


def _place(e: ir.Expr) -> str:
    match e:
        case ir.Name(name=name):
            return name
        case ir.Attr(base=ir.Name(name="self"), name=name):
            return f"self.{name}"
        case _:
            return ""


def _assigned(block: ir.Block) -> set[str]:
    """Names that a block binds, at any depth."""
    names: set[str] = set()
    for s in ir.walk(block):
        for x in (
            [s.target] if isinstance(s, ir.For) else targets(s) if isinstance(s, (ir.Assign, ir.AugAssign)) else ()
        ):
            while isinstance(x, ir.Subscript):
                x = x.base
            names.add(_place(x))
    return names - {""}
