"""Arithmetic on quantities: tables of what sums and products mean, and the laws that hold for all of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vaelint.evidence import Basis
from vaelint.infer.quantities import algebra
from vaelint.infer.quantities.algebra import (
    MAX_TERMS,
    add,
    as_one,
    detach,
    lone_meaning,
    multiply,
    negate,
    overall,
    reverse_gradient,
    scale,
    subtract,
    through,
)
from vaelint.infer.values import Form, Quantity, Term, is_unknown, meant, undirected, unknown
from vaelint.ir import called
from vaelint.sense import FAMILIES, Meaning, Pass, Sense, are_contrast, family

OPPOSITE = {Sense.GAIN: Sense.COST, Sense.COST: Sense.GAIN, Sense.NONE: Sense.NONE, Sense.UNKNOWN: Sense.UNKNOWN}
KINDS = ["log_density", "nll", "kl", "error", "elbo", "surrogate", "reward", "accuracy"]


def of(sense: Sense, kind: str = "", node: int = 1, basis: Basis = Basis.PROOF) -> Quantity:
    return meant(Meaning(sense, kind, basis), f"q{node}", node, "given")


def gain(kind: str = "log_density", node: int = 1) -> Quantity:
    return of(Sense.GAIN, kind, node)


def cost(kind: str = "kl", node: int = 2) -> Quantity:
    return of(Sense.COST, kind, node)


# Facts and claims with a kind, entropies (a fact without a direction), weights, and things unresolved.
meanings = st.one_of(
    st.builds(Meaning, st.sampled_from([Sense.GAIN, Sense.COST]), st.sampled_from(KINDS), st.just(Basis.PROOF)),
    st.builds(Meaning, st.sampled_from([Sense.GAIN, Sense.COST]), st.sampled_from(["", *KINDS]), st.just(Basis.NAME)),
    st.sampled_from(
        [algebra.ENTROPY, algebra.MARGINAL_ENTROPY, Meaning(Sense.NONE), Meaning(Sense.UNKNOWN)],
    ),
)


@st.composite
def terms(draw: st.DrawFn, first: int = 0) -> Term:
    node = first + draw(st.integers(0, 20))
    sign, grad_sign = draw(st.sampled_from([1, -1])), draw(st.sampled_from([1, -1]))
    return Term(sign, draw(meanings), called(f"t{node}"), node, node, live=draw(st.booleans()), grad_sign=grad_sign)


@st.composite
def quantities(draw: st.DrawFn, first: int = 0) -> Quantity:
    """Of terms that entered at nodes from ``first`` on: a node is one expression, so two quantities share none."""
    ts = draw(st.lists(terms(first), min_size=1, max_size=4, unique_by=lambda t: t.made))
    node = draw(st.integers(51, 99))
    return Quantity(tuple(ts), frozenset(t.label for t in ts), called(f"s{node}"), key=node, origin=node)


others = quantities(25)
directed = st.builds(of, st.sampled_from([Sense.GAIN, Sense.COST]), st.sampled_from(KINDS), st.integers(0, 20))
gradient = st.booleans()


# --- negation ------------------------------------------------------------------------------------


@given(quantities(), gradient)
def test_overall_of_the_negation_is_the_negation_of_overall(q: Quantity, of_gradient: bool) -> None:
    before, after = overall(q, of_gradient), overall(negate(q, 100), of_gradient)
    assert after.sense is OPPOSITE[before.sense]
    assert after.basis is before.basis


@given(quantities())
def test_double_negation(q: Quantity) -> None:
    twice = negate(negate(q, 100), 101)
    assert [(t.sign, t.meaning, t.live, t.grad_sign, t.made) for t in twice.terms] == [
        (t.sign, t.meaning, t.live, t.grad_sign, t.made) for t in q.terms
    ]
    assert overall(twice) == overall(q)
    assert twice.roots == q.roots


@given(quantities())
def test_negation_is_told_in_the_trace(q: Quantity) -> None:
    for t in negate(q, 100, "because").terms:
        assert t.trace is not None
        assert t.trace.steps()[-1] == (100, "because")


@given(quantities())
def test_negation_is_not_known_to_be_positive(q: Quantity) -> None:
    assert not negate(replace(q, positive=True), 100).positive


@given(quantities())
def test_lone_meaning_of_the_negation(q: Quantity) -> None:
    assert lone_meaning(negate(q, 100)) == -lone_meaning(q)


# --- sums ----------------------------------------------------------------------------------------


def signs(q: Quantity) -> set[tuple[int, int, Meaning]]:
    return {(t.made, t.sign, t.meaning) for t in q.terms}


@given(quantities(), others)
def test_negation_distributes_over_addition(a: Quantity, b: Quantity) -> None:
    whole = negate(add(a, b, 100, called("a + b")), 101)
    parts = add(negate(a, 101), negate(b, 101), 100, called("-a - b"))
    assert signs(whole) == signs(parts)
    assert overall(whole) == overall(parts)


@given(quantities(), others)
def test_addition_commutes(a: Quantity, b: Quantity) -> None:
    one, other = add(a, b, 100, called("a + b")), add(b, a, 100, called("b + a"))
    assert overall(one).sense is overall(other).sense
    assert one.roots == other.roots == a.roots | b.roots


@given(quantities())
def test_a_term_of_a_loop_counts_once(q: Quantity) -> None:
    assert add(q, q, 100, called("q + q")).terms == q.terms


@given(quantities())
def test_adding_a_weight_changes_nothing(q: Quantity) -> None:
    assume(any(t.value_sense is not Sense.NONE for t in q.terms))
    entropy = {"entropy", "marginal_entropy"}
    assume(len(q.terms) > 1 or q.terms[0].meaning.kind not in entropy)  # alone it is judged otherwise than in a sum
    assert overall(add(q, undirected("weight", 60), 100, called("q + w"))).sense is overall(q).sense


def test_too_long_a_sum_is_unknown() -> None:
    q = cost(node=0)
    for i in range(1, MAX_TERMS + 1):
        q = add(q, cost(node=i), 100 + i, called("sum"))
    assert is_unknown(q)


@pytest.mark.parametrize(
    "a, b, sense",
    [
        (gain("log_density"), gain("elbo", 2), Sense.GAIN),
        (cost("nll", 1), cost("kl"), Sense.COST),
        (gain("log_density"), cost("kl"), Sense.UNKNOWN),  # opposed terms of one objective
        (gain("log_density"), cost("nll"), Sense.NONE),  # two sides of one comparison
        (gain("log_density"), undirected("mask", 2), Sense.GAIN),
        (gain("log_density"), unknown("f(x)", 2), Sense.UNKNOWN),
        (undirected("a", 1), undirected("b", 2), Sense.NONE),
    ],
)
def test_sums(a: Quantity, b: Quantity, sense: Sense) -> None:
    assert overall(add(a, b, 9, called("a + b"))).sense is sense
    assert overall(add(b, a, 9, called("b + a"))).sense is sense


@pytest.mark.parametrize(
    "a, b, sense",
    [
        (gain("log_density"), cost("kl"), Sense.GAIN),  # an ELBO
        (cost("nll", 1), gain("elbo", 2), Sense.COST),
        (cost("error", 1), cost("kl"), Sense.UNKNOWN),  # reconstruction - KL
        (gain("log_density", 1), gain("log_density", 2), Sense.NONE),  # a log-ratio
        (cost("nll", 1), cost("cross_entropy", 2), Sense.NONE),
        (gain("return", 1), gain("reward", 2), Sense.NONE),  # a baseline
        (unknown("a", 1), cost("kl"), Sense.UNKNOWN),
    ],
)
def test_differences(a: Quantity, b: Quantity, sense: Sense) -> None:
    assert overall(subtract(a, b, 9, called("a - b"))).sense is sense


@given(st.sampled_from(sorted(FAMILIES)), st.sampled_from(sorted(FAMILIES)), st.sampled_from([Sense.GAIN, Sense.COST]))
def test_a_contrast_of_one_family_has_no_sense(a: str, b: str, sense: Sense) -> None:
    q = subtract(of(sense, a, 1), of(sense, b, 2), 9, called("a - b"))
    expected = Sense.NONE if family(a) == family(b) else Sense.UNKNOWN
    assert are_contrast(a, b) == (family(a) == family(b))
    assert overall(q).sense is expected
    assert overall(q, gradient=True).sense is expected


@given(quantities())
def test_less_its_own_detached_value_a_quantity_goes_the_way_it_went(q: Quantity) -> None:
    less = algebra.centred(q, detach(q), 100, called("q - q.detach()"))
    assert (less is None) == (not q.terms)
    held, kept = overall(q, True), overall(less, True) if less is not None else overall(q, True)
    assert (kept.sense, kept.basis) == (held.sense, held.basis)


@pytest.mark.parametrize("kind", ["log_density", "nll", "error"])
def test_one_helper_on_different_data_is_a_contrast(kind: str) -> None:
    """`ll(x) - ll(y)`: both terms were made by the same expression, but of different things."""
    x = gain(kind).having(roots=frozenset(("x",)))
    y = gain(kind).having(roots=frozenset(("y",)))
    assert overall(subtract(x, y, 9, called("ll(x) - ll(y)")), gradient=True).sense is Sense.NONE


@given(st.sampled_from([Sense.GAIN, Sense.COST]), st.sampled_from([Sense.GAIN, Sense.COST]))
def test_an_entropy_in_a_sum_is_judged_by_the_others(sense: Sense, entropy_sign: Sense) -> None:
    h = of(Sense.UNKNOWN, "entropy", 2)
    h = h if entropy_sign is Sense.GAIN else negate(h, 3)
    assert overall(add(of(sense, "surrogate", 1), h, 9, called("sum"))).sense is sense
    assert overall(h).sense is Sense.UNKNOWN


def test_a_nameless_claim_is_no_evidence_in_an_objective() -> None:
    q = of(Sense.COST, "", basis=Basis.NAME)
    assert overall(q).sense is Sense.COST
    assert overall(q, gradient=True).sense is Sense.UNKNOWN


@pytest.mark.parametrize("kind", ["", "reward", "surrogate", "accuracy"])
def test_a_weak_claim_makes_a_sum_a_claim(kind: str) -> None:
    both = add(cost(), of(Sense.COST, kind, 3, Basis.NAME), 9, called("sum"))
    assert overall(both) == algebra.Verdict(Sense.COST, Basis.NAME)


@pytest.mark.parametrize("kind", ["nll", "log_density", "kl"])
def test_a_technical_name_does_not_put_a_fact_in_doubt(kind: str) -> None:
    claim = of(Sense.COST, kind, 3, Basis.NAME)
    both = overall(add(cost(), claim, 9, called("sum")))
    assert both.sense is Sense.COST and both.is_evidence
    assert both.basis is Basis.NAME  # it rests on its weakest premise all the same
    assert overall(claim).basis is Basis.NAME


# --- factors -------------------------------------------------------------------------------------


@given(quantities(), st.floats(1e-9, 1e9), gradient)
def test_a_positive_number_keeps(q: Quantity, factor: float, of_gradient: bool) -> None:
    assert overall(scale(q, factor, 100), of_gradient) == overall(q, of_gradient)


@given(quantities(), st.floats(-1e9, -1e-9), gradient)
def test_a_negative_number_flips(q: Quantity, factor: float, of_gradient: bool) -> None:
    assert overall(scale(q, factor, 100), of_gradient).sense is OPPOSITE[overall(q, of_gradient).sense]


@given(quantities())
def test_zero_leaves_no_sense(q: Quantity) -> None:
    assert overall(scale(q, 0.0, 100)).sense is Sense.NONE


@given(quantities(), gradient)
def test_a_positive_factor_keeps(q: Quantity, of_gradient: bool) -> None:
    beta = undirected("beta", 60, positive=True, roots=frozenset(("beta",)))
    for product in (multiply(q, beta, 100, called("q * beta")), multiply(beta, q, 100, called("beta * q"))):
        assert overall(product, of_gradient) == overall(q, of_gradient)
        assert product.roots == q.roots | {"beta"}


@given(quantities())
def test_an_unknown_factor_loses(q: Quantity) -> None:
    k = unknown("k", 60)
    assume(not q.positive)
    # A return times the log-probability of an action is the one product of which more is known.
    assume(not any(t.meaning.kind in ("log_density", "reward") for t in q.terms))
    assert overall(multiply(q, k, 100, called("q * k"))).sense is Sense.UNKNOWN


def test_weights_times_weights_have_no_sense() -> None:
    assert overall(multiply(undirected("a", 1), undirected("b", 2), 9, called("a * b"))).sense is Sense.NONE


@pytest.mark.parametrize("form", [Form.SCORE, Form.RATIO])
@pytest.mark.parametrize("kind", ["reward", "return", "advantage"])
def test_policy_times_return_is_a_surrogate(form: str, kind: str) -> None:
    policy = undirected("policy", 1, form=form)
    advantage = of(Sense.GAIN, kind, 2, Basis.NAME)
    for product in (multiply(policy, advantage, 9, called("p * a")), multiply(advantage, policy, 9, called("a * p"))):
        found = overall(product, gradient=True)
        assert (found.sense, found.basis, found.is_evidence) == (Sense.GAIN, Basis.NAME, True)
        assert product.terms[0].meaning.kind == "surrogate"
    flipped = multiply(policy, negate(advantage, 3), 9, called("p * -a"))
    assert overall(flipped, gradient=True).sense is Sense.COST


def test_detached_scores_have_no_gradient() -> None:
    policy = detach(undirected("logp", 1, form=Form.SCORE))
    product = multiply(policy, of(Sense.GAIN, "reward", 2), 9, called("logp * r"))
    assert overall(product, gradient=True).sense is Sense.NONE


def test_p_log_p_is_minus_an_entropy() -> None:
    p = undirected("p", 1, form=Form.PROBABILITY, positive=True)
    log_p = undirected("log p", 2, form=Form.LOG_PROBABILITY, of=p.key)
    (term,) = multiply(p, log_p, 9, called("p * log p")).terms
    assert (term.sign, term.meaning) == (-1, algebra.ENTROPY)
    mean_p = undirected("mean p", 3, form=Form.MEAN_PROBABILITY, positive=True)
    (term,) = multiply(mean_p, replace(log_p, of=mean_p.key), 9, called("p * log p")).terms
    assert (term.sign, term.meaning) == (-1, algebra.MARGINAL_ENTROPY)


def test_labels_times_log_p_is_a_log_likelihood() -> None:
    labels = undirected("y", 1, form=Form.PROBABILITY, positive=True)
    log_p = undirected("log p", 2, form=Form.LOG_PROBABILITY, of=7)
    assert overall(multiply(labels, log_p, 9, called("y * log p"))).sense is Sense.GAIN
    assert (
        overall(multiply(labels, negate(log_p, 3).having(form=Form.LOG_PROBABILITY), 9, called(""))).sense is Sense.COST
    )


# --- value and gradient --------------------------------------------------------------------------


@given(quantities())
def test_detach_keeps_the_value_and_clears_the_gradient(q: Quantity) -> None:
    cut = detach(q)
    assert overall(cut) == overall(q)
    assert all(t.gradient_sense is Sense.NONE for t in cut.terms)
    assert detach(cut) == cut


@given(quantities())
def test_gradient_reversal_flips_the_gradient_alone(q: Quantity) -> None:
    reversed_ = reverse_gradient(q, 100)
    assert overall(reversed_) == overall(q)
    assert overall(reversed_, gradient=True).sense is OPPOSITE[overall(q, gradient=True).sense]
    assert overall(reverse_gradient(reversed_, 101), gradient=True) == overall(q, gradient=True)


@given(quantities())
def test_value_and_gradient_agree_where_nothing_cuts_or_reverses(q: Quantity) -> None:
    plain = replace(q, terms=tuple(replace(t, live=True, grad_sign=1) for t in q.terms))
    assume(not any(t.meaning.is_claim and not t.meaning.kind for t in plain.terms))
    assert overall(plain, gradient=True) == overall(plain)


# --- monotone functions, sums as one value -------------------------------------------------------


@given(quantities())
def test_monotone_functions(q: Quantity) -> None:
    assert overall(through(q, Pass.KEEP, 100, "exp")) == overall(q)
    assert overall(through(q, Pass.FLIP, 100, "1 - x")).sense is OPPOSITE[overall(q).sense]
    assert overall(through(q, Pass.NONE, 100, "shape")).sense is Sense.NONE
    expected = Sense.NONE if lone_meaning(q).sense is Sense.NONE else Sense.UNKNOWN
    assert overall(through(q, Pass.LOSE, 100, "sin")).sense is expected


@given(quantities())
def test_a_sum_as_one_value_goes_the_same_way(q: Quantity) -> None:
    one = as_one(q, 100)
    assert len(one.terms) == 1
    assert overall(one).sense is overall(q).sense


# --- joins ---------------------------------------------------------------------------------------


@given(quantities())
def test_join_is_idempotent(q: Quantity) -> None:
    assert overall(algebra.join([q, q], 100, called("q"))) == overall(q)


@given(quantities(), others)
def test_join_commutes(a: Quantity, b: Quantity) -> None:
    one, other = algebra.join([a, b], 100, called("j")), algebra.join([b, a], 100, called("j"))
    assert overall(one).sense is overall(other).sense
    assert overall(one).basis is overall(other).basis
    assert one.roots == other.roots == a.roots | b.roots


@given(directed, directed)
def test_join_of_directed_senses_is_what_both_agree_on(a: Quantity, b: Quantity) -> None:
    sa, sb = lone_meaning(a).sense, lone_meaning(b).sense
    assert overall(algebra.join([a, b], 100, called("j"))).sense is (sa if sa is sb else Sense.UNKNOWN)


@given(quantities(), others)
def test_unknown_absorbs_in_a_join(a: Quantity, b: Quantity) -> None:
    if Sense.UNKNOWN in (lone_meaning(a).sense, lone_meaning(b).sense):
        assert overall(algebra.join([a, b], 100, called("j"))).sense is Sense.UNKNOWN


@given(directed)
def test_a_constant_on_one_branch_leaves_it_to_the_other(q: Quantity) -> None:
    assert overall(algebra.join([q, undirected("0", 60)], 100, called("j"))).sense is lone_meaning(q).sense


@given(quantities(), others)
def test_negation_distributes_over_a_join(a: Quantity, b: Quantity) -> None:
    whole = overall(negate(algebra.join([a, b], 100, called("j")), 101))
    parts = overall(algebra.join([negate(a, 102), negate(b, 103)], 100, called("j")))
    assert whole.sense is parts.sense
