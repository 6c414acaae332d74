"""A finding, an objective and a problem as the engine would give them."""

from __future__ import annotations

from vaelint.finding import (
    Confidence,
    Edit,
    Finding,
    Fix,
    Location,
    ObjectiveReport,
    ObjectiveTerm,
    Problem,
    Result,
    Status,
    Step,
)
from vaelint.sense import Direction, Sense

SOURCE = """\
import torch

def loss(dist, x):
    recon = dist.log_prob(x).sum()
    return recon

optimizer = torch.optim.Adam(())
loss(d, x).backward()
"""

FINDING = Finding(
    code="VL101",
    name="likelihood-minimized",
    message="`loss(d, x)` is a log-likelihood ↑, and `optimizer` minimises it",
    filename="train.py",
    location=Location(8, 1, 8, 11),
    confidence=Confidence.CERTAIN,
    help="negate it: `(-loss(d, x)).backward()`",
    trace=(
        Step("train.py", Location(4, 13, 4, 29), "`log_prob` is a log density ↑"),
        Step("train.py", Location(5, 12, 5, 17), "`loss` returns it ↑"),
    ),
    fix=Fix("negate it", (Edit(Location(8, 1, 8, 11), "(-loss(d, x))"),)),
)


def finding(**changes: object) -> Finding:
    from dataclasses import replace

    return replace(FINDING, **changes)  # type: ignore[arg-type]


def objective(status: Status, reason: str = "") -> ObjectiveReport:
    terms = (ObjectiveTerm(-1, "log_px", Sense.GAIN, "log_density"), ObjectiveTerm(1, "kl", Sense.COST, "kl"))
    place = Location(8, 1, 8, 11)
    return ObjectiveReport("train.py", place, "train", Direction.MINIMIZE, Sense.COST, status, terms, reason)


RESULT = Result(
    findings=[FINDING],
    objectives=[
        objective(Status.CONSISTENT),
        objective(Status.WRONG),
        objective(Status.UNRESOLVED, "`criterion` is a parameter"),
    ],
    problems=[Problem("broken.py", "invalid syntax", Location(3, 7, 3, 7))],
    files=2,
)
