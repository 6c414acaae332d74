"""A notebook as Python text: its code cells joined, magics blanked, and the way back to cells and their rows."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass

_LINE_MAGIC = re.compile(r"^(\s*)(?:[%!?]|\w[\w.\[\]]*\?\??\s*$)")
_ASSIGNED = re.compile(r"^(\s*[\w., ]+=\s*)[%!].*$")
_TIMED = ("%%time", "%%capture", "%%timeit", "%%prun", "%%memit")


@dataclass(frozen=True, slots=True)
class Notebook:
    """``text``: the joined code. ``firsts`` and ``cells``: the first row of each code cell and its number."""

    text: str
    firsts: tuple[int, ...]
    cells: tuple[int, ...]

    def place(self, row: int) -> tuple[int, int]:
        """The (cell, row within it) of a row of the joined text. All cells count, from 1."""
        i = max(bisect_right(self.firsts, row) - 1, 0)
        return (self.cells[i], row - self.firsts[i] + 1) if self.cells else (1, row)


def read(source: str) -> Notebook:
    """Parse a notebook (nbformat 3 or 4). Raises ValueError with a reason."""
    try:
        data = json.loads(source)
    except json.JSONDecodeError as error:
        raise ValueError(f"not a notebook: {error.msg} at line {error.lineno}") from error
    if not isinstance(data, dict):
        raise ValueError("not a notebook: no object at the top")
    cells = data.get("cells")
    if cells is None:  # nbformat 3
        sheets = data.get("worksheets") or [{}]
        cells = [c for s in sheets if isinstance(s, dict) for c in s.get("cells", [])]
    if not isinstance(cells, list):
        raise ValueError("not a notebook: no list of cells")
    parts: list[str] = []
    firsts: list[int] = []
    numbers: list[int] = []
    row = 1
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        raw = cell.get("source", cell.get("input", ""))
        text = "".join(raw) if isinstance(raw, list) else str(raw)
        text = _python(text)
        parts.append(text + "\n")
        firsts.append(row)
        numbers.append(number)
        row += text.count("\n") + 1
    return Notebook("".join(parts), tuple(firsts), tuple(numbers))


def _python(cell: str) -> str:
    """The cell with everything that is not Python blanked; rows are kept."""
    lines = cell.replace("\r\n", "\n").split("\n")
    head = next((x for x in lines if x.strip()), "")
    if head.startswith("%%") and not head.startswith(_TIMED):
        return "\n".join("" for _ in lines)
    return "\n".join(_line(x) for x in lines)


def _line(line: str) -> str:
    assigned = _ASSIGNED.match(line)
    if assigned is not None:
        return assigned.group(1) + "None"
    magic = _LINE_MAGIC.match(line)
    return f"{magic.group(1)}pass" if magic is not None else line
