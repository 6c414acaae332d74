"""A formula typed as Python text → IR, for the tables of references and for `vaelint about --expr`.

Files of a project never come this way: they are read by `vaelint.source`.
"""

from __future__ import annotations

import ast
import itertools

from vaelint import ir

_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@", ast.Mod: "%",
}  # fmt: skip
_UNARY: dict[type[ast.unaryop], str] = {ast.USub: "-", ast.UAdd: "+"}


def parse(text: str) -> ir.Expr:
    """Raises SyntaxError where the text is no Python expression. A node's id is its place in the walk."""
    return _Reader().read(ast.parse(text.strip(), mode="eval").body)


class _Reader:
    def __init__(self) -> None:
        self.ids = itertools.count()

    def read(self, e: ast.expr) -> ir.Expr:
        i = next(self.ids)
        match e:
            case ast.Constant(value=v):
                return ir.Const(i, v)
            case ast.Name(id=name):
                return ir.Name(i, name)
            case ast.Attribute(value=base, attr=name):
                return ir.Attr(i, self.read(base), name)
            case ast.BinOp(left=a, op=op, right=b) if type(op) in _BINARY:
                return ir.Binary(i, _BINARY[type(op)], self.read(a), self.read(b))
            case ast.UnaryOp(op=op1, operand=a) if type(op1) in _UNARY:
                return ir.Unary(i, _UNARY[type(op1)], self.read(a))
            case ast.Call(func=func, args=args, keywords=keywords):
                given = [ir.Arg(next(self.ids), self.read(a)) for a in args]
                given += [ir.Arg(next(self.ids), self.read(k.value), k.arg) for k in keywords]
                return ir.Call(i, self.read(func), tuple(given))
            case ast.Subscript(value=base, slice=index):
                return ir.Subscript(i, self.read(base), self.read(index))
            case ast.List(elts=items):
                return ir.List(i, tuple(self.read(x) for x in items))
            case ast.Tuple(elts=items):
                return ir.Tuple(i, tuple(self.read(x) for x in items))
            case ast.Slice(lower=a1, upper=a2, step=a3):
                low, high, step = (self.read(x) if x is not None else None for x in (a1, a2, a3))
                return ir.Slice(i, low, high, step)
            case _:
                return ir.Opaque(i, type(e).__name__)
