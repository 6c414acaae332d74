"""Gradients that are written by hand: an input times what is predicted less what is to be predicted.

Where a prediction is an increasing function of ``x @ w``, the gradient of the squared error, of the cross-entropy
behind a sigmoid or a softmax and of every other loss with a canonical link is ``x.T @ (prediction - target)``
(McCullagh & Nelder 1989, 2.5), and the delta rule and the perceptron step the same way. Which loss it was need not be
known: moved along it, a prediction that is too high is raised.

A name is a prediction where it was computed with parameters, or by its words beside those of a target; anything else
is left alone.
"""

from __future__ import annotations

from typing import NamedTuple

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.graph.spellings import KEPT
from vaelint.infer import expression
from vaelint.infer.expression import last
from vaelint.infer.quantities import algebra, labels
from vaelint.infer.seen import OperatorApplied, View, refines
from vaelint.infer.values import Frame, Gradient, Quantity, Value, meant
from vaelint.knowledge.vocabulary import Words
from vaelint.records import replace
from vaelint.sense import Sense, concluded

RESIDUAL = "residual"  # the kind of what such a gradient lowers
# What the target is, is known by its name.
_COST = concluded(Sense.COST, RESIDUAL, (Basis.STRUCTURE, Basis.NAME))
_WHY = "the gradient of a squared error or a cross-entropy: an input times prediction less target"
_RATE = Words("error_rate")  # where it scales an error: a mean is not written so
_INPUT = Words("step_input")
# Increasing, or named for what a model makes of an input.
_INCREASING = frozenset({
    "sigmoid", "_sigmoid", "expit", "softmax", "_softmax", "tanh", "relu", "sign", "heaviside", "activation",
    "logistic", "_activation", "step", "activate", "activation_function", "exp", "sigma",
})  # fmt: skip
_FORWARD = frozenset({
    "predict", "_predict", "forward", "net_input", "hypothesis", "feedforward", "feed_forward", "predict_proba",
})  # fmt: skip
_PRODUCTS = frozenset({"dot", "matmul", "outer", "inner", "mm", "mv"})
_SHAPES = expression.REDUCTIONS | KEPT | {"clip"}
MAX_DEPTH = 8
MOST_FACTORS = 40


class Side(NamedTuple):
    """One side of a difference. ``role``: 1 prediction, -1 target, 0 unknown; ``moves``: parameters it is made with.

    ``inputs``: the keys of what those are multiplied with.
    """

    role: int
    moves: frozenset[ir.Written] = frozenset()
    inputs: frozenset[tuple[object, ...]] = frozenset()


class Residual(NamedTuple):
    """``sign``: 1 for prediction less target, -1 for the reverse; ``words``: the two, the prediction first."""

    sign: int
    predicted: Side
    moves: frozenset[ir.Written]
    words: str


@refines(OperatorApplied)
def product(view: View, seen: OperatorApplied, value: Value) -> Value:
    """The value of ``a * b``, ``a @ b`` or ``np.dot(a, b)``: a gradient, if one factor is a residual."""
    e, f = seen
    if not _worth_reading(e, value):
        return value
    factors = [y for x in _factors(e) for y in _written(x, f)]
    if len(factors) < 2:
        return value
    found = [(i, r) for i, x in enumerate(factors) if (r := _residual(x, f)) is not None]
    if len(found) != 1:
        return value
    at, (sign, predicted, moves, of) = found[0]
    others = [x for i, x in enumerate(factors) if i != at]
    inputs = [x for x in others if ir.key(_plain(x)) in predicted.inputs or _is_input(x)]
    if len(inputs) != 1:
        return value
    for x in others:
        if x is not inputs[0]:
            sign *= _sign(view, x, f)
    # Of factors with an unknown sign nothing is known: a derivative, an advantage, a mask of labels.
    if not sign:
        return value
    return Gradient(meant(_COST, of, e.id, _WHY), sign, e.id, ir.render(e, 40), of=moves)


def _factors(e: ir.Expr) -> list[ir.Expr]:
    found = expression.product(e, "*@", _PRODUCTS)
    return found.above if found.sign > 0 else [ir.Const(e.id, -1), *found.above]


def _written(e: ir.Expr, f: Frame) -> list[ir.Expr]:
    """The factors of what a name was bound to: ``step = rate * error``."""
    written = f.behind(e)
    return _factors(written) if isinstance(written, ir.Binary) and written.op == "*" else [e]


def _residual(e: ir.Expr, f: Frame) -> Residual | None:
    """A prediction less a target, or the reverse."""
    for _ in range(MAX_DEPTH):
        sides = expression.difference(e)
        if sides is not None:
            left, right = (_side(x, f) for x in sides)
            left, right = _held_fixed(left, right, sides[0], f), _held_fixed(right, left, sides[1], f)
            if {left.role, right.role} != {1, -1}:
                return None
            predicted, target = sides if left.role > 0 else sides[::-1]
            words = f"{ir.render(predicted, 30)} - {ir.render(target, 30)}"
            return Residual(left.role, left if left.role > 0 else right, left.moves | right.moves, words)
        match e:
            case ir.Name(name=n) if (written := f.wrote(n)) is not None:
                e = written
            case ir.Subscript(base=base) | ir.Attr(base=base, name="T") | ir.Binary(op="/", left=base):
                e = base  # also by a number of samples
            case ir.Call(func=ir.Attr(base=base, name=n), args=()) if n in _SHAPES:
                e = base
            case _:
                break
    return None


def _held_fixed(side: Side, other: Side, e: ir.Expr, f: Frame) -> Side:
    """The side that no parameter moves, beside a prediction that is seen to be made with one: a target, by any name.

    It is given, gone over, or typed in; what else a name was bound to may be a prediction as well.
    """
    if side.role or not other.inputs or not isinstance(e, (ir.Name, ir.Subscript)):
        return side
    base = e.base if isinstance(e, ir.Subscript) else e
    if not isinstance(base, ir.Name):
        return side
    given = base.name not in f.written
    return Side(-1) if given or _is_typed_in(f.wrote(base.name)) else side


def _is_typed_in(e: ir.Expr | None) -> bool:
    """``np.array([[1], [0]])``."""
    return isinstance(e, ir.Call) and bool(e.args) and all(isinstance(a.value, ir.List) for a in e.args if not a.name)


def _plain(e: ir.Expr) -> ir.Expr:
    """Without its transposition, or what else keeps its elements."""
    e = expression.stripped(e, KEPT)
    return _plain(e.base) if isinstance(e, ir.Attr) and e.name == "T" else e


def _by_name(name: str) -> int:
    return 1 if labels.PREDICTION.of(name) else -1 if labels.TARGET.of(name) else 0


def _side(e: ir.Expr, f: Frame, named: bool = True, depth: int = MAX_DEPTH) -> Side:
    """A prediction, if it grows with parameters: a product with them, or an increasing function of one.

    ``named``: else by its name, which says nothing of what a sum or a function is made of.
    """
    if not depth:
        return Side(0)
    d = depth - 1
    if (inner := _logistic(e, f)) is not None:
        return _side(inner, f, False, d)
    match e:
        case ir.Name(name=n):
            written = f.wrote(n)
            made = _side(written, f, named, d) if written is not None else Side(0)
            return made if made.role or not named else Side(_by_name(n), made.moves, made.inputs)
        case ir.Attr(name="T" | "data", base=base) if named:
            return _side(base, f, named, d)
        case ir.Attr(name=str(n)) | ir.Subscript(index=ir.Const(value=str(n))) if named:
            return Side(_by_name(n))
        case ir.Subscript(base=base):
            return _side(base, f, named, d)
        case ir.Binary(op="+", left=a, right=b):
            one, other = _side(a, f, False, d), _side(b, f, False, d)
            return Side(max(one.role, other.role, 0), one.moves | other.moves, one.inputs | other.inputs)
        case ir.Call(func=func, args=(ir.Arg(value=x), *_)) if last(func) in _INCREASING:
            made = _side(x, f, False, d)
            plain = isinstance(x, (ir.Name, ir.Attr, ir.Call))
            return made if made.role or not plain or last(func) == "exp" else Side(1)
        case ir.Call(func=func) if last(func) in _FORWARD:
            return Side(1)
        case ir.Call(func=ir.Attr(name=n)) if n in _SHAPES and (of := expression.argument(e)) is not None:
            return _side(of, f, False, d)
        case ir.Binary(op="*" | "@") | ir.Call():
            factors = _factors(e)
            held = [x for x in factors if labels.PARAMETER.of(expression.name(expression.stripped(x, KEPT)))]
            rest = [x for x in factors if x not in held]
            if len(factors) > 1 and len(held) == 1 and not any(_is_negative(x) for x in rest):
                inputs = frozenset(ir.key(_plain(x)) for x in rest if not expression.number(x))
                return Side(1, frozenset({ir.render(expression.stripped(held[0], KEPT))}), inputs)
    return Side(0)


def _logistic(e: ir.Expr, f: Frame) -> ir.Expr | None:
    """z of ``1 / (1 + exp(-z))``."""
    match e:
        case ir.Binary(op="/", left=one, right=ir.Binary(op="+", left=a, right=b)) if expression.number(one) == 1:
            grown = expression.exponent(a) or expression.exponent(b)
            return _turned(expression.bound(grown, f), f) if grown is not None else None
    return None


def _turned(e: ir.Expr, f: Frame) -> ir.Expr | None:
    """z of ``-z``; of ``-X @ w``, which Python reads as ``(-X) @ w``, too."""
    match e:
        case ir.Unary(op="-", operand=x):
            return x
        case ir.Binary(op="*" | "@", left=left):
            inner = _turned(expression.bound(left, f), f)
            return replace(e, left=inner) if inner is not None else None
    return None


def _is_negative(e: ir.Expr) -> bool:
    return isinstance(e, (ir.Unary, ir.Binary)) or expression.number(e) < 0


def _is_input(e: ir.Expr) -> bool:
    """``X.T``, ``x[i]``, ``inputs``: by its name, and no difference."""
    plain = isinstance(e, (ir.Name, ir.Attr, ir.Subscript, ir.Call))
    return plain and _INPUT.of(expression.name(expression.stripped(e, KEPT)))


def _sign(view: View, e: ir.Expr, f: Frame) -> int:
    """The sign of what else a gradient is multiplied with."""
    k = expression.number(e)
    if k:
        return 1 if k > 0 else -1
    match e:
        case ir.Binary(op="/", left=a):
            return _sign(view, a, f)
        case ir.Name(name=n):
            value = f.find(n)
            return 1 if _RATE.of(n) else algebra.factor(view.knowledge, value) if value is not None else 0
        case ir.Attr(name=n):
            return 1 if view.knowledge.positive(n) else 0
        case ir.Binary(op="-") | ir.Call():  # 1 - p of a probability, as in the slope p * (1 - p) of a sigmoid
            return algebra.factor(view.knowledge, view.value(e, f))
    return 0


def _worth_reading(e: ir.Expr, value: Value) -> bool:
    """Whether a call or product could be such a gradient; asked of every one, so that it looks at little below."""
    if not isinstance(value, Quantity):
        return False
    if isinstance(e, ir.Call):
        return isinstance(e.func, ir.Attr) and e.func.name in _PRODUCTS
    return isinstance(e, ir.Binary) and e.op in ("*", "@") and not _is_long(e)


def _is_long(product: ir.Expr) -> bool:
    """Nobody writes a gradient of so many factors; and each product within such a one would be read in its turn."""
    for _ in range(MOST_FACTORS):
        if not (isinstance(product, ir.Binary) and product.op in ("*", "@")):
            return False
        product = product.left
    return True
