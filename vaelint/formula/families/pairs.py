"""Losses of pairs: near where a label says alike, apart where it says different."""

from __future__ import annotations

from vaelint.formula.reference import Reference
from vaelint.sense import Sense

_PAIRS = "http://yann.lecun.com/exdb/publis/pdf/hadsell-chopra-lecun-06.pdf"

REFERENCES = (
    Reference(
        "pair_loss",
        "y * d**2 + (1 - y) * relu(m - d)**2",
        Sense.COST, "contrastive", "{d} = 0 where {y} = 1, {d} beyond {m} where {y} = 0", "the loss of a pair",
        {"y": "", "d": "", "m": ""},
        source=_PAIRS,
        least=("d = (1 - y) * (m + 1)",), given={"y": "binary", "d": "positive", "m": "positive"},
    ),
    Reference(
        "pair_loss_of_difference",
        "(1 - y) * d**2 + y * relu(m - d)**2",
        Sense.COST, "contrastive", "{d} = 0 where {y} = 0, {d} beyond {m} where {y} = 1", "the loss of a pair",
        {"y": "", "d": "", "m": ""},
        source=_PAIRS,
        least=("d = y * (m + 1)",), given={"y": "binary", "d": "positive", "m": "positive"},
    ),
    Reference(
        "pair_loss_squared_distance",
        "y * d + (1 - y) * relu(m - d)",
        Sense.COST, "contrastive", "{d} = 0 where {y} = 1, {d} beyond {m} where {y} = 0", "the loss of a pair",
        {"y": "", "d": "", "m": ""},
        least=("d = (1 - y) * (m + 1)",), given={"y": "binary", "d": "positive", "m": "positive"},
    ),
    Reference(
        "pair_loss_root",
        "y * d + (1 - y) * relu(m - sqrt(d))**2",
        Sense.COST, "contrastive", "{d} = 0 where {y} = 1, {d} beyond the margin where {y} = 0", "the loss of a pair",
        {"y": "", "d": "", "m": ""},
        least=("d = (1 - y) * (m + 1)**2",), given={"y": "binary", "d": "positive", "m": "positive"},
    ),
)  # fmt: skip
