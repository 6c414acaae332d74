"""A test with the numbers of a finding: it calls the function as it stands, fails today and passes after the edit.

Only where that can be known without running the code: a function of a module whose parameters are the inputs of the
finding's example, and which returns the formula. What it returns is computed for them, before and after the edit, and
has to be what the example says.
"""

from __future__ import annotations

import ast
import copy
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from vaelint import fix
from vaelint.finding import Example, Finding
from vaelint.records import record

CLOSE = 1e-6
# How a library's arrays are written that hold one number, with two axes for what is summed over one.
_ARRAYS = {"torch": "torch.tensor([[{}]])", "jax": "jnp.array([[{}]])", "numpy": "np.array([[{}]])"}
_IMPORTS = {"torch": "import torch", "jax": "import jax.numpy as jnp", "numpy": "import numpy as np"}


@record(frozen=True, slots=True)
class Test:
    """``function`` of ``module`` is what is tested; ``library``: the row that imports its arrays, if it has any."""

    module: str
    function: str
    library: str
    code: str


def written(tests: Iterable[Test]) -> str:
    """One file of tests, each import once; empty of none."""
    made = list(dict.fromkeys(tests))
    if not made:
        return ""
    names: dict[str, set[str]] = {}
    for t in made:
        names.setdefault(t.module, set()).add(t.function)
    plain = sorted({"import pytest", *(t.library for t in made if t.library)})
    local = [f"from {module} import {', '.join(sorted(names[module]))}" for module in sorted(names)]
    return "\n".join([*plain, "", *local, "", *(f"\n{t.code}" for t in made)])


def of(finding: Finding, text: str, place: str) -> Test | None:
    """The test of a finding in a file (its text, and its place for a reader); None where its numbers allow none."""
    example, edit = finding.example, finding.fix
    if example is None or example.edited is None or edit is None or finding.location.cell is not None:
        return None
    try:
        before, after = (_function(t, finding.location.row) for t in (text, fix.edited_text(".py", text, edit.edits)))
    except (SyntaxError, ValueError, RecursionError, fix.Refused):
        return None
    if before is None or after is None or not _takes(before.definition, example):
        return None
    from vaelint.graph.lesson import value_at
    from vaelint.source.quick import typed

    inputs = dict(example.inputs)
    for function, value in ((before, example.value), (after, example.edited)):
        found = value_at(typed(ast.unparse(function.returned)), inputs)
        if found is None or not math.isclose(found, value, abs_tol=CLOSE, rel_tol=CLOSE):
            return None
    if math.isclose(example.value, example.edited, abs_tol=CLOSE):
        return None
    return _test(before, example, example.edited, _module(Path(finding.filename)), f"{place} {finding.code}")


class _Function(NamedTuple):
    definition: ast.FunctionDef
    returned: ast.expr  # what it returns, in its parameters
    library: str  # by whose functions it computes


def _function(text: str, row: int) -> _Function | None:
    """The function of a module around a row, if it does nothing but bind names and return."""
    tree = ast.parse(text)
    for found in tree.body:
        if not isinstance(found, ast.FunctionDef) or not found.lineno <= row <= (found.end_lineno or 0):
            continue
        body = found.body[1:] if ast.get_docstring(found) is not None else found.body
        bound: dict[str, ast.expr] = {}
        for s in body[:-1]:
            match s:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if name not in bound:
                    bound[name] = _Written(bound).visit(copy.deepcopy(value))
                case _:
                    return None
        last = body[-1] if body else None
        parameters = {a.arg for a in ast.walk(found.args) if isinstance(a, ast.arg)}
        if found.decorator_list or not isinstance(last, ast.Return) or last.value is None or parameters & bound.keys():
            return None
        returned = _Written(bound).visit(copy.deepcopy(last.value))
        return _Function(found, returned, _library(tree, returned))
    return None


class _Written(ast.NodeTransformer):
    """Names replaced by what is bound to them."""

    def __init__(self, bound: Mapping[str, ast.expr]) -> None:
        self._bound = bound

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self._bound.get(node.id, node))


def _library(tree: ast.Module, e: ast.expr) -> str:
    """Whose arrays an expression is about: that of a name in it, else that of the only one imported; else none."""
    roots: dict[str, str] = {}
    for s in tree.body:
        if isinstance(s, (ast.Import, ast.ImportFrom)):
            module = getattr(s, "module", None)
            for a in s.names:
                roots[a.asname or a.name.partition(".")[0]] = (module or a.name).partition(".")[0]
    used = {roots[n.id] for n in ast.walk(e) if isinstance(n, ast.Name) and n.id in roots} & _ARRAYS.keys()
    found = used or {root for root in roots.values() if root in _ARRAYS}
    return found.pop() if len(found) == 1 else ""


def _takes(function: ast.FunctionDef, example: Example) -> bool:
    """Whether the inputs of an example are what a function has to be given."""
    a = function.args
    names = [x.arg for x in (*a.posonlyargs, *a.args, *a.kwonlyargs)]
    positional = len(a.posonlyargs) + len(a.args)
    required = names[: positional - len(a.defaults)]
    required += [x.arg for x, d in zip(a.kwonlyargs, a.kw_defaults) if d is None]
    given = {name for name, _ in example.inputs}
    return not a.posonlyargs and set(required) <= given <= set(names)


def _module(path: Path) -> str:
    """The dotted name by which a file is imported from beside its outermost package."""
    parts = [path.stem]
    folder = path.resolve().parent
    while (folder / "__init__.py").exists():
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts)


def _test(function: _Function, example: Example, edited: float, module: str, place: str) -> Test | None:
    name = function.definition.name
    if not all(part.isidentifier() for part in module.split(".")):
        return None
    array = _ARRAYS.get(function.library, "{}")
    given = ", ".join(f"{k}={array.format(repr(v))}" for k, v in example.inputs)
    result = "result.item()" if function.library else "result"
    code = (
        f"def test_{name}_with_numbers():\n"
        f'    """{place}: {example.expected}."""\n'
        f"    result = {name}({given})\n"
        f"    assert {result} == pytest.approx({edited:.6g}, abs=1e-4)  # before the edit: {example.value:.3g}\n"
    )
    return Test(module, name, _IMPORTS.get(function.library, ""), code)
