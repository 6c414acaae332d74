"""What inference tells the checks: facts about places, without judgement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaelint.infer.values import Quantity
from vaelint.knowledge.schema import Claim
from vaelint.sense import Direction, Sense

if TYPE_CHECKING:
    from vaelint.formula.oracle import Slip


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


@dataclass(frozen=True, slots=True)
class Slipped:
    """A formula that one turned sign makes a known one. ``node`` is the whole of it, ``name`` what holds it."""

    slip: Slip
    node: int
    name: str
    function: str


@dataclass(frozen=True, slots=True)
class Summed:
    """A hand-written formula went into a sum, or was negated: how it is used."""

    quantity: Quantity
    node: int


@dataclass(frozen=True, slots=True)
class Misstated:
    """A law that technical names invoke, written with a sign turned. ``node``: the part, ``whole``: what states it."""

    node: int
    whole: int
    message: str
    help: str
    law: str


Event = Misstated | Named | Optimised | Handed | Slipped | Summed
