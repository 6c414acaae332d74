"""Acceptance by Metropolis: what is moved to is weighed over what is left (Metropolis et al. 1953).

``if log(rand()) < log_p(new) - log_p(old): x = new``. Which of the two is new is told by what is moved to; whether a
term is a log-density or an energy by what it was computed with. Where a term is neither, as in a correction for the
proposal, nothing is said.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import compared, exponent, is_zero, last, number, opened, stripped
from vaelint.infer.seen import BranchReached, View, observes
from vaelint.infer.values import Frame

LAW = "a move is accepted with p(new) / p(old) = exp(log p(new) - log p(old)) = exp(E(old) - E(new))"
_DRAW = re.compile(r"rand|uniform|(?:^|[^a-z])u(?:$|[^a-z])|log_?u(?:$|_)", re.I)
_LOG = re.compile(r"^(?:np|math|torch|jnp|numpy|mx|tf)?\.?(?:math\.)?log\(|^log_?(?:u|r|rand\w*|unif\w*)$")
_DENSITY = re.compile(
    r"^_?(?:\w+_)?(?:(?:log|ln)_?(?:p|pi|prob\w*|dens\w*|post\w*|target\w*|lik\w*|pdf\w*|prior|joint|f)|logp\w*|lnp\w*|ll|lp)"
    r"(?:_\w+|\d)?$", re.I,
)  # fmt: skip
_ENERGY = re.compile(r"^_?(?:\w+_)?(?:energ(?:y|ies)|potential\w*|hamiltonian\w*|nll|neg\w*|[HUE])(?:_\w+|\d)?$", re.I)
_PLAIN = re.compile(r"^_?(?:target\w*|pdf|density|posterior\w*|prob\w*|p|pi|p_?(?:star|tilde)|likelihood)$", re.I)
_NEW = re.compile(r"(?:^|_)(?:new|final|prop\w*|end|next|cand\w*|prime|after|star|trial)(?:$|_|\d)", re.I)
_OLD = re.compile(r"(?:^|_)(?:old|init\w*|start|curr?\w*|prev\w*|before|orig\w*|now|last)(?:$|_|\d)", re.I)
_COPIES = frozenset({"copy", "clone", "detach"})
MAX_TERMS = 6


class Move(NamedTuple):
    """What is moved to, and what is left, as texts."""

    new: frozenset[str]
    old: frozenset[str]


@observes(BranchReached)
def branch(view: View, seen: BranchReached) -> None:
    """``if rand() < exp(…): x = proposal``."""
    s, f = seen.stmt, seen.scope
    sides = compared(s.test)
    if sides is None:
        return
    draw, chance = sides
    text = ir.text(f.behind(draw), 80)
    if not _DRAW.search(ir.text(draw, 80)) and not re.search(r"rand|uniform", text, re.I):
        return
    move = _move(s.body)
    if move is None:
        return
    logarithm = _LOG.search(ir.text(draw, 80)) is not None or _LOG.search(text) is not None
    e = _chance(chance, f)
    if not logarithm and (grown := exponent(e)) is not None:
        logarithm, e = True, f.behind(grown)
    wrong = _is_reversed(e, move, f) if logarithm else _is_inverse(e, move)
    if wrong:
        message = f"`{ir.text(e, 60)}` weighs what is left over what is moved to: the worse is accepted the more likely"
        view.emit(Misstated(e.id, s.test.id, message, "exchange the two", LAW, "VL402"))


def _chance(e: ir.Expr, f: Frame) -> ir.Expr:
    """Without what keeps a probability below one."""
    for _ in range(4):
        e = f.behind(e)
        if not isinstance(e, ir.Call) or last(e.func) not in ("min", "minimum", "clip", "clamp", "float"):
            break
        inner = [a.value for a in e.args if not number(a.value) and not is_zero(a.value)]
        if not inner and isinstance(e.func, ir.Attr):
            inner = [e.func.base]
        if len(inner) != 1:
            break
        e = inner[0]
    return e


def _move(body: ir.Block) -> Move | None:
    """What an accepted move binds to what: ``x, logp = proposal, logp_new``; ``return q_new``."""
    new: set[str] = set()
    old: set[str] = set()
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
                new.add(ir.text(stripped(value, _COPIES), 80))
                old |= {ir.text(target, 80)} - {ir.text(value, 80)}
    return Move(frozenset(new), frozenset(old)) if new and not new & old else None


def _side(texts: list[str], move: Move) -> int:
    """1 for what is moved to, -1 for what is left, 0 where that is not told."""
    new, old = (any(t in texts for t in side) for side in move)
    if new is not old:
        return 1 if new else -1
    words = [t.rpartition(".")[2] for t in texts]
    new, old = (any(side.search(w) for w in words) for side in (_NEW, _OLD))
    return 0 if new is old else 1 if new else -1


def _is_reversed(e: ir.Expr, move: Move, f: Frame) -> bool:
    """Whether all terms are log-densities with the new one subtracted, or energies with the new one added."""
    terms = opened(_over(e))
    if not 2 <= len(terms) <= MAX_TERMS:
        return False
    ways = set()
    for sign, x in terms:
        made = f.behind(x)
        texts = [ir.text(x, 80)]
        if isinstance(made, ir.Call):
            texts += [ir.text(stripped(a.value, _COPIES), 80) for a in made.args]
        names = [last(made.func)] if isinstance(made, ir.Call) else []
        names += [last(x)] if isinstance(x, (ir.Name, ir.Attr)) else []
        kind = next((k for n in names if (k := 1 if _DENSITY.match(n) else -1 if _ENERGY.match(n) else 0)), 0)
        if made is not x and opened(made)[0][0] < 0:
            kind = -1 if kind < 0 else 0  # minus something, under a name: an energy, or nobody knows what
        ways.add(sign * kind * _side(texts, move))
    return ways == {-1}


def _over(e: ir.Expr) -> ir.Expr:
    """What is divided by a temperature."""
    return e.left if isinstance(e, ir.Binary) and e.op == "/" and isinstance(e.left, ir.Binary) else e


def _is_inverse(e: ir.Expr, move: Move) -> bool:
    match e:
        case ir.Binary(op="/", left=ir.Call(func=a, args=(above, *_)), right=ir.Call(func=b, args=(below, *_))):
            over, under = (_side([ir.text(stripped(x.value, _COPIES), 80)], move) for x in (above, below))
            return _PLAIN.match(last(a)) is not None and last(a) == last(b) and (over, under) == (-1, 1)
    return False
