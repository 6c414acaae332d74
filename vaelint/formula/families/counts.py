"""Other log-densities: Poisson, gamma, Student's t, beta, exponential, logistic, von Mises, negative binomial."""

from __future__ import annotations

from vaelint.formula.reference import Reference
from vaelint.sense import Sense

REFERENCES = (
    Reference(
        "poisson_nll",
        "m - y * log(m)",
        Sense.COST, "nll", "{m} = {y}", "the negative log-likelihood of a Poisson distribution",
        {"y": "", "m": "rate"},
        data="y", slips=False,
        least=("m = y",),
    ),
    Reference(
        "poisson_nll_normalised",
        "m - y * log(m) + lgamma(y + 1)",
        Sense.COST, "nll", "{m} = {y}", "the negative log-likelihood of a Poisson distribution",
        {"y": "", "m": "rate"},
        data="y",
        least=("m = y",),
    ),
    Reference(
        "poisson_nll_stirling",
        "m - y * log(m) + y * log(y) - y + 0.5 * log(2 * pi * y)",
        Sense.COST, "nll", "{m} = {y}", "the negative log-likelihood of a Poisson distribution",
        {"y": "", "m": "rate"},
        data="y",
        least=("m = y",),
    ),
    Reference(
        "poisson_deviance",
        "y * log(y / m) - y + m",
        Sense.COST, "nll", "{m} = {y}", "the deviance of a Poisson distribution",
        {"y": "", "m": "rate"},
        data="y",
        least=("m = y",),
    ),
    Reference(
        "exponential_nll",
        "r * x - log(r)",
        Sense.COST, "nll", "{r} = 1 / {x}", "the negative log-density of an exponential distribution",
        {"x": "", "r": "scale"},
        data="x", strict=True, slips=False,
        least=("r = 1 / x",),
    ),
    Reference(
        "gamma_nll",
        "-((a - 1) * log(x) - b * x + a * log(b) - lgamma(a))",
        Sense.COST, "nll", "{b} = {a} / {x}", "the negative log-density of a gamma distribution",
        {"x": "", "a": "rate", "b": "scale"},
        data="x",
        least=("b = a / x",),
    ),
    Reference(
        "beta_nll",
        "-((a - 1) * log(x) + (b - 1) * log(1 - x) + lgamma(a + b) - lgamma(a) - lgamma(b))",
        Sense.COST, "nll", "the mode of the density", "the negative log-density of a beta distribution",
        {"x": "", "a": "rate", "b": "rate"},
        data="x",
    ),
    Reference(
        "student_t_nll",
        "lgamma(n / 2) - lgamma((n + 1) / 2) + 0.5 * log(pi * n) + log(s)"
        " + (n + 1) / 2 * log(1 + ((x - m) / s)**2 / n)",
        Sense.COST, "nll", "{x} = {m}", "the negative log-density of Student's t",
        {"x": "", "m": "", "s": "scale", "n": ""},
        data="x",
        least=("x = m",),
    ),
    Reference(
        "evidential_nig_nll",
        "0.5 * log(pi / v) - a * log(o) + (a + 0.5) * log((y - g)**2 * v + o) + lgamma(a) - lgamma(a + 0.5)",
        Sense.COST, "nll", "{g} = {y}", "the negative log-likelihood of evidential regression",
        {"y": "", "g": "", "v": "", "a": "", "o": ""},
        data="y",
        least=("g = y",),
    ),
    Reference(
        "logistic_nll",
        "(x - m) / s + log(s) + 2 * log(1 + exp(-(x - m) / s))",
        Sense.COST, "nll", "{x} = {m}", "the negative log-density of a logistic distribution",
        {"x": "", "m": "", "s": "scale"},
        data="x",
        least=("x = m",),
    ),
    Reference(
        "standard_logistic_nll",
        "x + 2 * softplus(-x)",
        Sense.COST, "nll", "{x} = 0", "the negative log-density of a standard logistic distribution",
        {"x": ""},
        data="x", strict=True, slips=False,
        least=("x = 0",),
    ),
    Reference(
        "von_mises_nll",
        "-(k * cos(x - m) - log(i0(k)))",
        Sense.COST, "nll", "{x} = {m} where {k} is above 0", "the negative log-density of a von Mises distribution",
        {"x": "", "m": "", "k": ""},
        data="x",
        least=("x = m",), given={"k": "positive"},
    ),
    Reference(
        "gamma_kl",
        "(a - c) * digamma(a) - lgamma(a) + lgamma(c) + c * (log(b) - log(d)) + a * (d - b) / b",
        Sense.COST, "kl", "{a} = {c}, {b} = {d}", "the KL divergence of two gamma distributions",
        {"a": "", "b": "scale", "c": "", "d": "scale"},
        least=("a = c, b = d",),
    ),
    Reference(
        "cauchy_nll",
        "log(s) + log(1 + ((x - m) / s)**2)",
        Sense.COST, "nll", "{x} = {m}", "the negative log-density of a Cauchy distribution",
        {"x": "", "m": "", "s": "scale"},
        data="x",
        least=("x = m",),
    ),
    Reference(
        "negative_binomial_nll",
        "-(r * (log(r + e0) - log(r + m + e0)) + y * (log(m + e0) - log(r + m + e0))"
        " + lgamma(y + r) - lgamma(r) - lgamma(y + 1))",
        Sense.COST, "nll", "{m} + {e0} = {y}", "the negative log-likelihood of a negative binomial",
        {"y": "", "m": "", "r": "", "e0": ""},
        data="y",
        least=("m = y - e0",),
    ),
    Reference(
        "negative_binomial_nll_plain",
        "-(r * (log(r) - log(r + m)) + y * (log(m) - log(r + m)) + lgamma(y + r) - lgamma(r) - lgamma(y + 1))",
        Sense.COST, "nll", "{m} = {y}", "the negative log-likelihood of a negative binomial",
        {"y": "", "m": "rate", "r": "rate"},
        data="y",
        least=("m = y",),
    ),
)  # fmt: skip
