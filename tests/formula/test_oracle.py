"""The formula oracle: every reference is known in any spelling, and nothing else is."""

from __future__ import annotations

import itertools
import random

import pytest

from vaelint.graph.domains import domains
from vaelint.graph.lookup import SAMPLES, tables, values
from vaelint.graph.node import Node, below, rewritten, walk, with_leaves
from vaelint.graph.recognise import Fact, recognise
from vaelint.graph.references import PARAMETERS, Reference, all_references
from vaelint.graph.slips import Slip, decide, find_slip
from vaelint.sense import Sense
from vaelint.source.quick import typed as parse

from .spelling import GRAPH, form_of, random_form, spelled

REFERENCES = all_references()
SPELLINGS = 30


def ids(r: Reference) -> str:
    return r.name


# --- what is no formula --------------------------------------------------------------------------

PLAIN_EXPRESSIONS = (
    "a - b",
    "a + b * c",
    "kl + beta * reg",
    "recon - kl",
    "policy_loss + 0.5 * value_loss - 0.01 * entropy",
    "torch.exp(log_ratio)",
    "torch.log(a) - torch.log(b)",
    "1 + exp(x)",
    "alpha * log_pi - q",
    "torch.log(d_real) + torch.log(1 - d_fake)",
    "r + gamma * v_next - v",
    "torch.logsumexp(scores, 0) - gold",
    "x * torch.exp(s) + t",
    "log_p - log_q + log_det",
    "mu + std * eps",
    "0.5 * (a + b) * torch.exp(-c)",
    "0.3 * x + 0.1 * torch.log(x) - 0.7 * y",
    "torch.log1p(x**2) - torch.log(y)",
    "y * d**2 + (1 - w) * torch.relu(m - d)**2",
    "torch.relu(d_ap - d_an + margin)",
)


@pytest.mark.parametrize("text", PLAIN_EXPRESSIONS)
def test_an_ordinary_expression_is_nothing(text: str) -> None:
    assert decide(parse(text)) is None


def test_two_thousand_random_expressions_are_nothing() -> None:
    rng = random.Random(20240229)
    found = []
    for _ in range(2000):
        form = random_form(rng, 4, "abcde", 0.2, 0.35)
        if sum(x.leaf is not None for x in walk(form)) < 2 or len(list(walk(form))) < 8:
            continue
        fact = recognise(GRAPH, form) or find_slip(GRAPH, form)
        if isinstance(fact, Slip) or (isinstance(fact, Fact) and not fact.strict and fact.meaning.kind != "error"):
            found.append((form, fact))
    assert not found


# --- what is a formula ---------------------------------------------------------------------------


@pytest.mark.parametrize("reference", REFERENCES, ids=ids)
def test_a_reference_is_known_in_any_spelling(reference: Reference) -> None:
    rng = random.Random(reference.name)
    for _ in range(SPELLINGS):
        text, sign = spelled(reference, rng)
        found = decide(parse(text))
        assert isinstance(found, Fact), text
        assert (found.scale > 0) == (sign > 0) or found.reference != reference.name, text
        expected = reference.sense if sign > 0 else -reference.sense
        assert found.meaning.sense is expected, (text, found.reference)


def _has_leaf(form: Node) -> bool:
    return any(x.leaf is not None for x in walk(form))


def _turnings(form: Node) -> list[Node]:
    """The form with each inner sign in front of something that is no constant turned once."""
    out = []
    for site in walk(form):
        if site.op in ("add", "sub") and _has_leaf(site.args[1]):
            other = GRAPH.apply({"add": "sub", "sub": "add"}[site.op], *site.args, origin=site.origin)
            out.append(rewritten(GRAPH, form, lambda x, _, site=site, other=other: other if x is site else None))
    return out


@pytest.mark.parametrize("reference", [r for r in REFERENCES if _turnings(form_of(r.text))], ids=ids)
def test_a_turned_sign_is_never_taken_for_the_right_one(reference: Reference) -> None:
    form = form_of(reference.text)
    for turned in _turnings(form):
        found = recognise(GRAPH, turned)
        assert found is None or found.reference != reference.name, (reference.text, found)


def _nearby(form: Node, factor: float) -> list[Node]:
    """The form with one of its terms, which is no constant, multiplied by a factor next to one: each in turn."""
    out = []
    for site in walk(form):
        if site.op in ("add", "sub") and all(_has_leaf(x) for x in site.args):
            left, right = site.args
            other = GRAPH.apply(site.op, left, GRAPH.apply("mul", GRAPH.constant(factor), right), origin=site.origin)
            out.append(rewritten(GRAPH, form, lambda x, _, site=site, other=other: other if x is site else None))
    return out


@pytest.mark.parametrize("reference", [r for r in REFERENCES if _nearby(form_of(r.text), 1.0)], ids=ids)
@pytest.mark.parametrize("factor", [1.0001, 0.9999])
def test_a_formula_that_is_nearly_a_reference_is_not_it(reference: Reference, factor: float) -> None:
    for near in _nearby(form_of(reference.text), factor):
        found = recognise(GRAPH, near)
        assert found is None or found.reference != reference.name


SLIPS = {
    "-0.5 * torch.sum(1 + logvar - mu.pow(2) + logvar.exp())": "+ exp(logvar)",
    "-0.5 * torch.sum(1 + logvar + mu.pow(2) - logvar.exp())": "+ mu**2",
    "-0.5 * torch.sum(1 - logvar - mu.pow(2) - logvar.exp())": "- logvar",
    "0.5 * (mu**2 + s**2 + 2 * log(s) - 1)": "+ 2 * log(s)",
    "0.5 * (mu**2 - s**2 - 2 * log(s) - 1)": "- s**2",
    "-0.5 * (np.log(2 * np.pi * var) - (x - mu)**2 / var)": "- (x - mu)**2 / var",
    "-(y * log(p) - (1 - y) * log(1 - p))": "- (1 - y) * log(1 - p)",
    "0.5 * (lv2 + lv1 + (exp(lv1) + (mu1 - mu2)**2) / exp(lv2) - 1)": "+ lv1",
    "y * log(m) + m - lgamma(y + 1)": "+ m",
}


@pytest.mark.parametrize("text, sign", SLIPS.items(), ids=SLIPS.values())
def test_one_turned_sign_is_a_slip(text: str, sign: str) -> None:
    found = decide(parse(text))
    assert isinstance(found, Slip)
    assert f"`{sign}` should be" in found.flip


NUMBERED = {
    "log(0.1) - log(s) + (s**2 + mu**2) / (2 * 0.1**2) - 0.5": "gaussian_kl_prior_scale",
    "log(0.1) - log(s) + (s**2 + mu**2) / (2 * 0.01) - 0.5": "gaussian_kl_prior_scale",
    "-0.5 * (1 + lv - log(0.3**2) - (mu**2 + exp(lv)) / 0.3**2)": "gaussian_kl_prior_scale",
    "-0.5 * (1 + lv - log(0.09) - ((mu - 0.7)**2 + exp(lv)) / 0.09)": "gaussian_kl",
    "log(7 / s) + (s**2 + (mu - nu)**2) / (2 * 7**2) - 0.5": "gaussian_kl",
}


@pytest.mark.parametrize("text, reference", NUMBERED.items())
def test_a_parameter_may_be_a_number(text: str, reference: str) -> None:
    found = decide(parse(text))
    assert isinstance(found, Fact)
    assert (found.reference, found.meaning.sense) == (reference, Sense.COST)


def test_a_minus_that_is_missing_under_exp_is_named() -> None:
    found = decide(parse("0.5 * (log(2 * pi) + log_var + (x - mu)**2 * exp(log_var))"))
    assert isinstance(found, Slip)
    assert found.flip == "`exp(log_var)` should be `exp(-log_var)`"
    right = decide(parse("0.5 * (log(2 * pi) - log_precision + (x - mu)**2 * exp(log_precision))"))
    assert isinstance(right, Fact)


def test_what_a_square_is_made_of_may_be_of_any_sign() -> None:
    for text in ("log(s) + log1p(((x - m) / s)**2)", "log(s) + log(1 + ((x - m) / s) * ((x - m) / s))"):
        found = decide(parse(text))
        assert isinstance(found, Fact)
        assert found.reference == "cauchy_nll"


def test_a_slip_needs_structure() -> None:
    for text in ("(a + b)**2", "exp(x) + x", "p * log(p) + q", "r**2 / v"):
        assert not isinstance(decide(parse(text)), Slip), text


def test_a_negated_formula_is_no_slip() -> None:
    found = decide(parse("0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp())"))
    assert isinstance(found, Fact)
    assert found.meaning.sense is Sense.GAIN


# --- the tables ----------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", REFERENCES, ids=ids)
def test_a_way_of_writing_lies_where_it_says(reference: Reference) -> None:
    for role, parameter in reference.roles.items():
        for way in PARAMETERS.get(parameter, ()):
            text = reference.text
            inner = form_of(way.text)
            form = with_leaves(GRAPH, form_of(text), {role: inner})
            assert domains(below([form]))["_"] == way.domain, (reference.name, role, way)


ONLY_AS_SUMS = {"categorical_kl", "symmetric_kl", "jensen_shannon"}  # at least zero over all outcomes, not at each


@pytest.mark.parametrize("reference", [r for r in REFERENCES if r.kind == "kl" and r.name not in ONLY_AS_SUMS], ids=ids)
def test_a_divergence_is_never_below_zero_where_distributions_are(reference: Reference) -> None:
    form = form_of(reference.text)
    kinds = domains(below([form]))
    count: dict[str, int] = {}
    at = {}
    for role in reference.roles:
        domain = "positive" if reference.name == "gamma_kl" else kinds[role]
        count[domain] = i = count.get(domain, -1) + 1
        at[role] = SAMPLES[domain][i]
    found = values(form, at)
    assert found is not None and found.min() > -1e-9


def test_no_two_references_are_one_formula_with_opposed_senses() -> None:
    for table in tables().values():
        for a, b in itertools.combinations(table.entries, 2):
            same = abs(a.unit - b.unit).max() < 1e-8
            assert not same or a.reference.sense is b.reference.sense, (a.reference.name, b.reference.name)


def test_log_std_beside_std_is_its_logarithm() -> None:
    found = decide(parse("log_std_0 - log_std_1 + (std_1**2 + (mu_1 - mu_0)**2) / (2 * std_0**2) - 0.5"))
    assert isinstance(found, Fact)
    assert (found.reference, found.meaning.sense) == ("gaussian_kl", Sense.COST)


APART = "v / w + (mu - nu)**2 / w + torch.log(w) - torch.log(v)"


@pytest.mark.parametrize("text", (f"0.5 * ({APART} - k) - bonus", f"0.5 * ({APART}) - bonus"))
def test_another_term_is_no_number_of_dimensions(text: str) -> None:
    assert decide(parse(text)) is None


@pytest.mark.parametrize("k", ("k", "self.action_dim", "len(mu)"))
@pytest.mark.parametrize("text", ("0.5 * (@ - {k})", "-0.5 * ({k} - (@))", "((@) - {k}) / 2", "0.5 * (@ + {k})"))
def test_how_many_dimensions_a_divergence_has_may_be_a_name(text: str, k: str) -> None:
    found = decide(parse(text.replace("@", APART).format(k=k)))
    assert isinstance(found, Fact)
    assert (found.reference, found.meaning.sense) == ("gaussian_kl", Sense.COST)
