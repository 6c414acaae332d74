"""Splits a file into several that import from each other, every line in the row where it stood."""

from __future__ import annotations

import ast
from pathlib import Path

Definition = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def definitions(text: str) -> list[str]:
    """Names of the top-level functions and classes."""
    return [n.name for n in ast.parse(text).body if isinstance(n, Definition)]


def split(text: str, folder: Path, package: str = "parts") -> list[Path]:
    """Write a package with one module a definition, and one (``rest``) with the other statements.

    Every part has the imports of the whole; what it needs of the other parts is imported where that stood, in a row
    that is otherwise left empty. So a finding has the row that it has in the whole.
    """
    tree = ast.parse(text)
    lines = text.splitlines()
    homes = {name: f"part_{i}" for i, name in enumerate(definitions(text))}
    home = folder / package
    home.mkdir(parents=True)
    (folder / "pyproject.toml").touch()  # a project of its own, whatever stands in the folders above
    (home / "__init__.py").write_text("", "utf-8")
    out = []
    for part in (*homes.values(), "rest"):
        rows = [""] * len(lines)
        for node in tree.body:
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            if isinstance(node, Definition):
                own = homes[node.name] == part
                elsewhere = f"from .{homes[node.name]} import {node.name}"
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                own, elsewhere = True, ""
            else:
                own = part == "rest"
                names = bound(node)
                elsewhere = f"from .rest import {', '.join(names)}" if names else ""
            if own:
                rows[first - 1 : node.end_lineno] = lines[first - 1 : node.end_lineno]
            elif elsewhere:
                rows[first - 1] = elsewhere
        path = home / f"{part}.py"
        path.write_text("\n".join(rows) + "\n", "utf-8")
        out.append(path)
    return out


def bound(node: ast.stmt) -> list[str]:
    """Names that a top-level statement binds, other than inside a compound one."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    flat = [x for t in targets for x in (t.elts if isinstance(t, (ast.Tuple, ast.List)) else [t])]
    return [x.id for x in flat if isinstance(x, ast.Name)]
