"""Numbers that show what is wrong: the simplest inputs at which a formula is seen not to be what it should.

Whatever an example says was computed: the value, what it is compared with, and the value after the edit.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from vaelint.finding import Example, number
from vaelint.graph.documented import Difference
from vaelint.graph.domains import REAL, SIMPLEX, domains
from vaelint.graph.execute import Exhausted, run
from vaelint.graph.gradient import gradients
from vaelint.graph.language import written
from vaelint.graph.lookup import key, values
from vaelint.graph.node import CONSTANT, Graph, Node, below, show, with_leaves
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
    choices = [_numbers(n, kinds.get(key(n), REAL)) for n in met]
    ranked = sorted(itertools.product(*(range(len(c)) for c in choices)), key=sum)[:MOST_INPUTS]
    at = {key(n): np.asarray([c[row[i]] for row in ranked]) for i, (n, c) in enumerate(zip(met, choices))}
    return Grid(met, at, len(ranked))


def _numbers(leaf: Node, kind: str) -> tuple[float, ...]:
    return (float(key(leaf)[1]),) if _is_number(leaf) else _SIMPLE.get(kind, _SIMPLE[REAL])  # type: ignore[index]


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
    inputs = grid(root, mended)
    here, meant = (inputs.values(x) if inputs is not None else None for x in (root, mended))
    if inputs is None or here is None or meant is None:
        return None
    shown = _bounded(fact, here, meant) or _placed(graph, root, fact, inputs, here)
    if shown is None:
        return None
    i, expected = shown
    edited = float(meant[i]) + 0.0 if np.isfinite(meant[i]) else None
    if edited is not None and abs(edited - float(here[i])) < CLEARLY:
        return None  # these inputs hang together, and show nothing
    return Example(inputs.inputs(i), float(here[i]) + 0.0, expected, slip.edit, edited)


def of_negated(fact: Fact, kind: str) -> Example | None:
    """What shows that a formula is the negation of what its name claims: a quantity of that ``kind``."""
    if fact.case is None:
        return None
    graph, root, _ = fact.case
    inputs = grid(root)
    here = inputs.values(root) if inputs is not None else None
    if inputs is None or here is None:
        return None
    negated = replace(fact, scale=-fact.scale, offset=-fact.offset, meaning=-fact.meaning)
    shown = _bounded(negated, here, -here) if kind in ("kl", "entropy") else None
    shown = shown or _placed(graph, root, negated, inputs, here)
    if shown is None:
        return None
    i, expected = shown
    return Example(inputs.inputs(i), float(here[i]) + 0.0, expected, "a minus in front", 0.0 - float(here[i]))


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
    found = np.flatnonzero(known & (sign * here < -CLEARLY))
    if not found.size:
        return None
    said = f"{what} is never below zero" if sign > 0 else f"minus {what} is never above zero"
    return int(found[0]), said


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
        found = np.flatnonzero(np.isfinite(gap) & (gap > CLEARLY))
        if found.size:
            i = int(found[0])
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
    inputs = grid(found.code, found.written)
    here, there = (inputs.values(x) if inputs is not None else None for x in (found.code, found.written))
    if inputs is None or here is None or there is None:
        return None
    with np.errstate(invalid="ignore"):
        apart = np.flatnonzero(np.isfinite(here) & np.isfinite(there) & (np.abs(here - there) > CLEARLY))
    if not apart.size:
        return None
    i = int(apart[0])
    after = inputs.values(found.flip.root) if found.flip is not None else -here
    edited = float(after[i]) + 0.0 if after is not None and np.isfinite(after[i]) else None
    edit = "a minus in front" if found.flip is None else "that sign flipped"
    return Example(inputs.inputs(i), float(here[i]) + 0.0, f"the formula gives {number(float(there[i]))}", edit, edited)


# --- derivatives ---------------------------------------------------------------------------------


def of_derivative(of: Node, gradient: Node, by: Node, sign: int, name: str, mended: Node | None) -> Example | None:
    """Where ``gradient`` has another sign than the derivative of ``of``, which is ``sign`` times what is meant."""
    inputs = grid(of, gradient)
    given = inputs.values(gradient) if inputs is not None else None
    if inputs is None or given is None or by.leaf is None:
        return None
    try:
        slope = gradients(of, run([of, by], inputs.at), [by])[by.value]
    except Exhausted:
        return None
    slope = np.broadcast_to(slope, (inputs.n,))
    found = np.flatnonzero(np.isfinite(slope) & (sign * slope * given < -CLEARLY))
    if not found.size:
        return None
    i = int(found[0])
    way = "rises" if slope[i] > 0 else "falls"
    after = inputs.values(mended) if mended is not None else -given
    edited = float(after[i]) + 0.0 if after is not None and np.isfinite(after[i]) else None
    edit = "a minus in front" if mended is None else "that sign flipped"
    return Example(inputs.inputs(i), float(given[i]), f"`{name}` {way} with `{by.leaf.name}` there", edit, edited)


# --- far out -------------------------------------------------------------------------------------


def further_out(form: Node, along: Node, rises: bool) -> Example | None:
    """Two inputs that differ in ``along`` alone, the one further out and with the greater value (or the less)."""
    inputs = grid(form)
    given = inputs.values(form) if inputs is not None else None
    if inputs is None or given is None:
        return None
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
    inputs = grid(logarithm, plain)
    log, value, after = (inputs.values(x) if inputs is not None else None for x in (logarithm, plain, mended))
    if inputs is None or log is None or value is None or after is None:
        return None
    with np.errstate(all="ignore"):
        wanted = np.exp(log) if of_plain else np.log(value)
    here = value if of_plain else log
    known = np.isfinite(here) & np.isfinite(wanted) & np.isfinite(after)
    found = np.flatnonzero(known & (np.abs(here - wanted) > CLEARLY) & (np.abs(after - wanted) < CLEARLY))
    if not found.size:
        return None
    i = int(found[0])
    what = "the exponential of its logarithm" if of_plain else "the logarithm of the other"
    return Example(inputs.inputs(i), float(here[i]), f"{what} is {wanted[i]:.3g}", "that sign flipped", float(after[i]))
