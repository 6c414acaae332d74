"""What distributions make of their own draws is greater than what others of their family do (Gibbs' inequality)."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.rules.proofs import SHOWN, entries, flat, module, np, resolve, short

DRAWS = 400
COVARIANCE = np.array([[1.5, 0.3], [0.3, 0.8]])
CHANCES = np.array([0.2, 0.3, 0.5])
NUMBERS: list[tuple[tuple[Any, ...], tuple[Any, ...]]] = [
    ((0.5, 1.0), (1.6, 1.7)),
    ((2.0,), (4.5,)),
    ((3.0, 2.0), (1.5, 4.0)),
    ((0.3,), (0.8,)),
    ((4.0, 0.5, 1.0), (4.0, 2.5, 2.0)),
    ((5, 0.3), (5, 0.8)),
    ((0.0, 3.0), (-1.0, 5.0)),
    ((3.0, 2.0, 2.0), (2.0, 4.0, 3.0)),
]
VECTORS: list[tuple[tuple[Any, ...], tuple[Any, ...]]] = [
    ((CHANCES,), (CHANCES[::-1],)),
    ((CHANCES * 9,), (CHANCES[::-1] * 9,)),
    ((np.zeros(2), COVARIANCE), (np.ones(2) * 1.5, COVARIANCE * 2)),
    ((np.zeros(2), np.linalg.cholesky(COVARIANCE)), (np.ones(2) * 1.5, np.linalg.cholesky(COVARIANCE * 2))),
    ((np.zeros(2), np.ones(2)), (np.ones(2) * 1.5, np.ones(2) * 2)),
    ((5, CHANCES), (5, CHANCES[::-1])),
    ((0.7, CHANCES), (0.7, CHANCES[::-1])),
    ((np.array([0.0, 1.0, 2.0]), np.ones(3)), (np.array([2.0, 0.0, 1.0]), np.ones(3) * 2)),
    ((5.0, COVARIANCE), (7.0, COVARIANCE * 2)),
    ((np.zeros(2), np.ones((2, 1)), np.ones(2)), (np.ones(2) * 1.5, np.ones((2, 1)), np.ones(2))),
]


def _torch() -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    torch: Any = pytest.importorskip("torch")
    torch.manual_seed(0)
    return (lambda x: torch.tensor(x, dtype=torch.float64)), (lambda d: d.sample((DRAWS,)))


def _keyed() -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    jax: Any = pytest.importorskip("jax")
    key = jax.random.key(0)
    return jax.numpy.asarray, (lambda d: d.sample(key, (DRAWS,)))


def _seeded() -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    jax: Any = pytest.importorskip("jax")
    key = jax.random.PRNGKey(0)
    return (lambda x: jax.numpy.asarray(x, dtype=float)), (lambda d: d.sample(seed=key, sample_shape=(DRAWS,)))


WAYS = {"torch": _torch, "pyro": _torch, "gpytorch": _torch, "numpyro": _keyed, "tfp": _seeded, "distrax": _seeded}


def means(make: Any, array: Callable[[Any], Any], draw: Callable[[Any], Any]) -> Iterator[tuple[float, float]]:
    """The mean log-density of draws by their own distribution and by another one, for each way to make it."""
    for own, other in [*NUMBERS, *VECTORS]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                p, q = (make(*(x if isinstance(x, int) else array(x) for x in given)) for given in (own, other))
                draws = draw(p)
                here, there = flat(p.log_prob(draws)), flat(q.log_prob(draws))
        except Exception:  # a wrong guess at the parameters: libraries raise all sorts
            continue
        if np.isfinite(here).all() and np.isfinite(there).all() and not np.allclose(here, there):
            yield float(here.mean()), float(there.mean())


@pytest.mark.parametrize("library", WAYS)
def test_draws_are_likelier_under_their_own_distribution(library: str) -> None:
    array, draw = WAYS[library]()
    if module({"tfp": "tensorflow_probability.substrates.jax"}.get(library, library)) is None:
        pytest.skip("it is not installed")
    wrong = []
    for entry in entries(library, makes="distribution"):
        if short(entry) in ("Unit", "Delta"):
            continue  # a factor, or a point: no density over anything
        name = entry.name.replace(
            "tensorflow_probability.distributions", "tensorflow_probability.substrates.jax.distributions"
        )
        first = next(means(resolve(name), array, draw), None)
        if first is not None:
            SHOWN.add(entry.name)
            wrong += [entry.name] if first[0] <= first[1] else []
    assert not wrong
    SHOWN.difference_update(wrong)


def test_a_negated_density_is_noticed() -> None:
    torch: Any = pytest.importorskip("torch")
    array, draw = _torch()

    class Turned(torch.distributions.Normal):  # type: ignore[misc, name-defined, unused-ignore]
        def log_prob(self, value: Any) -> Any:
            return -super().log_prob(value)

    own, other = next(means(Turned, array, draw))
    assert own < other
