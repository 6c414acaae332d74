"""All references in all parametrisations, indexed by what they evaluate to at fixed sample points.

A reference's values, less their mean and divided by their length, are a point on a sphere: the same for every positive
scale and additive constant, the antipode for a negative scale. An expression is looked up by that point, whatever it
looks like.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from vaelint.formula.domain import POSITIVE, REAL, UNIT, domains, signature
from vaelint.formula.evaluate import Undefined, Vector, evaluate
from vaelint.formula.families import all_references
from vaelint.formula.form import Form, Leaf
from vaelint.formula.reader import read
from vaelint.formula.reference import PARAMETERS, PLAIN, Reference, Way
from vaelint.formula.text import parse

POINTS = 14
MAX_LEAVES = 6
MAX_ARRANGEMENTS = 120  # of leaves over roles: beyond it the expression is no formula that anybody wrote down
TOLERANCE = 1e-8
LONELY = 1e-6  # the spread of all points but one, of the whole: below it the one point is all that is compared


def _spread(k: int, low: float, high: float) -> Vector:
    """Points of a low-discrepancy sequence: deterministic, without symmetry that two formulas could share."""
    step = math.sqrt((2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)[k])
    return [low + (high - low) * math.fmod(0.37 * (k + 1) + i * step, 1.0) for i in range(1, POINTS + 1)]


SAMPLES: dict[str, tuple[Vector, ...]] = {
    REAL: tuple(_spread(k, -2.6, 2.9) for k in range(6)),
    POSITIVE: tuple(_spread(k + 3, 0.3, 2.6) for k in range(6)),
    UNIT: tuple(_spread(k + 6, 0.08, 0.92) for k in range(6)),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A reference in one parametrisation. ``slots``: role → (domain, number); ``ways``: role → how it is written."""

    reference: Reference
    slots: dict[str, tuple[str, int]]
    ways: dict[str, Way]
    print: Print


@dataclass(frozen=True, slots=True)
class Print:
    """Where the values lie on the sphere, and what was taken off to get there."""

    unit: Vector
    mean: float
    length: float


def printed(values: Vector) -> Print | None:
    """None for what is constant over the points, or over all but one of them: anything that large looks alike."""
    mean = sum(values) / len(values)
    centred = [x - mean for x in values]
    length = math.sqrt(sum(x * x for x in centred))
    low, *rest, high = sorted(values)
    if length < 1e-9 * (1 + max(-low, high)) or min(rest[-1] - low, high - rest[0]) < LONELY * (high - low):
        return None
    return Print([x / length for x in centred], mean, length)


Signature = tuple[int, int, int]


@cache
def tables() -> dict[Signature, tuple[list[float], list[Entry]]]:
    """By how many leaves are real, positive and in (0, 1): first coordinates in order, and their entries."""
    entries: dict[Signature, list[Entry]] = {}
    for reference in all_references():
        for entry in _entries(reference):
            kinds = [domain for domain, _ in entry.slots.values()]
            entries.setdefault(signature(kinds), []).append(entry)
    out = {}
    for key, found in entries.items():
        found.sort(key=lambda entry: entry.print.unit[0])
        out[key] = ([entry.print.unit[0] for entry in found], found)
    return out


def _entries(reference: Reference) -> Iterator[Entry]:
    form = read(parse(reference.text))
    if form is None:
        raise ValueError(f"reference {reference.name}: `{reference.text}` cannot be read")
    roles = list(reference.roles)
    structural = domains(form)
    choices = [PARAMETERS[p] if p else (PLAIN,) for p in reference.roles.values()]
    for ways in itertools.product(*choices):
        slots: dict[str, tuple[str, int]] = {}
        counts = {REAL: 0, POSITIVE: 0, UNIT: 0}
        for role, way in zip(roles, ways):
            domain = way.domain or structural[role]
            slots[role] = (domain, counts[domain])
            counts[domain] += 1
        at = {role: _written(way.text, *slots[role]) for role, way in zip(roles, ways)}
        try:
            found = printed(evaluate(form, at, POINTS))
        except Undefined as error:
            raise ValueError(f"reference {reference.name}: no value of `{reference.text}`") from error
        if found is not None:
            yield Entry(reference, slots, dict(zip(roles, ways)), found)


@cache
def _written(text: str, domain: str, slot: int) -> Vector:
    """The values of a role whose leaf lies in a slot and is written as ``text``."""
    form = read(parse(text))
    assert form is not None
    return evaluate(form, {"_": SAMPLES[domain][slot]}, POINTS)


@dataclass(frozen=True, slots=True)
class Match:
    """An expression is ``scale`` × the reference + ``offset``; ``roles``: role → the leaf that plays it."""

    entry: Entry
    scale: float
    offset: float
    roles: dict[str, Leaf]


def lookup(found: Print, key: Signature) -> Iterator[tuple[Entry, int]]:
    """Entries on the same point of the sphere (1) or the opposite one (-1)."""
    table = tables().get(key)
    if table is None:
        return
    firsts, entries = table
    for sign in (1, -1):
        first = sign * found.unit[0]
        i = bisect_left(firsts, first - TOLERANCE)
        while i < len(entries) and firsts[i] <= first + TOLERANCE:
            if all(abs(sign * a - b) <= TOLERANCE for a, b in zip(found.unit, entries[i].print.unit)):
                yield entries[i], sign
            i += 1


def matches(form: Form, leaves: list[Leaf]) -> list[Match]:
    """All the ways in which the form is a reference up to scale and offset."""
    if not 0 < len(leaves) <= MAX_LEAVES:
        return []
    kinds = domains(form)
    key = signature(kinds.values())
    if key not in tables():
        return []
    groups = [[x for x in leaves if kinds[x.key] == domain] for domain in (REAL, POSITIVE, UNIT)]
    if math.prod(math.factorial(len(g)) for g in groups) > MAX_ARRANGEMENTS:
        return []
    out: list[Match] = []
    for arranged in itertools.product(*(itertools.permutations(g) for g in groups)):
        placed = {
            (domain, i): leaf for domain, group in zip((REAL, POSITIVE, UNIT), arranged) for i, leaf in enumerate(group)
        }
        at = {leaf.key: SAMPLES[domain][i] for (domain, i), leaf in placed.items()}
        try:
            found = printed(evaluate(form, at, POINTS))
        except Undefined:
            continue
        if found is None:
            continue
        for entry, sign in lookup(found, key):
            scale = sign * found.length / entry.print.length
            offset = found.mean - scale * entry.print.mean
            if entry.reference.exact and abs(offset) > 1e-6 * max(abs(scale), abs(found.mean)):
                continue
            out.append(Match(entry, scale, offset, {role: placed[slot] for role, slot in entry.slots.items()}))
    return out
