"""The lattice of senses: its tables, and the laws they obey."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaelint.records import replace
from vaelint.sense import (
    FAMILIES,
    NO_SENSE,
    OPPOSABLE,
    UNKNOWN,
    Basis,
    Direction,
    Meaning,
    Pass,
    Sense,
    are_contrast,
    article,
    concluded,
    family,
    join,
    must_agree,
    noun,
)

senses = st.sampled_from(Sense)
directions = st.sampled_from(Direction)
passes = st.sampled_from(Pass)
kinds = st.sampled_from([*FAMILIES, "", "accuracy", "energy", "mutual_information"])
meanings = st.builds(Meaning, senses, kinds, st.sampled_from(Basis))


@pytest.mark.parametrize(
    "sense, negated",
    [
        (Sense.GAIN, Sense.COST),
        (Sense.COST, Sense.GAIN),
        (Sense.NONE, Sense.NONE),
        (Sense.UNKNOWN, Sense.UNKNOWN),
    ],
)
def test_negation(sense: Sense, negated: Sense) -> None:
    assert -sense is negated


@given(senses)
def test_double_negation_of_a_sense(sense: Sense) -> None:
    negated = -sense
    assert -negated is sense


@given(senses)
def test_only_directed_senses_change_when_negated(sense: Sense) -> None:
    assert sense.directed == (-sense is not sense)
    assert sense.directed == (sense in (Sense.GAIN, Sense.COST))


def test_arrows_differ() -> None:
    assert len({s.arrow for s in Sense}) == len(Sense)
    assert (Sense.GAIN.arrow, Sense.COST.arrow) == ("↑", "↓")


# --- directions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "direction, wants",
    [
        (Direction.MINIMIZE, Sense.COST),
        (Direction.MAXIMIZE, Sense.GAIN),
        (Direction.UNKNOWN, Sense.UNKNOWN),
    ],
)
def test_what_a_direction_wants(direction: Direction, wants: Sense) -> None:
    assert direction.wants is wants


@given(directions)
def test_double_reversal_of_a_direction(direction: Direction) -> None:
    reverse = -direction
    assert -reverse is direction


@given(directions)
def test_the_reverse_wants_the_opposite(direction: Direction) -> None:
    assert (-direction).wants is -(direction.wants)


# --- joins ---------------------------------------------------------------------------------------


@given(senses)
def test_join_is_idempotent(a: Sense) -> None:
    assert join(a, a) is a


@given(senses, senses)
def test_join_is_commutative(a: Sense, b: Sense) -> None:
    assert join(a, b) is join(b, a)


@given(senses, senses)
def test_join_of_unequal_senses_is_unknown(a: Sense, b: Sense) -> None:
    assert (join(a, b) is Sense.UNKNOWN) == (a is not b or a is Sense.UNKNOWN)


@given(senses)
def test_unknown_absorbs(a: Sense) -> None:
    assert join(a, Sense.UNKNOWN) is Sense.UNKNOWN


def test_join_is_associative() -> None:
    for a, b, c in product(Sense, repeat=3):
        assert join(join(a, b), c) is join(a, join(b, c))


@given(senses, senses)
def test_negation_distributes_over_join(a: Sense, b: Sense) -> None:
    assert -join(a, b) is join(-a, -b)


# --- atoms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how, of_gain, of_none, of_unknown",
    [
        (Pass.KEEP, Sense.GAIN, Sense.NONE, Sense.UNKNOWN),
        (Pass.FLIP, Sense.COST, Sense.NONE, Sense.UNKNOWN),
        (Pass.NONE, Sense.NONE, Sense.NONE, Sense.NONE),
        (Pass.LOSE, Sense.UNKNOWN, Sense.NONE, Sense.UNKNOWN),
    ],
)
def test_atoms(how: Pass, of_gain: Sense, of_none: Sense, of_unknown: Sense) -> None:
    assert [how.apply(s) for s in (Sense.GAIN, Sense.NONE, Sense.UNKNOWN)] == [of_gain, of_none, of_unknown]


@given(passes, senses)
def test_atoms_commute_with_negation(how: Pass, sense: Sense) -> None:
    assert how.apply(-sense) is -how.apply(sense)


@given(senses)
def test_two_decreasing_atoms_are_increasing(sense: Sense) -> None:
    assert Pass.FLIP.apply(Pass.FLIP.apply(sense)) is Pass.KEEP.apply(sense)


# --- meanings and kinds --------------------------------------------------------------------------


@given(meanings)
def test_negation_of_a_meaning_keeps_kind_and_basis(m: Meaning) -> None:
    assert -m == Meaning(-m.sense, m.kind, m.basis)
    negated = -m
    assert -negated == m


def test_meanings_without_direction_are_their_own_negation() -> None:
    assert -NO_SENSE == NO_SENSE
    assert -UNKNOWN == UNKNOWN


@pytest.mark.parametrize(
    "a, b",
    [("log_density", "nll"), ("nll", "cross_entropy"), ("reward", "return"), ("error", "distance"), ("kl", "kl")],
)
def test_contrasts(a: str, b: str) -> None:
    assert are_contrast(a, b)
    assert not must_agree(a, b)


@pytest.mark.parametrize(
    "a, b",
    [("log_density", "kl"), ("nll", "kl"), ("error", "kl"), ("surrogate", "error"), ("surrogate", "entropy")],
)
def test_terms_that_must_agree(a: str, b: str) -> None:
    assert must_agree(a, b)
    assert not are_contrast(a, b)


@given(kinds, kinds)
def test_relations_of_kinds_are_symmetric_and_exclusive(a: str, b: str) -> None:
    assert are_contrast(a, b) == are_contrast(b, a)
    assert must_agree(a, b) == must_agree(b, a)
    assert not (are_contrast(a, b) and must_agree(a, b))


@given(kinds)
def test_a_kind_is_in_contrast_with_itself(kind: str) -> None:
    assert are_contrast(kind, kind)
    assert family(family(kind)) in (family(kind), FAMILIES.get(family(kind)))


KINDS_BY_FAMILY = {
    "density": {
        "log_density", "likelihood", "partial_likelihood", "preference", "nll", "cross_entropy", "probability",
        "log_probability", "score",
    },
    "divergence": {"kl"},
    "error": {"error", "distance", "similarity"},
    "overlap": {"overlap"},
    "entropy": {"entropy"},
    "elbo": {"elbo"},
    "contrastive": {"contrastive"},
    "return": {"surrogate", "reward", "return", "value"},
}  # fmt: skip


def test_kinds_of_one_sort_are_of_one_family_and_any_other_is_its_own() -> None:
    assert {k: {kind for kind, f in FAMILIES.items() if f == k} for k in KINDS_BY_FAMILY} == KINDS_BY_FAMILY
    assert family("accuracy") == "accuracy"


def test_which_families_pull_the_same_way_in_one_objective() -> None:
    kinds = {"nll", "kl", "error", "surrogate", "entropy", "elbo", "overlap", "contrastive"}
    agree = {(a, b) for a in kinds for b in kinds if a < b and must_agree(a, b)}
    assert agree == {
        ("kl", "nll"), ("error", "kl"), ("kl", "surrogate"), ("error", "surrogate"), ("entropy", "surrogate"),
        ("elbo", "kl"), ("nll", "overlap"), ("contrastive", "nll"), ("error", "overlap"), ("kl", "overlap"),
    }  # fmt: skip


def test_the_words_of_rules_and_reports() -> None:
    assert [s.value for s in Sense] == ["gain", "cost", "none", "unknown"]
    assert [s.arrow for s in Sense] == ["↑", "↓", "·", "?"]
    assert [d.value for d in Direction] == ["minimize", "maximize", "unknown"]
    assert [p.value for p in Pass] == ["keep", "flip", "none", "lose"]


def test_what_a_law_concludes_rests_on_the_weakest_of_its_roles() -> None:
    made = concluded(Sense.GAIN, "surrogate", iter([Basis.LIBRARY, Basis.NAME]))
    assert made == Meaning(Sense.GAIN, "surrogate", Basis.NAME, (Basis.LIBRARY, Basis.NAME))
    assert made.premises == (Basis.LIBRARY, Basis.NAME)
    assert (-made).roles == made.roles


@pytest.mark.parametrize(
    ("meaning", "is_evidence", "is_claim"),
    [
        (Meaning(Sense.COST, "nll", Basis.LIBRARY), True, False),
        (Meaning(Sense.COST, "nll", Basis.NAME), False, True),
        (Meaning(Sense.COST, "nll", Basis.NONE), False, False),
        (Meaning(Sense.COST, "nll", Basis.NAME, (Basis.NAME, Basis.NAME)), True, False),
    ],
)
def test_roles_that_agree_are_more_than_a_word(meaning: Meaning, is_evidence: bool, is_claim: bool) -> None:
    assert (meaning.is_evidence, meaning.is_claim) == (is_evidence, is_claim)
    assert Meaning(Sense.COST, "nll", Basis.PROOF).premises == (Basis.PROOF,)


def test_a_meaning_of_which_nothing_else_is_known_has_no_kind_and_no_basis() -> None:
    assert (UNKNOWN.kind, UNKNOWN.basis, UNKNOWN.roles) == ("", Basis.NONE, ())
    assert (UNKNOWN.sense, NO_SENSE.sense) == (Sense.UNKNOWN, Sense.NONE)


def test_a_meaning_is_a_value() -> None:
    one, other = Meaning(Sense.COST, "nll"), Meaning(Sense.COST, "nll")
    assert one == other != UNKNOWN and len({one, other}) == 1
    assert replace(one, kind="kl") == Meaning(Sense.COST, "kl") and one.kind == "nll"
    assert not hasattr(UNKNOWN, "__dict__")


def test_opposable_pairs_are_of_families_that_exist() -> None:
    names = {*FAMILIES.values()}
    for pair in OPPOSABLE:
        assert len(pair) == 2
        assert pair <= names


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("log_density", "a log-likelihood"),
        ("log_probability", "a log-probability"),
        ("nll", "a negative log-likelihood"),
        ("kl", "a KL divergence"),
        ("elbo", "an ELBO"),
        ("cross_entropy", "a cross-entropy"),
        ("log_q", "a log-density of draws"),
        ("partial_likelihood", "a partial log-likelihood"),
        ("", "a loss"),
        ("error", "an error"),
        ("mutual_information", "a mutual information"),
        ("entropy", "an entropy"),
        ("objective", "an objective"),
        ("inverse_rate", "an inverse rate"),
        ("advantage", "an advantage"),
    ],
)
def test_a_kind_is_named_in_words(kind: str, said: str) -> None:
    assert article(kind) == said and said.endswith(f" {noun(kind)}")
