"""Whether two calls find the same, whichever objects it is; and what one did, done to the objects of the other.

Objects are known by numbers. Two calls find the same where one object of the second stands for each of the first,
everywhere: what is reached over it is compared as far as the first call asked for it, and no further.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from typing import Any

from vaelint.infer.values import (
    Applied,
    Bound,
    Choice,
    Function,
    Gradient,
    GradientFunction,
    Instance,
    Literal,
    Mapping,
    Method,
    Quantity,
    Sequence,
    Term,
)
from vaelint.records import replace


class Renaming:
    """The objects of one call, with those of another that stand for them.

    ``fixed``: objects that are reached from anywhere, without being passed. They stand for themselves alone.
    """

    def __init__(self, fixed: Set[int] = frozenset()) -> None:
        self._fixed = fixed
        self._new: dict[int, int] = {}
        self._old: dict[int, int] = {}

    def pairs(self, old: int, new: int) -> bool:
        """Whether one object may stand for another; from then on it does."""
        if old != new and (old in self._fixed or new in self._fixed):
            return False
        return self._new.setdefault(old, new) == new and self._old.setdefault(new, old) == old

    def makes(self, old: int, new: int) -> None:
        """A new object, which nothing stands for yet, stands for one that the first call made."""
        self._new[old] = new

    def number(self, old: int) -> int:
        """The object that stands for one of the first call."""
        return self._new.get(old, old)

    def keeps(self, value: object) -> bool:
        """Whether the objects in a value that were met nowhere else stand for themselves."""
        return all(x.oid in self._new or self.pairs(x.oid, x.oid) for x in leaves(value) if isinstance(x, Instance))

    @property
    def changes_nothing(self) -> bool:
        """Whether each object stands for itself."""
        return all(old == new for old, new in self._new.items())

    # --- the same ---

    def alike(self, a: object, b: object) -> bool:
        """Whether two values are the same in all that they have, also where that does not make them unequal."""
        if type(a) is not type(b):
            return False
        asks = _ALIKE.get(type(a))
        return a is b or a == b if asks is None else asks(self, a, b)

    def all_alike(self, a: dict[str, Any], b: dict[str, Any]) -> bool:
        """Whether the same names hold the same, in the same order."""
        return len(a) == len(b) and all(k == j and self.alike(x, y) for (k, x), (j, y) in zip(a.items(), b.items()))

    # --- the other way ---

    def of(self, value: Any) -> Any:
        """A value of the first call, as it is in the second: the value itself where no object is another one."""
        moved = _MOVED.get(type(value))
        return value if moved is None else moved(self, value)

    def all_of(self, values: dict[str, Any]) -> dict[str, Any]:
        out = {k: self.of(v) for k, v in values.items()}
        return values if all(out[k] is v for k, v in values.items()) else out

    def each_of(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        out = tuple(map(self.of, values))
        return values if all(x is y for x, y in zip(out, values)) else out


def leaves(value: object) -> Iterator[Instance | Function]:
    """The objects and functions in a value."""
    if isinstance(value, (Instance, Function)):
        yield value
        return
    inner = _INNER.get(type(value))
    for part in inner(value) if inner is not None else ():
        yield from leaves(part)


def _same_term(t: Term, u: Term) -> bool:
    given = (None if x.source is None else x.source.given for x in (t, u))
    return t.head == u.head and t.over == u.over and next(given) == next(given)


def _same_quantity(r: Renaming, a: Quantity, b: Quantity) -> bool:
    if a is b:
        return True
    same_terms = a == b and all(t is u or _same_term(t, u) for t, u in zip(a.terms, b.terms))
    return same_terms and all(_same_quantity(r, x, y) for x, y in zip(a.ways, b.ways))


# Kinds that have more to them than what makes them equal, or parts that may be objects.
_ALIKE: dict[type, Callable[[Renaming, Any, Any], bool]] = {
    dict: Renaming.all_alike,
    tuple: lambda r, a, b: len(a) == len(b) and all(map(r.alike, a, b)),
    Instance: lambda r, a, b: a.cls == b.cls and r.pairs(a.oid, b.oid),
    Quantity: _same_quantity,
    Literal: lambda r, a, b: type(a.value) is type(b.value) and a == b,
    Sequence: lambda r, a, b: r.alike(a.items, b.items) and r.alike(a.rest, b.rest),
    Mapping: lambda r, a, b: r.all_alike(a.items, b.items) and r.alike(a.rest, b.rest),
    Choice: lambda r, a, b: a.overrides == b.overrides and r.alike(a.values, b.values),
    Function: lambda r, a, b: a is b or (a == b and a.closure is b.closure and a.owner == b.owner),
    Bound: lambda r, a, b: (
        r.alike(a.function, b.function) and r.alike(a.args, b.args) and r.all_alike(a.kwargs, b.kwargs)
    ),
    Method: lambda r, a, b: a.name == b.name and a.at is b.at and r.alike(a.receiver, b.receiver),
    Gradient: lambda r, a, b: a == b and r.alike(a.objective, b.objective) and r.alike(a.others, b.others),
    GradientFunction: lambda r, a, b: (
        (a.with_value, a.aux, a.node, a.handed, a.in_first) == (b.with_value, b.aux, b.node, b.handed, b.in_first)
        and r.alike(a.function, b.function)
    ),
    Applied: lambda r, a, b: (a.leading, a.stateful) == (b.leading, b.stateful) and r.alike(a.of, b.of),
}

_MOVED: dict[type, Callable[[Renaming, Any], Any]] = {
    dict: Renaming.all_of,
    tuple: Renaming.each_of,
    Instance: lambda r, v: v if r._new.get(v.oid, v.oid) == v.oid else Instance(v.cls, r._new[v.oid]),
    Sequence: lambda r, v: _with(v, items=r.of(v.items), rest=r.of(v.rest)),
    Mapping: lambda r, v: _with(v, items=r.of(v.items), rest=r.of(v.rest)),
    Choice: lambda r, v: _with(v, values=r.of(v.values)),
    Bound: lambda r, v: _with(v, function=r.of(v.function), args=r.of(v.args), kwargs=r.of(v.kwargs)),
    Method: lambda r, v: _with(v, receiver=r.of(v.receiver)),
    GradientFunction: lambda r, v: _with(v, function=r.of(v.function)),
    Applied: lambda r, v: _with(v, of=r.of(v.of)),
}

_INNER: dict[type, Callable[[Any], Iterable[object]]] = {
    dict: lambda v: v.values(),
    tuple: lambda v: v,
    list: lambda v: v,
    Sequence: lambda v: (*v.items, v.rest),
    Mapping: lambda v: (*v.items.values(), v.rest),
    Choice: lambda v: v.values,
    Bound: lambda v: (v.function, *v.args, *v.kwargs.values()),
    Method: lambda v: (v.receiver,),
    GradientFunction: lambda v: (v.function,),
    Applied: lambda v: (v.of,),
}


def _with(v: Any, **parts: Any) -> Any:
    return v if all(getattr(v, name) is part for name, part in parts.items()) else replace(v, **parts)
