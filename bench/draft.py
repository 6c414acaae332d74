"""Writes the draft of a rules file: from a table of conventions that people read in documentation, and signatures.

A draft is no rule. It has the names that are there, what the table says of each, the parameters by signature, and the
table's remarks as comments; who reads it decides what each entry says, and gives it a proof.
"""

from __future__ import annotations

import csv
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import proofs
from vaelint.knowledge.library import expand

_TOP = 100  # columns


@dataclass(frozen=True)
class Row:
    """One row of a table of conventions: tab-separated, with these columns and more."""

    name: str
    version: str
    sort: str
    result: str
    needs: str
    direction: str
    pitfalls: str


def rows(tables: list[Path], root: str) -> Iterator[Row]:
    for table in tables:
        with table.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                given = Row(*(row[key] or "" for key in Row.__annotations__))
                if re.split(r"[.({]", given.name)[0] == root:
                    yield given


def _params(thing: Any) -> tuple[str, ...]:
    try:
        given = inspect.signature(thing).parameters.values()
    except (TypeError, ValueError):
        return ()
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(p.name for p in given if p.kind in positional)[:8]


def draft(tables: list[Path], root: str) -> str:
    lines = [f'library = "{root}"', f'roots = ["{root}"]', 'docs = ""', "", "[proof]", "packages = []", ""]
    for row in rows(tables, root):
        plain = row.name if row.name.count("{") == row.name.count("}") else ""
        names = expand(plain, {}) if plain and not re.search(r"[(\[…]", plain) else []
        groups: dict[tuple[tuple[str, ...], bool], list[str]] = {}
        for name in names:
            thing = proofs.resolve(name)
            key = (_params(thing), inspect.isclass(thing)) if thing is not None else (("?",), False)
            groups.setdefault(key, []).append(name)
        remark = f"# {row.sort} {row.result} {row.version}: {row.needs}; {row.direction}; {row.pitfalls}"
        lines += [remark[i : i + _TOP] for i in range(0, len(remark), _TOP)] if not groups else [remark]
        if not groups:
            lines += [f"# not a name: {row.name}", ""]
        for (params, made), group in groups.items():
            if params == ("?",):
                lines += [f"# not there: {', '.join(group)}", ""]
                continue
            lines += ["[[function]]", f"names = {_listed(group)}", f"params = {_listed(list(params))}"]
            lines += [f'sense = "{row.result}"'] if row.result in ("gain", "cost") else []
            lines += ['makes = "loss"'] if made else []
            lines += [""]
    return "\n".join(lines)


def _listed(words: list[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"
