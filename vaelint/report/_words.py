"""The words in which formats name a basis, a side of a finding, and why a finding is hidden."""

from __future__ import annotations

from collections.abc import Iterable

from vaelint.evidence import Basis
from vaelint.finding import Confidence, Finding, Hidden, Result, Side, is_about_signs

# Of a value, behind it in brackets; and of a side of a finding, behind "known from".
_BASES = {
    Basis.ANNOTATION: ("a statement in the code", "a statement in the code"),
    Basis.LIBRARY: ("library documentation", "a library's documentation"),
    Basis.PROOF: ("proved by numbers", "computed numbers"),
    Basis.STRUCTURE: ("visible in the code", "the code itself"),
    Basis.DOCUMENTED: ("a docstring or comment", "a docstring or comment"),
    Basis.NAME: ("by name", "names alone"),
    Basis.NONE: ("not known", "nothing"),
}
BASES = {basis: value for basis, (value, _) in _BASES.items()}
COLOURS = {"error": "red", "warning": "yellow", "info": "blue"}  # of a severity
_AGAINST = {
    "direction": "the optimiser's direction",
    "backward": "an optimiser that is not in sight",
    "formula": "the formula beside it",
    "name": "the name",
    "declaration": "its annotation",
    "parameter": "what the parameter takes",
    "law": "what such a formula should be",
    "acceptance": "what a move has to be accepted by",
    "setting": "the setting",
    "comparison": "the comparison",
    "update": "the update",
    "sibling": "what stands beside it",
    "term": "the other term",
}

_SAYS_IT_ALL = {("name", Basis.NAME), ("declaration", Basis.ANNOTATION)}


def why_hidden(why: Hidden, least: Confidence) -> str:
    words = {
        Hidden.SUPPRESSED: "suppressed by a comment",
        Hidden.NOT_SELECTED: "not selected",
        Hidden.BELOW_CONFIDENCE: f"below --min-confidence {least.value}",
        Hidden.EXCLUDED: "in a file that is excluded",
        Hidden.BASELINE: "in the baseline",
        Hidden.BEFORE: "there before this change",
    }
    return words[why]


def marks(f: Finding, result: Result) -> str:
    """How sure a finding is, and why it is hidden if it is: to be put behind its message."""
    hidden = f"; hidden: {why_hidden(f.hidden, result.min_confidence)}" if f.hidden is not None else ""
    return f" [{f.confidence.value}{hidden}]" if is_about_signs(f.code) or hidden else ""


def rests_on(f: Finding) -> str:
    """On what the two sides of a finding rest, in one line; empty for a finding without sides."""
    parts: list[str] = []
    known = ""
    for side in f.sides:
        if side.what == "value":
            known = _basis(side)
            parts.append(f"known from {known}")
        else:
            named = _AGAINST.get(side.what, side.what)
            clear = side.basis is Basis.NONE or (side.what, side.basis) in _SAYS_IT_ALL
            basis = _basis(side)
            how = "in the same way" if basis == known else f"from {basis}"
            behind = "" if clear else f", known {how}"
            parts.append(f"contradicts {named}{behind}")
    return "; ".join(parts)


def _basis(side: Side) -> str:
    """The basis of a side; where several roles were concluded from, those of all, strongest first."""
    bases = _ordered(side.roles) if len(set(side.roles)) > 1 else [side.basis]
    return " and ".join(_BASES[b][1] for b in bases)


def _ordered(bases: Iterable[Basis]) -> list[Basis]:
    return sorted(set(bases), key=lambda b: b.rank)
