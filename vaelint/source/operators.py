"""Where the sign in front of a term stands."""

from __future__ import annotations

from dataclasses import replace

from vaelint.finding import Location


def sign_before(text: str, term: Location, sign: str) -> Location | None:
    """The place of ``sign`` before a term of a file's text, on its row or, if nothing else is there, the row above.

    None where anything but blanks and opening parentheses lies between, and in notebooks.
    """
    if term.cell is not None:
        return None
    rows = text.split("\n")
    row, column = term.row, term.column - 1
    for _ in range(2):
        before = rows[row - 1][:column].rstrip(" \t(") if 0 < row <= len(rows) else ""
        if before:
            if before[-1] != sign or (row < term.row and "#" in before):
                return None
            at = len(before)
            return replace(term, row=row, column=at, end_row=row, end_column=at + 1)
        row -= 1
        column = len(rows[row - 1]) if row > 0 else 0
    return None
