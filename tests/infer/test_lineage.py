"""The order in which the bases of a class are asked for a method."""

from __future__ import annotations

from pathlib import Path

import pytest

from vaelint.infer.evaluate.interpreter import Interpreter
from vaelint.infer.project.link import Program
from vaelint.infer.values import Class
from vaelint.knowledge import load as knowledge
from vaelint.source.file import load
from vaelint.source.project import Project


def lineage(text: str, name: str) -> list[str]:
    rules = knowledge(())
    module = Program(rules, Project(), Interpreter(rules)).enter(load(Path("x.py"), text=text))
    cls = module.lookup(name)
    assert isinstance(cls, Class)
    info = module.class_info(cls)
    assert info is not None
    return [cls.name, *(base.name for base in info.line())]


@pytest.mark.parametrize(
    "bases",
    [
        {"A": ""},
        {"A": "", "B": "A", "C": "B"},
        {"A": "", "B": "A", "C": "A", "D": "B, C"},
        {"A": "", "B": "", "C": "A", "D": "B", "E": "C, D"},
        {"A": "", "B": "A", "C": "A", "D": "A", "E": "B, C", "F": "D, E"},
    ],
    ids=["alone", "chain", "diamond", "two roots", "two diamonds"],
)
def test_it_is_the_order_of_python(bases: dict[str, str]) -> None:
    text = "".join(f"class {name}({base}):\n    pass\n\n\n" for name, base in bases.items())
    space: dict[str, type] = {}
    exec(text, space)  # five classes of our own, above
    last = list(bases)[-1]
    assert lineage(text, last) == [c.__name__ for c in space[last].__mro__ if c is not object]


def test_a_circle_is_walked_once() -> None:
    text = "class A(B):\n    pass\n\n\nclass B(C):\n    pass\n\n\nclass C(A):\n    pass\n"
    assert lineage(text, "A") == ["A", "B", "C"]


def test_classes_that_all_inherit_from_each_other_are_walked_once() -> None:
    names = [f"A{i}" for i in range(40)]
    text = "".join(f"class {name}({', '.join(names)}):\n    pass\n\n\n" for name in names)
    assert sorted(lineage(text, "A0")) == sorted(names)
