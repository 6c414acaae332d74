"""Pairs of which one is preferred: ``log sigmoid(score of it - score of the other)`` is to be raised.

The log-probability of a preference (Bradley & Terry 1952): of what a user chose (BPR, Rendle et al. 2009), of the
better answer by a reward model, and by the log-ratios of a policy to its reference (DPO, Rafailov et al. 2023, eq. 7).
"""

from __future__ import annotations

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.expression import argument, has_square, last, leaves_behind, number, reduction, same
from vaelint.infer.quantities.written import read_as
from vaelint.infer.values import Frame, Quantity
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Sense, concluded

KIND = "preference"
_PREFERRED = Words("preferred")
_OTHER = Words("dispreferred")
_PAIR = Words("of_pairs")
_REFERENCE = Words("reference_model")
_TURNED = Words("opposing")
Ways = tuple[ir.Expr, ...]  # the ways in which one thing is written
_INCREASING = frozenset({"logsigmoid", "log_sigmoid", "softplus"})
# The form, and which of the two is preferred: by the names of both.
_ROLES = (Basis.STRUCTURE, Basis.NAME, Basis.NAME)


def of(e: ir.Expr, value: Quantity, f: Frame) -> Quantity | None:
    """The value of a call, if it is the log-probability of a preference or minus one; else None."""
    if not isinstance(e, ir.Call) or not value.terms:
        return None
    name = last(e.func)
    if name in _INCREASING:
        inner = argument(e)
    elif name == "log":
        inner = _sigmoid(argument(e))
    else:
        return None
    grows, scores = _margin(inner, f) if inner is not None else (0, False)
    # Scores of positives and negatives may be distances, which are told apart the other way round: of these only
    # what is written as a log-probability of the positive is taken for one.
    if not grows or (scores and (grows < 0 or name == "softplus")):
        return None
    # Either function increases: it is to be raised where it grows with the preferred one's score, else lowered.
    why = "the log-probability that the one is preferred to the other, which should go up"
    meaning = concluded(Sense.GAIN if grows > 0 else Sense.COST, KIND, _ROLES)
    return read_as(e, value, meaning, why)


def _sigmoid(e: ir.Expr | None) -> ir.Expr | None:
    """x of ``sigmoid(x)`` and ``sigmoid(x) + eps``."""
    while isinstance(e, ir.Binary) and e.op == "+":
        e = e.left if isinstance(e.left, ir.Call) else e.right
    return argument(e) if isinstance(e, ir.Call) and last(e.func) in ("sigmoid", "expit") else None


def _margin(e: ir.Expr, f: Frame) -> tuple[int, bool]:
    """1 for preferred less other, -1 for the reverse, 0 where the names do not say; and whether of plain pairs."""
    # `chosen = policy - reference` says which it is
    terms = [(s, _words(x, f)) for s, x in leaves_behind(e, f, lambda x: not _which((x,))) if not number(x)]
    said = [(sign, _which(x)) for sign, x in terms]
    # A weight is called what it likes: `self.loss_config.beta * (chosen - rejected)`.
    if len(terms) < 2 or any(which and _is_turned(x) for (_, which), (_, x) in zip(said, terms)):
        return 0, False
    found = {sign * which for sign, which in said if which}
    sides = {which for _, which in said}
    known = len(found) == 1 and {1, -1} <= sides
    return (found.pop() if known else 0), any(_PAIR.within(*x) and not _is_likeness(x) for _, x in terms)


def _is_likeness(ways: Ways) -> bool:
    """Whether a score is an inner product, which is no distance: ``(user * item).sum(1)``."""
    inside = [x for e in ways if isinstance(x := reduction(e), ir.Binary) and x.op == "*"]
    return any(not same(x.left, x.right) for x in inside)


def _words(e: ir.Expr, f: Frame) -> Ways:
    """A term as it is written, as its name was bound, and as a caller wrote it, where these say what it does not."""
    out: list[ir.Expr] = [e]
    if isinstance(e, ir.Name):
        said = _PREFERRED.within(e) or _OTHER.within(e)
        given = (f.wrote(e.name), f.given_for(e))
        out += [x for x in given if x is not None and (not said or _is_turned((x,)))]
    return tuple(out)


def _is_turned(ways: Ways) -> bool:
    """Whether a larger one is no better: a distance, a critic's score, a cost."""
    return _TURNED.within(*ways) or any(map(has_square, ways))


def _which(ways: Ways) -> int:
    """1 for what is preferred, -1 for the other; of a reference it is the other way round."""
    which = _PREFERRED.within(*ways) - _OTHER.within(*ways)
    return -which if _REFERENCE.within(*ways) else which
