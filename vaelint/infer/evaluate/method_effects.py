"""What a method leaves on its object for the others: log-probabilities that `act` appends, and `learn` sums up.

Methods are entry points, each run on an object as ``__init__`` leaves it. What one has put into an attribute that was
empty before is what a later one finds there, if every method that writes to it has been run by then: methods are read
in the order of the file, and who asks too early is told nothing.
"""

from __future__ import annotations

import re

from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.heap import Attributes, Heap
from vaelint.infer.journal import Remembered
from vaelint.infer.values import NONE, Class, Gradient, Instance, Mapping, Quantity, Sequence, Value
from vaelint.sense import Sense

_AT_FIRST = frozenset({"__init__", "setup", "__post_init__", "reset", "clear"})


class Kept(Remembered):
    """By class (its node) or by object of the module (minus its number), and by attribute."""

    def __init__(self) -> None:
        self._values: dict[tuple[int, str], list[Value]] = {}
        self._written: dict[int, set[str]] = {}  # methods of a class that have been run to their end

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
            if value is not before.get(name) and is_start(before.get(name)) and _tells(value):
                self._values.setdefault((key, name), []).append(value)

    def of(self, it: Machine, base: Instance, name: str, node: int) -> Value | None:
        """What others have left in an attribute; None where that is nothing, or not all of it is known yet."""
        found = self.journal.asked(self._left, (base, name), self._left((base, name)))
        return it.join(list(found), node, name) if found else None

    def _left(self, at: tuple[Instance, str]) -> tuple[Value, ...]:
        base, name = at
        if not self._values:
            return ()
        found = (*self._values.get((base.cls.node, name), ()), *self._values.get((-base.oid, name), ()))
        return found if found and self._is_complete(base.cls, name) else ()

    def _is_complete(self, cls: Class, name: str) -> bool:
        """Whether every method of the class that writes to the attribute has been run."""
        info = cls.module.class_info(cls)
        if info is None:
            return False
        write = re.compile(rf"\.{re.escape(name)}[^\S\n]*(?:=(?!=)|[-+*/]=|\.(?:append|extend|insert|add)\()")
        source = cls.module.source
        for method in info.method_names:
            unit = info.unit(method)
            if unit is None or method in _AT_FIRST or method in self._written.get(cls.node, ()):
                continue
            if write.search(source.text_in(unit)):
                return False
        return True


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
