"""A function and its gradient, passed to one call: who negates one of them negates the other.

``minimize(lambda x: -log_p(x), x0, jac=grad_log_p)`` moves along a gradient that belongs to ``log_p``, against what it
minimises. Which gradient is whose is known by its name beside that of the function, or by the object that has both.
"""

from __future__ import annotations

from typing import NamedTuple

from vaelint import ir
from vaelint.evidence import BY_SIGN
from vaelint.graph.spellings import KEPT
from vaelint.infer.events import Misstated
from vaelint.infer.expression import last, same, unsigned
from vaelint.infer.seen import CallReached, View, observes
from vaelint.infer.values import Function, Value
from vaelint.knowledge.vocabulary import words_of

LAW = "the gradient that is passed beside a function is the gradient of that function, with its sign"


class Passed(NamedTuple):
    """What is passed: ``head``, or (``sign`` -1) what negates it."""

    sign: int
    head: ir.Expr
    at: ir.Expr


@observes(CallReached)
def called(view: View, seen: CallReached) -> None:
    """Tell of a function that is passed negated, with its gradient as it is, or the other way round."""
    given = [x for a in seen.args.given if not a.star and (x := _passed(a.expr, a.value)) is not None]
    if all(x.sign > 0 for x in given):
        return  # as nearly always: no name is looked at
    for gradient in given:
        of = [x for x in given if x is not gradient and _is_derived(gradient.head, x.head)]
        if len(of) != 1 or of[0].sign == gradient.sign:
            continue
        negated, plain = (of[0], gradient) if of[0].sign < 0 else (gradient, of[0])
        name, other = ir.render(plain.head, 40), ir.render(negated.head, 40)
        message = f"`{name}` is passed as it is beside the negation of `{other}`: one is the gradient of the other"
        at = gradient.at.id
        view.emit(Misstated(at, seen.e.id, message, "negate both, or neither", LAW, "VL202", BY_SIGN, turn="whole"))
        return


def _passed(e: ir.Expr, value: Value) -> Passed | None:
    """A callable by what it calls: itself, or the one call that a function of ours returns."""
    if isinstance(value, Function):
        result = _returned(value)
        sign = 1
        while result is not None:
            match result:
                case ir.Unary(op="-"):
                    sign, result = -sign, unsigned(result)
                case ir.Call(func=func, args=(ir.Arg(value=inner), *_)) if last(func) in KEPT:
                    result = inner
                case ir.Call(func=ir.Attr(base=ir.Call() | ir.Unary() as inner, name=word)) if word in KEPT:
                    result = inner
                case ir.Call(func=ir.Name() | ir.Attr() as head):
                    return Passed(sign, head, e)
                case _:
                    result = None
    return Passed(1, e, e) if isinstance(e, (ir.Name, ir.Attr)) else None


def _returned(fn: Function) -> ir.Expr | None:
    """What a function of one statement returns."""
    if not isinstance(fn.body, tuple):
        return fn.body
    body = [s for s in fn.body if not (isinstance(s, ir.ExprStmt) and isinstance(s.value, ir.Const))]
    return body[0].value if len(body) == 1 and isinstance(body[0], ir.Return) else None


def _is_derived(gradient: ir.Expr, of: ir.Expr) -> bool:
    """Whether a name says that it is the gradient of another: by that name, or as what the same object has."""
    left = _derived_from(last(gradient).lower())
    beside = isinstance(gradient, ir.Attr) and isinstance(of, ir.Attr) and same(gradient.base, of.base)
    if not beside and type(gradient) is not type(of):
        return False
    name = last(of).lower().strip("_")
    return (name in left or (beside and "" in left)) and "" not in _derived_from(name)


def _derived_from(name: str) -> frozenset[str]:
    """What a name may be the gradient of: ``f`` of ``grad_f`` and of ``f_prime``, nothing said of ``gradient``."""
    bare = name.strip("_")
    behind = {bare[: -len(w)].strip("_") for w in words_of("f_suffix") if bare.endswith(w)}
    return frozenset(behind | {bare[len(w) :].strip("_") for w in words_of("f_prefix") if bare.startswith(w)})
