"""Where results lie, and which function a row belongs to."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
RESULTS = HERE / "results"


def cache_folder(given: Path | None) -> Path:
    """The folder given, else ``vaelint-bench`` under the platform's user cache."""
    if given is not None:
        return given.resolve()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "vaelint-bench"


def tool_version(checkout: Path | None = None) -> str:
    """A hash of all that decides what vaelint says: its code and its rules; of the one installed, or of a checkout."""
    if checkout is None:
        import vaelint

        package = Path(vaelint.__file__).resolve().parent
    else:
        package = checkout.resolve() / "vaelint"
    rules = package / "rules" if (package / "rules").is_dir() else package.parent / "rules"
    files = sorted([*package.rglob("*.py"), *rules.glob("*.toml")])
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def functions(text: str) -> list[tuple[int, int, str]]:
    """(first row, last row, dotted name) of each function and class; none where the text does not parse."""
    out: list[tuple[int, int, str]] = []

    def visit(node: ast.AST, path: tuple[str, ...]) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                inner = (*path, child.name)
                first = min([child.lineno, *(d.lineno for d in child.decorator_list)])
                out.append((first, child.end_lineno or child.lineno, ".".join(inner)))
                visit(child, inner)
            else:
                visit(child, path)

    try:
        visit(ast.parse(text), ())
    except (SyntaxError, ValueError, RecursionError):
        return []
    return out


def enclosing(spans: list[tuple[int, int, str]], row: int) -> str:
    """The innermost function or class around a row, ``<module>`` if there is none."""
    around = [(last - first, name) for first, last, name in spans if first <= row <= last]
    return min(around)[1] if around else "<module>"


def stdout() -> Console:
    """Wide where it is no terminal, so that a log keeps whole tables."""
    return Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 160)


def read_json(path: Path) -> dict[str, Any] | None:
    """What was recorded, or None."""
    if not path.exists():
        return None
    made: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return made


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")
