"""From an expression to the graph of what it computes.

Nothing aborts: what cannot be read makes its name a fresh leaf. Names are resolved to the primitives (`spellings`),
losses and densities (`definitions`) of libraries. Of a choice both sides are kept, with a leaf that chooses.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.graph import spellings as words
from vaelint.graph.node import CONSTANT, Graph, Kind, Node
from vaelint.graph.values import NONE, File, Law, Library, Plain, Several, Value

MOST_STEPS = 6000  # parts of one expression that are read


class Expressions:
    """Reads expressions of one place, whose names hold ``env``."""

    def __init__(self, graph: Graph, file: File, env: dict[str, Value]) -> None:
        self.graph, self.file, self.env = graph, file, env
        self.steps = 0  # expressions that were read
        self.sized: dict[int, Node] = {}  # what was asked for its shape, by its number

    def either(self, chosen: Node, a: Value, b: Value) -> Value:
        if a is b or a == b:
            return a
        if isinstance(a, Node) and isinstance(b, Node):
            return self.graph.apply("where", chosen, a, b)
        return self.opaque("one of two", ("either", id(a), id(b)))

    def element(self, items: ir.Expr) -> Node:
        """One of what is gone through."""
        held = self.value(items)
        if isinstance(held, Several) and held.items and isinstance(held.items[0], Node):
            return held.items[0]
        whole = held.value if isinstance(held, Node) else ir.text(items, 60)
        return self.graph.leaf(Kind.DATA, ir.text(items, 24), ("element", whole))

    def opaque(self, name: str, key: object, kind: Kind = Kind.OPAQUE) -> Node:
        return self.graph.leaf(kind, name, key)

    # --- expressions ---

    def node(self, e: ir.Expr) -> Node:
        return self.as_node(self.value(e), e)

    def as_node(self, held: Value, e: ir.Expr) -> Node:
        if isinstance(held, Node):
            return held
        if isinstance(held, Plain) and isinstance(held.value, bool):
            return self.graph.constant(float(held.value))
        if isinstance(held, Several) and held.items and all(isinstance(x, Node) for x in held.items):
            return self.graph.apply("stack", *(x for x in held.items if isinstance(x, Node)), origin=e.id, axis=0)
        text = ir.text(e, 60)
        return self.opaque(ir.text(e, 30), ("opaque", text if "…" not in text else e.id))

    def value(self, e: ir.Expr) -> Value:
        self.steps += 1
        if self.steps > MOST_STEPS:
            return self.opaque("…", ("opaque", e.id))
        try:
            return self.read(e)
        except RecursionError:
            return self.opaque("…", ("opaque", e.id))

    def read(self, e: ir.Expr) -> Value:
        match e:
            case ir.Const(value=bool() | str() | bytes() | None as plain):
                return Plain(plain)
            case ir.Const(value=int() | float() as number):
                return self.graph.constant(number) if abs(number) < 1e30 else Plain(number)
            case ir.Name(name=name):
                return self.name(name, e)
            case ir.Attr():
                return self.attribute(e)
            case ir.Unary(op="-", operand=x):
                inner = self.node(x)
                if inner.op == CONSTANT:
                    return self.graph.constant(-inner.constant)
                return self.graph.apply("neg", inner, origin=e.id)
            case ir.Unary(op="+", operand=x):
                return self.value(x)
            case ir.Unary(op="~" | "not", operand=x):
                return self.graph.apply("not", self.node(x), origin=e.id)
            case ir.Binary(op=op, left=a, right=b):
                return self.operated(op, a, b, e)
            case ir.Compare(left=a, rest=((op, b),)) if op in words.COMPARED:
                return self.graph.apply(words.COMPARED[op], self.node(a), self.node(b), origin=e.id)
            case ir.IfExp(test=test, body=a, orelse=b):
                text = ir.text(test, 40)
                chosen = self.graph.leaf(Kind.OPAQUE, text, ("test", text if "…" not in text else test.id), scalar=True)
                return self.either(chosen, self.value(a), self.value(b))
            case ir.Call():
                return self.call(e)
            case ir.Subscript(base=base, index=index):
                return self.item(base, index, e)
            case ir.Tuple(items=items) | ir.List(items=items):
                return Several(tuple(self.value(x) for x in items))
            case ir.Comp(element=element, loops=loops) if e.kind != "dict":
                self.env |= {_name(loop.target): self.element(loop.iter) for loop in loops}
                return Several((self.value(element),))
            case ir.Walrus(target=target, value=value):
                self.env[_name(target)] = self.value(value)
                return self.value(target)
            case ir.Await(value=value):
                return self.value(value)
            case _:
                text = ir.text(e, 60)
                return self.opaque(ir.text(e, 30), ("opaque", text if "…" not in text else e.id))

    def operated(self, op: str, a: ir.Expr, b: ir.Expr, e: ir.Expr) -> Value:
        left, right = self.value(a), self.value(b)
        if op == "+" and isinstance(left, Several) and isinstance(right, Several):
            return Several((*left.items, *right.items))
        primitive = words.OPERATORS.get(op)
        x, y = self.as_node(left, a), self.as_node(right, b)
        if primitive is None:
            return self.opaque(ir.text(e, 30), ("output", op, x.value, y.value))
        return self.graph.apply(primitive, x, y, origin=e.id)

    def name(self, name: str, e: ir.Expr) -> Value:
        if name in self.env:
            return self.env[name]
        if name in self.file.imports:
            return Library(self.file.imports[name])
        if words.CONSTANTS.get(name) is not None:
            return self.graph.constant(words.CONSTANTS[name] or 0.0)
        return self.graph.leaf(Kind.OPAQUE, name, ("global", name))

    def attribute(self, e: ir.Attr) -> Value:
        if isinstance(e.base, ir.Name):
            held = self.env.get(f"{e.base.name}.{e.name}")
            if held is not None:
                return held
            if e.base.name in ("self", "cls"):
                return self.graph.leaf(Kind.PARAMETER, f"self.{e.name}", ("self", e.name))
        base = self.value(e.base)
        match base:
            case Library(dotted=dotted):
                if e.name in words.CONSTANTS and is_library(dotted):
                    number = words.CONSTANTS[e.name]
                    return NONE if number is None else self.graph.constant(number)
                return Library(f"{dotted}.{e.name}")
            case Law():
                return base.given.get(e.name) or self.opaque(e.name, ("of law", base.origin, e.name))
            case Node():
                if e.name in words.TRANSPOSED:
                    return self.graph.apply("swap", base, origin=e.id)
                if e.name in words.ATTRIBUTES:
                    return base
                if e.name in ("shape", "ndim", "dtype", "device"):
                    self.sized[base.number] = base
                    return Plain((e.name, base.number))
                return self.graph.leaf(Kind.PARAMETER, ir.text(e, 30), ("attribute", base.value, e.name))
            case _:
                return self.opaque(ir.text(e, 30), ("attribute", ir.text(e, 60), e.name))

    def call(self, e: ir.Call) -> Value:
        raise NotImplementedError

    # --- items ---

    def item(self, base: ir.Expr, index: ir.Expr, e: ir.Expr) -> Value:
        held = self.value(base)
        parts = index.items if isinstance(index, ir.Tuple) else (index,)
        known = self._known_item(held, index, e)
        if known is not None:
            return known
        if isinstance(index, ir.Const) and isinstance(index.value, str):
            whole = held.value if isinstance(held, Node) else ir.text(base, 40)
            return self.graph.leaf(Kind.OPAQUE, index.value, ("key", whole, index.value))
        whole_node = self.as_node(held, base)
        static = [self.static(p) for p in parts]
        if all(s is not _UNKNOWN for s in static):
            return self.graph.apply("item", whole_node, origin=e.id, index=tuple(static))
        last = self.value(parts[-1]) if not isinstance(parts[-1], ir.Slice) else None
        if isinstance(last, Node):
            if last.op in words.COMPARED.values() or last.op in ("and", "or", "not"):
                return self.graph.apply("same", whole_node, origin=e.id)
            if len(parts) == 2 and _counts(parts[0]):
                return self.graph.apply("pick", whole_node, last, origin=e.id, axis=-1)
        text = ir.text(index, 60)
        key = ("item", whole_node.value, text if "…" not in text else e.id)
        return self.graph.leaf(Kind.OPAQUE, ir.text(e, 30), key)

    def _known_item(self, held: Value, index: ir.Expr, e: ir.Expr) -> Value | None:
        """One of several values by its position, one side of a shape."""
        at = self.integer(index) if isinstance(held, (Several, Plain)) else None
        if at is None:
            return None
        if isinstance(held, Several):
            return held.items[at] if -len(held.items) <= at < len(held.items) else None
        assert isinstance(held, Plain)
        shaped = self.sized.get(held.value[1]) if isinstance(held.value, tuple) else None
        return self.graph.apply("size", shaped, origin=e.id, axis=at) if shaped is not None else None

    def integer(self, e: ir.Expr) -> int | None:
        found = self.static(e)
        return found if isinstance(found, int) else None

    def static(self, e: ir.Expr) -> object:
        """An index that is known: an integer, None, `...`, or (start, stop, step); `_UNKNOWN` else."""
        match e:
            case ir.Slice(lower=a, upper=b, step=c):
                ends = [None if x is None else self.integer(x) for x in (a, b, c)]
                missing = any(x is not None and end is None for x, end in zip((a, b, c), ends))
                return _UNKNOWN if missing else tuple(ends)
            case ir.Const(value=value) if value is None or value is Ellipsis:
                return value
            case ir.Const(value=bool()):
                return _UNKNOWN
            case ir.Const(value=int() as value):
                return value
            case ir.Name() | ir.Attr() | ir.Unary():
                held = self.value(e)
                if held == NONE:
                    return None
                if isinstance(held, Node) and held.op == CONSTANT and held.constant == int(held.constant):
                    return int(held.constant)
        return _UNKNOWN


def is_library(dotted: str) -> bool:
    return dotted.partition(".")[0] in words.LIBRARIES


class _Unknown:
    pass


_UNKNOWN = _Unknown()


def _name(target: ir.Expr) -> str:
    return target.name if isinstance(target, ir.Name) else ""


def _counts(e: ir.Expr) -> bool:
    """``arange(n)``, ``range(n)``, ``:``: every row in turn."""
    match e:
        case ir.Call(func=ir.Name(name=name) | ir.Attr(name=name)):
            return name in ("arange", "range", "iota")
        case ir.Slice(lower=None, upper=None):
            return True
        case _:
            return False
