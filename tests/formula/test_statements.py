"""What is said of an expression is true, whatever the expression: nothing said first, then what is said and why."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from vaelint.config import Config
from vaelint.examine import examine
from vaelint.graph import recognise as recognising
from vaelint.graph import statement
from vaelint.graph.domains import REAL, domains
from vaelint.graph.lookup import matches
from vaelint.graph.node import CONSTANT, Graph, Node, below, rewritten, walk
from vaelint.graph.ops import POSITIVE
from vaelint.graph.recognise import Fact, recognise
from vaelint.graph.references import PARAMETERS, PLAIN, Reference, all_references
from vaelint.graph.slips import Slip, decide, find_slip
from vaelint.graph.views import leaves
from vaelint.knowledge.loader import load
from vaelint.sense import Sense
from vaelint.source.project import Project
from vaelint.source.quick import typed as parse

from .spelling import GRAPH, Speller, choose_ways, form_of, random_form

REFERENCES = all_references()
BY_NAME = {r.name: r for r in REFERENCES}
SAMPLES = 1000


def ids(r: Reference) -> str:
    return r.name


# --- an evaluator of its own: Python's, over NumPy arrays ------------------------------------------

_lgamma = np.vectorize(math.lgamma, otypes=[float])


def _digamma(x: Any) -> Any:
    return (_lgamma(x + 1e-5) - _lgamma(x - 1e-5)) / 2e-5


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp, "log": np.log, "log1p": np.log1p, "sqrt": np.sqrt, "abs": np.abs, "square": np.square,
    "softplus": lambda x: np.logaddexp(0, x), "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "relu": lambda x: np.maximum(x, 0), "cosh": np.cosh, "cos": np.cos, "sin": np.sin, "tanh": np.tanh, "i0": np.i0,
    "lgamma": _lgamma, "digamma": _digamma,
    "max": np.maximum, "min": np.minimum, "maximum": np.maximum, "minimum": np.minimum,
}  # fmt: skip


def computed(text: str, at: dict[str, Any]) -> Any:
    """A formula as Python computes it, elementwise."""
    names = {**FUNCTIONS, "pi": math.pi, "np": SimpleNamespace(**FUNCTIONS), **at, "at": at}
    with np.errstate(all="ignore"):
        return np.broadcast_to(eval(text, {"__builtins__": {}}, names), (SAMPLES,))


def text_of(form: Node) -> str:
    """A form in Python's words."""
    if form.leaf is not None:
        return f"at[{form.leaf.key!r}]"
    if form.op == CONSTANT:
        return repr(form.constant)
    args = [*map(text_of, form.args)]
    sign = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**"}.get(form.op)
    if sign is not None:
        return f"({args[0]} {sign} {args[1]})"
    return f"(-{args[0]})" if form.op == "neg" else f"{form.op}({', '.join(args)})"


def samples(form: Node, seed: int) -> dict[Any, Any]:
    rng = np.random.default_rng(seed)
    out: dict[Any, Any] = {}
    for key, kind in domains(below([form])).items():
        wide = {REAL: rng.normal(0, 2, SAMPLES), POSITIVE: np.exp(rng.normal(0, 0.8, SAMPLES))}
        out[key] = wide.get(kind, rng.uniform(0.02, 0.98, SAMPLES))
    return out


def is_true(said: Fact, form: Node, seed: int) -> bool:
    """Whether the form is what is said, computed by Python: scale × reference + offset."""
    reference = BY_NAME[said.reference]
    at = samples(form, seed)
    for ways in _ways(reference):
        roles = {r: computed(way.text.replace("_", "leaf"), {"leaf": at[said.roles[r].key]}) for r, way in ways.items()}
        here = computed(text_of(form), at)
        there = said.scale * computed(reference.text, roles) + said.offset
        known = np.isfinite(here) & np.isfinite(there)
        size = 1 + np.abs(here) + np.abs(there - said.offset) + abs(said.offset)
        if known.sum() > 50 and (np.abs(here - there)[known] <= 2e-5 * size[known]).all():
            return True
    return False


def _ways(reference: Reference) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = [{}]
    for role, parameter in reference.roles.items():
        out = [{**w, role: way} for w in out for way in (PARAMETERS[parameter] if parameter else (PLAIN,))]
    return out


# --- what was said, and was false ------------------------------------------------------------------


def test_a_name_does_not_make_a_formula_that_is_not_a_divergence_minus_one() -> None:
    """Both logarithms are the wrong way round: neither the divergence nor minus it."""
    form = form_of("log(so) - log(s) + (so**2 + (mo - m)**2) / (2*s**2) - 0.5")
    assert recognise(GRAPH, form) is None
    found = find_slip(GRAPH, form, Sense.COST, whole=Sense.COST)
    assert found is not None
    assert found.signs == 2
    assert found.flip == "`log(so) - log(s)` should be `-log(so) + log(s)`"
    assert found.mended.reason == "the KL divergence of two Gaussians, least at mo = m, so = s"
    alone = find_slip(GRAPH, form)
    assert alone is not None and alone.signs == 1 and alone.mended.noun.startswith("minus the KL")


KL_OF_NEITHER = """
import torch

def kl_loss(m, s, mo, so):
    {name} = torch.log(so) - torch.log(s) + (so**2 + (mo - m)**2) / (2*s**2) - 0.5
    return {name}
"""


@pytest.mark.parametrize("name", ["kl", "out", "x"])
def test_a_check_says_of_it_what_it_is_one_sign_or_two_away_from(name: str, elsewhere: None) -> None:
    text = KL_OF_NEITHER.format(name=name)
    part = examine(Path("kl.py"), text, load(()), Config(), Project())
    (found,) = part.findings
    assert found.finding.code == "VL402"
    away = "differs in 2 signs from the KL" if name == "kl" else "differs in one sign from minus the KL"
    assert away in found.finding.message


def test_a_logarithm_is_not_said_to_equal_what_it_is_the_logarithm_of() -> None:
    found = decide(parse("-sum(q * (log_q - log_prior))"))
    assert isinstance(found, Fact)
    assert found.reason == (
        "minus the KL divergence of two distributions, greatest at q = exp(log_prior)"
        " (log_q being the logarithm that its name says)"
    )


SAID = {
    "0.5 * (lv2 - lv1 + (exp(lv1) + (mu1 - mu2)**2) / exp(lv2) - 1)": ", least at mu1 = mu2, lv1 = lv2",
    "log(s) - 0.5 * lv + (exp(lv) + (a - b)**2) / (2 * s**2) - 0.5": ", least at a = b, exp(lv) = s**2",
    "0.5 * (mu**2 + exp(logvar) - 1 - logvar)": ", least at mu = 0, logvar = 0",
    "softplus(l) - y * l": ", least at sigmoid(l) = y",
    "0.5 * ((x - mu)**2 / exp(2 * ls) + 2 * ls)": ", least at x = mu, and at exp(2*ls) = the mean of (x - mu)**2",
    "exp(l) - y * l": ", least at exp(l) = y",
}


@pytest.mark.parametrize("text", SAID)
def test_a_place_is_said_in_the_parameters_of_the_code(text: str) -> None:
    found = decide(parse(text))
    assert isinstance(found, Fact)
    assert found.reason.endswith(SAID[text])


# --- whatever is said is true ----------------------------------------------------------------------


@pytest.mark.parametrize("reference", [r for r in REFERENCES if r.sense.directed and "{" in r.optimum], ids=ids)
def test_the_optimum_of_a_reference_is_where_it_says(reference: Reference) -> None:
    assert reference.least
    rng = random.Random(reference.name)
    for _ in range(6):
        ways = choose_ways(reference, rng)
        names = {role: f"leaf_{role}" for role in reference.roles}
        text = Speller(rng, names, ways).write(form_of(reference.text))
        found = decide(parse(text))
        assert isinstance(found, Fact), text
        other = BY_NAME[found.reference]
        assert ", least at " in found.reason or not other.optimum, text


def _neighbours(form: Node, rng: random.Random) -> Node:
    """The form with one thing about it changed: a sign, a factor, a function, a leaf put for another."""
    sites = list(walk(form))
    site = rng.choice(sites)
    apply, args = GRAPH.apply, site.args
    if site.op == CONSTANT:
        value = site.constant
        other = GRAPH.constant(rng.choice((value + 1, value * 2, -value, value * 1.0001, 0.5, 1.0)))
    elif site.leaf is not None:
        scaled = apply("mul", GRAPH.constant(1.001), site)
        other = rng.choice((rng.choice(leaves(form)), apply("neg", site), scaled, apply("abs", site)))
    elif site.op in ("add", "sub", "mul", "div"):
        changed = apply(rng.choice(("add", "sub", "mul", "div")), *args, origin=site.origin)
        other = changed if rng.random() < 0.7 else args[0]
    elif len(args) == 1:
        other = rng.choice((args[0], *(apply(op, *args, origin=site.origin) for op in ("exp", "square", "abs"))))
    else:
        other = rng.choice(args)
    return rewritten(GRAPH, form, lambda x, _: other if x is site else None)


def _said(form: Node) -> list[tuple[Fact, Node]]:
    """The facts that are stated of a form, each with the form that it is stated of."""
    stated: list[tuple[Fact, Node]] = []
    kept = statement.is_best

    def noted(graph: Graph, view: Node, m: Any) -> bool:
        best = kept(graph, view, m)
        stated.append((recognising.fact_of(m, best), view))
        return best

    statement.is_best = noted
    try:
        if recognise(GRAPH, form) is None:
            find_slip(GRAPH, form)
    finally:
        statement.is_best = kept
    return stated


@pytest.mark.parametrize("reference", REFERENCES, ids=ids)
def test_nothing_false_is_said_of_near_misses(reference: Reference) -> None:
    rng = random.Random(reference.name)
    form = form_of(reference.text)
    for i in range(25):
        near = _neighbours(form, rng)
        if rng.random() < 0.3:
            near = _neighbours(near, rng)
        for fact, view in _said(near):
            assert is_true(fact, view, i), (text_of(view), fact.reason)


def test_nothing_false_is_said_of_random_expressions() -> None:
    rng = random.Random(20240229)
    count = 0
    for i in range(1500):
        for fact, view in _said(random_form(rng, 3, "abc", 0.25, 0.4)):
            count += 1
            assert is_true(fact, view, i), (text_of(view), fact.reason)
    assert count > 20  # something was said


def test_what_is_too_long_to_be_checked_is_not_said() -> None:
    form = form_of("0.5 * (mu**2 + v - 1 - log(v))")
    (found, *_) = matches(GRAPH, form, leaves(form))
    long = form
    for i in range(3000):
        long = GRAPH.apply("neg", GRAPH.apply("neg", long, origin=i), origin=-i)
    assert statement.is_reference(GRAPH, form, found)
    assert not statement.is_reference(GRAPH, long, found)


def test_a_slip_says_what_the_formula_is_with_the_signs_flipped() -> None:
    for text in ("-0.5 * (1 + logvar - mu**2 + exp(logvar))", "0.5 * (mu**2 - s**2 - 2 * log(s) - 1)"):
        found = decide(parse(text))
        assert isinstance(found, Slip) and " at " in found.mended.reason
