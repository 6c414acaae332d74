"""Expressions as they are written: shown in messages, compared by structure, and no text to be searched."""

from __future__ import annotations

import pytest

from vaelint import ir

A, B = ir.Name(1, "a"), ir.Name(2, "b")
SUM = ir.Binary(3, "+", A, B)


def test_what_is_written_is_shown_in_a_message() -> None:
    assert f"`{ir.render(SUM)}` falls" == "`a + b` falls"
    assert str(ir.render(ir.Name(1, "a_long_name"), 6)) == "a_lon…"
    assert str(ir.UNWRITTEN) == ""
    assert str(ir.call_of("f")) == "f(…)"
    assert str(ir.negated(ir.called("x"))) == "-x"


def test_what_is_written_is_the_same_where_the_expressions_are() -> None:
    again = ir.Binary(9, "+", ir.Name(7, "a"), ir.Name(8, "b"))
    assert ir.render(SUM) == ir.render(again, 3)
    assert len({ir.render(SUM), ir.render(again)}) == 1
    assert ir.render(SUM) != ir.render(ir.Binary(3, "-", A, B))
    assert ir.render(ir.Const(1, 1)) != ir.render(ir.Const(1, True))
    assert ir.called("a") == ir.render(A)
    assert not ir.UNWRITTEN and ir.called("a")


def test_expressions_that_are_shown_alike_are_not_the_same() -> None:
    one, other = (ir.Tuple(1, (*[A] * 60, end)) for end in (A, B))
    assert str(ir.render(one)) == str(ir.render(other))
    assert ir.render(one) != ir.render(other)


def test_what_is_written_is_no_text() -> None:
    shown = ir.render(SUM)
    assert not isinstance(shown, str)
    with pytest.raises(TypeError, match="compared with"):
        _ = shown == "a + b"
    with pytest.raises(TypeError):
        _ = "+" in shown  # type: ignore[operator]
    with pytest.raises(AttributeError):
        shown.startswith("a")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("e", "sign"),
    [
        (A, 1),
        (ir.Const(1, -2.0), -1),
        (ir.Unary(1, "-", A), -1),
        (ir.Unary(1, "-", ir.Unary(2, "-", A)), 1),
        (ir.Binary(1, "*", ir.Unary(2, "-", A), B), -1),
        (ir.Binary(1, "*", A, ir.Unary(2, "-", B)), 1),
    ],
)
def test_a_product_begins_with_a_minus_or_not(e: ir.Expr, sign: int) -> None:
    assert ir.leading(e) == sign


def test_the_names_of_an_expression_are_those_of_its_parts_keywords_and_keys() -> None:
    call = ir.Call(4, ir.Attr(5, A, "f"), (ir.Arg(6, B, "key"), ir.Arg(7, ir.Const(8, "text"))))
    assert sorted(ir.names_in(call)) == ["a", "b", "f", "key", "text"]
    assert ir.names_in(None) == ()
