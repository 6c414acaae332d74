"""Questions to graphs that tests alone ask: what a rule's value does, by which its declarations are proved."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from vaelint.graph.ask import (
    CLOSE,
    FEWEST,
    OPEN,
    Answer,
    Case,
    Judge,
    Verdict,
    failed,
    flat,
    pair,
    samples,
    spread,
)
from vaelint.graph.domains import REAL
from vaelint.graph.execute import run
from vaelint.graph.node import Node, replaced
from vaelint.graph.ops import POSITIVE, UNIT, Array

ROUGH = 1e-5  # of a difference, beside its size
STEP = 1e-5  # by which all elements rise together


def finite(x: Array) -> Array:
    """By sample, whether all of it is finite."""
    return np.asarray(np.isfinite(x).reshape(x.shape[0], -1).all(axis=1))


def sign(judge: Judge, root: Node) -> Answer:
    """Never below zero (holds), or never above (contrary)."""
    return judge.put([root], lambda case: _sign(case, root))


def slope(judge: Judge, root: Node, by: Node) -> Answer:
    """The root rises (holds) or falls (contrary) wherever all elements of ``by`` rise together."""
    steps = [judge.graph.apply("add", by, judge.graph.constant(s)) for s in (STEP, -STEP)]
    ends = [replaced(judge.graph, root, {by.value: x}) for x in steps]
    return judge.put([root, *ends], lambda case: _slope(case, root, *ends))


def least_at(judge: Judge, root: Node, place: Mapping[Node, Node]) -> Answer:
    """Least (holds) or greatest (contrary) where leaves have the values of the nodes that ``place`` gives."""
    moved = replaced(judge.graph, root, {leaf.value: node for leaf, node in place.items()})
    return judge.put([root, moved], lambda case: _least(case, root, moved))


def normalised(judge: Judge, root: Node, data: Node) -> Answer:
    """``exp(root)`` integrates over ``data`` to one number, whatever the parameters (holds), or ``exp(-root)``."""
    single = Judge(judge.graph, judge.nodes, ((1,), ()), 6, judge.budget, vary=False)
    return single.put([root], lambda case: _normalised(case, root, data))


def _sign(case: Case, root: Node) -> Answer:
    why = failed(case, root)
    if why is not None:
        return why
    x = case.run.of(root)
    ok = finite(x)
    if ok.sum() < FEWEST:
        return Answer(Verdict.OPEN, "no value at most samples")
    x = x[ok].reshape(int(ok.sum()), -1)
    size = CLOSE * (1 + np.abs(x).max())
    if x.min() >= -size and x.max() > size:
        return Answer(Verdict.HOLDS, "never below zero")
    if x.max() <= size and x.min() < -size:
        return Answer(Verdict.CONTRARY, "never above zero")
    return Answer(Verdict.OPEN, "of both signs, or zero")


def _slope(case: Case, root: Node, above: Node, below: Node) -> Answer:
    why = failed(case, root, above, below)
    if why is not None:
        return why
    n = samples(case)
    high, low = (flat(case.run.of(x), n).sum(axis=1) for x in (above, below))
    grad = (high - low) / (2 * STEP)
    ok = finite(grad) & finite(spread(case.run.of(root), n))
    grad = grad[ok]
    if len(grad) < FEWEST:
        return Answer(Verdict.OPEN, "no value at most samples")
    size = ROUGH * np.abs(grad).max()
    if size <= ROUGH * ROUGH:
        return Answer(Verdict.OPEN, "no gradient")
    if grad.min() >= -size and (grad > size).mean() > 0.5:
        return Answer(Verdict.HOLDS, "it rises")
    if grad.max() <= size and (grad < -size).mean() > 0.5:
        return Answer(Verdict.CONTRARY, "it falls")
    return Answer(Verdict.OPEN, "it rises here and falls there")


def _least(case: Case, root: Node, moved: Node) -> Answer:
    found = pair(case, root, moved)
    if isinstance(found, Answer):
        return found
    here, there = found
    gap = here - there
    size = CLOSE * (1 + np.abs(here) + np.abs(there))
    if (gap >= -size).all() and (gap > size).any():
        return Answer(Verdict.HOLDS, "least there")
    if (gap <= size).all() and (gap < -size).any():
        return Answer(Verdict.CONTRARY, "greatest there")
    return Answer(Verdict.OPEN, "neither least nor greatest there")


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
    why = failed(case, root)
    if why is not None or data.leaf is None:
        return why or OPEN
    key = data.leaf.key
    domain = case.situation.domains.get(key, REAL)
    if domain not in (REAL, POSITIVE, UNIT) or key not in case.at or len(case.at) < 2:
        return Answer(Verdict.OPEN, "not to be integrated over")
    points, weights = _grid(domain)
    totals: dict[int, list[float]] = {1: [], -1: []}
    for i in range(samples(case)):
        at = {k: np.repeat(v[i : i + 1], len(points), axis=0) for k, v in case.at.items()}
        at[key] = points.reshape(-1, *[1] * (case.at[key].ndim - 1)) * np.ones_like(at[key])
        values = flat(run([root], at, case.budget).of(root), len(points)).sum(axis=1)
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
