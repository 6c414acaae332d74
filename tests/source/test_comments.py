from __future__ import annotations

import pytest

from vaelint.source.comments import Directive, directives


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = 1  # a loss\n",
        "x = '# vaelint: ignore[VL101]'\n",
        "x = '# vaelint: ignore[VL101]'  # else\n",
        '"""\n# vaelint: ignore[VL101] in a docstring\n"""\n',
        "x = 1  # noqa\n",
        "x = 1  # noqa: E501\n",
        "vaelint: int = 1\n",
    ],
)
def test_what_does_not_speak_to_us(text: str) -> None:
    assert directives(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x  # vaelint: ignore[VL101] it is meant\n", Directive(1, 4, "ignore", ("VL101",), "it is meant")),
        ("x  # vaelint: ignore[VL101, VL201]\n", Directive(1, 4, "ignore", ("VL101", "VL201"))),
        ("x  # vaelint: ignore[VL101] see #12\n", Directive(1, 4, "ignore", ("VL101",), "see #12")),
        ("x  # vaelint: ignore\n", Directive(1, 4, "ignore", ())),
        ("\n# vaelint: ignore-file[VL101]\n", Directive(2, 1, "ignore-file", ("VL101",), "", True)),
        ("x  # noqa: E501, VL101\n", Directive(1, 4, "noqa", ("VL101",))),
        ("x  # why  # noqa: VL101\n", Directive(1, 11, "noqa", ("VL101",))),
        ("f(\n    a,  # vaelint: gain\n)\n", Directive(2, 9, "gain", ())),
        ("x = '''\n'''  # vaelint: cost\n", Directive(2, 6, "cost", ())),
        ("x  # vaelint: maximize\n", Directive(1, 4, "maximize", ())),
        ("x  # vaelint: gian\n", Directive(1, 4, "misspelt", (), "gian")),
        ("x  # vaelint: disable=VL301\n", Directive(1, 4, "misspelt", (), "disable=VL301")),
        ("x  # vaelint: Ignore[VL101] why\n", Directive(1, 4, "misspelt", ("VL101",), "Ignore")),
    ],
)
def test_directives(text: str, expected: Directive) -> None:
    assert directives(text) == [expected]


def test_two_on_a_row() -> None:
    found = directives("x  # vaelint: ignore[VL101] why  # noqa: VL201\n")
    assert [(d.kind, d.codes, d.reason) for d in found] == [("ignore", ("VL101",), "why"), ("noqa", ("VL201",), "")]
