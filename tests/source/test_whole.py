"""Parsed unit by unit or whole: the IR is the same."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from vaelint import ir
from vaelint.source.file import SourceFile, load

ROOT = Path(__file__).parents[2]


def bare(x: object) -> object:
    """A node without ids, and without the `Pass`es that stand for methods."""
    if isinstance(x, ir.Node):
        return (type(x).__name__, *(bare(getattr(x, f.name)) for f in dataclasses.fields(x) if f.name != "id"))
    if isinstance(x, tuple):
        return [bare(y) for y in x if not isinstance(y, ir.Pass)]
    return x if x == x else "nan"


def by_unit(s: SourceFile) -> list[ir.Stmt]:
    out: list[ir.Stmt] = []
    for unit in s.units:
        for stmt in s.lower(unit):
            methods = [x for m in unit.methods for x in s.lower(m)]
            out.append(
                dataclasses.replace(stmt, body=(*stmt.body, *methods)) if isinstance(stmt, ir.ClassDef) else stmt
            )
    return out


def sorted_classes(block: list[ir.Stmt]) -> list[ir.Stmt]:
    """Methods behind the rest of their class, as the units have them."""
    out: list[ir.Stmt] = []
    for stmt in block:
        if isinstance(stmt, ir.ClassDef):
            rest = [x for x in stmt.body if not isinstance(x, ir.FunctionDef)]
            stmt = dataclasses.replace(stmt, body=(*rest, *(x for x in stmt.body if isinstance(x, ir.FunctionDef))))
        out.append(stmt)
    return out


FILES = [*sorted((ROOT / "vaelint").rglob("*.py")), *sorted((ROOT / "tests" / "fixtures").rglob("*.py"))[:60]]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_units_hold_what_the_whole_file_holds(path: Path) -> None:
    units, whole = load(path), load(path)
    whole.read_whole()
    assert bare(tuple(by_unit(units))) == bare(tuple(sorted_classes(list(whole.lower(whole.units[0])))))
    assert not units.whole and not units.problems
