"""IR → form: which function a call is, what is left out (shapes, reductions, guards), and what stays a leaf."""

from __future__ import annotations

from collections.abc import Callable

from vaelint import ir
from vaelint.formula import vocabulary as v
from vaelint.formula.form import NOWHERE, ONE, ZERO, Form, Leaf, Named, Num, Op

MAX_NODES = 160  # a longer expression is no formula that anybody wrote down

Resolve = Callable[[ir.Expr], "Form | None"]
_OPERATORS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow", "@": "mul"}


class TooLong(Exception):
    """The expression has more parts than a hand-written formula."""


def read(e: ir.Expr, resolve: Resolve = lambda e: None) -> Form | None:
    """The form of ``e``; ``resolve`` may answer for names, attributes, items and calls. None for what is too long."""
    try:
        return _Reader(resolve).form(e)
    except (TooLong, RecursionError):
        return None


def opaque(e: ir.Expr) -> Leaf:
    text = ir.text(e, 200)
    if "…" in text:
        text += f"#{e.id}"  # not all of it was rendered: nothing else is known to be the same
    return Leaf(text, ir.text(e, 30))


class _Reader:
    def __init__(self, resolve: Resolve) -> None:
        self.resolve = resolve
        self.left = MAX_NODES

    def form(self, e: ir.Expr) -> Form:
        self.left -= 1
        if self.left < 0:
            raise TooLong
        match e:
            case ir.Const(value=bool() | None):
                return opaque(e)
            case ir.Const(value=int() | float() as value):
                return Num(float(value)) if abs(value) < 1e12 else opaque(e)
            case ir.Unary(op="-", operand=x):
                return negated(self.form(x), e.id)
            case ir.Unary(op="+", operand=x):
                return self.form(x)
            case ir.Binary(op=op, left=a, right=b) if op in _OPERATORS:
                return combined(_OPERATORS[op], self.form(a), self.form(b), b.id)
            case ir.Call():
                return self.call(e)
            case ir.Name() | ir.Attr():
                return self.name(e)
            case ir.Subscript():
                return self.item(e)
            case ir.Walrus(value=x) | ir.List(items=(x,)):
                return self.form(x)
            case _:
                return opaque(e)

    def name(self, e: ir.Name | ir.Attr) -> Form:
        found = self.resolve(e)
        if found is not None:
            return found
        if isinstance(e, ir.Name):
            return Num(v.CONSTANT_NAMES[e.name]) if e.name in v.CONSTANT_NAMES else opaque(e)
        if e.name in v.CONSTANTS and isinstance(e.base, ir.Name) and e.base.name in v.MODULES:
            return Num(v.CONSTANTS[e.name])
        if e.name in v.ATTRIBUTES and not isinstance(e.base, ir.Name | ir.Attr):
            return self.form(e.base)
        if e.name in ("T", "mT", "data"):
            return self.form(e.base)
        if e.name in ("shape", "size", "ndim"):
            return ONE
        return opaque(e)

    def item(self, e: ir.Subscript) -> Form:
        if isinstance(e.base, ir.Attr) and e.base.name == "shape":
            return ONE
        base = self.form(e.base)
        if isinstance(base, (Op, Num)) or _keeps_all(e.index):
            return base
        if isinstance(base, Named) and not isinstance(base.form, Leaf):
            return base
        return self.resolve(e) or opaque(e)

    def call(self, e: ir.Call) -> Form:
        found = self.resolve(e)
        if found is not None:
            return found
        func = e.func
        if isinstance(func, ir.Name):
            name, receiver = func.name, None
        elif isinstance(func, ir.Attr):
            name = func.name
            receiver = None if is_module(func.base) else func.base
        else:
            return opaque(e)
        if any(a.star for a in e.args):
            return opaque(e)
        given = [*([receiver] if receiver is not None else []), *(a.value for a in e.args if a.name is None)]
        named = {a.name: a.value for a in e.args if a.name is not None}
        form = self.known(name.rstrip("_") or name, given, named, e)
        return form if form is not None else opaque(e)

    def known(self, name: str, args: list[ir.Expr], named: dict[str, ir.Expr], e: ir.Call) -> Form | None:
        if not args:
            args = [
                named[k] for k in ("x", "input", "a", "tensor", "input_tensor", "features", "logits") if k in named
            ][:1]
        if not args:
            return None
        first = args[0]
        if name in v.UNARY and len(args) >= 1:
            return unary(v.UNARY[name], self.form(first), e.id)
        if name in v.SAME:
            return self.form(first)
        if name in ("max", "min") and len(args) == 2 and not isinstance(args[1], ir.Const):
            name = f"{name}imum"
        if (name in v.BINARY and len(args) >= 2) or (name in ("maximum", "minimum") and len(args) == 2):
            return self.binary(v.BINARY[name], args, named)
        if name == "full" and len(args) >= 2:
            return self.form(args[1])
        if name in ("clamp", "clip", "clip_by_value", "clamp_min"):
            return self.clipped(args, named, e)
        if name == "rsqrt":
            return combined("div", ONE, unary("sqrt", self.form(first), e.id), NOWHERE)
        if name in ("reciprocal", "inv", "inverse", "pinv"):
            return combined("div", ONE, self.form(first), NOWHERE)
        if name == "logit":
            p = self.form(first)
            return combined("sub", unary("log", p, e.id), unary("log", combined("sub", ONE, p, NOWHERE), e.id), NOWHERE)
        if name in ("xlogy", "xlog1py") and len(args) >= 2:
            fn = "log" if name == "xlogy" else "log1p"
            return combined("mul", self.form(first), unary(fn, self.form(args[1]), e.id), NOWHERE)
        if name in v.LOG_PROBABILITIES:
            return Op("log", (Leaf(f"softmax({ir.text(first, 200)})", f"softmax({ir.text(first, 20)})"),), e.id)
        if name in v.PROBABILITIES:
            return Leaf(f"softmax({ir.text(first, 200)})", f"softmax({ir.text(first, 20)})")
        if name in v.COUNT_CALLS:
            return ONE
        if name in v.ZEROS:
            return ZERO
        return None

    def binary(self, fn: str, args: list[ir.Expr], named: dict[str, ir.Expr]) -> Form:
        a, b = self.form(args[0]), self.form(args[1])
        if fn == "rdiv":
            return combined("div", b, a, NOWHERE)
        alpha = named.get("alpha")
        if alpha is not None and fn in ("add", "sub"):
            b = combined("mul", self.form(alpha), b, NOWHERE)
        return combined(fn, a, b, args[1].id)

    def clipped(self, args: list[ir.Expr], named: dict[str, ir.Expr], e: ir.Call) -> Form:
        """Bounds far out, or near the ends of (0, 1), are guards. A lower bound of 0 alone is a hinge."""
        x = self.form(args[0])
        low = named.get("min") or named.get("a_min") or named.get("min_value") or (args[1] if len(args) > 1 else None)
        high = named.get("max") or named.get("a_max") or named.get("max_value") or (args[2] if len(args) > 2 else None)
        lower, upper = (self.form(b) if b is not None else None for b in (low, high))
        if upper is None and isinstance(lower, Num) and lower.value == 0:
            return unary("relu", x, e.id)
        return x


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


def is_module(e: ir.Expr) -> bool:
    while isinstance(e, ir.Attr):
        e = e.base
    return isinstance(e, ir.Name) and e.name in v.MODULES


def _guard(x: Form) -> bool:
    return isinstance(x, Num) and 0 < abs(x.value) <= v.GUARD


def _is_guard_name(x: Form) -> bool:
    return isinstance(x, Leaf) and x.name.rpartition(".")[2].lower() in (
        "eps",
        "epsilon",
        "_eps",
        "tiny",
        "jitter",
        "_epsilon",
    )


def negated(x: Form, node: int) -> Form:
    return Op("neg", (x,), node)


def unary(fn: str, x: Form, node: int) -> Form:
    return Op(fn, (x,), node)


def combined(fn: str, a: Form, b: Form, node: int) -> Form:
    """Two operands joined; guards against zero are dropped."""
    if fn in ("add", "sub"):
        if (_guard(b) or _is_guard_name(b)) and not isinstance(a, Num):
            return a
        if fn == "add" and (_guard(a) or _is_guard_name(a)) and not isinstance(b, Num):
            return b
    return Op(fn, (a, b), node)
