"""torch: losses are least at their target, densities greatest at the mode, optimisers go where they are said to go."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from tests.rules.proofs import SHOWN, entries, number, resolve, short
from vaelint.knowledge import Entry
from vaelint.sense import Sense

torch: Any = pytest.importorskip("torch")
F = torch.nn.functional

GOOD = torch.tensor([[4.0, 0.1, -3.0], [-3.0, 0.2, 4.0]])  # logits for classes 0 and 2
BAD = GOOD.flip(0)
CLASSES = torch.tensor([0, 2])
ONE_HOT = F.one_hot(CLASSES, 3).double()
SIGNS = torch.tensor([1.0, -1.0])
X = torch.tensor([[0.3, 0.8, 0.1], [0.2, 0.5, 0.9]])
FAR = X.flip(1) + 1

# For each loss: what it is called with when it should be small, and when it should be great.
SAMPLES: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    **dict.fromkeys(("mse", "l1", "smooth_l1", "huber"), ((X, X), (FAR, X))),
    "cross_entropy": ((GOOD, CLASSES), (BAD, CLASSES)),
    "binary_cross_entropy": ((GOOD.double().sigmoid(), ONE_HOT), (BAD.double().sigmoid(), ONE_HOT)),
    "binary_cross_entropy_with_logits": ((GOOD, ONE_HOT), (BAD, ONE_HOT)),
    "multilabel_soft_margin": ((GOOD, ONE_HOT), (BAD, ONE_HOT)),
    "soft_margin": ((GOOD, ONE_HOT * 2 - 1), (BAD, ONE_HOT * 2 - 1)),
    "nll": ((GOOD.log_softmax(1), CLASSES), (BAD.log_softmax(1), CLASSES)),
    "gaussian_nll": ((X, X, torch.ones_like(X)), (FAR, X, torch.ones_like(X))),
    "poisson_nll": ((X.log(), X), (FAR.log(), X)),
    "ctc": (
        (GOOD.log_softmax(1)[:, None], torch.tensor([[2]]), torch.tensor([2]), torch.tensor([1])),
        (GOOD.roll(1, 1).log_softmax(1)[:, None], torch.tensor([[2]]), torch.tensor([2]), torch.tensor([1])),
    ),
    "kl": ((X.log_softmax(1), X.softmax(1)), (FAR.log_softmax(1), X.softmax(1))),
    "hinge_embedding": ((torch.tensor([0.1, 3.0]), SIGNS), (torch.tensor([3.0, 0.1]), SIGNS)),
    "margin_ranking": ((X[0], X[0] - 1, torch.ones(3)), (X[0] - 1, X[0], torch.ones(3))),
    "multilabel_margin": (
        (GOOD, torch.tensor([[0, -1, 0], [2, -1, 0]])),
        (BAD, torch.tensor([[0, -1, 0], [2, -1, 0]])),
    ),
    "multi_margin": ((GOOD, CLASSES), (BAD, CLASSES)),
    "triplet_margin": ((X, X, FAR), (X, FAR, X)),
    "triplet_margin_with_distance": ((X, X, FAR), (X, FAR, X)),
    "cosine_embedding": ((X, X, torch.ones(2)), (X, -X, torch.ones(2))),
    "cosine_similarity": ((X, X), (X, -X)),
    "distance": ((X, X), (X, FAR)),
}

SPELLED = {
    "BCE": "binary_cross_entropy", "BCEWithLogits": "binary_cross_entropy_with_logits", "CrossEntropy": "cross_entropy",
    "NLL": "nll", "GaussianNLL": "gaussian_nll", "PoissonNLL": "poisson_nll", "MSE": "mse", "L1": "l1", "CTC": "ctc",
    "SmoothL1": "smooth_l1", "Huber": "huber", "KLDiv": "kl", "MultiLabelSoftMargin": "multilabel_soft_margin",
    "SoftMargin": "soft_margin", "HingeEmbedding": "hinge_embedding", "MarginRanking": "margin_ranking",
    "MultiLabelMargin": "multilabel_margin", "MultiMargin": "multi_margin", "TripletMargin": "triplet_margin",
    "TripletMarginWithDistance": "triplet_margin_with_distance", "CosineEmbedding": "cosine_embedding",
    "CosineSimilarity": "cosine_similarity", "PairwiseDistance": "distance", "NLLLoss2d": "nll", "kl_div": "kl",
    "cdist": "distance", "pairwise_distance": "distance", "dist": "distance",
}  # fmt: skip

DIRECTED = [
    e
    for e in entries("torch")
    if e.sense in (Sense.GAIN, Sense.COST) and e.makes in ("", "loss") and not e.name.startswith("torch.distributions")
]


@pytest.mark.parametrize("entry", DIRECTED, ids=lambda e: e.name)
def test_losses(entry: Entry) -> None:
    name = short(entry).removesuffix("Loss").removesuffix("_loss")
    near, far = SAMPLES[SPELLED.get(short(entry), SPELLED.get(name, name))]
    f = resolve(entry.name)() if entry.makes == "loss" else resolve(entry.name)
    if entry.name in (
        "torch.poisson_nll_loss",
        "torch.binary_cross_entropy_with_logits",
        "torch.kl_div",
        "torch.ctc_loss",
    ):
        pytest.skip("torch's inner function: it wants all its arguments")
    good, bad = number(f(*near)), number(f(*far))
    assert good > bad if entry.sense is Sense.GAIN else good < bad


def test_nll_loss_needs_log_probabilities() -> None:
    """Given their negation it is least where the model is wrong."""
    right, wrong = GOOD.log_softmax(1), BAD.log_softmax(1)
    assert F.nll_loss(right, CLASSES) < F.nll_loss(wrong, CLASSES)
    assert F.nll_loss(-right, CLASSES) > F.nll_loss(-wrong, CLASSES)


D = torch.distributions
MADE = {
    "Normal": (0.5, 1.0), "Laplace": (0.5, 1.0), "Cauchy": (0.5, 1.0), "Gumbel": (0.5, 1.0), "StudentT": (3.0, 0.5),
    "HalfNormal": (1.0,), "HalfCauchy": (1.0,), "Exponential": (2.0,), "Gamma": (3.0, 2.0), "InverseGamma": (3.0, 2.0),
    "Beta": (3.0, 2.0), "Chi2": (4.0,), "LogNormal": (0.1, 0.5), "Weibull": (1.5, 2.0), "Kumaraswamy": (2.0, 2.0),
    "VonMises": (0.5, 2.0), "FisherSnedecor": (4.0, 6.0), "Pareto": (1.0, 3.0), "Poisson": (3.0,), "Geometric": (0.4,),
    "Bernoulli": (0.7,), "Binomial": (5, 0.6), "NegativeBinomial": (4.0, 0.5),
}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
def test_log_prob_is_greatest_at_the_mode(name: str) -> None:
    made = resolve(f"torch.distributions.{name}")(*map(torch.tensor, MADE[name]))
    draws = made.sample((500,))
    made = resolve(f"torch.distributions.{name}")(*map(torch.tensor, MADE[name]), validate_args=False)
    try:
        mode = made.mode
    except NotImplementedError:
        mode = torch.tensor(float("nan"))
    if mode.isnan():
        mode = draws[made.log_prob(draws).argmax()]
    assert (made.log_prob(mode) >= made.log_prob(draws) - 1e-5).all()
    assert made.log_prob(mode) > made.log_prob(draws).mean()


def test_kl_is_least_where_both_are_one() -> None:
    p, q = D.Normal(0.0, 1.0), D.Normal(1.0, 2.0)
    assert D.kl_divergence(p, p) == 0 < D.kl_divergence(p, q)
    SHOWN.add("torch.distributions.kl_divergence")


OPTIMISERS = list(entries("torch", makes="optimizer"))


@pytest.mark.parametrize("entry", OPTIMISERS, ids=lambda e: e.name)
@pytest.mark.parametrize("up", [False, True])
def test_optimisers(entry: Entry, up: bool) -> None:
    if short(entry) in ("Optimizer", "SparseAdam"):
        pytest.skip("abstract, or for sparse gradients alone")
    if up and not entry.direction_flag:
        with pytest.raises(TypeError):
            resolve(entry.name)([torch.ones(1, 1)], lr=0.1, maximize=True)
        return
    if up and entry.direction_flag not in inspect.signature(resolve(entry.name)).parameters:
        pytest.skip("this release has no such flag")
    x = torch.full((1, 1), 3.0, requires_grad=True)
    options = {entry.direction_flag: True} if up else {}
    optimizer = resolve(entry.name)([x], lr=0.1, **options)

    def closure() -> Any:
        optimizer.zero_grad()
        value = (x**2).sum()
        value.backward()
        return value

    for _ in range(5):
        optimizer.step(closure)
    assert (x.item() > 3) is up


def test_detached_values_are_kept_and_gradients_are_not() -> None:
    x = torch.tensor(2.0, requires_grad=True)
    assert torch.detach(x) == x
    assert not torch.detach(x).requires_grad
    SHOWN.add("torch.detach")


@pytest.mark.parametrize("entry", list(entries("torch", makes="probability")), ids=lambda e: e.name)
def test_probabilities(entry: Entry) -> None:
    made = resolve(entry.name)(GOOD, **({"dim": 1} if "soft" in entry.name else {}))
    assert ((made >= 0) & (made <= 1)).all()


@pytest.mark.parametrize("entry", list(entries("torch", makes="gradient")), ids=lambda e: e.name)
def test_gradients(entry: Entry) -> None:
    made = resolve(entry.name)(lambda x: x**2)(torch.tensor(3.0))
    assert (made[0] if isinstance(made, tuple) else made) == 6
