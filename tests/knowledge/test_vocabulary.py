"""Words of identifiers: what a list finds in a name, and that each list is read by somebody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vaelint import ir
from vaelint.knowledge import vocabulary
from vaelint.knowledge.library import RuleError
from vaelint.knowledge.vocabulary import Words

PACKAGE = Path(vocabulary.__file__).parents[1]


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Words:
    rows = {
        "asked": {
            "words": ["old", "log_prob", "prev*", "*ward", "^loss$", "^begin", "end$", "Phi"],
            "but_not": ["cold"],
            "with": ["other"],
        },
        "other": {"words": ["more"]},
    }
    monkeypatch.setattr(vocabulary, "lists", lambda: rows)
    return Words("asked")


@pytest.mark.parametrize(
    "identifier",
    ["", "x", "gold", "holder", "loss_fn", "my_loss", "has_begin", "end_of", "phi", "rewarded", "old_cold", "logits"],
)
def test_a_list_does_not_speak_of_other_words(identifier: str, listed: Words) -> None:
    assert not listed.of(identifier)


@pytest.mark.parametrize(
    "identifier",
    [
        "old", "old_x", "x_old", "oldX", "xOld", "old2", "olds", "log_prob", "logprob", "old_log_probs", "previous",
        "x_prev", "reward", "total_reward", "loss", "begin_x", "the_end", "Phi", "_Phi_", "more",
    ],
)  # fmt: skip
def test_a_list_speaks_of_its_words_wherever_they_stand_in_an_identifier(identifier: str, listed: Words) -> None:
    assert listed.of(identifier)


def test_an_expression_speaks_by_its_names_keywords_and_keys(listed: Words) -> None:
    x, y = ir.Name(1, "x"), ir.Name(2, "y")
    assert not listed.within(None)
    assert not listed.within(x, y)
    assert listed.within(x, ir.Name(2, "old"))
    assert listed.within(ir.render(ir.Attr(3, x, "old")))
    assert listed.within(ir.Call(4, x, (ir.Arg(5, y, "old"),)))
    assert listed.within(ir.Subscript(6, x, ir.Const(7, "old")))


def test_a_list_that_is_not_there_is_an_error_and_no_silence() -> None:
    with pytest.raises(RuleError, match="no list"):
        Words("nothing of the kind").of("x")


def test_each_list_is_read_and_what_is_read_is_a_list() -> None:
    asked = {
        name
        for path in PACKAGE.rglob("*.py")
        for name in re.findall(r'(?:Words|words_of)\("(\w+)"\)', path.read_text("utf-8"))
    }
    lists = vocabulary.lists()
    assert asked <= set(lists)
    assert set(lists) <= asked | {other for row in lists.values() for other in row.get("with", [])}


@pytest.mark.parametrize("name", vocabulary.lists())
def test_no_word_of_a_list_is_said_twice(name: str) -> None:
    row = vocabulary.lists()[name]
    for key in ("words", "but_not", "with"):
        words = row.get(key, [])
        assert len(words) == len(set(words))
    assert Words(name).of("") is False
