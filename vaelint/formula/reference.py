"""What a reference formula is. The families are tables of these: add a formula there, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field

from vaelint.sense import Sense

# The ways in which the parameter of a role is written. The key is what a role asks for; each way is the text that
# stands for the role (`_` is the leaf), what the leaf is called, and the leaf's value where the role is 1.
PARAMETERS: dict[str, tuple[tuple[str, str, float], ...]] = {
    "variance": (
        ("_", "variance", 1.0),
        ("_**2", "standard deviation", 1.0),
        ("exp(_)", "log-variance", 0.0),
        ("exp(2*_)", "log standard deviation", 0.0),
        ("1/_", "precision", 1.0),
        ("exp(-_)", "log-precision", 0.0),
        ("1/_**2", "root of the precision", 1.0),
    ),
    "scale": (
        ("_", "scale", 1.0),
        ("exp(_)", "log-scale", 0.0),
        ("1/_", "inverse scale", 1.0),
    ),
    "rate": (("_", "rate", 1.0), ("exp(_)", "log-rate", 0.0)),
    "probability": (("_", "probability", 0.5), ("sigmoid(_)", "logit", 0.0)),
    "mass": (("_", "probability", 1.0), ("exp(_)", "log-probability", 0.0)),
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
