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
from vaelint.formula.families import all_references
from vaelint.formula.form import Form, Leaf, Num, Op, rewritten, walk
from vaelint.formula.oracle import Fact, Slip, decide, find_slip, recognise
from vaelint.formula.reference import PARAMETERS, PLAIN, Reference
from vaelint.formula.text import parse
from vaelint.knowledge.loader import load
from vaelint.sense import Sense
from vaelint.source.project import Project

from .spelling import Speller, choose_ways, form_of

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
    names = {**FUNCTIONS, "math": math, "pi": math.pi, "np": SimpleNamespace(**FUNCTIONS), **at, "at": at}
    with np.errstate(all="ignore"):
        return np.broadcast_to(eval(text, {"__builtins__": {}}, names), (SAMPLES,))


def text_of(form: Form) -> str:
    """A form in Python's words."""
    match form:
        case Num(value=value):
            return repr(value)
        case Leaf(key=key):
            return f"at[{key!r}]"
        case Op(fn="neg", args=(a,)):
            return f"(-{text_of(a)})"
        case Op(fn=fn, args=(a, b)) if fn in ("add", "sub", "mul", "div", "pow"):
            sign = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**"}[fn]
            return f"({text_of(a)} {sign} {text_of(b)})"
        case Op(fn=fn, args=args):
            return f"{fn}({', '.join(map(text_of, args))})"
        case _:
            return text_of(form.form)


def samples(form: Form, seed: int) -> dict[str, Any]:
    from vaelint.formula.domain import POSITIVE, REAL, domains

    rng = np.random.default_rng(seed)
    out = {}
    for key, kind in domains(form).items():
        wide = {REAL: rng.normal(0, 2, SAMPLES), POSITIVE: np.exp(rng.normal(0, 0.8, SAMPLES))}
        out[key] = wide.get(kind, rng.uniform(0.02, 0.98, SAMPLES))
    return out


def is_true(said: Fact, form: Form, seed: int) -> bool:
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
    assert recognise(form) is None
    found = find_slip(form, Sense.COST, whole=Sense.COST)
    assert found is not None
    assert found.signs == 2
    assert found.flip == "`log(so) - log(s)` should be `-log(so) + log(s)`"
    assert found.mended.reason == "least at mo = m, so = s: the KL divergence of two Gaussians"
    alone = find_slip(form)
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
    away = "2 signs away from the KL" if name == "kl" else "one sign away from minus the KL"
    assert away in found.finding.message


def test_a_logarithm_is_not_said_to_equal_what_it_is_the_logarithm_of() -> None:
    found = decide(parse("-sum(q * (log_q - log_prior))"))
    assert isinstance(found, Fact)
    assert found.reason == (
        "greatest at q = exp(log_prior): minus the KL divergence of two distributions"
        " (log_q being the logarithm that its name says)"
    )


SAID = {
    "0.5 * (lv2 - lv1 + (exp(lv1) + (mu1 - mu2)**2) / exp(lv2) - 1)": "least at mu1 = mu2, lv1 = lv2: ",
    "log(s) - 0.5 * lv + (exp(lv) + (a - b)**2) / (2 * s**2) - 0.5": "least at a = b, exp(lv) = s**2: ",
    "0.5 * (mu**2 + exp(logvar) - 1 - logvar)": "least at mu = 0, logvar = 0: ",
    "softplus(l) - y * l": "least at sigmoid(l) = y: ",
    "0.5 * ((x - mu)**2 / exp(2 * ls) + 2 * ls)": "least at x = mu, and exp(2*ls) their mean squared distance: ",
    "exp(l) - y * l": "least at exp(l) = y: ",
}


@pytest.mark.parametrize("text", SAID)
def test_a_place_is_said_in_the_parameters_of_the_code(text: str) -> None:
    found = decide(parse(text))
    assert isinstance(found, Fact)
    assert found.reason.startswith(SAID[text])


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
        assert found.reason.startswith("least at ") or not other.optimum, text


def _neighbours(form: Form, rng: random.Random) -> Form:
    """The form with one thing about it changed: a sign, a factor, a function, a leaf put for another."""
    sites = [x for x in walk(form) if isinstance(x, (Op, Num, Leaf))]
    site = rng.choice(sites)
    every = [x for x in sites if isinstance(x, Leaf)]
    match site:
        case Num(value=value):
            other: Form = Num(rng.choice((value + 1, value * 2, -value, value * 1.0001, 0.5, 1.0)))
        case Leaf():
            other = rng.choice(
                (rng.choice(every), Op("neg", (site,)), Op("mul", (Num(1.001), site)), Op("abs", (site,)))
            )
        case Op(fn="add" | "sub" | "mul" | "div", args=args, node=node):
            other = Op(rng.choice(("add", "sub", "mul", "div")), args, node) if rng.random() < 0.7 else args[0]
        case Op(args=args, node=node) if len(args) == 1:
            other = rng.choice((args[0], Op("exp", args, node), Op("square", args, node), Op("abs", args, node)))
        case Op(args=args):
            other = rng.choice(args)
        case _:
            raise AssertionError(site)
    return rewritten(form, lambda x: other if x is site else None)


def _said(form: Form) -> list[tuple[Fact, Form]]:
    """The facts that are stated of a form, each with the form that it is stated of."""
    from vaelint.formula import oracle

    stated: list[tuple[Fact, Form]] = []
    kept = oracle.checked.is_best

    def noted(view: Form, m: Any) -> bool:
        best = kept(view, m)
        stated.append((oracle.fact_of(m, best), view))
        return best

    oracle.checked.is_best = noted  # type: ignore[assignment]
    try:
        if recognise(form) is None:
            find_slip(form)
    finally:
        oracle.checked.is_best = kept
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


def _random(rng: random.Random, depth: int) -> Form:
    if depth == 0 or rng.random() < 0.15:
        return Num(rng.choice((0.5, 1.0, 2.0))) if rng.random() < 0.25 else Leaf(*[rng.choice("abc")] * 2)
    if rng.random() < 0.4:
        fn = rng.choice(("exp", "log", "square", "neg", "abs", "softplus", "sqrt"))
        return Op(fn, (_random(rng, depth - 1),), rng.randrange(10**9))
    return Op(
        rng.choice(("add", "sub", "mul", "div")),
        (_random(rng, depth - 1), _random(rng, depth - 1)),
        rng.randrange(10**9),
    )


def test_nothing_false_is_said_of_random_expressions() -> None:
    rng = random.Random(20240229)
    count = 0
    for i in range(1500):
        for fact, view in _said(_random(rng, 3)):
            count += 1
            assert is_true(fact, view, i), (text_of(view), fact.reason)
    assert count > 20  # something was said


def test_what_is_too_long_to_be_checked_is_not_said() -> None:
    from vaelint.formula import checked
    from vaelint.formula.table import matches

    form = form_of("0.5 * (mu**2 + v - 1 - log(v))")
    (found, *_) = matches(form, [x for x in walk(form) if isinstance(x, Leaf)][:2])
    long = form
    for i in range(3000):
        long = Op("neg", (Op("neg", (long,), i),), -i)
    assert checked.is_reference(form, found)
    assert not checked.is_reference(long, found)


def test_a_slip_says_what_the_formula_is_with_the_signs_flipped() -> None:
    for text in ("-0.5 * (1 + logvar - mu**2 + exp(logvar))", "0.5 * (mu**2 - s**2 - 2 * log(s) - 1)"):
        found = decide(parse(text))
        assert isinstance(found, Slip) and found.mended.reason.startswith(("least at", "greatest at"))
