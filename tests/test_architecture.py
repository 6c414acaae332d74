"""The package keeps to its floors: each module imports only its own floor and those below (CONTRIBUTING.md)."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from vaelint.infer import observers, seen
from vaelint.infer.laws import catalogue

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "vaelint"

FLOORS = {
    1: {"evidence", "ir", "files", "markers", "records"},
    1.25: {"sense"},
    1.5: {"finding", "ways"},
    2: {"knowledge", "graph"},
    2.5: {"laws"},
    3: {"source"},
    3.5: {"splice"},
    4: {"infer"},
    5: {"checks"},
    6: {"report", "remarks", "suppress", "changes"},
    7: {
        "engine",
        "edits",
        "examine",
        "gather",
        "optimised",
        "config",
        "cli",
        "cache",
        "fix",
        "api",
        "revision",
        "server",
        "baseline",
        "processes",
        "pytest_plugin",
        "timing",
        "witness",
        "__main__",
    },
}
FLOOR_OF = {place: floor for floor, places in FLOORS.items() for place in places}

# Stricter than the floors: whom alone these may be imported by.
PRIVATE = {
    "config": {"cache", "engine", "examine", "gather", "cli", "config", "api"},
    "cli": {"cli", "__main__"},
    "engine": {"cli", "server", "engine", "api"},
    "cache": {"cache", "engine", "cli"},
}

# Within `vaelint/infer/`: from which of its folders a folder may import, types included. What watches a run (laws,
# wording, selection) and what interprets it (evaluate, libraries, optimising) do not know of each other.
INTERPRETER = {"evaluate", "libraries", "optimising"}
WATCHERS = {"laws", "wording", "selection"}
INNER = {
    "project": {"project"},
    "quantities": {"quantities"},
    "laws": {"laws", "project", "quantities"},
    "selection": {"selection", "quantities"},
    "wording": {"wording", "selection", "quantities"},
    **dict.fromkeys(INTERPRETER, INTERPRETER | {"project", "quantities"}),
}
# The files that tie the two together: who is asked for what, and what an analysis runs.
TIES = {"observers", "run"}

# What only reads code into graphs: it must not cost the time of loading NumPy.
WITHOUT_NUMPY = {
    "node", "spellings", "language", "definitions", "values", "calls", "build", "formula", "repair",
}  # fmt: skip
FOLDERS = {p.name for p in (PACKAGE / "infer").iterdir() if (p / "__init__.py").exists()}

MODULES = sorted(PACKAGE.rglob("*.py"))


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {dotted(path): path for path in MODULES}


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
        loaded = [x for x in ast.parse(path.read_text("utf-8")).body if isinstance(x, (ast.Import, ast.ImportFrom))]
        assert {getattr(x, "module", "") for x in loaded} <= {"__future__", "typing"}, "`import vaelint` must be quick"
        return
    assert own in FLOOR_OF, f"give `{own}` a floor here and in CONTRIBUTING.md"
    for row, imported in imports(path):
        other = place(imported) if imported != "vaelint.__version__" else ""
        assert not other or other in FLOOR_OF, f"{name(path)}:{row}: {imported} has no floor"
        upward = other and FLOOR_OF[other] > FLOOR_OF[own]
        assert not upward, f"{name(path)}:{row}: floor {FLOOR_OF[own]} imports {imported}, floor {FLOOR_OF[other]}"
        assert own in PRIVATE.get(other, {own}), f"{name(path)}:{row}: {imported} is not for {own}"


@pytest.mark.parametrize("folder", sorted(FOLDERS))
def test_what_watches_and_what_interprets_do_not_know_each_other(folder: str) -> None:
    for path in sorted((PACKAGE / "infer" / folder).glob("*.py")):
        for imported in targets(path):
            assert folder_of(imported) not in FOLDERS - INNER[folder], f"{name(path)} imports {imported}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "infer").glob("*.py")), ids=name)
def test_what_all_folders_use_uses_none_of_them(path: Path) -> None:
    allowed = FOLDERS if path.stem in TIES else {"quantities"} if path.stem == "settled" else set[str]()
    for imported in targets(path):
        assert folder_of(imported) not in FOLDERS - allowed, f"{name(path)} imports {imported}"


@pytest.mark.parametrize("folder", sorted(WATCHERS | {"quantities"}))
def test_nobody_who_watches_is_passed_the_interpreter(folder: str) -> None:
    """Functions of the interpreter call it `it`; a watcher has a `View`, whose attributes mypy knows."""
    for path in sorted((PACKAGE / "infer" / folder).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = node.id if isinstance(node, ast.Name) else node.arg if isinstance(node, ast.arg) else ""
            assert named not in ("it", "Interpreter", "Machine"), f"{name(path)}:{node.lineno}: `{named}`"
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "view":
                assert not node.attr.startswith("_"), f"{name(path)}:{node.lineno}: `view.{node.attr}`"


def test_all_who_watch_are_asked_once() -> None:
    def asked(x: object) -> int:
        return id(x.see if isinstance(x, seen.Observer) else x.refine if isinstance(x, seen.Refiner) else x)

    registered = [asked(x) for x in (*observers.REFINING, *observers.WATCHING)]
    declared = {}
    for path in sorted((PACKAGE / "infer").rglob("*.py")):
        module = importlib.import_module(dotted(path))
        for key, value in vars(module).items():
            if isinstance(value, seen.Observer | seen.Refiner):
                declared[asked(value)] = f"{module.__name__}.{key}"
    assert [name for i, name in declared.items() if registered.count(i) != 1] == []
    assert set(registered) == set(declared)


def test_all_that_is_published_is_seen_by_somebody() -> None:
    moments = {x for x in vars(seen).values() if isinstance(x, type) and issubclass(x, tuple)}
    assert moments == {x.moment for x in (*observers.REFINING, *observers.WATCHING, *catalogue.watching(preview=True))}


def test_no_file_is_part_of_a_circle_of_imports() -> None:
    """Not even of types, nor inside a function."""
    graph = {module: set(targets(path)) - {module} for module, path in FILES.items()}
    while ends := {module for module, used in graph.items() if not used}:
        graph = {module: used - ends for module, used in graph.items() if module not in ends}
    assert not graph, f"in circles, or above them: {sorted(graph)}"


def targets(path: Path) -> Iterator[str]:
    """The files of ours that a file imports, wherever in it, types included."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name in FILES)
        elif isinstance(node, ast.ImportFrom) and node.module in FILES:
            inner = [f"{node.module}.{a.name}" for a in node.names]
            yield from (x if x in FILES else node.module for x in inner)


def folder_of(module: str) -> str:
    """``vaelint.infer.laws.slips`` → ``laws``; of a module elsewhere, or in no folder of `infer`, its own name."""
    return module.removeprefix("vaelint.infer.").split(".")[0]


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


# Where code is read and judged: expressions are asked by structure, identifiers looked up in lists of words.
JUDGING = [path for path in MODULES if place(dotted(path)) in ("infer", "checks")]
# Reads the rows of a file for its holders, to be read as code like all others; and what passes it their text.
NOT_YET = {"catalogue", "run"}
TEXTS = {"text_in", "lines", "line"}  # of a source file: its text, or parts of it


@pytest.mark.parametrize("path", [p for p in JUDGING if p.stem not in NOT_YET], ids=name)
def test_no_decision_searches_a_text(path: Path) -> None:
    """No pattern is matched, no text of a file is read; what is written (`ir.Written`) is no text and refuses to be."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        where = f"{name(path)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            of = node.module if isinstance(node, ast.ImportFrom) else None
            assert not {of, *(a.name for a in node.names)} & {"re"}, f"{where}: patterns"
        elif isinstance(node, ast.Attribute):
            assert node.attr not in TEXTS or not _is_of_a_file(node.value), f"{where}: the text of a file"
            assert node.attr != "text" or not _is_of_a_file(node.value), f"{where}: the text of a file"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert (getattr(node.func.value, "id", ""), node.func.attr) != ("ir", "text"), f"{where}: use `ir.render`"


def _is_of_a_file(e: ast.expr) -> bool:
    """``source.text``, ``module.source.text``, ``view.home.text``."""
    word = e.id if isinstance(e, ast.Name) else e.attr if isinstance(e, ast.Attribute) else ""
    return word in ("source", "home", "view", "it", "module")


def test_what_is_written_is_made_a_text_only_by_messages() -> None:
    """`str` of an expression would be a text to search: only a message that an algebra passes on is made by it."""
    found = set()
    for path in JUDGING:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str" and node.args:
                shown = ast.unparse(node.args[0])
                if "label" in shown or "render" in shown or "shown" in shown:
                    found.add(path.stem)
    assert found <= {"arithmetic", "claims"}


# What looks through a minus by itself, though `expression.py` reads terms, factors, leaves and names with their signs.
# None is added; one that goes is taken off.
OWN_READERS = {
    "evaluate/conditions.py": {"truth"},
    "laws/deltas.py": {"_turned"},
    "laws/dynamics.py": {"_is_step"},
    "laws/uses.py": {"_signs"},
    "optimising/variables.py": {"_degree"},
    "quantities/formulas.py": {"_feature"},
    "selection/pick.py": {"_end", "_is_reversal"},
    "selection/settings.py": {"_asked"},
    "wording/parts.py": {"parts_of", "part_of"},
}


def test_there_is_one_reader_of_expressions() -> None:
    found: dict[str, set[str]] = {}
    for path in JUDGING:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(map(_opens_a_minus, ast.walk(node))):
                found.setdefault("/".join(path.parts[-2:]), set()).add(node.name)
    del found["infer/expression.py"]
    assert found == OWN_READERS


def _opens_a_minus(node: ast.AST) -> bool:
    """``case ir.Unary(op="-", operand=x)``."""
    return isinstance(node, ast.MatchClass) and ast.unparse(node.cls) == "ir.Unary" and "operand" in node.kwd_attrs
