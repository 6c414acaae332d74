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
from vaelint.infer.values import Frame, Function, Quantity, Value
from vaelint.knowledge.vocabulary import Words
from vaelint.records import replace
from vaelint.sense import Sense


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


# --- Metropolis acceptance -----------------------------------------------------------------------

_CONDITIONAL = Words("conditional")
_HAMILTONIAN = Words("hamiltonian")
_NEW = Words("proposed")
_OLD = Words("left_behind")


def _acceptance(view: View, e: ir.Expr, name: str, f: Frame) -> Iterable[Misstated]:
    """log α = -(H_new - H_old) + …: a step that raises the energy is accepted less often."""
    energies = [(s, x) for s, x in summands(e) if _HAMILTONIAN.within(x) and isinstance(x, (ir.Name, ir.Attr))]
    new = [(s, x) for s, x in energies if _NEW.within(x)]
    old = [(s, x) for s, x in energies if _OLD.within(x)]
    if len(energies) != 2 or len(new) != 1 or len(old) != 1 or new[0][0] < 0 or old[0][0] > 0:
        return
    if any(_is_log_density(f.find(x.name)) for _, x in energies if isinstance(x, ir.Name)):
        return  # what is called a Hamiltonian there is its negation
    yield Misstated(
        e.id,
        e.id,
        f"`{name}`: `{ir.render(new[0][1], 80)}` is added, so that a move to a higher energy is accepted more often",
        "subtract the new energy and add the old one",
        "Metropolis accepts with exp(H_old - H_new)",
        turn="whole",
    )


def _is_log_density(value: Value | None) -> bool:
    return isinstance(value, Quantity) and any(
        t.value_sense is Sense.GAIN and t.meaning.kind == "log_density" for t in value.terms
    )


# --- the log of a uniform draw -------------------------------------------------------------------


def _threshold(view: View, e: ir.Expr, name: str, f: Frame) -> Iterable[Misstated]:
    """log U of a uniform U in (0, 1) is minus an exponential draw."""
    if not isinstance(e, ir.Call) or not isinstance(e.func, (ir.Name, ir.Attr)):
        return
    if e.func.name not in ("exponential", "standard_exponential"):
        return
    if isinstance(f.find(e.func.name) if isinstance(e.func, ir.Name) else None, Function):
        return
    yield Misstated(
        e.id,
        e.id,
        f"`{name}` is an exponential draw, which is minus the log of a uniform one: but "
        "the logarithm of a uniform draw is never above zero",
        "put a minus in front of the draw",
        "log U of a uniform U is never above zero",
        turn="whole",
    )


# --- contrastive divergence ----------------------------------------------------------------------


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
    (Words("log_acceptance"), _acceptance),
    (Words("log_threshold"), _threshold),
    (Words("uniform_density"), _width),
)
