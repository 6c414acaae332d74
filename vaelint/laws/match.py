"""Whether what a name holds keeps or breaks a law: by numbers, and by how much the names tell.

An expression is held against the laws that its holder may be named by. Which leaf has which role is not known: every
way of assigning them is tried that no name contradicts. If one makes the expression right, of whatever law, nothing is
said. What is reported equals a wrong form of a law, its negation, or the law itself with one written sign flipped.

How much has to be known by name follows from the form: each operation that agrees tells something, each name as much
as it is rare among the roles (`words`), and an expression that is also right for another law, under names that tell
nearly as much, is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from enum import Enum
from itertools import permutations
from typing import NamedTuple

import numpy as np

from vaelint.graph.language import Unreadable, written
from vaelint.graph.node import CONSTANT, Graph, Kind, Node, below, leaves
from vaelint.graph.ops import Array
from vaelint.graph.repair import flips
from vaelint.knowledge import Knowledge
from vaelint.laws.forms import SAMPLES, Numbers, has_matrices, numbers, summed
from vaelint.laws.rows import HELD, PLAINLY, Catalogue, Head, Law
from vaelint.laws.words import OTHER, UNKNOWN, Vocabulary, Words, split
from vaelint.records import record
from vaelint.sense import Sense

MOST_LEAVES = 6
MOST_WAYS = 24  # of assigning roles, the likeliest first
MOST_LAWS = 40  # that a holder is named by
BY_OPERATION = 2.0  # bits that each operation of a form tells
ENOUGH = 11.0  # bits by which a form with these names is a law's
CLEARLY = 7.0  # bits that an explanation by which all is right must lack not to be believed
FAR = 14.0  # bits by which it lacks so much that it is not looked at
MOST_RIVALS = 300
UNRIVALLED = -99.0
NAMED = 1.0  # bits that names of roles must tell, unless the form is a long one:
LONG = 6.0  # one that tells so much by itself
AGREED = 3.0  # bits of names of roles by which one agrees
UNMISTAKABLE = 8.0  # bits of a form that is shown without
RARE = 5.0  # and of the name of what holds it
WHOLE = 14.0  # bits of a form that nobody writes for anything else, under a name that tells as little as `HINTED`
DOUBTLESS = 20.0  # bits by which it is shown wherever nobody asked for a preview
HINTED = 2.0  # what that name has to tell at any rate
SURE = 3.0  # bits by which a name says that a share is not its complement
SWAPPED = 2.0  # what a law's own right form counts more, with roles assigned otherwise
NO_HOLDER = -3.0  # of a law that the holder is not named by
STRANGER = -0.5  # what a name that nobody lists tells against every role: lists have most names of their role
KIN = 1.0  # what it tells of a role that goes the same way
_SHARES = frozenset({"unit", "binary", "unit_vector", "binary_vector"})
_OVER_MANY = frozenset({
    "logsumexp", "amax", "amin", "prod", "cumsum", "softmax", "log_softmax", "norm", "var", "sort", "relu", "max",
    "min", "where",
})  # fmt: skip
_SHAPES = frozenset({"sum", "mean", "same", "stop", "expand", "squeeze", "flatten", "swap", "neg", "item", "filled"})


class How(Enum):
    NEGATED = "negated"
    FLIPPED = "flipped"  # one written sign
    WRONG = "wrong"  # a form that people write


class Way(NamedTuple):
    """Leaves by role, and the bits that their names tell."""

    leaves: tuple[Node, ...]
    bits: float
    least: float  # of one of them


@record(frozen=True, slots=True)
class Broken:
    """``flip``: the IR node of the written sign and what is right with it flipped, where one alone does it.

    ``at``: an example, leaf by leaf; ``value``: what it computes there, ``meant``: what the law says.
    """

    law: Law
    head: Head
    how: How
    roles: Mapping[str, Node]
    bits: float
    origin: int
    repaired: Node | None
    at: Mapping[str, float]
    value: float
    meant: float
    named: float = 0.0  # of the bits, those that the names of its roles tell
    told: float = 0.0  # and those of the form
    rival: float = UNRIVALLED  # bits of the best explanation by which all is right

    @property
    def held(self) -> float:
        """Of the bits, those that the name of what holds it tells."""
        return self.bits - self.told - self.named

    @property
    def is_sure(self) -> bool:
        """Whether the form is more than one operation, and, beside what holds it, some name of a role agrees; where
        none does, the form has to be long, and its holder a rare name, or very long."""
        if self.told <= BY_OPERATION or self.held < HINTED:
            return False
        return self.named >= AGREED or self.told >= WHOLE or (self.told >= UNMISTAKABLE and self.held >= RARE)

    @property
    def is_plain(self) -> bool:
        """Whether a sign is wrong in a form that names and operations together leave no doubt of, under a name that is
        about that law and hardly anything else. A negated one may be kept so on purpose."""
        return self.is_sure and self.how is not How.NEGATED and self.held >= PLAINLY and self.bits >= DOUBTLESS


@record(frozen=True, slots=True)
class Place:
    """What ``holder`` holds, as a graph; ``named``: what the code calls a leaf.

    ``closed``: leaves that stand for something written elsewhere, which a deeper graph opens: such a one has a role
    only where its name says so. ``senses``: which way leaves go, of those where something says so.
    """

    graph: Graph
    root: Node
    holder: str
    named: Mapping[object, str]
    closed: frozenset[object] = frozenset()
    senses: Mapping[object, Sense] = field(default_factory=dict)


def broken(catalogue: Catalogue, place: Place, knowledge: Knowledge) -> Broken | None:
    """The law that the place breaks; None where it keeps one, or nothing is sure."""
    found = suspected(catalogue, place, knowledge)
    return found if found is not None and found.bits >= ENOUGH and found.bits - found.rival >= CLEARLY else None


def suspected(catalogue: Catalogue, place: Place, knowledge: Knowledge, least: float = ENOUGH) -> Broken | None:
    """The law that the place breaks most likely, with ``least`` bits."""
    found = _leaves(place)
    laws = catalogue.named(place.holder, len(found)) if found else []
    if not laws:
        return None
    told = _told(place)
    if not told or (len(found) == 1 and told < LONG):
        return None
    words = [split(place.named[_key(n)]) for n in found]
    asked: list[tuple[float, Head, list[Way]]] = []
    for head, held in laws:
        ways = _ways(place, found, words, head, catalogue, knowledge)
        if held >= HELD and held + ways[0].bits + told >= least:
            asked.append((held, head, ways))
    asked.sort(key=lambda a: -a[0] - a[2][0].bits)
    best: Broken | None = None
    for held, head, ways in asked[:MOST_LAWS]:
        run = _numbers(catalogue, head)
        if run is None:
            continue
        for way in ways:
            bits = held + way.bits + told
            if way.least <= OTHER or (way.bits < NAMED and told < LONG):
                continue
            if bits < least or (best is not None and bits <= best.bits):
                break
            made = _judged(place, head, run, way, bits)
            best = replace(made, named=way.bits, told=told) if made is not None else best
    if best is None:
        return None
    run = _numbers(catalogue, best.head)
    if (
        run is None
        or _reduces(place, best)
        or not _depends(place, best, run)
        or _is_complemented(place, best, run, catalogue.roles)
    ):
        return None
    rival = _rival(catalogue, place, found, words, knowledge, best.bits - told - FAR, best.law.id)
    return replace(best, rival=rival + told)


def _is_complemented(place: Place, found: Broken, run: Numbers, roles: Vocabulary) -> bool:
    """Whether all is right if a leaf is minus the role, or the complement of a share, and its name does not say which
    it is: ``1 - done`` of what is called ``ended`` is a mask of what goes on."""
    at: dict[object, Array] = {_key(leaf): run.at[role] for role, leaf in found.roles.items()}
    short = _told(place) < LONG
    for role in run.law.roles:
        key = _key(found.roles[role.name])
        bits = roles.bits(split(place.named[key]), role.what)
        others = [1 - at[key]] if role.domain in _SHARES and bits < SURE else []
        others += [-at[key]] if bits < NAMED and short else []
        for other in others:
            x = summed(place.root, {**at, key: other})
            if x is not None and run.is_right(x):
                return True
    return False


def _reduces(place: Place, found: Broken) -> bool:
    """Whether the place reduces what the law has as one number by more than a sum or a mean, or clips it: of one
    number the greatest is that number, and nothing of it shows."""
    inside = {n.op for n in below([place.root])} & _OVER_MANY
    if not inside:
        return False
    graph = Graph()
    given = {r.name: graph.leaf(Kind.PARAMETER, r.name, r.name) for r in found.law.roles}
    law = written(graph, found.law.right, given, flat=has_matrices(found.law.roles))
    return not inside <= {n.op for n in below([law])}


def _depends(place: Place, found: Broken, run: Numbers) -> bool:
    """Whether the value changes with each of its leaves: else some role is not there."""
    at: dict[object, Array] = {_key(leaf): run.at[role] for role, leaf in found.roles.items()}
    x = summed(place.root, at)
    for key, samples in at.items():
        y = summed(place.root, {**at, key: np.roll(samples, 1, axis=0)})
        if x is None or y is None or np.allclose(x, y, rtol=1e-3, equal_nan=True):
            return False
    return True


def explained(catalogue: Catalogue, place: Place, found: Broken, knowledge: Knowledge) -> bool:
    """Whether another view of the same value is right, under names that tell nearly as much."""
    inside = _leaves(place)
    if not inside:
        return False
    told = _told(place)
    words = [split(place.named[_key(n)]) for n in inside]
    return _rival(catalogue, place, inside, words, knowledge, found.bits - told - CLEARLY) > UNRIVALLED


def _told(place: Place) -> float:
    """The bits that the form tells."""
    return BY_OPERATION * sum(n.op not in _SHAPES and n.op != CONSTANT and n.leaf is None for n in below([place.root]))


# --- roles ---------------------------------------------------------------------------------------


def _key(node: Node) -> object:
    assert node.leaf is not None
    return node.leaf.key


def _leaves(place: Place) -> list[Node]:
    found = leaves(place.root)
    return found if 0 < len(found) <= MOST_LEAVES and all(_key(n) in place.named for n in found) else []


def _ways(
    place: Place, found: Sequence[Node], words: Sequence[Words], head: Head, catalogue: Catalogue, knowledge: Knowledge
) -> list[Way]:
    """The assignments, the likeliest first: those that names contradict come last."""
    table = [[catalogue.roles.bits(w, what) for what in head.what] for w in words]
    senses = [catalogue.sense(what, knowledge) for what in head.what]
    for i, (row, leaf) in enumerate(zip(table, found)):
        own = place.senses.get(_key(leaf))
        for j, sense in enumerate(senses):
            if own is not None and sense.directed and own is not sense:
                row[j] = OTHER  # minus what the role is
            elif row[j] == UNKNOWN:
                row[j] = KIN if own is not None and own is sense else STRANGER
        if words.count(words[i]) > 1:
            row[:] = [min(bits, 0.0) for bits in row]  # what is called as another leaf is has no role by its name
        if _key(leaf) in place.closed:
            row[:] = [bits if bits >= NAMED else OTHER for bits in row]
    every = permutations(range(len(found)))
    told = [(at, [table[i][role] for role, i in enumerate(at)]) for at in every]
    ways = [Way(tuple(found[i] for i in at), sum(bits), min(bits)) for at, bits in told]
    ways.sort(key=lambda w: -w.bits)
    return ways[:MOST_WAYS]


# --- numbers -------------------------------------------------------------------------------------


def _numbers(catalogue: Catalogue, head: Head) -> Numbers | None:
    if head.id not in catalogue.memory:
        try:
            catalogue.memory[head.id] = numbers(head.whole())
        except Unreadable:
            catalogue.memory[head.id] = None
    found: Numbers | None = catalogue.memory[head.id]
    return found


def _at(run: Numbers, way: Way) -> dict[object, Array]:
    return {_key(leaf): run.at[role.name] for leaf, role in zip(way.leaves, run.law.roles)}


def _judged(place: Place, head: Head, run: Numbers, way: Way, bits: float) -> Broken | None:
    at = _at(run, way)
    x = summed(place.root, at)
    if x is None or run.is_right(x):
        return None
    if run.is_negated(x, way.bits < AGREED):
        return _broken(place, head, run, way, How.NEGATED, bits, x)
    wrong = run.is_wrong(x, way.bits < AGREED)
    mended = [f for f in flips(place.graph, place.root) if _is_right(f.root, run, at)] if way.least >= STRANGER else []
    if not wrong and len(mended) != 1:
        return None
    if len(mended) == 1:
        return _broken(place, head, run, way, How.FLIPPED, bits, x, mended[0].origin, mended[0].root)
    return _broken(place, head, run, way, How.WRONG, bits, x)


def _is_right(root: Node, run: Numbers, at: Mapping[object, Array]) -> bool:
    x = summed(root, at)
    return x is not None and run.is_right(x)


def _broken(
    place: Place,
    head: Head,
    run: Numbers,
    way: Way,
    how: How,
    bits: float,
    x: Array,
    origin: int = -1,
    repaired: Node | None = None,
) -> Broken:
    i = next(i for i in range(SAMPLES) if x[i] == x[i])
    at = {place.named[_key(leaf)]: float(run.at[role.name][i].reshape(-1)[0])
          for leaf, role in zip(way.leaves, run.law.roles)}  # fmt: skip
    roles = {role.name: leaf for leaf, role in zip(way.leaves, run.law.roles)}
    meant = summed(repaired, _at(run, way)) if repaired is not None else None
    right = float(meant[i]) if meant is not None else float(run.right[0][i])
    return Broken(run.law, head, how, roles, bits, origin, repaired, at, float(x[i]), right)


def _rival(
    catalogue: Catalogue,
    place: Place,
    found: Sequence[Node],
    words: Sequence[Words],
    knowledge: Knowledge,
    least: float,
    own: str = "",
) -> float:
    """The most that names tell of any law for which the expression is right as it is; `UNRIVALLED` below ``least``."""
    held = {h.id: bits for h, bits in catalogue.named(place.holder, len(found))}
    asked: list[tuple[float, Head, Way]] = []
    for head in catalogue.sized.get(len(found), ()):
        told = held.get(head.id, NO_HOLDER) + (SWAPPED if head.id == own else 0.0)
        ways = _ways(place, found, words, head, catalogue, knowledge)
        asked += [(told + w.bits, head, w) for w in ways if told + w.bits >= least]
    asked.sort(key=lambda a: -a[0])
    for bits, head, way in asked[:MOST_RIVALS]:
        run = _numbers(catalogue, head)
        if run is not None and _is_right(place.root, run, _at(run, way)):
            return bits
    return UNRIVALLED
