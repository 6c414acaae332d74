"""scipy: densities are greatest where they say, optimisers minimise."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.proofs import entries, np, resolve, short
from vaelint.knowledge import Entry

stats: Any = pytest.importorskip("scipy.stats")
_params: Any = pytest.importorskip("scipy.stats._distr_params")

SHAPES = {name: shapes for name, shapes in [*_params.distcont, *_params.distdiscrete] if isinstance(name, str)}
SLOW = {"levy_stable", "studentized_range", "kstwo", "ksone", "genhyperbolic", "norminvgauss", "kappa4", "gausshyper"}
DENSITIES = [e for e in entries("scipy", sense=resolve("vaelint.sense.Sense.GAIN")) if "stats" in e.name]


@pytest.mark.parametrize("entry", DENSITIES, ids=lambda e: e.name)
def test_densities_are_greater_where_the_draws_are(entry: Entry) -> None:
    """The mean of log p over draws from p is above that of p moved aside (Gibbs' inequality)."""
    name, what = entry.name.split(".")[-2:]
    if name not in SHAPES or name in SLOW:
        pytest.skip("no sample parameters, or slow")
    made, shapes = getattr(stats, name), SHAPES[name]
    draws = made.rvs(*shapes, size=60, random_state=0)
    step = 1 if what in ("logpmf", "pmf") else 3 * max(1e-3, float(np.std(draws)))
    f = getattr(made, what)
    with np.errstate(all="ignore"):
        here, aside = f(draws, *shapes), f(draws, *shapes, loc=step)
    if what in ("pdf", "pmf"):  # means of densities are not bound by Gibbs: their logarithms are
        here, aside = np.log(here + 1e-300), np.log(aside + 1e-300)
    assert np.mean(np.maximum(here, -1e4)) > np.mean(np.maximum(aside, -1e4))


def test_nnlf_is_a_cost() -> None:
    x = stats.norm.rvs(size=50, random_state=0)
    assert stats.norm.nnlf((0, 1), x) < stats.norm.nnlf((3, 1), x)


EXTRA: dict[str, Any] = {
    "differential_evolution": ([(-4, 4)],), "dual_annealing": ([(-4, 4)],), "shgo": ([(-4, 4)],),
    "direct": ([(-4, 4)],),
    "brute": (((-4, 4),),), "fminbound": (-4, 4), "brent": (), "golden": (), "minimize_scalar": (),
    "fmin_slsqp": ([3.0],), "fmin_cobyla": ([3.0], []),
}  # fmt: skip


@pytest.mark.parametrize("entry", [e for e in entries("scipy") if e.minimizes not in ("", "c")], ids=lambda e: e.name)
def test_optimisers_minimise(entry: Entry) -> None:
    name = short(entry)
    start = EXTRA.get(name, ([3.0],))
    options: dict[str, Any] = {}
    if name in ("fmin_l_bfgs_b", "fmin_tnc"):
        options["approx_grad"] = True
    if name in ("fmin_ncg",):
        options["fprime"] = lambda x: 2 * (x - 1)
    if name == "basinhopping":
        options["niter"] = 3

    def f(x: Any) -> Any:
        if name in ("least_squares", "leastsq"):
            return np.asarray(x) - 1
        return float(np.sum((np.asarray(x) - 1) ** 2))

    with np.errstate(all="ignore"):
        found = resolve(entry.name)(f, *start, **options)
    best = getattr(found, "x", found[0] if isinstance(found, tuple) else found)
    assert np.allclose(np.ravel(np.asarray(best, dtype=float))[0], 1, atol=1e-2)


def test_linear_programs_minimise() -> None:
    found = resolve("scipy.optimize.linprog")([1.0], bounds=[(2, 5)])
    assert found.x[0] == 2


@pytest.mark.parametrize("entry", list(entries("scipy", kind="kl")), ids=lambda e: e.name)
def test_kl(entry: Entry) -> None:
    p, q = np.array([0.3, 0.7]), np.array([0.6, 0.4])
    assert resolve(entry.name)(p, p).sum() < resolve(entry.name)(p, q).sum()


@pytest.mark.parametrize("entry", list(entries("scipy", kind="distance")), ids=lambda e: e.name)
def test_distances(entry: Entry) -> None:
    u, v, f = np.array([1.0, 2.0, 4.0]), np.array([5.0, 1.0, -3.0]), resolve(entry.name)
    if short(entry) == "mahalanobis":
        assert f(u, u, np.eye(3)) < f(u, v, np.eye(3))
    elif short(entry) == "cdist":
        assert f([u], [u]) < f([u], [v])
    elif short(entry) == "jensenshannon":
        assert f(u, u) < f(u, u[::-1])
    else:
        assert f(u, u) < f(u, v)
