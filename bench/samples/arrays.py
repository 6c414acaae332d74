"""Samples for libraries of NumPy: `from bench.samples.arrays import *`."""

# mypy: ignore-errors
from __future__ import annotations

import numpy as np

rng = np.random.default_rng(0)
np.random.seed(0)

labels = np.array([0, 1, 1, 0, 2, 2])
others = np.array([1, 0, 1, 2, 0, 1])
true = np.array([1.0, 2.0, 3.5, 0.5])
close = true + 0.05
off = np.array([3.0, 0.7, 1.0, 2.5])
signs = np.array([0, 1, 1, 0])
sure = np.array([0.1, 0.9, 0.8, 0.2])
unsure = 1 - sure

# Points of two clusters, and points around 3.
points = np.vstack([rng.normal(0, 0.3, (20, 2)), rng.normal(5, 0.3, (20, 2))])
groups = np.repeat([0, 1], 20)
ungrouped = np.tile([0, 1], 20)
draws = rng.normal(3.0, 1.0, 200)

# Survival: features, times and events, with a risk that goes with the first feature.
features = rng.normal(size=(80, 2))
times = np.exp(-1.5 * features[:, 0] + 0.1 * rng.normal(size=80))
events = np.ones(80, dtype=bool)


def normal(x, at=0.0):
    """The log-density of a normal distribution, up to a constant."""
    return -0.5 * float(np.sum((np.asarray(x) - at) ** 2))
