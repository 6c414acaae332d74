"""Errors between a prediction and a target."""

from __future__ import annotations

from vaelint.formula.reference import Reference
from vaelint.sense import Sense

REFERENCES = (
    Reference(
        "squared_error", "(x - y)**2",
        Sense.COST, "error", "{x} = {y}", "a squared error",
        {"x": "", "y": ""}, slips=False,
        least=("x = y",),
    ),
    Reference(
        "absolute_error", "abs(x - y)",
        Sense.COST, "error", "{x} = {y}", "an absolute error",
        {"x": "", "y": ""}, slips=False,
        least=("x = y",),
    ),
    Reference(
        "log_cosh", "log(cosh(x - y))",
        Sense.COST, "error", "{x} = {y}", "the log-cosh error",
        {"x": "", "y": ""}, slips=False,
        least=("x = y",),
    ),
    Reference(
        "log_cosh_softplus",
        "(x - y) + softplus(-2 * (x - y))",
        Sense.COST, "error", "{x} = {y}", "the log-cosh error",
        {"x": "", "y": ""}, slips=False,
        least=("x = y",),
    ),
    Reference(
        "charbonnier",
        "sqrt((x - y)**2 + 1)",
        Sense.COST, "error", "{x} = {y}", "the Charbonnier error",
        {"x": "", "y": ""}, slips=False,
        least=("x = y",),
    ),
    Reference(
        "hinge", "relu(1 - y * s)", Sense.COST, "error", "{y} * {s} of at least 1", "the hinge loss",
        {"y": "", "s": ""}, slips=False,
        least=("s = 2 / y",),
    ),
    Reference(
        "quantile",
        "max(q * (y - p), (q - 1) * (y - p))",
        Sense.COST, "error", "{p} = {y} for one {y}, the {q} quantile of many, where {q} is between 0 and 1",
        "the quantile loss",
        {"q": "", "y": "", "p": ""},
        least=("p = y",), given={"q": "unit"},
    ),
    Reference(
        "squared_log_error",
        "(log(x + 1) - log(y + 1))**2",
        Sense.COST, "error", "{x} = {y}", "the squared logarithmic error",
        {"x": "", "y": ""}, slips=False,
        least=("x = y",),
    ),
    Reference(
        "itakura_saito",
        "x / y - log(x / y) - 1",
        Sense.COST, "error", "{x} = {y}", "the Itakura-Saito divergence",
        {"x": "", "y": ""}, slips=False,
        least=("x = y",),
    ),
    Reference(
        "pairwise_logistic",
        "softplus(-(a - b))",
        Sense.COST, "error", "{a} far above {b}", "the pairwise logistic loss (Bradley-Terry)",
        {"a": "", "b": ""}, slips=False, strict=True,
        least=("a = b + 50",),
    ),
)  # fmt: skip
