"""A finding, an objective and a problem as the engine would give them."""

from __future__ import annotations

from vaelint.evidence import Basis
from vaelint.finding import (
    Cause,
    Confidence,
    Edit,
    Finding,
    Fix,
    Hidden,
    Location,
    ObjectiveReport,
    ObjectiveTerm,
    Problem,
    Result,
    Side,
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
    sides=(Side("value", Basis.LIBRARY), Side("direction", Basis.STRUCTURE)),
    fix=Fix("negate it", (Edit(Location(8, 1, 8, 11), "(-loss(d, x))"),)),
)


def finding(**changes: object) -> Finding:
    from dataclasses import replace

    return replace(FINDING, **changes)  # type: ignore[arg-type]


def objective(status: Status, reason: str = "", *causes: Cause) -> ObjectiveReport:
    terms = (
        ObjectiveTerm(-1, "log_px", Sense.GAIN, "log_density", basis=Basis.LIBRARY),
        ObjectiveTerm(1, "kl", Sense.COST, "kl", basis=Basis.NAME),
    )
    return ObjectiveReport(
        "train.py",
        Location(8, 1, 8, 11),
        "train",
        Direction.MINIMIZE,
        Sense.COST,
        status,
        terms,
        reason,
        direction_basis=Basis.STRUCTURE,
        assumptions=("`beta` is positive",),
        causes=causes,
    )


def cause(hidden: Hidden | None = None, code: str = "VL101") -> Cause:
    """What makes an objective wrong: by default the finding of the samples."""
    return Cause(code, FINDING.filename, FINDING.location, hidden)


RESULT = Result(
    findings=[FINDING],
    objectives=[
        objective(Status.CONSISTENT),
        objective(Status.WRONG, "", cause()),
        objective(Status.UNRESOLVED, "`criterion` is a parameter"),
    ],
    problems=[Problem("broken.py", "cannot be read: it is closed")],
    files=2,
)
