"""The package keeps to its floors: each module imports only its own floor and those below (CONTRIBUTING.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "vaelint"

FLOORS = {
    1: {"evidence", "ir", "files"},
    1.25: {"sense"},
    1.5: {"finding"},
    2: {"knowledge", "graph"},
    2.5: {"formula", "laws"},
    3: {"source"},
    4: {"infer"},
    5: {"checks"},
    6: {"report", "remarks", "suppress"},
    7: {
        "engine",
        "examine",
        "gather",
        "objectives",
        "config",
        "cli",
        "cache",
        "fix",
        "server",
        "baseline",
        "processes",
        "splice",
        "__main__",
    },
}
FLOOR_OF = {place: floor for floor, places in FLOORS.items() for place in places}

# Stricter than the floors: whom alone these may be imported by.
PRIVATE = {
    "config": {"engine", "examine", "gather", "cli", "config"},
    "cli": {"cli", "__main__"},
    "engine": {"cli", "server", "engine"},
}

# Within `vaelint/infer/`: which of its folders a folder may import from. The others make up the interpreter.
INNER = {"project": {"project"}, "quantities": {"quantities"}, "laws": {"laws", "project", "quantities"}}
# Of these, what calls the interpreter all the same, which it is passed as an argument. No file is to be added.
PASSED_THE_INTERPRETER = {
    "laws": {
        "acceptance",
        "averages",
        "bounds",
        "dynamics",
        "exponents",
        "invoked",
        "likelihoods",
        "metropolis",
        "returns",
        "rewards",
        "scores",
        "shrinking",
        "slips",
        "technical",
    },
    "project": {"link"},
    "quantities": {"bonuses", "contrasts", "formulas", "policies", "ratios", "structures"},
}
# What only reads code into graphs: it must not cost the time of loading NumPy.
WITHOUT_NUMPY = {"node", "spellings", "definitions", "values", "calls", "build"}
FOLDERS = {p.name for p in (PACKAGE / "infer").iterdir() if (p / "__init__.py").exists()}

MODULES = sorted(PACKAGE.rglob("*.py"))


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def place(module: str) -> str:
    """``vaelint.infer.evaluate.calls`` → ``infer``; the package itself → nothing."""
    return module.split(".")[1] if "." in module else ""


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Rows and dotted names of what a module of ours imports from the package, type-checking imports too."""
    own = dotted(path).split(".")
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, a.name) for a in node.names if a.name.split(".")[0] == "vaelint")
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = own if path.name == "__init__.py" else own[:-1]
                above = above[: len(above) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            if base == "vaelint":
                yield from ((node.lineno, f"vaelint.{a.name}") for a in node.names)
            elif base.startswith("vaelint."):
                yield node.lineno, base


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_imports_go_down(path: Path) -> None:
    own = place(dotted(path))
    if not own:
        assert not list(imports(path)), "vaelint/__init__.py imports nothing: `vaelint --version` must be quick"
        return
    assert own in FLOOR_OF, f"give `{own}` a floor here and in CONTRIBUTING.md"
    for row, imported in imports(path):
        other = place(imported)
        assert not other or other in FLOOR_OF, f"{name(path)}:{row}: {imported} has no floor"
        upward = other and FLOOR_OF[other] > FLOOR_OF[own]
        assert not upward, f"{name(path)}:{row}: floor {FLOOR_OF[own]} imports {imported}, floor {FLOOR_OF[other]}"
        assert own in PRIVATE.get(other, {own}), f"{name(path)}:{row}: {imported} is not for {own}"


@pytest.mark.parametrize("folder", INNER)
def test_what_recognises_does_not_interpret(folder: str) -> None:
    for path in sorted((PACKAGE / "infer" / folder).glob("*.py")):
        for row, imported in run_time_imports(path):
            other = imported.removeprefix("vaelint.infer.").split(".")[0]
            assert other not in FOLDERS - INNER[folder], f"{name(path)}:{row}: {folder} imports {imported}"


@pytest.mark.parametrize("folder", INNER)
def test_nothing_more_is_passed_the_interpreter(folder: str) -> None:
    users = {
        path.stem
        for path in (PACKAGE / "infer" / folder).glob("*.py")
        if any(imported.startswith("vaelint.infer.evaluate") for _, imported in imports(path))
    }
    assert users <= PASSED_THE_INTERPRETER[folder]


def run_time_imports(path: Path) -> Iterator[tuple[int, str]]:
    """What is imported from the package when the module runs: types of the floors around it may be named."""
    typed = [
        range(node.lineno, (node.end_lineno or node.lineno) + 1)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    return ((row, imported) for row, imported in imports(path) if not any(row in rows for rows in typed))


def test_only_the_source_floor_knows_libcst() -> None:
    users = {
        place(dotted(path))
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Import) and any(a.name.split(".")[0] == "libcst" for a in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "libcst")
    }
    assert users <= {"source"}


def test_only_what_runs_graphs_knows_numpy() -> None:
    users = {p for p in MODULES if any(map(_imports_numpy, ast.walk(ast.parse(p.read_text("utf-8")))))}
    assert {place(dotted(p)) for p in users} <= {"graph", "laws"}
    assert not {p.stem for p in users} & WITHOUT_NUMPY


def _imports_numpy(node: ast.AST) -> bool:
    names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
    if isinstance(node, ast.ImportFrom):
        names = [node.module or ""]
    return any(n.split(".")[0] == "numpy" for n in names)
