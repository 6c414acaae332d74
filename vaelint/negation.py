"""The edit that turns the sign of an expression, as text."""

from __future__ import annotations

import ast

from vaelint.finding import Edit, Fix, Location

_TIGHT = (ast.Call, ast.Name, ast.Attribute, ast.Subscript)
_TRAILER = (".", "[", "(", "**")


def negated(text: str, behind: str, at: Location) -> Fix | None:
    """The fix that negates the expression ``text`` at ``at``, or drops its minus; None where it is no expression.

    ``behind`` is what follows on the row of its end: a method of the result must be that of the negated value.
    """
    try:
        tree = ast.parse(f"({text}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    trailed = behind.lstrip().startswith(_TRAILER)
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        rest = text[1:].lstrip()
        if not text.startswith("-") or (trailed and not isinstance(tree.operand, _TIGHT)):
            return None
        return Fix("Drop the leading `-`", (Edit(at, rest),))
    if isinstance(tree, (ast.Tuple, ast.Starred, ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await)):
        return None
    negated = f"-{text}" if isinstance(tree, _TIGHT) else f"-({text})"
    return Fix("Negate the objective", (Edit(at, f"({negated})" if trailed else negated),))
