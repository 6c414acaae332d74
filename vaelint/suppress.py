"""Parts the findings that a comment in the file suppresses from the others, and reports comments that are in vain.

``# vaelint: ignore[VL101] reason`` and ``# noqa: VL101`` count on any row that the finding spans; an ``ignore`` that
stands alone on its row counts for the next row too; ``# vaelint: ignore-file[VL101]`` counts everywhere. A comment
without a code suppresses nothing: a bare ``# noqa`` is seldom about signs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Protocol

from vaelint.checks import all_checks
from vaelint.finding import Finding, Location
from vaelint.remarks import UNUSED, remark
from vaelint.source.comments import WORDS

KINDS = ("ignore", "noqa", "ignore-file")
# What other linters say for it.
_THEIR_WORDS = frozenset({"disable", "disable-next-line", "skip", "suppress", "allow", "off", "nolint", "noqa"})
_CODE = re.compile(r"VL\d+", re.I)


class Directive(Protocol):
    """A comment, as read by the source floor. It may have a ``column``, a ``cell`` and an ``own_line`` as well."""

    @property
    def row(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def codes(self) -> Collection[str]: ...
    @property
    def reason(self) -> str: ...


@dataclass(slots=True)
class Parted:
    """``suppressed`` are the findings that a comment takes out, ``complaints`` the findings about comments."""

    kept: list[Finding] = field(default_factory=list)
    suppressed: list[Finding] = field(default_factory=list)
    complaints: list[Finding] = field(default_factory=list)


def apply(
    findings: Sequence[Finding],
    directives_by_file: Mapping[str, Iterable[Directive]],
    *,
    active: Collection[str] | None = None,
) -> Parted:
    """The findings that remain and those that do not, and a finding for each comment that has nothing to suppress.

    ``active`` are the codes that this run looked for: nothing is reported of comments about others. A complaint can be
    suppressed in its turn.
    """
    by_file = {name: list(all_) for name, all_ in directives_by_file.items()}
    used: set[tuple[str, int, str]] = set()
    out = Parted()
    for finding in findings:
        fitting = _fitting(finding, by_file.get(finding.filename, ()))
        used.update((finding.filename, i, finding.code) for i in fitting)
        (out.suppressed if fitting else out.kept).append(finding)
    for name, directives in by_file.items():
        for i, directive in enumerate(directives):
            needed = {code for f, j, code in used if (f, j) == (name, i)}
            for message in _complaints(directive, needed, active):
                made = remark(UNUSED, name, message, _place(directive))
                (out.suppressed if _fitting(made, directives) else out.complaints).append(made)
    return out


def _fitting(finding: Finding, directives: Sequence[Directive]) -> list[int]:
    return [
        i
        for i, d in enumerate(directives)
        if d.kind in KINDS and finding.code in d.codes and _covers(d, finding.location)
    ]


def _covers(directive: Directive, at: Location) -> bool:
    if directive.kind == "ignore-file":
        return True
    if getattr(directive, "cell", None) != at.cell:
        return False
    above = 1 if getattr(directive, "own_line", False) else 0
    return at.row - above <= directive.row <= max(at.row, at.end_row)


def _place(directive: Directive) -> Location:
    column = getattr(directive, "column", 1)
    return Location(directive.row, column, directive.row, column, getattr(directive, "cell", None))


# --- complaints ----------------------------------------------------------------------------------


def _complaints(directive: Directive, used: Collection[str], active: Collection[str] | None) -> Iterator[str]:
    if directive.kind == "misspelt":
        yield _misspelt(directive)
        return
    if directive.kind not in KINDS:
        return
    if not directive.codes and directive.kind != "noqa":
        yield f"`{directive.kind}` without a code suppresses nothing: name it, `{directive.kind}[VL…]`"
    known = {c.code: c.name for c in all_checks()}
    for code in directive.codes:
        if code not in known:
            yield _unknown(code, known)
        elif code not in used and code != UNUSED and (active is None or code in active):
            yield f"unused suppression of {code}: nothing is reported here"


def _unknown(code: str, known: Mapping[str, str]) -> str:
    """Of a code that no check has: by its name, by a beginning of several, by one near it."""
    by_name = {name: c for c, name in known.items()}
    begun = [c for c in known if code and c.startswith(code.upper())]
    if code.lower() in by_name:
        meant = by_name[code.lower()]
        return f"a suppression names a code: `{code}` is `{meant}` (did you mean `{meant}`?)"
    if begun and begun != [code.upper()]:
        return f"a suppression names a whole code: `{code}` is the beginning of {', '.join(begun)}"
    near = get_close_matches(code.upper(), known, n=1) or [
        by_name[name] for name in get_close_matches(code.lower(), by_name, n=1)
    ]
    return f"no check has the code `{code}`" + (f" (did you mean `{near[0]}`?)" if near else "")


def _misspelt(directive: Directive) -> str:
    """Of a word that vaelint does not know; ``reason`` has it as it is written."""
    word, _, value = (part.strip() for part in directive.reason.partition("="))
    codes = [*directive.codes, *(c.upper() for c in _CODE.findall(value))]
    near = get_close_matches(word.lower(), WORDS, n=1)
    if word.lower() in _THEIR_WORDS or (codes and not near):
        near = ["ignore"]
    written = f"{near[0]}[{', '.join(codes) or 'VL…'}]" if near and near[0].startswith("ignore") else "".join(near)
    hint = f"did you mean `{written}`?" if written else f"it knows {', '.join(WORDS)}"
    return f"`{directive.reason}` is no word that vaelint knows ({hint})"
