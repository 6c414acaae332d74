"""Gaussian log-densities and divergences between Gaussians, per dimension."""

from __future__ import annotations

from vaelint.formula.reference import Reference
from vaelint.sense import Sense

_KL = "https://arxiv.org/abs/1312.6114 (appendix B)"

REFERENCES = (
    Reference(
        "gaussian_kl_standard",
        "0.5 * (mu**2 + v - 1 - log(v))",
        Sense.COST, "kl", "{mu} = 0, {v} = {v:1}", "the KL divergence of a Gaussian from N(0, 1)",
        {"mu": "", "v": "variance"},
        source=_KL,
    ),
    Reference(
        "gaussian_kl_scale",
        "0.5 * (v / w - 1 - log(v / w))",
        Sense.COST, "kl", "{v} = {w}", "the KL divergence of two centred Gaussians",
        {"v": "variance", "w": "variance"},
        slips=False,
    ),
    Reference(
        "gaussian_kl_prior_scale",
        "0.5 * ((mu**2 + v) / w - 1 - log(v / w))",
        Sense.COST, "kl", "{mu} = 0, {v} = {w}", "the KL divergence of a Gaussian from a centred Gaussian",
        {"mu": "", "v": "variance", "w": "variance"},
    ),
    Reference(
        "gaussian_kl_unit_prior",
        "0.5 * ((mu - nu)**2 + v - 1 - log(v))",
        Sense.COST, "kl", "{mu} = {nu}, {v} = {v:1}", "the KL divergence of a Gaussian from one of variance 1",
        {"mu": "", "nu": "", "v": "variance"},
    ),
    Reference(
        "gaussian_kl",
        "0.5 * ((v + (mu - nu)**2) / w - 1 - log(v / w))",
        Sense.COST, "kl", "{mu} = {nu}, {v} = {w}", "the KL divergence of two Gaussians",
        {"mu": "", "nu": "", "v": "variance", "w": "variance"},
        source="https://en.wikipedia.org/wiki/Kullback%E2%80%93Leibler_divergence#Multivariate_normal_distributions",
    ),
    Reference(
        "gaussian_kl_residual",
        "0.5 * ((v + d**2) / w - 1 - log(v / w))",
        Sense.COST, "kl", "{d} = 0, {v} = {w}", "the KL divergence of two Gaussians whose means differ by {d}",
        {"d": "", "v": "variance", "w": "variance"},
    ),
    Reference(
        "gaussian_kl_standard_sum_scale",
        "0.5 * (v - 1 - log(v))",
        Sense.COST, "kl", "{v} = {v:1}", "the KL divergence of a centred Gaussian from N(0, 1)",
        {"v": "variance"},
        strict=True, slips=False,
    ),
    Reference(
        "gaussian_nll",
        "0.5 * ((x - mu)**2 / v + log(v))",
        Sense.COST, "nll", "{x} = {mu}, and {v} their mean squared distance", "the negative log-density of a Gaussian",
        {"x": "", "mu": "", "v": "variance"},
        data="x",
    ),
    Reference(
        "gaussian_nll_residual",
        "0.5 * (r**2 / v + log(v))",
        Sense.COST, "nll", "{r} = 0, and {v} the mean of its square", "the negative log-density of a Gaussian",
        {"r": "", "v": "variance"},
        data="r",
    ),
    Reference(
        "gaussian_nll_squares",
        "0.5 * (q / v + log(v))",
        Sense.COST, "nll", "{v} the mean of the squares {q}", "the negative log-density of a Gaussian",
        {"q": "", "v": "variance"},
        data="q", slips=False, strict=True,
    ),
    Reference(
        "gaussian_nll_squares_normalised",
        "0.5 * (q / v + log(2 * pi * v))",
        Sense.COST, "nll", "{v} the mean of the squares {q}", "the negative log-density of a Gaussian",
        {"q": "", "v": "variance"},
        data="q", exact=True,
    ),
    Reference(
        "gaussian_nll_counted",
        "0.5 * (q / v + n * log(2 * pi * v))",
        Sense.COST, "nll", "{v} = {q} / {n}, the mean of the squares",
        "the negative log-likelihood of {n} Gaussian values",
        {"q": "", "n": "", "v": "variance"},
        data="q", exact=True,
    ),
    Reference(
        "standard_normal_nll",
        "0.5 * (z**2 + log(2 * pi))",
        Sense.COST, "nll", "{z} = 0", "the negative log-density of a standard normal",
        {"z": ""},
        data="z", exact=True, slips=False,
    ),
    Reference(
        "unit_gaussian_nll",
        "0.5 * ((x - mu)**2 + log(2 * pi))",
        Sense.COST, "nll", "{x} = {mu}", "the negative log-density of a Gaussian of variance 1",
        {"x": "", "mu": ""},
        data="x", exact=True, slips=False,
    ),
    Reference(
        "gaussian_entropy",
        "0.5 * log(2 * pi * math.e * v)",
        Sense.UNKNOWN, "entropy", "", "the entropy of a Gaussian",
        {"v": "variance"},
        exact=True, slips=False,
    ),
    Reference(
        "expected_gaussian_nll",
        "0.5 * ((mu - nu)**2 + v) / w + 0.5 * log(w)",
        Sense.COST, "cross_entropy", "{mu} = {nu}, {v} + ({mu} - {nu})**2 = {w}", "the cross-entropy of two Gaussians",
        {"mu": "", "nu": "", "v": "second moment", "w": "variance"},
    ),
    Reference(
        "heteroscedastic_l1",
        "abs(x - mu) / b + log(b)",
        Sense.COST, "nll", "{x} = {mu}, and {b} their mean distance",
        "the negative log-density of a Laplace distribution",
        {"x": "", "mu": "", "b": "scale"},
        data="x",
    ),
    Reference(
        "laplace_residual",
        "abs(r) / b + log(b)",
        Sense.COST, "nll", "{r} = 0, and {b} its mean size", "the negative log-density of a Laplace distribution",
        {"r": "", "b": "scale"},
        data="r",
    ),
    Reference(
        "laplace_kl",
        "log(c / b) + abs(m - n) / c + b / c * exp(-abs(m - n) / b) - 1",
        Sense.COST, "kl", "{m} = {n}, {b} = {c}", "the KL divergence of two Laplace distributions",
        {"m": "", "n": "", "b": "scale", "c": "scale"},
    ),
)  # fmt: skip
