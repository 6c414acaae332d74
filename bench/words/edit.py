"""Writes counts into ``names.toml``: a table of its own behind each ``[[term]]``; no other line of the file changes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from bench.words.count import Count

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_TABLE = "[term.counts]"


def written(text: str, counts: Mapping[str, Count]) -> str:
    """The file with these counts alone. Words without a known place get none; those of no row are left out."""
    rows = iter(tomllib.loads(text).get("term", []))
    lines = list(_without_counts(text.splitlines()))
    out: list[str] = []
    row: list[str] | None = None  # words of the [[term]] whose lines go by
    for i, line in enumerate([*lines, ""]):
        if row is not None and (i == len(lines) or line.startswith(("[", "#"))):
            _add(out, row, counts)
            row = None
        if line.strip().startswith("[[term]]"):
            row = next(rows)["words"]
        if i < len(lines):
            out.append(line)
    return "\n".join(out) + "\n"


def bare(text: str) -> str:
    """The file without counts: what decides what a name claims."""
    return written(text, {})


def _without_counts(lines: list[str]) -> Iterator[str]:
    """The lines without tables of counts, and without the empty line before each."""
    held: list[str] = []
    within = False
    for line in lines:
        if line.strip() == _TABLE:
            within, held = True, []
        elif within and line.strip() and not line.startswith(("[", "#")):
            continue
        elif not line.strip():
            held.append(line)
        else:
            yield from held
            yield line
            within, held = False, []
    yield from held


def _add(out: list[str], words: list[str], counts: Mapping[str, Count]) -> None:
    """Behind the last line of the row that is not empty; words in the order of the row."""
    made = [f"{_key(w)} = {_inline(counts[w])}" for w in words if w in counts and counts[w].kept.known]
    if not made:
        return
    end = len(out)
    while not out[end - 1].strip():
        end -= 1
    out[end:end] = ["", _TABLE, *made]


def _key(word: str) -> str:
    return word if word.replace("_", "").isascii() and word.replace("_", "").isalnum() else json.dumps(word)


def _inline(c: Count) -> str:
    return "{ " + ", ".join(f"{key} = {n}" for key, n in asdict(c.kept).items()) + " }"
