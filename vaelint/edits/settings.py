"""The edits that change which end is selected: a setting, a comparison, a start value, a function's name."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from vaelint.edits.code import FUNCTIONS, Code
from vaelint.edits.signs import alone
from vaelint.finding import Edit, Fix, Location

_REVERSED = {ast.Gt: "<", ast.GtE: "<=", ast.Lt: ">", ast.LtE: ">="}
_WRITTEN = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<="}
_ENDS = {"max": "min", "maximum": "minimum", "argmax": "argmin", "nanargmax": "nanargmin", "fmax": "fmin"}
_OTHER_END = {**_ENDS, **{low: high for high, low in _ENDS.items()}}
_ORDERS = {"sorted": ("reverse", False), "sort": ("reverse", False), "sort_values": ("ascending", True)}
_INFINITIES = frozenset({"inf", "Inf", "infty"})


def setting(c: Code, at: Location, name: str, value: str) -> Fix | None:
    """The value of a setting: of a keyword in a call, of a key in a dict, or of the text that stands there itself."""
    node = c.find(at)
    match node:
        case ast.Call(keywords=keywords):
            held: list[ast.expr] = [k.value for k in keywords if k.arg == name]
        case ast.Dict(keys=keys, values=values):
            held = [v for k, v in zip(keys, values) if isinstance(k, ast.Constant) and k.value == name]
        case ast.Constant():
            held = [node]
        case ast.Tuple(elts=elements) if value in ("True", "False"):
            held = [x for x in elements if isinstance(x, ast.Constant) and isinstance(x.value, bool)]
        case _:
            return None
    if len(held) == 1 and isinstance(held[0], ast.Constant):
        return Fix(f"Set `{name}` to `{value}`", (Edit(c.place(held[0]), value),))
    if isinstance(node, ast.Call) and not held and all(k.arg for k in node.keywords):
        return _added(c, node, name, value)
    return None


def _added(c: Code, call: ast.Call, name: str, value: str) -> Fix | None:
    """A keyword behind the last argument of a call."""
    given = [*call.args, *(k.value for k in call.keywords)]
    if any(isinstance(a, (ast.Starred, ast.GeneratorExp)) for a in given):
        return None
    message = f"Add `{name}={value}`"
    if not given:
        row, column = c.end(call)
        empty = c.text(c.end(call.func), (row, column)) == "()"
        at = Location(row, column - 1, row, column - 1)
        return Fix(message, (Edit(at, f"{name}={value}"),)) if empty else None
    row, column = max(map(c.end, given))
    if c.text((row, column), c.end(call)).strip()[:1] not in (")", ","):
        return None  # the last argument stands in parentheses
    return Fix(message, (Edit(Location(row, column, row, column), f", {name}={value}"),))


def without_setting(c: Code, at: Location, name: str) -> Fix | None:
    """A call without one of its keywords, and without the comma before it."""
    node = c.find(at)
    if not isinstance(node, ast.Call):
        return None
    given: list[ast.expr | ast.keyword] = sorted([*node.args, *node.keywords], key=lambda x: (x.lineno, x.col_offset))
    places = [i for i, x in enumerate(given) if isinstance(x, ast.keyword) and x.arg == name]
    if len(places) != 1 or places[0] == 0:
        return None
    begin, end = (c.end(_value(given[places[0] + d])) for d in (-1, 0))
    if "(" in c.text(begin, end) or ")" in c.text(begin, end) or "#" in c.text(begin, end):
        return None  # more than the comma, the blanks and the keyword
    return Fix(f"Drop `{c.text(begin, end).lstrip(', ').strip()}`", (Edit(Location(*begin, *end), ""),))


def _value(given: ast.expr | ast.keyword) -> ast.expr:
    return given.value if isinstance(given, ast.keyword) else given


def reversed_comparison(c: Code, at: Location, best: str = "", start: str = "") -> Fix | None:
    """A comparison the other way round; with it the value that ``best`` starts from, where that would let nothing pass.

    ``start``: that of what is to be kept then, ``inf`` or ``-inf``.
    """
    node = c.find(at)
    if not isinstance(node, ast.Compare) or len(node.ops) != 1 or type(node.ops[0]) not in _REVERSED:
        return None
    old, new = _WRITTEN[type(node.ops[0])], _REVERSED[type(node.ops[0])]
    where = c.between(node.left, node.comparators[0], old)
    if where is None or where.row != node.lineno:
        return None
    begun = _wrong_start(c, node, best, start) if best else None
    others = (Edit(c.place(begun), _as_written(c, begun, start)),) if begun is not None else ()
    then = f", and start at `{others[0].content}`" if others else ""
    return Fix(f"Change `{old}` to `{new}`{then}", (*others, Edit(where, new)))


def other_end(c: Code, at: Location) -> Fix | None:
    """``min`` for ``max``, ``argmin`` for ``argmax``, and the other way round; an order reversed."""
    node = c.find(at)
    while isinstance(node, ast.Subscript) or (isinstance(node, ast.Attribute) and node.attr in ("iloc", "index")):
        node = node.value
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name) as func) if name in _OTHER_END:
            row, column = c.end(func)
            new = _OTHER_END[name]
            return Fix(f"Change `{name}` to `{new}`", (Edit(Location(row, column - len(name), row, column), new),))
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), keywords=keywords) if name in _ORDERS:
            flag, default = _ORDERS[name]
            given = [k.value for k in keywords if k.arg == flag]
            if any(not isinstance(v, ast.Constant) for v in given):
                return None
            now = bool(given[0].value) if given and isinstance(given[0], ast.Constant) else default
            return setting(c, c.place(node), flag, str(not now))
        case ast.Call(func=ast.Attribute(attr="argsort"), args=[given]):
            return alone(c, given)
        case _:
            return None


# --- what a best starts from ---------------------------------------------------------------------


def started(c: Code, at: Location, best: str, start: str) -> Fix | None:
    """Another value that a best-so-far starts from. ``at``: the comparison with it; ``start``: ``inf`` or ``-inf``."""
    node = c.find(at)
    begun = _start(c, node, best) if node is not None else None
    if begun is None:
        return None
    text = _as_written(c, begun, start)
    return Fix(f"Start at `{text}`", (Edit(c.place(begun), text),)) if text != c.written(begun) else None


def _wrong_start(c: Code, node: ast.expr, best: str, start: str) -> ast.expr | None:
    """What a best starts from, where nothing would get past it: smaller than zero, larger than something."""
    found = _start(c, node, best)
    value = _number(found) if found is not None else None
    return found if value is not None and (value <= 0 if start == "inf" else value > 0) else None


def _start(c: Code, node: ast.expr, best: str) -> ast.expr | None:
    """The number that is bound to a best-so-far, if there is one: in its function, in its class for an attribute."""
    kinds = (ast.ClassDef,) if best.startswith("self.") else FUNCTIONS
    for home in dict.fromkeys((c.around(node, kinds), c.tree)):
        found = [v for t, v in _bound(home) if ast.unparse(t) == best and _number(v) is not None] if home else []
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _bound(home: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Targets with what is bound to them."""
    for n in ast.walk(home):
        match n:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                yield from zip(targets, values)
            case ast.Assign(targets=targets, value=value):
                yield from ((t, value) for t in targets)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield target, value
            case _:
                pass


def _number(e: ast.expr) -> float | None:
    """A number, infinity as it is written included."""
    match e:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _number(operand)
            return -inner if inner is not None else None
        case ast.Call(func=ast.Name(id="float"), args=[ast.Constant(value=str(text))]):
            try:
                return float(text)
            except ValueError:
                return None
        case ast.Attribute(attr=name) | ast.Name(id=name) if name in _INFINITIES:
            return float("inf")
        case _:
            return None


def _as_written(c: Code, begun: ast.expr, start: str) -> str:
    """Infinity in the words of what stands there, if that is one: ``-np.inf`` for ``np.inf``."""
    base = begun.operand if isinstance(begun, ast.UnaryOp) else begun
    named = isinstance(base, (ast.Attribute, ast.Name))
    text = c.written(base) if named else 'float("inf")'
    return f"-{text}" if start.startswith("-") else text
