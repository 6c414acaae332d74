"""The shipped rules as one file of JSON, which is read in a tenth of the time that their TOML takes.

A wheel has it from where it was built (``hatch_build.py``). In a checkout the first run makes it, and again when a rule
has changed; it lies in ``__pycache__``, as what Python has compiled of the program does, and is believed as that is: it
belongs to the program, and nothing of the kind is looked for in what is checked.

Its first line says of each file its size, when it was written, where it stands below, and what is asked of all of them.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from vaelint import files

Table = dict[str, Any]

NAME = "rules.json"
FORMAT = 1
_PACKAGE = Path(__file__).resolve().parents[1]
SHIPPED, CHECKOUT = _PACKAGE / "rules", _PACKAGE.parent / "rules"


class Head(NamedTuple):
    """``written``: in nanoseconds; 0 in a wheel, whose files are written where it is installed."""

    size: int
    written: int
    begin: int
    end: int
    roots: tuple[str, ...]
    has_methods: bool


class Compiled(NamedTuple):
    heads: dict[str, Head]  # by the name of the file
    text: bytes

    def table(self, name: str) -> Table:
        """What the TOML of that name says, made anew each time."""
        head = self.heads[name]
        found: Table = json.loads(self.text[head.begin : head.end])
        return found


def table(path: Path) -> Table | None:
    """What a shipped rule file says; None for any other, and where nothing is compiled."""
    made = of(path.parent) if path.parent in (SHIPPED, CHECKOUT) else None
    return made.table(path.name) if made is not None and path.name in made.heads else None


@lru_cache(maxsize=2)
def of(folder: Path) -> Compiled | None:
    """What is compiled of the files in the folder of the rules, as they are now; made where it can be."""
    kept = folder / "__pycache__" / NAME
    now = _state(folder)
    for path in (folder / NAME, kept):
        found = _read(path)
        if found is not None and _are_those(found, now):
            return found
    if folder != CHECKOUT or sys.dont_write_bytecode:
        return None
    with suppress(OSError, ValueError, TypeError):  # nothing is lost: the TOML is read
        data = compiled(folder, now)
        kept.parent.mkdir(exist_ok=True)
        files.write(kept, data)
    return _read(kept)


def compiled(folder: Path, state: dict[str, tuple[int, int]]) -> bytes:
    """The content of the file. Raises ValueError or TypeError for a rule file that is no TOML, or has a date in it."""
    heads: dict[str, Head] = {}
    texts: list[bytes] = []
    at = 0
    for name, (size, written) in sorted(state.items()):
        table = parsed((folder / name).read_text("utf-8"))
        texts.append(json.dumps(table, separators=(",", ":")).encode())
        end = at + len(texts[-1])
        roots = table.get("roots", [])
        heads[name] = Head(size, written, at, end, tuple(roots), "method" in table)
        at = end
    first = json.dumps([FORMAT, heads], separators=(",", ":")).encode()
    return b"\n".join((first, b"".join(texts)))


def parsed(toml: str) -> Table:
    """Raises ValueError for what is no TOML."""
    if sys.version_info >= (3, 11):  # a run that finds all compiled parses none
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(toml)


def for_a_wheel(folder: Path) -> bytes:
    """Likewise, of files that will be written anew."""
    return compiled(folder, {name: (size, 0) for name, (size, _) in _state(folder).items()})


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    with suppress(OSError), os.scandir(folder) as entries:
        for e in entries:
            if e.name.endswith(".toml"):
                status = e.stat()
                found[e.name] = status.st_size, status.st_mtime_ns
    return found


def _read(path: Path) -> Compiled | None:
    """None where there is none, or not in the form in which it is written."""
    try:
        first, text = files.read(path).split(b"\n", 1)
        form, heads = json.loads(first)
        if form != FORMAT:
            return None
        made = {
            str(name): Head(int(size), int(written), int(begin), int(end), tuple(map(str, roots)), bool(methods))
            for name, (size, written, begin, end, roots, methods) in heads.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return Compiled(made, text)


def _are_those(found: Compiled, now: dict[str, tuple[int, int]]) -> bool:
    """Whether it was made of the files that are there."""
    heads = found.heads
    return heads.keys() == now.keys() and all(
        size == heads[name].size and heads[name].written in (0, written) for name, (size, written) in now.items()
    )
