"""What the tests of a module notice: small edits of its code, one at a time, each of which a test has to fail for.

The edits are made in the syntax tree, in a process of their own that is a copy of this one, so that only the module and
its tests are imported anew. An edit that changes nothing a test could see (an equivalent one) is explained in
``EQUIVALENT``.
"""

from __future__ import annotations

import ast
import copy
import inspect
import io
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from importlib import abc, machinery, util
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import track

from bench import trust
from bench.places import REPOSITORY

TESTS: dict[str, tuple[str, ...]] = {
    "vaelint/evidence.py": ("tests/test_evidence.py",),
    "vaelint/sense.py": ("tests/test_sense.py",),
    "vaelint/fix.py": ("tests/test_fix.py", "tests/trust/test_fixed_files.py"),
    "vaelint/splice.py": ("tests/test_fix.py", "tests/trust/test_fixed_files.py"),
}
# An edit as it is shown, without its row: why no test can fail for it.
EQUIVALENT: dict[tuple[str, str], str] = {
    ("vaelint/evidence.py", "'Seen' → 'SeenXX'"): "the name of a type variable is read by type checkers alone",
    (
        "vaelint/evidence.py",
        "for group in groups.values() if len(group) > 1 → for group in groups.values()",
    ): "it saves time: alone at its place an observation gives way to nothing",
    (
        "vaelint/evidence.py",
        "len(group) > 1 → len(group) >= 1",
    ): "as above",
    ("vaelint/sense.py", "'aeioE' → 'aeioEXX'"): "nothing begins with a capital X",
    ("vaelint/fix.py", "return False → return None"): "it is asked only whether there is any",
    (
        "vaelint/fix.py",
        "sorted((a, b), key=lambda x: (x.row, x.column)) → sorted((a, b))",
    ): "a location begins with its row and column; what begins at one place overlaps in either order",
}
ENDED = 120  # seconds of processor time after which the tests of an edit are taken to hang, and it to be noticed
_SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.BitOr: ast.BitAnd,
    ast.Break: ast.Continue, ast.Continue: ast.Break,
}  # fmt: skip


class Edit(NamedTuple):
    row: int
    shown: str  # before → after
    tree: ast.Module


def edits(text: str) -> Iterator[Edit]:
    """Every small edit of a module: operators and constants changed, conditions negated, statements left out."""
    tree = ast.parse(text)
    silent = _silent(tree)
    for number, node in enumerate(ast.walk(tree)):
        for which in range(2):
            if id(node) in silent or not _changed(copy.deepcopy(node), which):
                break
            made = copy.deepcopy(tree)
            edited = next(islice(ast.walk(made), number, None))
            _changed(edited, which)
            ast.fix_missing_locations(made)
            yield Edit(getattr(node, "lineno", 0), f"{_shown(node)} → {_shown(edited)}", made)


def _silent(tree: ast.Module) -> set[int]:
    """Nodes that nothing is computed with: documentation and annotations."""
    out: set[int] = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        match body:
            case [ast.Expr(value=ast.Constant()) as documentation, *_]:
                out |= {id(n) for n in ast.walk(documentation)}
        for name in ("annotation", "returns"):
            held = getattr(node, name, None)
            out |= {id(n) for n in ast.walk(held)} if isinstance(held, ast.AST) else set()
    return out


def _shown(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:100]


def _changed(node: ast.AST, which: int) -> bool:
    """Edits the node in one of two ways, in place; whether there was a way."""
    match node, which:
        case ast.Compare(), 0:
            node.ops = [_SWAPPED[type(op)]() for op in node.ops]  # type: ignore[misc]
        case ((ast.BoolOp() | ast.BinOp() | ast.AugAssign()), 0) if type(node.op) in _SWAPPED:
            node.op = _SWAPPED[type(node.op)]()  # type: ignore[assignment]
        case ast.BoolOp(), 1:
            node.values = node.values[:-1] if len(node.values) > 2 else [node.values[0], node.values[0]]
        case ast.UnaryOp(op=ast.Not()), 0:
            node.op, node.operand = ast.Not(), ast.UnaryOp(ast.Not(), node.operand)
        case ast.UnaryOp(op=ast.USub()), 0:
            node.op = ast.UAdd()
        case ast.Constant(value=bool()), 0:
            node.value = not node.value
        case ast.Constant(value=int() as number), 0:
            node.value = number + 1
        case ast.Constant(value=str() as text), 0:
            node.value = f"{text}XX"
        case ((ast.If() | ast.IfExp() | ast.While()), 0):
            node.test = ast.UnaryOp(ast.Not(), node.test)
        case ast.comprehension(), 0 if node.ifs:
            node.ifs = []
        case ast.Return(value=ast.expr()), 0:
            node.value = ast.Constant(None)
        case ast.Expr(value=(ast.Call() | ast.Yield() | ast.YieldFrom())), 0:
            node.value = ast.Constant(None)
        case ast.Call(keywords=[_, *_]), 0:
            node.keywords = node.keywords[:-1]
        case _:
            return False
    return True


def run(modules: tuple[str, ...], record: bool = False) -> int:
    """The edits that no test of their module notices; 1 if there is one that is not explained.

    With ``record`` the table goes to docs/TRUST.md.
    """
    table = "| module | edits | noticed | explained | not noticed |\n| --- | --- | --- | --- | --- |\n"
    _prepare()
    failed = False
    for module in modules or tuple(TESTS):
        text = (REPOSITORY / module).read_text("utf-8")
        if _noticed(module, Edit(0, "", ast.parse(text)), few=False):
            raise SystemExit(f"{module}: its tests fail as it is")
        made = list(edits(text))
        # Most are noticed at once.
        left = [edit for edit in _watched(made) if not _noticed(module, edit, few=True)]
        left = [edit for edit in _watched(left) if not _noticed(module, edit, few=False)]
        unexplained = [e for e in left if (module, e.shown) not in EQUIVALENT]
        for edit in left:
            why = EQUIVALENT.get((module, edit.shown), "no test fails")
            print(f"{module}:{edit.row}: {edit.shown} ({why})", flush=True)  # noqa: T201
        noticed = len(made) - len(left)
        print(f"{module}: {len(made)} edits, {noticed} noticed, {len(left) - len(unexplained)} explained", flush=True)  # noqa: T201
        failed |= bool(unexplained)
        counts = (len(made), noticed, len(left) - len(unexplained), len(unexplained))
        table += f"| {module} | {' | '.join(map(str, counts))} |\n"
    if record:
        trust.write("tested", table, adds=True)
    return int(failed)


def _watched(made: list[Edit]) -> Iterator[Edit]:
    return iter(track(made, "edits", console=Console(stderr=True), transient=True))


def _prepare() -> None:
    """What all the copies need is imported once; nothing of vaelint, whose modules are to be imported anew."""
    for name in ("pytest", "libcst", "libcst.metadata", "hypothesis", "click", "rich.console", "rich.table"):
        __import__(name)
    for name in [n for n in sys.modules if n == "vaelint" or n.startswith("vaelint.")]:
        del sys.modules[name]


class _Loader(abc.Loader):
    def __init__(self, tree: ast.Module, path: Path) -> None:
        self._code = compile(tree, str(path), "exec", dont_inherit=True)

    def create_module(self, spec: machinery.ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(self._code, module.__dict__)


class _Finder(abc.MetaPathFinder):
    """Finds the edited module in place of the file."""

    def __init__(self, name: str, tree: ast.Module, path: Path) -> None:
        self._name, self._tree, self._path = name, tree, path

    def find_spec(self, name: str, path: object = None, target: object = None) -> machinery.ModuleSpec | None:
        if name != self._name:
            return None
        return util.spec_from_loader(name, _Loader(self._tree, self._path), origin=str(self._path))


def _noticed(module: str, edit: Edit, few: bool) -> bool:
    """Whether a test fails, in a copy of this process; at a glance (``few``), or with all of them."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        code = 1
        try:
            signal.setitimer(signal.ITIMER_PROF, ENDED)
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                code = _tested(module, edit, few)
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0


def _tested(module: str, edit: Edit, few: bool) -> int:
    name = module.removesuffix(".py").replace("/", ".")
    sys.meta_path.insert(0, _Finder(name, edit.tree, REPOSITORY / module))
    os.chdir(REPOSITORY)
    if few:
        _called(REPOSITORY / TESTS[module][0])
        return 0
    import pytest

    return int(pytest.main(["-q", "-x", "-n0", "-p", "no:cacheprovider", "--no-header", *TESTS[module]]))


def _called(file: Path) -> None:
    """Call the test functions of a file, which is ten times as fast as pytest, with few examples of a property.

    Raises what a test raises. Functions that need more than pytest's own two fixtures are left to pytest.
    """
    import pytest
    from hypothesis import settings

    settings.register_profile("few", max_examples=5, deadline=None, derandomize=True, database=None)
    settings.load_profile("few")
    spec = util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None
    tests = util.module_from_spec(spec)
    spec.loader.exec_module(tests)
    for test in [f for name, f in vars(tests).items() if name.startswith("test") and callable(f)]:
        for given in _cases(getattr(test, "pytestmark", [])):
            wanted = set(inspect.signature(test).parameters) - set(given)
            if wanted <= {"tmp_path", "monkeypatch"}:
                with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
                    fixtures = {"tmp_path": Path(folder), "monkeypatch": patched}
                    test(**given, **{k: fixtures[k] for k in wanted})


def _cases(marks: list[Any]) -> list[dict[str, Any]]:
    """The arguments that a test is parametrised with."""
    cases: list[dict[str, Any]] = [{}]
    for mark in (m for m in marks if m.name == "parametrize"):
        names = mark.args[0].replace(" ", "").split(",") if isinstance(mark.args[0], str) else mark.args[0]
        values = [v if len(names) > 1 else (v,) for v in mark.args[1]]
        cases = [case | dict(zip(names, value)) for case in cases for value in values]
    return cases
