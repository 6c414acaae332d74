"""The one reader of expressions: what one is called, its terms and factors, and what it is a function of."""

from __future__ import annotations

from pathlib import Path

import pytest

from vaelint import ir
from vaelint.config import Config
from vaelint.engine import analyse
from vaelint.finding import Status
from vaelint.infer import expression
from vaelint.infer.evaluate.interpreter import Interpreter
from vaelint.infer.project.link import Program
from vaelint.infer.values import Frame, Function, unknown
from vaelint.knowledge import load as knowledge
from vaelint.source.file import load
from vaelint.source.project import Project


def read(text: str) -> ir.Expr:
    source = load(Path("x.py"), text=f"_ = {text}\n")
    (s,) = (s for unit in source.units for s in source.lower(unit))
    assert isinstance(s, ir.Assign) and s.value is not None
    return s.value


def shown(e: ir.Expr | None) -> str | None:
    return str(ir.render(e)) if e is not None else None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("x", "x"),
        ("self.rewards", "rewards"),
        ("self.rewards[t]", "rewards"),
        ("batch['reward']", "reward"),
        ("rewards.detach().mean()", "rewards"),
        ("-rewards", "rewards"),
        ("get_reward(state)", "get_reward"),
        ("a + b", ""),
        ("1.5", ""),
    ],
)
def test_the_name_is_that_of_what_is_indexed_called_or_looked_up(text: str, name: str) -> None:
    assert expression.name(read(text)) == name


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("x", "+x"),
        ("x * y", "+x * y"),
        ("a - (b - c)", "+a -b +c"),
        ("-(a + b)", "-a -b"),
        ("a - -b", "+a +b"),
    ],
)
def test_a_sum_is_its_terms_with_their_signs(text: str, terms: str) -> None:
    found = expression.summands(read(text))
    assert " ".join(f"{'+' if s > 0 else '-'}{ir.render(x)}" for s, x in found) == terms


def test_numbers_in_front_of_parentheses_are_multiplied_out() -> None:
    found = expression.opened(read("-0.5 * (a - gamma * b)"))
    assert [(s, shown(x)) for s, x in found] == [(-1, "a"), (1, "gamma * b")]


@pytest.mark.parametrize(
    ("text", "sign", "above", "below"),
    [
        ("x", 1, ["x"], []),
        ("a + b", 1, ["a + b"], []),
        ("a * b / c", 1, ["a", "b"], ["c"]),
        ("a / (b / c)", 1, ["a", "c"], ["b"]),
        ("-a * -b", 1, ["a", "b"], []),
        ("a * -(b * c)", -1, ["a", "b", "c"], []),
        ("a / -b", -1, ["a"], ["b"]),
    ],
)
def test_a_product_is_its_factors_and_one_sign(text: str, sign: int, above: list[str], below: list[str]) -> None:
    found = expression.product(read(text))
    assert (found.sign, [shown(x) for x in found.above], [shown(x) for x in found.below]) == (
        sign,
        above,
        below,
    )


@pytest.mark.parametrize(("text", "way"), [("2 * x", 1), ("-2 * x", -1), ("-2 * -x", 1), ("x / -3", -1)])
def test_the_way_of_a_product_counts_numbers_below_zero(text: str, way: int) -> None:
    assert expression.product(read(text)).way == way


def test_matrix_products_and_calls_that_multiply_are_factors_where_they_are_asked_for() -> None:
    e = read("np.dot(x.T, y) @ w.dot(v)")
    assert len(expression.product(e).above) == 1
    found = expression.product(e, "*@", frozenset({"dot"}))
    assert [shown(x) for x in found.above] == ["x.T", "y", "w", "v"]


def test_a_long_product_is_read_without_recursion() -> None:
    e: ir.Expr = ir.Name(0, "x")
    for _ in range(20_000):
        e = ir.Binary(0, "*", e, ir.Name(0, "x"))
    assert len(expression.factors(e)) == 20_001


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("x", None),
        ("x ** 3", None),
        ("pow(x, 3)", None),
        ("x ** 2", "x"),
        ("square(x)", "x"),
        ("torch.square(a - b)", "a - b"),
        ("x.square()", "x"),
        ("(a - b).pow(2)", "a - b"),
        ("torch.pow(x, 2)", "x"),
    ],
)
def test_what_is_squared_in_any_spelling(text: str, root: str | None) -> None:
    assert shown(expression.squared(read(text))) == root


@pytest.mark.parametrize(
    ("text", "inner"),
    [("x", None), ("expm1(x)", None), ("exp(x)", "x"), ("np.exp(-x)", "-x"), ("(a - b).exp()", "a - b")],
)
def test_what_is_exponentiated_in_any_spelling(text: str, inner: str | None) -> None:
    assert shown(expression.exponent(read(text))) == inner


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("a + b", None),
        ("re.sub(pattern, text, line)", None),
        ("a - b", ("a", "b")),
        ("a.sub(b)", ("a", "b")),
        ("np.subtract(a, b)", ("a", "b")),
    ],
)
def test_a_difference_has_two_sides_in_any_spelling(text: str, sides: tuple[str, str] | None) -> None:
    found = expression.difference(read(text))
    assert (found and tuple(map(shown, found))) == sides


@pytest.mark.parametrize(("text", "left"), [("a - w", None), ("1 + w", None), ("1 - w", "w"), ("1.0 - w", "w")])
def test_what_a_weight_leaves_of_one(text: str, left: str | None) -> None:
    assert shown(expression.complement(read(text))) == left


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("loss", False),
        ("-other", False),
        ("a - loss", False),
        ("-(-loss)", False),
        ("-loss", True),
        ("-loss.mean()", True),
        ("torch.mean(-loss)", True),
        ("-0.5 * loss", True),
    ],
)
def test_a_name_is_negated_through_means_and_weights(text: str, negated: bool) -> None:
    assert expression.negates(read(text), "loss") is negated


def test_only_what_is_asked_for_is_stripped() -> None:
    e = read("self.w.data.clone()")
    assert shown(expression.stripped(e, frozenset({"clone"}))) == "self.w.data"
    assert shown(expression.stripped(e, frozenset({"clone", "data"}))) == "self.w"


def test_a_name_is_followed_to_what_it_was_bound_to_while_it_holds_that() -> None:
    rules = knowledge(())
    module = Program(rules, Project(), Interpreter(rules)).enter(load(Path("x.py"), text=""))
    f = Frame(module, "f")
    total, made = read("total"), read("a + b")
    assert expression.bound(total, f) is total
    f.vars["total"] = value = unknown("total", 1)
    f.written["total"] = value, made
    assert expression.bound(total, f) is made
    f.vars["total"] = unknown("total", 2)
    assert expression.bound(total, f) is total


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("a == b", None),
        ("a < b < c", None),
        ("a < b", ("a", "b")),
        ("a <= b", ("a", "b")),
        ("a > b", ("b", "a")),
        ("a >= b", ("b", "a")),
    ],
)
def test_a_comparison_has_a_lesser_and_a_greater_side(text: str, sides: tuple[str, str] | None) -> None:
    found = expression.compared(read(text))
    assert (found and tuple(map(shown, found))) == sides


@pytest.mark.parametrize(
    ("text", "of"),
    [("x", None), ("x.max()", None), ("x.mean()", "x"), ("x.sum(-1)", "x"), ("np.mean(a - b)", "a - b")],
)
def test_what_a_mean_or_a_sum_is_taken_of(text: str, of: str | None) -> None:
    assert shown(expression.reduction(read(text))) == of


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("x", "y", False),
        ("1", "1.0", False),
        ("True", "1", False),
        ("f(a, b)", "f(a)", False),
        ("x[i]", "x[i]", True),
        ("self.net(x, dim=-1)", "self.net(x,  dim = -1)", True),
    ],
)
def test_two_expressions_are_the_same_where_they_are_written_alike(one: str, other: str, alike: bool) -> None:
    assert expression.same(read(one), read(other)) is alike


def test_long_expressions_that_differ_at_their_end_are_not_the_same() -> None:
    one, other = (read(f"f({'a_long_name, ' * 40}{end})") for end in "xy")
    assert str(ir.render(one, 80)) == str(ir.render(other, 80))
    assert ir.render(one, 80) != ir.render(other, 80)
    assert not expression.same(one, other)


@pytest.mark.parametrize(("other", "status"), [("first", Status.CONSISTENT), ("second", Status.UNRESOLVED)])
def test_a_product_is_a_square_only_where_its_sides_are_the_same_to_their_ends(other: str, status: Status) -> None:
    column = "a_column_with_so_long_a_name_that_no_message_shows_the_whole_of_it_"
    text = f"""\
def train(batch, optimizer):
    value = (batch["{column}first"] * batch["{column}{other}"]).mean()
    value.backward()
    optimizer.step()
"""
    (objective,) = analyse([], Config(), stdin=("m.py", text)).objectives
    assert objective.status is status


def frame(text: str) -> tuple[Frame, ir.Block]:
    """The frame of a file, and its statements."""
    source = load(Path("m.py"), text=text)
    it = Interpreter(knowledge())
    module = Program(knowledge(), Project(), it).enter(source)
    return module.frame, tuple(s for unit in source.units for s in source.lower(unit))


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("x", 0),
        ("x - y", 0),
        ("x ** 2", 1),
        ("-x ** 2", -1),
        ("-2 * np.abs(x).sum()", -1),
        ("x ** 2 + np.square(y)", 1),
        ("x ** 2 - np.square(y)", 0),
        ("torch.ones(3).cuda()", 1),
        ("-torch.ones_like(x)", -1),
        ("torch.full_like(x, -1)", -1),
        ("torch.tensor([1.0])", 1),
    ],
)
def test_the_sign_of_what_is_written_is_known_where_squares_sizes_and_numbers_make_it(text: str, way: int) -> None:
    f, _ = frame("")
    assert expression.way_of(read(text), f) == way
    assert expression.way_of(read(f"({text}) * w"), f, lambda e: int(expression.last(e) == "w")) == way


def test_names_are_put_in_for_others_each_once() -> None:
    given = {"a": read("b + 1"), "b": read("c")}
    assert shown(expression.substituted(read("a * b - f(a)"), given)) == shown(read("(b + 1) * c - f(b + 1)"))


@pytest.mark.parametrize(
    ("code", "yielded"),
    [
        ("return a - b", "x - y"),
        ("d = a - b\n    return d / 2", "(x - y) / 2"),
        ("d = a\n    d = d - b\n    return d", "x - y"),
        ("a = -a\n    return a", "-x"),
        ("if a: b = 0\n    return a - b", None),
        ("print(a)", None),
    ],
)
def test_a_call_is_what_straight_code_yields_of_its_arguments(code: str, yielded: str | None) -> None:
    f, _ = frame(f"def g(a, b):\n    {code}\n")
    g, call = f.module.lookup("g"), read("g(x, b=y)")
    assert isinstance(g, Function) and isinstance(call, ir.Call)
    assert shown(expression.inlined(g, call)) == (shown(read(yielded)) if yielded is not None else None)
