"""What a hand-written formula is, told by its values and not by its names.

It is compared with every reference at sample points (`lookup`), up to a scale and a constant. No agreement, no fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from string import Formatter
from typing import NamedTuple

from vaelint.evidence import Basis
from vaelint.graph import statement
from vaelint.graph.lookup import Match, key, matches
from vaelint.graph.node import Graph, Leaf, Node
from vaelint.graph.references import Reference, Way
from vaelint.graph.views import (
    Positive,
    balanced,
    leaves,
    lifted,
    linked,
    numbered,
    views,
    with_one_dimension,
    without_weights,
)
from vaelint.records import record
from vaelint.sense import Meaning, Sense


class Case(NamedTuple):
    """A formula, and the reference that it is."""

    graph: Graph
    root: Node
    match: Match


@record(frozen=True, slots=True)
class Fact:
    """The expression is ``scale`` × ``reference`` + ``offset``.

    ``meaning`` is that of the expression, the sign of ``scale`` taken in. ``roles``: role → the leaf that plays it.
    ``strict``: so short a formula that only a fitting name makes it more than a coincidence.
    """

    meaning: Meaning
    reference: str
    scale: float
    offset: float
    reason: str
    noun: str
    roles: dict[str, Leaf] = field(hash=False)
    data: str = ""
    strict: bool = False
    exact: bool = False
    inverse: bool = False  # a leaf that is called a variance or scale is read as a precision
    slips: bool = True  # it has enough structure that one flipped sign in it is a mistake
    place: str = ""  # where it is least or greatest, if that was checked
    case: Case | None = field(default=None, compare=False)


_WEIGHT = re.compile(
    r"(?:^|[._])(?:w|weights?|beta|alpha|lam(?:bda)?|coef\w*|scale|mask|gamma|n|num\w*|n_\w+|count\w*|batch_size|\w+_weight|kld?_w\w*)$",
    re.I,
)


def is_weight(leaf: Leaf) -> bool:
    """Whether a name says that its value is a positive factor."""
    return _WEIGHT.search(leaf.name) is not None


def recognise(graph: Graph, root: Node, positive: Positive = is_weight) -> Fact | None:
    """The reference that a formula is; names are looked into step by step until one fits."""
    return next(readings(graph, root, positive), None)


def readings(graph: Graph, root: Node, positive: Positive = is_weight) -> Iterator[Fact]:
    """What a formula may be, with more and more of its local names looked into."""
    for view in views(graph, root):
        found = best(graph, view, positive)
        if found is not None:
            yield found


def best(graph: Graph, root: Node, positive: Positive) -> Fact | None:
    """What a formula is in one view; of several references that it equals the one that fits its names best."""
    for view, assumed, found in _found(graph, root, leaves(root), positive):
        for m in sorted(found, key=_fit, reverse=True):
            if statement.is_reference(graph, view, m):
                fact = fact_of(m, statement.is_best(graph, view, m), assumed)
                return replace(fact, case=Case(graph, root, m))
    return None


def _found(
    graph: Graph, root: Node, met: Sequence[Node], positive: Positive
) -> Iterator[tuple[Node, str, list[Match]]]:
    """The formula, or the first of its other views, with the references that it meets at the points of the table.

    Beside a view stands what it takes for granted, in words.
    """
    found = matches(graph, root, met)
    if found:
        yield root, "", found
        return
    for other, assumed in _others(graph, root, met, positive):
        found = matches(graph, other, leaves(other))
        if found:
            yield other, assumed, found
            return
    for other in with_one_dimension(graph, root) if len(met) > 2 else ():
        found = [m for m in matches(graph, other, leaves(other)) if _is_all_of_it(m)]
        if found:
            yield other, "", found
            return
    for other in numbered(graph, root) if len(met) > 1 else ():
        found = [m for m in matches(graph, other, leaves(other)) if _may_hold_numbers(m.entry.reference)]
        if found:
            yield other, "", found
            return


def _is_all_of_it(m: Match) -> bool:
    """Whether it is the reference with its constant: what was taken for that constant is none of another term."""
    return abs(m.offset) <= 1e-9 * (1 + abs(m.scale))


def _may_hold_numbers(reference: Reference) -> bool:
    return reference.kind in ("kl", "nll", "cross_entropy") and not reference.strict


def _others(graph: Graph, root: Node, met: Sequence[Node], positive: Positive) -> Iterator[tuple[Node, str]]:
    """The formula in other views, where as it stands it is no reference, with what they take for granted."""
    for other, assumed in (
        (without_weights(graph, root, met, positive) if len(met) > 1 else None, "for {} above 0"),
        (linked(graph, root, met), "{} being the logarithm that its name says"),
        (lifted(graph, root), ""),
        (balanced(graph, root, met, positive) if len(met) > 1 else None, "for {} between 0 and 1"),
    ):
        if other is not None:
            kept = {key(x) for x in leaves(other)}
            gone = (x.leaf.name for x in met if x.leaf is not None and key(x) not in kept)
            yield other, assumed.format(" and ".join(gone))


# --- which of several readings -------------------------------------------------------------------

_HINTS = {
    "x": r"x|y|z|w|obs|target|true|sample|value|data|label|gold|act",
    "y": r"y|x|t|target|label|true|gold|obs|count",
    "r": r"res|diff|err|delta|dev",
    "mu": r"mu|mean|loc|m|pred|hat|recon",
    "nu": r"prior|mu|mean|loc|m|target|p|2|0|old",
    "v": r"var|sig|std|scale|prec|q",
    "w": r"prior|var|sig|std|p|2|old",
    "p": r"p|prob|hat|pred|out|new|student|act",
    "q": r"q|target|teacher|old|prior",
    "m": r"m|mu|mean|loc|rate|lam|pred",
}


def _fit(m: Match) -> tuple[int, int, int, float]:
    reference = m.entry.reference
    named = 0
    for role, leaf in _leaves(m).items():
        hint = _HINTS.get(role)
        if hint and re.search(rf"(?:^|[^a-z])(?:{hint})", leaf.name, re.I):
            named += 1
        named += _parameter_fits(leaf.name, m.entry.ways[role].name)
    return (not reference.strict, reference.exact, named, -abs(m.offset))


def _leaves(m: Match) -> dict[str, Leaf]:
    return {role: node.leaf for role, node in m.roles.items() if node.leaf is not None}


def _parameter_fits(name: str, way: str) -> int:
    logarithmic = re.search(r"log|lv|ls", name, re.I) is not None
    return int(way.startswith("log") == logarithmic) if way else 0


class _Shown:
    """A role in a reason: ``{v}`` is its value, ``{v:1}`` that of its leaf where the role is 1, ``{v:_}`` the leaf."""

    def __init__(self, leaf: Leaf, way: Way) -> None:
        self.leaf, self.way = leaf, way

    def __format__(self, spec: str) -> str:
        if spec == "1":
            return f"{self.way.neutral:g}"
        return self.leaf.name if spec == "_" else self.way.text.replace("_", self.leaf.name)


def fact_of(m: Match, best: bool, assumed: str = "") -> Fact:
    """``best``: the place of its optimum was checked, and may be said; ``assumed``: what is taken for granted."""
    reference: Reference = m.entry.reference
    sense = reference.sense if m.scale > 0 else -reference.sense
    roles = _leaves(m)
    shown = {role: _Shown(leaf, m.entry.ways[role]) for role, leaf in roles.items()}
    noun = reference.noun.format(**shown)
    if m.scale < 0:
        noun = _negated_noun(noun)
    optimum = ", ".join(_place(clause, shown) for clause in reference.optimum.split(", ")) if best else ""
    extreme = "least" if sense is Sense.COST else "greatest"
    reason = f"{noun}, {extreme} at {optimum}" if optimum and sense.directed else noun
    reason += f" ({assumed})" if assumed else ""
    meaning = Meaning(sense, reference.kind, Basis.PROOF)
    return Fact(
        meaning,
        reference.name,
        m.scale,
        m.offset,
        reason,
        noun,
        roles,
        reference.data,
        reference.strict,
        reference.exact,
        any("precision" in m.entry.ways[r].name and _IS_SCALE.search(leaf.name) for r, leaf in roles.items()),
        reference.slips,
        optimum if sense.directed else "",
    )


def _place(clause: str, shown: dict[str, _Shown]) -> str:
    """``{v} = {w}`` with the leaves, where both are written in one way (``logvar = prior_logvar``), else the values."""
    fields = [(name, spec) for _, name, spec, _ in Formatter().parse(clause) if name is not None]
    match fields:
        case [(a, ""), (b, spec)] if clause == f"{{{a}}} = {{{b}{':' * bool(spec)}{spec}}}":
            if spec == "1" or shown[a].way.text == shown[b].way.text:
                return f"{shown[a]:_} = {shown[b]:{spec or '_'}}"
    return clause.format(**shown)


_IS_SCALE = re.compile(r"var|std|sig|scale", re.I)


def _negated_noun(noun: str) -> str:
    if noun.startswith("the negative "):
        return "the " + noun.removeprefix("the negative ")
    return f"minus {noun}"
