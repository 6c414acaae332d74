"""A function with a backward pass of its own: what that returns is held against the forward pass, by numbers.

What is kept of the one for the other (``ctx.save_for_backward(x)``, ``ctx.scale = scale``) is followed, and the n-th
gradient is by the n-th argument. Where the forward pass is linear in that, the gradient may be reversed on purpose
(Ganin & Lempitsky 2015), and where it has steps, another slope may stand for it: nothing is said of either.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.evidence import BY_PROOF
from vaelint.graph.node import Graph, Kind, Node, leaves
from vaelint.infer.events import Misstated
from vaelint.infer.expression import last, number
from vaelint.infer.laws.derivatives import LAW, agreement
from vaelint.infer.quantities import closed
from vaelint.infer.values import Class, ClassInfo, Function

if TYPE_CHECKING:
    from collections.abc import Sequence

_BASES = frozenset({"Function", "autograd.Function", "torch.autograd.Function"})
_SAVED = frozenset({"saved_tensors", "saved_variables"})


def of_class(info: ClassInfo, cls: Class) -> Iterator[Misstated]:
    forward, backward = info.own_method("forward", cls), info.own_method("backward", cls)
    if forward is None or backward is None or _BASES.isdisjoint(info.base_names()):
        return
    graph = Graph()
    there = _Pass(graph, forward, {}, [])
    there.run(forward)
    if not there.straight or len(there.returned) != 1 or len(backward.params) < 2:
        return
    form = there.read(there.returned[0])
    back = _Pass(graph, backward, there.kept, there.saved)
    back.env[backward.params[1].name] = graph.constant(1.0)
    back.run(backward)
    if form is None or not closed.complete(form) or not back.straight or len(back.returned) != 1:
        return
    end = back.returned[0]
    gradients: Sequence[ir.Expr] = end.items if isinstance(end, ir.Tuple) else (end,)
    for param, e in zip(forward.params[1:], gradients):
        leaf = graph.leaf(Kind.PARAMETER, param.name, f"${param.name}")
        gradient = back.read(e)
        if gradient is None or not closed.complete(gradient) or leaf not in leaves(gradient):
            continue
        if agreement(graph, form, gradient, leaf) < 0:
            yield _stated(cls, param.name, form, gradient, leaf, e)


def _stated(cls: Class, by: str, form: Node, gradient: Node, leaf: Node, e: ir.Expr) -> Misstated:
    from vaelint.graph.example import of_derivative

    message = f"`{cls.name}.backward` returns minus the derivative of `forward` with respect to `{by}`"
    example = of_derivative(form, gradient, leaf, 1, "forward", None)
    edit = "flip the sign of this gradient"
    return Misstated(e.id, e.id, message, edit, LAW, "VL402", BY_PROOF, example=example, turn="whole")


class _Pass(closed.Reading):
    """A pass of such a function. ``kept``: attributes of its context, ``saved``: the tensors that were saved there."""

    def __init__(self, graph: Graph, fn: Function, kept: dict[str, Node], saved: list[Node | None]) -> None:
        super().__init__(graph, closed.of_module(fn.module).lookup)
        self.kept, self.saved = kept, saved
        self.context = fn.params[0].name if fn.params else ""
        for p in fn.params:
            self.given(p.name)

    def run(self, fn: Function) -> None:
        self.block(fn.body if isinstance(fn.body, tuple) else ())

    def statement(self, s: ir.Stmt) -> None:
        match s:
            case ir.ExprStmt(value=ir.Call(func=func, args=args)) if last(func) == "save_for_backward":
                self.saved = [self.read(a.value) for a in args]
            case _:
                super().statement(s)

    def bind(self, target: ir.Expr, value: ir.Expr) -> None:
        match target:
            case ir.Attr(base=ir.Name(name=self.context), name=name):
                form = self.read(value)
                if form is not None:
                    self.kept[name] = form
            case ir.Tuple(items=items) if self.is_saved(value):
                for item, form in zip(items, self.saved):
                    self.put(item, form)
            case _:
                super().bind(target, value)

    def put(self, target: ir.Expr, form: Node | None) -> None:
        if isinstance(target, ir.Name) and form is not None:
            self.env[target.name] = form

    def is_saved(self, e: ir.Expr) -> bool:
        return (
            isinstance(e, ir.Attr) and isinstance(e.base, ir.Name) and e.base.name == self.context and e.name in _SAVED
        )

    def resolve(self, e: ir.Expr) -> Node | None:
        match e:
            case ir.Attr(base=ir.Name(name=self.context), name=name):
                return self.kept.get(name)
            case ir.Subscript(base=base, index=index) if self.is_saved(base):
                i = number(index)
                return self.saved[int(i)] if i is not None and 0 <= i < len(self.saved) else None
            case _:
                return super().resolve(e)
