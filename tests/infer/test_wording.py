"""A value that goes against its name is misnamed, unless the text takes the minus back: then nothing is lost."""

from __future__ import annotations

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Confidence

pytestmark = pytest.mark.usefixtures("elsewhere")
AGAINST = {  # name, value → what is reported of it
    ("loss", "-mse(x, y)"): "VL301",
    ("loss", "-cross_entropy(model(x), y)"): "VL301",
}
NEGATED = {"returned": "return -{}", "passed": "model.report(-{})", "bound": "value = -{}.mean()"}
NOT_NEGATED = {"returned": "return {}", "passed": "model.report({})", "taken from": "value = 1 - other_{}.mean()"}


def codes(name: str, value: str, after: str) -> list[str]:
    head = "import torch\n\n\ndef compute(model, x, y, mu, scale):\n"
    text = f"{head}    {name} = {value}\n    {after.format(name)}\n    return {name}\n"
    return [f.code for f in analyse([], Config(min_confidence=Confidence.POSSIBLE), stdin=("m.py", text)).findings]


@pytest.mark.parametrize("after", NEGATED.values(), ids=NEGATED)
@pytest.mark.parametrize("name, value", AGAINST)
def test_what_is_negated_again_is_silent(name: str, value: str, after: str) -> None:
    assert codes(name, value, after) == []


@pytest.mark.parametrize("after", NOT_NEGATED.values(), ids=NOT_NEGATED)
@pytest.mark.parametrize("name, value", AGAINST)
def test_what_is_not_negated_again_is_misnamed(name: str, value: str, after: str) -> None:
    assert codes(name, value, after) == [AGAINST[name, value]]
