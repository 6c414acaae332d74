"""Where an unresolved value comes from, by the text alone: what would have to be followed to resolve it.

Syntax only, and only inside the function around the place: an instrument must not share the blind spots of what it
measures.
"""

from __future__ import annotations

import ast
import re

Function = ast.FunctionDef | ast.AsyncFunctionDef


def named(reason: str) -> str:
    """The expression that a reason is about: what it quotes first."""
    m = re.search(r"`([^`]+)`", reason)
    return m[1] if m else ""


def origin(text: str, row: int, expression: str) -> str:
    """A few words, the same for the like; "" where the text or the expression does not parse."""
    try:
        tree = ast.parse(text)
        node = ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return ""
    around = [n for n in ast.walk(tree) if isinstance(n, Function) and n.lineno <= row <= (n.end_lineno or n.lineno)]
    inner = max(around, key=lambda n: n.lineno, default=None)
    classes = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.lineno <= row <= (n.end_lineno or 0)]
    own = {m.name for c in classes for m in c.body if isinstance(m, Function)}
    return _describe(node, _Place(tree, inner, own, row), depth=3)


class _Place:
    """What is in scope at a row."""

    def __init__(self, tree: ast.Module, function: Function | None, methods: set[str], row: int) -> None:
        self.function, self.methods, self.row = function, methods, row
        self.defined = {n.name for n in ast.walk(tree) if isinstance(n, (Function, ast.ClassDef))}
        self.imported = {
            (a.asname or a.name).split(".")[0]
            for n in ast.walk(tree)
            if isinstance(n, (ast.Import, ast.ImportFrom))
            for a in n.names
        }
        arguments = function.args if function else None
        self.parameters = (
            {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)} if arguments else set()
        )

    def binding(self, name: str) -> tuple[ast.expr, bool] | None:
        """The last value bound to a name above the row, and whether it is a part of that value."""
        best: tuple[int, ast.expr, bool] | None = None
        for n in ast.walk(self.function) if self.function else ():
            if isinstance(n, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and n.value and n.lineno < self.row:
                for target in n.targets if isinstance(n, ast.Assign) else [n.target]:
                    whole = isinstance(target, ast.Name) and target.id == name
                    part = any(isinstance(x, ast.Name) and x.id == name for x in getattr(target, "elts", ()))
                    if (whole or part) and (best is None or n.lineno > best[0]):
                        best = (n.lineno, n.value, part)
        return best[1:] if best else None


def _describe(node: ast.expr, place: _Place, depth: int) -> str:
    if isinstance(node, ast.Call):
        return _call(node, place, depth)
    if isinstance(node, ast.Name):
        bound = place.binding(node.id)
        if bound is not None and depth > 0:
            return ("a part of " if bound[1] else "") + _describe(bound[0], place, depth - 1)
        if node.id in place.parameters:
            return "a parameter"
        return "a loop's or an outer function's variable"
    if isinstance(node, ast.Subscript):
        return "an item of " + _describe(node.value, place, depth - 1) if depth > 0 else "an item"
    if isinstance(node, ast.Attribute):
        if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
            return "an attribute of self"
        return "an attribute of " + _describe(node.value, place, depth - 1) if depth > 0 else "an attribute"
    if isinstance(node, (ast.BinOp, ast.UnaryOp)):
        return "arithmetic"
    return type(node).__name__.lower()


_TENSOR = {"mean", "sum", "item", "detach", "to", "float", "squeeze", "view", "reshape", "clone", "unsqueeze"}


def _call(node: ast.Call, place: _Place, depth: int) -> str:
    f = node.func
    if isinstance(f, ast.Name):
        if f.id in place.parameters:
            return "a call of a parameter"
        if f.id in place.imported:
            return "a call of an imported name"
        return "a call of a function or class of the file" if f.id in place.defined else "a call of a local value"
    if isinstance(f, ast.Attribute):
        if f.attr in _TENSOR:
            # `x = x.mean()` in a loop describes itself
            return _describe(f.value, place, depth - 1) if depth > 0 else "a call"
        if isinstance(f.value, ast.Name) and f.value.id in ("self", "cls"):
            return "a call of a method of the class" if f.attr in place.methods else "a call of self's attribute"
        if isinstance(f.value, ast.Call) and isinstance(f.value.func, ast.Name) and f.value.func.id == "super":
            return "a call of a base's method"
        root = f.value
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and root.id in place.imported:
            return "a call of an imported name"
        return "a call of another object's method"
    return "a call of a call's result"
