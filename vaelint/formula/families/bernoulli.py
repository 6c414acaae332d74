"""Bernoulli and categorical variables: cross-entropies with and without logits, divergences, entropies."""

from __future__ import annotations

from vaelint.formula.reference import Reference
from vaelint.sense import Sense

REFERENCES = (
    Reference(
        "bce",
        "-(y * log(p) + (1 - y) * log(1 - p))",
        Sense.COST, "cross_entropy", "{p} = {y}", "the binary cross-entropy",
        {"y": "", "p": "probability"},
        data="y",
    ),
    Reference(
        "bce_logits",
        "softplus(l) - y * l",
        Sense.COST, "cross_entropy", "sigmoid({l}) = {y}", "the binary cross-entropy of a logit",
        {"y": "", "l": ""},
        data="y",
    ),
    Reference(
        "bce_signs",
        "softplus(-y * l)",
        Sense.COST, "error", "{l} has the sign of {y}", "the logistic loss",
        {"y": "", "l": ""},
        data="y", slips=False, strict=True,
    ),
    Reference(
        "bce_weighted",
        "-(w * y * log(p) + (1 - y) * log(1 - p))",
        Sense.COST, "cross_entropy", "{p} follows {y}", "the binary cross-entropy with a weight on the positive class",
        {"y": "", "p": "probability", "w": ""},
        data="y",
    ),
    Reference(
        "focal_bce",
        "-(y * (1 - p)**2 * log(p) + (1 - y) * p**2 * log(1 - p))",
        Sense.COST, "cross_entropy", "{p} = {y}", "the focal loss",
        {"y": "", "p": "probability"},
        data="y",
    ),
    Reference(
        "bernoulli_kl",
        "q * log(q / p) + (1 - q) * log((1 - q) / (1 - p))",
        Sense.COST, "kl", "{p} = {q}", "the KL divergence of two Bernoulli distributions",
        {"q": "probability", "p": "probability"},
    ),
    Reference(
        "bernoulli_entropy",
        "-(p * log(p) + (1 - p) * log(1 - p))",
        Sense.UNKNOWN, "entropy", "", "the entropy of a Bernoulli distribution",
        {"p": "probability"},
    ),
    Reference(
        "negative_entropy",
        "-(p * log(p))",
        Sense.UNKNOWN, "entropy", "", "an entropy",
        {"p": "mass"},
        strict=True, slips=False,
    ),
    Reference(
        "categorical_kl",
        "p * log(p / q)",
        Sense.COST, "kl", "{p} = {q}", "the KL divergence of two distributions",
        {"p": "mass", "q": "mass"},
        strict=True, slips=False,
    ),
    Reference(
        "mutual_information",
        "r * log(r / (p * q))",
        Sense.GAIN, "mutual_information", "{r} far from {p} * {q}", "the mutual information of a joint table",
        {"r": "mass", "p": "mass", "q": "mass"},
        strict=True, slips=False,
    ),
    Reference(
        "soft_cross_entropy",
        "-(p * log(q))",
        Sense.COST, "cross_entropy", "{q} = {p}", "the cross-entropy of two distributions",
        {"p": "weight", "q": "mass"},
        data="p", strict=True, slips=False,
    ),
    Reference(
        "generalised_kl",
        "p * log(p / q) - p + q",
        Sense.COST, "kl", "{p} = {q}", "the generalised KL divergence",
        {"p": "mass", "q": "mass"},
    ),
    Reference(
        "jensen_shannon",
        "0.5 * p * log(p / (0.5 * (p + q))) + 0.5 * q * log(q / (0.5 * (p + q)))",
        Sense.COST, "kl", "{p} = {q}", "the Jensen-Shannon divergence",
        {"p": "mass", "q": "mass"},
    ),
    Reference(
        "symmetric_kl",
        "(p - q) * log(p / q)",
        Sense.COST, "kl", "{p} = {q}", "the symmetric KL divergence",
        {"p": "mass", "q": "mass"},
        slips=False, strict=True,
    ),
    Reference(
        "kl_estimator_k3",
        "exp(d) - d - 1",
        Sense.COST, "kl", "{d} = 0", "an estimate of a KL divergence from a log-ratio",
        {"d": ""},
        exact=True, slips=False,
    ),
    Reference(
        "kl_estimator_pair",
        "exp(a - b) - (a - b) - 1",
        Sense.COST, "kl", "{a} = {b}", "an estimate of a KL divergence from log-probabilities",
        {"a": "", "b": ""},
        exact=True, slips=False,
    ),
    Reference(
        "kl_estimator_ratio",
        "r - log(r) - 1",
        Sense.COST, "kl", "{r} = 1", "an estimate of a KL divergence from a ratio",
        {"r": ""},
        exact=True, strict=True, slips=False,
    ),
)  # fmt: skip
