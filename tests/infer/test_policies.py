"""What the laws of reinforcement learning say of single lines, the right spelling beside the wrong one."""

from __future__ import annotations

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.evidence import Confidence

pytestmark = pytest.mark.usefixtures("elsewhere")
PARAMETERS = "b, q, q_next, log_pi, log_prob, old_log_prob, ref_logp, adv, rewards, kl_coef, alpha"
HEAD = f"import torch\n\n\ndef update({PARAMETERS}):\n"


def codes(*lines: str) -> list[str]:
    text = HEAD + "".join(f"    {line}\n" for line in lines)
    return [f.code for f in analyse([], Config(min_confidence=Confidence.POSSIBLE), stdin=("update.py", text)).findings]


RATIO = "r = torch.exp(log_prob - old_log_prob)"
RIGHT = {
    "soft value": ("target = q_next - alpha * log_pi",),
    "soft value, turned": ("loss = alpha * log_pi - q",),
    "soft value of an entropy": ("target = q_next + alpha * b.entropy",),
    "log-probability of data": ("total = q_next + log_prob",),
    "Munchausen": ("target = rewards + alpha * log_pi + b.gamma * (q_next - alpha * b.next_log_pi)",),
    "penalised reward": ("rewards = rewards - kl_coef * (log_prob - ref_logp)",),
    "minimum": (RATIO, "x = torch.min(r * adv, r.clamp(0.8, 1.2) * adv)"),
    "maximum of negated": (
        RATIO,
        "x = torch.max(-r * adv, -r.clamp(0.8, 1.2) * adv)",
    ),
    "no clipping": (RATIO, "x = torch.max(r * adv, 3.0 * adv)"),
}
WRONG = {
    "soft value": ("target = q_next + alpha * log_pi",),
    "soft value, turned": ("loss = -alpha * log_pi - q",),
    "penalised reward": ("rewards = rewards + kl_coef * (log_prob - ref_logp)",),
    "maximum": (RATIO, "x = torch.max(r * adv, r.clamp(0.8, 1.2) * adv)"),
    "minimum of negated": (
        RATIO,
        "x = torch.min(-r * adv, -r.clamp(0.8, 1.2) * adv)",
    ),
}


@pytest.mark.parametrize("lines", RIGHT.values(), ids=RIGHT)
def test_the_right_spelling_is_silent(lines: tuple[str, ...]) -> None:
    assert codes(*lines) == []


@pytest.mark.parametrize("lines", WRONG.values(), ids=WRONG)
def test_one_turned_sign_is_reported(lines: tuple[str, ...]) -> None:
    assert codes(*lines) == ["VL401"]
