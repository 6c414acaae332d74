"""Formulas in comments and docstrings, as Python."""

from __future__ import annotations

import pytest

from vaelint.source.stated import Where, stated


def formulas(text: str) -> list[tuple[str, str]]:
    return [(s.name, s.text.replace("(", "").replace(")", "").replace(" ", "")) for s in stated(text)]


@pytest.mark.parametrize(
    "comment",
    [
        "# nothing is stated here",
        "# loss = a + b",  # Python as it stands: older code
        "# if a == b - c:",
        "# a - b <= c",
        "# L = p(x|z) - q",  # a function of its own
        "# L = \\sum_i a_i + b",  # whether the sum is over both is for people to know
        "# x = y",  # no sign, nothing to be wrong
        "# t = 0, 1. ... T - 2",
        "# x = theta A . T + noise",
        "# x = for - if",
        "# see https://example.org/?a=b-c_d^e!",
        "#" + " L = a^2 - b" * 40,
    ],
)
def test_what_is_no_formula_is_left_alone(comment: str) -> None:
    assert stated(comment + "\nx = 1\n") == ()


@pytest.mark.parametrize(
    "written, name, formula",
    [
        ("A = -0.5 (a - mu)^T P (a - mu)", "A", "-0.5*a-mu*P*a-mu"),
        (r"\mathcal{L} = -\sum_{i=1}^N (y_i \log p_i - b)", "L", "-y_i*logp_i-b"),
        (r"\delta_t = r_t + \gamma V_{t+1} - V_t", "delta_t", "r_t+gamma*V_t1-V_t"),
        ("d = r + γ·v − w²", "d", "r+gamma*v-w**2"),
        (r"where L = \frac{1}{2 s^2} - x, for all s", "L", "1/2*s**2-x"),
        (r"f = \hat{y} - y", "f", "y_hat-y"),
        ("L = a - \\lambda b", "L", "a-lambda_*b"),
        ("KL(p||q) = log(s2/s1) - m^{2}", "KL", "logs2/s1-m**2"),
    ],
)
def test_what_is_written_is_read_as_python(written: str, name: str, formula: str) -> None:
    assert formulas(f"# {written}\nx = 1\n") == [(name, formula)]


def test_docstrings_state_formulas_of_python_too() -> None:
    text = 'def f(a, b):\n    """Of two.\n\n    loss = a - b\n    >>> c = f(1, 2) - 3\n    """\n    return a - b\n'
    (found,) = stated(text)
    assert (found.name, found.text, found.first, found.where) == ("loss", "a - b", 4, Where.DOCSTRING)


def test_a_comment_of_several_rows_reaches_to_the_code_below() -> None:
    (found,) = stated("# The difference, which is\n# d = x^2 - y\n# by definition.\nd = x**2 - y\n")
    assert (found.first, found.last) == (2, 3)
