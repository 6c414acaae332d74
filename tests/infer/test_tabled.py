"""Tests as code that optimises: objectives from a table of cases, constants for variables, linear functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Status

HEAD = "import jax, optax, pytest\nimport jax.numpy as jnp\nfrom absl.testing import parameterized\n"
TARGETS = """
def parabola(goal):
    return jnp.zeros(3), lambda p: {sign}jnp.sum(optax.l2_loss(p, goal))
def distance(goal):
    return jnp.zeros(3), lambda p: {sign}jnp.sum(optax.huber_loss(p, goal))
"""
DESCENDS = """
    params, objective = target(goal)
    opt = optax.sgd(0.1)
    state = opt.init(params)
    for _ in range(10):
        value, grads = jax.value_and_grad(objective)(params)
        updates, state = opt.update(grads, state, params)
        params = optax.apply_updates(params, updates)
"""
CASES = f"""
class TestDescent(parameterized.TestCase):
    @DECORATOR
    def test_descends(self, target, goal):{DESCENDS.replace(chr(10), chr(10) + "    ")}
"""
DECORATORS = {
    "pytest": 'pytest.mark.parametrize("target", [parabola, distance])',
    "pytest, several": 'pytest.mark.parametrize("goal, target", [(0.0, parabola), (1.0, distance)])',
    "product": "parameterized.product([dict(goal=1.0)], target=(parabola, distance))",
    "records": "parameterized.parameters(dict(target=parabola, goal=1.0), dict(target=distance, goal=2.0))",
    "positional": "parameterized.parameters((parabola, 1.0), (distance, 2.0))",
    "named": 'parameterized.named_parameters(("a", parabola, 1.0), ("b", distance, 2.0))',
}
UNLISTED = {
    "nothing": "pytest.mark.slow",
    "a table of another parameter": 'pytest.mark.parametrize("goal", [parabola, distance])',
    "a table that is not in sight": 'pytest.mark.parametrize("target", TARGETS)',
    "something else beside a callable": 'pytest.mark.parametrize("target", [parabola, None])',
}


def statuses(text: str, folder: Path) -> list[Status]:
    path = folder / "test_code.py"
    path.write_text(HEAD + text, "utf-8")
    return [o.status for o in analyse([path], Config()).objectives]


@pytest.mark.parametrize("decorator", UNLISTED.values(), ids=UNLISTED)
def test_what_no_table_lists_is_not_known(decorator: str, tmp_path: Path) -> None:
    text = TARGETS.format(sign="") + CASES.replace("DECORATOR", decorator)
    assert statuses(text, tmp_path) == [Status.UNRESOLVED]


@pytest.mark.parametrize("decorator", DECORATORS.values(), ids=DECORATORS)
@pytest.mark.parametrize(("sign", "status"), [("", Status.CONSISTENT), ("-", Status.WRONG)])
def test_an_objective_is_one_of_the_table(decorator: str, sign: str, status: Status, tmp_path: Path) -> None:
    text = TARGETS.format(sign=sign) + CASES.replace("DECORATOR", decorator)
    assert statuses(text, tmp_path) == [status]


def test_those_of_a_table_that_disagree_prove_nothing(tmp_path: Path) -> None:
    text = TARGETS.format(sign="").replace("jnp.sum(optax.huber", "-jnp.sum(optax.huber")
    assert statuses(text + CASES.replace("DECORATOR", DECORATORS["pytest"]), tmp_path) == [Status.UNRESOLVED]


STEP = """
def test_steps(x):
    params = jnp.array([1.0, 2.0])
    opt = optax.sgd(0.1)
    state = opt.init(params)
    grads = jax.grad(lambda p: {objective})(params)
    updates, state = opt.update(grads, state, params)
    params = optax.apply_updates(params, updates)
"""


def test_what_is_differentiated_is_a_variable_whatever_it_holds(tmp_path: Path) -> None:
    assert statuses(STEP.format(objective="jnp.sum(p ** 2)"), tmp_path) == [Status.CONSISTENT]


@pytest.mark.parametrize("objective", ["p * x", "jnp.sum(jnp.arctanh(x) * p)", "2.0 * p - x", "-p @ x"])
def test_a_linear_function_has_no_optimum_and_is_no_objective(objective: str, tmp_path: Path) -> None:
    assert statuses(STEP.format(objective=objective), tmp_path) == []


@pytest.mark.parametrize("objective", ["p * p * x", "jnp.arctanh(p) * x", "x / p"])
def test_one_that_is_not_linear_may_be_one(objective: str, tmp_path: Path) -> None:
    assert statuses(STEP.format(objective=objective), tmp_path) == [Status.UNRESOLVED]


def test_neither_is_a_linear_one_outside_of_tests(tmp_path: Path) -> None:
    text = STEP.format(objective="jnp.sum(p * x)").replace("test_steps", "train")
    assert statuses(text, tmp_path) == [Status.UNRESOLVED]


def test_a_decorator_differentiates_once(tmp_path: Path) -> None:
    text = """
def fit(params, goal):
    @jax.grad
    def slope(p):
        return jnp.sum(jnp.square(p - goal))
    opt = optax.sgd(0.1)
    state = opt.init(params)
    updates, state = opt.update(slope(params), state, params)
    params = optax.apply_updates(params, updates)
"""
    assert statuses(text, tmp_path) == [Status.CONSISTENT]


STEIN = """
def svgd(particles, state, opt, kernel, log_density):
    def direction(x, y):
        k, slope = jax.value_and_grad(kernel)(x, y)
        return -k * jax.grad(log_density)(x) - slope
    updates, state = opt.update(jax.vmap(direction)(particles, particles), state)
    return optax.apply_updates(particles, updates)
"""


def test_the_slope_of_a_kernel_is_no_objective(tmp_path: Path) -> None:
    assert statuses(STEIN, tmp_path) == [Status.BY_NAME]  # the log-density is one
    assert statuses("def repel(kernel, x, y):\n    return jax.grad(lambda p: kernel(p, y))(x)\n", tmp_path) == []
