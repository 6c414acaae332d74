"""Takes out the findings that a comment in the file asks to leave out, and reports comments that asked in vain.

``# vaelint: ignore[VL101] reason`` and ``# noqa: VL101`` count on any row that the finding spans; an ``ignore`` that
stands alone on its row counts for the next row too; ``# vaelint: ignore-file[VL101]`` counts everywhere. A comment
without a code suppresses nothing: a bare ``# noqa`` is seldom about signs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from vaelint.finding import Finding, Location, Problem

KINDS = ("ignore", "noqa", "ignore-file")


class Directive(Protocol):
    """A comment, as read by the source floor. It may have a ``cell`` and an ``own_line`` as well."""

    @property
    def row(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def codes(self) -> Collection[str]: ...
    @property
    def reason(self) -> str: ...


def apply(
    findings: Sequence[Finding],
    directives_by_file: Mapping[str, Iterable[Directive]],
    *,
    active: Collection[str] | None = None,
) -> tuple[list[Finding], list[Problem]]:
    """The findings that remain, and a problem for each comment that had no finding to suppress.

    ``active`` are the codes that this run looked for: nothing is said of comments about others.
    """
    by_file = {name: [d for d in all_ if d.kind in KINDS] for name, all_ in directives_by_file.items()}
    used: set[tuple[str, int, str]] = set()
    kept = []
    for finding in findings:
        fitting = [
            (finding.filename, i, finding.code)
            for i, directive in enumerate(by_file.get(finding.filename, ()))
            if finding.code in directive.codes and _covers(directive, finding.location)
        ]
        used.update(fitting)
        if not fitting:
            kept.append(finding)
    unused = [
        problem
        for name, directives in by_file.items()
        for i, directive in enumerate(directives)
        for problem in _complaints(name, directive, {code for f, j, code in used if (f, j) == (name, i)}, active)
    ]
    return kept, unused


def _covers(directive: Directive, at: Location) -> bool:
    if directive.kind == "ignore-file":
        return True
    if getattr(directive, "cell", None) != at.cell:
        return False
    above = 1 if getattr(directive, "own_line", False) else 0
    return at.row - above <= directive.row <= max(at.row, at.end_row)


def _complaints(
    filename: str, directive: Directive, used: Collection[str], active: Collection[str] | None
) -> Iterable[Problem]:
    at = Location(directive.row, 1, directive.row, 1, getattr(directive, "cell", None))
    if not directive.codes and directive.kind != "noqa":
        yield Problem(
            filename, f"`{directive.kind}` without a code suppresses nothing: name it, ignore[VL…]", at, False
        )
    for code in directive.codes:
        ours = code.startswith("VL") or directive.kind != "noqa"
        if ours and code not in used and (active is None or code in active):
            yield Problem(filename, f"unused suppression of {code}: nothing is reported here", at, False)
