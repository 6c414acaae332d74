"""What an annotation declares: ``Annotated[Tensor, vaelint.Gain]``, on parameters, results, fields and variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import analyse
from vaelint.config import Config
from vaelint.finding import Result, Status

pytestmark = pytest.mark.usefixtures("elsewhere")
HEAD = """\
from typing import Annotated, Any, Final, Optional, Tuple
import typing_extensions as te

import torch.nn.functional as F
import vaelint
import vaelint as v
from torch import Tensor
from vaelint import Cost, Gain
from vaelint.markers import Gain as Up


"""
TRAIN = "def train(value: {}, optimizer):\n    value.backward()\n    optimizer.step()\n"
GAINS = [
    "Annotated[Tensor, vaelint.Gain]",
    "Annotated[Tensor, v.Gain]",
    "Annotated[Tensor, Gain]",
    "Annotated[Tensor, Up]",
    "Annotated[Tensor, Gain()]",
    "Annotated[Tensor, 'shape', Gain]",
    "te.Annotated[Tensor, Gain]",
    "Annotated[Annotated[Tensor, Gain], 'shape']",
    "Annotated[Tensor, Gain] | None",
    "Optional[Annotated[Tensor, Gain]]",
    "'Annotated[Tensor, vaelint.Gain]'",
    "'Optional[Annotated[Tensor, Gain]]'",
    "Final[Annotated[Tensor, Gain]]",
]


def of(body: str) -> Result:
    return analyse([], Config(), stdin=("m.py", HEAD + body))


def codes(body: str) -> list[tuple[str, int]]:
    """The codes of the findings, with their rows in the body."""
    return [(f.code, f.location.row - HEAD.count("\n")) for f in of(body).findings]


# --- what declares nothing -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "annotation",
    [
        "Tensor",
        "Annotated[Tensor, 'Gain']",
        "Annotated[Tensor, other.Gain]",
        "Annotated[Tensor, Gain] | Annotated[Tensor, Cost]",
        "list[Annotated[Tensor, Gain]]",
        "'Annotated[Tensor,'",
    ],
)
def test_what_is_no_marker_of_the_value_declares_nothing(annotation: str) -> None:
    (objective,) = of(TRAIN.format(annotation)).objectives
    assert objective.status is Status.UNRESOLVED


def test_what_agrees_with_its_declaration_is_no_finding() -> None:
    body = (
        "def error(x, y) -> Annotated[Tensor, Cost]:\n    return F.mse_loss(x, y)\n\n\n"
        "def fit(x, y, optimizer):\n    loss: Annotated[Tensor, Cost] = error(x, y)\n"
        "    loss.backward()\n    optimizer.step()\n"
    )
    result = of(body)
    assert result.findings == []
    assert {o.status for o in result.objectives} == {Status.CONSISTENT}


def test_what_is_not_known_contradicts_no_declaration() -> None:
    assert codes("def quality(x, helper) -> Annotated[Tensor, Gain]:\n    return -helper(x)\n") == []


def test_a_name_alone_contradicts_no_declaration() -> None:
    assert codes("def quality(x, loss) -> Annotated[Tensor, Gain]:\n    return loss\n") == []


# --- facts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("annotation", GAINS)
def test_a_parameter_that_is_declared_a_gain_must_not_be_minimised(annotation: str) -> None:
    (finding,) = of(TRAIN.format(annotation)).findings
    assert finding.code == "VL101"
    assert "`value` is declared a gain ↑ (`vaelint.Gain`)" in finding.trace[0].message


def test_a_declared_result_is_a_fact_to_who_calls() -> None:
    body = (
        "def cost(x) -> Annotated[Tensor, Cost]: ...\n\n\n"
        "def fit(x, optimizer):\n    {}cost(x).backward()\n    optimizer.step()\n"
    )
    assert [o.status for o in of(body.format("")).objectives] == [Status.CONSISTENT]
    assert codes(body.format("-").replace("-cost(x).", "(-cost(x)).")) == [("VL102", 5)]


def test_one_of_several_results_may_be_declared() -> None:
    body = (
        "def both(x) -> Tuple[Tensor, Annotated[Tensor, Gain]]:\n    return helper(x)\n\n\n"
        "def fit(x, optimizer):\n    out, quality = both(x)\n    quality.backward()\n    optimizer.step()\n"
    )
    assert [code for code, _ in codes(body)] == ["VL101"]


def test_a_declared_field_is_a_fact_where_it_is_read() -> None:
    body = (
        "class Model:\n    quality: Annotated[Tensor, Gain]\n\n"
        "    def fit(self, optimizer):\n        self.quality.backward()\n        optimizer.step()\n"
    )
    assert [code for code, _ in codes(body)] == ["VL101"]


def test_a_field_that_a_base_declares_is_a_fact_too() -> None:
    body = (
        "class Base:\n    quality: Annotated[Tensor, Gain]\n\n\nclass Model(Base):\n"
        "    def fit(self, optimizer):\n        self.quality.backward()\n        optimizer.step()\n"
    )
    assert [code for code, _ in codes(body)] == ["VL101"]


def test_a_declared_variable_is_a_fact() -> None:
    body = "def fit(x, helper, optimizer):\n    value: Annotated[Tensor, Gain] = helper(x)\n    value.backward()\n"
    assert [code for code, _ in codes(body + "    optimizer.step()\n")] == ["VL101"]


def test_an_alias_of_another_file_declares_as_well(tmp_path: Path) -> None:
    (tmp_path / "kinds.py").write_text(
        "from typing import Annotated\n\nimport vaelint\nfrom torch import Tensor\n\n"
        "Quality = Annotated[Tensor, vaelint.Gain]\n"
    )
    (tmp_path / "train.py").write_text("from kinds import Quality\n\n\n" + TRAIN.format("Quality"))
    assert [f.code for f in analyse([tmp_path], Config()).findings] == ["VL101"]


# --- contradictions ------------------------------------------------------------------------------

ERROR = "F.mse_loss(x, y)"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (f"def quality(x, y) -> Annotated[Tensor, Gain]:\n    return {ERROR}\n", "VL302"),
        (f"def misfit(x, y) -> Annotated[Tensor, Cost]:\n    return -{ERROR}\n", "VL301"),
        (f"def fit(x, y):\n    value: Annotated[Tensor, Gain] = {ERROR}\n    return value\n", "VL302"),
        (f"class M:\n    q: Annotated[Tensor, Gain]\n\n    def f(self, x, y):\n        self.q = {ERROR}\n", "VL302"),
        (f"def f(q: Annotated[Tensor, Gain]): ...\n\n\ndef g(x, y):\n    f({ERROR})\n", "VL202"),
        (f"def f(q: Annotated[Tensor, Gain]): ...\n\n\ndef g(x, y):\n    f(q={ERROR})\n", "VL202"),
        (
            f"class M:\n    def __init__(me, q: Annotated[Any, Up]): ...\n\n\ndef g(x, y):\n    M({ERROR})\n",
            "VL202",
        ),
        (f"def f(of: Annotated[Any, Gain]): ...\n\n\ndef g(x, y):\n    return {ERROR}\n\n\nf(g)\n", "VL202"),
    ],
    ids=["result", "cost", "variable", "field", "argument", "keyword", "object", "callable"],
)
def test_a_value_that_is_the_opposite_of_what_is_declared_is_a_finding(body: str, code: str) -> None:
    (finding,) = of(body).findings
    assert finding.code == code and "declared" in finding.message


def test_from_there_on_the_declaration_counts_so_that_one_mistake_is_one_finding() -> None:
    body = (
        f"def misfit(x, y) -> Annotated[Tensor, Cost]:\n    return -{ERROR}\n\n\n"
        "def fit(x, y, optimizer):\n    misfit(x, y).backward()\n    optimizer.step()\n"
    )
    assert codes(body) == [("VL301", 2)]
