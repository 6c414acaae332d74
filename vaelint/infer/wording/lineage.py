"""Where a step of an optimiser comes from: what in a function holds its gradient, and with which sign.

``update`` of ``m.mul_(beta).add_(p.grad, alpha=1 - beta)``, ``update = m / denom`` goes along the gradient, whatever it
is called. What goes through a function that is not known is not followed.
"""

from __future__ import annotations

from collections.abc import Iterator

from vaelint import ir
from vaelint.graph.spellings import KEPT, MODULES
from vaelint.infer.expression import REDUCTIONS, bound_in, last, last_word, number, product, summands, walk

MOST_FOLLOWED = 8  # names from one to the next
# Methods and functions that pass on the sign of what they are asked of.
_KEEPS = KEPT | REDUCTIONS | frozenset({
    "detach", "coalesce", "mul", "div", "mul_", "div_", "sign", "sign_", "clamp", "clip", "add", "add_", "lerp",
    "lerp_", "multiply", "divide",
})  # fmt: skip
_ADDS = frozenset({"add_", "add", "lerp_", "lerp"})


def along_gradient(code: ir.Block, e: ir.Expr) -> int:
    """1 for what goes along the gradient of the function's parameters, -1 for what goes against it, else 0."""
    return _Reader(code).way(e, frozenset())


class _Reader:
    def __init__(self, code: ir.Block) -> None:
        self.bound = list(bound_in(code))
        self.calls = [x for x in walk(code) if isinstance(x, ir.Call) and last(x.func) in _ADDS]

    def way(self, e: ir.Expr, seen: frozenset[str]) -> int:
        match e:
            case ir.Attr(name="grad"):
                return 1
            case ir.Attr(base=base, name="data" | "T" | "mT"):
                return self.way(base, seen)
            case ir.Name() | ir.Attr() | ir.Subscript():
                return self._held(last_word(e), seen)
            case ir.Call(func=ir.Attr(base=base, name=name), args=args) if name in _KEEPS:
                inner = args[0].value if isinstance(base, ir.Name) and base.name in MODULES and args else base
                return self.way(inner, seen)
            case ir.Unary() | ir.Binary(op="*" | "/" | "@"):
                return self._scaled(e, seen)
            case ir.Binary(op="+" | "-"):
                ways = {sign * way for sign, x in summands(e)[:1] if (way := self.way(x, seen))}
                return ways.pop() if ways else 0
        return 0

    def _scaled(self, e: ir.Expr, seen: frozenset[str]) -> int:
        """A product with one factor that goes along the gradient; what it is divided by is a scale."""
        scaled = product(e, "*/@")
        ways = [way for x in scaled.above if x is not e and not number(x) and (way := self.way(x, seen))]
        return scaled.way * ways[0] if len(ways) == 1 else 0

    def _held(self, name: str, seen: frozenset[str]) -> int:
        """The sign that all agree on by which a name is bound, or which is added to it in place."""
        if not name or name in seen or len(seen) > MOST_FOLLOWED:
            return 0
        inside = seen | {name}
        ways = {self.way(x, inside) for x in self._given(name)} - {0}
        return ways.pop() if len(ways) == 1 else 0

    def _given(self, name: str) -> Iterator[ir.Expr]:
        yield from (x for t, x in self.bound if last_word(t) == name)
        for call in self.calls:
            if isinstance(call.func, ir.Attr) and last_word(_receiver(call.func.base)) == name:
                yield from (a.value for a in call.args[:1] if a.name is None)


def _receiver(e: ir.Expr) -> ir.Expr:
    """m of ``m.mul_(beta)``, which is changed in place."""
    while isinstance(e, ir.Call) and isinstance(e.func, ir.Attr) and e.func.name.endswith("_"):
        e = e.func.base
    return e
