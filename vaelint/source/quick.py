"""Python's own syntax tree → the IR: what `vaelint.source.lower` makes of libcst's tree, in a tenth of the time.

Nodes get the very numbers that they get there, so that either may say where one stands. What Python's parser of this
version does not take, or does not tell apart, raises `Unclear`: libcst's is asked then.
"""

from __future__ import annotations

import ast
import math
import re
import sys
import warnings
from collections.abc import Callable, Sequence

from vaelint import ir

MOST_BITS = 1000  # of a number
MOST_OF_TYPE = 200  # characters of a type that is written as a string: a longer one is not read
EXACT_IN_STRINGS = sys.version_info >= (3, 12)  # whether the parser knows where the parts of an f-string stand
Span = tuple[int, int, int, int]  # row, column, end row, end column; from 1, the end exclusive

_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip
_UNARY: dict[type[ast.unaryop], str] = {ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not"}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.Gt: ">", ast.LtE: "<=", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.In: "in",
    ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip


class Unclear(Exception):
    """Python's tree does not say what libcst's would."""


def parse(text: str) -> ast.Module:
    """Raises `Unclear` for what Python does not take."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Unclear from error


def expression(text: str, node: int) -> ir.Expr:
    """A type that is written as a string, as `vaelint.source.lower.expression` has it. Raises `Unclear`."""
    text = text.strip()
    body = parse(text).body if _AROUND.isdisjoint(text) else []
    match body:
        case [ast.Expr(value=value)] if not isinstance(value, (ast.Yield, ast.YieldFrom, ast.Await)):
            return Lowering(node, [text]).expr(value)
        case _:
            raise Unclear


def typed(text: str) -> ir.Expr:
    """An expression that was typed in, or is stated beside code. Raises SyntaxError where it is no Python."""
    text = text.strip()
    try:
        return Lowering(0, text.split("\n")).expr(ast.parse(text, mode="eval").body)
    except Unclear:
        return ir.Opaque(0, text)


_AROUND = frozenset("#;\\\n\r\f")  # what Python takes beside one expression


class Lowering:
    """Lowers one unit; numbers nodes from ``base``. ``lines``: of the text that was parsed.

    With ``keep``, ``spans`` has where the nodes stand, as far as Python's tree says the same of it as libcst's.
    """

    def __init__(self, base: int, lines: Sequence[str], keep: bool = False) -> None:
        self._base = self._next = base
        self._lines = lines
        self._keep = keep
        self._in_string = 0
        self.spans: dict[int, Span] = {}

    @property
    def count(self) -> int:
        return self._next - self._base

    def _id(self, node: ast.AST | None = None) -> int:
        self._next += 1
        if self._keep and node is not None and not self._in_string and hasattr(node, "lineno"):
            self.spans[self._next] = self._span(node)
        return self._next

    def _span(self, node: ast.AST) -> Span:
        row, end = node.lineno, node.end_lineno  # type: ignore[attr-defined]
        column, end_column = node.col_offset, node.end_col_offset  # type: ignore[attr-defined]
        return row, self._column(row, column) + 1, end, self._column(end, end_column) + 1

    def _column(self, row: int, offset: int) -> int:
        """The column, in characters, that so many bytes of a row end at."""
        line = self._lines[row - 1]
        return offset if line.isascii() else len(line.encode()[:offset].decode(errors="replace"))

    def _text(self, node: ast.expr) -> str:
        """An expression as it is written."""
        row, column, end, end_column = self._span(node)
        if row == end:
            return self._lines[row - 1][column - 1 : end_column - 1]
        first, last = self._lines[row - 1][column - 1 :], self._lines[end - 1][: end_column - 1]
        return "\n".join((first, *self._lines[row : end - 1], last))

    # --- statements ---

    def block(self, statements: Sequence[ast.stmt]) -> ir.Block:
        return tuple([self._statement(s) for s in statements])

    def _statement(self, s: ast.stmt) -> ir.Stmt:
        lower = _STATEMENTS.get(type(s))
        if lower is None:
            return ir.Pass(self._id(s))
        return lower(self, s)

    def _assign(self, s: ast.Assign) -> ir.Stmt:
        i = self._id(s)
        return ir.Assign(i, tuple([self.expr(t) for t in s.targets]), self.expr(s.value))

    def _annotated(self, s: ast.AnnAssign) -> ir.Stmt:
        i = self._id(s)
        value = self.expr(s.value) if s.value is not None else None
        return ir.Assign(i, (self.expr(s.target),), value, self.expr(s.annotation))

    def _augmented(self, s: ast.AugAssign) -> ir.Stmt:
        i = self._id(s)
        return ir.AugAssign(i, _BINARY.get(type(s.op), "?"), self.expr(s.target), self.expr(s.value))

    def _delete(self, s: ast.Delete) -> ir.Stmt:
        i = self._id(s)
        if len(s.targets) == 1:
            target = self.expr(s.targets[0])
            return ir.Delete(i, target.items if isinstance(target, ir.Tuple) else (target,))
        self._id()
        return ir.Delete(i, tuple([self.expr(t) for t in s.targets]))

    def _imported(self, s: ast.ImportFrom) -> ir.Stmt:
        names = tuple([(a.name, a.asname) for a in s.names])
        return ir.ImportFrom(self._id(s), s.module or "", names, s.level)

    def _function(self, s: ast.FunctionDef | ast.AsyncFunctionDef) -> ir.Stmt:
        i = self._id()
        returns = self.expr(s.returns) if s.returns is not None else None
        decorators = tuple([self.expr(d) for d in s.decorator_list])
        params = self._params(s.args)
        body = self.block(s.body)
        return ir.FunctionDef(i, s.name, params, body, decorators, returns, isinstance(s, ast.AsyncFunctionDef))

    def _class(self, s: ast.ClassDef) -> ir.Stmt:
        i = self._id()
        bases = tuple([self.expr(b.value if isinstance(b, ast.Starred) else b) for b in s.bases])
        keywords = tuple([self._keyword(k) for k in s.keywords])
        decorators = tuple([self.expr(d) for d in s.decorator_list])
        return ir.ClassDef(i, s.name, bases, keywords, self.block(s.body), decorators)

    def _if(self, s: ast.If) -> ir.Stmt:
        # Each `elif` hangs below the one before: go down the chain with a list, not with Python's stack.
        arms = [(self._id(), self.expr(s.test), self.block(s.body))]
        while len(s.orelse) == 1 and isinstance(s.orelse[0], ast.If):
            s = s.orelse[0]
            arms.append((self._id(), self.expr(s.test), self.block(s.body)))
        i, test, body = arms.pop()
        out = ir.If(i, test, body, self.block(s.orelse))
        for i, test, body in reversed(arms):
            out = ir.If(i, test, body, (out,))
        return out

    def _for(self, s: ast.For | ast.AsyncFor) -> ir.Stmt:
        i = self._id()
        target, items = self.expr(s.target), self.expr(s.iter)
        return ir.For(i, target, items, self.block(s.body), self.block(s.orelse))

    def _with(self, s: ast.With | ast.AsyncWith) -> ir.Stmt:
        i = self._id()
        items = tuple(
            [
                (self.expr(w.context_expr), self.expr(w.optional_vars) if w.optional_vars is not None else None)
                for w in s.items
            ]
        )
        return ir.With(i, items, self.block(s.body))

    def _try(self, s: ast.Try) -> ir.Stmt:
        i = self._id()
        body = self.block(s.body)
        handlers = tuple([(h.name, self.block(h.body)) for h in s.handlers])
        final = self.block(s.finalbody)
        return ir.Try(i, body, handlers, self.block(s.orelse), final)

    def _params(self, a: ast.arguments) -> tuple[ir.Param, ...]:
        plain = [*a.posonlyargs, *a.args]
        defaults = [*[None] * (len(plain) - len(a.defaults)), *a.defaults]
        out = [self._param(p, d) for p, d in zip(plain, defaults)]
        if a.vararg is not None:
            out.append(self._param(a.vararg, None, "*"))
        out += [self._param(p, d, kwonly=True) for p, d in zip(a.kwonlyargs, a.kw_defaults)]
        if a.kwarg is not None:
            out.append(self._param(a.kwarg, None, "**"))
        return tuple(out)

    def _param(self, p: ast.arg, value: ast.expr | None, star: str = "", kwonly: bool = False) -> ir.Param:
        i = self._id()
        default = self.expr(value) if value is not None else None
        annotation = self.expr(p.annotation) if p.annotation is not None else None
        return ir.Param(i, p.arg, default, annotation, star, kwonly)

    # --- expressions ---

    def expr(self, e: ast.expr) -> ir.Expr:
        lower = _EXPRESSIONS.get(type(e))
        if lower is None:
            raise Unclear
        return lower(self, e)

    def _keyword(self, k: ast.keyword) -> ir.Arg:
        i = self._id(_placed(k.value))
        return ir.Arg(i, self.expr(k.value), k.arg, "" if k.arg is not None else "**")

    def _arg(self, a: ast.expr | ast.keyword) -> ir.Arg:
        if isinstance(a, ast.keyword):
            return self._keyword(a)
        star = isinstance(a, ast.Starred)
        value = a.value if isinstance(a, ast.Starred) else a
        i = self._id(_placed(value))
        return ir.Arg(i, self.expr(value), None, "*" if star else "")

    def _call(self, e: ast.Call) -> ir.Expr:
        i = self._id(e)
        func = self.expr(e.func)
        args: list[ast.expr | ast.keyword] = [*e.args, *e.keywords]
        if e.keywords and any(isinstance(a, ast.Starred) for a in e.args):
            if self._in_string and not EXACT_IN_STRINGS:
                raise Unclear
            args.sort(key=lambda a: (a.lineno, a.col_offset))  # `f(a=1, *b)`
        return ir.Call(i, func, tuple([self._arg(a) for a in args]))

    def _constant(self, e: ast.Constant) -> ir.Expr:
        value = e.value
        if isinstance(value, (str, bytes)):
            return self._string(e, value)
        i = self._id(e)
        if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > MOST_BITS:
            return ir.Const(i, math.inf)  # computing with floats cannot take it
        return ir.Const(i, value)

    def _string(self, e: ast.Constant, value: str | bytes) -> ir.Expr:
        i = self._id(e)
        if not self._in_string or EXACT_IN_STRINGS:
            text = self._text(e)
            if _ONE.fullmatch(text) is None:  # its parts have numbers of their own
                self._next += 2 * len(_pieces(text)) - 2
        return ir.Const(i, value)

    def _joined(self, e: ast.JoinedStr) -> ir.Expr:
        if self._in_string and not EXACT_IN_STRINGS:
            raise Unclear
        pieces = _pieces(self._text(e))
        values = [x for x in e.values if isinstance(x, ast.FormattedValue)]
        if sum(count for _, count in pieces) != len(values):
            raise Unclear
        first = self._id(e)
        out: list[ir.Expr] = []
        self._in_string += 1
        for number, (_, count) in enumerate(pieces):
            if len(pieces) > 1:
                self._next += 1 if number in (0, len(pieces) - 1) else 2
            out += [self.expr(x.value) for x in values[len(out) : len(out) + count]]
        self._in_string -= 1
        return ir.FString(first, "".join(text for text, _ in pieces), tuple(out))

    def _attribute(self, e: ast.Attribute) -> ir.Expr:
        i = self._id(e)
        return ir.Attr(i, self.expr(e.value), e.attr)

    def _subscript(self, e: ast.Subscript) -> ir.Expr:
        i = self._id(e)
        base = self.expr(e.value)
        index = e.slice
        if not isinstance(index, ast.Tuple):
            return ir.Subscript(i, base, self.expr(index))
        if not index.elts or (self._in_string and not EXACT_IN_STRINGS) or self._begins(index, "("):
            raise Unclear  # whether the brackets are around all of them
        if any(isinstance(x, ast.Starred) for x in index.elts):
            raise Unclear
        parts = tuple([self.expr(x) for x in index.elts])
        return ir.Subscript(i, base, ir.Tuple(self._id(e), parts))

    def _begins(self, e: ast.expr, mark: str) -> bool:
        return self._lines[e.lineno - 1].startswith(mark, self._column(e.lineno, e.col_offset))

    def _slice(self, e: ast.Slice) -> ir.Expr:
        i = self._id()
        return ir.Slice(i, *(self.expr(x) if x is not None else None for x in (e.lower, e.upper, e.step)))

    def _binary(self, e: ast.BinOp) -> ir.Expr:
        # A long sum leans to the left: go down it with a list, not with Python's stack.
        chain = []
        x: ast.expr = e
        while isinstance(x, ast.BinOp):
            chain.append((x, self._id(x)))
            x = x.left
        out = self.expr(x)
        for node, i in reversed(chain):
            out = ir.Binary(i, _BINARY.get(type(node.op), "?"), out, self.expr(node.right))
        return out

    def _unary(self, e: ast.UnaryOp) -> ir.Expr:
        i = self._id(e)
        return ir.Unary(i, _UNARY[type(e.op)], self.expr(e.operand))

    def _bool(self, e: ast.BoolOp) -> ir.Expr:
        chain = [self._id(e if n == 0 else None) for n in range(len(e.values) - 1)]
        out = self.expr(e.values[0])
        for i, x in zip(reversed(chain), e.values[1:]):
            out = ir.BoolOp(i, "and" if isinstance(e.op, ast.And) else "or", out, self.expr(x))
        return out

    def _compare(self, e: ast.Compare) -> ir.Expr:
        i = self._id(e)
        left = self.expr(e.left)
        rest = tuple([(_COMPARE.get(type(op), "?"), self.expr(x)) for op, x in zip(e.ops, e.comparators)])
        return ir.Compare(i, left, rest)

    def _chosen(self, e: ast.IfExp) -> ir.Expr:
        i = self._id(e)
        return ir.IfExp(i, self.expr(e.test), self.expr(e.body), self.expr(e.orelse))

    def _lambda(self, e: ast.Lambda) -> ir.Expr:
        i = self._id(e)
        return ir.Lambda(i, self._params(e.args), self.expr(e.body))

    def _elements(self, elements: Sequence[ast.expr]) -> tuple[ir.Expr, ...]:
        out: list[ir.Expr] = []
        for x in elements:
            if isinstance(x, ast.Starred):
                i = self._id()
                out.append(ir.Star(i, self.expr(x.value)))
            else:
                out.append(self.expr(x))
        return tuple(out)

    def _tuple(self, e: ast.Tuple) -> ir.Expr:
        i = self._id()
        return ir.Tuple(i, self._elements(e.elts))

    def _list(self, e: ast.List) -> ir.Expr:
        i = self._id(e)
        return ir.List(i, self._elements(e.elts))

    def _set(self, e: ast.Set) -> ir.Expr:
        i = self._id(e)
        return ir.Set(i, self._elements(e.elts))

    def _dict(self, e: ast.Dict) -> ir.Expr:
        i = self._id(e)
        items = [(self.expr(k) if k is not None else None, self.expr(v)) for k, v in zip(e.keys, e.values)]
        return ir.Dict(i, tuple(items))

    def _comprehension(self, e: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> ir.Expr:
        i = self._id(None if isinstance(e, ast.GeneratorExp) else e)
        loops = []
        for loop in e.generators:
            j = self._id()
            target, items = self.expr(loop.target), self.expr(loop.iter)
            loops.append(ir.CompFor(j, target, items, tuple([self.expr(t) for t in loop.ifs])))
        if isinstance(e, ast.DictComp):
            return ir.Comp(i, "dict", self.expr(e.key), self.expr(e.value), tuple(loops))
        return ir.Comp(i, _KINDS[type(e)], self.expr(e.elt), None, tuple(loops))

    def _walrus(self, e: ast.NamedExpr) -> ir.Expr:
        i = self._id(e)
        return ir.Walrus(i, self.expr(e.target), self.expr(e.value))

    def _await(self, e: ast.Await) -> ir.Expr:
        i = self._id(e)
        return ir.Await(i, self.expr(e.value))

    def _yield(self, e: ast.Yield | ast.YieldFrom) -> ir.Expr:
        i = self._id(e)
        return ir.Yield(i, self.expr(e.value) if e.value is not None else None)

    def _name(self, e: ast.Name) -> ir.Expr:
        return ir.Name(self._id(e), e.id)


_KINDS: dict[type, str] = {ast.ListComp: "list", ast.SetComp: "set", ast.GeneratorExp: "generator"}


def _placed(value: ast.expr) -> ast.expr | None:
    """An expression, where Python and libcst agree where it stands: brackets are part of these for one of them."""
    return None if isinstance(value, (ast.Tuple, ast.GeneratorExp)) else value


# One row a form: the table is the grammar that we know. (Untyped rows: each gets just the node it is filed under.)
_STATEMENTS: dict[type[ast.stmt], Callable[..., ir.Stmt]] = {
    ast.Assign: Lowering._assign,
    ast.AnnAssign: Lowering._annotated,
    ast.AugAssign: Lowering._augmented,
    ast.Expr: lambda x, s: ir.ExprStmt(x._id(s), x.expr(s.value)),
    ast.Return: lambda x, s: ir.Return(x._id(s), x.expr(s.value) if s.value is not None else None),
    ast.Import: lambda x, s: ir.Import(x._id(s), tuple([(a.name, a.asname) for a in s.names])),
    ast.ImportFrom: Lowering._imported,
    ast.Raise: lambda x, s: ir.Raise(x._id(s)),
    ast.Break: lambda x, s: ir.Jump(x._id(s), "break"),
    ast.Continue: lambda x, s: ir.Jump(x._id(s), "continue"),
    ast.Delete: Lowering._delete,
    ast.Assert: lambda x, s: ir.Assert(x._id(s), x.expr(s.test)),
    ast.Global: lambda x, s: ir.Scope(x._id(s), "global", tuple(s.names)),
    ast.Nonlocal: lambda x, s: ir.Scope(x._id(s), "nonlocal", tuple(s.names)),
    ast.FunctionDef: Lowering._function,
    ast.AsyncFunctionDef: Lowering._function,
    ast.ClassDef: Lowering._class,
    ast.If: Lowering._if,
    ast.For: Lowering._for,
    ast.AsyncFor: Lowering._for,
    ast.While: lambda x, s: ir.While(x._id(), x.expr(s.test), x.block(s.body), x.block(s.orelse)),
    ast.With: Lowering._with,
    ast.AsyncWith: Lowering._with,
    ast.Try: Lowering._try,
    ast.Match: lambda x, s: ir.Match(x._id(), x.expr(s.subject), tuple([x.block(c.body) for c in s.cases])),
}
if sys.version_info >= (3, 11):
    _STATEMENTS[ast.TryStar] = Lowering._try
_EXPRESSIONS: dict[type[ast.expr], Callable[..., ir.Expr]] = {
    ast.Name: Lowering._name,
    ast.Constant: Lowering._constant,
    ast.JoinedStr: Lowering._joined,
    ast.Attribute: Lowering._attribute,
    ast.Call: Lowering._call,
    ast.Subscript: Lowering._subscript,
    ast.Slice: Lowering._slice,
    ast.BinOp: Lowering._binary,
    ast.UnaryOp: Lowering._unary,
    ast.BoolOp: Lowering._bool,
    ast.Compare: Lowering._compare,
    ast.IfExp: Lowering._chosen,
    ast.Lambda: Lowering._lambda,
    ast.Tuple: Lowering._tuple,
    ast.List: Lowering._list,
    ast.Set: Lowering._set,
    ast.Dict: Lowering._dict,
    ast.ListComp: Lowering._comprehension,
    ast.SetComp: Lowering._comprehension,
    ast.GeneratorExp: Lowering._comprehension,
    ast.DictComp: Lowering._comprehension,
    ast.NamedExpr: Lowering._walrus,
    ast.Await: Lowering._await,
    ast.Yield: Lowering._yield,
    ast.YieldFrom: Lowering._yield,
}

# --- strings as they are written -----------------------------------------------------------------

_PLAIN = (
    r"""(?:\"{3}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*\"{3}|'{3}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'{3}"""
    r"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
)
_ONE = re.compile(r"[a-zA-Z]{0,2}" + _PLAIN, re.S)
_BETWEEN = re.compile(r"(?:[ \t\r\n\f()]|\\\r?\n|\#[^\n]*)*")
_OPENS = re.compile(r"""([a-zA-Z]{0,2})(\"{3}|'{3}|"|')""")
_IN_TEXT = re.compile(r"""\\N\{[^}\n]*\}|\\[^{}]|\{\{|\}\}|[{]|\"{3}|'{3}|["']""", re.S)
_IN_RAW = re.compile(r"""\\[^{}]|\{\{|\}\}|[{]|\"{3}|'{3}|["']""", re.S)
_IN_CODE = re.compile(r"""[(\[{}\])]|!=|[!:]|[a-zA-Z]{0,2}["']|\#[^\n]*""")
_IN_FORMAT = re.compile(r"[{}]")
_CLOSING = {")": "(", "]": "[", "}": "{"}


def _pieces(text: str) -> list[tuple[str, int]]:
    """Of strings written behind each other, of each: the text (as written, ``{}`` for an expression), how many are in.

    The text of what is no f-string is its value.
    """
    out: list[tuple[str, int]] = []
    at = _BETWEEN.match(text).end()  # type: ignore[union-attr]
    while at < len(text):
        opens = _OPENS.match(text, at)
        if opens is None:
            raise Unclear
        if "f" in opens.group(1).lower():
            piece, count, at = _formatted(text, opens)
            out.append((piece, count))
        else:
            whole = _ONE.match(text, at)
            if whole is None:
                raise Unclear
            out.append((str(_value(whole.group())), 0))
            at = whole.end()
        at = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]
    if not out:
        raise Unclear
    return out


def _value(text: str) -> object:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError) as error:
        raise Unclear from error


def _formatted(text: str, opens: re.Match[str]) -> tuple[str, int, int]:
    """An f-string as `_pieces` has it, and where it ends."""
    reads = _IN_RAW if "r" in opens.group(1).lower() else _IN_TEXT
    quotes, at, kept, count = opens.group(2), opens.end(), "", 0
    while True:
        m = reads.search(text, at)
        if m is None:
            raise Unclear
        token = m.group()
        if token[0] in "\"'":
            if text.startswith(quotes, m.start()):
                return kept + text[at : m.start()], count, m.start() + len(quotes)
            kept, at = kept + text[at : m.start() + 1], m.start() + 1
        elif token == "{":
            kept, count = kept + text[at : m.start()] + "{}", count + 1
            at = _behind_field(text, m.end())
        else:
            kept, at = kept + text[at : m.end()], m.end()


def _behind_field(text: str, at: int) -> int:
    """Where a field ends that begins behind this brace."""
    open_: list[str] = []
    while True:
        m = _IN_CODE.search(text, at)
        if m is None:
            raise Unclear
        token, at = m.group(), m.end()
        if token in ("(", "[", "{"):
            open_.append(token)
        elif token in _CLOSING:
            if not open_:
                if token == "}":
                    return at
                raise Unclear
            if open_.pop() != _CLOSING[token]:
                raise Unclear
        elif token == ":" and not open_:
            return _behind_format(text, at)
        elif token[-1] in "\"'":
            at = _behind_string(text, m.start())


def _behind_format(text: str, at: int) -> int:
    while True:
        m = _IN_FORMAT.search(text, at)
        if m is None:
            raise Unclear
        if m.group() == "}":
            return m.end()
        at = _behind_field(text, m.end())


def _behind_string(text: str, at: int) -> int:
    opens = _OPENS.match(text, at)
    if opens is None:
        raise Unclear
    if "f" in opens.group(1).lower():
        return _formatted(text, opens)[2]
    whole = _ONE.match(text, at)
    if whole is None:
        raise Unclear
    return whole.end()
