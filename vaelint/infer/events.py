"""What inference tells the checks: facts about places, without judgement."""

from __future__ import annotations

from dataclasses import dataclass

from vaelint.infer.values import Quantity
from vaelint.knowledge.schema import Claim
from vaelint.sense import Direction, Sense


@dataclass(frozen=True, slots=True)
class Named:
    """A quantity was bound to a name that claims something. ``how``: variable, attribute, key or return."""

    name: str
    claim: Claim
    quantity: Quantity
    node: int
    function: str
    how: str


@dataclass(frozen=True, slots=True)
class Optimised:
    """A quantity reached an optimiser. ``update`` is the node of a hand-written update, where there is one.

    ``about``: words of the surrounding code, where a game or an attack would show.
    """

    quantity: Quantity
    direction: Direction
    node: int
    function: str
    via: str
    reason: str = ""
    update: int | None = None
    inputs: bool = False
    step: int = -1  # the optimiser's step: objectives of one step are descended together
    explicit: bool = False  # the sign was given to backward()
    site: int = -1  # where it was reached from another file, the call there
    meant: bool = False  # a comment states that it is to go the way it goes


@dataclass(frozen=True, slots=True)
class Handed:
    """A quantity was given to an API (or returned by a callable given to it) that needs a certain sense."""

    quantity: Quantity
    needs: Sense
    api: str
    parameter: str
    node: int
    function: str
    url: str
    site: int = -1


@dataclass(frozen=True, slots=True)
class Parted:
    """A name was bound on several branches, or a function returns in several places: ``quantities``, one of each.

    ``about``: the conditions, and for a function its parameters, as text. ``node``: where the paths meet.
    """

    name: str
    quantities: tuple[Quantity, ...]
    about: str
    node: int
    function: str


@dataclass(frozen=True, slots=True)
class Overridden:
    """What a method returns; ``bases``: the classes of the project that its class is derived from, by node."""

    owner: str
    method: str
    quantity: Quantity
    node: int
    bases: frozenset[int]


@dataclass(frozen=True, slots=True)
class Scaled:
    """A flow's method multiplies by ``exp(move * scale)``; its log-determinant is ``sign`` × the sum of ``scale``."""

    owner: str
    cls: int
    method: str
    scale: str
    move: int
    sign: int
    node: int


Event = Named | Optimised | Handed | Parted | Overridden | Scaled
