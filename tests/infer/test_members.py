"""Members of what a library makes: attributes that the rules know, and methods whose parameters are counted right."""

from __future__ import annotations

from pathlib import Path

import pytest

from vaelint.config import Config
from vaelint.engine import analyse


def codes(tmp_path: Path, text: str) -> set[str]:
    path = tmp_path / "code.py"
    path.write_text(text, encoding="utf-8")
    return {finding.code for finding in analyse([path], Config()).findings}


FIT = """
import statsmodels.api as sm
def choose(y, designs):
    best = None
    for X in designs:
        nll = {sign}sm.OLS(y, X).fit().llf
    return nll
"""


@pytest.mark.parametrize("sign, expected", [("-", set()), ("", {"VL301"})])
def test_an_attribute_of_a_fit_is_what_the_rules_say(sign: str, expected: set[str], tmp_path: Path) -> None:
    assert codes(tmp_path, FIT.format(sign=sign)) == expected


TOLD = """
import evosax.algorithms as A
import torch.nn.functional as F
import jax
def run(key, population, state, params, logits, y):
    es = A.CMA_ES(population_size=8, solution=population[0])
    state, _ = es.tell(key, population, {sign}F.cross_entropy(logits, y), state, params)
    return state
"""


@pytest.mark.parametrize("sign, expected", [("", set()), ("-", {"VL202"})])
def test_what_a_method_is_passed_by_position_is_what_it_needs(sign: str, expected: set[str], tmp_path: Path) -> None:
    assert codes(tmp_path, TOLD.format(sign=sign)) == expected
