"""A notebook as Python text: its code cells joined, magics blanked, and the way back to cells and their rows."""

from __future__ import annotations

import ast
import json
import re
from bisect import bisect_right

from vaelint.records import record
from vaelint.source.index import long_strings

_MAGIC = re.compile(r"(\s*)(?:[%!?]|[^\W\d][\w.\[\]*]*\?\??\s*$)")
_ASSIGNED = re.compile(r"(\s*[^\W\d][\w., ]*=\s*)(?:%[^\W\d]|!)")
_TIMED = ("%%time", "%%capture", "%%timeit", "%%prun", "%%memit")
_TOKEN = re.compile(r"""#.*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|([()\[\]{}])""")
# IPython takes the only line of a cell for a command if it begins with the name of one: its line magics ("automagic",
# https://ipython.readthedocs.io/en/stable/interactive/magics.html) and the aliases of programs that it defines.
_COMMANDS = frozenset(
    {
        "alias", "autoawait", "autocall", "automagic", "autosave", "bookmark", "cat", "cd", "cls", "colors", "conda",
        "config", "copy", "cp", "ddir", "debug", "dhist", "dirs", "doctest_mode", "echo", "ed", "edit", "env", "gui",
        "hist", "history", "killbgscripts", "ldir", "less", "lf", "lk", "ll", "load", "load_ext", "loadpy", "logoff",
        "logon", "logstart", "logstate", "logstop", "ls", "lsmagic", "lx", "macro", "magic", "mamba", "man",
        "matplotlib", "micromamba", "mkdir", "more", "mv", "notebook", "page", "pastebin", "pdb", "pdef", "pdoc",
        "pfile", "pinfo", "pinfo2", "pip", "popd", "pprint", "precision", "prun", "psearch", "psource", "pushd",
        "pwd", "pycat", "pylab", "qtconsole", "quickref", "recall", "rehashx", "reload_ext", "ren", "rep", "rerun",
        "reset", "reset_selective", "rm", "rmdir", "run", "save", "sc", "set_env", "store", "sx", "system", "tb",
        "time", "timeit", "unalias", "unload_ext", "uv", "who", "who_ls", "whos", "xdel", "xmode",
    }
)  # fmt: skip
_SURROGATE = re.compile("[\ud800-\udfff]")


@record(frozen=True, slots=True)
class Notebook:
    """``text``: the joined code. ``firsts`` and ``cells``: the first row of each code cell and its number."""

    text: str
    firsts: tuple[int, ...]
    cells: tuple[int, ...]

    def place(self, row: int) -> tuple[int, int]:
        """The (cell, row within it) of a row of the joined text. All cells count, from 1."""
        i = max(bisect_right(self.firsts, row) - 1, 0)
        return (self.cells[i], row - self.firsts[i] + 1) if self.cells else (1, row)

    def first(self, cell: int) -> int:
        """The row of the joined text on which a cell begins."""
        return self.firsts[self.cells.index(cell)] if cell in self.cells else 1


def read(source: str) -> Notebook:
    """Parse a notebook (nbformat 3 or 4). Raises ValueError with a reason."""
    try:
        data = json.loads(source)
    except json.JSONDecodeError as error:
        reason = error.msg.removesuffix(" starting at")
        raise ValueError(f"not a notebook: {reason} at line {error.lineno}") from error
    if not isinstance(data, dict):
        raise ValueError("not a notebook: no object at the top")
    cells = data.get("cells")
    if cells is None:  # nbformat 3
        sheets = data.get("worksheets")
        lists = [s.get("cells") or [] for s in sheets if isinstance(s, dict)] if isinstance(sheets, list) else []
        cells = [c for found in lists if isinstance(found, list) for c in found]
        cells = cells if all(isinstance(found, list) for found in lists) else None
    if not isinstance(cells, list):
        raise ValueError("not a notebook: no list of cells")
    parts: list[str] = []
    firsts: list[int] = []
    numbers: list[int] = []
    row = 1
    ours = _is_python(data.get("metadata"))
    for number, cell in enumerate(cells, 1):
        if not ours or not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        raw = cell.get("source", cell.get("input", ""))
        text = "".join(map(str, raw)) if isinstance(raw, list) else str(raw or "")
        text = python(_SURROGATE.sub("?", text).replace("\0", "?"))
        parts.append(text + "\n")
        firsts.append(row)
        numbers.append(number)
        row += text.count("\n") + 1
    return Notebook("".join(parts), tuple(firsts), tuple(numbers))


def _is_python(metadata: object) -> bool:
    """Whether the cells are Python: what says nothing is."""
    if not isinstance(metadata, dict):
        return True
    info, kernel = metadata.get("language_info"), metadata.get("kernelspec")
    name = info.get("name") if isinstance(info, dict) else None
    name = name or (kernel.get("language") if isinstance(kernel, dict) else None)
    return not name or "python" in str(name).lower()


def python(cell: str) -> str:
    """The cell with everything that is not Python blanked; rows are kept."""
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    head = next((x for x in lines if x.strip()), "")
    if head.startswith("%%") and not head.startswith(_TIMED):
        return "\n".join("" for _ in lines)
    if _is_command(text):
        return "\n".join("pass" if x.strip() else x for x in lines)
    if not any(c in text for c in "%!?"):
        return text
    return "\n".join(_blanked(text, lines))


def _is_command(cell: str) -> bool:
    """``cd data`` as the only line of a cell, which is no Python."""
    words = cell.split(None, 1)
    if not words or words[0] not in _COMMANDS or "\n" in cell.strip():
        return False
    try:
        ast.parse(cell.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return False


def _blanked(text: str, lines: list[str]) -> list[str]:
    """The lines without magics. Only where a statement begins is `%` one: behind a bracket it formats a string."""
    inside = long_strings(text)
    begins = [a for a, _ in inside]
    out: list[str] = []
    depth = at = 0
    shell = continued = False
    for line in lines:
        i = bisect_right(begins, at) - 1
        in_string = i >= 0 and inside[i][0] < at < inside[i][1]
        at += len(line) + 1
        done = line
        if shell:  # the line before was a magic and ended in a backslash
            done = ""
        elif depth <= 0 and not in_string and not continued:
            done = _line(line)
        shell = (shell or done != line) and line.endswith("\\")
        continued = not shell and line.endswith("\\")
        if not in_string:
            brackets = [m.group(1) for m in _TOKEN.finditer(done) if m.group(1)]
            depth += sum(1 if b in "([{" else -1 for b in brackets)
        out.append(done)
    return out


def _line(line: str) -> str:
    assigned = _ASSIGNED.match(line)
    if assigned is not None:
        return assigned.group(1) + "None"
    magic = _MAGIC.match(line)
    return f"{magic.group(1)}pass" if magic is not None else line
