"""Errors between a prediction and a target."""

from __future__ import annotations

from vaelint.formula.reference import Reference
from vaelint.sense import Sense

REFERENCES = (
    Reference(
        "squared_error", "(x - y)**2",
        Sense.COST, "error", "{x} = {y}", "a squared error",
        {"x": "", "y": ""}, slips=False,
    ),
    Reference(
        "absolute_error", "abs(x - y)",
        Sense.COST, "error", "{x} = {y}", "an absolute error",
        {"x": "", "y": ""}, slips=False,
    ),
    Reference(
        "log_cosh", "log(cosh(x - y))",
        Sense.COST, "error", "{x} = {y}", "the log-cosh error",
        {"x": "", "y": ""}, slips=False,
    ),
    Reference(
        "log_cosh_softplus",
        "(x - y) + softplus(-2 * (x - y))",
        Sense.COST, "error", "{x} = {y}", "the log-cosh error",
        {"x": "", "y": ""}, slips=False,
    ),
    Reference(
        "charbonnier",
        "sqrt((x - y)**2 + 1)",
        Sense.COST, "error", "{x} = {y}", "the Charbonnier error",
        {"x": "", "y": ""}, slips=False,
    ),
    Reference(
        "hinge", "relu(1 - y * s)", Sense.COST, "error", "{s} has the sign of {y}", "the hinge loss",
        {"y": "", "s": ""}, slips=False,
    ),
    Reference(
        "quantile",
        "max(q * (y - p), (q - 1) * (y - p))",
        Sense.COST, "error", "{p} is the {q} quantile of {y}", "the quantile loss",
        {"q": "", "y": "", "p": ""},
    ),
    Reference(
        "squared_log_error",
        "(log(x + 1) - log(y + 1))**2",
        Sense.COST, "error", "{x} = {y}", "the squared logarithmic error",
        {"x": "", "y": ""}, slips=False,
    ),
    Reference(
        "itakura_saito",
        "x / y - log(x / y) - 1",
        Sense.COST, "error", "{x} = {y}", "the Itakura-Saito divergence",
        {"x": "", "y": ""}, slips=False,
    ),
    Reference(
        "pairwise_logistic",
        "softplus(-(a - b))",
        Sense.COST, "error", "{a} above {b}", "the pairwise logistic loss (Bradley-Terry)",
        {"a": "", "b": ""}, slips=False, strict=True,
    ),
)  # fmt: skip
