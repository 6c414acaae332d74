"""The comments that speak to vaelint: suppressions and statements of intent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field, replace

from vaelint.records import record
from vaelint.source.index import comments

SUPPRESSIONS = ("ignore", "ignore-file")
STATEMENTS = ("gain", "cost", "maximize", "minimize")
WORDS = (*SUPPRESSIONS, *STATEMENTS)

# What follows the colon is a word; anything else beginning with a letter was meant to be one.
_OURS = re.compile(
    r"#\s*vaelint:\s*(?P<word>[A-Za-z][\w-]*)(?:\s*\[(?P<codes>[^\]]*)\])?(?P<set>\s*=\s*[\w,-]+)?\s*"
    r"(?P<reason>.*?)\s*(?=#\s*(?:noqa|vaelint):|$)"
)
_NOQA = re.compile(r"#\s*noqa:\s*([A-Z]+\d+(?:[\s,]+[A-Z]+\d+)*)", re.I)


@record(frozen=True, slots=True)
class Directive:
    """``kind``: ignore, ignore-file, noqa, gain, cost, maximize, minimize, or ``misspelt``, which has what is written
    as its reason. ``row`` and ``column`` count from 1. ``text`` is what stands there, ``blanks`` how many there are
    before it.
    """

    row: int
    column: int
    kind: str
    codes: tuple[str, ...]
    reason: str = ""
    own_line: bool = False
    cell: int | None = None
    text: str = field(default="", compare=False)
    blanks: int = field(default=0, compare=False)

    def within(self, cell: int, row: int) -> Directive:
        """The same in a notebook's cell."""
        return replace(self, cell=cell, row=row)


def directives(text: str) -> list[Directive]:
    """All directives of a file, in order; what stands inside strings is none."""
    if "vaelint:" not in text and "noqa" not in text:
        return []
    out: list[Directive] = []
    row, at = 1, 0
    for begin, end in comments(text):
        row += text.count("\n", at, begin)
        at = begin
        comment = text[begin:end]
        if "vaelint:" in comment or "noqa" in comment.lower():
            line = text.rfind("\n", 0, begin) + 1
            before = text[line:begin]
            blanks = len(before) - len(before.rstrip(" \t"))
            out += _of_comment(comment, row, begin - line + 1, not before.strip(), blanks)
    return out


def _of_comment(comment: str, row: int, column: int, own_line: bool, blanks: int) -> Iterator[Directive]:
    for m in _OURS.finditer(comment):
        head = comment[: m.start()]
        here = m.group().rstrip(), len(head) - len(head.rstrip()) if head else blanks
        at, word = column + m.start(), m["word"]
        codes = tuple(c for c in re.split(r"[\s,]+", m["codes"] or "") if c)
        if word in WORDS and m["set"] is None:
            yield Directive(row, at, word, codes, m["reason"], own_line, None, *here)
        else:
            yield Directive(row, at, "misspelt", codes, word + (m["set"] or ""), own_line, None, *here)
    for m in _NOQA.finditer(comment):
        codes = tuple(c.upper() for c in re.split(r"[\s,]+", m.group(1)) if c.upper().startswith("VL"))
        if codes:
            head = comment[: m.start()]
            here = m.group().rstrip(), len(head) - len(head.rstrip()) if head else blanks
            yield Directive(row, column + m.start(), "noqa", codes, "", own_line, None, *here)
