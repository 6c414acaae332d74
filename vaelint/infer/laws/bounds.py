"""A lower bound of the evidence is E_q[log p] - E_q[log q]: what is of the model and what is of q have opposite signs.

No value decides, but names that are independent and agree: the whole is called a bound or a free energy, and at least
three of its terms log-densities, of p and of q. Where the terms of one of the two have different signs among
themselves (of a ratio of two proposals), or a fact contradicts a name, nothing is said. An entropy is minus a log q.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vaelint import ir
from vaelint.evidence import BY_NAMES
from vaelint.infer.events import Misstated
from vaelint.infer.expression import REDUCTIONS, bound, leading, leaves, name
from vaelint.infer.seen import ExpressionStated, View, observes
from vaelint.infer.values import Frame, Quantity
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Sense

LAW = "ELBO = E_q[log p] - E_q[log q]; a free energy is minus that"
_BOUND = Words("evidence_bound")
_OF_P = Words("log_of_model")
_OF_Q = Words("log_of_variational")
_ENTROPY = Words("plain_entropy")
FEWEST = 3  # names of terms that have to agree
DEPTH = 3  # of sums under names


class Part(NamedTuple):
    """A log-density in the sum; ``sign``: that of the log-density which it is called."""

    sign: int
    of_q: bool
    at: ir.Expr
    within: ir.Expr  # the term of the sum itself, which may be a name for a sum that it is in


@observes(ExpressionStated)
def stated(view: View, seen: ExpressionStated) -> None:
    """Hold a sum that is bound to, or returned under, the name of a bound against the names of its terms."""
    e, f = seen.e, seen.scope
    if not _BOUND.of(seen.names[0]) or not isinstance(e, (ir.Binary, ir.Unary, ir.Call)):
        return
    parts = list(_parts(e, f, 1, DEPTH))
    model, variational = ([p for p in parts if p.of_q is of_q] for of_q in (False, True))
    if len(parts) < FEWEST or not model or not variational or len({p.sign for p in parts}) != 1:
        return
    if any(_is_contradicted(view, p, f) for p in parts):
        return
    up = parts[0].sign > 0
    here, there = (", ".join(map(_text, side[:4])) for side in (variational, model))
    several = len(variational) > 1
    message = (
        f"`{seen.names[0]}`: {here} {'are' if several else 'is'} {'added' if up else 'subtracted'} like {there}, "
        "but in a bound on the evidence log q has the opposite sign of log p"
    )
    edit = f"{'subtract' if up else 'add'} {'them' if several else _text(variational[0])}"
    at = variational[0].within.id
    # Of several signs one edit alone would make no bound of it.
    alone = all(p.within is variational[0].within for p in variational)
    view.emit(Misstated(at, e.id if alone else at, message, edit, LAW, "VL402", BY_NAMES, held=True))


def _text(part: Part) -> str:
    """A term as the log-density that it is: an entropy is minus one."""
    return f"{'minus ' if _ENTROPY.of(name(part.at)) else ''}`{ir.render(part.at, 30)}`"


def _parts(e: ir.Expr, f: Frame, sign: int, depth: int, within: ir.Expr | None = None) -> Iterator[Part]:
    """The terms that are called log p, log q or an entropy, also in sums that names stand for."""
    for way, x in leaves(e, REDUCTIONS, sign):
        called = name(x)
        if _OF_P.of(called) or _OF_Q.of(called):
            yield Part(way, _OF_Q.of(called), x, within or x)
        elif _ENTROPY.of(called):
            yield Part(-way, True, x, within or x)
        elif depth and isinstance(x, ir.Name) and isinstance(written := bound(x, f), (ir.Binary, ir.Call)):
            yield from _parts(written, f, way, depth - 1, within or x)


def _is_contradicted(view: View, part: Part, f: Frame) -> bool:
    """Whether a term is known not to be what it is called, or may be: the negation of it under its name."""
    value = view.value(part.at, f)
    terms = value.terms if isinstance(value, Quantity) else ()
    if _ENTROPY.of(name(part.at)):
        return any(t.meaning.kind != "entropy" or t.sign < 0 for t in terms if t.meaning.is_evidence)
    if any(t.value_sense is Sense.COST or (t.meaning.kind == "entropy" and t.sign > 0) for t in terms):
        return True
    written = bound(part.at, f)
    return leading(written) < 0 and any(_OF_P.of(n) or _OF_Q.of(n) or n == "log_prob" for n in ir.names_in(written))
