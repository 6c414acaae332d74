"""Losses and densities of libraries, in the language of the primitives (`language`).

A loss is written for one element, and reduced as the library does. Sources: the libraries' own
documentation of the functions.
"""

from __future__ import annotations

from typing import NamedTuple


class Loss(NamedTuple):
    """``reduced``: by its mean unless the call says otherwise (``reduction``).

    ``without``: arguments that make it another formula.
    """

    params: tuple[str, ...]
    text: str
    reduced: bool = True
    without: tuple[str, ...] = ()


LOSSES = {
    "mse_loss": Loss(("input", "target"), "square(input - target)"),
    "l1_loss": Loss(("input", "target"), "abs(input - target)"),
    "smooth_l1_loss": Loss(
        ("input", "target"),
        "where(less(abs(input - target), 1.0), 0.5 * square(input - target), abs(input - target) - 0.5)",
    ),
    "binary_cross_entropy": Loss(("input", "target"), "-(share(target) * log(input) + (1 - target) * log1p(-input))"),
    "binary_cross_entropy_with_logits": Loss(("input", "target"), "softplus(input) - share(target) * input"),
    "nll_loss": Loss(("input", "target"), "-pick(input, target)"),
    "cross_entropy": Loss(("input", "target"), "-pick(log_softmax(input), target)"),
    "kl_div": Loss(("input", "target"), "xlogy(target, target) - target * input", without=("log_target",)),
    "gaussian_nll_loss": Loss(("input", "target", "var"), "0.5 * (log(var) + square(input - target) / var)"),
    "poisson_nll_loss": Loss(("input", "target"), "exp(input) - target * input", without=("log_input",)),
    "soft_margin_loss": Loss(("input", "target"), "softplus(-target * input)"),
    "softmax_cross_entropy": Loss(("logits", "labels"), "-sum(share(labels) * log_softmax(logits), -1)", False),
    "softmax_cross_entropy_with_integer_labels": Loss(
        ("logits", "labels"), "-pick(log_softmax(logits), labels)", False
    ),
    "sigmoid_binary_cross_entropy": Loss(("logits", "labels"), "softplus(logits) - share(labels) * logits", False),
    "l2_loss": Loss(("predictions", "targets"), "0.5 * square(predictions - targets)", False),
    "squared_error": Loss(("predictions", "targets"), "square(predictions - targets)", False),
    "softmax_cross_entropy_with_logits": Loss(
        ("labels", "logits"), "-sum(share(labels) * log_softmax(logits), -1)", False
    ),
    "sigmoid_cross_entropy_with_logits": Loss(("labels", "logits"), "softplus(logits) - share(labels) * logits", False),
}

# Classes whose objects are called with what the function takes.
CLASSES = {
    "MSELoss": "mse_loss", "L1Loss": "l1_loss", "SmoothL1Loss": "smooth_l1_loss", "BCELoss": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits", "NLLLoss": "nll_loss", "CrossEntropyLoss":
    "cross_entropy", "KLDivLoss": "kl_div", "GaussianNLLLoss": "gaussian_nll_loss", "PoissonNLLLoss":
    "poisson_nll_loss", "SoftMarginLoss": "soft_margin_loss",
}  # fmt: skip


class Density(NamedTuple):
    """``log_prob`` over the parameters and ``x``; ``entropy`` and a draw from standard noise ``z`` where there is one.

    ``instead``: a parameter that another may be given in place of, and how it is computed from that.
    """

    params: tuple[str, ...]
    log_prob: str
    entropy: str = ""
    draw: str = ""
    instead: tuple[tuple[str, str, str], ...] = ()


_LOGITS = (("probs", "logits", "sigmoid(logits)"),)
_SHARES = (("probs", "logits", "softmax(logits)"),)
_RATE = (("rate", "scale", "1 / scale"),)

DENSITIES = {
    "Normal": Density(
        ("loc", "scale"),
        "-0.5 * square((x - loc) / scale) - log(scale) - 0.5 * log(2 * pi)",
        "0.5 + 0.5 * log(2 * pi) + log(scale)",
        "loc + scale * z",
        (("loc", "mean", "mean"), ("scale", "std", "std"), ("scale", "stddev", "stddev")),
    ),
    "Laplace": Density(
        ("loc", "scale"), "-abs(x - loc) / scale - log(2 * scale)", "1 + log(2 * scale)", "loc + scale * z"
    ),
    "Bernoulli": Density(
        ("probs",),
        "share(x) * log(probs) + (1 - x) * log1p(-probs)",
        "-(xlogy(probs, probs) + xlogy(1 - probs, 1 - probs))",
        instead=_LOGITS,
    ),
    "Categorical": Density(("probs",), "pick(log(probs), x)", "-sum(xlogy(probs, probs), -1)", instead=_SHARES),
    "Exponential": Density(("rate",), "log(rate) - rate * amount(x)", "1 - log(rate)", instead=_RATE),
    "Poisson": Density(("rate",), "x * log(rate) - rate - lgamma(x + 1)"),
    "Gamma": Density(
        ("concentration", "rate"),
        "concentration * log(rate) + (concentration - 1) * log(x) - rate * x - lgamma(concentration)",
        "concentration - log(rate) + lgamma(concentration) + (1 - concentration) * digamma(concentration)",
    ),
    "Beta": Density(
        ("concentration1", "concentration0"),
        "(concentration1 - 1) * log(x) + (concentration0 - 1) * log1p(-x)"
        " + lgamma(concentration1 + concentration0) - lgamma(concentration1) - lgamma(concentration0)",
    ),
    "LogNormal": Density(
        ("loc", "scale"), "-log(x) - 0.5 * square((log(x) - loc) / scale) - log(scale) - 0.5 * log(2 * pi)"
    ),
    "Cauchy": Density(("loc", "scale"), "-log(pi * scale) - log1p(square((x - loc) / scale))"),
    "HalfNormal": Density(("scale",), "0.5 * log(2 / pi) - log(scale) - 0.5 * square(amount(x) / scale)"),
    "StudentT": Density(
        ("df", "loc", "scale"),
        "lgamma((df + 1) / 2) - lgamma(df / 2) - 0.5 * log(pi * df) - log(scale)"
        " - (df + 1) / 2 * log1p(square((x - loc) / scale) / df)",
    ),
    "MultivariateNormal": Density(
        ("loc", "covariance_matrix"),
        "-0.5 * (matmul(x - loc, solve(covariance_matrix, x - loc)) + log_det(covariance_matrix)"
        " + size(loc) * log(2 * pi))",
    ),
}
# Another spelling, and what its parameters are called there.
ALIASES = {
    "norm": "Normal", "laplace": "Laplace", "expon": "Exponential", "poisson": "Poisson", "cauchy": "Cauchy",
    "OneHotCategorical": "Categorical", "MultivariateNormalFullCovariance": "MultivariateNormal",
}  # fmt: skip
