"""What a reference formula is. The families are tables of these: add a formula there, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from vaelint.formula.domain import POSITIVE, REAL, UNIT
from vaelint.sense import Sense


class Way(NamedTuple):
    """How the parameter of a role is written: ``text`` stands for the role, ``_`` in it is the leaf.

    ``domain``: where the leaf lies; ``neutral``: its value where the role is 1 (for a probability, 1/2).
    """

    text: str
    name: str
    domain: str
    neutral: float


PLAIN = Way("_", "", "", 1.0)

# What a role may ask for, and all the ways in which that is written.
PARAMETERS: dict[str, tuple[Way, ...]] = {
    "variance": (
        Way("_", "variance", POSITIVE, 1.0),
        Way("_**2", "standard deviation", POSITIVE, 1.0),
        Way("exp(_)", "log-variance", REAL, 0.0),
        Way("exp(2*_)", "log standard deviation", REAL, 0.0),
        Way("1/_", "precision", POSITIVE, 1.0),
        Way("exp(-_)", "log-precision", REAL, 0.0),
        Way("1/_**2", "root of the precision", POSITIVE, 1.0),
    ),
    # Where nothing says that the leaf is above zero: it is added, and stands in no logarithm.
    "second moment": (
        Way("_", "variance", REAL, 1.0),
        Way("_**2", "standard deviation", REAL, 1.0),
        Way("exp(_)", "log-variance", REAL, 0.0),
        Way("exp(2*_)", "log standard deviation", REAL, 0.0),
    ),
    "weight": (Way("_", "probability", REAL, 1.0), Way("exp(_)", "log-probability", REAL, 0.0)),
    "scale": (
        Way("_", "scale", POSITIVE, 1.0),
        Way("exp(_)", "log-scale", REAL, 0.0),
        Way("1/_", "inverse scale", POSITIVE, 1.0),
    ),
    "rate": (Way("_", "rate", POSITIVE, 1.0), Way("exp(_)", "log-rate", REAL, 0.0)),
    "probability": (Way("_", "probability", UNIT, 0.5), Way("sigmoid(_)", "logit", REAL, 0.0)),
    "mass": (Way("_", "probability", POSITIVE, 1.0), Way("exp(_)", "log-probability", REAL, 0.0)),
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A formula with a known optimum.

    ``text``: Python, over the names of ``roles``; written so that its sense is ``sense``. ``roles``: name → "" or a key
    of `PARAMETERS`. ``optimum``: where it is least (a cost) or greatest (a gain), for the reason. ``exact``: the
    additive constant belongs to it (``log(2*pi)`` is what tells a log-density from a square). ``data``: the role that
    is observed. ``strict``: so short that only the right name makes it this formula. ``slips``: has enough structure
    that one flipped sign in it is a mistake and not another formula.
    """

    name: str
    text: str
    sense: Sense
    kind: str
    optimum: str
    noun: str
    roles: dict[str, str] = field(default_factory=dict, hash=False)
    exact: bool = False
    data: str = ""
    strict: bool = False
    slips: bool = True
    source: str = ""
