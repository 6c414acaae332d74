"""The edits that replace a name: what the program computes stays as it is."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from vaelint.edits.code import FUNCTIONS, Code
from vaelint.finding import Edit, Fix, Location


def renamed(c: Code, at: Location, old: str, new: str) -> Fix | None:
    """A local variable under another name, all through its function: what the program computes stays as it is.

    Only where it is bound in one place, by a plain assignment of the value at ``at``, and where nothing could see its
    name: no ``locals()``, no ``global``, no other scope that binds it; and where the new name is not in use.
    """
    value = c.find(at)
    stmt = c.parents.get(value) if value is not None else None
    if not isinstance(stmt, ast.Assign) or len(stmt.targets) != 1 or not isinstance(stmt.targets[0], ast.Name):
        return None
    home: ast.AST | None = stmt
    while home is not None and not isinstance(home, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
        home = c.parents.get(home)
    if stmt.targets[0].id != old or not isinstance(home, FUNCTIONS) or not new.isidentifier():
        return None
    uses = [n for n in ast.walk(home) if isinstance(n, ast.Name) and n.id == old]
    bound = [n for n in uses if not isinstance(n.ctx, ast.Load)]
    if len(bound) != 1 or _shadowed(home, old) or new in _names(c.tree) or hasattr(builtins, new):
        return None
    return Fix(f"Rename `{old}` to `{new}`", tuple(Edit(c.place(n), new) for n in uses), safe=True)


_SEEING = frozenset({"locals", "vars", "eval", "exec", "dir"})


def _shadowed(home: ast.AST, name: str) -> bool:
    """Whether something in a function binds the name otherwise, or could see it as a text."""
    for n in ast.walk(home):
        match n:
            case ast.Global(names=names) | ast.Nonlocal(names=names) if name in names:
                return True
            case ast.arg(arg=arg) if arg == name:
                return True
            case ast.Name(id=called) if called in _SEEING:
                return True
            case ast.FunctionDef(name=named) | ast.AsyncFunctionDef(name=named) | ast.ClassDef(name=named):
                if named == name:
                    return True
            case ast.ExceptHandler(name=caught) if caught == name:
                return True
            case ast.MatchAs(name=caught) | ast.MatchStar(name=caught) if caught == name:
                return True
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                if any((a.asname or a.name.partition(".")[0]) in (name, "*") for a in aliases):
                    return True
            case _:
                pass
    return False


def _names(tree: ast.AST) -> set[str]:
    """All identifiers of a file: a name that is none of them collides with nothing."""
    return set(_identifiers(tree))


def _identifiers(tree: ast.AST) -> Iterator[str]:
    for n in ast.walk(tree):
        for field in ("id", "name", "arg", "attr", "asname"):
            value = getattr(n, field, None)
            if isinstance(value, str):
                yield value
