"""Questions to a graph, each answered by running it: holds, contrary, or open.

An answer is given where it is the same in every shape that runs and every domain that operations leave open; where it
changes with one of them it is open. A question for which too few samples have a value is open as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

import numpy as np

from vaelint.graph.domains import NEGATIVE, REAL, domains
from vaelint.graph.execute import (
    BASES,
    SAMPLES,
    SINGLE,
    Budget,
    Exhausted,
    Key,
    Prior,
    Run,
    Shape,
    Situation,
    no_prior,
    run,
    sampled,
    varied,
    workable,
)
from vaelint.graph.gradient import gradients
from vaelint.graph.node import Graph, Node, below, leaves, replaced
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


class Example(NamedTuple):
    """A value of each leaf (its first element), and the value of what was asked about."""

    at: dict[str, float]
    value: float


@record(frozen=True, slots=True)
class Answer:
    """``why``: in words, what decided or what left it open."""

    verdict: Verdict
    why: str = ""
    example: Example | None = field(default=None, hash=False)

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
    """Puts questions to the graphs of one function. ``nodes``: all of that function, by which domains are inferred;
    ``prior``: what a leaf's name says of its domain, which is varied; ``assumed``: what is taken for granted of it,
    which is not; ``bases``: the shapes to try."""

    graph: Graph
    nodes: Sequence[Node] = ()
    prior: Prior = no_prior
    assumed: Prior = no_prior
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
        for i, (note, chosen) in enumerate(varied(known, found, self.prior, self.assumed)):
            if i and not self.vary:
                return
            for s in workable(roots, found, chosen, note, self.budget, self.bases):
                at = sampled(found, s, self.samples, seed=i)
                made = run(roots, at, self.budget)
                yield Case(s, found, at, made, self.budget)

    # --- questions ---

    def sign(self, root: Node) -> Answer:
        """Never below zero (holds), or never above (contrary)."""
        return self.put([root], lambda case: _sign(case, root))

    def slope(self, root: Node, by: Node) -> Answer:
        """The root rises (holds) or falls (contrary) wherever all elements of ``by`` rise together."""
        return self.put([root, by], lambda case: _slope(case, root, by))

    def bounded_below(self, root: Node, leaf: Node) -> Answer:
        """Along a leaf, far out on each side, the root is bounded below and not above (holds), or above (contrary)."""
        needed = domains([*self.nodes, *below([root])]).get(leaf.leaf.key, REAL) if leaf.leaf is not None else REAL
        return self.put([root], lambda case: _tails(case, root, leaf, needed))

    def least_at(self, root: Node, place: Mapping[Node, Node]) -> Answer:
        """Least (holds) or greatest (contrary) where leaves have the values of the nodes that ``place`` gives."""
        moved = replaced(self.graph, root, {leaf.value: node for leaf, node in place.items()})
        return self.put([root, moved], lambda case: _least(case, root, moved))

    def agrees(self, root: Node, other: Node, offset: bool = True) -> Answer:
        """Equal up to a positive factor (holds) or a negative one (contrary), and an additive constant."""
        return self.put([root, other], lambda case: _agrees(case, root, other, offset))

    def logarithm_of(self, root: Node, of: Node) -> Answer:
        """The logarithm of ``of`` up to an additive constant (holds), or clearly something else (contrary)."""
        log = self.graph.apply("log", of)
        return self.put([root, log], lambda case: _logarithm(case, root, log))

    def outgrows(self, root: Node, other: Node, leaf: Node) -> Answer:
        """With a leaf far out, the root is the greater (holds) or the lesser (contrary) of two nodes."""
        return self.put([root, other, leaf], lambda case: _outgrows(case, root, other, leaf))

    def normalised(self, root: Node, data: Node) -> Answer:
        """``exp(root)`` integrates over ``data`` to one number, whatever the parameters (holds), or ``exp(-root)``."""
        single = Judge(self.graph, self.nodes, self.prior, self.assumed, (SINGLE, ()), 6, self.budget, vary=False)
        return single.put([root], lambda case: _normalised(case, root, data))

    def derivative_of(self, root: Node, of: Node, leaf: Node) -> Answer:
        """The derivative of ``of`` by a leaf, up to a positive factor (holds), or minus it (contrary)."""
        return self.put([root, of], lambda case: _derivative(case, root, of, leaf))

    def log_determinant_of(self, root: Node, of: Node, leaf: Node) -> Answer:
        """The log-determinant of the Jacobian of ``of`` by a leaf (holds), or minus it (contrary)."""
        plain = Judge(self.graph, self.nodes, self.prior, self.assumed, ((3,), (2, 3)), 8, self.budget, vary=False)
        return plain.put([root, of], lambda case: _log_determinant(case, root, of, leaf))


# --- in one situation ----------------------------------------------------------------------------


def _finite(x: Array) -> Any:
    """By sample, whether all of it is finite."""
    return np.asarray(np.isfinite(x).reshape(x.shape[0], -1).all(axis=1))


def _spread(x: Array, n: int) -> Array:
    return np.asarray(np.broadcast_to(x, (n, *x.shape[1:]))) if x.shape[0] != n else x


def _flat(x: Array, n: int) -> Array:
    """A row for each sample."""
    return _spread(x, n).reshape(n, -1)


def example(case: Case, root: Node, i: int) -> Example:
    at = {}
    for leaf in case.leaves[:6]:
        assert leaf.leaf is not None
        at[leaf.leaf.name] = float(case.at[leaf.leaf.key][i].reshape(-1)[0])
    value = case.run.of(root)
    return Example(at, float(value[min(i, value.shape[0] - 1)].reshape(-1)[0]))


def _n(case: Case) -> int:
    return next(iter(case.at.values())).shape[0] if case.at else 1


def _failed(case: Case, *roots: Node) -> Answer | None:
    why = next((case.run.failed[n.value] for n in below(roots) if n.value in case.run.failed), None)
    return None if why is None else Answer(Verdict.OPEN, f"not run: {why}")


def _sign(case: Case, root: Node) -> Answer:
    failed = _failed(case, root)
    if failed is not None:
        return failed
    x = case.run.of(root)
    ok = _finite(x)
    if ok.sum() < FEWEST:
        return Answer(Verdict.OPEN, "no value at most samples")
    flat = x[ok].reshape(int(ok.sum()), -1)
    size = CLOSE * (1 + np.abs(flat).max())
    if flat.min() >= -size and flat.max() > size:
        return Answer(Verdict.HOLDS, "never below zero", example(case, root, int(np.argmax(ok))))
    if flat.max() <= size and flat.min() < -size:
        return Answer(Verdict.CONTRARY, "never above zero", example(case, root, int(np.argmax(ok))))
    return Answer(Verdict.OPEN, "of both signs, or zero")


def _slope(case: Case, root: Node, by: Node) -> Answer:
    failed = _failed(case, root)
    if failed is not None:
        return failed
    n = _n(case)
    grad = _flat(gradients(root, case.run, [by])[by.value], n).sum(axis=1)
    ok = _finite(grad) & _finite(_spread(case.run.of(root), n))
    grad = grad[ok]
    if len(grad) < FEWEST:
        return Answer(Verdict.OPEN, "no value at most samples")
    size = CLOSE * np.abs(grad).max()
    if size == 0:
        return Answer(Verdict.OPEN, "no gradient")
    if grad.min() >= -size and (grad > size).mean() > 0.5:
        return Answer(Verdict.HOLDS, "it rises")
    if grad.max() <= size and (grad < -size).mean() > 0.5:
        return Answer(Verdict.CONTRARY, "it falls")
    return Answer(Verdict.OPEN, "it rises here and falls there")


def _tails(case: Case, root: Node, leaf: Node, domain: str) -> Answer:
    failed = _failed(case, root)
    if failed is not None or leaf.leaf is None:
        return failed or OPEN
    key = leaf.leaf.key
    if domain in (LABEL, MATRIX, UNIT) or key not in case.at:
        return Answer(Verdict.OPEN, "no tail")
    n = _n(case)
    middle = _flat(case.run.of(root), n)
    up = down = 0.0
    for far in _far(case.at[key], domain):
        there = _flat(case.again([root], {key: far}).of(root), n)
        if not there.size:
            continue
        with np.errstate(all="ignore"):
            step = (there - middle).mean(axis=1)
        step = step[np.isfinite(step)]
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


class _Pair(NamedTuple):
    """The values of two nodes at the samples where both have one, a row each; the number of the ``first`` of these."""

    one: Array
    other: Array
    first: int


def _pair(case: Case, one: Node, other: Node) -> _Pair | Answer:
    failed = _failed(case, one, other)
    if failed is not None:
        return failed
    n = _n(case)
    a, b = _flat(case.run.of(one), n), _flat(case.run.of(other), n)
    if a.shape != b.shape:
        return Answer(Verdict.OPEN, "of another shape")
    ok = np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
    if ok.sum() < FEWEST:
        return Answer(Verdict.OPEN, "no value at most samples")
    return _Pair(a[ok], b[ok], int(np.argmax(ok)))


def _least(case: Case, root: Node, moved: Node) -> Answer:
    pair = _pair(case, root, moved)
    if isinstance(pair, Answer):
        return pair
    here, there, first = pair
    gap = here - there
    size = CLOSE * (1 + np.abs(here) + np.abs(there))
    if (gap >= -size).all() and (gap > size).any():
        return Answer(Verdict.HOLDS, "least there")
    if (gap <= size).all() and (gap < -size).any():
        return Answer(Verdict.CONTRARY, "greatest there")
    return Answer(Verdict.OPEN, "neither least nor greatest there", example(case, root, first))


def _agrees(case: Case, root: Node, other: Node, offset: bool) -> Answer:
    pair = _pair(case, root, other)
    if isinstance(pair, Answer):
        return pair
    x, y = pair.one.reshape(-1), pair.other.reshape(-1)
    if offset:
        x, y = x - x.mean(), y - y.mean()
    size = float(y @ y)
    if size < 1e-18 or float(x @ x) < 1e-18:
        return Answer(Verdict.OPEN, "constant")
    scale = float(x @ y) / size
    if np.abs(x - scale * y).max() > CLOSE * (1 + np.abs(x).max()) or scale == 0:
        return Answer(Verdict.OPEN, "another function")
    return Answer(Verdict.HOLDS if scale > 0 else Verdict.CONTRARY, f"{scale:.6g} times it")


def _logarithm(case: Case, root: Node, log: Node) -> Answer:
    pair = _pair(case, root, log)
    if isinstance(pair, Answer):
        return pair
    gap = (pair.one - pair.other).reshape(-1)
    size = CLOSE * (1 + np.abs(pair.one).max() + np.abs(pair.other).max())
    if np.abs(gap - np.median(gap)).max() <= size:
        return Answer(Verdict.HOLDS, "the logarithm, up to a constant")
    differs = np.abs(gap - np.median(gap)) > 1e3 * size
    return Answer(Verdict.CONTRARY, "not the logarithm") if differs.mean() > 0.5 else OPEN


OUT = 20.0  # where one of two that differ in a sign is seen to be the greater


def _outgrows(case: Case, root: Node, other: Node, leaf: Node) -> Answer:
    failed = _failed(case, root, other)
    if failed is not None or leaf.leaf is None:
        return failed or OPEN
    key = leaf.leaf.key
    made = case.again([root, other], {key: np.full_like(case.at[key], OUT)})
    a, b = (_flat(made.of(x), _n(case)).mean(axis=1) for x in (root, other))
    known = ~np.isnan(a) & ~np.isnan(b)
    if known.sum() < FEWEST:
        return Answer(Verdict.OPEN, "no value at most samples")
    greater, lesser = (a > b)[known].mean(), (a < b)[known].mean()
    if max(greater, lesser) < 1 - TAIL:
        return Answer(Verdict.OPEN, "the greater here, the lesser there")
    return Answer(Verdict.HOLDS if greater > lesser else Verdict.CONTRARY, "far out")


def _grid(domain: str) -> Array:
    """Points of a doubly exponential quadrature (Takahasi and Mori 1974), and their weights: two rows."""
    t = np.linspace(-4.0, 4.0, 2001)
    step = t[1] - t[0]
    if domain == UNIT:
        x = 1 / (1 + np.exp(-np.sinh(t)))
        return np.asarray([x, np.cosh(t) * x * (1 - x) * step])
    if domain == POSITIVE:
        x = np.exp(np.sinh(t))
        return np.asarray([x, np.cosh(t) * x * step])
    return np.asarray([np.sinh(np.sinh(t) / 2), np.cosh(np.sinh(t) / 2) * np.cosh(t) / 2 * step])


def _normalised(case: Case, root: Node, data: Node) -> Answer:
    failed = _failed(case, root)
    if failed is not None or data.leaf is None:
        return failed or OPEN
    key = data.leaf.key
    domain = case.situation.domains.get(key, REAL)
    if domain not in (REAL, POSITIVE, UNIT) or key not in case.at or len(case.at) < 2:
        return Answer(Verdict.OPEN, "not to be integrated over")
    points, weights = _grid(domain)
    totals: dict[int, list[float]] = {1: [], -1: []}
    for i in range(_n(case)):
        at = {k: np.repeat(v[i : i + 1], len(points), axis=0) for k, v in case.at.items()}
        at[key] = points.reshape(-1, *[1] * (case.at[key].ndim - 1)) * np.ones_like(at[key])
        values = _flat(run([root], at, case.budget).of(root), len(points)).sum(axis=1)
        for sign in totals:
            with np.errstate(all="ignore"):
                inner = np.exp(sign * values) * weights
                ok = np.isfinite(inner)
                total = float(np.where(ok, inner, 0.0).sum())
            edge = max(abs(float(x)) if math.isfinite(x) else math.inf for x in (inner[0], inner[-1]))
            lost = (~ok & (weights > 0) & (np.abs(points) < 1e6)).mean() > 0.05
            totals[sign].append(math.nan if lost or edge > 1e-3 * (1e-9 + abs(total)) else total)
    for sign, verdict in ((1, Verdict.HOLDS), (-1, Verdict.CONTRARY)):
        found = np.asarray(totals[sign])
        if np.isfinite(found).all() and found.min() > 1e-12 and found.max() / found.min() < 1 + 1e-3:
            return Answer(verdict, f"its exponential integrates to {found.mean():.4g}")
    return Answer(Verdict.OPEN, "no density that keeps its integral")


def _derivative(case: Case, root: Node, of: Node, leaf: Node) -> Answer:
    failed = _failed(case, root, of)
    if failed is not None:
        return failed
    n = _n(case)
    grad = _flat(gradients(of, case.run, [leaf])[leaf.value], n)
    given = _flat(case.run.of(root), n)
    if grad.shape != given.shape:
        return Answer(Verdict.OPEN, "of another shape than the leaf")
    ok = np.isfinite(grad).all(axis=1) & np.isfinite(given).all(axis=1)
    if ok.sum() < FEWEST:
        return Answer(Verdict.OPEN, "no value at most samples")
    x, y = given[ok].reshape(-1), grad[ok].reshape(-1)
    size = float(y @ y)
    if size < 1e-18:
        return Answer(Verdict.OPEN, "no gradient")
    scale = float(x @ y) / size
    if scale == 0 or np.abs(x - scale * y).max() > CLOSE * (1 + np.abs(x).max()):
        return Answer(Verdict.OPEN, "no multiple of the derivative")
    return Answer(Verdict.HOLDS if scale > 0 else Verdict.CONTRARY, f"{scale:.6g} times the derivative")


STEP = 1e-5


def _log_determinant(case: Case, root: Node, of: Node, leaf: Node) -> Answer:
    failed = _failed(case, root, of)
    if failed is not None or leaf.leaf is None:
        return failed or OPEN
    key = leaf.leaf.key
    if key not in case.at:
        return Answer(Verdict.OPEN, "does not depend on it")
    n, x = _n(case), case.at[key]
    value = _flat(case.run.of(of), n)
    d = x.shape[-1]
    rows = x.size // n // d  # each of a batch has a determinant of its own
    if value.shape[1] != rows * d:
        return Answer(Verdict.OPEN, "the map has another shape than what it maps")
    jacobian = np.zeros((n, rows, d, d))
    for j in range(d):
        step = np.zeros_like(x)
        step[..., j] = STEP
        high = _flat(case.again([of], {key: x + step}).of(of), n)
        low = _flat(case.again([of], {key: x - step}).of(of), n)
        jacobian[..., j] = ((high - low) / (2 * STEP)).reshape(n, rows, d)
    _, true = np.linalg.slogdet(jacobian)
    given = _flat(case.run.of(root), n)
    for shaped in (true, true.sum(axis=1, keepdims=True)):
        if given.shape != shaped.shape:
            continue
        ok = np.isfinite(given).all(axis=1) & np.isfinite(shaped).all(axis=1)
        if ok.sum() < 4 or np.abs(shaped[ok]).max() < 1e-3:
            return Answer(Verdict.OPEN, "no value at most samples")
        size = 1e-4 * (1 + np.abs(shaped[ok]).max())
        if np.abs(given[ok] - shaped[ok]).max() < size:
            return Answer(Verdict.HOLDS, "the log-determinant of the Jacobian")
        if np.abs(given[ok] + shaped[ok]).max() < size:
            return Answer(Verdict.CONTRARY, "minus the log-determinant of the Jacobian")
    return Answer(Verdict.OPEN, "no log-determinant of the Jacobian")
