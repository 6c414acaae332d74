"""A formula that is written beside code, against what the code computes."""

from __future__ import annotations

import pytest

from vaelint.graph.documented import compare, is_word_of, same_name
from vaelint.graph.formula import read
from vaelint.graph.node import Graph
from vaelint.source.quick import typed as parse


def compared(code: str, written: str) -> str:
    """``agrees`` (or nothing can be said), ``minus``, or the term whose sign differs."""
    graph = Graph()
    e = parse(code)
    root = read(e, graph)
    assert root is not None
    found = compare(graph, root, parse(written))
    if found is None:
        return "agrees"
    return "minus" if found.flip is None else "one sign"


@pytest.mark.parametrize(
    "code, written",
    [
        ("rate - count * log(rate)", "rate - count * log(rate)"),
        ("2 * (rate - count * log(rate)) + 1", "rate - count * log(rate)"),  # up to a positive scale and a constant
        ("rewards + gamma * values", "r + gamma * v"),  # by their initials
        ("self.rate - self.count * log(self.rate)", "rate - count * log(rate)"),
        ("a - b", "x - y"),  # of something else
        ("a - b", "a - b - c"),  # of more than that
        ("a + b + c * d", "a - b - c * d"),  # two signs: which formula is meant is not known
    ],
)
def test_what_agrees_or_is_about_something_else_says_nothing(code: str, written: str) -> None:
    assert compared(code, written) == "agrees"


@pytest.mark.parametrize(
    "code, written",
    [
        ("rate + count * log(rate)", "rate - count * log(rate)"),
        ("rewards - gamma * values", "r + gamma * v"),
        ("-0.5 * (1 + logvar - mu**2 + exp(logvar))", "-0.5 * (1 + logvar - mu**2 - exp(logvar))"),
    ],
)
def test_one_sign_that_differs_is_found(code: str, written: str) -> None:
    assert compared(code, written) == "one sign"


def test_a_negation_as_a_whole_is_told_apart() -> None:
    assert compared("0.5 * diff * precision * diff", "-0.5 * diff * precision * diff") == "minus"


def test_names_belong_together_as_people_write_them() -> None:
    assert same_name("y_i", "y") and same_name("reward", "rewards") and same_name("r", "rewards")
    assert not same_name("r", "rewards", by_initial=False) and not same_name("mu", "sigma")
    assert is_word_of("loss", "poisson_loss") and not is_word_of("loss", "lossless")
