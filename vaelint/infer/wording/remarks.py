"""What a text says, in words, of the signs that it is used with."""

from __future__ import annotations

import re
from functools import lru_cache

from vaelint.infer.quantities import policies
from vaelint.infer.seen import View, Weighed, refines
from vaelint.infer.values import Value, unknown

_ENTROPY_WEIGHED_BELOW_ZERO = re.compile(
    r"\bent\w*\s*(?:should\s+be\s+|must\s+be\s+|is\s+)?<=?\s*0(?![.\d]*[1-9])"
    r"|negative\s+(?:one|entropy\s+\w+|weight|coef\w*)\s+(?:will\s+|would\s+|to\s+)?(?:maximi[sz]|increas|encourag)"
    r"|positive\s+(?:one|entropy\s+\w+|weight|coef\w*)\s+(?:will\s+|would\s+|to\s+)?(?:minimi[sz]|decreas|discourag)",
    re.I,
)


@lru_cache(maxsize=64)
def weighs_entropy_below_zero(text: str) -> bool:
    """Whether documentation or a comment says that the weight of an entropy is to be negative for a bonus."""
    return "entrop" in text.lower() and _ENTROPY_WEIGHED_BELOW_ZERO.search(text) is not None


@refines(Weighed)
def weighed(view: View, seen: Weighed, value: Value) -> Value:
    """``weight * entropy`` where the file says that a bonus asks for a negative weight: the weight has its own sign."""
    if view.home is None or any(len(q.terms) != 1 for q in (seen.left, seen.right)):
        return value
    if policies.is_entropy(seen.left.terms[0]) == policies.is_entropy(seen.right.terms[0]):
        return value
    return unknown(seen.label, seen.node) if weighs_entropy_below_zero(view.home.text) else value
