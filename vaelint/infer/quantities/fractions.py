"""Shares of a whole: ``x / total`` is a probability where ``total`` is the sum of what ``x`` is one of.

``c / sum(counts)`` for each ``c`` of ``counts``, ``counts[k] / sum(counts.values())``, ``s.n / total`` with ``total``
the sum of ``s.n`` over the same things, a count over the length of what is counted. The two sides are compared by
what they are written as, with the variables of loops put in: an item is one of its collection.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeGuard

from vaelint import ir
from vaelint.graph.spellings import KEPT
from vaelint.infer.expression import argument, last, number, walk
from vaelint.infer.seen import OperatorApplied, View, refines
from vaelint.infer.values import Form, Frame, Quantity, Value, undirected
from vaelint.records import replace

Loops = Mapping[str, "tuple[ir.Expr, ir.Expr] | None"]  # by a loop's variable: its target and what is gone through
What = Hashable  # what an expression is, with loops put in

_THE_SAME = KEPT | {"list", "tuple", "values", "sorted", "elements"}
_SUMS = frozenset({"sum", "fsum", "nansum", "reduce_sum", "total"})
_COUNTED = frozenset({"Counter", "bincount", "unique", "value_counts", "unique_consecutive"})
MOST_LOOKS = 6


@refines(OperatorApplied)
def shared(view: View, seen: OperatorApplied, value: Value) -> Value:
    """A quotient of something and the sum over all of its kind: a probability."""
    e, f = seen
    if not isinstance(e, ir.Binary) or e.op != "/" or not isinstance(value, Quantity) or number(e.right):
        return value
    if any(t.meaning.sense.directed for t in value.terms):
        return value
    if value.form == Form.PROBABILITY:  # of what is positive by name this is known already
        return replace(value, key=_key(view, e)) if value.key == e.id else value
    reading = _Reading(view, e, f)
    whole = reading.whole(e.right)
    part = reading.what(e.left, reading.loops) if whole is not None else None
    if part is None or not (part == whole or ("item", part) == whole or reading.counts(e.left, part, whole)):
        return value
    made = undirected(ir.render(e, 40), e.id, form=Form.PROBABILITY, positive=True, roots=value.roots)
    return replace(made, key=_key(view, e))


_ORDERS = frozenset({"p", "ord", "norm"})


@refines(OperatorApplied)
def normalised(view: View, seen: OperatorApplied, value: Value) -> Value:
    """``normalize(x, p=1)``: each over the sum of all, by whatever library."""
    e = seen.e
    if not isinstance(e, ir.Call) or last(e.func) != "normalize" or not isinstance(value, Quantity):
        return value
    orders = [a.value.value for a in e.args if a.name in _ORDERS and isinstance(a.value, ir.Const)]
    if orders not in ([1], ["l1"]) or any(t.meaning.sense.directed for t in value.terms):
        return value
    return undirected(ir.render(e, 40), e.id, form=Form.PROBABILITY, positive=True, roots=value.roots)


def _key(view: View, e: ir.Expr) -> int:
    """One key for all that is written alike: ``c / n * log(c / n)`` is p * log p."""
    return view.around(e.id).once(_firsts).get(ir.key(e), e.id)


class _Reading:
    """Reads the two sides of a quotient where it stands."""

    def __init__(self, view: View, e: ir.Binary, f: Frame) -> None:
        self.f = f
        around = view.around(e.id)
        self.code = around.code
        self.loops: Loops = around.once(_loops)

    # --- what something is ---

    def what(self, e: ir.Expr, loops: Loops, looks: int = MOST_LOOKS) -> What:
        """What an expression is: of a loop's variable an item of what is gone through; nothing else for what is too
        deep, or not known."""
        if not looks:
            return ("deep", e.id)

        def within(*kind: str, of: ir.Expr) -> What:
            return (*kind, self.what(of, loops, looks - 1))

        match e:
            case ir.Name(name=name) if name in loops:
                held = loops[name]
                return self.gone_through(name, *held, loops, looks - 1) if held is not None else ("loop", e.id)
            case ir.Name(name=name):
                written = self.f.wrote(name)
                if isinstance(written, (ir.Name, ir.Attr, ir.Subscript)) or _hands_on(written) or _counts(written):
                    return self.what(written, loops, looks - 1)
                return ("name", name)
            case ir.Attr(base=base, name=name):
                return within("attribute", name, of=base)
            case ir.Subscript(base=base, index=ir.Const(value=str(key))):
                return within("key", key, of=base)
            case ir.Subscript(base=base):
                return within("item", of=base)
            case ir.Call() if _hands_on(e) and (of := argument(e)) is not None:
                return self.what(of, loops, looks - 1)
            case ir.Call() if _counts(e) and (of := argument(e)) is not None:
                return within("counted", of=of)
            case ir.Call(func=ir.Name(name="len"), args=(ir.Arg(value=of),)):
                return within("length", of=of)
            case _:
                return ("written", ir.key(e))

    def gone_through(self, name: str, target: ir.Expr, items: ir.Expr, loops: Loops, looks: int) -> What:
        """What a loop's variable is, by the loop."""
        places = [*target.items] if isinstance(target, ir.Tuple) else [target]
        at = next((i for i, x in enumerate(places) if isinstance(x, ir.Name) and x.name == name), -1)
        of: ir.Expr | None = items if len(places) == 1 else None
        match items:
            case ir.Call(func=ir.Name(name="zip"), args=args) if len(args) == len(places):
                of = args[at].value
            case ir.Call(func=ir.Attr(base=x, name="items" | "most_common")) if len(places) == 2:
                of = x if at == 1 else None
        if of is None:
            return ("loop", items.id, at)
        return ("item", self.what(of, {k: v for k, v in loops.items() if k != name}, looks))

    # --- the whole ---

    def whole(self, e: ir.Expr) -> What | None:
        """What a sum is over, by one of its summands; ("length", …) of a length; None for anything else."""
        for _ in range(MOST_LOOKS):
            match e:
                case ir.Binary(op="+", left=left, right=right) if 0 < number(right) < 1:
                    e = left
                case ir.Call(func=ir.Name(name="max"), args=(ir.Arg(value=left), ir.Arg(value=ir.Const()))):
                    e = left
                case ir.Call(func=func) if last(func) in _SUMS:
                    of = argument(e)
                    return self.summed(of) if of is not None else None
                case ir.Call() if _hands_on(e) and (inner := argument(e)) is not None:
                    e = inner
                case (
                    ir.Call(func=ir.Name(name="len"), args=(ir.Arg(value=of),))
                    | ir.Attr(base=of, name="size")
                    | ir.Subscript(base=ir.Attr(base=of, name="shape"))
                ):
                    return ("length", self.what(of, self.loops))
                case ir.Name(name=name):
                    written = self.f.wrote(name)
                    if (added := self.added_up(name)) is not None or written is None:
                        return added
                    e = written
                case _:
                    return None
        return None

    def summed(self, of: ir.Expr) -> What | None:
        if isinstance(of, ir.Comp):
            if len(of.loops) != 1 or of.loops[0].tests or of.kind == "dict":
                return None
            loop = of.loops[0]
            own = {x.name: (loop.target, loop.iter) for x in walk(loop.target) if isinstance(x, ir.Name)}
            return self.what(of.element, {**self.loops, **own})
        return ("item", self.what(of, self.loops))

    def added_up(self, name: str) -> What | None:
        """``for s in all: total += s.n``."""
        added = [
            s.value
            for s in walk(self.code)
            if isinstance(s, ir.AugAssign) and s.op == "+" and isinstance(s.target, ir.Name) and s.target.name == name
        ]
        within = [s for s in walk(self.code) if isinstance(s, ir.For) and any(x in added for x in _values(s.body))]
        return self.what(added[0], self.loops) if len(added) == len(within) == 1 else None

    def counts(self, e: ir.Expr, part: What, whole: What | None) -> bool:
        """Whether a part is how often something is in what the whole is the length of."""
        if not isinstance(whole, tuple) or whole[0] != "length":
            return False
        return part in (("counted", whole[1]), ("item", ("counted", whole[1])))


def _values(block: ir.Block) -> list[ir.Expr]:
    return [s.value for s in block if isinstance(s, ir.AugAssign)]


def _counts(e: ir.Expr | None) -> TypeGuard[ir.Call]:
    """A call that counts how often each thing is in what it is given: ``Counter(words)``."""
    return isinstance(e, ir.Call) and last(e.func) in _COUNTED


def _hands_on(e: ir.Expr | None) -> TypeGuard[ir.Call]:
    """A call that hands on what it is given: ``float(n)``, ``counts.values()``."""
    return isinstance(e, ir.Call) and last(e.func) in _THE_SAME


def _firsts(code: ir.Block) -> Mapping[tuple[object, ...], int]:
    """By how a quotient is written, where it is met first."""
    found: dict[tuple[object, ...], int] = {}
    for x in walk(code):
        if isinstance(x, ir.Binary) and x.op == "/":
            found.setdefault(ir.key(x), x.id)
    return found


def _loops(code: ir.Block) -> Loops:
    """The variables of all loops in it; None for one that goes through different things in different loops."""
    found: dict[str, tuple[ir.Expr, ir.Expr] | None] = {}
    for x in walk(code):
        pairs: list[tuple[ir.Expr, ir.Expr]] = []
        if isinstance(x, ir.For):
            pairs = [(x.target, x.iter)]
        elif isinstance(x, ir.Comp):
            pairs = [(loop.target, loop.iter) for loop in x.loops]
        for target, items in pairs:
            for y in walk(target):
                if isinstance(y, ir.Name):
                    held = found.get(y.name, (target, items))
                    same = held is not None and ir.key(held[0]) == ir.key(target) and ir.key(held[1]) == ir.key(items)
                    found[y.name] = held if same else None
    return found
