"""An expression as a formula: read by the graph's own reader, then taken on one element.

Shapes are gone: a reduction is what it reduces, a matrix is read in one dimension, a guard against zero is left out.
What has no meaning on one element is a leaf. An operator has as its origin the operand that its sign stands in front
of, so that a slip can be shown in the source.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from vaelint import ir
from vaelint.graph import spellings as words
from vaelint.graph.build import is_library
from vaelint.graph.calls import Reader
from vaelint.graph.node import CONSTANT, NAMED, NOWHERE, Graph, Kind, Node, rewritten
from vaelint.graph.values import File, Library, Several, Value

MOST_STEPS = 240  # expressions read for one: a longer one is no formula that anybody wrote down

# May answer for names, attributes, calls, and items of what is not looked into.
Resolve = Callable[[ir.Expr], "Value | None"]


def unresolved(e: ir.Expr) -> Value | None:
    return None


def read(e: ir.Expr, graph: Graph, resolve: Resolve = unresolved) -> Node | None:
    """The formula of ``e``; None for what is too long."""
    reader = _Reader(graph, resolve)
    try:
        root = reader.node(e)
        return on_one_element(graph, root, reader.texts) if reader.steps <= MOST_STEPS else None
    except RecursionError:
        return None


def opaque(graph: Graph, e: ir.Expr) -> Node:
    """A leaf for an expression that is not looked into: the same wherever it is written alike."""
    text = ir.text(e, 200)
    if "…" in text:
        text += f"#{e.id}"  # not all of it was rendered: nothing else is known to be the same
    return graph.leaf(Kind.OPAQUE, ir.text(e, 30), text)


def is_opaque(e: ir.Expr) -> bool:
    """Whether this is a call by whose name nothing is computed here: a leaf, whatever it is given."""
    if not isinstance(e, ir.Call):
        return False
    name = e.func.name if isinstance(e.func, (ir.Name, ir.Attr)) else ""
    return name not in _KNOWN and name.rstrip("_") not in _KNOWN


# Names by which a call is arithmetic: what it is given is a part of the formula that it is written in.
_KEPT = frozenset(k for k, v in words.REDUCTIONS.items() if v in ("sum", "mean") and k != "norm")
ARITHMETIC = words.UNARY.keys() | words.BINARY.keys() | words.CLIPPED | _KEPT | words.KEPT


def is_module(e: ir.Expr) -> bool:
    while isinstance(e, ir.Attr):
        e = e.base
    return isinstance(e, ir.Name) and e.name in words.MODULES


# --- reading -------------------------------------------------------------------------------------


@cache
def _customary() -> File:
    """No file: the imports that are customary."""
    return File(words.MODULES)


class _Reader(Reader):
    """Reads one expression, whose names somebody else knows; libraries are called as is customary."""

    def __init__(self, graph: Graph, resolve: Resolve) -> None:
        super().__init__(graph, _customary(), {})
        self.resolve = resolve
        self.texts: dict[int, ir.Expr] = {}  # what nodes were written as, by their origin
        self._known: dict[int, tuple[ir.Expr, Value]] = {}  # nothing is bound here: an expression has one value

    def value(self, e: ir.Expr) -> Value:
        found = self._known.get(id(e))
        if found is None:
            self.texts[e.id] = e
            found = self._known[id(e)] = e, super().value(e)
        return found[1]

    def read(self, e: ir.Expr) -> Value:
        if isinstance(e, (ir.Name, ir.Attr, ir.Call)):
            found = self.resolve(e)
            if found is not None:
                return found
        match e:
            case ir.Unary(op="-", operand=x):
                return self.graph.apply("neg", self.node(x), origin=e.id)  # of a number too: it is a written sign
            case ir.Const(value=int() | float() as number) if not isinstance(number, bool) and abs(number) >= 1e12:
                return opaque(self.graph, e)
            case ir.Compare() | ir.IfExp() | ir.Lambda() | ir.Comp() | ir.BoolOp():
                return opaque(self.graph, e)
            case ir.List(items=(x,)):
                return self.value(x)
            case ir.Walrus(value=x):
                return self.value(x)
            case _:
                return super().read(e)

    def operated(self, op: str, a: ir.Expr, b: ir.Expr, e: ir.Expr) -> Value:
        primitive = words.OPERATORS.get(op)
        if primitive not in ("add", "sub", "mul", "div", "pow", "matmul"):
            return opaque(self.graph, e)
        return self.graph.apply(primitive, self.node(a), self.node(b), origin=b.id)

    def name(self, name: str, e: ir.Expr) -> Value:
        if name in words.NUMBERS:
            return self.graph.constant(words.NUMBERS[name])
        return Library(words.MODULES[name]) if name in words.MODULES else opaque(self.graph, e)

    def attribute(self, e: ir.Attr) -> Value:
        if e.name in ("shape", "size", "ndim") and not is_module(e.base):
            return self.graph.constant(1.0)
        base = self.value(e.base) if is_module(e.base) or not isinstance(e.base, (ir.Name, ir.Attr)) else None
        if isinstance(base, Library):
            if e.name in words.CONSTANTS and is_library(base.dotted):
                number = words.CONSTANTS[e.name]
                return opaque(self.graph, e) if number is None else self.graph.constant(number)
            return Library(f"{base.dotted}.{e.name}")
        if e.name in ("T", "mT", "data") or (base is not None and e.name in words.ATTRIBUTES | {"H", "mH"}):
            return self.value(e.base)
        return opaque(self.graph, e)

    def as_node(self, held: Value, e: ir.Expr) -> Node:
        if isinstance(held, Several) and len(held.items) == 1 and isinstance(held.items[0], Node):
            return held.items[0]
        return held if isinstance(held, Node) else opaque(self.graph, e)

    def item(self, base: ir.Expr, index: ir.Expr, e: ir.Expr) -> Value:
        """Nothing is picked from what is computed here; an item of a leaf is another leaf."""
        held = self.value(base)
        if isinstance(held, Several):
            return super().item(base, index, e)
        node = self.as_node(held, base)
        if _keeps_all(index) or not _is_leaf(node):
            return node
        return self.resolve(e) or opaque(self.graph, e)

    # --- calls ---

    def call(self, e: ir.Call) -> Value:
        if isinstance(e.func, ir.Name) and not any(a.star for a in e.args):
            return self.known(e.func.name.rstrip("_") or e.func.name, [], e) or opaque(self.graph, e)
        return super().call(e)

    def library(self, dotted: str, e: ir.Call) -> Value | None:
        """Losses and densities of libraries are known by what the rules say of them: they are leaves here."""
        return self.known(dotted.rpartition(".")[2], [], e)

    def output(self, callee: str, func: ir.Expr, e: ir.Call) -> Node:
        return opaque(self.graph, e)

    def known(self, name: str, first: list[Node], e: ir.Call) -> Value | None:
        args = [a.value for a in e.args if a.name is None]
        if name not in _KNOWN:
            return None
        if name in ("max", "min") and (len(first) + len(args) != 2 or isinstance(args[-1], (ir.Const, ir.Unary))):
            return None  # along an axis
        if name in _OF_TWO and len(first) + len(args) >= 2:
            a, b = [*first, *map(self.node, args)][:2]
            by = args[1 - len(first)]
            alpha = next((x.value for x in e.args if x.name == "alpha"), None)
            if alpha is not None and name in ("add", "sub"):
                b = self.graph.apply("mul", self.node(alpha), b)
            return self.graph.apply(_OF_TWO[name], a, b, origin=by.id)
        if name in ("dim", "prod") and (first or args):
            return self.graph.constant(1.0)  # of a shape: how many there are
        return super().known(name, first, e)

    def clipped(self, name: str, args: list[Node], named: dict[str, ir.Expr], e: ir.Call) -> Node:
        """Bounds far out, or near the ends of (0, 1), are guards. A lower bound of 0 alone is a hinge."""
        low, high = (
            next((self.node(named[k]) for k in keys if k in named), args[i] if len(args) > i else None)
            for i, keys in ((1, ("min", "a_min", "min_value")), (2, ("max", "a_max", "max_value")))
        )
        if name != "clamp_max" and high is None and low is not None and low.op == CONSTANT and low.constant == 0:
            return self.graph.apply("relu", args[0], origin=e.id)
        return args[0]


_OF_TWO = {k: v for k, v in words.BINARY.items() if v in ("add", "sub", "mul", "div", "max", "min", "matmul", "pow")}
_OF_TWO |= dict.fromkeys(("inner", "outer", "vdot"), "mul") | {"max": "max", "min": "min"}
_KNOWN = ARITHMETIC | _OF_TWO.keys() | words.FILLED.keys() | words.SIZES | {
    "full", "slogdet", "softmax", "log_softmax", "logsoftmax", "xlogy", "xlog1py", "dim", "prod", "linear",
}  # fmt: skip


def _is_leaf(node: Node) -> bool:
    return node.leaf is not None or (node.op == NAMED and _is_leaf(node.args[0]))


def _keeps_all(index: ir.Expr) -> bool:
    """``[:, None]``, ``[..., np.newaxis]``: nothing is picked."""
    match index:
        case ir.Slice(lower=None, upper=None):
            return True
        case ir.Const(value=value):
            return value is None or value is Ellipsis
        case ir.Attr(name="newaxis"):
            return True
        case ir.Tuple(items=items):
            return all(_keeps_all(x) for x in items)
        case _:
            return False


# --- on one element ------------------------------------------------------------------------------

ELEMENTWISE = frozenset({
    "neg", "exp", "log", "sqrt", "square", "abs", "sigmoid", "logsigmoid", "softplus", "tanh", "cosh", "cos", "sin",
    "relu", "lgamma", "digamma", "log1p", "expm1", "erf", "i0", "atan", "sign", "add", "sub", "mul", "div", "pow",
    "max", "min", "logaddexp", NAMED, CONSTANT,
})  # fmt: skip
_ITSELF = frozenset({
    "sum", "mean", "prod", "trace", "diag", "swap", "flatten", "expand", "squeeze", "same", "stop", "share", "amount",
})  # fmt: skip
_RENAMED = {"log_det": "log", "det": "abs", "cholesky": "sqrt", "matmul": "mul", "log2": "log", "log10": "log"}
GUARD = 1e-3  # a constant added below this is there against a division by zero, not part of the formula
_GUARDS = frozenset({"eps", "epsilon", "_eps", "tiny", "jitter", "_epsilon"})


def on_one_element(graph: Graph, root: Node, texts: Mapping[int, ir.Expr]) -> Node:
    """The graph with elementwise operations alone; ``texts``: what nodes were written as, by their origin."""

    def apply(op: str, *args: Node, origin: int = NOWHERE) -> Node:
        return graph.apply(op, *args, origin=origin)

    def change(node: Node, args: tuple[Node, ...]) -> Node | None:
        op, at = node.op, node.origin
        if op in ("add", "sub"):
            return _unguarded(op, *args)
        if node.leaf is not None or op in ELEMENTWISE:
            return None
        if op in _ITSELF:
            return args[0]
        if op in _RENAMED:
            return apply(_RENAMED[op], *args, origin=at)
        one = graph.constant(1.0)
        match op:
            case "size":
                return one
            case "reciprocal" | "inv":
                return apply("div", one, args[0])
            case "rsqrt":
                return apply("div", one, apply("sqrt", args[0], origin=at))
            case "solve":
                return apply("div", args[1], args[0])
            case "logit":
                rest = apply("log", apply("sub", one, args[0]), origin=at)
                return apply("sub", apply("log", args[0], origin=at), rest)
            case "xlogy":
                return apply("mul", args[0], apply("log", args[1], origin=at))
            case "softmax":
                return softmax(args[0])
            case "log_softmax":
                return apply("log", softmax(args[0]), origin=at)
            case _:
                e = texts.get(at)
                return opaque(graph, e) if e is not None else graph.leaf(Kind.OPAQUE, op, ("of", node.value))

    def softmax(of: Node) -> Node:
        name = of.leaf.name if of.leaf is not None else str(of.setting("name", "…"))
        return graph.leaf(Kind.PROBABILITY, f"softmax({name})", ("softmax", of.value))

    return root if root.leaf is not None else rewritten(graph, root, change, NAMED)


def _unguarded(op: str, a: Node, b: Node) -> Node | None:
    """A sum without what keeps it from being zero; None where there is nothing of that kind."""
    if (_is_guard(b) or _is_guard_name(b)) and a.op != CONSTANT:
        return a
    return b if op == "add" and (_is_guard(a) or _is_guard_name(a)) and b.op != CONSTANT else None


def _is_guard(x: Node) -> bool:
    return x.op == CONSTANT and 0 < abs(x.constant) <= GUARD


def _is_guard_name(x: Node) -> bool:
    return x.leaf is not None and x.leaf.name.rpartition(".")[2].lower() in _GUARDS
