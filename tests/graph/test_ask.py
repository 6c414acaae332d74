"""The judge: what it leaves open first, then what holds and what is contrary."""

from __future__ import annotations

import pytest

from tests.questions import least_at, normalised, sign, slope
from vaelint.graph.ask import Judge, Verdict
from vaelint.graph.calls import expression
from vaelint.graph.node import Graph, Node, below, leaves
from vaelint.graph.repair import flips, repair
from vaelint.source.quick import typed as parse

from .samples import returned

HOLDS, CONTRARY, OPEN = Verdict.HOLDS, Verdict.CONTRARY, Verdict.OPEN


def judge(graph: Graph, root: Node) -> Judge:
    return Judge(graph, below([root]))


def named(root: Node, name: str) -> Node:
    return next(n for n in leaves(root) if n.leaf is not None and n.leaf.name == name)


def formula(text: str, params: str = "a, b, c, d, x, mu, sigma, logvar, p, q, y") -> tuple[Graph, Node]:
    return returned(f"def f({params}):\n    return {text}\n")


KL = "0.5 * torch.sum(mu**2 + logvar.exp() - logvar - 1)"
SIGNS = {
    "a - b": OPEN,
    "0 * a": OPEN,
    "unknown(a) ** 2 + unknown(b)": OPEN,
    "unknown(a)": OPEN,
    "a * b": OPEN,  # of positive leaves it would hold: nothing says that they are
    KL: HOLDS,
    "-" + KL: CONTRARY,
    KL.replace("- logvar", "+ logvar"): OPEN,
    "F.mse_loss(a, b)": HOLDS,
    "-F.softplus(a)": CONTRARY,
}


@pytest.mark.parametrize("text", SIGNS)
def test_a_sign_is_known_where_it_is_the_same_in_every_shape_and_domain(text: str) -> None:
    out, root = formula(text)
    assert sign(judge(out, root), root).verdict is SIGNS[text]


def test_what_cannot_be_run_leaves_a_question_open() -> None:
    out, root = formula("torch.linalg.cholesky(a @ b[:, 2] @ c).sum() ** 2")
    answer = sign(judge(out, root), root)
    assert answer.verdict is OPEN and answer.why


SLOPES = {
    "a * b": OPEN,
    "b + c": OPEN,
    "(a - b) ** 2": OPEN,
    "a - b": HOLDS,
    "b - torch.log(a)": CONTRARY,
    "torch.min(a * b.exp(), torch.clamp(a, 0.8, 1.2) * b.exp())": HOLDS,
}


@pytest.mark.parametrize("text", SLOPES)
def test_a_slope_is_which_way_the_value_goes(text: str) -> None:
    out, root = formula(text)
    by = next((n for n in leaves(root) if n.leaf is not None and n.leaf.name == "a"), out.constant(3.0))
    assert slope(judge(out, root), root, by).verdict is SLOPES[text]


def test_the_least_and_the_greatest_are_told_from_neither() -> None:
    out, root = formula("(x - mu)**2 + 1")
    x, mu, zero = named(root, "x"), named(root, "mu"), out.constant(0.0)
    assert least_at(judge(out, root), root, {x: mu}).verdict is HOLDS
    assert least_at(judge(out, root), root, {x: zero}).verdict is OPEN
    out, root = formula("-(x - mu)**2")
    assert least_at(judge(out, root), root, {named(root, "x"): named(root, "mu")}).verdict is CONTRARY


NORMAL = "-0.5 * ((x - mu) / sigma)**2 - torch.log(sigma) - 0.5 * np.log(2 * np.pi)".replace("np", "jnp")
DENSITIES = {
    NORMAL: HOLDS,
    f"-({NORMAL})": CONTRARY,
    NORMAL.replace("- torch.log", "+ torch.log"): OPEN,
    "-torch.abs(x - mu) / sigma - torch.log(2 * sigma)": HOLDS,
    "y * torch.log(x) + sigma * x": OPEN,
    "torch.log(sigma) - sigma * torch.exp(torch.log(x))": HOLDS,
    "Normal(mu, sigma).log_prob(x)": HOLDS,
}


@pytest.mark.parametrize("text", DENSITIES)
def test_a_density_keeps_its_integral(text: str) -> None:
    out, root = formula(text)
    assert normalised(judge(out, root), root, named(root, "x")).verdict is DENSITIES[text]


def test_tails_tell_a_loss_from_its_negation() -> None:
    out, root = formula("(x - mu)**2 / 2")
    assert judge(out, root).bounded_below(root, named(root, "x")).verdict is HOLDS
    out, root = formula("-(x - mu)**2 / 2")
    assert judge(out, root).bounded_below(root, named(root, "x")).verdict is CONTRARY
    out, root = formula("x * a")
    assert judge(out, root).bounded_below(root, named(root, "x")).verdict is OPEN
    out, root = formula("-torch.log1p(torch.exp(-a * x))")  # which overflows far out
    assert judge(out, root).bounded_below(root, named(root, "x")).verdict is CONTRARY


@pytest.mark.parametrize("text, expected", [("2 * x + 1", OPEN), ("3 * (x - y)", HOLDS), ("-(x - y)", CONTRARY)])
def test_a_derivative_is_held_against_the_gradient(text: str, expected: Verdict) -> None:
    out, of = formula("(x - y)**2")
    root = expression(parse(text), out, {"x": named(of, "x"), "y": named(of, "y")})
    assert isinstance(root, Node)
    assert judge(out, of).derivative_of(root, of, named(of, "x")).verdict is expected


# What a map makes of x, and what is held against the logarithm of its slope.
LOG_SLOPES = {
    ("x + mu", "logvar"): OPEN,
    ("mu + x * torch.exp(0.5 * logvar)", "logvar"): OPEN,  # twice that
    ("x * torch.exp(logvar) + mu", "logvar + 1"): OPEN,
    ("x * torch.exp(logvar) + mu", "logvar"): HOLDS,
    ("(x - mu) * torch.exp(-logvar)", "logvar"): CONTRARY,
    ("(x - mu) / sigma", "-torch.log(torch.abs(sigma))"): HOLDS,
    ("x + a * torch.tanh(b * x + c)", "torch.log(torch.abs(1 + a * b * (1 - torch.tanh(b * x + c) ** 2)))"): HOLDS,
    ("torch.sigmoid(x)", "-torch.log(torch.sigmoid(x)) - torch.log(1 - torch.sigmoid(x))"): CONTRARY,
}


@pytest.mark.parametrize(("of", "claimed"), LOG_SLOPES, ids=str)
def test_a_log_determinant_is_the_logarithm_of_a_slope_and_no_multiple_of_it(of: str, claimed: str) -> None:
    out, both = formula(f"torch.stack([{of}, {claimed}])")
    moved, given = both.args
    judged = Judge(out, bases=((),), vary=False)
    assert judged.log_slope_of(given, [(moved, named(moved, "x"))]).verdict is LOG_SLOPES[of, claimed]


@pytest.mark.parametrize(("of", "claimed", "expected"), [
    ("x * torch.exp(logvar)", "logvar", OPEN), ("x * torch.exp(logvar ** 2)", "torch.abs(logvar ** 2)", OPEN),
    ("x * torch.exp(logvar)", "torch.abs(logvar)", HOLDS),
])  # fmt: skip
def test_the_size_of_a_log_determinant_is_one_where_it_may_be_below_zero(
    of: str, claimed: str, expected: Verdict
) -> None:
    out, both = formula(f"torch.stack([{of}, {claimed}])")
    moved, given = both.args
    judged = Judge(out, bases=((),), vary=False)
    assert judged.size_of_log_slope(given, [(moved, named(moved, "x"))]).verdict is expected


def test_the_one_flipped_sign_that_keeps_the_law_is_found() -> None:
    out, root = formula(KL.replace("- logvar", "+ logvar"))
    found = repair(out, root, lambda node: sign(judge(out, root), node))
    assert found is not None and found.op == "add"
    assert sign(judge(out, root), found.root)


def test_a_sum_without_a_law_has_no_repair_and_a_right_formula_needs_none() -> None:
    out, root = formula("a + b - c")
    assert repair(out, root, lambda node: sign(judge(out, root), node)) is None
    assert len(list(flips(out, root))) == 2


def test_a_flip_that_breaks_another_claim_is_no_repair() -> None:
    out, root = formula(KL.replace("- logvar", "+ logvar"))
    law = lambda node: sign(judge(out, root), node)  # noqa: E731
    rising = lambda node: slope(judge(out, root), node, named(root, "logvar"))  # noqa: E731
    assert rising(root)
    assert repair(out, root, law, [rising]) is None


def several(*texts: str) -> tuple[Graph, list[Node]]:
    graph = Graph()
    held = [expression(parse(text), graph) for text in texts]
    return graph, [x for x in held if isinstance(x, Node)]


LOGARITHMS = {
    ("log(p)", "p - p"): OPEN,  # of zero there is none
    ("-x", "exp(-x)"): HOLDS,
    ("-x", "7 * exp(-x)"): HOLDS,
    ("log(p) - p * x", "p * exp(-p * x)"): HOLDS,
    ("log(p) + p * x", "p * exp(-p * x)"): CONTRARY,
    ("mu - x", "exp(-x)"): CONTRARY,  # mu is no constant
}


@pytest.mark.parametrize("log, plain", LOGARITHMS)
def test_a_logarithm_is_known_up_to_a_constant_factor_of_what_it_is_of(log: str, plain: str) -> None:
    graph, (one, other) = several(log, plain)
    judged = Judge(graph, below([one, other]), bases=((),), vary=False)
    assert judged.logarithm_of(one, other).verdict is LOGARITHMS[log, plain]


def test_of_two_that_differ_in_a_sign_the_one_that_grows_is_the_greater_far_out() -> None:
    graph, (grows, falls) = several("mu + x**2", "mu - x**2")
    judged = Judge(graph, below([grows, falls]), bases=((),), vary=False)
    x = named(grows, "x")
    assert judged.outgrows(grows, grows, x).verdict is OPEN
    assert judged.outgrows(grows, falls, x).verdict is HOLDS
    assert judged.outgrows(falls, grows, x).verdict is CONTRARY
