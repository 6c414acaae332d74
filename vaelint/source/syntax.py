"""Whether a file, and each cell of a notebook, is Python: asked of every file, so it has to be quick."""

from __future__ import annotations

import ast
import symtable
import warnings
from collections.abc import Iterator

from vaelint.finding import Location
from vaelint.source.file import SourceFile
from vaelint.source.parse import Rejected, TooDeep, parse


def mistakes(source: SourceFile) -> Iterator[tuple[Location, str]]:
    """The first place where the file, or a cell, does not parse, with what is wrong there in Python's words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an odd escape in a string Python warns: it is no error
        for cell, text in source.pieces():
            error = _error(text)
            if error is not None and not _is_newer(text):
                yield _location(error, text, cell), error.msg or "invalid syntax"


def _error(text: str) -> SyntaxError | None:
    try:
        # The symbol table costs half of a syntax tree: no objects are made of the tree.
        symtable.symtable(text, "<text>", "exec")
    except SyntaxError as error:
        return error
    except (RecursionError, MemoryError, ValueError, OverflowError):
        pass  # nested deeper than Python can take here: of the syntax nothing is known
    return None


def _is_newer(text: str) -> bool:
    """Whether it is the syntax of a later Python than the one that runs: the parser of the analysis knows those.

    What Python parses and refuses all the same (an argument twice) is no Python of any version.
    """
    try:
        ast.parse(text)
    except SyntaxError:
        pass
    except (RecursionError, MemoryError, ValueError, OverflowError):
        return True  # of the syntax nothing is known
    else:
        return False
    try:
        parse(text)
    except (Rejected, TooDeep):
        return False
    return True


def _location(error: SyntaxError, text: str, cell: int | None) -> Location:
    """Where Python points, within the text: it may point behind the last line, and ends nowhere for a missing block."""
    rows = text.split("\n")
    row = min(max(error.lineno or 1, 1), len(rows))
    width = len(rows[row - 1]) + 1
    column = min(max(error.offset or 1, 1), width)
    end_row, end_column = error.end_lineno or row, error.end_offset or 0
    if (end_row, end_column) <= (row, column) or end_row > len(rows):
        end_row, end_column = row, column
    return Location(row, column, end_row, end_column, cell)
