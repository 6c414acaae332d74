"""A move is accepted where a uniform draw lies below its probability, ``u < min(1, p(new) / p(old))``.

One reader finds where a draw is held against a probability (in a test, a branch, a call, behind a name, in a callee),
and what the probability is the exponential of. Four questions are asked of it (Metropolis et al. 1953):

- is the test the right way round? Whether it accepts is told by what it is called (``def accept(…)``), by what it
  leads to (a proposal is kept, or what was there before is brought back), or by the probability itself: it weighs what
  the branch moves to over what it leaves;
- is what is moved to weighed over what is left? Which is which is told by the move, else by the names; whether a term
  is a log-density or an energy by what it was computed with. Of terms that are neither nothing is said, but that no
  correction for the proposal is an energy;
- is what is accepted by what it is taken for? Where a move is accepted as a function falls, that is an energy, as
  numbers far out or what it computes show;
- is the probability ever below one? After ``if d < 0``, ``exp(d / T)`` is not.

That the draw is uniform is known by the library that makes it; its logarithm is minus an exponential draw.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vaelint import ir
from vaelint.evidence import BY_NAMES, BY_PROOF, BY_STRUCTURE, Basis, Support
from vaelint.graph.spellings import KEPT
from vaelint.infer.events import Handed, Misstated
from vaelint.infer.expression import (
    Terms,
    affirmed,
    argument,
    bound_in,
    compared,
    exponent,
    head,
    held_by,
    inlined,
    is_zero,
    last,
    last_word,
    limited,
    number,
    numerator,
    opened,
    product,
    same,
    stripped,
    substituted,
    targets,
)
from vaelint.infer.expression import after as bound_after
from vaelint.infer.laws import tails
from vaelint.infer.seen import BranchReached, CallReached, ExpressionStated, View, observes
from vaelint.infer.values import Bound, Frame, Function, Quantity
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Sense

BELOW = "a uniform draw u in (0, 1) lies below p with probability p"
RATIO = "a move is accepted with p(new) / p(old) = exp(log p(new) - log p(old)) = exp(E(old) - E(new))"
WORSE = "a move that is worse by d is accepted with probability exp(-d / T)"
LOG_DRAW = "log U of a uniform U is never above zero"
_ACCEPTS = Words("accepts")
_REJECTS = Words("rejects")
_PLAIN = Words("plain_density")
_LOG_ACCEPTANCE = Words("log_acceptance")
_LOG_DENSITY = Words("log_density")
_ENERGY = Words("energy")
_NEW = Words("proposed")
_OLD = Words("left_behind")
_DRAWS = frozenset({"random", "rand", "uniform", "random_sample", "random_uniform", "ranf"})
_EXPONENTIAL = frozenset({"exponential", "standard_exponential"})
_LIMITS = frozenset({"low", "high", "minval", "maxval", "a", "b"})
_SHAPES = KEPT | {"detach"}
_BOUNDS = frozenset({"min", "minimum", "clip", "clamp", "clamp_max", "float"})
_INVERSE = frozenset({"beta", "inv_t", "inverse_temperature", "inv_temp"})  # temperatures
_CHOOSES = frozenset({"where", "select"})
MOST_LOOKS = 8  # from a name or a call to what stands behind it
MAX_TERMS = 6
_PLAINLY, _LOGARITHM, _MINUS = 1, 2, 3  # a draw, its logarithm, minus that

# A signed sum by its terms.
Sum = frozenset[tuple[int, tuple[object, ...]]]


class Test(NamedTuple):
    """A draw held against something: ``way`` is 1 where the test holds if the draw lies below, else -1."""

    way: int
    draw: ir.Expr
    kind: int
    chance: ir.Expr
    at: ir.Expr


class Chance(NamedTuple):
    """What a probability is the exponential of, or (``ratio``) a quotient; ``bounded``: it is kept below one."""

    e: ir.Expr
    bounded: bool
    ratio: bool = False


class Move(NamedTuple):
    """What is moved to, and what is left, by their keys."""

    new: frozenset[tuple[object, ...]] = frozenset()
    old: frozenset[tuple[object, ...]] = frozenset()


# --- where it is asked ---------------------------------------------------------------------------


@observes(ExpressionStated)
def stated(view: View, seen: ExpressionStated) -> None:
    """``accepted = u < p``, ``log_alpha = …``, and what a function of such a name returns."""
    e, name, f = seen.e, seen.names[0], seen.scope
    accepts, look = _named(name or seen.names[-1]), Look(view, f)
    for test in _tests(e, look) if accepts and look.draws else ():
        _ask(look, test, accepts, named=True)
    if _LOG_ACCEPTANCE.of(name):
        terms = opened(e)
        energies = _energies(terms, Move(), f)
        if energies and {s * side for s, side in energies} == {1}:
            added = next(x for s, x in terms if s > 0 and _ENERGY.within(x))
            message = (
                f"`{name}`: `{ir.render(added, 80)}` is added, so that a move to a higher energy is accepted more often"
            )
            edit = "subtract the new energy and add the old one"
            view.emit(Misstated(e.id, e.id, message, edit, RATIO, held=True, turn="whole"))


@observes(BranchReached)
def branch(view: View, seen: BranchReached) -> None:
    """``if u < p: x = proposal``, ``if not accept(p): x = before``, ``if u < p: return True``."""
    s, after, f = seen
    look, move = Look(view, f), _move(s.body)
    if not look.draws:
        return
    answer = _answer(s.body, s.orelse or after)
    accepts = answer * _named(f.name) if answer else _led_to(s.body) or -_led_to(s.orelse)
    for test in _tests(s.test, look) if accepts or move.new else ():
        if not accepts and test.way < 0 and _rises_with(move, test, look):
            _turned_round(look, test, named=False, support=BY_STRUCTURE)
        _ask(look, test, accepts, named=bool(answer), move=move)
    for known, test in _after_refusal(s, after, look):
        made = _chance(test, look)
        if made is not None and not made.ratio and _sum(made.e, look) == known:
            text = ir.render(made.e, 40)
            message = f"`{text}` is never below zero here, so that every worse move is accepted"
            edit = "flip the sign of the exponent"
            view.emit(Misstated(made.e.id, test.at.id, message, edit, WORSE, "VL402", BY_STRUCTURE))


@observes(CallReached)
def called(view: View, seen: CallReached) -> None:
    """``accept(min(1, exp(…)))``: what is passed is seen here alone; ``where(u < p, proposal, x)``."""
    e, look = seen.e, Look(view, seen.scope)
    word = last(e.func)
    if not (word in _CHOOSES or _named(word)) or not look.draws:
        return
    if word in _CHOOSES and len(e.args) == 3 and not any(a.name or a.star for a in e.args):
        test, one, other = (a.value for a in e.args)
        accepts = _sided(one) if _sided(one) == -_sided(other) else 0
        for found in _tests(test, look) if accepts else ():
            _ask(look, found, accepts, named=False)
    elif _named(word):
        for found in _tests(e, look):
            if found.at is not e:
                _ask(look, found, _named(word), named=True)


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


def _pairs(block: ir.Block) -> list[tuple[ir.Expr, ir.Expr]]:
    """What a block binds itself, each with what to."""
    return [*bound_in(tuple(s for s in block if isinstance(s, ir.Assign)))]


def _led_to(block: ir.Block) -> int:
    """1 where a proposal is kept, -1 where what was left is brought back; 0 where neither is told, or both are."""
    ways = {_named(last_word(s.target)) for s in block if isinstance(s, ir.AugAssign) and s.op == "+"}
    ways |= {_sided(value) for target, value in _pairs(block) if _sided(target) != _sided(value)}
    ways.discard(0)
    return ways.pop() if len(ways) == 1 else 0


def _sided(e: ir.Expr) -> int:
    """1 for what is called proposed, -1 for what is called left behind, else 0."""
    e = stripped(e, _SHAPES)
    return _which(held_by(e)) if isinstance(e, (ir.Name, ir.Attr, ir.Subscript)) else 0


def _which(*names: str) -> int:
    new, old = (side.any(names) for side in (_NEW, _OLD))
    return 0 if new is old else 1 if new else -1


def _move(body: ir.Block) -> Move:
    """What an accepted move binds to what: ``x, logp = proposal, logp_new``; ``return q_new``."""
    new: set[tuple[object, ...]] = set()
    old: set[tuple[object, ...]] = set()
    pairs = _pairs(body)
    for s in body:
        if isinstance(s, ir.Return) and s.value is not None:
            value = s.value.items[0] if isinstance(s.value, ir.Tuple) and s.value.items else s.value
            pairs.append((value, value))
    for target, value in pairs:
        kept = stripped(value, _SHAPES)
        if kept is not value or isinstance(value, (ir.Name, ir.Attr, ir.Subscript)):
            new.add(ir.key(kept))
            old |= {ir.key(target)} - {ir.key(value)}
    return Move(frozenset(new), frozenset(old)) if not new & old else Move()


# --- what is asked -------------------------------------------------------------------------------


def _ask(look: Look, test: Test, accepts: int, named: bool, move: Move | None = None) -> None:
    if test.way * accepts < 0:
        _turned_round(look, test, named)
    elif test.kind == _MINUS:
        _above_zero(look, test, accepts, named)
    elif move is not None and move.new and test.way > 0:
        _weighed(look, test, move)
        _taken_for(look, test, move)


def _turned_round(look: Look, test: Test, named: bool, support: Support | None = None) -> None:
    support = support or _support(test, named, look)
    if support is None or test.kind == _MINUS:
        return
    draw, chance = ir.render(test.draw, 30), ir.render(test.chance, 50)
    what = "the probability" if test.kind == _PLAINLY else "the logarithm of the probability"
    message = (
        f"a move is accepted where the uniform draw `{draw}` lies above `{chance}`, {what} of accepting it: "
        "the better a move, the less often it is accepted"
    )
    look.view.emit(
        Misstated(test.at.id, test.at.id, message, "turn the comparison round", BELOW, "VL402", support, named)
    )


def _above_zero(look: Look, test: Test, accepts: int, named: bool) -> None:
    """An exponential draw where the logarithm of a uniform one should be."""
    support = _support(test, named, look) if accepts else None
    if support is not None:
        message = (
            f"`{ir.render(test.draw, 40)}`, held against `{ir.render(test.chance, 40)}`, is an exponential draw: "
            "minus the log of a uniform one, but the logarithm of a uniform draw is never above zero"
        )
        edit = "put a minus in front of the draw"
        look.view.emit(
            Misstated(test.draw.id, test.at.id, message, edit, LOG_DRAW, "VL402", support, named, turn="whole")
        )


def _weighed(look: Look, test: Test, move: Move) -> None:
    """Whether what is moved to is weighed over what is left."""
    made = _chance(test, look)
    if made is not None and (_is_inverse(made.e, move) if made.ratio else _is_reversed(made.e, move, look)):
        message = (
            f"`{ir.render(made.e, 60)}` compares the old state with the new one the wrong way "
            "round: the worse a move, the more often it is accepted"
        )
        edit = "swap the old and the new one"
        look.view.emit(Misstated(made.e.id, test.at.id, message, edit, RATIO, "VL402", of_acceptance=True))


def _taken_for(look: Look, test: Test, move: Move) -> None:
    """Whether what a move is accepted by is what it is taken for: a log-density where it rises, else an energy.

    Of several functions that enter with both signs one corrects for the proposal: nothing is said of either.
    """
    made = _chance(test, look)
    terms = _added_up(made.e, look) if made is not None and not made.ratio else ()
    moved = [(s, x) for s, x in terms if isinstance(x, ir.Call) and _is_at(x, move.new) and not _is_at(x, move.old)]
    ways = {s for s, _ in moved}
    if len(ways) != 1:
        return
    for way, x in moved:
        fn = look.function(x.func)
        if fn is None:
            continue
        needs = Sense.GAIN if way > 0 else Sense.COST
        wrong = tails.other_way(look.view, fn, way)
        if wrong is not None:
            name = fn.name if fn.name.isidentifier() else last(x.func)
            taken = "rises, like a log-density" if way > 0 else "falls, like an energy"
            message = f"`{look.f.name}` accepts a move as `{name}` {taken}, but that {wrong.goes}"
            edit, law = "return its negation", RATIO
            look.view.emit(
                Misstated(wrong.node, wrong.node, message, edit, law, "VL202", BY_PROOF, example=wrong.example)
            )
            continue
        value = look.view.value(x, look.f)
        if isinstance(value, Quantity) and {t.meaning.kind for t in value.terms} <= _TARGETS:
            look.view.emit(Handed(value, needs, look.f.name, last(x.func), x.id, basis=Basis.STRUCTURE))


# What an acceptance may be decided by: of a divergence or an entropy it is not known which way is meant.
_TARGETS = frozenset({"log_density", "log_probability", "nll", "cross_entropy", "error", "penalty", "elbo"})


def _added_up(e: ir.Expr, look: Look, sign: int = 1, looks: int = MOST_LOOKS) -> Iterator[tuple[int, ir.Expr]]:
    """The terms of a sum, with those of the sums that stand behind its names."""
    scaled = numerator(e, _INVERSE)
    if scaled is not None:
        sign, e = sign * scaled[0], scaled[1]
    for s, x in opened(e, sign):
        behind = look.f.behind(x)
        if behind is x or isinstance(behind, ir.Call) or not looks:
            yield s, behind if isinstance(behind, ir.Call) else x
        else:
            yield from _added_up(behind, look, s, looks - 1)


def _is_at(e: ir.Call, states: frozenset[tuple[object, ...]]) -> bool:
    """Whether a call is given one of these."""
    return any(ir.key(stripped(a.value, _SHAPES)) in states for a in e.args)


def _support(test: Test, named: bool, look: Look) -> Support | None:
    """On what it rests that a draw is compared with the probability of a move; None where it may be another number.

    Where nothing is called an acceptance the exponent has to be a difference, or be kept below one: something that
    happens at a rate has happened where a draw lies above ``exp(-rate * time)``.
    """
    e, made = test.chance, _chance(test, look)
    word = last_word(e) if isinstance(e, (ir.Name, ir.Attr)) else ""
    if _REJECTS.of(word):
        return None
    if made is not None and not made.ratio:
        terms = _terms(made.e, look)
        of_unit = named or made.bounded or {s for s, _ in terms} == {1, -1}
        if of_unit if test.kind == _PLAINLY else _is_log_ratio(terms):
            return BY_STRUCTURE
    if test.kind != _PLAINLY:
        return BY_NAMES if _LOG_ACCEPTANCE.of(word) else None
    given = isinstance(e, ir.Name)  # an attribute `p` may be the probability of anything
    return BY_NAMES if _ACCEPTS.of(word) or (named and given and _PLAIN.of(word)) else None


def _is_log_ratio(terms: Terms) -> bool:
    """Log-densities, or energies, of both signs."""
    words = [(s, last_word(x)) for s, x in terms]
    return any({s for s, w in words if side.of(w)} == {1, -1} for side in (_LOG_DENSITY, _ENERGY))


def _is_reversed(e: ir.Expr, move: Move, look: Look) -> bool:
    """Whether all terms are log-densities with the new one subtracted, or energies with the new one added."""
    terms = _terms(e, look)
    return 2 <= len(terms) <= MAX_TERMS and {s * _kind(x, look.f) * _side(x, move, look.f) for s, x in terms} == {-1}


def _energies(terms: Terms, move: Move, f: Frame) -> list[tuple[int, int]]:
    """The signs of two energies, each with 1 for the new one, -1 for the old one."""
    found = [(s, _side(x, move, f)) for s, x in terms if isinstance(x, (ir.Name, ir.Attr)) and _kind(x, f) < 0]
    return found if sorted(side for _, side in found) == [-1, 1] else []


def _kind(x: ir.Expr, f: Frame) -> int:
    """1 for a log-density, -1 for an energy, 0 for neither, or where nobody knows."""
    made = f.behind(x)
    value = f.find(x.name) if isinstance(x, ir.Name) else None
    if isinstance(value, Quantity) and any(
        t.value_sense is Sense.GAIN and t.meaning.kind == "log_density" for t in value.terms
    ):
        return 1  # whatever it is called
    names = [last_word(y) for y in (made, x) if isinstance(y, (ir.Call, ir.Name, ir.Attr))]
    kind = next((k for n in names if (k := 1 if _LOG_DENSITY.of(n) else -1 if _ENERGY.of(n) else 0)), 0)
    if made is not x and opened(made)[0][0] < 0:
        return -1 if kind < 0 else 0  # minus something, under a name: an energy, or nobody knows what
    return kind


def _side(x: ir.Expr, move: Move, f: Frame) -> int:
    """1 for what is of the state that is moved to, -1 for what is of the one that is left, 0 where that is not told."""
    made = f.behind(x)
    held = [x, *(stripped(a.value, _SHAPES) for a in (made.args if isinstance(made, ir.Call) else ()))]
    new, old = (any(ir.key(y) in side for y in held) for side in move)
    if new is not old:
        return 1 if new else -1
    return _which(*(last(head(y)) for y in held))


def _rises_with(move: Move, test: Test, look: Look) -> bool:
    """Whether a probability grows with what the branch moves to, and falls with what it leaves, by any name.

    A quotient does by its factors; a difference where its terms are known for log-densities or energies.
    """
    made = _chance(test, look)
    if made is None or not (move.new and move.old):
        return False
    if not made.ratio:
        terms = _terms(made.e, look)
        return 2 <= len(terms) <= MAX_TERMS and {s * _kind(x, look.f) * _held(x, move, look) for s, x in terms} == {1}
    parts = product(made.e)
    above, below = ({_held(x, move, look) for x in side} for side in (parts.above, parts.below))
    return 1 in above and -1 in below and -1 not in above and 1 not in below


def _held(e: ir.Expr, move: Move, look: Look) -> int:
    """1 for what is moved to, or is computed from it alone; -1 for what is left; 0 for anything else."""
    made = look.f.behind(e)
    held = [e, *(stripped(a.value, _SHAPES) for a in (made.args if isinstance(made, ir.Call) else ()))]
    new, old = (any(ir.key(x) in side for x in held) for side in move)
    return 0 if new is old else 1 if new else -1


def _is_inverse(e: ir.Expr, move: Move) -> bool:
    """``p(old) / p(new)`` of one density."""
    if not isinstance(e, ir.Binary) or not isinstance(e.left, ir.Call) or not isinstance(e.right, ir.Call):
        return False
    above, below = (x.args[0].value if x.args else x for x in (e.left, e.right))
    keys = [ir.key(stripped(x, _SHAPES)) for x in (above, below)]
    same_density = _PLAIN.of(last(e.left.func)) and ir.key(e.left.func) == ir.key(e.right.func)
    return same_density and keys[0] in move.old and keys[1] in move.new


# --- what is left to a worse move ----------------------------------------------------------------


def _after_refusal(s: ir.If, after: ir.Block, look: Look) -> Iterator[tuple[Sum, Test]]:
    """The tests where ``a < b`` did not hold, each with ``a - b``, which is not below zero there."""
    if isinstance(s.test, ir.BoolOp) and s.test.op == "or" and (known := _difference(s.test.left, look)):
        yield from ((known, t) for t in _tests(s.test.right, look))
    known = _difference(s.test, look)
    leaves = bool(s.body) and isinstance(s.body[-1], (ir.Return, ir.Jump))
    for block in (s.orelse, after if leaves else ()) if known else ():
        bound: dict[str, ir.Expr] = {}
        for x in block:
            e = x.test if isinstance(x, ir.If) else x.value if isinstance(x, ir.Return) else None
            yield from ((known, t) for t in (_tests(substituted(e, bound), look) if e is not None else ()))
            changed = {ir.key(t) for t in targets(x)}
            if any(key in changed for _, key in known):
                break  # what is known of is bound anew
            bound = bound_after(x, bound)


def _difference(e: ir.Expr, look: Look) -> Sum:
    """Of ``a < b``: ``a - b``; nothing of another condition."""
    sides = compared(e)
    return _sum(sides[0], look) | _sum(sides[1], look, -1) if sides is not None else frozenset()


def _sum(e: ir.Expr, look: Look, sign: int = 1) -> Sum:
    return frozenset((sign * s, ir.key(x)) for s, x in _terms(e, look) if not is_zero(x))


# --- reading -------------------------------------------------------------------------------------


class Look(NamedTuple):
    """What stands behind a name or a call in a frame."""

    view: View
    f: Frame

    @property
    def draws(self) -> bool:
        """Whether anything in the file draws: else nothing is held against a draw."""
        home = self.view.home
        return home is not None and not home.identifiers.isdisjoint(_DRAWS | _EXPONENTIAL)

    def behind(self, e: ir.Expr) -> ir.Expr | None:
        if isinstance(e, ir.Name):
            return self.f.wrote(e.name)
        fn = self.function(e.func) if isinstance(e, ir.Call) else None
        return inlined(fn, e) if fn is not None and isinstance(e, ir.Call) else None

    def before(self, name: ir.Name, e: ir.Expr) -> ir.Expr | None:
        """What a name held before it was bound to what ``e`` makes of it: ``ratio = min(1, ratio)``."""
        if self.behind(name) is not e:
            return None
        bindings = [x for t, x in bound_in(self.view.around(e.id).code) if same(t, name) and x is not e]
        return bindings[0] if len(bindings) == 1 else None

    def function(self, func: ir.Expr) -> Function | None:
        value = self.view.value(func, self.f) if isinstance(func, (ir.Name, ir.Attr)) else None
        value = value.function if isinstance(value, Bound) else value
        return value if isinstance(value, Function) else None


def _tests(e: ir.Expr, look: Look, way: int = 1, looks: int = MOST_LOOKS) -> Iterator[Test]:
    """The comparisons with a draw that decide a condition, also behind a name or in a callee."""
    turned, e = affirmed(e)
    way *= turned
    match e:
        case ir.BoolOp(left=a, right=b) | ir.Binary(op="&" | "|", left=a, right=b):
            yield from _tests(a, look, way, looks)
            yield from _tests(b, look, way, looks)
        case ir.IfExp(test=test, body=ir.Const(value=one), orelse=ir.Const(value=other)):
            if bool(one) is not bool(other):
                yield from _tests(test, look, way if one else -way, looks)
        case ir.Call(func=ir.Name(name="bool"), args=(ir.Arg(value=x),)):
            yield from _tests(x, look, way, looks)
        case ir.Compare():
            sides = compared(e)
            for draw, chance, lower in ((*sides, 1), (*sides[::-1], -1)) if sides is not None else ():
                kind, made = _drawn(draw, look)
                if kind:
                    yield Test(way * lower, made if kind == _MINUS else draw, kind, chance, e)
        case _ if looks and (found := look.behind(e)) is not None:
            yield from _tests(found, look, way, looks - 1)


def _drawn(e: ir.Expr, look: Look) -> tuple[int, ir.Expr]:
    """Whether it is a uniform draw from (0, 1), the logarithm of one, or minus that; else 0. With what draws it."""
    for _ in range(MOST_LOOKS):
        e = stripped(e, _SHAPES)
        if isinstance(e, ir.Subscript):
            e = e.base
        if isinstance(e, ir.Call):
            word, inner = last(e.func), argument(e)
            if word == "log" and inner is not None:
                return (_LOGARITHM if _drawn(inner, look)[0] == _PLAINLY else 0), e
            if word not in _DRAWS | _EXPONENTIAL or look.function(e.func) is not None:
                break
            return (_MINUS if word in _EXPONENTIAL else _PLAINLY if _is_of_unit(e) else 0), e
        found = look.behind(e)
        if found is None:
            break
        e = found
    return 0, e


def _is_of_unit(e: ir.Call) -> bool:
    """Whether what a library draws is from (0, 1)."""
    limits = [a.value for a in e.args if a.name in _LIMITS]
    given = [a.value for a in e.args if a.name is None]
    if last(e.func) in ("uniform", "random_uniform"):  # of a key and a shape, or of two limits
        ends = given[:2]
        if given and not isinstance(given[0], ir.Const):
            ends = [x for x in given[1:2] if not isinstance(x, (ir.Tuple, ir.Attr))]
        limits += ends
    return all(is_zero(x) or number(x) == 1 for x in limits)


def _chance(test: Test, look: Look) -> Chance | None:
    """The logarithm of a probability, or the quotient that it is, without what keeps it below one."""
    e, bounded = test.chance, False
    for _ in range(MOST_LOOKS):
        e = stripped(e, _SHAPES)
        if test.kind == _PLAINLY and (grown := exponent(e)) is not None:
            return Chance(look.behind(grown) or grown, bounded)
        if isinstance(e, ir.Binary):
            return Chance(e, bounded, test.kind == _PLAINLY)
        if isinstance(e, ir.Call) and last(e.func) in _BOUNDS:
            found = limited(e)
            if isinstance(found, ir.Name):
                found = look.before(found, e) or found
            bounded = bounded or last(e.func) != "float"
        else:
            found = look.behind(e)
        if found is None:
            break
        e = found
    return None


def _terms(e: ir.Expr, look: Look) -> Terms:
    """The terms of a difference, as it is, divided by a temperature, or under a name."""
    sign = 1
    for _ in range(MOST_LOOKS):
        found = numerator(e, _INVERSE)
        if found is None:
            break
        sign, e = sign * found[0], found[1]
        looked = look.behind(e)
        if looked is None:
            break
        e = looked
    return opened(e, sign)
