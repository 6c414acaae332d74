"""How large the core is, and how many words its decisions read: lines by folder, patterns, shown expressions, lists.

Counted from the source as it stands. Patterns are regular expressions; their alternatives are counted as words, since
each is one that a decision reads. Words of code are texts in sets, tuples and dictionaries of modules; words of rules
are those of the lists in ``rules/``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import tomllib

from bench.places import REPOSITORY

FOLDERS = (
    "infer", "infer/project", "infer/evaluate", "infer/libraries", "infer/optimising", "infer/quantities",
    "infer/selection", "infer/laws", "infer/wording", "checks", "graph", "formula", "laws",
)  # fmt: skip
_PATTERNS = frozenset({"compile", "search", "match", "fullmatch", "sub", "findall", "finditer", "split"})


@dataclass(slots=True)
class Size:
    """Of a folder, without those below it."""

    files: int = 0
    lines: int = 0
    patterns: int = 0  # regular expressions
    alternatives: int = 0  # in them
    lists: int = 0  # of words in rules that it reads (`Words`)
    words: int = 0  # in sets and tables of its modules
    shown: int = 0  # calls of `ir.render`

    def __iadd__(self, other: Size) -> Size:
        for field in Size.__slots__:
            setattr(self, field, getattr(self, field) + getattr(other, field))
        return self


def of_folder(folder: Path) -> Size:
    size = Size()
    for path in sorted(folder.glob("*.py")):
        size += of_module(path.read_text("utf-8"))
    return size


def of_module(text: str) -> Size:
    size = Size(files=1, lines=text.count("\n"))
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        owner, name = _called(node.func)
        if owner == "re" and name in _PATTERNS:
            size.patterns += 1
            size.alternatives += sum(x.count("|") + 1 for x in _texts(node.args[0]))
        elif (owner, name) in (("ir", "render"), ("ir", "text")):
            size.shown += 1
        elif (owner, name) in (("", "Words"), ("", "words_of")):
            size.lists += 1
    for stmt in tree.body:
        if isinstance(stmt, (ast.Assign, ast.AnnAssign)) and stmt.value is not None and _is_table(stmt.value):
            size.words += sum(1 for x in _texts(stmt.value) if x.replace("_", "a").isidentifier())
    return size


def of_rules(rules: Path) -> dict[str, int]:
    """The words in the lists of ``rules/``, by file."""
    files = ("vocabulary.toml", "names.toml", "metrics.toml", "roles.toml")
    return {name: _count(tomllib.loads((rules / name).read_text("utf-8"))) for name in files if (rules / name).exists()}


def _count(value: object) -> int:
    if isinstance(value, dict):
        return sum(_count(x) for key, x in value.items() if key not in ("with", "counts"))
    return sum(map(_count, value)) if isinstance(value, list) else int(isinstance(value, str))


def _called(func: ast.expr) -> tuple[str, str]:
    if isinstance(func, ast.Attribute):
        return (func.value.id if isinstance(func.value, ast.Name) else "?"), func.attr
    return "", func.id if isinstance(func, ast.Name) else ""


def _is_table(e: ast.expr) -> bool:
    if isinstance(e, ast.Call):
        return _called(e.func)[1] in ("frozenset", "words", "dict", "fromkeys")
    return isinstance(e, (ast.Set, ast.Tuple, ast.Dict, ast.BinOp))


def _texts(e: ast.expr) -> Iterator[str]:
    """The texts in an expression; not what is said to people (`Saying`), which nothing is decided by."""
    said = {id(x) for call in ast.walk(e) if isinstance(call, ast.Call) for x in _told(call)}
    for x in (x for x in ast.walk(e) if id(x) not in said):
        if isinstance(x, ast.Constant) and isinstance(x.value, str):
            yield from x.value.split() if " " in x.value and "|" not in x.value else (x.value,)


def _told(call: ast.Call) -> Iterator[ast.AST]:
    if _called(call.func)[1].lower().endswith("saying"):
        yield from ast.walk(call)


def run(root: Path = REPOSITORY) -> int:
    whole = Size()
    head = f"{'':18}" + "".join(f"{field:>14}" for field in Size.__slots__)
    click.echo(head)
    for folder in FOLDERS:
        size = of_folder(root / "vaelint" / folder)
        whole += size
        click.echo(f"{folder:18}" + "".join(f"{getattr(size, field):14,}" for field in Size.__slots__))
    click.echo(f"{'together':18}" + "".join(f"{getattr(whole, field):14,}" for field in Size.__slots__))
    rules = of_rules(root / "rules")
    click.echo("words in rules: " + ", ".join(f"{name} {count:,}" for name, count in rules.items()))
    return 0
