"""The language of the primitives: a text of Python → a graph.

Losses and densities of libraries, references and laws are written in it: the names of primitives (`ops`), operators,
comparisons, and a few words that are short for more of the same. Nothing of it needs NumPy.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from vaelint.graph.node import CONSTANT, NOWHERE, Graph, Node
from vaelint.graph.spellings import BINARY, UNARY


class Unreadable(ValueError):
    """The text says something that graphs have no word for."""


_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow", ast.Mod: "mod",
    ast.MatMult: "matmul", ast.FloorDiv: "floordiv",
}  # fmt: skip
_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Lt: "less", ast.Gt: "greater", ast.LtE: "less_equal", ast.GtE: "greater_equal", ast.Eq: "equal",
    ast.NotEq: "not_equal",
}  # fmt: skip
_REDUCED = {
    "sum": "sum", "mean": "mean", "max": "amax", "min": "amin", "amax": "amax", "amin": "amin", "prod": "prod",
    "norm": "norm", "norm1": "norm1", "var": "var", "logsumexp": "logsumexp",
}  # fmt: skip
_ELEMENTWISE_OF_TWO = {"max": "max", "min": "min"}  # of one argument they are reductions
_LAST = frozenset({"softmax", "log_softmax", "logsumexp", "cumsum", "sort"})  # along the last axis by themselves
_OTHERS = frozenset({"where", "pick", "size", "share", "amount", "swap", "one_hot", "flip", "expand", "squeeze"})
_RENAMED = {"logdet": "log_det", **UNARY, **BINARY}
_CONSTANTS = {"pi": math.pi, "e": math.e}
# What is short for other words of ours.
_SHORT = {
    "dot": (("a", "b"), "sum(a * b)"),
    "cosine": (("a", "b"), "sum(a * b) / (norm(a) * norm(b))"),
    "std": (("a",), "sqrt(var(a))"),
    "clip": (("x", "a", "b"), "minimum(maximum(x, a), b)"),
    "betaln": (("a", "b"), "lgamma(a) + lgamma(b) - lgamma(a + b)"),
    "norm_pdf": (("x",), "exp(-0.5 * x**2) / sqrt(2 * pi)"),
    "norm_cdf": (("x",), "0.5 * (1 + erf(x / sqrt(2)))"),
    "log_norm_cdf": (("x",), "log(0.5 * (1 + erf(x / sqrt(2))))"),
    "outer": (("a", "b"), "matmul(swap(a), b)"),
}


@cache
def parsed(text: str) -> ast.expr:
    """Raises `Unreadable` for what is no expression."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise Unreadable(text) from error


class Function(NamedTuple):
    """``params``: the first ``places`` of them by place or name, the others by name; ``defaults``: of those that a call
    may leave out."""

    params: tuple[str, ...]
    places: int
    defaults: Mapping[str, float]
    text: str

    @property
    def is_mean(self) -> bool:
        """Whether it is the mean over everything, which many libraries replace by a sum, or by nothing, if asked."""
        match parsed(self.text):
            case ast.Call(func=ast.Name(id="mean"), args=[_]):
                return True
            case _:
                return False


@cache
def function(text: str, params: tuple[str, ...] = ()) -> Function:
    """``a, b=1, *, c=2: a - b * c``; or a text over parameters that are known from elsewhere. Raises `Unreadable`."""
    head, colon, body = text.partition(":")
    if not colon:
        used = names(text)
        found = tuple(p for p in params if p in used)
        return Function(found, len(found), {}, text)
    given = [part.partition("=") for part in head.split(",")]
    listed = [name.strip() for name, _, _ in given]
    try:
        defaults = {name.strip(): float(value) for name, equals, value in given if equals}
    except ValueError as error:
        raise Unreadable(text) from error
    places = listed.index("*") if "*" in listed else len(listed)
    return Function(tuple(n for n in listed if n != "*"), places, defaults, body)


def names(text: str) -> set[str]:
    """What a text speaks of besides primitives: the names that `written` has to be given."""
    called = {id(e.func) for e in ast.walk(parsed(text)) if isinstance(e, ast.Call)}
    found = {e.id for e in ast.walk(parsed(text)) if isinstance(e, ast.Name) and id(e) not in called}
    return found - _CONSTANTS.keys()


def written(graph: Graph, text: str, given: Mapping[str, Node], origin: int = NOWHERE, flat: bool = False) -> Node:
    """The node of a text with nodes for its names; all its operations have one origin, that of a call.

    ``flat``: vectors have one axis, and stand beside matrices. Raises `Unreadable`.
    """

    def of(e: ast.expr) -> Node:
        match e:
            case ast.Constant(value=bool()):
                raise Unreadable(text)
            case ast.Constant(value=int() | float() as value):
                return graph.constant(value)
            case ast.Name(id=name) if name in given:
                return given[name]
            case ast.Name(id=name) if name in _CONSTANTS:
                return graph.constant(_CONSTANTS[name])
            case ast.BinOp(left=a, op=op, right=b) if type(op) in _OPERATORS:
                return graph.apply(_OPERATORS[type(op)], of(a), of(b), origin=origin)
            case ast.UnaryOp(op=ast.USub(), operand=a):
                inner = of(a)
                if inner.op == CONSTANT:
                    return graph.constant(-inner.constant)
                return graph.apply("neg", inner, origin=origin)
            case ast.Compare(left=a, ops=[op], comparators=[b]) if type(op) in _COMPARED:
                return graph.apply(_COMPARED[type(op)], of(a), of(b), origin=origin)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return called(name, args)
            case _:
                raise Unreadable(ast.unparse(e))

    def called(name: str, args: Sequence[ast.expr]) -> Node:
        n = len(args)
        if n == 2 and name in _ELEMENTWISE_OF_TWO:
            return graph.apply(_ELEMENTWISE_OF_TWO[name], of(args[0]), of(args[1]), origin=origin)
        if n == 2 and (name in _REDUCED or name in _LAST):
            axis = ast.literal_eval(args[1])
            return graph.apply(_REDUCED.get(name, name), of(args[0]), origin=origin, axis=axis)
        if n == 1 and name in _LAST:
            return graph.apply(name, of(args[0]), origin=origin, axis=-1)
        if n == 1 and name in _REDUCED:
            return graph.apply(_REDUCED[name], of(args[0]), origin=origin, axis=None)
        found = [of(a) for a in args]
        if name == "dot" and flat and n == 2:
            return graph.apply("matmul", *found, origin=origin)
        if name in _SHORT and n == len(_SHORT[name][0]):
            params, body = _SHORT[name]
            return written(graph, body, dict(zip(params, found)), origin, flat)
        if (n == 1 and name in UNARY) or (n == 2 and name in BINARY) or name in _OTHERS:
            return graph.apply(_RENAMED.get(name, name), *found, origin=origin)
        raise Unreadable(f"{name}()")

    return of(parsed(text))
