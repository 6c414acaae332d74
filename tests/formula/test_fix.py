"""The fix that VL402 offers gives the formula that was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config

pytestmark = pytest.mark.usefixtures("elsewhere")
SLIPS = {
    "-0.5 * torch.sum(1 + logvar - mu**2 + logvar.exp())": "-0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp())",
    "0.5 * (mu**2 + s**2 + (2 * torch.log(s)) - 1)": "0.5 * (mu**2 + s**2 - (2 * torch.log(s)) - 1)",
}


@pytest.mark.parametrize("wrong, right", SLIPS.items())
def test_the_fix_mends_the_formula(wrong: str, right: str) -> None:
    head = "import torch\n\ndef kl_loss(mu, logvar, s):\n    kl = "
    text = f"{head}{wrong}\n    return kl\n"
    result = analyse([], Config(), stdin=("model.py", text))
    [finding] = result.findings
    assert finding.code == "VL402"
    assert finding.fix is not None
    assert not finding.fix.safe
    [edit] = finding.fix.edits
    rows = text.split("\n")
    row = rows[edit.location.row - 1]
    rows[edit.location.row - 1] = row[: edit.location.column - 1] + edit.content + row[edit.location.end_column - 1 :]
    mended = "\n".join(rows)
    assert right in mended
    assert not analyse([], Config(), stdin=(str(Path("model.py")), mended)).findings
