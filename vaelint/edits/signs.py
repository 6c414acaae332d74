"""The edits that flip a sign: of a term, of a whole expression, of a step, of what is optimised."""

from __future__ import annotations

import ast

from vaelint.edits.code import Code
from vaelint.finding import Edit, Fix, Location

_TIGHT = (ast.Call, ast.Name, ast.Attribute, ast.Subscript)
_PRODUCTS = (ast.Mult, ast.Div, ast.MatMult)
_NO_OPERAND = (
    *(ast.Tuple, ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp, ast.Starred),
    *(ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await, ast.Lambda, ast.Compare, ast.BoolOp, ast.JoinedStr),
)
_HELD = (ast.Name, ast.Attribute, ast.Subscript)
_TRAILERS = (".", "[", "(", "**")
_SHORT = 60  # of a difference whose sides are swapped, in characters: a longer one is not read at a glance
_KEEPING = frozenset({"mean", "sum"})  # methods of a term that keep its sign
_IN_PLACE = {"add_": "sub_", "sub_": "add_"}


def flipped(c: Code, at: Location) -> Fix | None:
    """The sign of a term flipped where the term stands: in front of it in a sum, else a minus put or dropped."""
    found = c.find(at)
    if found is None:
        return None
    node: ast.expr = found
    while True:
        parent = c.parents.get(node)
        match parent:
            case ast.BinOp(op=ast.Mult() | ast.Div()):
                node = parent
            case ast.UnaryOp(op=ast.USub()):
                return _dropped(c, parent)
            case ast.BinOp(op=ast.Add() | ast.Sub()) if parent.right is node:
                return _other_operator(c, parent.left, parent.op, node)
            case ast.AugAssign(op=ast.Add() | ast.Sub()):
                return _other_operator(c, parent.target, parent.op, node)
            case ast.Attribute(attr=name) if name in _KEEPING and isinstance(call := c.parents.get(parent), ast.Call):
                if call.func is not parent:
                    return alone(c, node)
                node = call
            case _:
                return alone(c, node)


def _dropped(c: Code, minus: ast.UnaryOp) -> Fix:
    """A minus with the blanks behind it."""
    start, operand = c.start(minus), c.start(minus.operand)
    end = (start[0], start[1] + 1)
    if operand[0] == start[0]:
        blanks = c.text(end, operand)
        end = (end[0], end[1] + len(blanks) - len(blanks.lstrip(" ")))
    return Fix("Drop the minus", (Edit(Location(*start, *end), ""),))


def _other_operator(c: Code, left: ast.expr, op: ast.operator, right: ast.expr) -> Fix | None:
    """``a - b`` for ``a + b``, ``a -= b`` for ``a += b``, and the other way round."""
    old, new = ("+", "-") if isinstance(op, ast.Add) else ("-", "+")
    at = c.between(left, right, old)
    return Fix(f"Change `{old}` to `{new}`", (Edit(at, new),)) if at is not None else None


def alone(c: Code, node: ast.expr) -> Fix | None:
    """A whole expression negated, or without the minus that it begins with."""
    first = node
    while isinstance(first, ast.BinOp) and isinstance(first.op, (ast.Mult, ast.Div)):
        first = first.left
    if isinstance(first, ast.UnaryOp) and isinstance(first.op, ast.USub) and c.start(first) == c.start(node):
        return _dropped(c, first) if isinstance(first.operand, _TIGHT) or not _trailer(c, node) else None
    return _negated(c, node)


def _negated(c: Code, node: ast.expr) -> Fix | None:
    """A minus in front; a method called on the result has to be that of the negated value."""
    if isinstance(node, _NO_OPERAND) or (isinstance(node, ast.Constant) and not isinstance(node.value, (int, float))):
        return None
    if _is_unpacked(c, node) or _adds_to_its_target(c, node):
        return None
    if (swapped := _swapped(c, node)) is not None:
        return swapped
    at, text = c.place(node), c.written(node)
    minus = f"-{text}" if isinstance(node, _TIGHT) else f"-({text})"
    return Fix("Put a minus in front", (Edit(at, f"({minus})" if _trailer(c, node) else minus),))


def _is_unpacked(c: Code, node: ast.expr) -> bool:
    """Whether the value of a statement is taken apart: a tuple has no negation."""
    parent = c.parents.get(node)
    return isinstance(parent, ast.Assign) and any(isinstance(t, (ast.Tuple, ast.List)) for t in parent.targets)


def _adds_to_its_target(c: Code, node: ast.expr) -> bool:
    """Whether a value is made of what its name held before: in a loop a minus would turn the sum at each pass."""
    parent = c.parents.get(node)
    if not isinstance(parent, ast.Assign) or len(parent.targets) > 1:
        return False
    held = c.written(parent.targets[0])
    return any(isinstance(x, _HELD) and c.written(x) == held for x in ast.walk(node))


def _swapped(c: Code, node: ast.expr) -> Fix | None:
    """``b - a`` for ``a - b``, where both are short, and stand without parentheses."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Sub):
        return None
    left, right = c.written(node.left), c.written(node.right)
    plain = all(isinstance(x, _TIGHT) or _is_product(x) for x in (node.left, node.right))
    between = c.text(c.end(node.left), c.start(node.right))
    if (
        not plain
        or between.strip(" ") != "-"
        or c.start(node) != c.start(node.left)
        or c.end(node) != c.end(node.right)
    ):
        return None
    text = f"{right}{between}{left}"
    return Fix(f"Swap `{left}` and `{right}`", (Edit(c.place(node), text),)) if len(text) <= _SHORT else None


def _is_product(e: ast.expr) -> bool:
    """Whether an expression is a product that begins with no minus."""
    if isinstance(e, ast.BinOp) and isinstance(e.op, _PRODUCTS):
        return _is_product(e.left) and (isinstance(e.right, _TIGHT) or _is_product(e.right))
    return isinstance(e, _TIGHT) or (isinstance(e, ast.Constant) and isinstance(e.value, (int, float)))


def _trailer(c: Code, node: ast.expr) -> bool:
    """Whether something that binds more tightly than a minus follows on the row of its end."""
    row, column = c.end(node)
    return c.lines[row - 1][column - 1 :].lstrip().startswith(_TRAILERS)


def flipped_alone(c: Code, at: Location) -> Fix | None:
    node = c.find(at)
    return alone(c, node) if node is not None else None


def step(c: Code, at: Location) -> Fix | None:
    """The sign of a step written by hand: ``p -= lr * g`` for ``p += lr * g``, ``p.sub_(g)`` for ``p.add_(g)``."""
    statement = c.statement(at)
    if isinstance(statement, ast.AugAssign):
        return _stepped(c, statement)
    node = c.find(at)
    found = [x for x in ast.walk(node) if isinstance(x, (ast.BinOp, ast.Call))] if node is not None else []
    fixes = [fix for x in found if (fix := _stepped(c, x)) is not None]
    if isinstance(node, (ast.BinOp, ast.Call)) and (own := _stepped(c, node)) is not None:
        return own
    return fixes[0] if len(fixes) == 1 else None  # of several sums within a call none is known to be the step


def _stepped(c: Code, node: ast.AugAssign | ast.BinOp | ast.Call) -> Fix | None:
    match node:
        case ast.AugAssign(op=ast.Add() | ast.Sub()):
            return _other_operator(c, node.target, node.op, node.value)
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return _other_operator(c, node.left, node.op, node.right)
        case ast.Call(func=ast.Attribute(attr=name)) if name in _IN_PLACE:
            row, column = c.end(node.func)
            new = _IN_PLACE[name]
            return Fix(f"Change `{name}` to `{new}`", (Edit(Location(row, column - len(name), row, column), new),))
        case _:
            return None


def at_the_sink(c: Code, at: Location) -> Fix | None:
    """What is backpropagated negated right there: ``(-elbo).backward()``, ``score.backward(-one)``."""
    match c.find(at):
        case ast.Call(func=ast.Attribute(attr="backward"), args=[given], keywords=[]):
            return alone(c, given)
        case ast.Call(func=ast.Attribute(value=value, attr="backward"), args=[], keywords=[]):
            if isinstance(value, ast.Call) and len(value.args) == 1 and not value.keywords:
                return alone(c, value.args[0])  # `scaler.scale(elbo).backward()`
            return alone(c, value)
        case _:
            return None
