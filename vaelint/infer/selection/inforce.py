"""Which of two comparisons is in force where a setting chooses: by the value that the setting has in this call.

``a < best if self.mode == "min" else a > best``, ``not maximize and a < best``, ``self.better(a, best)`` where that is
``{"min": lt, "max": gt}[mode]``: with the setting known, one comparison is left. Where nobody says what a setting is,
both may be, and nothing is concluded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vaelint import ir
from vaelint.infer.expression import affirmed, factors, last, passed, same, substituted, walk, without_margin
from vaelint.infer.seen import View
from vaelint.infer.selection.choices import KEEPS, Choices
from vaelint.infer.values import Bound, Frame, Function, Instance, Library, Literal, Number, Text, Value

MOST_STEPS = 6  # from a name or a call to what stands behind it
_OPERATORS = {
    "lt": "<", "less": "<", "le": "<=", "less_equal": "<=", "gt": ">", "greater": ">", "ge": ">=",
    "greater_equal": ">=",
}  # fmt: skip
_ENDS = (("argmin", "argmax"), ("nanargmin", "nanargmax"), ("idxmin", "idxmax"), ("min", "max"), ("nanmin", "nanmax"))
_OTHER_END = {a: b for pair in _ENDS for a, b in (pair, pair[::-1])}
_HOMES = frozenset(("operator", "numpy", "torch", "tensorflow", "jax", "math", "keras"))


class Setting(NamedTuple):
    """What chooses, and the frame in which that is written."""

    e: ir.Expr
    scope: Frame


class Chosen(NamedTuple):
    """What a test is with its settings put in, and the settings that were asked; None where they say that it fails."""

    test: ir.Expr | None
    settings: tuple[Setting, ...] = ()

    def asking(self, f: Frame, *tests: ir.Expr) -> Chosen:
        return Chosen(self.test, (*(Setting(t, f) for t in tests), *self.settings))


def chosen(view: View, e: ir.Expr, f: Frame, steps: int = MOST_STEPS) -> Chosen | None:
    """What is left of a test; None where no setting is known in it, or more than a comparison is left."""
    if not steps:
        return None
    match e:
        case ir.IfExp(test=test, body=body, orelse=orelse):
            way = _flag(view, test, f)
            found = None if way is None else chosen(view, body if way else orelse, f, steps - 1)
            return found.asking(f, test) if found is not None else None
        case ir.BoolOp():
            return _joined(view, e, f, steps)
        case ir.Unary(op="not"):
            inner = chosen(view, e.operand, f, steps - 1)
            turned = ir.Unary(e.id, "not", inner.test) if inner is not None and inner.test is not None else None
            return Chosen(turned, inner.settings) if inner is not None and turned is not None else None
        case ir.Name():
            behind = f.behind(e)
            return chosen(view, behind, f, steps - 1) if behind is not e else None
        case ir.Call():
            return _called(view, e, f, steps)
        case ir.Compare():
            return Chosen(e)
    return None


def _joined(view: View, e: ir.BoolOp, f: Frame, steps: int) -> Chosen | None:
    """Of ``maximize and a > best`` the comparison, where the flag is set; of ``x or y`` the one that may hold.

    Whether there is a best already (``best is None or …``) is no setting.
    """
    parts = [(x, _holds(view, x, f)) for x in (e.left, e.right)]
    settings = [x for x, known in parts if known is not None]
    if e.op == "and" and any(known is False for _, known in parts):
        return Chosen(None).asking(f, *settings)
    open_ = [x for x, known in parts if known is None and _none_tested(x) is None]
    if len(open_) != 1 or any(known and e.op == "or" for _, known in parts):
        return None
    found = chosen(view, open_[0], f, steps - 1)
    starts = [tested for x, _ in parts if (tested := _none_tested(x)) is not None]
    sides = _sides(found.test) if found is not None else ()
    if found is None or not all(any(same(x, side) for side in sides) for x in starts):
        return None
    return found.asking(f, *settings)


def _sides(e: ir.Expr | None) -> tuple[ir.Expr, ...]:
    sides = (e.left, *(x for _, x in e.rest)) if isinstance(e, ir.Compare) else ()
    return tuple(map(without_margin, sides))


def _none_tested(e: ir.Expr) -> ir.Expr | None:
    match e:
        case ir.Compare(left=left, rest=(("is" | "is not", ir.Const(value=None)),)):
            return left
    return None


def _holds(view: View, e: ir.Expr, f: Frame) -> bool | None:
    """Whether settings alone decide a condition, and how: ``mode == "max" and a > best`` fails in mode `"min"`."""
    if isinstance(e, ir.BoolOp):
        sides = [_holds(view, x, f) for x in (e.left, e.right)]
        decides = e.op == "or"
        return decides if decides in sides else None if None in sides else not decides
    return _flag(view, e, f)


def _flag(view: View, e: ir.Expr, f: Frame) -> bool | None:
    if isinstance(e, ir.Const):
        return None
    value = view.value(e, f)
    return value.value if isinstance(value, Literal) and isinstance(value.value, bool) else None


def _called(view: View, e: ir.Call, f: Frame, steps: int) -> Chosen | None:
    """What a comparison's operator, or a function of the project that compares, makes of what it is given."""
    if any(a.star for a in e.args) or not e.args:
        return None
    value = view.value(e.func, f)
    op = operator_of(value)
    if op is not None and len(e.args) == 2:
        found = Chosen(ir.Compare(e.id, e.args[0].value, ((op, e.args[1].value),)))
        return found if _is_written_out(view, e.func, f) else found.asking(f, e.func)
    return _of_function(view, value, e, f, steps)


def operator_of(value: Value) -> str | None:
    """The comparison that a library's function makes of the two that it is given: ``<`` of ``torch.lt``."""
    root, _, path = value.path.partition(".") if isinstance(value, Library) else ("", "", "")
    return _OPERATORS.get(path.rpartition(".")[2]) if root in _HOMES else None


def _is_written_out(view: View, e: ir.Expr, f: Frame) -> bool:
    """Whether an operator stands there (``torch.lt``): nothing chose it."""
    return isinstance(e, ir.Attr) and isinstance(view.value(e.base, f), Library)


def _of_function(view: View, value: Value, e: ir.Call, f: Frame, steps: int) -> Chosen | None:
    me = value.args[0] if isinstance(value, Bound) and len(value.args) == 1 and not value.kwargs else None
    fn = value.function if me is not None and isinstance(value, Bound) else value
    if not isinstance(fn, Function):
        return None
    first = [p.name for p in fn.params if not p.star][: 1 if me is not None else 0]
    slots = _slots(fn, e, len(first))
    own = Frame(fn.module, fn.name, fn.closure, fn.owner, given=slots)
    own.vars.update({name: view.value(x, f) for name, x in slots.items()})
    own.vars.update({name: me for name in first if me is not None})
    found = _answer(view, fn.body, own, steps)
    if found is None or found.test is None:
        return found
    if first and not _is_self(e.func) and any(name in first for name in ir.names_in(found.test)):
        return None  # the record is in another object, under a name that means something else here
    chooses = isinstance(fn.body, tuple) or _is_written_out(view, e.func, f) or not isinstance(e.func, ir.Attr)
    found = Chosen(substituted(found.test, slots), found.settings)
    return found if chooses else found.asking(f, e.func)


def _slots(fn: Function, e: ir.Call, bound: int) -> dict[str, ir.Expr]:
    """What the parameters are given by a call, or by default; the first ``bound`` are given already."""
    names = [p.name for p in fn.params if not p.star][bound:]
    return {p.name: p.default for p in fn.params if p.default is not None} | passed(e, names)


def _is_self(func: ir.Expr) -> bool:
    return isinstance(func, ir.Attr) and isinstance(func.base, ir.Name) and func.base.name == "self"


def _answer(view: View, body: ir.Block | ir.Expr, f: Frame, steps: int) -> Chosen | None:
    """What a function returns, on the way that the settings take."""
    if not isinstance(body, tuple):
        return chosen(view, body, f, steps - 1)
    for s in body:
        match s:
            case ir.Return(value=value):
                return chosen(view, value, f, steps - 1) if value is not None else None
            case ir.If(test=test, body=yes, orelse=no):
                way = _flag(view, test, f)
                if way is None:
                    return None
                found = _answer(view, yes if way else no, f, steps - 1)
                if found is not None:
                    return found.asking(f, test)
            case ir.ExprStmt(value=ir.Const()) | ir.Pass():
                pass
            case _:
                return None  # what is computed on the way there is not followed
    return None


def compares_or_picks(body: ir.Block | ir.Expr) -> bool:
    """Whether anything in it may select: a comparison of sizes, a call of an operator, an extreme."""
    compares = (x for x in walk(body) if isinstance(x, ir.Compare))
    if any(op in KEEPS for x in compares for op, _ in x.rest):
        return True
    return any(isinstance(x, ir.Call) and (last(x.func) in _OTHER_END or len(x.args) == 2) for x in walk(body))


def arm(view: View, e: ir.Expr, f: Frame) -> tuple[ir.Expr, tuple[Setting, ...]]:
    """The way that settings take in ``argmin(x) if mode == "min" else argmax(x)``, and those settings."""
    settings: list[Setting] = []
    while isinstance(e, ir.IfExp) and (way := _flag(view, e.test, f)) is not None:
        settings.append(Setting(e.test, f))
        e = e.body if way else e.orelse
    return e, tuple(settings)


def is_one_of_two(node: int, f: Frame) -> bool:
    """Whether the same two are compared the other way round where it is written, or an operator was chosen."""
    if not f.module.source.holds(node):
        return False
    code = f.module.source.around(node).code
    own = next((x for x in walk(code) if x.id == node), None)
    if isinstance(own, ir.Call) and last(own.func) in _OTHER_END:
        return any(_is_other_end(own, x) for x in walk(code) if isinstance(x, ir.Call))
    if not isinstance(own, ir.Compare):
        return True  # the operator is a value
    return any(_is_other_way(own, x) for x in walk(code) if isinstance(x, ir.Compare))


def _is_other_end(a: ir.Call, b: ir.Call) -> bool:
    if last(b.func) != _OTHER_END[last(a.func)] or len(a.args) != len(b.args):
        return False
    receivers = [x.func.base if isinstance(x.func, ir.Attr) else None for x in (a, b)]
    return same(*receivers) and all(same(x.value, y.value) for x, y in zip(a.args, b.args))


def _is_other_way(a: ir.Compare, b: ir.Compare) -> bool:
    if len(a.rest) != 1 or len(b.rest) != 1 or not {a.rest[0][0], b.rest[0][0]} <= KEEPS.keys():
        return False
    (a_op, a_right), (b_op, b_right) = a.rest[0], b.rest[0]
    sides = without_margin(a.left), without_margin(a_right)
    others = without_margin(b.left), without_margin(b_right)
    if same(sides[0], others[0]) and same(sides[1], others[1]):
        return KEEPS[a_op] is not KEEPS[b_op]
    return same(sides[0], others[1]) and same(sides[1], others[0]) and KEEPS[a_op] is KEEPS[b_op]


# --- the settings around a place ---------------------------------------------------------------------


def around(view: View, node: int, f: Frame) -> tuple[Setting, ...]:
    """The settings by which a place was reached: tests around it, or of what has returned before it."""
    source = f.module.source
    tests = _tests(source.around(node).code, node) if source.holds(node) else []
    return tuple(Setting(t, f) for t in tests if _flag(view, t, f) is not None)


def signs(view: View, e: ir.Expr, f: Frame) -> tuple[Setting, ...]:
    """The settings that choose the sign of a value: ``self.sign * value``, ``value = -value`` behind a test."""
    behind = f.behind(e)
    numbers = [x for x in factors(behind) if isinstance(x, (ir.Name, ir.Attr)) and _is_sign(view.value(x, f))]
    chosen_by = tuple(Setting(x, f) for x in numbers)
    negated = isinstance(behind, ir.Unary) and behind.op == "-"
    return (*chosen_by, *around(view, behind.id, f)) if negated else chosen_by


def _is_sign(value: Value) -> bool:
    return isinstance(value, Number) and abs(value.value) == 1


def _tests(block: ir.Block, node: int) -> list[ir.Expr]:
    before: list[ir.Expr] = []
    for s in block:
        if any(x.id == node for x in walk(s)):
            return [*before, *_inner(s, node)]
        if isinstance(s, ir.If) and s.body and isinstance(s.body[-1], (ir.Return, ir.Jump)):
            before.append(s.test)
    return []


def _inner(s: ir.Stmt, node: int) -> list[ir.Expr]:
    if isinstance(s, ir.If) and not any(x.id == node for x in walk(s.test)):
        return [s.test, *_tests(s.body, node), *_tests(s.orelse, node)]
    blocks = [getattr(s, part) for part in ("body", "orelse", "finalbody") if isinstance(getattr(s, part, None), tuple)]
    return [t for block in blocks for t in _tests(block, node)]


# --- where a setting is written ----------------------------------------------------------------------


class Written(NamedTuple):
    """A setting, its value, and where that stands; ``by_default``: nobody wrote it, and ``node`` is the call."""

    name: str
    value: Text | Literal
    node: int
    by_default: bool
    of: str
    is_plain: bool = True  # what stands there is the value itself


def written(view: View, settings: tuple[Setting, ...]) -> Written | None:
    """The first of the settings whose place is in sight."""
    for e, f in settings:
        for x in _names(e):
            found = _attribute(view, x, f) if isinstance(x, ir.Attr) else _parameter(view, x, f)
            if found is not None and view.home is not None and view.home.holds(found.node):
                return found
    return None


def _names(e: ir.Expr) -> Iterator[ir.Name | ir.Attr]:
    return (x for x in walk(e) if isinstance(x, (ir.Name, ir.Attr)))


def _parameter(view: View, e: ir.Name, f: Frame) -> Written | None:
    given, value = f.given_for(e), view.value(e, f)
    if given is None or not isinstance(value, (Text, Literal)):
        return None
    return Written(e.name, value, given.id, False, f.name)


def _attribute(view: View, e: ir.Attr, f: Frame) -> Written | None:
    """A setting that an object was made with, or that its class computes of what it was made with."""
    me = view.value(e.base, f)
    if not isinstance(me, Instance):
        return None
    info, made = me.cls.module.class_info(me.cls), view.memory(Choices).call_of(me)
    init = info.method("__init__", me.cls) if info is not None else None
    held = _kept_under(init, e.name) if init is not None else None
    if init is None or held is None or made is None:
        return None
    attributes, of = view.attributes(me), me.cls.name
    value = attributes.get(e.name)
    for x in _names(held):
        if isinstance(x, ir.Name) and x.name in [p.name for p in init.params[1:]]:
            given = _given(init, x.name, made)
            known = _constant(given) or (value if x is held else None) or attributes.get(x.name)
            if given is not None and isinstance(known, (Text, Literal)) and (x is held or _asks(held, x)):
                by_default = all(given is not a.value for a in made.args)
                return Written(x.name, known, made.id if by_default else given.id, by_default, of)
    return (
        Written(e.name, value, held.id, False, of, isinstance(held, ir.Const))
        if isinstance(value, (Text, Literal))
        else None
    )


def _given(init: Function, name: str, made: ir.Call) -> ir.Expr | None:
    """What a parameter of a constructor gets from a call, or by default."""
    if any(a.star for a in made.args):
        return None
    slots = [p.name for p in init.params if not p.star and not p.kwonly][1:]
    return passed(made, slots).get(name) or next((p.default for p in init.params if p.name == name), None)


def _constant(e: ir.Expr | None) -> Text | Literal | None:
    value = e.value if isinstance(e, ir.Const) else None
    return Text(value) if isinstance(value, str) else Literal(value) if isinstance(value, bool) else None


def _asks(e: ir.Expr, param: ir.Expr) -> bool:
    """Whether a parameter by itself chooses what is computed: it is the index of a table, a flag, or compared."""
    for x in walk(e):
        match x:
            case ir.Subscript(index=index) if index is param:
                return True
            case ir.Call(func=ir.Attr(name="get"), args=(ir.Arg(value=first), *_)) if first is param:
                return True
            case ir.IfExp(test=test) if affirmed(test)[1] is param:
                return True
            case ir.IfExp(test=ir.Compare(left=left, rest=(("==" | "!=" | "is" | "is not", _),))) if left is param:
                return True
    return False


def started(view: View, best: ir.Expr, f: Frame) -> int:
    """Where the constructor of an object binds what a best so far starts from; -1 where that is not in sight."""
    me = view.value(best.base, f) if isinstance(best, ir.Attr) else None
    info = me.cls.module.class_info(me.cls) if isinstance(me, Instance) else None
    init = info.method("__init__", me.cls) if info is not None and isinstance(me, Instance) else None
    held = _kept_under(init, best.name) if init is not None and isinstance(best, ir.Attr) else None
    return held.id if held is not None and view.home is not None and view.home.holds(held.id) else -1


def _kept_under(init: Function, attribute: str) -> ir.Expr | None:
    """What a constructor binds to an attribute, where it does so once."""
    me = init.params[0].name if init.params else ""
    found: list[ir.Expr] = []
    for s in walk(init.body):
        if isinstance(s, ir.Assign) and s.value is not None:
            for target in s.targets:
                parts = target.items if isinstance(target, ir.Tuple) else (target,)
                values = s.value.items if isinstance(s.value, ir.Tuple) and len(s.value.items) == len(parts) else ()
                for i, t in enumerate(parts):
                    if isinstance(t, ir.Attr) and t.name == attribute and last(t.base) == me:
                        found.append(values[i] if values else s.value)
    return found[0] if len(found) == 1 else None
