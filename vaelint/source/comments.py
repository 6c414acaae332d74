"""The comments that speak to vaelint: suppressions and statements of intent."""

from __future__ import annotations

import io
import re
import tokenize
from dataclasses import dataclass

_OURS = re.compile(r"#\s*vaelint:\s*(ignore-file|ignore|gain|cost|maximize|minimize)\b(?:\s*\[([^\]]*)\])?\s*(.*)")
_NOQA = re.compile(r"#\s*noqa:\s*([A-Z]+\d+(?:[\s,]+[A-Z]+\d+)*)", re.I)


@dataclass(frozen=True, slots=True)
class Directive:
    """``kind``: ignore, ignore-file, noqa, gain, cost, maximize or minimize. ``row`` and ``column`` count from 1."""

    row: int
    column: int
    kind: str
    codes: tuple[str, ...]
    reason: str = ""
    own_line: bool = False


def directives(text: str) -> list[Directive]:
    """All directives of a file, in order; what stands inside strings is none."""
    if "vaelint:" not in text and "noqa" not in text:
        return []
    out = []
    for row, line in enumerate(text.split("\n"), 1):
        if "vaelint:" in line or "noqa" in line:
            found = _directive(line, row)
            if found is not None:
                out.append(found)
    return out


def _directive(line: str, row: int) -> Directive | None:
    ours = _OURS.search(line)
    noqa = _NOQA.search(line)
    m = ours or noqa
    if m is None or not _is_comment(line, m.start()):
        return None
    own_line = not line[: m.start()].strip()
    if ours is not None:
        codes = tuple(c for c in re.split(r"[\s,]+", ours.group(2) or "") if c)
        return Directive(row, m.start() + 1, ours.group(1), codes, ours.group(3).strip(), own_line)
    codes = tuple(c.upper() for c in re.split(r"[\s,]+", m.group(1)) if c.upper().startswith("VL"))
    return Directive(row, m.start() + 1, "noqa", codes, "", own_line) if codes else None


def _is_comment(line: str, column: int) -> bool:
    """Whether a comment starts there. A line that does not tokenize alone (inside brackets) may well have one."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(line.strip() + "\n").readline):
            if token.type == tokenize.COMMENT:
                return True
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return True
    return False
