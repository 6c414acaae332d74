"""What a rule says that a function computes is what it computes: the two give equal numbers."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from tests.questions import least_at, normalised, slope
from tests.rules.proofs import module, resolve
from vaelint.graph.ask import Judge, Verdict
from vaelint.graph.definitions import value_of
from vaelint.graph.domains import domains
from vaelint.graph.execute import run
from vaelint.graph.language import Function, names, written
from vaelint.graph.node import Graph, Kind, Node, below
from vaelint.graph.ops import PRIMITIVES
from vaelint.knowledge import Entry, load
from vaelint.sense import Pass, Sense

KNOWLEDGE = load()
ENTRIES = [e for e in KNOWLEDGE.entries().values() if e.value]
SHAPE = (2, 3)


def definition(entry: Entry) -> Function:
    found = value_of(entry, KNOWLEDGE)
    assert found is not None, f"`{entry.value}` leads nowhere"
    return found


def graph_of(entry: Entry, free: bool = False) -> tuple[Graph, Node, dict[str, Node]]:
    """The graph of what an entry computes, and its leaves; ``free``: parameters with a default are leaves too."""
    fn, graph = definition(entry), Graph()
    given = {n: graph.leaf(Kind.PARAMETER, n, n) for n in (*fn.params, "x")}
    given |= {n: graph.constant(value) for n, value in fn.defaults.items() if not free}
    return graph, written(graph, fn.text, given), given


def ids(entry: Entry) -> str:
    return entry.name


@pytest.mark.parametrize("entry", ENTRIES, ids=ids)
def test_a_value_is_made_of_primitives_and_of_its_parameters(entry: Entry) -> None:
    fn = definition(entry)
    more = {"x"} if entry.makes == "distribution" else set()
    assert names(fn.text) <= {*fn.params, *more}
    _, root, _ = graph_of(entry)
    assert {n.op for n in below([root])} <= {*PRIMITIVES, "leaf", "constant"}


# --- equal numbers -------------------------------------------------------------------------------


def drawn(name: str, domain: str, entry: Entry, rng: np.random.Generator) -> Any:
    """A value of a parameter, where its name and what is done with it say that it may lie."""
    last = entry.name.rpartition(".")[2]
    shape: tuple[int, ...] = SHAPE
    if ("distance" in entry.name and entry.library == "scipy") or entry.library == "sklearn":
        shape = (6,)
    if domain == "label":
        return rng.integers(0, 3, shape[:-1])
    if name in ("n", "total_count"):
        return np.full(shape, 7.0)
    if name in ("k", "x") and (last in COUNTED or "logpmf" in last or "pmf" in last):
        most = 2 if "ernoulli" in entry.name else 6
        return rng.integers(1, most, shape).astype(float) if most > 2 else rng.integers(0, 2, shape).astype(float)
    if last in ("MultivariateNormal", "MultivariateNormalFullCovariance") and name != "covariance_matrix":
        return rng.normal(size=3)
    if name == "x" and (last == "Kumaraswamy" or ".beta." in entry.name):
        return rng.uniform(0.1, 0.9, shape)
    if "covariance" in name:
        root = rng.normal(size=(3, 3))
        return root @ root.T + np.eye(3)
    if last in ("OneHotCategorical",) and name == "x":
        return np.eye(3)[rng.integers(0, 3, 2)]
    if last in ("Categorical", "OneHotCategorical") and name == "probs":
        made = rng.uniform(0.2, 1, shape)
        return made / made.sum(-1, keepdims=True)
    if name in ("y_true", "y_pred") and last in ("zero_one_loss", "hamming_loss", "accuracy_score"):
        return rng.integers(0, 2, shape)
    if last == "brier_score_loss":
        return np.asarray([0, 1, 1, 0, 1, 0]) if name == "y_true" else rng.uniform(0.1, 0.9, shape)
    if (name == "labels" and "softmax" in last) or (name == "labels" and last == "poly_loss_cross_entropy"):
        made = rng.uniform(0.2, 1, shape)
        return made / made.sum(-1, keepdims=True)
    if name in ("targets", "target") and ("hinge" in last.lower() or "ranking" in last):
        return np.where(rng.uniform(size=shape) > 0.5, 1.0, -1.0)
    if name == "target" and last in SIGNED:
        return np.where(rng.uniform(size=shape[:1] if "osine" in last else shape) > 0.5, 1.0, -1.0)
    if last in ("Pareto", "pareto") and name == "x":
        return rng.uniform(3.0, 5.0, shape)
    if name == "scale" and last == "Pareto":
        return rng.uniform(0.5, 1.5, shape)
    if domain == "unit" or (name in ("p", "q", "probs") and domain != "real"):
        return rng.uniform(0.1, 0.9, shape)
    if domain in ("positive", "matrix") or last in UPPER or entry.library == "sklearn":
        return rng.uniform(1.1, 3.0, shape)
    return rng.normal(size=shape)


COUNTED = ("Poisson", "Geometric", "Binomial", "NegativeBinomial", "Bernoulli")
SIGNED = (
    "MarginRankingLoss",
    "CosineEmbeddingLoss",
    "HingeEmbeddingLoss",
    "SoftMarginLoss",
    "soft_margin_loss",
    "cosine_embedding_loss",
)
UPPER = ("entr", "rel_entr", "kl_div")


def arrays(library: str, entry: Entry) -> Callable[[Any], Any] | None:
    """How an array of a library is made of one of NumPy's."""
    if library == "torch":
        torch = module("torch")
        return lambda x: torch.as_tensor(np.asarray(x))
    if library == "tensorflow":
        tf = module("tensorflow")
        return lambda x: tf.constant(x)
    if library in ("jax", "optax", "distrax", "numpyro", "tensorflow_probability"):
        jnp = module("jax.numpy")
        return lambda x: jnp.asarray(x)
    return np.asarray


def called(f: Any, fn: Function, given: Mapping[str, Any]) -> Any:
    """By place as far as parameters have a place, by name else; those with a default are left out."""
    first = [given[p] for p in fn.params[: fn.places] if p not in fn.defaults]
    return f(*first)


def computed(entry: Entry, f: Any, given: Mapping[str, Any], x: Any) -> Any:
    """What the library computes."""
    fn = definition(entry)
    if entry.makes == "distribution":
        options = {}
        if "validate_args" in inspect.signature(f).parameters:
            options["validate_args"] = False
        named = {p: given[p] for p in fn.params if p not in fn.defaults}
        return f(**named, **options).log_prob(x)
    return called(f() if entry.makes == "loss" else f, fn, given)


def plain(x: Any) -> Any:
    x = x.detach() if hasattr(x, "detach") else x
    return np.asarray(x, dtype=float)


def real(name: str) -> Any:
    try:
        found = resolve(name)
        if found is None and name.startswith("tensorflow_probability."):
            found = resolve(name.replace("tensorflow_probability.", "tensorflow_probability.substrates.jax.", 1))
    except AttributeError:  # versions of libraries that do not go together
        return None
    return found


def installed() -> Iterator[Entry]:
    for entry in ENTRIES:
        if real(entry.name) is not None:
            yield entry


INSTALLED = list(installed())


@pytest.mark.skipif(not INSTALLED, reason="no library is installed")
@pytest.mark.parametrize("entry", INSTALLED, ids=ids)
def test_the_function_computes_what_its_rule_says(entry: Entry) -> None:
    f, fn = real(entry.name), definition(entry)
    if entry.library == "torch" or entry.name.startswith("torch"):
        module("torch").set_default_dtype(module("torch").float64)
    if module("jax") is not None:
        module("jax").config.update("jax_enable_x64", True)
    array = arrays(entry.name.partition(".")[0], entry)
    assert array is not None
    _, root, _ = graph_of(entry)
    kinds = domains(below([root]))
    compared = 0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        at = {p: drawn(p, str(kinds.get(p, "real")), entry, rng) for p in (*fn.params, "x") if p not in fn.defaults}
        held: dict[Any, Any] = {p: np.asarray(v, dtype=float)[None] for p, v in at.items()}
        made = run([root], held)
        assert not made.failed, made.failed
        mine = made.of(root)[0]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = plain(computed(entry, f, {p: array(v) for p, v in at.items()}, array(at.get("x", 0.0))))
        known = np.isfinite(mine) & np.isfinite(theirs)
        assert np.allclose(mine[known] if mine.ndim else mine, theirs[known] if theirs.ndim else theirs, 1e-5, 1e-6)
        compared += int(known.sum())
    assert compared >= 5


# --- what follows from a value -------------------------------------------------------------------

BASES = ((3,), (2, 3))


@pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.kind in ("error", "distance") and e.sense is Sense.COST], ids=ids
)
def test_an_error_is_least_where_both_agree(entry: Entry) -> None:
    graph, root, leaves = graph_of(entry)
    fn = definition(entry)
    x, y = (leaves[p] for p in fn.params[:2])
    verdict = least_at(Judge(graph, below([root]), bases=BASES, vary=False), root, {x: y}).verdict
    assert verdict is Verdict.HOLDS or entry.name.endswith(("zero_one_loss", "hamming_loss"))


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.kind == "similarity"], ids=ids)
def test_a_similarity_is_greatest_where_both_agree(entry: Entry) -> None:
    graph, root, leaves = graph_of(entry)
    x, y = (leaves[p] for p in definition(entry).params[:2])
    judge = Judge(graph, below([root]), bases=BASES, vary=False)
    assert least_at(judge, root, {x: y}).verdict is Verdict.CONTRARY


@pytest.mark.parametrize("entry", [e for e in ENTRIES if Pass.KEEP in e.passes.values()], ids=ids)
def test_what_is_passed_on_rises(entry: Entry) -> None:
    graph, root, leaves = graph_of(entry)
    for param, how in entry.passes.items():
        if how in (Pass.KEEP, Pass.FLIP) and param in leaves:
            expected = Verdict.HOLDS if how is Pass.KEEP else Verdict.CONTRARY
            assert slope(Judge(graph, below([root])), root, leaves[param]).verdict is expected


DENSITIES = [e for e in ENTRIES if e.makes == "distribution" or e.kind == "log_density"]
CONTINUOUS = ("Normal", "Laplace", "Cauchy", "Gumbel", "Logistic", "LogNormal", "Exponential")


@pytest.mark.parametrize("entry", [e for e in DENSITIES if e.name.rpartition(".")[2] in CONTINUOUS], ids=ids)
def test_a_density_integrates_to_one_number(entry: Entry) -> None:
    graph, root, leaves = graph_of(entry, free=True)
    assert normalised(Judge(graph, below([root])), root, leaves["x"]).verdict is Verdict.HOLDS
