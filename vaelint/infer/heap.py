"""The attributes of objects while code is interpreted: layer on layer, one for each branch that is being followed."""

from __future__ import annotations

from vaelint.infer.journal import Journal
from vaelint.infer.values import Value

Attributes = dict[str, Value]  # replaced as a whole, never changed
Layer = dict[int, Attributes]  # by object


class Heap:
    """What a branch writes stays in its layer until the branches are joined: a branch costs what it changes."""

    def __init__(self, lasting: Layer, journal: Journal) -> None:
        self._journal = journal
        self._layers: list[Layer] = [lasting, {}]  # the first is shared by all entry points and not written to

    @property
    def lasting(self) -> Layer:
        """What was there before the entry point."""
        return self._layers[0]

    @property
    def top(self) -> Layer:
        """What was written since the branch began that is being followed."""
        return self._layers[-1]

    def get(self, oid: int) -> Attributes | None:
        """The attributes of an object. (That they were asked for is noted by who asks for a call.)"""
        for layer in reversed(self._layers):
            held = layer.get(oid)
            if held is not None:
                return held
        return None

    def set(self, oid: int, attributes: Attributes) -> None:
        self._journal.writes(oid)
        self._layers[-1][oid] = attributes

    def push(self) -> None:
        """Begin a branch."""
        self._layers.append({})

    def pop(self) -> Layer:
        """End a branch: what it wrote."""
        return self._layers.pop()

    def write(self, layer: Layer) -> None:
        for oid in layer:
            self._journal.writes(oid)
        self._layers[-1].update(layer)

    def all(self) -> Layer:
        """Every object with its attributes as they are now."""
        out: Layer = {}
        for layer in self._layers:
            out.update(layer)
        return out
