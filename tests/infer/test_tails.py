"""A log-density falls far out, whatever it is of: one that rises there on every side has its sign turned."""

from __future__ import annotations

import pytest

from tests.runs import analyse
from vaelint.config import Config

SILENT = {
    "it falls": "-np.abs(x - self.loc) / self.scale",
    "it falls on one side and rises on the other": "x * self.loc",
    "its parameter may have either sign": "self.weight * np.log1p(x**2) * x**2",
    "a part of it is not read": "np.abs(x) + self.base.log_prob(x)",
    "it does not depend on what is given": "np.log(self.high - self.low)",
}
TURNED = {
    "Laplace": "np.abs(x - self.loc) / self.scale + np.log(2 * self.scale)",
    "Gumbel": "x + np.exp(-x)",
    "hyperbolic secant": "np.log(np.cosh(x / 100))",
}


def codes(name: str, value: str) -> list[str]:
    text = f"import numpy as np\n\n\nclass Prior:\n    def {name}(self, x):\n        return {value}\n"
    return [f.code for f in analyse([], Config(), stdin=("m.py", text)).findings]


@pytest.mark.parametrize("value", SILENT.values(), ids=SILENT)
def test_what_is_open_or_right_is_left_alone(value: str) -> None:
    assert codes("log_prob", value) == []


@pytest.mark.parametrize("value", TURNED.values(), ids=TURNED)
def test_a_log_density_that_rises_far_out_is_reported(value: str) -> None:
    assert codes("log_prob", value) == ["VL401"]


def test_its_negation_rises_there_and_is_right() -> None:
    assert codes("neg_log_prob", TURNED["Laplace"]) == []


def test_the_numbers_at_which_it_rises_are_shown() -> None:
    text = "import numpy as np\n\n\ndef log_prob(x):\n    return np.abs(x)\n"
    (finding,) = analyse([], Config(), stdin=("m.py", text)).findings
    assert finding.example is not None
    assert finding.example.told() == "with x = 1 it is 1; it is more than with x = 0"


def test_an_early_return_for_a_single_number_is_no_other_formula() -> None:
    text = (
        "import numpy as np\n\n\ndef log_prob(x, loc):\n    x = np.asarray(x)\n    out = np.abs(x - loc)\n"
        "    if x.ndim == 0:\n        return float(out)\n    return out\n"
    )
    assert [f.code for f in analyse([], Config(), stdin=("m.py", text)).findings] == ["VL401"]
