"""Numbers that show what is wrong: the simplest inputs at which a formula is seen not to be what it should.

Whatever an example says was computed: the value, what it is compared with, and the value after the edit.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from vaelint.finding import Example, number
from vaelint.graph.documented import Difference
from vaelint.graph.domains import REAL, SIMPLEX, domains
from vaelint.graph.execute import run
from vaelint.graph.gradient import gradients
from vaelint.graph.language import written
from vaelint.graph.lookup import key, values
from vaelint.graph.node import CONSTANT, Graph, Kind, Node, below, show, with_leaves
from vaelint.graph.ops import POSITIVE, UNIT, Array
from vaelint.graph.recognise import Fact
from vaelint.graph.slips import Slip
from vaelint.graph.views import leaves
from vaelint.sense import Sense

# Inputs in the order in which they are tried: the simplest first.
_SIMPLE = {REAL: (0.0, 1.0, -1.0, 2.0, -2.0, 0.5), POSITIVE: (1.0, 2.0, 0.5, 4.0), UNIT: (0.5, 0.2, 0.8, 0.9)}
MOST_INPUTS = 600
MOST_LEAVES = 6
MOST_COMPARED = 60  # inputs of which one is held against another
CLEARLY = 0.01  # how far a value lies from what it is compared with, at least
CLOSE = 1e-9


class Grid(NamedTuple):
    """Inputs for leaves, an array for each by its key, and how many there are."""

    leaves: Sequence[Node]
    at: Mapping[Hashable, Array]
    n: int

    def values(self, root: Node) -> Array | None:
        return values(root, self.at, self.n)

    def inputs(self, i: int) -> tuple[tuple[str, float], ...]:
        named = [n for n in self.leaves if n.leaf is not None and not _is_number(n)]
        return tuple((n.leaf.name, float(self.at[key(n)][i])) for n in named if n.leaf is not None)


def grid(*roots: Node) -> Grid | None:
    """Simple inputs for all leaves of the roots; None where there are none, too many, or two of one name."""
    met = list(dict.fromkeys(n for root in roots for n in leaves(root)))
    names = [n.leaf.name for n in met if n.leaf is not None]
    if not 0 < len(met) <= MOST_LEAVES or len(set(names)) < len(names):
        return None
    kinds = domains(below(roots))
    choices = [_numbers(n, _shown_domain(n, kinds.get(key(n), REAL))) for n in met]
    ranked = sorted(itertools.product(*(range(len(c)) for c in choices)), key=sum)[:MOST_INPUTS]
    at = {key(n): np.asarray([c[row[i]] for row in ranked]) for i, (n, c) in enumerate(zip(met, choices))}
    return Grid(met, at, len(ranked))


def computed(*roots: Node) -> tuple[Grid, list[Array]] | None:
    """Simple inputs, and what each of the roots is worth there; None where one has no value."""
    inputs = grid(*roots)
    found = [inputs.values(x) for x in roots] if inputs is not None else []
    known = [x for x in found if x is not None]
    return (inputs, known) if inputs is not None and len(known) == len(roots) else None


def _first(where: Any) -> int | None:
    found = np.flatnonzero(where)
    return int(found[0]) if found.size else None


def _shown(inputs: Grid, i: int, here: Array, expected: str, edit: str, after: Array | None) -> Example:
    edited = float(after[i]) + 0.0 if after is not None and np.isfinite(after[i]) else None
    return Example(inputs.inputs(i), float(here[i]) + 0.0, expected, edit, edited)


def _numbers(leaf: Node, kind: str) -> tuple[float, ...]:
    return (float(key(leaf)[1]),) if _is_number(leaf) else _SIMPLE.get(kind, _SIMPLE[REAL])  # type: ignore[index]


def _shown_domain(leaf: Node, found: str) -> str:
    """A probability is shown below one, whatever a formula of it could be computed at."""
    return UNIT if leaf.leaf is not None and leaf.leaf.kind is Kind.PROBABILITY else found


def _is_number(leaf: Node) -> bool:
    """A number that was typed in, read as a parameter."""
    at = key(leaf)
    return isinstance(at, tuple) and at[0] == "number"


# --- what a formula is known to be ---------------------------------------------------------------


def of_slip(slip: Slip) -> Example | None:
    """What a formula with a flipped sign computes, which what was meant never does; None where no input shows it."""
    made, fact = slip.case, slip.mended
    if made is None or fact.case is None:
        return None
    graph, root, mended = made
    found = computed(root, mended)
    if found is None:
        return None
    inputs, (here, meant) = found
    shown = _bounded(fact, here, meant) or _placed(graph, root, fact, inputs, here)
    if shown is None or abs(meant[shown[0]] - here[shown[0]]) < CLEARLY:
        return None  # or these inputs hang together, and show nothing
    return _shown(inputs, shown[0], here, shown[1], slip.edit, meant)


def of_negated(fact: Fact, kind: str) -> Example | None:
    """What shows that a formula is the negation of what its name claims: a quantity of that ``kind``."""
    if fact.case is None:
        return None
    graph, root, _ = fact.case
    found = computed(root)
    if found is None:
        return None
    inputs, (here,) = found
    negated = replace(fact, scale=-fact.scale, offset=-fact.offset, meaning=-fact.meaning)
    shown = _bounded(negated, here, -here) if kind in ("kl", "entropy") else None
    shown = shown or _placed(graph, root, negated, inputs, here)
    return _shown(inputs, shown[0], here, shown[1], "a minus in front", -here) if shown is not None else None


def _bounded(meant: Fact, here: Array, there: Array) -> tuple[int, str] | None:
    """Where a value lies on the side of zero where what was meant, at ``there``, never does."""
    if meant.case is None or abs(meant.offset) > 1e-6 * max(1.0, abs(meant.scale)):
        return None
    reference = meant.case.match.entry.reference
    what = _NEVER_NEGATIVE.get(reference.kind, "")
    if reference.kind == "entropy" and reference.name not in _OF_PROBABILITIES:
        return None
    sign = 1 if meant.scale > 0 else -1
    known = np.isfinite(here) & np.isfinite(there)
    if not what or SIMPLEX in reference.given.values() or (sign * there[known] < -CLOSE).any():
        return None
    i = _first(known & (sign * here < -CLEARLY))
    said = f"{what} is never below zero" if sign > 0 else f"minus {what} is never above zero"
    return (i, said) if i is not None else None


_NEVER_NEGATIVE = {"kl": "a KL divergence", "entropy": "an entropy of probabilities"}
_OF_PROBABILITIES = ("bernoulli_entropy",)


def _placed(graph: Graph, root: Node, meant: Fact, inputs: Grid, here: Array) -> tuple[int, str] | None:
    """Where a value lies beyond the one at the place at which it should be least, or greatest."""
    if meant.case is None or not meant.place or not meant.meaning.sense.directed:
        return None
    lowered = meant.meaning.sense is Sense.COST
    for place in meant.case.match.entry.reference.least:
        moved, said = _moved(graph, root, meant, place)
        there = inputs.values(moved)
        if there is None:
            continue
        with np.errstate(invalid="ignore"):
            gap = (there - here) if lowered else (here - there)
        i = _first(np.isfinite(gap) & (gap > CLEARLY))
        if i is not None:
            extreme = "least" if lowered else "greatest"
            return i, f"it should be {extreme} at {said}, where it is {number(float(there[i]))}"
    return None


def _moved(graph: Graph, root: Node, meant: Fact, place: str) -> tuple[Node, str]:
    """The formula with leaves at a place of the reference, and that place in the names of the code."""
    assert meant.case is not None
    match = meant.case.match
    roles = {role: written(graph, match.entry.ways[role].text, {"_": leaf}) for role, leaf in match.roles.items()}
    changes: dict[Hashable, Node] = {}
    said = []
    for clause in place.split(", "):
        role, _, text = clause.partition(" = ")
        leaf = match.roles[role]
        back = written(graph, match.entry.ways[role].back, {"_": written(graph, text, roles)})
        changes[key(leaf)] = back
        said.append(f"{show(leaf)} = {_text(back)}")
    return with_leaves(graph, root, changes), ", ".join(said)


def _text(node: Node) -> str:
    """A place for people: the number that it is, where nothing in it is unknown."""
    if node.op != CONSTANT and not leaves(node):
        found = values(node, {}, 1)
        return f"{float(found[0]):.3g}" if found is not None else show(node, 99)
    # A way and its inverse: the logarithm of an exponential is what it is of.
    if node.op == "log" and node.args[0].op == "exp":
        return _text(node.args[0].args[0])
    return show(node, 99)


# --- what is written beside the code ------------------------------------------------------------


def of_documented(found: Difference) -> Example | None:
    """Where the code and the formula that is written beside it have different values."""
    held = computed(found.code, found.written)
    if held is None:
        return None
    inputs, (here, there) = held
    with np.errstate(invalid="ignore"):
        i = _first(np.isfinite(here) & np.isfinite(there) & (np.abs(here - there) > CLEARLY))
    if i is None:
        return None
    after = inputs.values(found.flip.root) if found.flip is not None else -here
    edit = "a minus in front" if found.flip is None else "that sign flipped"
    return _shown(inputs, i, here, f"the formula gives {number(float(there[i]))}", edit, after)


def of_meant(form: Node, meant: Node, name: str, edit: str) -> Example | None:
    """Where a formula and what it is meant to be, called ``name``, have different values."""
    held = computed(form, meant)
    if held is None:
        return None
    inputs, (here, there) = held
    with np.errstate(invalid="ignore"):
        i = _first(np.isfinite(here) & np.isfinite(there) & (np.abs(here - there) > CLEARLY))
    return _shown(inputs, i, here, f"{name} is {number(float(there[i]))}", edit, there) if i is not None else None


# --- derivatives ---------------------------------------------------------------------------------


def of_derivative(of: Node, gradient: Node, by: Node, sign: int, name: str, mended: Node | None) -> Example | None:
    """Where ``gradient`` has another sign than the derivative of ``of``, which is ``sign`` times what is meant."""
    found = computed(of, gradient)
    if found is None or by.leaf is None:
        return None
    inputs, (_, given) = found
    slope = np.broadcast_to(gradients(of, run([of, by], inputs.at), [by])[by.value], (inputs.n,))
    i = _first(np.isfinite(slope) & (sign * slope * given < -CLEARLY))
    if i is None:
        return None
    way = "rises" if slope[i] > 0 else "falls"
    after = inputs.values(mended) if mended is not None else -given
    edit = "a minus in front" if mended is None else "that sign flipped"
    return _shown(inputs, i, given, f"`{name}` {way} with `{by.leaf.name}` there", edit, after)


# --- far out -------------------------------------------------------------------------------------


def further_out(form: Node, along: Node, rises: bool) -> Example | None:
    """Two inputs that differ in ``along`` alone, the one further out and with the greater value (or the less)."""
    found = computed(form)
    if found is None:
        return None
    inputs, (given,) = found
    out = np.abs(inputs.at[key(along)])
    others = [inputs.at[key(n)] for n in inputs.leaves if n is not along]
    for i, j in itertools.combinations(range(min(inputs.n, MOST_COMPARED)), 2):
        near, far = (i, j) if out[i] < out[j] else (j, i)
        gap = (given[far] - given[near]) * (1 if rises else -1)
        if out[i] != out[j] and all(x[i] == x[j] for x in others) and np.isfinite(gap) and gap > CLEARLY:
            way = "more" if rises else "less"
            name = along.leaf.name if along.leaf is not None else ""
            nearer = dict(inputs.inputs(near))[name]
            return Example(inputs.inputs(far), float(given[far]), f"it is {way} than with {name} = {nearer:g}")
    return None


# --- logarithms ----------------------------------------------------------------------------------


def of_logarithm(logarithm: Node, plain: Node, mended: Node, of_plain: bool) -> Example | None:
    """Where one is not the logarithm of the other, and is with a sign flipped: in the other, if ``of_plain``."""
    found = computed(logarithm, plain, mended)
    if found is None:
        return None
    inputs, (log, value, after) = found
    with np.errstate(all="ignore"):
        wanted = np.exp(log) if of_plain else np.log(value)
    here = value if of_plain else log
    known = np.isfinite(here) & np.isfinite(wanted) & np.isfinite(after)
    i = _first(known & (np.abs(here - wanted) > CLEARLY) & (np.abs(after - wanted) < CLEARLY))
    what = "the exponential of its logarithm" if of_plain else "the logarithm of the other"
    return _shown(inputs, i, here, f"{what} is {wanted[i]:.3g}", "that sign flipped", after) if i is not None else None
