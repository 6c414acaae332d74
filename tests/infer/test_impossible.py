"""What cannot be is as bad as can be: the infinity that stands for it says which way a value goes."""

from __future__ import annotations

import pytest

from tests.runs import analyse
from vaelint.config import Config

HEAD = "import numpy as np\nfrom scipy.optimize import minimize\n\n\n"
LEFT_ALONE = {
    "a log-density is -inf outside": "def log_prior(a):\n    if a < 0:\n        return -np.inf\n    return model(a)\n",
    "its negation is inf there": "def neg_log_prior(a):\n    if a < 0:\n        return np.inf\n    return model(a)\n",
    "the density of a point is both": "def log_prob(a):\n    if a == 0:\n        return np.inf\n    return -np.inf\n",
    "a plain name claims too little": "def score(a):\n    if a < 0:\n        return np.inf\n    return model(a)\n",
    "a ratio grows without bound": "def odds_ratio(a):\n    if a == 0:\n        return np.inf\n    return np.exp(a)\n",
    "a large number may be a cap": "def log_prior(a):\n    if a < 0:\n        return 1e9\n    return model(a)\n",
    "what is lowered is inf where it breaks": (
        "def cost(a):\n    if a < 0:\n        return np.inf\n    return np.sum(a**2)\n\n\nminimize(cost, x0)\n"
    ),
    "negated on the way to the solver": (
        "def value(a):\n    if a < 0:\n        return -np.inf\n    return model(a)\n\n\n"
        "minimize(lambda a: -value(a), x0)\n"
    ),
    "chosen entry by entry": "def log_prob(a):\n    return np.where(a > 0, model(a), -np.inf)\n",
}
REPORTED = {
    "inf outside of a log-density": "def log_prior(a):\n    if a < 0:\n        return np.inf\n    return model(a)\n",
    "-inf for a negative log-density": (
        'def neg_log_prior(a):\n    if a < 0:\n        return float("-inf")\n    return model(a)\n'
    ),
    "the rest is an error": (
        "def objective(a):\n    if a < 0:\n        return -np.inf\n    return np.sum(a**2)\n\n\n"
        "minimize(objective, x0)\n"
    ),
    "a solver lowers it": (
        "def fit(a):\n    if a < 0:\n        return -np.inf\n    return model(a)\n\n\nminimize(fit, x0)\n"
    ),
    "chosen entry by entry, and negated": "def log_prob(a):\n    return -np.where(a > 0, model(a), -np.inf)\n",
    "chosen in two steps": (
        "def log_prob(a):\n    out = np.where(a > 0, np.where(a < 1, model(a), np.inf), np.inf)\n    return out\n"
    ),
}


def codes(text: str) -> list[str]:
    return [f.code for f in analyse([], Config(), stdin=("m.py", HEAD + text)).findings]


@pytest.mark.parametrize("text", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_an_infinity_that_is_the_worst_is_left_alone(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize("text", REPORTED.values(), ids=REPORTED)
def test_an_infinity_that_is_the_best_is_reported(text: str) -> None:
    assert codes(text) == ["VL402"]
