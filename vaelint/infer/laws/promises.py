"""A function that is called after a direction, and passes what it was given on to a solver of the other one.

``maximize(f)`` may well call a minimiser, of minus ``f``. What it is given is the caller's: nobody there negates it, so
that the minus has to be here.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.arguments import Argument
from vaelint.infer.events import PassedOn
from vaelint.infer.seen import LibraryCalled, View, refines
from vaelint.infer.values import Bound, Function, Quantity, Term, Value
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Direction, Sense

_PROMISES = ((Words("promises_most"), Direction.MAXIMIZE), (Words("promises_least"), Direction.MINIMIZE))
_NEGATED = Words("negative_likelihood")


@refines(LibraryCalled)
def passed_on(view: View, seen: LibraryCalled, value: Value) -> Value:
    """Watch the calls of solvers; what they yield stays what it is."""
    promised = {way for words, way in _PROMISES if words.of(seen.scope.name)}
    found = solved(view, seen) if len(promised) == 1 else None
    if found is not None:
        _hold_against(view, promised.pop(), *found, seen)
    return value


def _hold_against(view: View, promised: Direction, direction: Direction, a: Argument, seen: LibraryCalled) -> None:
    path, _, e, f = seen
    value, at = a.value, a.expr.id
    if isinstance(value, (Function, Bound)):
        value, at = view.answer(value, e, at, f)
    if not isinstance(value, Quantity) or len(value.terms) != 1 or not _is_callers(view, value.terms[0]):
        return
    [t] = value.terms
    if t.sign != (1 if direction is promised else -1):
        given = t.source.network if t.source is not None else t.label
        view.emit(PassedOn(given, t.sign < 0, at, direction, path.rpartition(".")[2], e.id, f.name))


def solved(view: View, seen: LibraryCalled) -> tuple[Direction, Argument] | None:
    """Which way a solver moves what, by its rule."""
    entry, selector = view.knowledge.lookup(seen.path), view.knowledge.selector(seen.path)
    found: tuple[str, str, tuple[str, ...]] | None = None
    if entry is not None and (entry.minimizes or entry.maximizes):
        way = "minimize" if entry.minimizes else "maximize"
        found = (way, entry.minimizes or entry.maximizes, entry.params)
    elif selector is not None and selector.objective and selector.direction:
        found = (selector.direction, selector.objective, selector.params)
    if found is None:
        return None
    direction, name, params = found
    a = seen.args.get(name, params.index(name) if name in params else None)
    return (Direction(direction), a) if a is not None else None


def _is_callers(view: View, t: Term) -> bool:
    """Whether a value is what a function yields that was given by a caller, who calls it neither a gain nor a cost."""
    if t.meaning.sense is not Sense.UNKNOWN or t.meaning.kind or not t.live:
        return False
    function = t.source.network.expr if t.source is not None else t.label.expr if t.is_parameter else None
    match function:
        case ir.Name(name=name) | ir.Attr(base=ir.Name(name="self"), name=name):
            return view.knowledge.claim(name) is None and not _NEGATED.of(name)
    return False
