"""Laws that technical names invoke: what quantities are called fixes their signs, though no formula shows them.

Each law reads one named expression (`stated`): a name for the whole, a signed sum, names for its parts. All of them
have to fit; a name that fits nothing says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import summands
from vaelint.infer.seen import ExpressionStated, Names, View, observes
from vaelint.infer.values import Frame
from vaelint.knowledge.vocabulary import Words
from vaelint.records import replace


@observes(ExpressionStated)
def stated(view: View, seen: ExpressionStated) -> None:
    """Hold what is bound to, or returned under, ``names`` against the laws."""
    e, names, f = seen.e, seen.names, seen.scope
    for law in _asked(names):
        for event in law(view, e, names[0], f):
            view.emit(replace(event, held=True))


@lru_cache(maxsize=4096)
def _asked(names: Names) -> tuple[Law, ...]:
    """The laws that these names speak of."""
    return tuple(law for asks, law in _LAWS if asks.any(names if law is _information else names[:1]))


# --- mutual information --------------------------------------------------------------------------

_ENTROPY = Words("entropy_term")
_CONDITIONAL = Words("conditional")


def _information(view: View, e: ir.Expr, name: str, f: Frame) -> Iterable[Misstated]:
    terms = summands(e)
    if len(terms) != 2 or {s for s, _ in terms} != {1, -1}:
        return
    if not all(_ENTROPY.within(x) for _, x in terms):
        return
    conditional = [(s, x) for s, x in terms if _CONDITIONAL.within(x)]
    if len(conditional) == 1 and conditional[0][0] > 0:
        yield Misstated(
            e.id,
            e.id,
            f"`{name}`: mutual information is H(Y) - H(Y|X); here the conditional "
            "entropy is added and the other subtracted",
            "swap the two entropies",
            "never below zero: knowing X takes away from the entropy of Y",
            turn="whole",
        )


# --- the density of a uniform distribution -------------------------------------------------------

_UPPER = Words("upper")
_LOWER = Words("lower")


def _width(view: View, e: ir.Expr, name: str, f: Frame) -> Iterable[Misstated]:
    """The log-density of a uniform distribution is -log(upper - lower)."""
    match e:
        case ir.Call(
            func=ir.Attr(name="log") | ir.Name(name="log"), args=(ir.Arg(value=ir.Binary(op="-") as width), *_)
        ):
            pass
        case _:
            return
    if not (_is_bound(width.left, f) and _is_bound(width.right, f)):
        return
    if _UPPER.within(width.left) and _LOWER.within(width.right):
        yield Misstated(
            e.id,
            e.id,
            f"`{name}`: the log-density of a uniform distribution is minus the log of its width; the minus is missing",
            "put a minus in front",
            "a wider distribution is lower everywhere",
            turn="whole",
        )


def _is_bound(e: ir.Expr, f: Frame) -> bool:
    """Whether this is an attribute or parameter: what was computed may be a distribution function at a bound."""
    if isinstance(e, ir.Attr):
        return True
    return isinstance(e, ir.Name) and e.name in f.vars and e.name not in f.definitions


Law = Callable[[View, ir.Expr, str, Frame], Iterable[Misstated]]
_LAWS: tuple[tuple[Words, Law], ...] = (
    (Words("information_name"), _information),
    (Words("uniform_density"), _width),
)
