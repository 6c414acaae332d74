"""``vaelint check --add-ignore REASON``: each finding that is shown is suppressed by a comment on its row."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from vaelint import files, fix
from vaelint.cli._fixing import Fixing, refuse
from vaelint.cli._options import Input
from vaelint.finding import Edit, Finding, Fix, Location, Result
from vaelint.source import yaml

_NEVER = ("VL000", "VL001")  # no comment takes them out


def digests(given: Input) -> dict[str, str]:
    """Of the files before they are analysed: what has changed since is not edited."""
    from vaelint.engine import list_files

    out = {}
    for path in list_files(given.paths, given.settings)[0]:
        with suppress(OSError):  # it is reported by the analysis
            out[given.view.full(str(path))] = files.digest(files.read(path))
    return out


def apply(result: Result, given: Input, reason: str, before: dict[str, str]) -> Fixing:
    fixing = Fixing()
    by_file: dict[str, list[Finding]] = {}
    for f in result.findings:
        if f.code not in _NEVER:
            by_file.setdefault(f.filename, []).append(f)
    for name, findings in by_file.items():
        edits = _edits(findings, " ".join(reason.split()), given)
        fixing.refused += len(findings) - sum(edits.values())
        if len(findings) > sum(edits.values()):
            refuse(given, name, "a finding is in no row that a comment can end: suppress it by hand", Fixing())
        if not edits:
            continue
        made = Fix("suppress", tuple(edits), True, before.get(given.view.full(name), ""))
        try:
            fix.change(name, [made]).write()
        except (OSError, fix.Refused) as error:
            refuse(given, name, f"not written: {error}", fixing)
        else:
            fixing.done += sum(edits.values())
    return fixing


def _edits(findings: Sequence[Finding], reason: str, given: Input) -> dict[Edit, int]:
    """One comment a row, with the codes of all its findings; with how many findings each is for."""
    rows: dict[tuple[int | None, int], dict[str, int]] = {}
    for f in findings:
        lines = given.view.lines(f.filename, f.location.cell)
        row = _row(f, lines)
        if row is not None:
            codes = rows.setdefault((f.location.cell, row), {})
            codes[f.code] = codes.get(f.code, 0) + 1
    out = {}
    for (cell, row), codes in rows.items():
        line = given.view.lines(findings[0].filename, cell)[row - 1]
        at = Location(row, len(line.rstrip()) + 1, row, len(line) + 1, cell)
        comment = f"# vaelint: ignore[{', '.join(sorted(codes))}] {reason}".rstrip()
        out[Edit(at, f"  {comment}")] = sum(codes.values())
    return out


def _row(f: Finding, lines: Sequence[str]) -> int | None:
    """The first row of a finding at whose end a comment can stand: not within a string, nor before a backslash."""
    at = f.location
    rows = range(at.row, max(at.row, at.end_row) + 1)
    if Path(f.filename).suffix in yaml.SUFFIXES:
        return at.row if re.search(r"[|>][+-]?\d*\s*$", lines[at.row - 1]) is None else None
    ends = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
            if token.type in (tokenize.NEWLINE, tokenize.NL):
                ends.add(token.start[0])
    except (tokenize.TokenError, SyntaxError):  # of a cell with magics: its rows are taken one by one
        ends = {row for row in rows if not lines[row - 1].rstrip().endswith("\\")}
    return next((row for row in rows if row in ends), None)
