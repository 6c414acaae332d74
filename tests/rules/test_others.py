"""Metrics, samplers, variational inference, Gaussian processes, and what else has a file of rules."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.proofs import SHOWN, entries, np, number, resolve, short
from vaelint.knowledge import Entry
from vaelint.sense import Sense

DIRECTED = (Sense.GAIN, Sense.COST)


def judge(entry: Entry, good: Any, bad: Any) -> None:
    good, bad = number(good), number(bad)
    assert good > bad if entry.sense is Sense.GAIN else good < bad


LABELS, WRONG = [0, 1, 1, 0, 2, 2], [1, 0, 1, 2, 0, 1]
VALUES, OFF = [1.0, 2.0, 3.5, 0.5], [3.0, 0.7, 1.0, 2.5]
POINTS = np.array([[0.0, 0.1], [5.0, 5.1], [5.1, 5.0], [0.1, 0.0], [9.0, 0.1], [9.1, 0.0]])
SHARP = np.eye(3)[LABELS] * 0.8 + 0.2 / 3
BLUNT = np.eye(3)[WRONG] * 0.8 + 0.2 / 3
SKLEARN: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    "log_loss": ((LABELS, SHARP), (LABELS, BLUNT)),
    "brier_score_loss": (([0, 1], [0.1, 0.9]), ([0, 1], [0.9, 0.1])),
    "hinge_loss": (([-1, 1], [-2.0, 2.0]), ([-1, 1], [2.0, -2.0])),
    "roc_auc_score": (([0, 1], [0.1, 0.9]), ([0, 1], [0.9, 0.1])),
    "average_precision_score": (([0, 1], [0.1, 0.9]), ([0, 1], [0.9, 0.1])),
    "top_k_accuracy_score": (([0, 1, 2], np.eye(3)), ([0, 1, 2], -np.eye(3))),
    "ndcg_score": (([[3, 2, 1]], [[3, 2, 1]]), ([[3, 2, 1]], [[1, 2, 3]])),
    "dcg_score": (([[3, 2, 1]], [[3, 2, 1]]), ([[3, 2, 1]], [[1, 2, 3]])),
    "label_ranking_loss": (([[1, 0, 0]], [[0.9, 0.1, 0]]), ([[1, 0, 0]], [[0.1, 0.9, 0.2]])),
    "auc": (([0, 0.5, 1], [0, 1, 1]), ([0, 0.5, 1], [0, 0.1, 1])),
    "silhouette_score": ((POINTS, LABELS), (POINTS, WRONG)),
}
OF_VALUES = ["squared", "absolute", "median", "max_error", "pinball", "deviance", "r2", "d2", "explained"]
METRICS = [e for e in entries("sklearn") if e.sense in DIRECTED and e.name.startswith("sklearn.metrics.")]


@pytest.mark.parametrize("entry", METRICS, ids=lambda e: e.name)
def test_sklearn_metrics(entry: Entry) -> None:
    f, name = resolve(entry.name), short(entry)
    if ".pairwise." in entry.name:
        x = np.array([[1.0, 2.0]])
        return judge(entry, f(x, x), f(x, -x))
    if name in SKLEARN:
        right, wrong = SKLEARN[name]
        return judge(entry, f(*right), f(*wrong))
    if any(word in name for word in OF_VALUES):
        return judge(entry, f(VALUES, VALUES), f(VALUES, OFF))
    options = {"average": "macro"} if name in ("f1_score", "precision_score", "recall_score", "jaccard_score") else {}
    options |= {"average": "macro", "beta": 1.0} if name == "fbeta_score" else {}
    return judge(entry, f(LABELS, LABELS, **options), f(LABELS, WRONG, **options))


def test_sklearn_models_score_likelihoods() -> None:
    mixture: Any = pytest.importorskip("sklearn.mixture")
    made = mixture.GaussianMixture(1, random_state=0).fit(POINTS)
    assert made.score(POINTS) > made.score(POINTS + 30)
    assert made.bic(POINTS) < made.bic(POINTS + 30)


TORCHMETRICS = [e for e in entries("torchmetrics") if e.sense in DIRECTED and e.kind in ("error", "kl")]
TORCHMETRICS += entries("torchmetrics", kind="similarity")
TORCHMETRICS += [e for e in entries("torchmetrics", kind="accuracy") if "retrieval" not in e.name]


@pytest.mark.parametrize("entry", TORCHMETRICS, ids=lambda e: e.name)
def test_torchmetrics(entry: Entry) -> None:
    torch: Any = pytest.importorskip("torch")
    name = short(entry).lower().replace("_", "")
    torch.manual_seed(0)
    a, b = torch.tensor([VALUES, OFF]), torch.tensor([OFF, VALUES])
    task: dict[str, Any] = {"task": "multiclass", "num_classes": 3, "average": "macro"}
    labels, wrong, sharp, blunt = map(torch.tensor, (LABELS, WRONG, SHARP, BLUNT))
    if "kl" in name:
        a, b = a / a.sum(1, keepdim=True), b / b.sum(1, keepdim=True)
    cases: list[tuple[Any, Any, dict[str, Any]]] = [
        ((a, a), (b, a), {}),
        ((a[0], a[0]), (b[0], a[0]), {}),
        ((labels, labels), (wrong, labels), task),
        ((sharp, labels), (blunt, labels), {k: v for k, v in task.items() if k != "average"}),
        ((labels, labels), (wrong, labels), {"task": "multiclass", "num_classes": 3}),
        ((["a b c"], [["a b c"]]), (["x y z"], [["a b c"]]), {"n_gram": 1}),
        ((["a b c"], ["a b c"]), (["x y z"], ["a b c"]), {}),
    ]
    picture = torch.rand(1, 3, 192, 192)
    cases.append(((picture, picture * 0.99), (torch.rand(1, 3, 192, 192), picture), {"data_range": 1.0}))
    cases.append(((picture, picture * 0.99), (torch.rand(1, 3, 192, 192), picture), {}))
    cases.append(
        (
            (torch.tensor([0.1, 0.9]), torch.tensor([0, 1])),
            (torch.tensor([0.9, 0.1]), torch.tensor([0, 1])),
            {"task": "binary"},
        )
    )
    cases.append(((labels[None], labels[None]), (wrong[None], labels[None]), {"task": "multiclass", "num_classes": 3}))
    if name == "totalvariation":
        cases = [((picture * 0,), (picture,), {})]
    if "scaleinvariant" in name or "signal" in name or "sdr" in name:
        wave = torch.sin(torch.arange(2000.0) / 5) + 0.1 * torch.rand(2000)
        cases = [((wave + 0.01 * torch.rand(2000), wave), (torch.rand(2000), wave), {}), *cases[-3:]]
    for right, off, options in cases:
        try:
            if entry.makes == "loss":
                good, bad = resolve(entry.name)(**options)(*right), resolve(entry.name)(**options)(*off)
            else:
                good, bad = (resolve(entry.name)(*given, **options) for given in (right, off))
            finite = number(good) == number(good) and number(bad) == number(bad)
        except Exception:  # wrong sort of input for this metric: libraries raise all sorts
            continue
        if finite and number(good) != number(bad):
            return judge(entry, good, bad)
    pytest.skip("no sample fits")


def test_keras_losses() -> None:
    pytest.importorskip("keras")
    tried = 0
    one_hot, off = np.eye(3)[[0, 2]] * 0.98 + 0.01, np.eye(3)[[2, 0]] * 0.98 + 0.01
    for entry in entries("keras"):
        if entry.sense not in DIRECTED or ".losses." not in entry.name or short(entry) == "CTC":
            continue
        f = resolve(entry.name)() if entry.makes == "loss" else resolve(entry.name)
        truth = np.array([0, 2]) if "parse" in entry.name else np.eye(3)[[0, 2]]
        if short(entry) in ("hinge", "squared_hinge", "Hinge", "SquaredHinge"):
            truth = truth * 2 - 1
        judge(entry, f(truth, one_hot), f(truth, off))
        SHOWN.add(entry.name)
        tried += 1
    assert tried >= 25


def test_keras_optimisers_go_down() -> None:
    keras: Any = pytest.importorskip("keras")
    for entry in entries("keras", makes="optimizer"):
        if short(entry) == "Optimizer":
            continue
        x = keras.Variable([3.0])
        optimizer = resolve(entry.name)(learning_rate=0.1)
        for _ in range(3):
            optimizer.apply([2 * x.value], [x])
        assert float(x.numpy()[0]) < 3, entry.name
        SHOWN.add(entry.name)


def test_tensorflow_losses() -> None:
    tf: Any = pytest.importorskip("tensorflow")
    logits, off = tf.constant([[4.0, 0.0, -4.0]]), tf.constant([[-4.0, 0.0, 4.0]])
    labels, index = tf.constant([[1.0, 0.0, 0.0]]), tf.constant([0])
    for name in ("softmax_cross_entropy_with_logits", "sigmoid_cross_entropy_with_logits"):
        f = resolve(f"tensorflow.nn.{name}")
        assert number(f(labels=labels, logits=logits)) < number(f(labels=labels, logits=off))
    f = resolve("tensorflow.nn.sparse_softmax_cross_entropy_with_logits")
    assert number(f(labels=index, logits=logits)) < number(f(labels=index, logits=off))


def test_pyro() -> None:
    pyro: Any = pytest.importorskip("pyro")
    infer: Any = pytest.importorskip("pyro.infer")
    torch: Any = pytest.importorskip("torch")

    def model() -> None:
        pyro.sample("z", pyro.distributions.Normal(0.0, 1.0))

    def guide(at: float) -> Any:
        return lambda: pyro.sample("z", pyro.distributions.Normal(at, 1.0))

    for name in ("Trace_ELBO", "TraceMeanField_ELBO", "TraceGraph_ELBO"):
        elbo = resolve(f"pyro.infer.{name}")(num_particles=20)
        assert elbo.loss(model, guide(0.0)) < elbo.loss(model, guide(3.0))
        if hasattr(elbo, "differentiable_loss"):
            assert elbo.differentiable_loss(model, guide(0.0)) < elbo.differentiable_loss(model, guide(3.0))
    mcmc = infer.MCMC(
        infer.NUTS(potential_fn=lambda z: (z["z"] - 3) ** 2), 100, warmup_steps=50, disable_progbar=True,
        initial_params={"z": torch.tensor(0.0)},
    )  # fmt: skip
    mcmc.run()
    assert abs(mcmc.get_samples()["z"].mean() - 3) < 1
    trace = pyro.poutine.trace(lambda: pyro.factor("f", torch.tensor(2.0))).get_trace()
    assert trace.log_prob_sum() == 2


def test_gpytorch_and_botorch() -> None:
    gpytorch: Any = pytest.importorskip("gpytorch")
    botorch: Any = pytest.importorskip("botorch")
    torch: Any = pytest.importorskip("torch")
    models: Any = pytest.importorskip("botorch.models")
    torch.manual_seed(0)
    x = torch.linspace(0, 1, 12, dtype=torch.double)[:, None]
    y = torch.sin(6 * x)
    gp = models.SingleTaskGP(x, y)
    for name in ("ExactMarginalLogLikelihood", "LeaveOneOutPseudoLikelihood"):
        mll = resolve(f"gpytorch.mlls.{name}")(gp.likelihood, gp)
        gp.train()
        target = gp.train_targets
        output = gp(*gp.train_inputs)
        assert mll(output, target) > mll(output, target + 10), name
    mll = gpytorch.mlls.ExactMarginalLogLikelihood(gp.likelihood, gp)
    before = mll(gp(*gp.train_inputs), gp.train_targets).item()
    botorch.fit_gpytorch_mll(mll)
    gp.train()
    assert mll(gp(*gp.train_inputs), gp.train_targets).item() > before
    acquisition = resolve("botorch.acquisition.PosteriorMean")(gp)
    bounds = torch.tensor([[0.0], [1.0]], dtype=torch.double)
    best, _ = botorch.optim.optimize_acqf(acquisition, bounds=bounds, q=1, num_restarts=3, raw_samples=16)
    assert acquisition(best) >= acquisition(x[:, None]).max() - 1e-2


def test_emcee_wants_log_densities() -> None:
    emcee: Any = pytest.importorskip("emcee")
    sampler = emcee.EnsembleSampler(8, 1, lambda x: -float(((x - 3) ** 2).sum()))
    sampler.run_mcmc(np.random.default_rng(0).normal(size=(8, 1)), 300)
    assert abs(sampler.get_chain(discard=100, flat=True).mean() - 3) < 0.5
    assert np.allclose(sampler.get_log_prob()[-1], -((sampler.get_chain()[-1, :, 0] - 3) ** 2))


def test_dynesty_wants_log_likelihoods() -> None:
    dynesty: Any = pytest.importorskip("dynesty")
    rng = np.random.default_rng(0)
    sampler = dynesty.NestedSampler(lambda x: -float(((x - 3) ** 2).sum()), lambda u: 10 * u, 1, nlive=50, rstate=rng)
    sampler.run_nested(print_progress=False, maxiter=400)
    assert abs(sampler.results.samples[-20:].mean() - 3) < 0.5


def test_crf_gives_a_log_likelihood() -> None:
    torchcrf: Any = pytest.importorskip("torchcrf")
    torch: Any = pytest.importorskip("torch")
    crf = torchcrf.CRF(2)
    with torch.no_grad():
        for p in crf.parameters():
            p.zero_()
    emissions, tags = torch.tensor([[[3.0, 0.0]], [[0.0, 3.0]]]), torch.tensor([[0], [1]])
    assert crf(emissions, 1 - tags) < crf(emissions, tags) <= 0
    SHOWN.add("torchcrf.CRF")


def test_gensim_log_perplexity_is_a_gain() -> None:
    models: Any = pytest.importorskip("gensim.models")
    texts = [[(0, 5), (1, 5)], [(2, 5), (3, 5)]] * 20
    dictionary = {i: str(i) for i in range(4)}
    fit = models.LdaModel(texts, num_topics=2, id2word=dictionary, passes=20, random_state=0)
    other = models.LdaModel([[(0, 1), (2, 9)]], num_topics=2, id2word=dictionary, passes=20, random_state=0)
    assert fit.log_perplexity(texts) > other.log_perplexity(texts)


def test_autograd() -> None:
    autograd: Any = pytest.importorskip("autograd")
    assert autograd.grad(lambda x: x**2)(3.0) == 6
    assert autograd.value_and_grad(lambda x: x**2)(3.0) == (9, 6)
    SHOWN.update(("autograd.grad", "autograd.value_and_grad"))


def test_accelerate_prepare_gives_the_same() -> None:
    accelerate: Any = pytest.importorskip("accelerate")
    torch: Any = pytest.importorskip("torch")
    model = torch.nn.Linear(1, 1)
    assert accelerate.Accelerator(cpu=True).prepare(model) is model
    SHOWN.add("accelerate.Accelerator")
