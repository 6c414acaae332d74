"""jax and what is built on it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.proofs import entries, np, number, resolve, short
from vaelint.knowledge import Entry
from vaelint.sense import Sense

jax: Any = pytest.importorskip("jax")
jnp: Any = pytest.importorskip("jax.numpy")

X = jnp.array([[0.3, 0.8, 0.1], [0.2, 0.5, 0.9]])
FAR = jnp.flip(X, 1) + 1
GOOD = jnp.array([[4.0, 0.1, -3.0], [-3.0, 0.2, 4.0]])
BAD = jnp.flip(GOOD, 0)
CLASSES = jnp.array([0, 2])
ONE_HOT = jax.nn.one_hot(CLASSES, 3)

GRADIENTS = [
    e
    for library in ("jax", "equinox", "haiku", "autograd")
    for e in entries(library)
    if e.makes in ("gradient", "value_and_gradient")
]


@pytest.mark.parametrize("entry", GRADIENTS, ids=lambda e: e.name)
def test_gradients(entry: Entry) -> None:
    if short(entry) in ("deriv", "multigrad_dict", "value_and_grad") and entry.library in ("haiku", "autograd"):
        pytest.skip("not for plain functions of one number")
    if entry.library == "haiku":
        pytest.skip("wants a transformed function")
    made = resolve(entry.name)(lambda x: x**2)(jnp.array(3.0) if entry.library == "equinox" else 3.0)
    value, gradient = made if entry.makes == "value_and_gradient" else (9.0, made)
    assert number(value) == 9.0
    assert number(gradient) == 6.0


def test_aux_is_the_second_of_what_is_returned() -> None:
    for entry in entries("jax", makes="value_and_gradient"):
        (value, aux), gradient = resolve(entry.name)(lambda x: (x**2, "aux"), **{entry.aux: True})(3.0)
        assert (value, aux, gradient) == (9.0, "aux", 6.0)


SAME = [e for library in ("jax", "equinox") for e in entries(library, makes="same", of="fun")]


@pytest.mark.parametrize("entry", SAME, ids=lambda e: e.name)
def test_wrappers_give_the_same(entry: Entry) -> None:
    if "shard_map" in entry.name or "named_call" in entry.name:
        pytest.skip("wants a mesh or a name")
    batched = "map" in short(entry)
    given = jnp.array([3.0]) if batched else jnp.array(3.0)
    assert number(resolve(entry.name)(lambda x: x**2)(given)) == 9


def test_stop_gradient() -> None:
    stop = resolve("jax.lax.stop_gradient")
    assert stop(3.0) == 3.0
    assert jax.grad(lambda x: stop(x) ** 2)(3.0) == 0


@pytest.mark.parametrize("name", ["norm", "laplace", "logistic", "cauchy", "gumbel_l", "gumbel_r", "t"])
def test_logpdf_is_greatest_at_the_mode(name: str) -> None:
    logpdf = resolve(f"jax.scipy.stats.{name}.logpdf")
    shapes = (3.0,) if name == "t" else ()
    assert (logpdf(0.0, *shapes) > logpdf(jnp.array([-2.0, -0.5, 0.5, 2.0]), *shapes)).all()


OPTAX: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    "error": ((X, X), (FAR, X)),
    "distance": ((X, X), (-X, X)),
    "similarity": ((X, X), (-X, X)),
    "kl": ((jnp.log(ONE_HOT * 0.8 + 0.1), ONE_HOT), (jnp.log(jnp.flip(ONE_HOT, 0) * 0.8 + 0.1), ONE_HOT)),
    "cross_entropy": ((GOOD, ONE_HOT), (BAD, ONE_HOT)),
}
SPECIAL: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    "softmax_cross_entropy_with_integer_labels": ((GOOD, CLASSES), (BAD, CLASSES)),
    "hinge_loss": ((GOOD, 2 * ONE_HOT - 1), (BAD, 2 * ONE_HOT - 1)),
    "perceptron_loss": ((GOOD, 2 * ONE_HOT - 1), (BAD, 2 * ONE_HOT - 1)),
    "multiclass_hinge_loss": ((GOOD[0], CLASSES[0]), (BAD[0], CLASSES[0])),
    "multiclass_perceptron_loss": ((GOOD[0], CLASSES[0]), (BAD[0], CLASSES[0])),
    "triplet_margin_loss": ((X, X, FAR), (X, FAR, X)),
    "ntxent": (
        (jnp.array([[1.0, 0], [1, 0.1], [0, 1], [0.1, 1]]), jnp.array([0, 0, 1, 1])),
        (jnp.array([[1.0, 0], [0, 1.0], [1, 0.1], [0.1, 1]]), jnp.array([0, 0, 1, 1])),
    ),
    "poly_loss_cross_entropy": ((GOOD, ONE_HOT), (BAD, ONE_HOT)),
    "ranking_softmax_loss": ((GOOD, ONE_HOT), (BAD, ONE_HOT)),
    "sparsemax_loss": ((GOOD, ONE_HOT), (BAD, ONE_HOT)),
    "dice_loss": ((GOOD, ONE_HOT), (BAD, ONE_HOT)),
    "binary_dice_loss": ((GOOD, ONE_HOT), (BAD, ONE_HOT)),
    "multiclass_generalized_dice_loss": ((GOOD, ONE_HOT), (BAD, ONE_HOT)),
    "kl_divergence_with_log_targets": ((GOOD, GOOD), (BAD, GOOD)),
    "ctc_loss": (
        (GOOD[None], jnp.zeros((1, 2)), jnp.array([[2]]), jnp.zeros((1, 1))),
        (jnp.roll(GOOD, 1, 1)[None], jnp.zeros((1, 2)), jnp.array([[2]]), jnp.zeros((1, 1))),
    ),
}
LOSSES = [e for e in entries("optax") if e.sense in (Sense.GAIN, Sense.COST)]


@pytest.mark.parametrize("entry", LOSSES, ids=lambda e: e.name)
def test_optax_losses(entry: Entry) -> None:
    near, far = SPECIAL.get(short(entry)) or OPTAX[entry.kind]
    f = resolve(entry.name)
    good, bad = number(f(*near)), number(f(*far))
    assert good > bad if entry.sense is Sense.GAIN else good < bad


@pytest.mark.parametrize("entry", list(entries("optax", makes="optimizer")), ids=lambda e: e.name)
def test_optax_optimisers_go_down(entry: Entry) -> None:
    optax = resolve("optax")
    name = short(entry)
    options = {"noisy_sgd": {"key": 0}, "polyak_sgd": {}}.get(name, {})
    optimizer = resolve(entry.name)(0.01, **options) if name not in ("adafactor",) else optax.adafactor(0.01)
    x = jnp.full((2, 2), 3.0)
    state = optimizer.init(x)

    def f(x: Any) -> Any:
        return (x**2).sum()

    before = f(x)
    for _ in range(5):
        value, g = jax.value_and_grad(f)(x)
        more = {"value": value, "grad": g, "value_fn": f} if name in ("lbfgs", "polyak_sgd") else {}
        updates, state = optimizer.update(g, state, x, **more)
        x = optax.apply_updates(x, updates)
    assert f(x) < before


NORMALS = [
    "distrax.Normal",
    "numpyro.distributions.Normal",
    "tensorflow_probability.substrates.jax.distributions.Normal",
    "numpyro.distributions.Laplace",
    "distrax.Laplace",
    "numpyro.distributions.Gumbel",
    "tensorflow_probability.substrates.jax.distributions.Logistic",
]


@pytest.mark.parametrize("name", NORMALS)
def test_log_prob_is_greatest_at_the_mode(name: str) -> None:
    pytest.importorskip(name.partition(".")[0])
    made = resolve(name)(0.5, 1.0)
    assert (made.log_prob(0.5) > made.log_prob(jnp.array([-1.0, 0.0, 1.0, 2.0]))).all()


def test_kl_divergences() -> None:
    for package, f in [
        ("numpyro.distributions", "numpyro.distributions.kl_divergence"),
        ("tensorflow_probability.substrates.jax.distributions",) * 2,
        ("distrax", "distrax"),
    ]:
        normal = resolve(f"{package}.Normal")
        if normal is None:
            continue
        p, q = normal(0.0, 1.0), normal(1.0, 1.0)
        kl = resolve(f) if f.endswith("kl_divergence") else (lambda a, b: a.kl_divergence(b))
        assert kl(p, p) < kl(p, q)


def test_numpyro() -> None:
    numpyro: Any = pytest.importorskip("numpyro")
    infer: Any = pytest.importorskip("numpyro.infer")
    dist: Any = pytest.importorskip("numpyro.distributions")

    def model() -> None:
        numpyro.sample("z", dist.Normal(0.0, 1.0))

    def guide(at: float) -> Any:
        return lambda: numpyro.sample("z", dist.Normal(at, 1.0))

    key = jax.random.PRNGKey(0)
    for entry in entries("numpyro", makes="loss", kind="elbo"):
        if short(entry) in ("ELBO", "TraceEnum_ELBO", "TraceGraph_ELBO"):
            continue
        elbo = resolve(entry.name)(num_particles=8)
        assert elbo.loss(key, {}, model, guide(0.0)) < elbo.loss(key, {}, model, guide(3.0)), entry.name
    potential = resolve("numpyro.infer.util.potential_energy")
    assert potential(model, (), {}, {"z": 0.0}) < potential(model, (), {}, {"z": 2.0})
    # `potential_fn` is a cost: the chain stays where it is small.
    mcmc = infer.MCMC(
        infer.NUTS(potential_fn=lambda z: (z - 3) ** 2), num_warmup=100, num_samples=100, progress_bar=False
    )
    mcmc.run(key, init_params=jnp.array(0.0))
    assert abs(mcmc.get_samples().mean() - 3) < 1
    # `factor` adds to the log-density.
    numpyro_log = resolve("numpyro.infer.util.log_density")
    assert numpyro_log(lambda: numpyro.factor("f", 2.0), (), {}, {})[0] == 2.0


@pytest.mark.parametrize(
    "entry", [e for e in entries("blackjax") if e.params[0] == "logdensity_fn"], ids=lambda e: e.name
)
def test_blackjax_wants_log_densities(entry: Entry) -> None:
    if short(entry) not in ("nuts", "hmc", "mala", "barker", "mhmc", "multinomial_hmc"):
        pytest.skip("the same interface, with more to set up")
    options: dict[str, Any] = {"step_size": 0.3}
    if "hmc" in short(entry) or short(entry) == "nuts":
        options["inverse_mass_matrix"] = jnp.ones(1)
    if "hmc" in short(entry):
        options["num_integration_steps"] = 5
    sampler = resolve(entry.name)(lambda x: -((x - 3.0) ** 2).sum(), **options)
    state = sampler.init(jnp.zeros(1))
    step = jax.jit(sampler.step)
    seen = []
    for key in jax.random.split(jax.random.PRNGKey(0), 200):
        state, _ = step(key, state)
        seen.append(float(state.position[0]))
    assert abs(np.mean(seen[50:]) - 3) < 1


def test_jaxopt_minimises() -> None:
    pytest.importorskip("jaxopt")
    for entry in entries("jaxopt", minimizes="fun"):
        if short(entry) in ("GradientDescent", "LBFGS", "BFGS", "NonlinearCG", "ScipyMinimize", "PolyakSGD"):
            found = resolve(entry.name)(fun=lambda x: ((x - 1) ** 2).sum()).run(jnp.array([3.0]))
            assert abs(found.params[0] - 1) < 0.05, entry.name
        elif short(entry) == "OptaxSolver":
            solver = resolve(entry.name)(lambda x: ((x - 1) ** 2).sum(), resolve("optax.adam")(0.1))
            assert abs(solver.run(jnp.array([3.0])).params[0] - 1) < 0.05


@pytest.mark.parametrize(
    "entry", [e for e in entries("jaxopt", sense=Sense.COST) if ".loss." in e.name], ids=lambda e: e.name
)
def test_jaxopt_losses(entry: Entry) -> None:
    f = resolve(entry.name)
    if short(entry).startswith("multiclass"):
        assert f(0, GOOD[0]) < f(0, BAD[0])
    elif short(entry).startswith("huber"):
        assert f(1.0, 1.0) < f(1.0, 3.0)
    else:
        assert f(1, 2.0) < f(1, -2.0)


def test_optimistix_minimises() -> None:
    optimistix: Any = pytest.importorskip("optimistix")
    found = optimistix.minimise(lambda x, _: ((x - 1) ** 2).sum(), optimistix.BFGS(1e-6, 1e-6), jnp.array([3.0]))
    assert abs(found.value[0] - 1) < 1e-2


def test_tfp_samplers_want_log_densities() -> None:
    tfp: Any = pytest.importorskip("tensorflow_probability.substrates.jax")
    kernel = tfp.mcmc.NoUTurnSampler(lambda x: -((x - 3.0) ** 2), step_size=0.3)
    draws = tfp.mcmc.sample_chain(
        100, 0.0, kernel=kernel, num_burnin_steps=50, trace_fn=None, seed=jax.random.PRNGKey(0)
    )
    assert abs(draws.mean() - 3) < 1


def test_tfp_minimisers() -> None:
    tfp: Any = pytest.importorskip("tensorflow_probability.substrates.jax")
    for name in ("bfgs_minimize", "lbfgs_minimize"):
        found = getattr(tfp.optimizer, name)(jax.value_and_grad(lambda x: ((x - 1) ** 2).sum()), jnp.array([3.0]))
        assert abs(found.position[0] - 1) < 1e-3


def test_flax_optimiser_goes_down() -> None:
    nnx: Any = pytest.importorskip("flax.nnx")
    optax: Any = pytest.importorskip("optax")
    model = nnx.Linear(1, 1, rngs=nnx.Rngs(0))
    optimizer = nnx.Optimizer(model, optax.sgd(0.01), wrt=nnx.Param)

    def f(model: Any) -> Any:
        return (model(jnp.ones((1, 1))) ** 2).sum()

    before = f(model) + 0
    value, gradients = nnx.value_and_grad(f)(model)
    assert value == before
    optimizer.update(model, gradients)
    assert f(model) < before
