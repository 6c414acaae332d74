"""libcst's concrete syntax → the IR. Total: what has no form becomes `ir.Opaque` or `ir.Pass`."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence

import libcst as cst

from vaelint import ir
from vaelint.source.quick import MOST_BITS

_BINARY = {
    "Add": "+", "Subtract": "-", "Multiply": "*", "Divide": "/", "FloorDivide": "//", "Modulo": "%", "Power": "**",
    "MatrixMultiply": "@", "BitAnd": "&", "BitOr": "|", "BitXor": "^", "LeftShift": "<<", "RightShift": ">>",
}  # fmt: skip
_UNARY = {"Minus": "-", "Plus": "+", "BitInvert": "~", "Not": "not"}
_COMPARE = {
    "LessThan": "<", "GreaterThan": ">", "LessThanEqual": "<=", "GreaterThanEqual": ">=", "Equal": "==",
    "NotEqual": "!=", "In": "in", "NotIn": "not in", "Is": "is", "IsNot": "is not",
}  # fmt: skip


class Lowering:
    """Lowers one unit; numbers nodes from ``base``. With ``keep``, remembers which libcst node each came from."""

    def __init__(self, base: int, keep: bool = False) -> None:
        self._base = self._next = base
        self.origins: dict[int, cst.CSTNode] | None = {} if keep else None

    @property
    def count(self) -> int:
        return self._next - self._base

    def _id(self, node: cst.CSTNode) -> int:
        self._next += 1
        if self.origins is not None:
            self.origins[self._next] = node
        return self._next

    # --- statements ---

    def block(self, statements: Sequence[cst.BaseStatement | cst.BaseSmallStatement]) -> ir.Block:
        out: list[ir.Stmt] = []
        for s in statements:
            if isinstance(s, cst.SimpleStatementLine):
                out += [self._small(x) for x in s.body]
            elif isinstance(s, cst.BaseSmallStatement):
                out.append(self._small(s))
            else:
                out.append(self._compound(s))
        return tuple(out)

    def _suite(self, body: cst.BaseSuite) -> ir.Block:
        return self.block(body.body)  # an indented block or a simple suite

    def _small(self, s: cst.BaseSmallStatement) -> ir.Stmt:
        i = self._id(s)
        match s:
            case cst.Assign():
                targets = tuple(self.expr(t.target) for t in s.targets)
                return ir.Assign(i, targets, self.expr(s.value))
            case cst.AnnAssign():
                value = self.expr(s.value) if s.value is not None else None
                return ir.Assign(i, (self.expr(s.target),), value, self.expr(s.annotation.annotation))
            case cst.AugAssign():
                op = _BINARY.get(type(s.operator).__name__.removesuffix("Assign"), "?")
                return ir.AugAssign(i, op, self.expr(s.target), self.expr(s.value))
            case cst.Expr():
                return ir.ExprStmt(i, self.expr(s.value))
            case cst.Return():
                return ir.Return(i, self.expr(s.value) if s.value is not None else None)
            case cst.Import():
                return ir.Import(i, tuple((_dotted(a.name), _alias(a)) for a in s.names))
            case cst.ImportFrom():
                module = _dotted(s.module) if s.module is not None else ""
                if isinstance(s.names, cst.ImportStar):
                    return ir.ImportFrom(i, module, (("*", None),), len(s.relative))
                return ir.ImportFrom(i, module, tuple((_dotted(a.name), _alias(a)) for a in s.names), len(s.relative))
            case cst.Raise():
                return ir.Raise(i)
            case cst.Break():
                return ir.Jump(i, "break")
            case cst.Continue():
                return ir.Jump(i, "continue")
            case cst.Del():
                target = self.expr(s.target)
                return ir.Delete(i, target.items if isinstance(target, ir.Tuple) else (target,))
            case cst.Assert():
                return ir.Assert(i, self.expr(s.test))
            case cst.Global() | cst.Nonlocal():
                return ir.Scope(i, type(s).__name__.lower(), tuple(n.name.value for n in s.names))
            case _:
                return ir.Pass(i)

    def _compound(self, s: cst.BaseStatement) -> ir.Stmt:
        i = self._id(s)
        match s:
            case cst.FunctionDef():
                returns = self.expr(s.returns.annotation) if s.returns is not None else None
                decorators = tuple(self.expr(d.decorator) for d in s.decorators)
                params = self._params(s.params)
                body = self._suite(s.body)
                return ir.FunctionDef(i, s.name.value, params, body, decorators, returns, s.asynchronous is not None)
            case cst.ClassDef():
                bases = tuple(self.expr(a.value) for a in s.bases)
                keywords = tuple(self._arg(a) for a in s.keywords)
                decorators = tuple(self.expr(d.decorator) for d in s.decorators)
                return ir.ClassDef(i, s.name.value, bases, keywords, self._suite(s.body), decorators)
            case cst.If():
                return self._if(i, s)
            case cst.For():
                target, items = self.expr(s.target), self.expr(s.iter)
                return ir.For(i, target, items, self._suite(s.body), self._orelse(s.orelse))
            case cst.While():
                return ir.While(i, self.expr(s.test), self._suite(s.body), self._orelse(s.orelse))
            case cst.With():
                items_ = tuple(
                    (self.expr(w.item), self.expr(w.asname.name) if w.asname is not None else None) for w in s.items
                )
                return ir.With(i, items_, self._suite(s.body))
            case cst.Try() | cst.TryStar():
                body = self._suite(s.body)
                handlers = tuple((_handler_name(h), self._suite(h.body)) for h in s.handlers)
                final = self._suite(s.finalbody.body) if s.finalbody is not None else ()
                return ir.Try(i, body, handlers, self._orelse(s.orelse), final)
            case cst.Match():
                return ir.Match(i, self.expr(s.subject), tuple(self._suite(c.body) for c in s.cases))
            case _:
                return ir.Pass(i)

    def _if(self, i: int, s: cst.If) -> ir.If:
        # Each `elif` hangs below the one before: go down the chain with a list, not with Python's stack.
        arms = []
        while True:
            arms.append((i, self.expr(s.test), self._suite(s.body)))
            if not isinstance(s.orelse, cst.If):
                break
            s = s.orelse
            i = self._id(s)
        i, test, body = arms.pop()
        out = ir.If(i, test, body, self._orelse(s.orelse))
        for i, test, body in reversed(arms):
            out = ir.If(i, test, body, (out,))
        return out

    def _orelse(self, orelse: cst.Else | None) -> ir.Block:
        return self._suite(orelse.body) if orelse is not None else ()

    def _params(self, p: cst.Parameters) -> tuple[ir.Param, ...]:
        out = [self._param(x) for x in (*p.posonly_params, *p.params)]
        if isinstance(p.star_arg, cst.Param):
            out.append(self._param(p.star_arg, "*"))
        out += [self._param(x, kwonly=True) for x in p.kwonly_params]
        if p.star_kwarg is not None:
            out.append(self._param(p.star_kwarg, "**"))
        return tuple(out)

    def _param(self, p: cst.Param, star: str = "", kwonly: bool = False) -> ir.Param:
        i = self._id(p)
        default = self.expr(p.default) if p.default is not None else None
        annotation = self.expr(p.annotation.annotation) if p.annotation is not None else None
        return ir.Param(i, p.name.value, default, annotation, star, kwonly)

    # --- expressions ---

    def expr(self, e: cst.CSTNode) -> ir.Expr:
        lower = _EXPRESSIONS.get(type(e))
        if lower is None:
            return ir.Opaque(self._id(e), type(e).__name__)
        return lower(self, e)

    def _arg(self, a: cst.Arg) -> ir.Arg:
        i = self._id(a.value)
        return ir.Arg(i, self.expr(a.value), a.keyword.value if a.keyword is not None else None, a.star)

    def _binary(self, e: cst.BinaryOperation) -> ir.Expr:
        # A long sum leans to the left: go down it with a list, not with Python's stack.
        chain = []
        x: cst.BaseExpression = e
        while isinstance(x, cst.BinaryOperation):
            chain.append((x, self._id(x)))
            x = x.left
        out = self.expr(x)
        for node, i in reversed(chain):
            out = ir.Binary(i, _BINARY.get(type(node.operator).__name__, "?"), out, self.expr(node.right))
        return out

    def _string(self, e: cst.SimpleString | cst.ConcatenatedString) -> ir.Expr:
        i = self._id(e)
        if isinstance(e, cst.ConcatenatedString):
            left, right = self.expr(e.left), self.expr(e.right)
            if isinstance(left, ir.Const) and isinstance(right, ir.Const) and type(left.value) is type(right.value):
                return ir.Const(i, left.value + right.value)  # type: ignore[operator]
            parts = [x for x in (left, right) if isinstance(x, ir.FString)]
            texts = [x.text if isinstance(x, ir.FString) else str(getattr(x, "value", "")) for x in (left, right)]
            return ir.FString(i, "".join(texts), tuple(v for x in parts for v in x.values))
        return ir.Const(i, _literal(e.value))

    def _fstring(self, e: cst.FormattedString) -> ir.Expr:
        i = self._id(e)
        text, values = "", []
        for part in e.parts:
            if isinstance(part, cst.FormattedStringText):
                text += part.value
            elif isinstance(part, cst.FormattedStringExpression):
                text += "{}"
                values.append(self.expr(part.expression))
        return ir.FString(i, text, tuple(values))

    def _subscript(self, e: cst.Subscript) -> ir.Expr:
        i = self._id(e)
        base = self.expr(e.value)
        parts = [self._index(s.slice) for s in e.slice]
        alone = len(parts) == 1 and not isinstance(e.slice[0].comma, cst.Comma)
        return ir.Subscript(i, base, parts[0] if alone else ir.Tuple(self._id(e), tuple(parts)))

    def _index(self, s: cst.BaseSlice) -> ir.Expr:
        if isinstance(s, cst.Slice):
            i = self._id(s)
            lower, upper, step = (self.expr(x) if x is not None else None for x in (s.lower, s.upper, s.step))
            return ir.Slice(i, lower, upper, step)
        if isinstance(s, cst.Index):
            value = self.expr(s.value)
            return ir.Star(self._id(s), value) if s.star else value
        return ir.Opaque(self._id(s), type(s).__name__)

    def _elements(self, elements: Sequence[cst.BaseElement]) -> tuple[ir.Expr, ...]:
        out: list[ir.Expr] = []
        for x in elements:
            i = self._id(x) if isinstance(x, cst.StarredElement) else 0
            value = self.expr(x.value)
            out.append(ir.Star(i, value) if isinstance(x, cst.StarredElement) else value)
        return tuple(out)

    def _dict(self, e: cst.Dict) -> ir.Expr:
        i = self._id(e)
        items: list[tuple[ir.Expr | None, ir.Expr]] = []
        for x in e.elements:
            if isinstance(x, cst.DictElement):
                items.append((self.expr(x.key), self.expr(x.value)))
            else:
                items.append((None, self.expr(x.value)))
        return ir.Dict(i, tuple(items))

    def _comprehension(self, e: cst.BaseSimpleComp | cst.DictComp) -> ir.Expr:
        i = self._id(e)
        loops = []
        loop: cst.CompFor | None = e.for_in
        while loop is not None:
            j = self._id(loop)
            target, items = self.expr(loop.target), self.expr(loop.iter)
            loops.append(ir.CompFor(j, target, items, tuple(self.expr(t.test) for t in loop.ifs)))
            loop = loop.inner_for_in
        if isinstance(e, cst.DictComp):
            return ir.Comp(i, "dict", self.expr(e.key), self.expr(e.value), tuple(loops))
        kind = {cst.ListComp: "list", cst.SetComp: "set"}.get(type(e), "generator")
        return ir.Comp(i, kind, self.expr(e.elt), None, tuple(loops))

    def _bool(self, e: cst.BooleanOperation) -> ir.Expr:
        chain = []
        x: cst.BaseExpression = e
        while isinstance(x, cst.BooleanOperation):
            chain.append((x, self._id(x)))
            x = x.left
        out = self.expr(x)
        for node, i in reversed(chain):
            out = ir.BoolOp(i, "and" if isinstance(node.operator, cst.And) else "or", out, self.expr(node.right))
        return out

    def _compare(self, e: cst.Comparison) -> ir.Expr:
        i = self._id(e)
        left = self.expr(e.left)
        rest = tuple((_COMPARE.get(type(c.operator).__name__, "?"), self.expr(c.comparator)) for c in e.comparisons)
        return ir.Compare(i, left, rest)

    def _call(self, e: cst.Call) -> ir.Expr:
        # A chain of calls (`x.a().b().c()`) nests as deep as it is long, but no longer than people write.
        i = self._id(e)
        func = self.expr(e.func)
        return ir.Call(i, func, tuple(self._arg(a) for a in e.args))


def expression(text: str, node: int) -> ir.Expr | None:
    """A type that is written as a string, to be read and not to be pointed at; None where it is none."""
    try:
        return Lowering(node).expr(cst.parse_expression(text.strip()))
    except (cst.ParserSyntaxError, RecursionError):
        return None


def _literal(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError):
        return text  # a literal of a newer Python than ours


def _integer(text: str) -> object:
    """A number that computing with floats can take: a larger one is as good as infinite."""
    value = _literal(text)
    return value if isinstance(value, int) and value.bit_length() <= MOST_BITS else math.inf


def _dotted(e: cst.CSTNode) -> str:
    if isinstance(e, cst.Name):
        return e.value
    if isinstance(e, cst.Attribute):
        return f"{_dotted(e.value)}.{e.attr.value}"
    return ""


def _alias(a: cst.ImportAlias) -> str | None:
    return a.asname.name.value if a.asname is not None and isinstance(a.asname.name, cst.Name) else None


def _handler_name(h: cst.ExceptHandler | cst.ExceptStarHandler) -> str | None:
    return h.name.name.value if h.name is not None and isinstance(h.name.name, cst.Name) else None


def _name(x: Lowering, e: cst.Name) -> ir.Expr:
    constants: dict[str, object] = {"None": None, "True": True, "False": False}
    if e.value in constants:
        return ir.Const(x._id(e), constants[e.value])
    return ir.Name(x._id(e), e.value)


def _with_id(make: Callable[[Lowering, int, cst.CSTNode], ir.Expr]) -> Callable[[Lowering, cst.CSTNode], ir.Expr]:
    return lambda x, e: make(x, x._id(e), e)


# One row a form: the table is the grammar that we know. (Untyped rows: each gets just the node it is filed under.)
_EXPRESSIONS: dict[type, Callable[..., ir.Expr]] = {
    cst.Name: _name,
    cst.Integer: lambda x, e: ir.Const(x._id(e), _integer(e.value)),
    cst.Float: lambda x, e: ir.Const(x._id(e), _literal(e.value)),
    cst.Imaginary: lambda x, e: ir.Const(x._id(e), _literal(e.value)),
    cst.Ellipsis: lambda x, e: ir.Const(x._id(e), ...),
    cst.SimpleString: Lowering._string,
    cst.ConcatenatedString: Lowering._string,
    cst.FormattedString: Lowering._fstring,
    cst.Attribute: _with_id(lambda x, i, e: ir.Attr(i, x.expr(e.value), e.attr.value)),  # type: ignore[attr-defined]
    cst.Call: Lowering._call,
    cst.Subscript: Lowering._subscript,
    cst.BinaryOperation: Lowering._binary,
    cst.UnaryOperation: _with_id(
        lambda x, i, e: ir.Unary(i, _UNARY[type(e.operator).__name__], x.expr(e.expression))  # type: ignore[attr-defined]
    ),
    cst.BooleanOperation: Lowering._bool,
    cst.Comparison: Lowering._compare,
    cst.IfExp: _with_id(lambda x, i, e: ir.IfExp(i, x.expr(e.test), x.expr(e.body), x.expr(e.orelse))),  # type: ignore[attr-defined]
    cst.Lambda: _with_id(lambda x, i, e: ir.Lambda(i, x._params(e.params), x.expr(e.body))),  # type: ignore[attr-defined]
    cst.Tuple: _with_id(lambda x, i, e: ir.Tuple(i, x._elements(e.elements))),  # type: ignore[attr-defined]
    cst.List: _with_id(lambda x, i, e: ir.List(i, x._elements(e.elements))),  # type: ignore[attr-defined]
    cst.Set: _with_id(lambda x, i, e: ir.Set(i, x._elements(e.elements))),  # type: ignore[attr-defined]
    cst.Dict: Lowering._dict,
    cst.ListComp: Lowering._comprehension,
    cst.SetComp: Lowering._comprehension,
    cst.GeneratorExp: Lowering._comprehension,
    cst.DictComp: Lowering._comprehension,
    cst.NamedExpr: _with_id(lambda x, i, e: ir.Walrus(i, x.expr(e.target), x.expr(e.value))),  # type: ignore[attr-defined]
    cst.Await: _with_id(lambda x, i, e: ir.Await(i, x.expr(e.expression))),  # type: ignore[attr-defined]
    cst.Yield: _with_id(lambda x, i, e: ir.Yield(i, x.expr(_yielded(e)) if e.value is not None else None)),  # type: ignore[attr-defined]
}


def _yielded(e: cst.CSTNode) -> cst.CSTNode:
    value = getattr(e, "value", e)
    return value.item if isinstance(value, cst.From) else value
