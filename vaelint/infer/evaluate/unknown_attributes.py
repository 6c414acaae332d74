"""What is put into an object that nobody resolved: ``engine.state.output = {…}`` where only ``engine`` is known.

It is kept with the nearest object that is known, under the rest of its path, and found there when it is asked for.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.journal import Remembered
from vaelint.infer.values import Frame, Instance, Value

_OF_TENSORS = frozenset({"grad", "_grad", "data", "requires_grad", "real", "imag"})  # followed as what they are


class Paths(Remembered):
    """Attributes that were set on objects that are not resolved, by name."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    @property
    def any(self) -> bool:
        """Whether there are any: of who has just set an attribute."""
        return bool(self._names)

    def add(self, name: str) -> None:
        self.journal.changed()
        self._names.add(name)

    def has(self, name: str) -> bool:
        return self.journal.asked(self._has, name, name in self._names)

    def _has(self, name: str) -> bool:
        return name in self._names


def keep(it: Machine, target: ir.Attr, value: Value, f: Frame) -> None:
    found = _owner(it, target, f) if target.name not in _OF_TENSORS else None
    if found is not None:
        it.set_attribute(*found, value)
        it.memory(Paths).add(target.name)


def held(it: Machine, e: ir.Attr, f: Frame) -> Value | None:
    """What was put there; None where nothing was, as far as is known."""
    found = _owner(it, e, f) if it.memory(Paths).has(e.name) else None
    return it.attributes(found[0]).get(found[1]) if found is not None else None


def replaced(it: Machine, owner: Instance, name: str) -> None:
    """Another object stands there now: what was put into the one before it is gone."""
    if not it.memory(Paths).any:
        return
    prefix = f"{name}."
    attributes = it.attributes(owner)
    if any(key.startswith(prefix) for key in attributes):
        it.heap.set(owner.oid, {k: v for k, v in attributes.items() if not k.startswith(prefix)})


def _owner(it: Machine, e: ir.Attr, f: Frame) -> tuple[Instance, str] | None:
    """The last object on the way that is known, and what leads on from there."""
    names: list[str] = []
    at: ir.Expr = e
    while isinstance(at, ir.Attr):
        names.append(at.name)
        at = at.base
    owner = f.find(at.name) if isinstance(at, ir.Name) else None
    if not isinstance(owner, Instance):
        return None
    while len(names) > 1 and isinstance(inner := it.attributes(owner).get(names[-1]), Instance):
        owner = inner
        names.pop()
    return (owner, ".".join(reversed(names))) if len(names) > 1 else None
