"""What a method leaves on its object for the others: log-probabilities that `act` appends, and `learn` sums up.

Methods are entry points, each run on an object as ``__init__`` leaves it. What one has put into an attribute that was
empty before is what a later one finds there, if every method that writes to it has been run by then: those that fill
what is empty are read first, the others in the order of the file, and who asks too early is told nothing.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.expression import walk
from vaelint.infer.heap import Attributes, Heap
from vaelint.infer.journal import Remembered
from vaelint.infer.values import NONE, Class, Gradient, Instance, Mapping, Quantity, Sequence, Value
from vaelint.sense import Sense
from vaelint.source.around import Around

AT_FIRST = frozenset({"__init__", "setup", "__post_init__", "reset", "clear"})


class Kept(Remembered):
    """By class (its node) or by object of the module (minus its number), and by attribute."""

    def __init__(self) -> None:
        self._values: dict[tuple[int, str], list[Value]] = {}
        self._written: dict[int, set[str]] = {}  # methods of a class that have been run to their end
        self._doubted: set[tuple[int, str]] = set()  # what a method left there of which nothing is known

    def method(self, cls: Class, name: str, before: Attributes, after: Attributes) -> None:
        """What a method of ``cls`` has changed."""
        self._written.setdefault(cls.node, set()).add(name)
        self._changed(cls.node, before, after)

    def objects(self, heap: Heap) -> None:
        """What a function has changed of the objects of its module."""
        for oid, before in heap.lasting.items():
            after = heap.get(oid)
            if after is not None and after is not before:
                self._changed(-oid, before, after)

    def _changed(self, key: int, before: Attributes, after: Attributes) -> None:
        for name, value in after.items():
            if value is before.get(name) or not is_start(before.get(name)):
                continue
            if _tells(value):
                self._values.setdefault((key, name), []).append(value)
            elif isinstance(value, Quantity) and any(t.meaning.sense is not Sense.NONE for t in value.terms):
                self._doubted.add((key, name))

    def of(self, it: Machine, base: Instance, name: str, node: int) -> Value | None:
        """What others have left in an attribute; None where that is nothing, or not all of it is known yet."""
        found = self.journal.asked(self._left, (base, name), self._left((base, name)))
        return it.join(list(found), node, name) if found else None

    def _left(self, at: tuple[Instance, str]) -> tuple[Value, ...]:
        base, name = at
        if not self._values:
            return ()
        places = ((base.cls.node, name), (-base.oid, name))
        if not self._doubted.isdisjoint(places):
            return ()
        found = tuple(x for place in places for x in self._values.get(place, ()))
        return found if found and self._is_complete(base.cls, name) else ()

    def _is_complete(self, cls: Class, name: str) -> bool:
        """Whether every method of the class that writes to the attribute has been run."""
        info = cls.module.class_info(cls)
        if info is None:
            return False
        source = cls.module.source
        for method in info.method_names:
            unit = info.unit(method)
            if unit is None or method in AT_FIRST or method in self._written.get(cls.node, ()):
                continue
            if writes(source.around_unit(unit), name):
                return False
        return True


_FILLS = frozenset({"append", "extend", "insert", "add"})


def writes(around: Around, name: str) -> bool:
    """Whether a unit binds an attribute of that name, or puts something into what it holds."""
    if name not in around.words:
        return False
    for x in walk(around.code):
        match x:
            case ir.Assign(targets=targets) if any(_is_one(t, name) for t in targets):
                return True
            case ir.AugAssign(target=target) if _is_one(target, name):
                return True
            case ir.Call(func=ir.Attr(base=base, name=word)) if word in _FILLS and _is_one(base, name):
                return True
    return False


def _is_one(e: ir.Expr, name: str) -> bool:
    parts = e.items if isinstance(e, (ir.Tuple, ir.List)) else (e,)
    return any(isinstance(x, ir.Attr) and x.name == name for x in parts)


def is_start(value: Value | None) -> bool:
    """Whether an attribute is empty yet: missing, None, or a list without items."""
    if isinstance(value, (Sequence, Mapping)):
        return not value.items and value.rest is None
    return value is None or value == NONE


def _tells(value: Value) -> bool:
    """Whether something is known of a value beyond its name. Objects do not outlive the entry point that made them."""
    match value:
        case Quantity(terms=terms):
            return any(t.meaning.is_evidence and t.meaning.sense is not Sense.NONE for t in terms)
        case Gradient():
            return True
        case Sequence(items=items, rest=rest):
            parts = [*items, *([rest] if rest is not None else [])]
            return bool(parts) and all(isinstance(v, (Quantity, Gradient)) for v in parts) and any(map(_tells, parts))
    return False
