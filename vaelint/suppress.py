"""Parts the findings that a comment in the file suppresses from the others, and reports comments that are in vain.

``# vaelint: ignore[VL101] reason`` and ``# noqa: VL101`` count on any row that the finding spans; an ``ignore`` that
stands alone on its row counts for the next row too; ``# vaelint: ignore-file[VL101]`` counts everywhere. A comment
without a code suppresses nothing: a bare ``# noqa`` is seldom about signs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Protocol

from vaelint.checks import all_checks
from vaelint.finding import Edit, Finding, Fix, Location
from vaelint.remarks import UNUSED, remark
from vaelint.source.comments import WORDS

KINDS = ("ignore", "noqa", "ignore-file")
# What other linters say for it.
_THEIR_WORDS = frozenset({"disable", "disable-next-line", "skip", "suppress", "allow", "off", "nolint", "noqa"})
_CODE = re.compile(r"VL\d+", re.I)
# A word that is none, with the codes behind it in brackets or after `=`.
_MISSPELT = re.compile(r"(#\s*vaelint:\s*)[\w-]+(?:\s*\[[^\]]*\])?(?:\s*=\s*[\w,-]+)?")


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
    digests: Mapping[str, str] | None = None,
) -> Parted:
    """The findings that remain and those that do not, and a finding for each comment that has nothing to suppress.

    ``active`` are the codes that this run looked for: nothing is reported of comments about others. A complaint can be
    suppressed in its turn. ``digests`` are those of the files that may be edited: their complaints carry a fix.
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
            fix = _fix(directive, needed, active, (digests or {}).get(name, ""))
            for message in _complaints(directive, needed, active):
                made = replace(remark(UNUSED, name, message, _place(directive)), fix=fix)
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


# --- fixes ---


def _fix(directive: Directive, used: Collection[str], active: Collection[str] | None, digest: str) -> Fix | None:
    """The edit that leaves of a comment what is of use, with the words that were meant: it changes no program."""
    text = getattr(directive, "text", "")
    if not text or not digest:
        return None
    after = _meant(directive, text) if directive.kind == "misspelt" else _useful(directive, text, used, active)
    if after == text:
        return None
    column = getattr(directive, "column", 1) - (0 if after else getattr(directive, "blanks", 0))
    end = getattr(directive, "column", 1) + len(text)
    at = Location(directive.row, column, directive.row, end, getattr(directive, "cell", None))
    return Fix("Correct the comment" if after else "Remove the comment", (Edit(at, after),), safe=True, digest=digest)


def _useful(directive: Directive, text: str, used: Collection[str], active: Collection[str] | None) -> str:
    known = {c.code: c.name for c in all_checks()}
    kept = 0
    for code in directive.codes:
        if code in used or code == UNUSED or (code in known and active is not None and code not in active):
            kept += 1
            continue
        meant = "" if code in known else _near(code, known)
        if code not in known and not meant:
            return text  # nobody knows what was meant
        kept += bool(meant)
        text = _without(text, code) if not meant else re.sub(_word(code), meant, text, count=1)
    others = directive.kind == "noqa" and re.search(r"[A-Z]+\d", text.partition(":")[2], re.I)
    return text if kept or others or not directive.codes else ""


def _without(text: str, code: str) -> str:
    """One code less, and one comma."""
    return re.sub(rf"{_word(code)}\s*,\s*|\s*,\s*{_word(code)}|{_word(code)}", "", text, count=1, flags=re.I)


def _word(code: str) -> str:
    return rf"(?<![\w-]){re.escape(code)}(?![\w-])"


def _meant(directive: Directive, text: str) -> str:
    written = _spelt(directive)
    if not written or "…" in written:
        return text
    return _MISSPELT.sub(lambda m: m[1] + written, text, count=1)


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
    near = _near(code, known)
    return f"no check has the code `{code}`" + (f" (did you mean `{near}`?)" if near else "")


def _near(code: str, known: Mapping[str, str]) -> str:
    """The code that was meant by one that no check has, or by a name; nothing if none is near."""
    by_name = {name: c for c, name in known.items()}
    if code.lower() in by_name:
        return by_name[code.lower()]
    if any(c.startswith(code.upper()) and c != code.upper() for c in known):
        return ""  # the beginning of several
    near = get_close_matches(code.upper(), known, n=1)
    near = near or [by_name[name] for name in get_close_matches(code.lower(), by_name, n=1)]
    return near[0] if near else ""


def _misspelt(directive: Directive) -> str:
    """Of a word that vaelint does not know; ``reason`` has it as it is written."""
    written = _spelt(directive)
    hint = f"did you mean `{written}`?" if written else f"it knows {', '.join(WORDS)}"
    return f"`{directive.reason}` is no word that vaelint knows ({hint})"


def _spelt(directive: Directive) -> str:
    """What was meant by a word that vaelint does not know; nothing if no word is near."""
    word, _, value = (part.strip() for part in directive.reason.partition("="))
    codes = [*directive.codes, *(c.upper() for c in _CODE.findall(value))]
    near = get_close_matches(word.lower(), WORDS, n=1)
    if word.lower() in _THEIR_WORDS or (codes and not near):
        near = ["ignore"]
    return f"{near[0]}[{', '.join(codes) or 'VL…'}]" if near and near[0].startswith("ignore") else "".join(near)
