"""Questions to a graph, each answered by running it: holds, contrary, or open.

An answer is given where it is the same in every shape that runs and every domain that operations leave open; where it
changes with one of them it is open. A question for which too few samples have a value is open as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from vaelint.graph.domains import NEGATIVE, REAL, domains
from vaelint.graph.execute import (
    BASES,
    SAMPLES,
    Budget,
    Exhausted,
    Key,
    Run,
    Shape,
    Situation,
    run,
    sampled,
    varied,
    workable,
)
from vaelint.graph.gradient import gradients
from vaelint.graph.node import Graph, Node, below, leaves
from vaelint.graph.ops import LABEL, MATRIX, POSITIVE, UNIT, Array
from vaelint.records import record

FEWEST = 8  # samples with a value below which nothing is said
CLOSE = 1e-6  # of what is compared, relative to its size
FAR = 1e4  # how far out a tail is looked at
TAIL = 0.2  # of the samples that must go there, and none the other way


class Verdict(Enum):
    HOLDS = "holds"
    CONTRARY = "contrary"  # the opposite holds: everywhere below zero, falling, the negation of it
    OPEN = "open"


@record(frozen=True, slots=True)
class Answer:
    """``why``: in words, what decided or what left it open."""

    verdict: Verdict
    why: str = ""

    def __bool__(self) -> bool:
        return self.verdict is Verdict.HOLDS


OPEN = Answer(Verdict.OPEN)


@dataclass(slots=True)
class Case:
    """One situation, run: the question is put to each."""

    situation: Situation
    leaves: Sequence[Node]
    at: dict[Key, Array]
    run: Run
    budget: Budget

    def again(self, roots: Sequence[Node], changes: Mapping[Key, Array]) -> Run:
        return run(roots, {**self.at, **changes}, self.budget)


@dataclass(slots=True)
class Judge:
    """Puts questions to the graphs of one function. ``nodes``: by which domains are inferred; ``bases``: the
    shapes to try."""

    graph: Graph
    nodes: Sequence[Node] = ()
    bases: Sequence[Shape] = BASES
    samples: int = SAMPLES
    budget: Budget = field(default_factory=Budget)
    vary: bool = True

    # --- putting a question ---

    def put(self, roots: Sequence[Node], decide: Callable[[Case], Answer]) -> Answer:
        """The one answer to a question in all situations; open where they differ."""
        before = self.budget.left
        try:
            return self._put(roots, decide)
        except Exhausted:
            return Answer(Verdict.OPEN, "too long")
        finally:
            self.graph.work += before - self.budget.left

    def _put(self, roots: Sequence[Node], decide: Callable[[Case], Answer]) -> Answer:
        first: Answer | None = None
        for case in self.cases(roots):
            answer = decide(case)
            if answer.verdict is Verdict.OPEN:
                return Answer(Verdict.OPEN, answer.why or case.situation.note)
            if first is not None and answer.verdict is not first.verdict:
                return Answer(Verdict.OPEN, f"it depends on what is unknown: {case.situation.note}")
            first = first if first is not None else answer
        return first if first is not None else Answer(Verdict.OPEN, "nothing of it could be run")

    def cases(self, roots: Sequence[Node]) -> Iterator[Case]:
        found = leaves(*roots)
        known = domains([*self.nodes, *below(roots)])
        known = {leaf.leaf.key: known.get(leaf.leaf.key, REAL) for leaf in found if leaf.leaf is not None}
        for i, (note, chosen) in enumerate(varied(known)):
            if i and not self.vary:
                return
            for s in workable(roots, found, chosen, note, self.budget, self.bases):
                at = sampled(found, s, self.samples, seed=i)
                made = run(roots, at, self.budget)
                yield Case(s, found, at, made, self.budget)

    # --- questions ---

    def bounded_below(self, root: Node, leaf: Node) -> Answer:
        """Along a leaf, far out on each side, the root is bounded below and not above (holds), or above (contrary)."""
        needed = domains([*self.nodes, *below([root])]).get(leaf.leaf.key, REAL) if leaf.leaf is not None else REAL
        return self.put([root], lambda case: _tails(case, root, leaf, needed))

    def logarithm_of(self, root: Node, of: Node) -> Answer:
        """The logarithm of ``of`` up to an additive constant (holds), or clearly something else (contrary)."""
        log = self.graph.apply("log", of)
        return self.put([root, log], lambda case: _logarithm(case, root, log))

    def outgrows(self, root: Node, other: Node, leaf: Node) -> Answer:
        """With a leaf far out, the root is the greater (holds) or the lesser (contrary) of two nodes."""
        return self.put([root, other, leaf], lambda case: _outgrows(case, root, other, leaf))

    def derivative_of(self, root: Node, of: Node, leaf: Node) -> Answer:
        """The derivative of ``of`` by a leaf, up to a positive factor (holds), or minus it (contrary)."""
        return self.put([root, of], lambda case: _derivative(case, root, of, leaf))

    def log_slope_of(self, root: Node, of: Sequence[tuple[Node, Node]]) -> Answer:
        """The logarithm of the slope's size of a node by a leaf (of several: their sum; holds), or minus that."""
        return self.put([root, *(x for x, _ in of)], lambda case: _log_slope(case, root, of))

    def size_of_log_slope(self, root: Node, of: Sequence[tuple[Node, Node]]) -> Answer:
        """The absolute value of that, where it has both signs."""
        return self.put([root, *(x for x, _ in of)], lambda case: _log_slope(case, root, of, size=True))


# --- in one situation ----------------------------------------------------------------------------


def spread(x: Array, n: int) -> Array:
    return np.asarray(np.broadcast_to(x, (n, *x.shape[1:]))) if x.shape[0] != n else x


def flat(x: Array, n: int) -> Array:
    """A row for each sample."""
    return spread(x, n).reshape(n, -1)


def samples(case: Case) -> int:
    return next(iter(case.at.values())).shape[0] if case.at else 1


def failed(case: Case, *roots: Node) -> Answer | None:
    why = next((case.run.failed[n.value] for n in below(roots) if n.value in case.run.failed), None)
    return None if why is None else Answer(Verdict.OPEN, f"not run: {why}")


def _tails(case: Case, root: Node, leaf: Node, domain: str) -> Answer:
    why = failed(case, root)
    if why is not None or leaf.leaf is None:
        return why or OPEN
    key = leaf.leaf.key
    if domain in (LABEL, MATRIX, UNIT) or key not in case.at:
        return Answer(Verdict.OPEN, "no tail")
    n = samples(case)
    middle = flat(case.run.of(root), n)
    up = down = 0.0
    for far in _far(case.at[key], domain):
        there = flat(case.again([root], {key: far}).of(root), n)
        if not there.size:
            continue
        with np.errstate(all="ignore"):
            step = (there - middle).mean(axis=1)
        step = step[np.isfinite(middle).all(axis=1) & ~np.isnan(step)]  # what overflows far out goes there as well
        if len(step) < FEWEST:
            continue
        scale = 10 * (1 + np.abs(middle[np.isfinite(middle)]).max(initial=0.0))
        up, down = max(up, float((step > scale).mean())), max(down, float((step < -scale).mean()))
    if up > TAIL and not down:
        return Answer(Verdict.HOLDS, "bounded below, and not above")
    if down > TAIL and not up:
        return Answer(Verdict.CONTRARY, "bounded above, and not below")
    return Answer(Verdict.OPEN, "no one-sided tail")


def _far(x: Array, domain: str) -> Iterator[Array]:
    """A leaf far out: all elements together on each side, and each in a direction of its own."""
    if domain in (POSITIVE, NEGATIVE):
        sign = 1.0 if domain == POSITIVE else -1.0
        yield np.full_like(x, sign * FAR)
        yield np.full_like(x, sign / FAR)
        return
    yield np.full_like(x, FAR)
    yield np.full_like(x, -FAR)
    for seed in range(2):
        yield FAR * np.sign(np.random.default_rng(seed).normal(size=x.shape))


def pair(case: Case, one: Node, other: Node) -> tuple[Array, Array] | Answer:
    """The values of two nodes at the samples where both have one, a row each."""
    why = failed(case, one, other)
    if why is not None:
        return why
    n = samples(case)
    a, b = flat(case.run.of(one), n), flat(case.run.of(other), n)
    if a.shape != b.shape:
        return Answer(Verdict.OPEN, "of another shape")
    ok = np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
    if ok.sum() < FEWEST:
        return Answer(Verdict.OPEN, "no value at most samples")
    return a[ok], b[ok]


def _logarithm(case: Case, root: Node, log: Node) -> Answer:
    found = pair(case, root, log)
    if isinstance(found, Answer):
        return found
    one, other = found
    gap = (one - other).reshape(-1)
    size = CLOSE * (1 + np.abs(one).max() + np.abs(other).max())
    if np.abs(gap - np.median(gap)).max() <= size:
        return Answer(Verdict.HOLDS, "the logarithm, up to a constant")
    differs = np.abs(gap - np.median(gap)) > 1e3 * size
    return Answer(Verdict.CONTRARY, "not the logarithm") if differs.mean() > 0.5 else OPEN


OUT = 20.0  # where one of two that differ in a sign is seen to be the greater


def _outgrows(case: Case, root: Node, other: Node, leaf: Node) -> Answer:
    why = failed(case, root, other)
    if why is not None or leaf.leaf is None:
        return why or OPEN
    key = leaf.leaf.key
    made = case.again([root, other], {key: np.full_like(case.at[key], OUT)})
    a, b = (flat(made.of(x), samples(case)).mean(axis=1) for x in (root, other))
    known = ~np.isnan(a) & ~np.isnan(b)
    if known.sum() < FEWEST:
        return Answer(Verdict.OPEN, "no value at most samples")
    greater, lesser = (a > b)[known].mean(), (a < b)[known].mean()
    if max(greater, lesser) < 1 - TAIL:
        return Answer(Verdict.OPEN, "the greater here, the lesser there")
    return Answer(Verdict.HOLDS if greater > lesser else Verdict.CONTRARY, "far out")


def _derivative(case: Case, root: Node, of: Node, leaf: Node) -> Answer:
    found = _slopes(case, root, of, leaf)
    if isinstance(found, Answer):
        return found
    given, grad = found
    return _multiple(given, grad, "the derivative")


def _log_slope(case: Case, root: Node, of: Sequence[tuple[Node, Node]], size: bool = False) -> Answer:
    total, given = np.zeros((1, 1)), np.zeros((1, 1))
    for node, leaf in of:
        found = _slopes(case, root, node, leaf)
        if isinstance(found, Answer):
            return found
        with np.errstate(all="ignore"):
            given, total = found[0], total + np.log(np.abs(found[1]))
    close = CLOSE * (1 + np.abs(total[np.isfinite(total)]).max(initial=0.0))
    if size:
        both = bool((total > close).any() and (total < -close).any())
        return Answer(Verdict.HOLDS, "its size") if both and _are_close(given, np.abs(total), close) else OPEN
    answer = _multiple(given, total, "the logarithm of the slope")
    return (
        answer if any(_are_close(given, sign * total, close) for sign in (1, -1)) else Answer(Verdict.OPEN, answer.why)
    )


def _are_close(a: Array, b: Array, close: float) -> bool:
    """Whether two have the same values wherever both have one, at enough samples."""
    gap = np.abs(a - b)
    known = np.isfinite(gap)
    return bool(known.sum() >= FEWEST and gap[known].max() <= close)


def _slopes(case: Case, root: Node, of: Node, leaf: Node) -> tuple[Array, Array] | Answer:
    """The values of ``root``, and the slopes of ``of`` by a leaf, a row each sample."""
    why = failed(case, root, of)
    if why is not None:
        return why
    n = samples(case)
    return flat(case.run.of(root), n), flat(gradients(of, case.run, [leaf])[leaf.value], n)


def _multiple(given: Array, of: Array, what: str) -> Answer:
    if of.shape != given.shape:
        return Answer(Verdict.OPEN, "of another shape than the leaf")
    ok = np.isfinite(of).all(axis=1) & np.isfinite(given).all(axis=1)
    if ok.sum() < FEWEST:
        return Answer(Verdict.OPEN, "no value at most samples")
    x, y = given[ok].reshape(-1), of[ok].reshape(-1)
    size = float(y @ y)
    if size < 1e-18:
        return Answer(Verdict.OPEN, "it is zero")
    scale = float(x @ y) / size
    if scale == 0 or np.abs(x - scale * y).max() > CLOSE * (1 + np.abs(x).max()):
        return Answer(Verdict.OPEN, "no multiple of " + what)
    return Answer(Verdict.HOLDS if scale > 0 else Verdict.CONTRARY, f"{scale:.6g} times {what}")
