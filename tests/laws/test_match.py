"""When a hand-written expression is held against a law, and when it is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from vaelint.config import Config
from vaelint.evidence import Confidence
from vaelint.examine import examine
from vaelint.finding import Finding
from vaelint.knowledge.loader import load
from vaelint.source.file import absolute
from vaelint.source.project import Project

ALPHA_LOSS = """
def loss(policy_loss, value_loss, entropy, vf_coef, ent_coef):
    total_loss = policy_loss + vf_coef * value_loss {sign} ent_coef * entropy
    return total_loss
"""


def findings(text: str, preview: bool = True) -> list[Finding]:
    path = Path("code.py")
    part = examine(path, text, load(), Config(preview=preview), Project((absolute(path), text)))
    return [f.finding for f in part.findings if f.finding.confidence is not Confidence.POSSIBLE]


def test_a_right_form_is_left_alone() -> None:
    assert not findings(ALPHA_LOSS.format(sign="-"))


def test_laws_whose_name_and_form_leave_a_doubt_are_in_preview() -> None:
    text = ALPHA_LOSS.format(sign="+").replace("total_loss", "loss")
    assert findings(text) and not findings(text, preview=False)


def test_laws_whose_name_and_form_leave_none_are_asked_everywhere() -> None:
    text = "def ucb(mu, sigma, kappa):\n    return mu {sign} kappa * sigma\n"
    assert not findings(text.format(sign="+"), preview=False)
    assert findings(text.format(sign="-"), preview=False)


def test_names_that_say_nothing_leave_a_form_alone() -> None:
    assert not findings("def total_loss(a, b, c, d, e):\n    return a + d * b + e * c\n")


@pytest.mark.parametrize("done", ["mask", "alive", "not_done"])
def test_a_mask_of_what_goes_on_is_no_flag_of_the_end(done: str) -> None:
    text = f"def td_target(reward, gamma, next_value, {done}):\n    return reward + gamma * {done} * next_value\n"
    assert not findings(text)


def test_the_complement_of_an_unknown_flag_is_left_alone() -> None:
    text = (
        "def f(reward, gamma, next_value, value, cut):\n    delta = reward + gamma * next_value * (1 - cut) - value\n"
    )
    assert not findings(text + "    return delta\n")


def test_a_part_of_what_a_name_holds_in_the_end_is_left_alone() -> None:
    text = ALPHA_LOSS.format(sign="+").replace("return", "total_loss -= 2 * ent_coef * entropy\n    return")
    assert not findings(text)


def test_lists_are_not_added_as_numbers_are() -> None:
    assert not findings("def f(x1):\n    target = x1 + ['end']\n    return target\n")


def test_a_flipped_sign_is_reported_with_the_laws_sentence_the_edit_and_an_example() -> None:
    (found,) = findings(ALPHA_LOSS.format(sign="+"))
    assert found.code == "VL402"
    assert "In a minimised loss the entropy is subtracted" in found.message
    assert found.example is not None and "policy_loss" in str(found.example)
    assert "- ent_coef * entropy" in found.help


def test_temporaries_and_helpers_are_looked_into() -> None:
    text = """
def weighted(entropy, ent_coef):
    return ent_coef * entropy

def loss(policy_loss, value_loss, entropy, vf_coef, ent_coef):
    critic = vf_coef * value_loss
    total_loss = policy_loss + critic + weighted(entropy, ent_coef)
    return total_loss
"""
    assert [f.code for f in findings(text)] == ["VL402"]


def test_a_value_that_the_code_negates_on_purpose_is_hidden() -> None:
    assert not findings("def f(returns, values):\n    advantages = values - returns\n    return -advantages\n")


def test_a_gain_that_is_added_to_a_loss_may_be_minus_it_on_purpose() -> None:
    text = "def f(returns, values, policy_loss):\n    advantages = values - returns\n    return policy_loss + {}\n"
    assert not findings(text.format("advantages"))


def test_one_operation_is_no_form_that_is_known_by_itself() -> None:
    assert not findings("def f(probs, old_probs):\n    td_error = probs + old_probs\n    return td_error\n")


def test_what_a_name_says_of_its_direction_keeps_it_from_a_role_that_goes_the_other_way() -> None:
    text = ALPHA_LOSS.format(sign="+")
    assert findings(text) and not findings(text.replace("entropy", "neg_entropy"))


def test_a_temporary_is_opened_unless_its_name_says_its_role() -> None:
    text = ALPHA_LOSS.format(sign="+").replace(
        "    total_loss = policy_loss + vf_coef * value_loss",
        "    first = policy_loss + vf_coef * value_loss\n    total_loss = first",
    )
    assert [f.code for f in findings(text)] == ["VL402"]
