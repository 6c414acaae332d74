"""Densities of bounded variables (log-normal, logit-normal, Weibull, …), binomials, and Student's t about zero."""

from __future__ import annotations

from vaelint.formula.reference import Reference
from vaelint.sense import Sense

REFERENCES = (
    Reference(
        "log_normal_nll",
        "log(x) + 0.5 * ((log(x) - m)**2 / v + log(v))",
        Sense.COST, "nll", "the mode of the density", "the negative log-density of a log-normal distribution",
        {"x": "", "m": "", "v": "variance"},
        data="x",
    ),
    Reference(
        "logit_normal_nll",
        "log(x) + log(1 - x) + 0.5 * ((log(x) - log(1 - x) - m)**2 / v + log(v))",
        Sense.COST, "nll", "the mode of the density", "the negative log-density of a logit-normal distribution",
        {"x": "", "m": "", "v": "variance"},
        data="x",
    ),
    Reference(
        "weibull_nll",
        "-(log(k) - log(b) + (k - 1) * (log(x) - log(b)) - (x / b)**k)",
        Sense.COST, "nll", "the mode of the density", "the negative log-density of a Weibull distribution",
        {"x": "", "k": "rate", "b": "scale"},
        data="x",
    ),
    Reference(
        "inverse_gamma_nll",
        "-(a * log(b) - lgamma(a) - (a + 1) * log(x) - b / x)",
        Sense.COST, "nll", "{x} = {b} / ({a} + 1)", "the negative log-density of an inverse gamma distribution",
        {"x": "rate", "a": "rate", "b": "rate"},
        data="x",
        least=("x = b / (a + 1)",),
    ),
    Reference(
        "binomial_nll",
        "-(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log(1 - p))",
        Sense.COST, "nll", "{p} = {k} / {n}", "the negative log-likelihood of a binomial distribution",
        {"n": "", "k": "", "p": "probability"},
        data="k",
        least=("p = k / n",), given={"n": "positive"},
    ),
    Reference(
        "binomial_nll_bare",
        "-(k * log(p) + (n - k) * log(1 - p))",
        Sense.COST, "nll", "{p} = {k} / {n}", "the negative log-likelihood of a binomial distribution",
        {"n": "", "k": "", "p": "probability"},
        data="k",
        least=("p = k / n",), given={"n": "positive"},
    ),
    Reference(
        "binomial_nll_logits",
        "n * softplus(l) - k * l",
        Sense.COST, "nll", "sigmoid({l}) = {k} / {n}", "the negative log-likelihood of a binomial distribution",
        {"n": "", "k": "", "l": ""},
        data="k", slips=False, strict=True,
        least=("l = log(k / n) - log(1 - k / n)",), given={"n": "positive"},
    ),
    Reference(
        "student_t_centred_nll",
        "lgamma(n / 2) - lgamma((n + 1) / 2) + 0.5 * log(pi * n) + log(s) + (n + 1) / 2 * log(1 + x**2 / (n * s**2))",
        Sense.COST, "nll", "{x} = 0", "the negative log-density of Student's t",
        {"x": "", "s": "scale", "n": ""},
        data="x",
        least=("x = 0",),
    ),
    Reference(
        "student_t_standard_nll",
        "lgamma(n / 2) - lgamma((n + 1) / 2) + 0.5 * log(n) + (n + 1) / 2 * log(1 + x**2 / n)",
        Sense.COST, "nll", "{x} = 0", "the negative log-density of Student's t",
        {"x": "", "n": ""},
        data="x",
        least=("x = 0",),
    ),
    Reference(
        "beta_kl",
        "lgamma(c) + lgamma(d) - lgamma(c + d) - lgamma(a) - lgamma(b) + lgamma(a + b)"
        " + (a - c) * digamma(a) + (b - d) * digamma(b) + (c - a + d - b) * digamma(a + b)",
        Sense.COST, "kl", "{a} = {c}, {b} = {d}", "the KL divergence of two beta distributions",
        {"a": "", "b": "", "c": "", "d": ""},
        least=("a = c, b = d",),
    ),
    Reference(
        "laplace_kl_distance",
        "log(c / b) + d / c + b / c * exp(-d / b) - 1",
        Sense.COST, "kl", "{d} = 0, {b} = {c}", "the KL divergence of two Laplace distributions",
        {"d": "", "b": "scale", "c": "scale"},
        least=("d = 0, b = c",), given={"d": "positive"},
    ),
)  # fmt: skip
