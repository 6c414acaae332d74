"""The one reader of expressions: what one is called, its terms and factors with their signs, what its names stand for.

Nothing is evaluated. What a name was bound to is asked of the frame that it stands in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from itertools import islice
from typing import NamedTuple, cast

from vaelint import ir
from vaelint.graph.spellings import FILLED, KEPT
from vaelint.infer.values import Frame, Function, Number
from vaelint.ir import leading, number, walk
from vaelint.records import replace

__all__ = ["leading", "number", "walk"]  # and all below

Terms = list[tuple[int, ir.Expr]]

REDUCTIONS = frozenset({"mean", "sum", "average", "nanmean", "nansum", "reduce_mean", "reduce_sum"})
LESS = {"<": 1, "<=": 1, ">": -1, ">=": -1}  # the sign that has `a op b` say: sign * (a - b) is below zero
MAX_SUMMANDS = 24  # a longer sum is one term: no law is about it
_SHAPES = KEPT | REDUCTIONS | {"detach"}


# --- what it is called ---------------------------------------------------------------------------


def dotted(e: ir.Expr) -> str:
    """``a.b.c`` of a name or attribute (a call's function); anything else is empty."""
    if isinstance(e, ir.Call):
        return dotted(e.func)
    if isinstance(e, ir.Name):
        return e.name
    if isinstance(e, ir.Attr):
        base = dotted(e.base)
        return f"{base}.{e.name}" if base else ""
    return ""


def last(e: ir.Expr | None) -> str:
    """``c`` of ``a.b.c``, the name alone; nothing of anything else."""
    return e.name if isinstance(e, (ir.Name, ir.Attr)) else ""


def last_word(e: ir.Expr) -> str:
    """What an expression is called: the last word of a dotted name, the key of an item."""
    match e:
        case ir.Name(name=n) | ir.Attr(name=n):
            return n
        case ir.Subscript(base=b, index=i):
            return i.value if isinstance(i, ir.Const) and isinstance(i.value, str) else last_word(b)
        case ir.Call(func=func):
            return last(func)
        case _:
            return ""


def head(e: ir.Expr) -> ir.Expr:
    """The dotted name that an expression begins with: ``a.b`` of ``a.b(x)[0].mean()``."""
    found = e
    while True:
        match e:
            case ir.Call(func=inner) | ir.Subscript(base=inner):
                found = e = inner
            case ir.Attr(base=base):
                e = base
            case _:
                return found


def has_minus(e: ir.Node | None) -> bool:
    """Whether anything in it is subtracted or negated."""
    return any(isinstance(x, (ir.Binary, ir.Unary)) and x.op == "-" for x in walk(e))


def has_square(e: ir.Node | None) -> bool:
    return any(squared(x) is not None for x in walk(e) if isinstance(x, (ir.Binary, ir.Call)))


def calls_in(e: ir.Node | None) -> set[str]:
    """The last words of what is called in it."""
    return {last(x.func) for x in walk(e) if isinstance(x, ir.Call)}


def held_by(target: ir.Expr) -> str:
    """The name that a target goes by: the last word of a dotted name, the key of an item."""
    match target:
        case ir.Name(name=name) | ir.Attr(name=name):
            return name
        case ir.Subscript(index=ir.Const(value=str(key))):
            return key
    return ""


def name(e: ir.Expr) -> str:
    """The last name of what is indexed, called or looked up: ``self.rewards[t]`` → ``rewards``."""
    while True:
        match e:
            case ir.Subscript(index=ir.Const(value=str(key))):
                return key
            case ir.Subscript(base=base):
                e = base
            case ir.Call(func=ir.Attr(base=base, name=shape)) if shape in _SHAPES:
                e = base
            case ir.Attr(base=base, name=shape) if shape in _SHAPES:
                e = base
            case ir.Call(func=func):
                e = func
            case ir.Unary(operand=x):
                e = x
            case ir.Name(name=n) | ir.Attr(name=n):
                return n
            case _:
                return ""


# --- terms and factors ---------------------------------------------------------------------------


def summands(e: ir.Expr, sign: int = 1) -> Terms:
    """The terms of a sum with their signs, through parentheses and minuses."""
    out: Terms = []
    stack = [(sign, e)]
    while stack:
        s, x = stack.pop()
        match x:
            case ir.Binary(op="+" | "-" as op, left=a, right=b):
                stack += ((s if op == "+" else -s, b), (s, a))
            case ir.Unary(op="-", operand=a):
                stack.append((-s, a))
            case _:
                out.append((s, x))
        if len(out) + len(stack) > MAX_SUMMANDS:
            return [(sign, e)]
    return out


def opened(e: ir.Expr, sign: int = 1) -> Terms:
    """`summands`, through numbers in front of parentheses, too; a product that begins with a minus is a negative term.

    ``-0.5 * (a - gamma * b)`` → ``(-1, a), (1, gamma * b)``.
    """
    out: Terms = []
    for s, x in summands(e, sign):
        match x:
            case ir.Binary(op="*", left=a, right=b) if (k := number(a)) and isinstance(b, (ir.Binary, ir.Unary)):
                out += opened(b, s if k > 0 else -s)
            case ir.Binary(op="*" | "/", left=a) if leading(a) < 0:
                out.append((-s, x))
            case ir.Binary(op="*" | "/", left=a, right=b) if (k := number(b)) and isinstance(a, (ir.Binary, ir.Unary)):
                out += opened(a, s if k > 0 else -s)
            case _:
                out.append((s, x))
    return out


def is_zero(e: ir.Expr) -> bool:
    return isinstance(e, ir.Const) and e.value == 0


def unsigned(e: ir.Expr) -> ir.Expr:
    """Without a minus in front."""
    return e.operand if isinstance(e, ir.Unary) and e.op == "-" else e


class Product(NamedTuple):
    """The factors above and below the line; ``sign``: of the minuses in front of any of them."""

    sign: int
    above: list[ir.Expr]
    below: list[ir.Expr]

    @property
    def way(self) -> int:
        """The sign with that of the numbers among them."""
        turns = sum(number(x) < 0 for x in (*self.above, *self.below))
        return self.sign if turns % 2 == 0 else -self.sign


def product(e: ir.Expr, ops: str = "*/", calls: Set[str] = frozenset()) -> Product:
    """What is multiplied and divided, from left to right; ``calls``: functions and methods that multiply, too."""
    sign = 1
    above: list[ir.Expr] = []
    below: list[ir.Expr] = []
    stack = [(1, e)]
    while stack:
        way, x = stack.pop()
        match x:
            case ir.Unary(op="-", operand=a):
                sign = -sign
                stack.append((way, a))
            case ir.Binary(op=op, left=a, right=b) if op in ops:
                stack += ((-way if op == "/" else way, b), (way, a))
            case ir.Call(func=ir.Attr(base=ir.Name(), name=w), args=(ir.Arg(value=a), ir.Arg(value=b))) if w in calls:
                stack += ((way, b), (way, a))
            case ir.Call(func=ir.Attr(base=a, name=w), args=(ir.Arg(value=b),)) if w in calls:
                stack += ((way, b), (way, a))
            case _:
                (above if way > 0 else below).append(x)
    return Product(sign, above, below)


def factors(e: ir.Expr) -> list[ir.Expr]:
    """What is multiplied, without the signs; a quotient is one factor."""
    return product(e, "*").above


def complement(e: ir.Expr) -> ir.Expr | None:
    """w of ``1 - w``."""
    return e.right if isinstance(e, ir.Binary) and e.op == "-" and number(e.left) == 1 else None


def difference(e: ir.Expr) -> tuple[ir.Expr, ir.Expr] | None:
    """a and b of ``a - b``, ``a.sub(b)`` and ``np.subtract(a, b)``."""
    match e:
        case ir.Binary(op="-", left=a, right=b):
            return a, b
        case ir.Call(
            func=ir.Attr(name="subtract" | "sub"), args=(ir.Arg(name=None, value=a), ir.Arg(name=None, value=b))
        ):
            return a, b
        case ir.Call(func=ir.Attr(base=a, name="subtract" | "sub"), args=(ir.Arg(value=b),)):
            return a, b
    return None


def targets(s: ir.Stmt) -> list[ir.Expr]:
    """What an assignment binds, one by one: ``a, b = c = x`` → a, b, c."""
    found = s.targets if isinstance(s, ir.Assign) else (s.target,) if isinstance(s, ir.AugAssign) else ()
    return [x for t in found for x in (t.items if isinstance(t, (ir.Tuple, ir.List)) else (t,))]


def same(a: ir.Node | None, b: ir.Node | None) -> bool:
    """Whether two expressions are written alike, wherever they stand; nothing is shortened, as in a text of them."""
    stack: list[tuple[object, object]] = [(a, b)]
    while stack:
        x, y = stack.pop()
        if type(x) is not type(y):
            return False
        if isinstance(x, ir.Node):
            stack += ((getattr(x, name), getattr(y, name)) for name in ir.parts_of(type(x)))
        elif isinstance(x, tuple) and isinstance(y, tuple):
            if len(x) != len(y):
                return False
            stack += zip(x, y)
        elif x != y:
            return False
    return True


def leaves(e: ir.Expr, through: Set[str], sign: int = 1) -> Iterator[tuple[int, ir.Expr]]:
    """What an expression goes up or down with, through sums, products and the functions ``through``."""
    match e:
        case ir.Binary(op="+" | "-" as op, left=a, right=b):
            yield from leaves(a, through, sign)
            yield from leaves(b, through, sign if op == "+" else -sign)
        case ir.Binary(op="*", left=a, right=b):
            yield from leaves(a, through, sign * leading(b))
            yield from leaves(b, through, sign * leading(a))
        case ir.Binary(op="/", left=a, right=b):
            yield from leaves(a, through, sign * leading(b))
            yield from leaves(b, through, -sign * leading(a))
        case ir.Unary(op="-", operand=x):
            yield from leaves(x, through, -sign)
        case ir.Call(func=func) if last(func) in through and (of := argument(e)) is not None:
            yield from leaves(of, through, sign)
        case _:
            yield sign, e


def numerator(e: ir.Expr, inverse: Set[str]) -> tuple[int, ir.Expr] | None:
    """What is divided, or multiplied by a number or what is called an ``inverse``, with its sign."""
    sign = 1
    while True:
        match e:
            case ir.Unary(op="-", operand=x):
                e, sign = x, -sign
            case ir.Binary(op="/", left=x, right=r) if not has_minus(r):
                e = x
            case ir.Binary(op="*", left=k, right=x) if number(k) or last(k) in inverse:
                e, sign = x, -sign if number(k) < 0 else sign
            case ir.Binary(op="*"):
                return None
            case _:
                return sign, e


def updated(e: ir.Expr) -> str:
    """The name of what is updated: the last part of a dotted name, the base of an index, the receiver of ``add_``."""
    match e:
        case ir.Name(name=n):
            return n
        case ir.Attr(base=b, name=n):
            return updated(b) if n in ("data", "value") else n
        case ir.Subscript(base=b, index=i):
            return str(i.value) if isinstance(i, ir.Const) and isinstance(i.value, str) else updated(b)
        case ir.Call(func=ir.Attr(base=b, name=n)) if n.endswith("_") or n in ("detach", "clone"):
            return updated(b)  # `average.mul_(beta).add_(…)`, `adv.detach() + step`
        case _:
            return ""


def limited(e: ir.Call) -> ir.Expr | None:
    """x of ``min(1, x)``, ``x.clamp(max=1)``, ``clip(x, 0, 1)``; None where more than one is no number."""
    inner = [a.value for a in e.args if not number(a.value) and not is_zero(a.value)]
    if not inner and isinstance(e.func, ir.Attr):
        inner = [e.func.base]
    return inner[0] if len(inner) == 1 else None


def without_margin(e: ir.Expr) -> ir.Expr:
    """A side of a comparison without a margin (``best - min_delta``) and without conversions."""
    while True:
        match e:
            case ir.Binary(op="+" | "-" | "*", left=left) if not isinstance(left, ir.Const):
                e = left
            case ir.Walrus(target=target):
                e = target
            case ir.Call(func=ir.Name(name="float" | "round" | "int"), args=args) if args:
                e = args[0].value
            case ir.Call(func=ir.Attr(name="tensor" | "as_tensor" | "asarray" | "array"), args=(first, *_)):
                e = first.value
            case ir.Call(func=ir.Attr(base=base, name="item" | "cpu" | "detach" | "numpy"), args=()):
                e = base
            case _:
                return e


# Attributes and methods that hand on the number they are asked of.
_HAND_ON = frozenset(
    (
        "avg", "val", "value", "values", "mean", "average", "global_avg", "data", "item", "cpu", "numpy", "detach",
        "float", "compute", "result", "tolist", "squeeze", "sum", "median", "min", "max", "copy", "clone", "double",
        "get_average",
    )
)  # fmt: skip
_WRAPPERS = frozenset(
    (
        "float", "round", "int", "mean", "nanmean", "average", "sum", "median", "array", "asarray", "tensor",
        "as_tensor", "stack", "item", "to_numpy", "as_float", "ceil", "floor", "list", "tuple", "str", "abs",
    )
)  # fmt: skip


def signed_name(e: ir.Expr) -> tuple[str, int]:
    """The name that an expression goes by, and the sign in front of it; an empty name where it has none."""
    match e:
        case ir.Name(name=n):
            return n, 1
        case ir.Attr(base=b, name=n):
            return signed_name(b) if n in _HAND_ON else (n, 1)
        case ir.Subscript(base=b, index=ir.Const(value=str(key))):
            return key, 1
        case ir.Subscript(base=b):
            return signed_name(b)
        case ir.Unary(op="-", operand=x):
            name, sign = signed_name(x)
            return name, -sign
        case ir.Call():
            return _name_of_call(e)
        case ir.Binary(op="-", left=ir.Const(), right=x):
            name, sign = signed_name(x)
            return name, -sign
        case ir.Binary(op=("+" | "-" | "*" | "/"), left=x, right=ir.Const(value=v)) if not _negative(v):
            return signed_name(x)
        case ir.Binary(op="*", left=ir.Const(value=v), right=x) if not _negative(v):
            return signed_name(x)
    return "", 1


def _name_of_call(e: ir.Call) -> tuple[str, int]:
    if isinstance(e.func, ir.Attr):
        first = e.args[0].value if e.args else None
        if e.func.name in ("get", "pop", "scalar") and isinstance(first, ir.Const) and isinstance(first.value, str):
            return first.value, 1
        if e.func.name in _HAND_ON and (not e.args or not isinstance(e.func.base, ir.Name)):
            return signed_name(e.func.base)
        if e.func.name in _WRAPPERS and e.args:
            return signed_name(e.args[0].value)
        return e.func.name, 1
    if isinstance(e.func, ir.Name):
        if e.func.name in _WRAPPERS and e.args:
            return signed_name(e.args[0].value)
        return e.func.name, 1
    return "", 1


def _negative(v: object) -> bool:
    return isinstance(v, (int, float)) and v < 0


# --- what is in it -------------------------------------------------------------------------------


def stripped(e: ir.Expr, words: Set[str]) -> ir.Expr:
    """Without the attributes, and methods without arguments, of these names around it: x of ``x.data.clone()``."""
    while True:
        match e:
            case ir.Attr(base=base, name=w) | ir.Call(func=ir.Attr(base=base, name=w), args=()) if w in words:
                e = base
            case _:
                return e


def argument(e: ir.Expr) -> ir.Expr | None:
    """What a function of one value is taken of, also as a method: x of ``log(x)``, ``x.log()`` and ``x.sum(-1)``."""
    if not isinstance(e, ir.Call):
        return None
    given = e.args[0].value if e.args and e.args[0].name is None and not e.args[0].star else None
    axes = given.items if isinstance(given, ir.Tuple) else (given,)
    if isinstance(e.func, ir.Attr) and all(x is None or isinstance(x, (ir.Const, ir.Unary)) for x in axes):
        return e.func.base
    return given


def exponent(e: ir.Expr) -> ir.Expr | None:
    """x of ``exp(x)`` and ``x.exp()``."""
    match e:
        case ir.Call(func=ir.Attr(base=x, name="exp"), args=()):
            return x
        case ir.Call(func=ir.Attr(name="exp") | ir.Name(name="exp"), args=(ir.Arg(star="", value=x),)):
            return x
    return None


def squared(e: ir.Expr) -> ir.Expr | None:
    """x of ``x ** 2``, ``square(x)``, ``x.square()``, ``pow(x, 2)`` and ``x.pow(2)``."""
    match e:
        case ir.Binary(op="**", left=x, right=two) if number(two) == 2:
            return x
        case ir.Call(func=ir.Attr(base=x, name="square"), args=()):
            return x
        case ir.Call(func=ir.Attr(name="square") | ir.Name(name="square"), args=(ir.Arg(value=x), *_)):
            return x
        case ir.Call(func=ir.Attr(name="pow") | ir.Name(name="pow"), args=(ir.Arg(value=x), ir.Arg(value=two))) if (
            number(two) == 2
        ):
            return x
        case ir.Call(func=ir.Attr(base=x, name="pow"), args=(ir.Arg(value=two),)) if number(two) == 2:
            return x
    return None


def without_data(e: ir.Expr) -> ir.Expr:
    """``w.data`` → ``w``."""
    return e.base if isinstance(e, ir.Attr) and e.name == "data" else e


def reduced(e: ir.Expr) -> ir.Expr:
    """What a mean or a sum is taken of, as a method or as a library's function: ``(a + b).mean()`` → ``a + b``."""
    match e:
        case ir.Call(func=ir.Attr(base=ir.Binary() | ir.Unary() as inner, name=word)) if word in REDUCTIONS:
            return inner
        case ir.Call(func=ir.Attr(name=word), args=(ir.Arg(value=ir.Binary() | ir.Unary() as inner), *_)) if (
            word in REDUCTIONS
        ):
            return inner
        case _:
            return e


def negates(e: ir.Expr, held: str) -> bool:
    """Whether an expression is minus what a name holds, reduced or scaled: ``-torch.mean(loss)``, ``-(w * loss)``."""
    waiting, turned = [(1, e)], False
    while waiting:
        sign, x = waiting.pop()
        match x:
            case ir.Unary(op="-", operand=inner):
                waiting.append((-sign, inner))
            case ir.Binary(op="*" | "/" as op, left=a, right=b):
                waiting.append((sign if number(b) >= 0 else -sign, a))
                if op == "*":
                    waiting.append((sign if number(a) >= 0 else -sign, b))
            case ir.Call(func=func, args=args) if last(func) in REDUCTIONS:
                waiting += [(sign, func.base)] if isinstance(func, ir.Attr) else []
                waiting += [(sign, a.value) for a in args[:1]]
            case ir.Name() | ir.Attr() | ir.Subscript() if name(x) == held:
                turned = turned or sign < 0
    return turned


def reduction(e: ir.Expr) -> ir.Expr | None:
    """What a mean or a sum is taken of, as a function or a method, over whatever axis."""
    return argument(e) if isinstance(e, ir.Call) and last(e.func) in REDUCTIONS else None


def compared(e: ir.Expr) -> tuple[ir.Expr, ir.Expr] | None:
    """The lesser and the greater side of one comparison: a and b of ``a < b`` and of ``b >= a``."""
    if not isinstance(e, ir.Compare) or len(e.rest) != 1 or e.rest[0][0] not in LESS:
        return None
    op, right = e.rest[0]
    return (e.left, right) if LESS[op] > 0 else (right, e.left)


def affirmed(e: ir.Expr) -> tuple[int, ir.Expr]:
    """A condition without ``not`` and ``~`` in front of it; -1 where that turns it round."""
    sign = 1
    while isinstance(e, ir.Unary) and e.op in ("not", "~"):
        e, sign = e.operand, -sign
    return sign, e


# --- what the code around does -------------------------------------------------------------------


def bound_in(code: ir.Block) -> Iterator[tuple[ir.Expr, ir.Expr]]:
    """The targets of the assignments in it, wherever they stand, each with what it is bound to."""
    for s in walk(code):
        if isinstance(s, ir.Assign) and s.value is not None:
            for t in s.targets:
                values = s.value.items if isinstance(s.value, ir.Tuple) else ()
                parts = t.items if isinstance(t, (ir.Tuple, ir.List)) else (t,)
                fits = len(parts) == len(values) and not isinstance(t, (ir.Name, ir.Attr, ir.Subscript))
                yield from ((x, values[i] if fits else s.value) for i, x in enumerate(parts))


def negated_in(code: ir.Block) -> Iterator[ir.Expr]:
    """What has a minus in front, or is subtracted, in it."""
    for x in walk(code):
        if isinstance(x, ir.Unary) and x.op == "-":
            yield x.operand
        elif isinstance(x, ir.Binary) and x.op == "-":
            yield x.right


def negated_names(code: ir.Block) -> frozenset[str]:
    """The names of what the code negates, as it is, reduced, or as what a function is given."""
    exponents = {x.id for e in calls_of(code, "exp") if isinstance(x := exponent(e), ir.Unary)}
    negated = (x for x in walk(code) if isinstance(x, (ir.Unary, ir.Binary)) and x.op == "-" and x.id not in exponents)
    operands = (x.operand if isinstance(x, ir.Unary) else x.right for x in negated)
    return frozenset(found for x in operands for found in (name(x), name(argument(x) or x)))


def added_in(code: ir.Block) -> frozenset[tuple[object, ...]]:
    """What it adds to something, as it is or as a factor; each by its `ir.key`."""
    sums = (x for x in walk(code) if isinstance(x, ir.Binary) and x.op == "+")
    return frozenset(ir.key(y) for x in sums for y in factors(x.right))


_FILLED_WITH = {"full": 1, "full_like": 1, "new_full": 1, "fill_": 0}  # the argument that an array is filled with


def filled(e: ir.Expr) -> float | None:
    """The one number that an array is made of: ``ones_like(x)``, ``full(n, -1)``; None where it is not in sight."""
    if not isinstance(e, ir.Call):
        return None
    word = last(e.func)
    at = _FILLED_WITH.get(word, len(e.args))
    return number(e.args[at].value) or None if at < len(e.args) else FILLED.get(word)


def calls_of(code: ir.Block, method: str) -> Iterator[ir.Call]:
    """The calls of that last word in it."""
    for x in walk(code):
        if isinstance(x, ir.Call) and last(x.func) == method:
            yield x


# --- what its names stand for --------------------------------------------------------------------

MOST_NAMES = 4  # that are followed from one to the next


def bound(e: ir.Expr, f: Frame) -> ir.Expr:
    """What a name was bound to, and that name in turn; any other expression as it is."""
    for _ in range(MOST_NAMES):
        if (written := f.behind(e)) is e:
            break
        e = written
    return e


def leaves_behind(e: ir.Expr, f: Frame, opens: Callable[[ir.Expr], bool], sign: int = 1, depth: int = 8) -> Terms:
    """`leaves`, through the names that hold a sum, a product or a quotient, where they are to be opened."""
    out: Terms = []
    for s, x in leaves(e, frozenset(), sign):
        made = f.behind(x) if depth and opens(x) else x
        if made is not x and isinstance(made, (ir.Binary, ir.Unary)):
            out += leaves_behind(made, f, opens, s, depth - 1)
        else:
            out.append((s, x))
    return out[:MAX_SUMMANDS]


MOST_WITHIN = 6  # layers that a sign is looked for in
_SIZES = frozenset({"abs", "absolute", "fabs", "norm", "square", "hypot", "vector_norm", "cdist"})
_KEEP = _SHAPES | {"sqrt"}


def way_of(e: ir.Expr, f: Frame, known: Callable[[ir.Expr], int] = lambda e: 0, depth: int = MOST_WITHIN) -> int:
    """1 for what is never below zero as it is written, -1 for what is never above; 0 where neither is in sight, and
    ``known`` does not say it either."""
    if not depth or (told := known(e)):
        return told if depth else 0

    def way(x: ir.Expr) -> int:
        return way_of(x, f, known, depth - 1)

    match e:
        case ir.Const():
            return (number(e) > 0) - (number(e) < 0)
        case ir.Unary(op="-", operand=x):
            return -way(x)
        case ir.Binary(op="*" | "/", left=a, right=b):
            return way(a) * way(b)
        case _ if squared(e) is not None:
            return 1
        case ir.Binary(op="+", left=a, right=b):
            return way(a) if way(a) == way(b) else 0
        case ir.List(items=(x,)):
            return way(x)
        case ir.Call(func=func):
            word, of = last(func), argument(e)
            if word in _SIZES:
                return 1
            if word in FILLED or word in _FILLED_WITH:
                one = filled(e) or 0
                return (one > 0) - (one < 0)
            kept = func.base if isinstance(func, ir.Attr) and way(func.base) else of
            return way(kept) if word in _KEEP and kept is not None else 0
        case ir.Name(name=name):
            value, written = f.find(name), f.wrote(name)
            if isinstance(value, Number):
                return (value.value > 0) - (value.value < 0)
            return way(written) if written is not None else 0
    return 0


MOST_BARE = 12  # layers


def bare(e: ir.Expr, f: Frame, is_small: Callable[[ir.Expr], bool]) -> ir.Expr:
    """What an expression is but for its shape, its name and what keeps it within bounds."""
    seen: set[str] = set()
    for _ in range(MOST_BARE):
        match e:
            case ir.Name(name=name):
                written = f.wrote(name) if name not in seen else None  # `h = h.view(-1)`
                if written is None:
                    return e
                seen.add(name)
                e = written
            case ir.Attr(base=base, name="T"):
                e = base
            case ir.Call(func=ir.Attr(base=base, name=name)) if name in KEPT:
                e = base
            case ir.Call(func=ir.Attr(base=base, name="add" | "sub"), args=(ir.Arg(value=x),)) if is_small(x):
                e = base
            case ir.Binary(op="+" | "-", left=left, right=right) if is_small(right):
                e = left
            case ir.Subscript(base=ir.Call() as call):
                e = call
            case _:
                return e
    return e


# --- what stands behind a call -------------------------------------------------------------------

MOST_NODES = 200  # of an expression that names are put into, before and after
_NOT_KNOWN: ir.Expr = ir.Opaque(-1, "not known")


def rewritten(x: object, change: Callable[[ir.Node], object]) -> object:
    """Code with other parts in it: ``change`` yields what stands for a node (of a statement, several), or None."""
    match x:
        case tuple():
            made = [(y, rewritten(y, change)) for y in x]
            return tuple(z for y, m in made for z in (m if isinstance(y, ir.Node) and isinstance(m, tuple) else (m,)))
        case ir.Node():
            found = change(x)
            if found is not None:
                return found
            parts = {part: getattr(x, part) for part in ir.parts_of(type(x))}
            new = {part: rewritten(y, change) for part, y in parts.items()}
            return replace(x, **new) if new != parts else x
        case _:
            return x


def substituted(e: ir.Expr, given: Mapping[str, ir.Expr]) -> ir.Expr:
    """An expression with others in place of names; each part keeps its number."""

    def change(x: ir.Node) -> ir.Node | None:
        return given.get(x.name) if isinstance(x, ir.Name) else x if isinstance(x, ir.Lambda) else None

    made = cast("ir.Expr", rewritten(e, change)) if _is_small(e) else _NOT_KNOWN
    return made if _is_small(made) else _NOT_KNOWN


def _is_small(e: ir.Expr) -> bool:
    return next(islice(walk(e), MOST_NODES, None), None) is None


def after(s: ir.Stmt, known: Mapping[str, ir.Expr]) -> dict[str, ir.Expr]:
    """What names stand for after a statement, by what they stood for before; what it binds otherwise is not known."""
    plain = s.value if isinstance(s, ir.Assign) and len(s.targets) == 1 else None
    found = {x.name: _NOT_KNOWN for x in targets(s) if isinstance(x, ir.Name)}
    if plain is not None and isinstance(s, ir.Assign) and isinstance(s.targets[0], ir.Name):
        found = {s.targets[0].name: substituted(plain, known)}
    return {**known, **found}


def passed(e: ir.Call, names: Sequence[str]) -> dict[str, ir.Expr]:
    """What a call without stars passes, by parameter; ``names``: of those that take positional arguments."""
    by_position = dict(zip(names, (a.value for a in e.args if a.name is None)))
    return by_position | {a.name: a.value for a in e.args if a.name is not None}


def inlined(fn: Function, e: ir.Call) -> ir.Expr | None:
    """The one expression that a function yields for a call, where its code is straight."""
    names = [p.name for p in fn.params if not p.star]
    names = names[1:] if names[:1] in (["self"], ["cls"]) else names
    if any(a.star for a in e.args):
        return None
    known = {p.name: _NOT_KNOWN for p in fn.params if p.name in names}
    known |= passed(e, names)
    if not isinstance(fn.body, tuple):
        return substituted(fn.body, known)
    for s in fn.body[:-1]:
        if not isinstance(s, (ir.Assign, ir.AugAssign, ir.ExprStmt)):
            return None
        known = after(s, known)
    end = fn.body[-1] if fn.body else None
    return substituted(end.value, known) if isinstance(end, ir.Return) and end.value is not None else None
