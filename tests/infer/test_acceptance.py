"""Acceptance of a move: a draw held against a probability, wherever the two stand."""

from __future__ import annotations

import pytest

from vaelint.config import Config
from vaelint.engine import analyse
from vaelint.finding import Confidence

HEAD = "import math\nimport random\nimport numpy as np\n"


def rows(body: str) -> list[tuple[int, str]]:
    """Where something is reported of acceptance, by rows of the body."""
    text = HEAD + body
    found = analyse([], Config(min_confidence=Confidence.POSSIBLE), stdin=("m.py", text)).findings
    return [(f.location.row - HEAD.count("\n"), f.code) for f in found]


def walk(test: str, move: str = "x, lp = y, lp_new", before: str = "pass") -> str:
    return f"""\
def walk(log_prob, x, lp):
    y = x + random.gauss(0, 1)
    lp_new = log_prob(y)
    {before}
    if {test}:
        {move}
    return x, lp
"""


@pytest.mark.parametrize(
    "test",
    [
        "random.random() < math.exp(lp_new - lp)",
        "math.exp(lp_new - lp) > random.random()",
        "math.log(random.random()) < lp_new - lp",
        "-np.random.exponential() < lp_new - lp",
        "lp_new > lp or random.random() < math.exp(lp_new - lp)",
        "not random.random() > min(1.0, math.exp(lp_new - lp))",
    ],
)
def test_what_accepts_below_the_probability_of_the_new_over_the_old_is_right(test: str) -> None:
    assert rows(walk(test)) == []


@pytest.mark.parametrize(
    "test",
    [
        "random.random() < math.exp(lp - lp_new)",
        "math.exp(lp - lp_new) > random.random()",
        "math.log(random.random()) < lp - lp_new",
        "not random.random() > min(1.0, math.exp(lp - lp_new))",
    ],
)
def test_the_old_over_the_new_is_reported_where_it_is_written(test: str) -> None:
    assert rows(walk(test)) == [(5, "VL402")]


def test_the_probability_is_found_behind_a_name_and_a_call() -> None:
    ratio = "def ratio(new, old):\n    change = new - old\n    return np.minimum(1.0, np.exp(change))\n"
    right, wrong = (walk("np.random.rand() < p", before=f"p = ratio({a})") for a in ("lp_new, lp", "lp, lp_new"))
    assert rows(ratio + right) == []
    assert rows(ratio + wrong) == [(2, "VL402")]


def test_a_test_that_is_turned_round_is_reported_by_what_it_leads_to() -> None:
    text = "def step(log_prob, x_old):\n    x_new = x_old + 1\n    p = math.exp(log_prob(x_new) - log_prob(x_old))\n"
    text += "    if random.random() {} p:\n        x_new = x_old\n    return x_new\n"
    assert rows(text.format(">")) == []
    assert rows(text.format("<")) == [(4, "VL402")]


def test_an_exponential_draw_is_minus_the_logarithm_of_a_uniform_one() -> None:
    text = "def step(rng, log_prob_new, log_prob_old):\n    level = {}rng.exponential()\n"
    text += "    accept = log_prob_new - log_prob_old > level\n    return accept\n"
    assert rows(text.format("-")) == []
    assert rows(text.format("")) == [(2, "VL402")]


def test_what_is_worse_is_not_accepted_with_the_exponential_of_its_excess() -> None:
    text = "def accept(cost, new_cost, T):\n    if new_cost < cost:\n        return True\n"
    text += "    d = {}\n    return random.random() < math.exp(d / T)\n"
    assert rows(text.format("cost - new_cost")) == []
    assert rows(text.format("new_cost - cost")) == [(5, "VL402")]
