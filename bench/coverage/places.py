"""Places that are counted, found on Python's ``ast`` and by the frozen words alone; vaelint is not asked.

A place has the spans of the values that decide it: the value that meets a word, both sides of a comparison, every
member of a family. What is optimised or selected by has the span of the call.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

from bench.coverage.words import claims, measures, speaks
from bench.mutants.words import last

# --- what a place is -----------------------------------------------------------------------------

Span = tuple[int, int, int, int]  # row, column, end row, end column: from 1, in characters, the end exclusive
SORTS = (
    "assignment", "keyword", "parameter", "return", "key", "attribute", "field", "label", "docstring", "comment",
    "objective", "selection", "comparison", "siblings",
)  # fmt: skip
Speaks: TypeAlias = Callable[[str], bool]
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class Place(NamedTuple):
    """``own``: the values are read under the very name that claims, so that this name decides nothing.

    ``open``: one of the values will do (a field, that several calls may give).
    """

    sort: str
    name: str
    row: int
    function: str
    spans: tuple[Span, ...]
    own: bool = False
    open: bool = False


def find(text: str, claims: Speaks = claims, measures: Speaks = measures) -> list[Place]:
    """Every place of a module. Raises SyntaxError or ValueError where the text is not Python.

    ``claims``, ``measures``: whether a name, or a label, says which way; by the frozen words unless they are given.
    """
    tree = ast.parse(text)
    module = _Module(text, tree, claims, measures)
    made = [*module.places(), *_commented(module)]
    return sorted(dict.fromkeys(made), key=lambda p: (p.row, SORTS.index(p.sort), p.spans))


# --- the walk ------------------------------------------------------------------------------------

_LOGS = frozenset(
    {
        "log", "log_metric", "log_scalar", "add_scalar", "scalar", "logkv", "logkv_mean", "record", "record_mean",
        "log_value", "write_scalar", "add_value", "log_dict", "log_metrics", "add_scalars", "record_tabular",
        "report_scalar",
    }
)  # fmt: skip
_BARS = frozenset({"set_postfix", "set_postfix_str"})
_PLOTS = frozenset({"plot", "semilogy", "semilogx", "loglog", "scatter", "bar", "hist", "fill_between", "errorbar"})
_TAKES_LOSS = frozenset({"backward", "manual_backward"})
_OPTIMISES = frozenset({"value_and_grad", "filter_value_and_grad", "minimize", "maximize", "fmin"})
_GRADIENTS = frozenset({"grad", "filter_grad", "gradient"})  # of a Jacobian as well: what it is taken of must claim
_HOOKS = {"training_step": re.compile(r"Module|Lightning|PL"), "compute_loss": re.compile(r"Trainer$")}
_MODES = frozenset(
    {"mode", "direction", "directions", "maximize", "minimize", "greater_is_better", "higher_is_better", "metric_mode",
     "monitor_mode", "mode_monitor", "larger_is_better", "lower_is_better"}
)  # fmt: skip
_VALUES = frozenset({"min", "max", "minimize", "maximize", True, False})
_SELECTS = re.compile(r"Checkpoint|Stopping|Plateau|EarlyStop|study|scorer|Best|Tuner|Pruner|Monitor", re.I)
_MONITORS = re.compile(r"^(?:monitor|metric|metric_name|monitor_metric|metric_for_best_model|save_best_metric)$")
_MOST_IN_LABEL = 3  # words before a value in a text that are still its label
_MOST_IN_REMARK = 6  # words of a comment that names what stands beside it
_LABEL = re.compile(r"([A-Za-z][\w /.-]*?)\s*[:=]\s*$")  # "epoch 3, val loss: " before a value in a text


class _Module:
    def __init__(self, text: str, tree: ast.Module, claims: Speaks, measures: Speaks) -> None:
        self.text, self.tree = text, tree
        self.claims, self.measures = claims, measures
        self.lines = text.split("\n")
        self.functions: dict[ast.AST, str] = {}  # statement → the dotted name of what it stands in

    def span(self, node: ast.expr | ast.stmt) -> Span:
        """Of the node without brackets around it."""
        return (
            node.lineno,
            self._column(node.lineno, node.col_offset),
            node.end_lineno or node.lineno,
            self._column(node.end_lineno or node.lineno, node.end_col_offset or 0),
        )

    def _column(self, row: int, column: int) -> int:
        line = self.lines[row - 1] if row <= len(self.lines) else ""
        return (column if line.isascii() else len(line.encode()[:column].decode("utf-8", "replace"))) + 1

    def place(self, sort: str, name: str, node: ast.expr, function: str, own: bool = False) -> Place:
        return Place(sort, name, node.lineno, function, (self.span(node),), own)

    def places(self) -> Iterator[Place]:
        yield from self._families(self.tree.body, "<module>")
        yield from self._within(self.tree, "<module>", None)

    def _within(self, parent: ast.AST, function: str, around: Function | None) -> Iterator[Place]:
        for node in ast.iter_child_nodes(parent):
            inner, inside = function, around
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                inner = node.name if function == "<module>" else f"{function}.{node.name}"
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                inside = node
                yield from self._of_function(node, inner)
            elif isinstance(node, ast.ClassDef):
                yield from self._of_class(node, inner)
            elif isinstance(node, ast.stmt):
                self.functions[node] = function
                yield from self._of_statement(node, function, around)
            elif isinstance(node, ast.expr):
                yield from self._of_expression(node, function)
            yield from self._within(node, inner, inside)

    # --- statements ---

    def _of_statement(self, s: ast.stmt, function: str, around: Function | None) -> Iterator[Place]:
        if isinstance(s, ast.Assign):
            for target in s.targets:
                yield from self._bound(target, s.value, function, around)
        elif isinstance(s, (ast.AnnAssign, ast.AugAssign)) and s.value is not None:
            yield from self._bound(s.target, s.value, function, around)
        elif isinstance(s, ast.If):
            yield from self._branches(s, function)

    def _bound(self, target: ast.expr, value: ast.expr, function: str, around: Function | None) -> Iterator[Place]:
        if isinstance(target, (ast.Tuple, ast.List)):
            if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
                for part, its in zip(target.elts, value.elts):
                    yield from self._bound(part, its, function, around)
            else:
                for part in target.elts:
                    if isinstance(part, ast.Name) and self.claims(part.id):
                        read = _first_read(around or self.tree, part.id, (part.lineno, part.col_offset))
                        if read is not None:
                            where = (self.span(read),)
                            yield Place("assignment", part.id, part.lineno, function, where, own=True)
            return
        if not _is_quantity(value):
            return
        if isinstance(target, ast.Name) and self.claims(target.id) and not _is_type(target.id):
            yield self.place("assignment", target.id, value, function)
        elif isinstance(target, ast.Attribute) and self.claims(target.attr):
            yield self.place("attribute", target.attr, value, function)
        elif isinstance(target, ast.Subscript) and self.claims(key := _text(target.slice)):
            yield self.place("key", key, value, function)

    def _branches(self, s: ast.If, function: str) -> Iterator[Place]:
        """A name that claims, bound on every branch."""
        arms: list[list[ast.stmt]] = [s.body]
        rest = s.orelse
        while len(rest) == 1 and isinstance(rest[0], ast.If):
            arms.append(rest[0].body)
            rest = rest[0].orelse
        if not rest:
            return
        bound = [dict(_names_bound(arm)) for arm in (*arms, rest)]
        for name in bound[0]:
            if self.claims(name) and all(name in b for b in bound):
                yield Place("siblings", name, s.lineno, function, tuple(self.span(b[name]) for b in bound))

    # --- functions and classes ---

    def _of_function(self, f: Function, function: str) -> Iterator[Place]:
        flags = _flags(f.args)
        for a in (*f.args.posonlyargs, *f.args.args, *f.args.kwonlyargs):
            if self.claims(a.arg) and a.arg not in flags and (read := _first_read(f, a.arg, (f.lineno, 0))) is not None:
                yield Place("parameter", a.arg, a.lineno, function, (self.span(read),), own=True)
        returns = [r for r in _returns(f) if r.value is not None and _is_quantity(r.value)]
        if self.claims(f.name):
            for r in returns:
                assert r.value is not None
                yield self.place("return", f.name, r.value, function)
        sentence = _documented(ast.get_docstring(f) or "")
        if sentence and returns and not isinstance(returns[-1].value, (ast.Tuple, ast.Dict)):
            assert returns[-1].value is not None
            yield Place("docstring", sentence[:60], f.lineno, function, (self.span(returns[-1].value),))
        yield from self._families(f.body, function)

    def _of_class(self, c: ast.ClassDef, function: str) -> Iterator[Place]:
        fields = [s for s in c.body if isinstance(s, ast.AnnAssign)]
        for i, s in enumerate(fields):
            if isinstance(s.target, ast.Name) and self.claims(s.target.id) and not _text(s.value or ast.Constant(0)):
                if last(s.annotation) not in _NO_NUMBERS and (s.value is None or not _is_quantity(s.value)):
                    name = s.target.id
                    given = tuple(self.span(v) for v in self._given(c.name, name, i))
                    yield Place("field", name, s.lineno, function, given, open=True)
        hooks = {m.name: m for m in c.body if isinstance(m, Function)}
        bases = [last(b) for b in c.bases]
        for name, pattern in _HOOKS.items():
            if name in hooks and any(pattern.search(b) for b in bases):
                for r in _returns(hooks[name]):
                    if r.value is not None:
                        yield self.place("objective", name, r.value, f"{function}.{name}")

    def _given(self, cls: str, name: str, position: int) -> Iterator[ast.expr]:
        for call in ast.walk(self.tree):
            if isinstance(call, ast.Call) and last(call.func) == cls:
                yield from (k.value for k in call.keywords if k.arg == name)
                if position < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args):
                    yield call.args[position]

    def _families(self, body: list[ast.stmt], function: str) -> Iterator[Place]:
        """Overrides of one method in classes with one base; functions that one table lists."""
        methods: dict[tuple[str, str], list[Function]] = defaultdict(list)
        for c in body:
            for base in {last(b) for b in c.bases} - {"", "object"} if isinstance(c, ast.ClassDef) else ():
                for m in c.body if isinstance(c, ast.ClassDef) else ():
                    if isinstance(m, (ast.FunctionDef, ast.AsyncFunctionDef)) and self.claims(m.name):
                        methods[base, m.name].append(m)
        for (_, name), members in methods.items():
            yield from self._family(name, members, function)
        defined = {s.name: s for s in body if isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef))}
        for s in body:
            value = s.value if isinstance(s, (ast.Assign, ast.AnnAssign)) else None
            if isinstance(value, ast.Dict):
                listed = [defined[v.id] for v in value.values if isinstance(v, ast.Name) and v.id in defined]
                yield from self._family("a table", [m for m in listed if self.claims(m.name)], function)

    def _family(self, name: str, members: list[Function], function: str) -> Iterator[Place]:
        values = [[r.value for r in _returns(m) if r.value is not None and _is_quantity(r.value)] for m in members]
        if len(values) > 1 and all(values):
            yield Place("siblings", name, members[0].lineno, function, tuple(self.span(v[-1]) for v in values))

    # --- expressions ---

    def _of_expression(self, e: ast.expr, function: str) -> Iterator[Place]:
        if isinstance(e, ast.NamedExpr) and self.claims(e.target.id) and _is_quantity(e.value):
            yield self.place("assignment", e.target.id, e.value, function)
        elif isinstance(e, ast.Dict):
            for key, value in zip(e.keys, e.values):
                if key is not None and self.claims(_text(key)) and _is_quantity(value):
                    yield self.place("key", _text(key), value, function)
            yield from self._selection(e, e, dict(zip(map(_text, filter(None, e.keys)), e.values)), [], "", function)
        elif isinstance(e, ast.Compare):
            yield from self._comparison(e, function)
        elif isinstance(e, ast.JoinedStr):
            yield from self._labelled_text(e, function)
        elif isinstance(e, ast.Call):
            yield from self._of_call(e, function)

    def _comparison(self, e: ast.Compare, function: str) -> Iterator[Place]:
        if len(e.ops) == 1 and isinstance(e.ops[0], (ast.Lt, ast.Gt, ast.LtE, ast.GtE)):
            sides = [e.left, e.comparators[0]]
            if all(_is_quantity(s) and self.measures(last(s)) for s in sides):
                spans = tuple(self.span(s) for s in sides)
                yield Place("comparison", last(sides[0]), e.lineno, function, spans)

    def _labelled_text(self, e: ast.JoinedStr, function: str) -> Iterator[Place]:
        """``f"loss: {x}"``."""
        before = ""
        for part in e.values:
            if isinstance(part, ast.FormattedValue):
                label = _LABEL.search(before)
                if (
                    label
                    and len(label[1].split()) <= _MOST_IN_LABEL
                    and self.measures(label[1])
                    and _is_quantity(part.value)
                ):
                    yield self.place("label", label[1], part.value, function)
                before = ""
            elif isinstance(part, ast.Constant):
                before = str(part.value)

    def _of_call(self, e: ast.Call, function: str) -> Iterator[Place]:
        callee = last(e.func)
        named = {k.arg: k.value for k in e.keywords if k.arg is not None}
        for name, value in named.items():
            if (self.measures(name) if callee in _BARS else self.claims(name)) and _is_quantity(value):
                yield self.place("label" if callee in _BARS else "keyword", name, value, function)
        yield from self._logged(e, callee, named, function)
        if callee in _TAKES_LOSS and isinstance(e.func, ast.Attribute):
            value = e.args[0] if e.args and self.claims(last(e.args[0])) else e.func.value
            yield self.place("objective", callee, value, function)
        elif (callee in _OPTIMISES and (e.args or "fun" in named)) or (
            callee in _GRADIENTS and e.args and _is_of_claim(e.args[0])
        ):
            yield self.place("objective", callee, e, function)
        yield from self._selection(e, e, dict(named), e.args, callee, function)

    def _logged(self, e: ast.Call, callee: str, named: dict[str, ast.expr], function: str) -> Iterator[Place]:
        if callee in _LOGS and len(e.args) > 1 and self.measures(_text(e.args[0])) and _is_quantity(e.args[1]):
            yield self.place("label", _text(e.args[0]), e.args[1], function)
        if callee in _LOGS and e.args and isinstance(e.args[0], ast.Dict):
            for key, value in zip(e.args[0].keys, e.args[0].values):
                if key is not None and self.measures(_text(key)) and _is_quantity(value):
                    yield self.place("label", _text(key), value, function)
        if callee in _PLOTS and e.args and "label" in named and self.measures(_text(named["label"])):
            yield self.place("label", _text(named["label"]), e.args[-1], function)

    def _selection(
        self, e: ast.expr, at: ast.expr, named: dict[str, ast.expr], plain: list[ast.expr], callee: str, function: str
    ) -> Iterator[Place]:
        """A setting that says which way, in a call or mapping that says by what."""
        modes = [n for n, v in named.items() if n in _MODES and isinstance(v, ast.Constant) and v.value in _VALUES]
        placed = any(_text(a) in ("min", "max", "minimize", "maximize") for a in plain)
        metric = next((_text(v) for n, v in named.items() if _MONITORS.match(n) and self.measures(_text(v))), "")
        selects = bool(callee) and _SELECTS.search(callee) is not None
        if (modes and (metric or selects)) or (selects and (placed or metric)):
            yield self.place("selection", metric or callee, at, function)


# --- comments ------------------------------------------------------------------------------------


def _commented(module: _Module) -> Iterator[Place]:
    """A binding or a return with a comment that has a term in it, behind it or on the row above."""
    remarks = dict(_remarks(module.text))
    for s, function in module.functions.items():
        if isinstance(s, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return)) and s.value is not None:
            behind, above = remarks.get(s.end_lineno or 0, ""), remarks.get(s.lineno - 1, "")
            alone = above and module.lines[s.lineno - 2].lstrip().startswith("#")
            text = behind if speaks(behind) else above if alone else ""
            if len(text.split()) <= _MOST_IN_REMARK and speaks(text) and _is_quantity(s.value):
                yield module.place("comment", " ".join(text.split())[:60], s.value, function)


def _remarks(text: str) -> Iterator[tuple[int, str]]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT and not re.match(r"#\s*(?:type:|noqa|pylint|fmt|pragma)", token.string):
                yield token.start[0], token.string.lstrip("# ")
    except (tokenize.TokenError, SyntaxError):
        return


_TELLS = re.compile(r"^(?:returns?|computes?|calculates?|evaluates?|estimates?)\b[^.]*", re.I)
_SECTION = re.compile(r"^\s*(?:returns?|yields?)\s*:?\s*$", re.I)
_INLINE = re.compile(r"^\s*:?returns?:\s*(\S.*)", re.I)


def _documented(text: str) -> str:
    """The sentence of a docstring that says what is returned, if it has a term in it."""
    lines = text.split("\n")
    sentences = [m[0] for m in [_TELLS.match(lines[0].strip())] if m]
    for i, line in enumerate(lines):
        if m := _INLINE.match(line):
            sentences.append(m[1])
        elif _SECTION.match(line):
            sentences += [x for x in lines[i + 1 : i + 4] if x.strip() and not set(x.strip()) <= {"-"}][:2]
    return next((" ".join(s.split()) for s in sentences if speaks(s)), "")


# --- helpers -------------------------------------------------------------------------------------


def _is_quantity(e: ast.expr) -> bool:
    """Whether it may hold a value that goes up or down: no literal, nothing empty, no function, no object just made."""
    if isinstance(e, (ast.Constant, ast.Lambda, ast.JoinedStr, ast.Compare)):
        return False
    if isinstance(e, ast.UnaryOp):
        return not isinstance(e.op, ast.Not) and _is_quantity(e.operand)
    if isinstance(e, (ast.List, ast.Tuple, ast.Set)):
        return any(map(_is_quantity, e.elts))
    if isinstance(e, ast.Dict):
        return any(map(_is_quantity, e.values))
    if isinstance(e, ast.Call) and not isinstance(e.func, ast.Call):
        word = last(e.func)
        return not word[:1].isupper() and word not in (
            "list",
            "dict",
            "set",
            "defaultdict",
            "deque",
            "partial",
            "getattr",
        )
    return True


def _is_type(name: str) -> bool:
    """``StepReturn = tuple[…]``: a class or the name of one."""
    return name[:1].isupper() and "_" not in name and not name.isupper()


def _text(e: ast.expr) -> str:
    return e.value if isinstance(e, ast.Constant) and isinstance(e.value, str) else ""


def _is_of_claim(e: ast.expr) -> bool:
    """``loss``, ``loss_fn``, ``lambda p: loss(p)``."""
    word = last(e.body if isinstance(e, ast.Lambda) else e)
    return claims(word) or claims(re.sub(r"_?(?:fn|func|function)$", "", word))


_NO_NUMBERS = frozenset({"bool", "str", "int"})


def _flags(a: ast.arguments) -> set[str]:
    """Parameters that hold no quantity, by their annotations or defaults."""
    plain = [*a.posonlyargs, *a.args]
    given = [*zip(plain[len(plain) - len(a.defaults) :], a.defaults), *zip(a.kwonlyargs, a.kw_defaults)]
    out = {x.arg for x, d in given if isinstance(d, ast.Constant) and isinstance(d.value, (bool, str))}
    return out | {x.arg for x in (*plain, *a.kwonlyargs) if x.annotation and last(x.annotation) in _NO_NUMBERS}


def _returns(f: Function) -> list[ast.Return]:
    """Those of the function itself."""
    out: list[ast.Return] = []
    waiting: list[ast.AST] = list(reversed(f.body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Return):
            out.append(node)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            waiting += reversed(list(ast.iter_child_nodes(node)))
    return out


def _first_read(scope: ast.AST, name: str, after: tuple[int, int]) -> ast.Name | None:
    """Where a name is first read behind a place, if nothing binds it in between."""
    reads: list[ast.Name] = []
    binds: list[ast.Name] = []
    for node in ast.walk(scope):
        if isinstance(node, ast.Name) and node.id == name and (node.lineno, node.col_offset) > after:
            (reads if isinstance(node.ctx, ast.Load) else binds).append(node)
    first = min(reads, key=lambda n: (n.lineno, n.col_offset), default=None)
    if first is None or any(b.lineno < first.lineno for b in binds):
        return None
    return first


def _names_bound(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for s in body:
        if isinstance(s, ast.Assign) and len(s.targets) == 1 and _is_quantity(s.value):
            if isinstance(s.targets[0], (ast.Name, ast.Attribute)):
                yield last(s.targets[0]), s.value
