"""From an expression to the graph of what it computes, the bodies of functions of the file put in.

Nothing aborts: what cannot be read makes its name a fresh leaf. Names are resolved to the primitives (`spellings`),
losses and densities (`definitions`) of libraries. Of a branch that is not decided both arms are kept, as a choice by a
leaf; a loop is gone through once.
"""

from __future__ import annotations

from collections.abc import Mapping

from vaelint import ir
from vaelint.graph import spellings as words
from vaelint.graph.calls import Calls, is_library
from vaelint.graph.node import CONSTANT, Graph, Kind, Node
from vaelint.graph.values import NONE, Built, Code, File, Law, Library, Plain, Several, Value
from vaelint.knowledge.base import Knowledge

DEPTH = 4  # of callees within callees
MOST_STEPS = 6000  # expressions read for one function, its callees included
MOST_ITEMS = 8  # of a display that is gone through item by item


def expression(
    e: ir.Expr,
    graph: Graph | None = None,
    given: Mapping[str, Value] | None = None,
    knowledge: Knowledge | None = None,
) -> Value:
    """The graph of one expression as it was typed: its names are leaves, libraries are called as is customary."""
    out = Built(graph if graph is not None else Graph())
    reader = Reader(out, File(words.CUSTOMARY, knowledge), dict(given or {}), DEPTH)
    reader.bare = True
    return reader.value(e)


# --- statements ----------------------------------------------------------------------------------


class Reader(Calls):
    """One activation of one function."""

    def __init__(self, out: Built, file: File, env: dict[str, Value], depth: int) -> None:
        self.out, self.file, self.env, self.depth = out, file, env, depth
        self.graph = out.graph
        self.returned: list[Value] = []
        self.bare = False  # bare names of functions are libraries', as in a formula that was typed in

    def block(self, block: ir.Block) -> bool:
        """Whether the path goes on behind it."""
        return all(self.statement(s) for s in block)

    def statement(self, s: ir.Stmt) -> bool:
        match s:
            case ir.Assign(targets=targets, value=value):
                if value is not None:
                    held = self.value(value)
                    for target in targets:
                        self.bind(target, held, value.id)
            case ir.AugAssign(op=op, target=target, value=value):
                self.bind(target, self.value(ir.Binary(s.id, op, target, value)), s.id)
            case ir.ExprStmt(value=value):
                self.called_for_effect(value)
            case ir.Return(value=value):
                self.returned.append(self.value(value) if value is not None else NONE)
                return False
            case ir.Raise():
                return False
            case ir.If(test=test, body=body, orelse=orelse):
                return self.branch(test, body, orelse)
            case ir.For(target=target, iter=items, body=body):
                self.loop(target, items, body)
            case ir.While(body=body):
                self.block(body)
            case ir.With(items=items, body=body):
                for e, alias in items:
                    held = self.value(e)
                    if alias is not None:
                        self.bind(alias, held, e.id)
                return self.block(body)
            case ir.Try(body=body, finalbody=final):
                return self.block(body) and self.block(final)
            case ir.FunctionDef(name=name, params=params, body=body):
                self.env[name] = Code(params, body, self.env, s.id)
            case ir.Jump():
                return False
            case _:
                pass
        return True

    def branch(self, test: ir.Expr, body: ir.Block, orelse: ir.Block) -> bool:
        known = self.truth(test)
        if known is not None:
            return self.block(body if known else orelse)
        chosen = self.condition(test)
        before = dict(self.env)
        going = []
        for arm in (body, orelse):
            self.env = dict(before)
            if self.block(arm):
                going.append(self.env)
        if not going:
            self.env = before
            return False
        self.env = going[0] if len(going) == 1 else self.joined(chosen, *going)
        return True

    def condition(self, test: ir.Expr) -> Node:
        text = ir.text(test, 40)
        return self.graph.leaf(Kind.OPAQUE, text, ("test", text if "…" not in text else test.id), scalar=True)

    def joined(self, chosen: Node, a: dict[str, Value], b: dict[str, Value]) -> dict[str, Value]:
        out: dict[str, Value] = {}
        for name in {**a, **b}:
            left, right = a.get(name), b.get(name)
            if left is None or right is None:
                held = left if left is not None else right
                assert held is not None
                out[name] = held
            else:
                out[name] = self.either(chosen, left, right)
        return out

    def either(self, chosen: Node, a: Value, b: Value) -> Value:
        if a is b or a == b:
            return a
        if isinstance(a, Node) and isinstance(b, Node):
            return self.graph.apply("where", chosen, a, b)
        if isinstance(a, Several) and isinstance(b, Several) and len(a.items) == len(b.items):
            return Several(tuple(self.either(chosen, x, y) for x, y in zip(a.items, b.items)))
        if isinstance(a, Plain) and a.value is None:
            return b
        return a if isinstance(b, Plain) and b.value is None else self.opaque("one of two", ("either", id(a), id(b)))

    def loop(self, target: ir.Expr, items: ir.Expr, body: ir.Block) -> None:
        held = self.value(items)
        if isinstance(held, Several) and len(held.items) <= MOST_ITEMS:
            for item in held.items:
                self.bind(target, item, items.id)
                self.block(body)
            return
        self.bind(target, self.element(held, items), items.id)
        self.block(body)

    def element(self, held: Value, e: ir.Expr) -> Value:
        if isinstance(held, Several) and held.items:
            return held.items[0]
        whole = held.value if isinstance(held, Node) else ir.text(e, 60)
        return self.graph.leaf(Kind.DATA, ir.text(e, 24), ("element", whole))

    def called_for_effect(self, e: ir.Expr) -> None:
        """A call whose result is dropped: in place (``x.add_(y)``), or into a list."""
        match e:
            case ir.Call(func=ir.Attr(base=ir.Name() | ir.Attr() as base, name="append"), args=(ir.Arg(value=item),)):
                held, new = self.value(base), self.value(item)
                if isinstance(held, Several) and len(held.items) < MOST_ITEMS:
                    self.bind(base, Several((*held.items, new)), e.id)
            case ir.Call(func=ir.Attr(base=ir.Name() | ir.Attr() as base, name=name)) if name.endswith("_"):
                self.bind(base, self.value(e), e.id)
            case _:
                self.value(e)

    # --- binding ---

    def bind(self, target: ir.Expr, held: Value, node: int) -> None:
        match target:
            case ir.Name(name=name):
                self.env[name] = held
            case ir.Attr(base=ir.Name(name=owner), name=name):
                self.env[f"{owner}.{name}"] = held
            case ir.Tuple(items=items) | ir.List(items=items):
                for item, part in zip(items, self.unpacked(held, len(items), node)):
                    self.bind(item.value if isinstance(item, ir.Star) else item, part, node)
            case ir.Subscript():
                base: ir.Expr = target
                while isinstance(base, ir.Subscript):
                    base = base.base
                if isinstance(base, (ir.Name, ir.Attr)):
                    before = self.value(base)
                    if isinstance(before, Node):  # a part of it is another now
                        self.bind(base, self.opaque(ir.text(base, 30), ("part", target.id)), node)
            case _:
                pass

    def unpacked(self, held: Value, n: int, node: int) -> list[Value]:
        if isinstance(held, Several):
            if len(held.items) == n:
                return list(held.items)
            return [self.opaque("unpacked", ("unpacked", node, i)) for i in range(n)]
        if isinstance(held, Node) and held.leaf is not None:
            leaf = held.leaf
            return [self.graph.leaf(leaf.kind, f"{leaf.name}[{i}]", ("part", leaf.key, i)) for i in range(n)]
        if isinstance(held, Node):
            return [self.graph.apply("item", held, origin=node, index=(i,)) for i in range(n)]
        return [self.opaque("unpacked", ("unpacked", node, i)) for i in range(n)]

    def opaque(self, name: str, key: object, kind: Kind = Kind.OPAQUE) -> Node:
        return self.graph.leaf(kind, name, key)

    # --- conditions ---

    def truth(self, test: ir.Expr) -> bool | None:
        """Whether a condition holds, where strings, flags and None decide it."""
        match test:
            case ir.Unary(op="not", operand=x):
                inner = self.truth(x)
                return None if inner is None else not inner
            case ir.Compare(left=a, rest=((op, b),)) if op in ("is", "is not", "==", "!="):
                left, right = self.value(a), self.value(b)
                if isinstance(left, Plain) and isinstance(right, Plain):
                    return (left.value == right.value) is (op in ("is", "=="))
                if right == NONE and isinstance(left, Node) and left.leaf is None:
                    return op in ("is not", "!=")
                return None
            case ir.BoolOp(op=op, left=a, right=b):
                sides = (self.truth(a), self.truth(b))
                decisive = op == "or"
                return decisive if decisive in sides else None if None in sides else not decisive
            case ir.Const(value=bool() | None as flag):
                return bool(flag)
            case ir.Name():
                held = self.value(test)
                return bool(held.value) if isinstance(held, Plain) else None
            case _:
                return None

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
        self.out.steps += 1
        if self.out.steps > MOST_STEPS:
            return self.opaque("…", ("opaque", e.id))
        try:
            held = self.read(e)
        except RecursionError:
            held = self.opaque("…", ("opaque", e.id))
        if isinstance(held, Node):
            self.out.at[e.id] = held
        return held

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
                known = self.truth(test)
                if known is not None:
                    return self.value(a if known else b)
                return self.either(self.condition(test), self.value(a), self.value(b))
            case ir.Call():
                return self.call(e)
            case ir.Subscript(base=base, index=index):
                return self.item(base, index, e)
            case ir.Tuple(items=items) | ir.List(items=items):
                return Several(tuple(self.value(x) for x in items))
            case ir.Lambda(params=params, body=body):
                return Code(params, body, self.env, e.id)
            case ir.Comp(element=element, loops=loops) if e.kind != "dict":
                for loop in loops:
                    self.bind(loop.target, self.element(self.value(loop.iter), loop.iter), loop.iter.id)
                return Several((self.value(element),))
            case ir.Walrus(target=target, value=value):
                held = self.value(value)
                self.bind(target, held, value.id)
                return held
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
        if self.bare and words.CONSTANTS.get(name) is not None:
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
                    return Plain((e.name, base.number))
                return self.graph.leaf(Kind.PARAMETER, ir.text(e, 30), ("attribute", base.value, e.name))
            case _:
                return self.opaque(ir.text(e, 30), ("attribute", ir.text(e, 60), e.name))

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
        shaped = None
        if isinstance(held.value, tuple):
            shaped = next((n for n in self.out.at.values() if n.number == held.value[1]), None)
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

    def body(self, code: Code, env: dict[str, Value]) -> Value | list[Value]:
        inner = Reader(self.out, self.file, env, self.depth - 1)
        if not isinstance(code.body, tuple):
            return inner.value(code.body)
        inner.block(code.body)
        return inner.returned


class _Unknown:
    pass


_UNKNOWN = _Unknown()


def _counts(e: ir.Expr) -> bool:
    """``arange(n)``, ``range(n)``, ``:``: every row in turn."""
    match e:
        case ir.Call(func=ir.Name(name=name) | ir.Attr(name=name)):
            return name in ("arange", "range", "iota")
        case ir.Slice(lower=None, upper=None):
            return True
        case _:
            return False
