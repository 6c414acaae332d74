"""What stands around a node: words and code of its unit, of its file alone."""

from __future__ import annotations

from pathlib import Path

from vaelint import ir
from vaelint.source.around import NOTHING
from vaelint.source.file import load

TEXT = '''
def first(x):
    """Adversarial."""
    return x.step()  # ascent


def second(y):
    return "text of " + y
'''


def test_nothing_stands_around_a_node_of_another_file() -> None:
    source = load(Path("x.py"), text=TEXT)
    assert source.around(-1) is NOTHING
    assert NOTHING.code == () and not NOTHING.words


def test_the_words_of_a_unit_are_those_of_its_comments_and_strings_too() -> None:
    source = load(Path("x.py"), text=TEXT)
    first, second = (source.around_unit(unit) for unit in source.units)
    assert {"Adversarial", "ascent", "step", "x"} <= first.words
    assert {"text", "of", "y"} <= second.words and "x" not in second.words
    assert source.identifiers >= first.words | second.words


def test_the_code_of_a_unit_is_that_of_a_node_in_it() -> None:
    source = load(Path("x.py"), text=TEXT)
    first = source.around_unit(source.units[0])
    assert isinstance(first.code[0], ir.FunctionDef) and first.code[0].name == "first"
    assert source.around(first.code[0].id) is first


def test_only_the_units_that_speak_of_a_name_are_read_for_it() -> None:
    source = load(Path("x.py"), text=TEXT)
    assert [found.words >= {"second"} for found in source.speaking_of("y")] == [True]
    assert list(source.speaking_of("nobody")) == []


def test_a_star_import_may_bind_any_name() -> None:
    assert not load(Path("x.py"), text="a = 1\n").may_bind("b")
    assert load(Path("x.py"), text="a = 1\n").may_bind("a")
    assert load(Path("x.py"), text="from m import *\n").may_bind("b")
