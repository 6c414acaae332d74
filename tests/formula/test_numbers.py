"""The numbers of an example are true: none where nothing shows it first, then each held against Python's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vaelint.config import Config
from vaelint.examine import examine
from vaelint.finding import Example
from vaelint.graph.example import of_negated, of_slip
from vaelint.graph.node import walk
from vaelint.graph.recognise import recognise
from vaelint.graph.references import Reference, all_references
from vaelint.graph.repair import flipped
from vaelint.graph.slips import Slip, decide, find_slip
from vaelint.knowledge.loader import load
from vaelint.source.project import Project
from vaelint.source.quick import typed as parse

from .spelling import GRAPH, form_of
from .test_statements import computed, text_of

REFERENCES = [r for r in all_references() if r.sense.directed]
SLIPPED = [r for r in REFERENCES if r.slips]


def ids(r: Reference) -> str:
    return r.name


def is_true(shown: Example, text: str, edited: str) -> bool:
    at = {name: np.float64(value) for name, value in shown.inputs}
    here, then = (float(computed(t, at)[0]) for t in (text, edited))
    return abs(here - shown.value) < 1e-6 and (shown.edited is None or abs(then - shown.edited) < 1e-6)


@pytest.mark.parametrize("text", ["(x - y)**2 + 1", "a + b", "0.5 * (mu**2 + exp(lv) - 1 - lv)"])
def test_what_is_right_has_no_example(text: str) -> None:
    assert not isinstance(decide(parse(text)), Slip)


@pytest.mark.parametrize("reference", SLIPPED, ids=ids)
def test_the_numbers_of_a_slip_are_those_of_the_formula(reference: Reference) -> None:
    form, shown = form_of(reference.text), 0
    for site in walk(form):
        if site.op in ("add", "sub"):
            wrong = flipped(GRAPH, form, site.origin, site.op)
            found = None if recognise(GRAPH, wrong) else find_slip(GRAPH, wrong)
            example = of_slip(found) if found is not None else None
            if found is not None and found.case is not None and example is not None:
                shown += 1
                assert is_true(example, text_of(wrong), text_of(found.case.mended)), example.told()
                assert len(example.told()) < 400


@pytest.mark.parametrize("reference", REFERENCES, ids=ids)
def test_the_numbers_of_a_negation_are_those_of_the_formula(reference: Reference) -> None:
    form = GRAPH.apply("neg", form_of(reference.text))
    fact = recognise(GRAPH, form)
    assert fact is not None
    example = of_negated(fact, reference.kind)
    if example is not None:
        assert is_true(example, text_of(form), f"-({text_of(form)})"), example.told()


def test_most_formulas_have_an_example() -> None:
    found = []
    for reference in REFERENCES:
        fact = recognise(GRAPH, GRAPH.apply("neg", form_of(reference.text)))
        found.append(fact is not None and of_negated(fact, reference.kind) is not None)
    assert sum(found) > 0.6 * len(found)


SAID = {
    "-0.5 * torch.sum(1 + logvar - mu.pow(2) + logvar.exp())": (
        "with logvar = 0, mu = 0 it is -1; a KL divergence is never below zero. With `- exp(logvar)` it is 0"
    ),
    "0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())": (
        "with logvar = 0, mu = 1 it is -0.5; a KL divergence is never below zero. With a minus in front it is 0.5"
    ),
}


@pytest.mark.parametrize("text", SAID)
def test_a_finding_shows_them_of_the_whole_expression(text: str, elsewhere: None) -> None:
    code = f"import torch\n\ndef kl_loss(mu, logvar):\n    kl = {text}\n    return kl\n"
    (found,) = examine(Path("kl.py"), code, load(()), Config(), Project()).findings
    assert found.finding.example is not None
    assert found.finding.example.told() == SAID[text]
