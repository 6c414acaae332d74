"""Formulas with a known optimum: the rows of `rules/formulas`, and the ways in which a parameter is written."""

from __future__ import annotations

import sys
from dataclasses import field
from functools import cache
from typing import Any, NamedTuple

from vaelint import files
from vaelint.graph.domains import REAL
from vaelint.graph.ops import POSITIVE, UNIT
from vaelint.knowledge.loader import rules_directory
from vaelint.records import record
from vaelint.sense import Sense

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = "formulas"


class Way(NamedTuple):
    """How the parameter of a role is written: ``text`` stands for the role, ``_`` in it is the leaf.

    ``domain``: where the leaf lies; ``neutral``: its value where the role is 1 (for a probability, 1/2); ``back``: the
    leaf, ``_`` in it being the role.
    """

    text: str
    name: str
    domain: str
    neutral: float
    back: str = "_"


PLAIN = Way("_", "", "", 1.0)

# What a role may ask for, and all the ways in which that is written.
PARAMETERS: dict[str, tuple[Way, ...]] = {
    "variance": (
        Way("_", "variance", POSITIVE, 1.0),
        Way("_**2", "standard deviation", POSITIVE, 1.0, "sqrt(_)"),
        Way("exp(_)", "log-variance", REAL, 0.0, "log(_)"),
        Way("exp(2*_)", "log standard deviation", REAL, 0.0, "0.5*log(_)"),
        Way("1/_", "precision", POSITIVE, 1.0, "1/_"),
        Way("exp(-_)", "log-precision", REAL, 0.0, "-log(_)"),
        Way("1/_**2", "root of the precision", POSITIVE, 1.0, "1/sqrt(_)"),
    ),
    # Where nothing says that the leaf is above zero: it is added, and stands in no logarithm.
    "second moment": (
        Way("_", "variance", REAL, 1.0),
        Way("_**2", "standard deviation", REAL, 1.0, "sqrt(_)"),
        Way("exp(_)", "log-variance", REAL, 0.0, "log(_)"),
        Way("exp(2*_)", "log standard deviation", REAL, 0.0, "0.5*log(_)"),
    ),
    "weight": (Way("_", "probability", REAL, 1.0), Way("exp(_)", "log-probability", REAL, 0.0, "log(_)")),
    "scale": (
        Way("_", "scale", POSITIVE, 1.0),
        Way("exp(_)", "log-scale", REAL, 0.0, "log(_)"),
        Way("1/_", "inverse scale", POSITIVE, 1.0, "1/_"),
    ),
    "rate": (Way("_", "rate", POSITIVE, 1.0), Way("exp(_)", "log-rate", REAL, 0.0, "log(_)")),
    "probability": (Way("_", "probability", UNIT, 0.5), Way("sigmoid(_)", "logit", REAL, 0.0, "log(_) - log(1 - _)")),
    "mass": (Way("_", "probability", POSITIVE, 1.0), Way("exp(_)", "log-probability", REAL, 0.0, "log(_)")),
}


@record(frozen=True, slots=True)
class Reference:
    """A formula with a known optimum.

    ``text``: in the language of the primitives, over the names of ``roles``; written so that its sense is ``sense``.
    ``roles``: name → "" or a key of `PARAMETERS`. ``optimum``: where it is least (a cost) or greatest (a gain), for the
    reason; a role is shown in it by its value. ``exact``: the additive constant belongs to it (``log(2*pi)`` is what
    tells a log-density from a square). ``data``: the role that is observed. ``strict``: so short that only the right
    name makes it this formula. ``slips``: has enough structure that one flipped sign in it is a mistake and not another
    formula.

    ``least``: the optimum for machines, each of them alone (``mu = nu, v = w``: what roles are set to at once, the
    others being what they are); ``given``: where roles have to lie for that, where their formula does not say so
    (``unit``, ``positive``, ``binary``, or ``simplex``: then it is said of the sum).
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
    least: tuple[str, ...] = ()
    given: dict[str, str] = field(default_factory=dict, hash=False)


@cache
def all_references() -> tuple[Reference, ...]:
    """In the order of the files and of the rows in them."""
    return tuple(_read(row) for path in sorted((rules_directory() / FOLDER).glob("*.toml")) for row in _rows(path))


def _rows(path: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(files.read(path).decode("utf-8"))["formula"]
    return found


def _read(row: dict[str, Any]) -> Reference:
    row = {"optimum": "", **row}
    text, sense, least = row.pop("value"), Sense(row.pop("sense")), tuple(row.pop("least", ()))
    return Reference(text=text, sense=sense, least=least, **row)
