"""A move is accepted where a uniform draw lies below its probability: ``u < p`` has just that probability.

Whether something accepts is told by what it is called (``def accept(…)``, ``accepted = …``) or by what it leads to (a
proposal is kept, or what was there before is brought back); that ``p`` is the probability by its structure
(``exp(…)``, ``min(1, exp(…))``, also where a caller or a callee writes it), or by its name where the other is named,
too. That ``u`` is uniform is known by the library that draws it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from vaelint import ir
from vaelint.evidence import BY_NAMES, BY_STRUCTURE, Support
from vaelint.infer.events import Misstated
from vaelint.infer.expression import (
    affirmed,
    argument,
    compared,
    exponent,
    held_by,
    is_zero,
    last,
    last_word,
    limited,
    number,
    numerator,
    opened,
    stripped,
    walk,
)
from vaelint.infer.seen import BranchReached, CallReached, ExpressionStated, View, observes
from vaelint.infer.values import Bound, Frame, Function
from vaelint.knowledge.vocabulary import Words

LAW = "a uniform draw u in (0, 1) lies below p with probability p"
_ACCEPTS = Words("accepts")
_REJECTS = Words("rejects")
_PLAIN = Words("plain_density")
_LOG_ACCEPTANCE = Words("log_acceptance")
_LOG_DENSITY = Words("log_density")
_ENERGY = Words("energy")
_NEW = Words("proposed")
_OLD = Words("left_behind")
_DRAWS = frozenset({"random", "rand", "uniform", "random_sample", "random_uniform", "ranf"})
_LIMITS = frozenset({"low", "high", "minval", "maxval", "a", "b"})
_SHAPES = frozenset({"item", "squeeze", "to", "cpu", "detach", "numpy", "copy", "clone", "reshape", "float"})
_BOUNDS = frozenset({"min", "minimum", "clip", "clamp", "clamp_max", "float"})
_CHOOSES = frozenset({"where", "select"})
MOST_LOOKS = 8  # from a name or a call to what stands behind it


class Place(NamedTuple):
    """Where an expression stands: what a name there was bound to, and what a function there is."""

    behind: Callable[[str], tuple[ir.Expr, Place] | None]
    function: Callable[[ir.Expr], Function | None]


class Test(NamedTuple):
    """A uniform draw held against something: ``way`` is 1 where the test holds if the draw lies below, else -1."""

    way: int
    draw: ir.Expr
    chance: ir.Expr
    logarithm: bool
    at: ir.Expr
    place: Place


# --- what is seen --------------------------------------------------------------------------------


@observes(ExpressionStated)
def stated(view: View, seen: ExpressionStated) -> None:
    """``accepted = u < p``, and what a function of such a name returns."""
    e, names, f = seen.e, seen.names, seen.scope
    accepts = _named(names[0] or names[-1])
    if accepts:
        for test in _tests(e, _in_frame(view, f)):
            _judge(view, test, accepts, f, named=True)


@observes(BranchReached)
def branch(view: View, seen: BranchReached) -> None:
    """``if u < p: x = proposal``, ``if not accept(p): x = before``, ``if u < p: return True``."""
    s, after, f = seen
    answer = _answer(s.body, s.orelse or after)
    accepts = answer * _named(f.name) if answer else _led_to(s.body) or -_led_to(s.orelse)
    if accepts:
        for test in _tests(s.test, _in_frame(view, f)):
            _judge(view, test, accepts, f, named=bool(answer))


@observes(CallReached)
def called(view: View, seen: CallReached) -> None:
    """``accept(min(1, exp(…)))``: what is passed is seen here alone; ``where(u < p, proposal, x)``."""
    e, f = seen.e, seen.scope
    word = last(e.func)
    if word in _CHOOSES and len(e.args) == 3 and not any(a.name or a.star for a in e.args):
        test, one, other = (a.value for a in e.args)
        accepts = _sided(one) if _sided(one) == -_sided(other) else 0
        for found in _tests(test, _in_frame(view, f)) if accepts else ():
            _judge(view, found, accepts, f, named=False)
    elif _named(word):
        for found in _tests(e, _in_frame(view, f)):
            if found.at is not e:
                _judge(view, found, _named(word), f, named=True)


def _named(name: str) -> int:
    """1 for what is called an acceptance, -1 for a rejection, else 0."""
    accepts, rejects = _ACCEPTS.of(name), _REJECTS.of(name)
    return 0 if accepts is rejects else 1 if accepts else -1


def _answer(body: ir.Block, other: ir.Block) -> int:
    """1 for ``if …: return True`` with ``return False`` otherwise, -1 for the reverse."""
    match body[:1], other[:1]:
        case (ir.Return(value=ir.Const(value=bool() as one)),), (ir.Return(value=ir.Const(value=bool() as two)),):
            return 0 if one is two else 1 if one else -1
    return 0


def _led_to(block: ir.Block) -> int:
    """1 where a proposal is kept, -1 where what was left is brought back; 0 where neither is told, or both are."""
    ways = set()
    for s in block:
        match s:
            case ir.Assign(targets=(ir.Tuple(items=held),), value=ir.Tuple(items=values)):
                pairs = [*zip(held, values)]
            case ir.Assign(targets=(target,), value=value) if value is not None:
                pairs = [(target, value)]
            case ir.AugAssign(op="+", target=target):
                ways.add(_named(last_word(target)))
                continue
            case _:
                continue
        ways |= {_sided(value) for target, value in pairs if _sided(target) != _sided(value)}
    ways.discard(0)
    return ways.pop() if len(ways) == 1 else 0


def _sided(e: ir.Expr) -> int:
    """1 for what is called proposed, -1 for what is called left behind, else 0."""
    e = stripped(e, _SHAPES)
    if not isinstance(e, (ir.Name, ir.Attr, ir.Subscript)):
        return 0
    new, old = (side.of(held_by(e)) for side in (_NEW, _OLD))
    return 0 if new is old else 1 if new else -1


# --- judging -------------------------------------------------------------------------------------


def _judge(view: View, test: Test, accepts: int, f: Frame, named: bool) -> None:
    if test.way * accepts > 0:
        return
    support = _support(test, named)
    if support is None:
        return
    draw, chance = ir.render(test.draw, 30), ir.render(test.chance, 50)
    what = "the logarithm of the probability" if test.logarithm else "the probability"
    message = (
        f"a move is accepted where the uniform draw `{draw}` lies above `{chance}`, {what} of accepting it: "
        "the better a move, the less often it is accepted"
    )
    view.emit(Misstated(test.at.id, test.at.id, message, "turn the comparison round", LAW, "VL402", support, named))


def _support(test: Test, named: bool) -> Support | None:
    """On what it rests that a draw is compared with the probability of a move; None where it may be another number."""
    e = test.chance
    word = last_word(e) if isinstance(e, (ir.Name, ir.Attr)) else ""
    if _REJECTS.of(word):
        return None
    if _is_chance(test, named):
        return BY_STRUCTURE
    if test.logarithm:
        return BY_NAMES if _LOG_ACCEPTANCE.of(word) else None
    given = isinstance(e, ir.Name)  # an attribute `p` may be the probability of anything
    return BY_NAMES if _ACCEPTS.of(word) or (named and given and _PLAIN.of(word)) else None


def _is_chance(test: Test, named: bool) -> bool:
    """Whether it is an exponential but for what keeps it below one; for logarithms: a difference of log-densities.

    Where nothing is called an acceptance the exponent has to be a difference, or be kept below one: something that
    happens at a rate has happened where a draw lies above ``exp(-rate * time)``.
    """
    e, place = test.chance, test.place
    for _ in range(MOST_LOOKS):
        e = stripped(e, _SHAPES)
        if isinstance(e, ir.Call) and last(e.func) in _BOUNDS:
            inner = limited(e)
            named = named or last(e.func) != "float"
            if inner is None:
                return False
            e = inner
            continue
        grown = exponent(e) if not test.logarithm else None
        if grown is not None:
            return named or _is_difference(grown, place)
        if test.logarithm and isinstance(e, ir.Binary):
            return _is_log_ratio(e)
        found = _looked_up(e, place)
        if found is None:
            return False
        e, place = found
    return False


def _is_difference(e: ir.Expr, place: Place) -> bool:
    for _ in range(MOST_LOOKS):
        found = numerator(e, frozenset())
        if found is None:
            return False
        e = found[1]
        if isinstance(e, ir.Binary):
            return {s for s, _ in opened(e)} == {1, -1}
        looked = _looked_up(e, place)
        if looked is None:
            return False
        e, place = looked
    return False


def _is_log_ratio(e: ir.Binary) -> bool:
    """Log-densities, or energies, of both signs."""
    terms = opened(e.left if e.op == "/" else e)
    words = [(s, last(x.func) if isinstance(x, ir.Call) else last_word(x)) for s, x in terms]
    return any({s for s, w in words if side.of(w)} == {1, -1} for side in (_LOG_DENSITY, _ENERGY))


# --- reading -------------------------------------------------------------------------------------


def _tests(e: ir.Expr, place: Place, way: int = 1, looks: int = MOST_LOOKS) -> Iterator[Test]:
    """The comparisons with a uniform draw that decide a condition, also behind a name or in a callee."""
    turned, e = affirmed(e)
    way *= turned
    match e:
        case ir.BoolOp(left=a, right=b):
            yield from _tests(a, place, way, looks)
            yield from _tests(b, place, way, looks)
        case ir.IfExp(test=test, body=ir.Const(value=one), orelse=ir.Const(value=other)):
            if bool(one) is not bool(other):
                yield from _tests(test, place, way if one else -way, looks)
        case ir.Call(func=ir.Name(name="bool"), args=(ir.Arg(value=x),)):
            yield from _tests(x, place, way, looks)
        case ir.Compare():
            sides = compared(e)
            for draw, chance, lower in ((*sides, 1), (*sides[::-1], -1)) if sides is not None else ():
                kind = _drawn(draw, place)
                if kind:
                    yield Test(way * lower, draw, chance, kind == _LOGARITHM, e, place)
        case ir.Name() | ir.Attr() | ir.Call() if looks:
            found = _looked_up(e, place)
            if found is not None:
                yield from _tests(*found, way, looks - 1)


_PLAINLY, _LOGARITHM = 1, 2


def _drawn(e: ir.Expr, place: Place) -> int:
    """Whether it is a uniform draw from (0, 1), or the logarithm of one; else 0."""
    for _ in range(MOST_LOOKS):
        e = stripped(e, _SHAPES)
        if isinstance(e, ir.Subscript):
            e = e.base
        if not isinstance(e, ir.Call):
            found = _looked_up(e, place)
            if found is None:
                return 0
            e, place = found
            continue
        if last(e.func) == "log" and (inner := argument(e)) is not None:
            return _LOGARITHM if _drawn(inner, place) == _PLAINLY else 0
        return _PLAINLY if last(e.func) in _DRAWS and _is_of_unit(e, place) else 0
    return 0


def _is_of_unit(e: ir.Call, place: Place) -> bool:
    """Whether a library draws it, and from (0, 1)."""
    if place.function(e.func) is not None:
        return False
    limits = [a.value for a in e.args if a.name in _LIMITS]
    given = [a.value for a in e.args if a.name is None]
    if last(e.func) in ("uniform", "random_uniform"):  # of a key and a shape, or of two limits
        ends = given[:2]
        if given and not isinstance(given[0], ir.Const):
            ends = [x for x in given[1:2] if not isinstance(x, (ir.Tuple, ir.Attr))]
        limits += ends
    return all(is_zero(x) or number(x) == 1 for x in limits)


def _looked_up(e: ir.Expr, place: Place) -> tuple[ir.Expr, Place] | None:
    """What a name was bound to, what a function of the project returns."""
    if isinstance(e, ir.Name):
        return place.behind(e.name)
    fn = place.function(e.func) if isinstance(e, ir.Call) else None
    return _returned(fn, e, place) if fn is not None and isinstance(e, ir.Call) else None


def _returned(fn: Function, e: ir.Call, outer: Place) -> tuple[ir.Expr, Place] | None:
    """The one expression that a function returns at the end of straight code."""
    if not isinstance(fn.body, tuple):
        body: ir.Expr | None = fn.body
        bound: dict[str, ir.Expr] = {}
    else:
        ends = [s.value for s in walk(fn.body) if isinstance(s, ir.Return)]
        body = ends[0] if len(ends) == 1 and isinstance(fn.body[-1], ir.Return) else None
        assigned = [s for s in walk(fn.body) if isinstance(s, (ir.Assign, ir.AugAssign))]
        straight = {id(s) for s in fn.body}
        bound = {}
        for s in assigned:
            targets = s.targets if isinstance(s, ir.Assign) else (s.target,)
            for t in targets:
                known = isinstance(s, ir.Assign) and s.value is not None and id(s) in straight and len(targets) == 1
                if isinstance(t, ir.Name):
                    bound[t.name] = s.value if known and t.name not in bound and s.value is not None else _UNKNOWN
    if body is None or any(a.star for a in e.args):
        return None
    names = [p.name for p in fn.params if not p.star]
    if names[:1] in (["self"], ["cls"]):
        names = names[1:]
    given = dict(zip(names, (a.value for a in e.args if a.name is None)))
    given |= {a.name: a.value for a in e.args if a.name is not None}

    def behind(name: str) -> tuple[ir.Expr, Place] | None:
        if name in bound:
            return (bound[name], inner) if bound[name] is not _UNKNOWN else None
        return (given[name], outer) if name in given else None

    inner = Place(behind, outer.function)
    return body, inner


_UNKNOWN = ir.Const(-1, None)


def _in_frame(view: View, f: Frame) -> Place:
    def behind(name: str) -> tuple[ir.Expr, Place] | None:
        written = f.wrote(name)
        return (written, place) if written is not None else None

    def function(func: ir.Expr) -> Function | None:
        if not isinstance(func, (ir.Name, ir.Attr)):
            return None
        value = view.value(func, f)
        value = value.function if isinstance(value, Bound) else value
        return value if isinstance(value, Function) else None

    place = Place(behind, function)
    return place
