"""Acceptance by Metropolis: what is moved to is weighed over what is left (Metropolis et al. 1953).

``if log(rand()) < log_p(new) - log_p(old): x = new``. Which of the two is new is told by what is moved to; whether a
term is a log-density or an energy by what it was computed with. Where a term is neither, as in a correction for the
proposal, nothing is said.
"""

from __future__ import annotations

from typing import NamedTuple

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import compared, exponent, head, last, limited, opened, stripped
from vaelint.infer.seen import BranchReached, View, observes
from vaelint.infer.values import Frame
from vaelint.knowledge.vocabulary import Words

LAW = "a move is accepted with p(new) / p(old) = exp(log p(new) - log p(old)) = exp(E(old) - E(new))"
_DRAW = Words("draw")
_LOG = Words("log_draw")
_DENSITY = Words("log_density")
_ENERGY = Words("energy")
_PLAIN = Words("plain_density")
_NEW = Words("proposed")
_OLD = Words("left_behind")
_COPIES = frozenset({"copy", "clone", "detach"})
MAX_TERMS = 6


class Move(NamedTuple):
    """What is moved to, and what is left."""

    new: frozenset[ir.Written]
    old: frozenset[ir.Written]


@observes(BranchReached)
def branch(view: View, seen: BranchReached) -> None:
    """``if rand() < exp(…): x = proposal``."""
    s, f = seen.stmt, seen.scope
    sides = compared(s.test)
    if sides is None:
        return
    draw, chance = sides
    if not _DRAW.within(draw) and not _DRAW.within(f.behind(draw)):
        return
    move = _move(s.body)
    if move is None:
        return
    logarithm = any(_is_logarithm(x) for x in (draw, f.behind(draw)))
    e = _chance(chance, f)
    if not logarithm and (grown := exponent(e)) is not None:
        logarithm, e = True, f.behind(grown)
    wrong = _is_reversed(e, move, f) if logarithm else _is_inverse(e, move)
    if wrong:
        message = (
            f"`{ir.render(e, 60)}` compares the old state with the new one the wrong way "
            "round: the worse a move, the more often it is accepted"
        )
        view.emit(Misstated(e.id, s.test.id, message, "swap the old and the new one", LAW, "VL402"))


def _is_logarithm(e: ir.Expr) -> bool:
    return _LOG.of(last(e)) or (isinstance(e, ir.Call) and last(e.func) == "log")


def _chance(e: ir.Expr, f: Frame) -> ir.Expr:
    """Without what keeps a probability below one."""
    for _ in range(4):
        e = f.behind(e)
        if not isinstance(e, ir.Call) or last(e.func) not in ("min", "minimum", "clip", "clamp", "float"):
            break
        inner = limited(e)
        if inner is None:
            break
        e = inner
    return e


def _move(body: ir.Block) -> Move | None:
    """What an accepted move binds to what: ``x, logp = proposal, logp_new``; ``return q_new``."""
    new: set[ir.Written] = set()
    old: set[ir.Written] = set()
    for s in body:
        match s:
            case ir.Assign(targets=(ir.Tuple(items=targets),), value=ir.Tuple(items=values)):
                pairs = [*zip(targets, values)]
            case ir.Assign(targets=(target,), value=value) if value is not None:
                pairs = [(target, value)]
            case ir.Return(value=ir.Tuple(items=(value, *_))) | ir.Return(value=value) if value is not None:
                pairs = [(value, value)]
            case _:
                continue
        for target, value in pairs:
            if isinstance(value, (ir.Name, ir.Attr, ir.Subscript)) or stripped(value, _COPIES) is not value:
                new.add(ir.render(stripped(value, _COPIES)))
                old |= {ir.render(target)} - {ir.render(value)}
    return Move(frozenset(new), frozenset(old)) if new and not new & old else None


def _side(held: list[ir.Expr], move: Move) -> int:
    """1 for what is moved to, -1 for what is left, 0 where that is not told."""
    written = {ir.render(x) for x in held}
    new, old = (not side.isdisjoint(written) for side in move)
    if new is not old:
        return 1 if new else -1
    words = [last(head(x)) for x in held]
    new, old = (side.any(words) for side in (_NEW, _OLD))
    return 0 if new is old else 1 if new else -1


def _is_reversed(e: ir.Expr, move: Move, f: Frame) -> bool:
    """Whether all terms are log-densities with the new one subtracted, or energies with the new one added."""
    terms = opened(_over(e))
    if not 2 <= len(terms) <= MAX_TERMS:
        return False
    ways = set()
    for sign, x in terms:
        made = f.behind(x)
        held: list[ir.Expr] = [x]
        if isinstance(made, ir.Call):
            held += [stripped(a.value, _COPIES) for a in made.args]
        names = [last(made.func)] if isinstance(made, ir.Call) else []
        names += [last(x)] if isinstance(x, (ir.Name, ir.Attr)) else []
        kind = next((k for n in names if (k := 1 if _DENSITY.of(n) else -1 if _ENERGY.of(n) else 0)), 0)
        if made is not x and opened(made)[0][0] < 0:
            kind = -1 if kind < 0 else 0  # minus something, under a name: an energy, or nobody knows what
        ways.add(sign * kind * _side(held, move))
    return ways == {-1}


def _over(e: ir.Expr) -> ir.Expr:
    """What is divided by a temperature."""
    return e.left if isinstance(e, ir.Binary) and e.op == "/" and isinstance(e.left, ir.Binary) else e


def _is_inverse(e: ir.Expr, move: Move) -> bool:
    match e:
        case ir.Binary(op="/", left=ir.Call(func=a, args=(above, *_)), right=ir.Call(func=b, args=(below, *_))):
            over, under = (_side([stripped(x.value, _COPIES)], move) for x in (above, below))
            return _PLAIN.of(last(a)) and last(a) == last(b) and (over, under) == (-1, 1)
    return False
