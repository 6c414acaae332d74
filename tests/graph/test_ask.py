"""The judge: what it leaves open first, then what holds and what is contrary."""

from __future__ import annotations

import pytest

from vaelint.graph.ask import Judge, Verdict
from vaelint.graph.build import expression
from vaelint.graph.node import Graph, Node, below, leaves
from vaelint.graph.repair import flips, repair
from vaelint.graph.text import parse
from vaelint.graph.values import Built, Several

from .samples import built, returned

HOLDS, CONTRARY, OPEN = Verdict.HOLDS, Verdict.CONTRARY, Verdict.OPEN


def judge(out: Built, root: Node) -> Judge:
    return Judge(out.graph, below([root]))


def named(root: Node, name: str) -> Node:
    return next(n for n in leaves(root) if n.leaf is not None and n.leaf.name == name)


def formula(text: str, params: str = "a, b, c, d, x, mu, sigma, logvar, p, q, y") -> tuple[Built, Node]:
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
    assert judge(out, root).sign(root).verdict is SIGNS[text]


def test_what_cannot_be_run_leaves_a_question_open() -> None:
    out, root = formula("torch.linalg.cholesky(a @ b[:, 2] @ c).sum() ** 2")
    answer = judge(out, root).sign(root)
    assert answer.verdict is OPEN and answer.why


SLOPES = {
    "a * b": OPEN,
    "a.detach() * 2": OPEN,
    "b + c": OPEN,
    "(a - b) ** 2": OPEN,
    "a - b": HOLDS,
    "b - torch.log(a)": CONTRARY,
    "torch.min(a * b.exp(), torch.clamp(a, 0.8, 1.2) * b.exp())": HOLDS,
    "-(b.detach().exp() * a).mean()": CONTRARY,
    "(a - a.detach()) * c.exp() + b": HOLDS,  # the value does not change, the gradient is what an optimiser follows
}


@pytest.mark.parametrize("text", SLOPES)
def test_a_slope_is_that_of_the_gradient(text: str) -> None:
    out, root = formula(text)
    by = next((n for n in leaves(root) if n.leaf is not None and n.leaf.name == "a"), out.graph.constant(3.0))
    assert judge(out, root).slope(root, by).verdict is SLOPES[text]


def test_the_least_and_the_greatest_are_told_from_neither() -> None:
    out, root = formula("(x - mu)**2 + 1")
    x, mu, zero = named(root, "x"), named(root, "mu"), out.graph.constant(0.0)
    assert judge(out, root).least_at(root, {x: mu}).verdict is HOLDS
    assert judge(out, root).least_at(root, {x: zero}).verdict is OPEN
    out, root = formula("-(x - mu)**2")
    assert judge(out, root).least_at(root, {named(root, "x"): named(root, "mu")}).verdict is CONTRARY


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
    assert judge(out, root).normalised(root, named(root, "x")).verdict is DENSITIES[text]


def test_tails_tell_a_loss_from_its_negation() -> None:
    out, root = formula("(x - mu)**2 / 2")
    assert judge(out, root).bounded_below(root, named(root, "x")).verdict is HOLDS
    out, root = formula("-(x - mu)**2 / 2")
    assert judge(out, root).bounded_below(root, named(root, "x")).verdict is CONTRARY
    out, root = formula("x * a")
    assert judge(out, root).bounded_below(root, named(root, "x")).verdict is OPEN


def test_two_spellings_agree_up_to_scale_and_offset() -> None:
    out, root = formula(KL)
    negated = out.graph.apply("neg", root)
    assert judge(out, root).agrees(root, root).verdict is HOLDS
    assert judge(out, root).agrees(negated, root).verdict is CONTRARY
    assert judge(out, root).agrees(out.graph.apply("square", root), root).verdict is OPEN


FLOW = """
def f(x, s, t):
    y = x * torch.exp(s) + t
    return y, {det}
"""


@pytest.mark.parametrize("det, expected", [("s.sum(-1)", HOLDS), ("-s.sum(-1)", CONTRARY), ("2 * s.sum(-1)", OPEN)])
def test_a_log_determinant_is_held_against_the_jacobian(det: str, expected: Verdict) -> None:
    out = built(FLOW.format(det=det))
    held, _ = out.returned[0]
    assert isinstance(held, Several)
    y, log_det = held.items
    assert isinstance(y, Node) and isinstance(log_det, Node)
    answer = Judge(out.graph, below([y, log_det])).log_determinant_of(log_det, y, named(y, "x"))
    assert answer.verdict is expected


@pytest.mark.parametrize("text, expected", [("2 * x + 1", OPEN), ("3 * (x - y)", HOLDS), ("-(x - y)", CONTRARY)])
def test_a_derivative_is_held_against_the_gradient(text: str, expected: Verdict) -> None:
    out, of = formula("(x - y)**2")
    made = expression(parse(text), out.graph, {"x": named(of, "x"), "y": named(of, "y")})
    root, _ = made.returned[0]
    assert isinstance(root, Node)
    assert judge(out, of).derivative_of(root, of, named(of, "x")).verdict is expected


def test_the_one_flipped_sign_that_keeps_the_law_is_found() -> None:
    out, root = formula(KL.replace("- logvar", "+ logvar"))
    found = repair(out.graph, root, judge(out, root).sign)
    assert found is not None and found.op == "add"
    assert judge(out, root).sign(found.root)


def test_a_sum_without_a_law_has_no_repair_and_a_right_formula_needs_none() -> None:
    out, root = formula("a + b - c")
    assert repair(out.graph, root, judge(out, root).sign) is None
    assert len(list(flips(out.graph, root))) == 2


def test_a_flip_that_breaks_another_claim_is_no_repair() -> None:
    out, root = formula(KL.replace("- logvar", "+ logvar"))
    law = judge(out, root).sign
    rising = lambda node: judge(out, root).slope(node, named(root, "logvar"))  # noqa: E731
    assert rising(root)
    assert repair(out.graph, root, law, [rising]) is None


def several(*texts: str) -> tuple[Graph, list[Node]]:
    graph = Graph()
    held = [expression(parse(text), graph).returned[-1][0] for text in texts]
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
