"""The few lines of a YAML file that say by which metric something is selected.

No YAML parser: mappings by indentation, lists of them, one-line mappings in braces, plain and quoted scalars. What is
written in any other way is left out, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from vaelint import files
from vaelint.finding import Location, Problem
from vaelint.records import record
from vaelint.source import comments

SUFFIXES = (".yaml", ".yml")
MAX_BYTES = 200_000  # a longer one is data
_WORDS = (b"monitor", b"goal", b"metric", b"greater_is_better", b"save_best")

_KEY = re.compile(r"""(\s*)((?:- +)*)(?:"([^"]+)"|'([^']+)'|([\w.\-/$]+))\s*:(?:\s+(.*))?$""")
# Each of these looks at every character once: a row may have as many as the file.
_COMMA = re.compile(r""""[^"]*"|'[^']*'|(,)""")
_PAIR = re.compile(r"""\s*["']?([\w.\-/]+)["']?\s*:\s*("[^"]*"\s*|'[^']*'\s*|[^,{}\[\]]*)""")
_BLOCK = re.compile(r"[|>][+-]?\d*$")
_NOT_PLAIN = re.compile(r"[&*!\[{%@`]|.*(?:\$\{|\{\{)")


@record(frozen=True, slots=True)
class Scalar:
    """A plain value: as written, or None where it is not one. ``row`` and ``column`` are those of its key, from 1."""

    text: str | None
    row: int
    column: int


@dataclass(slots=True)
class Block:
    """A mapping: its keys with plain values, the key it stands under and the block that has that key."""

    name: str = ""
    parent: Block | None = None
    values: dict[str, Scalar] = field(default_factory=dict)
    children: dict[str, Block] = field(default_factory=dict)


def read(path: Path) -> bytes | None:
    """The content of a file that may say something of selection; None for any other. Raises OSError."""
    data = files.read(path, MAX_BYTES + 1)
    return data if len(data) <= MAX_BYTES and any(word in data for word in _WORDS) else None


@dataclass(slots=True)
class _Open:
    """A block that lines may still belong to. ``column``: of its keys; the least they may have while none was seen."""

    column: int
    block: Block
    empty: bool


def blocks(text: str) -> list[Block]:
    """All mappings of a file, outermost first."""
    found = [Block()]
    stack = [_Open(0, found[0], True)]
    text_of = -1  # the column of a key whose value is text over several lines
    for row, raw in enumerate(text.split("\n"), 1):
        line = _uncommented(raw).rstrip()
        column = len(line) - len(line.lstrip())
        if not line or (text_of >= 0 and column > text_of):
            continue
        text_of = -1
        if line.startswith(("---", "...")):
            found.append(Block())
            stack = [_Open(0, found[-1], True)]
            continue
        m = _KEY.match(line)
        if m is None or "\t" in line[:column]:
            continue  # an item without keys, a value over several lines, or nothing we know
        at = column + len(m[2])
        _enter(found, stack, column, at)
        _put(found, stack, m, row, at)
        if _BLOCK.match((m[6] or "").strip()):
            text_of = at
    return found


def _enter(found: list[Block], stack: list[_Open], column: int, at: int) -> None:
    """Close what a line no longer belongs to; ``column`` is that of the line, ``at`` that of its key, behind dashes."""
    item = at > column
    while len(stack) > 1 and stack[-1].column > column and not (item and _awaits(stack[-1], column)):
        stack.pop()
    top = stack[-1]
    if item or (top.column < at and not top.empty):
        made = Block(top.block.name if item else "", top.block)
        found.append(made)
        stack.append(_Open(at, made, False))
    elif top.empty:
        top.column, top.empty = at, False


def _awaits(top: _Open, column: int) -> bool:
    """Whether a block may be a list whose items stand right below its key."""
    return top.empty and top.column == column + 1


def _put(found: list[Block], stack: list[_Open], m: re.Match[str], row: int, at: int) -> None:
    block = stack[-1].block
    key, value = m[3] or m[4] or m[5], (m[6] or "").strip()
    child = Block(key, block)
    if not value:
        stack.append(_Open(at + 1, child, True))
    elif value.startswith("{") and value.endswith("}"):
        for pair in map(_PAIR.fullmatch, _parts(value[1:-1])):
            if pair is not None:
                child.values[pair[1]] = Scalar(_plain(pair[2].strip()), row, at + 1)
    else:
        block.values[key] = Scalar(_plain(value), row, at + 1)
        return
    block.children[key] = child
    found.append(child)


def _parts(text: str) -> Iterator[str]:
    """What stands between commas, outside of quotes."""
    begin = 0
    for m in _COMMA.finditer(text):
        if m[1]:
            yield text[begin : m.start()]
            begin = m.end()
    yield text[begin:]


def _plain(value: str) -> str | None:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
        return None if "${" in value or "{{" in value else value
    return None if not value or _NOT_PLAIN.match(value) else value


def _uncommented(line: str) -> str:
    if "#" not in line:
        return line
    quote = ""
    for i, c in enumerate(line):
        if quote:
            quote = "" if c == quote else quote
        elif c in "\"'" and (i == 0 or line[i - 1] in " :,{["):
            quote = c
        elif c == "#" and (i == 0 or line[i - 1].isspace()):
            return line[:i]
    return line


class YamlFile:
    """A file of settings; a node is a row."""

    def __init__(self, path: Path, name: str, text: str) -> None:
        self.path, self.name, self.text = path, name, text
        self.problems: list[Problem] = []

    def holds(self, node: int) -> bool:
        """Whether a node is one of this file's: there are no others."""
        return node > 0

    def locate(self, node: int) -> Location:
        lines = self.text.split("\n")
        line = lines[node - 1] if 0 < node <= len(lines) else ""
        bare = _uncommented(line).rstrip()
        return Location(node, len(bare) - len(bare.lstrip()) + 1, node, len(bare) + 1)

    def directives(self) -> list[comments.Directive]:
        return comments.directives(self.text)


def readers(path: Path) -> Iterator[tuple[Path, int]]:
    """Python files near a YAML file that name it, with the row: in its folder, the two above and what is beside it."""
    seen = 0
    for folder in (path.parent, *path.parent.parents[:2]):
        for file in sorted(folder.glob("*.py")):
            seen += 1
            if seen > _MOST:
                return
            try:
                data = files.read(file, MAX_BYTES)
            except OSError:
                continue
            text = data.decode("utf-8", "replace") if len(data) < MAX_BYTES else ""
            at = _named_in(text, path)
            if at >= 0:
                yield file, text.count("\n", 0, at) + 1


_MOST = 200  # Python files looked into for one that reads a YAML file


def _named_in(text: str, path: Path) -> int:
    at = text.find(path.name)
    if at >= 0:
        return at
    m = re.search(rf"""config_name\s*=\s*["']{re.escape(path.stem)}["']""", text)
    return m.start() if m is not None else -1
