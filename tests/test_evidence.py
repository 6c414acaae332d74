"""Evidence in its order: bases, what stands behind a side, how sure a finding is, and how observations settle."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaelint import evidence
from vaelint.evidence import (
    BY_LIBRARY,
    BY_NAME,
    BY_NAMES,
    BY_PROOF,
    BY_SIGN,
    BY_STRUCTURE,
    FEWEST,
    WORTH,
    Basis,
    Confidence,
    Context,
    Grade,
    Support,
    Worth,
    confidence,
    settle,
    weakest,
)
from vaelint.records import replace

BASES = st.sampled_from(list(Basis))
FACTS = [Basis.ANNOTATION, Basis.LIBRARY, Basis.PROOF, Basis.STRUCTURE]
CLAIMS = [Basis.DOCUMENTED, Basis.NAME]


# --- bases ---------------------------------------------------------------------------------------


def test_facts_are_stronger_than_claims_and_claims_than_nothing() -> None:
    assert list(Basis) == [*FACTS, *CLAIMS, Basis.NONE]
    assert [b for b in Basis if b.is_fact] == FACTS
    assert [b for b in Basis if b.is_claim] == CLAIMS


@given(st.lists(BASES, min_size=1))
def test_what_is_derived_rests_on_its_weakest_premise(bases: list[Basis]) -> None:
    assert weakest(bases) in bases
    assert all(b.rank <= weakest(bases).rank for b in bases)


@given(st.lists(BASES), BASES)
def test_another_premise_never_strengthens(bases: list[Basis], more: Basis) -> None:
    if bases:
        assert weakest([*bases, more]).rank >= weakest(bases).rank


# --- how sure ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("support", "grade"),
    [
        (BY_LIBRARY, Grade.FACT),
        (BY_STRUCTURE, Grade.FACT),
        (Support(Basis.NAME, (Basis.LIBRARY, Basis.NAME)), Grade.ROLES),
        (BY_NAMES, Grade.NAMES),
        (Support(Basis.NAME, (Basis.NAME,)), Grade.NAME),
        (BY_SIGN, Grade.SIGNED),
        (BY_NAME, Grade.NAME),
        (Support(Basis.DOCUMENTED), Grade.NAME),
    ],
)
def test_a_side_is_as_good_as_what_stands_behind_it(support: Support, grade: Grade) -> None:
    assert support.grade is grade


def test_two_facts_that_disagree_are_certain() -> None:
    assert confidence(BY_PROOF, "sibling", BY_STRUCTURE) is Confidence.CERTAIN


def test_a_fact_against_a_name_is_likely() -> None:
    assert confidence(BY_LIBRARY, "name", BY_NAME) is Confidence.LIKELY


@given(st.sampled_from(["name", "law", "term", "direction", "sibling", "setting", "comparison", "update", "anything"]))
def test_one_name_against_one_name_is_only_possible(what: str) -> None:
    assert confidence(BY_NAME, what, BY_NAME) is Confidence.POSSIBLE
    assert confidence(BY_SIGN, what, BY_NAME) is Confidence.POSSIBLE


@pytest.mark.parametrize(("value", "against"), [(BY_NAME, BY_PROOF), (BY_PROOF, BY_NAME), (BY_SIGN, BY_PROOF)])
def test_of_what_was_never_measured_a_name_is_likely_unless_it_stands_against_a_name(
    value: Support, against: Support
) -> None:
    assert confidence(value, "anything", against) is Confidence.LIKELY


@given(st.sampled_from(sorted({(what, grade) for _, what, grade in WORTH}, key=str)))
def test_what_rests_on_less_is_never_surer(kind: tuple[str, Grade]) -> None:
    what, grade = kind
    against = {Grade.FACT: BY_PROOF, Grade.ROLES: Support(Basis.NAME, (Basis.PROOF, Basis.NAME))}
    held = against.get(grade, BY_NAMES if grade is Grade.NAMES else BY_NAME)
    values = [BY_PROOF, Support(Basis.NAME, (Basis.PROOF, Basis.NAME)), BY_NAMES, BY_SIGN, BY_NAME]
    order = list(Confidence)
    found = [order.index(confidence(v, what, held)) for v in values]
    assert found == sorted(found)


def test_what_was_wrong_more_often_than_right_is_hidden() -> None:
    for (value, what, against), worth in WORTH.items():
        assert 0 <= worth.right <= worth.judged
        if worth.judged >= FEWEST and 2 * worth.right < worth.judged:
            assert confidence(_SUPPORTS[value], what, _SUPPORTS[against]) is Confidence.POSSIBLE


# Of findings of a kind so many were right, of so many: whether this makes them possible, likely or certain.
@pytest.mark.parametrize(
    ("worth", "value", "against", "sure"),
    [
        (Worth(0, FEWEST - 1), BY_PROOF, BY_NAME, Confidence.LIKELY),
        (Worth(0, FEWEST), BY_PROOF, BY_NAME, Confidence.POSSIBLE),
        (Worth(2, 4), BY_PROOF, BY_NAME, Confidence.LIKELY),
        (Worth(1, 4), BY_PROOF, BY_NAME, Confidence.POSSIBLE),
        (Worth(2, 5), BY_PROOF, BY_NAME, Confidence.POSSIBLE),
        (Worth(9, 10), BY_PROOF, BY_PROOF, Confidence.CERTAIN),
        (Worth(8, 9), BY_PROOF, BY_PROOF, Confidence.LIKELY),
        (Worth(9, 10), BY_PROOF, BY_NAME, Confidence.LIKELY),
    ],
)
def test_what_findings_were_worth_decides(
    monkeypatch: pytest.MonkeyPatch, worth: Worth, value: Support, against: Support, sure: Confidence
) -> None:
    monkeypatch.setattr(evidence, "WORTH", {(value.grade, "w", against.grade): worth})
    assert confidence(value, "w", against) is sure


def test_four_packages_are_the_fewest_that_count() -> None:
    assert FEWEST == 4


def test_a_kind_that_rests_on_more_and_was_wrong_makes_what_rests_on_less_possible_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evidence, "WORTH", {(Grade.ROLES, "w", Grade.FACT): Worth(0, 9)})
    assert confidence(BY_NAMES, "w", BY_PROOF) is Confidence.POSSIBLE
    assert confidence(BY_PROOF, "w", BY_PROOF) is Confidence.CERTAIN


def test_the_words_of_reports() -> None:
    assert [b.value for b in Basis] == ["annotation", "library", "proof", "structure", "documented", "name", "none"]
    assert [c.value for c in Confidence] == ["certain", "likely", "possible"]
    assert [g.value for g in Grade] == ["fact", "roles", "names", "signed", "name"]


def test_supports_are_what_they_are_called() -> None:
    assert [s.basis for s in (BY_STRUCTURE, BY_LIBRARY, BY_PROOF)] == [Basis.STRUCTURE, Basis.LIBRARY, Basis.PROOF]
    assert Support(Basis.NAME) == Support(Basis.NAME, (), False) == BY_NAME


def test_a_support_is_a_value() -> None:
    other = replace(BY_NAME, signed=not BY_NAME.signed)
    assert other != BY_NAME and replace(other, signed=BY_NAME.signed) == BY_NAME
    assert len({BY_NAME, other, replace(BY_NAME)}) == 2
    assert not hasattr(BY_NAME, "__dict__")


def test_of_nothing_nothing_is_concluded() -> None:
    assert weakest([]) is Basis.NONE


_SUPPORTS = {
    Grade.FACT: BY_PROOF,
    Grade.ROLES: Support(Basis.NAME, (Basis.PROOF, Basis.NAME)),
    Grade.NAMES: BY_NAMES,
    Grade.SIGNED: BY_SIGN,
    Grade.NAME: BY_NAME,
}

UNREAD = Path(__file__).parents[1] / "bench" / "unread.tsv"
_GRADES = {"library": Grade.FACT, "proof": Grade.FACT, "structure": Grade.FACT, "method": Grade.FACT}


def _grade(basis: str) -> Grade | None:
    if basis.startswith("roles"):
        return Grade.NAMES if basis.endswith(("0/2", "0/3")) else Grade.ROLES
    return _GRADES.get(basis, {"names": Grade.NAMES, "name": Grade.NAME, "negated name": Grade.SIGNED}.get(basis))


def _against(text: str) -> tuple[str, Grade | None]:
    if text.startswith("term "):
        return "term", _grade(text.removeprefix("term "))
    if text in ("name", "names"):
        return "name", _grade(text)
    return text, Grade.FACT


def test_the_table_is_what_the_verdicts_say() -> None:
    """Counted again from bench/unread.tsv: once for each package and check, right if most of its findings are."""
    held: dict[tuple[object, str, object], dict[tuple[str, str], list[bool]]] = defaultdict(lambda: defaultdict(list))
    with UNREAD.open(encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            value, (what, against) = _grade(row["value_basis"]), _against(row["against"])
            if value is None or against is None or row["verdict"] == "arguable":
                continue
            right = row["verdict"] in ("bug", "naming")
            held[value, what, against][row["package"], row["code"]].append(right)
    counted = {
        kind: (sum(2 * sum(found) >= len(found) for found in packages.values()), len(packages))
        for kind, packages in held.items()
    }
    assert {kind: tuple(worth) for kind, worth in WORTH.items()} == counted


# --- settling ------------------------------------------------------------------------------------


class Seen(NamedTuple):
    place: str
    known: dict[int, Basis]
    context: Context = ()


def settled(*seen: Seen) -> list[Seen]:
    return settle(seen, lambda s: s.place or None, lambda s: s.known, lambda s: s.context)


ALONE: Context = ((7, 7),)
CALLED: Context = ((3, 3), (7, 40))


def test_one_observation_stays() -> None:
    only = Seen("a", {1: Basis.NAME})
    assert settled(only) == [only]


def test_what_has_no_place_is_left_alone() -> None:
    two = Seen("", {1: Basis.NAME}), Seen("", {1: Basis.PROOF})
    assert settled(*two) == [*two]


def test_a_claim_gives_way_to_a_fact_about_the_same_node() -> None:
    claim, fact = Seen("a", {1: Basis.NAME}, ALONE), Seen("a", {1: Basis.PROOF}, CALLED)
    assert settled(claim, fact) == [fact]
    assert settled(fact, claim) == [fact]


def test_a_claim_at_another_place_stays() -> None:
    claim, fact = Seen("b", {1: Basis.NAME}), Seen("a", {1: Basis.PROOF})
    assert settled(claim, fact) == [claim, fact]


def test_claims_about_other_nodes_stay() -> None:
    claim, fact = Seen("a", {2: Basis.NAME}), Seen("a", {1: Basis.PROOF})
    assert settled(claim, fact) == [claim, fact]


def test_facts_that_differ_between_contexts_stay_apart() -> None:
    one, other = Seen("a", {1: Basis.PROOF}, ALONE), Seen("a", {2: Basis.LIBRARY}, CALLED)
    assert settled(one, other) == [one, other]


def test_a_function_entered_alone_gives_way_to_a_caller_that_knows_more() -> None:
    alone, called = Seen("a", {1: Basis.NONE}, ALONE), Seen("a", {2: Basis.LIBRARY}, CALLED)
    assert settled(alone, called) == [called]


def test_a_caller_that_knows_less_stands_for_nothing() -> None:
    alone, called = Seen("a", {1: Basis.STRUCTURE}, ALONE), Seen("a", {2: Basis.NONE}, CALLED)
    assert settled(alone, called) == [alone, called]


def test_what_gave_way_itself_stands_for_nothing() -> None:
    claim, alone = Seen("a", {1: Basis.NAME}, CALLED), Seen("a", {2: Basis.NONE}, ALONE)
    fact = Seen("b", {1: Basis.PROOF})
    assert settled(claim, alone, fact) == [alone, fact]


def test_two_observations_of_one_way_stay_apart() -> None:
    one, other = Seen("a", {1: Basis.NONE}, ALONE), Seen("a", {2: Basis.LIBRARY}, ALONE)
    assert settled(one, other) == [one, other]


def test_another_call_in_a_function_is_another_way() -> None:
    alone = Seen("a", {1: Basis.NONE}, ((7, 7), (9, 51)))
    called = Seen("a", {2: Basis.LIBRARY}, ((3, 3), (7, 40), (9, 50)))
    assert settled(alone, called) == [alone, called]


def test_another_function_is_not_its_caller() -> None:
    alone, other = Seen("a", {1: Basis.NONE}, ((8, 8),)), Seen("a", {2: Basis.LIBRARY}, CALLED)
    assert settled(alone, other) == [alone, other]


@given(
    st.lists(
        st.builds(
            Seen,
            st.sampled_from(["a", "b"]),
            st.dictionaries(st.integers(1, 3), BASES, min_size=1, max_size=3),
            st.sampled_from([ALONE, CALLED, ()]),
        ),
        max_size=8,
    )
)
def test_settling_keeps_facts_and_some_observation_of_each_place(seen: list[Seen]) -> None:
    kept = settled(*seen)
    assert {s.place for s in kept} == {s.place for s in seen}
    for s in seen:
        if all(b.is_fact for b in s.known.values()):
            assert s in kept
